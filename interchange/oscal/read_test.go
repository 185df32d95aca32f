// SPDX-License-Identifier: Apache-2.0

package oscal_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"sextant"
	"sextant/interchange/oscal"
	"sextant/library"
)

func document(t *testing.T, name string) oscal.Document {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	d, err := oscal.Read(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// One catalog of ours stands in testdata in the three forms; it reads as one.
func TestACatalogReadsTheSameInEveryForm(t *testing.T) {
	asJSON := document(t, "harbour.json")
	for _, name := range []string{"harbour.xml", "harbour.yaml"} {
		if diff := gocmp.Diff(asJSON, document(t, name)); diff != "" {
			t.Errorf("%s differs from the JSON (-json +%s)\n%s", name, name, diff)
		}
	}
	data, err := os.ReadFile("testdata/harbour.json")
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, data)
}

func TestACatalogBecomesALibrary(t *testing.T) {
	var report library.Report
	c := oscal.Content(document(t, "harbour.json").Catalog, library.OSCALCatalog, &report)
	if len(report.Remarks) > 0 {
		t.Errorf("remarks: %v", report.Remarks)
	}
	if n := c.Counts(); n.Nodes != 5 || n.Assessable != 2 || c.Provider != "Harbour master" || c.Licence != "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/" || c.Version != "1.10" {
		t.Errorf("%+v of %q, %q", n, c.Provider, c.Licence)
	}
	s := library.Index(c)
	n, _, ok := s.Node("h-1")
	if !ok {
		t.Fatal("h-1 is not there")
	}
	if want := "Boats slow down to [number of knots].\n\n- a. At the outer buoy.\n- b. Near people who swim."; n.Description != want {
		t.Errorf("the statement is\n%s\nwant\n%s", n.Description, want)
	}
	if n.RefID != "H-1" || n.Name != "Speed" || n.Annotation != "A **log** shows it:\n\n- of the engine\n- of the buoy" || len(n.Params) != 1 || n.Params[0].Label != "number of knots" || n.Links[0].Href != "#h-2" ||
		!reflect.DeepEqual(n.Properties, []library.Property{{Name: "season", Value: "summer"}}) || len(n.Parts) != 1 || n.Parts[0].Name != "assessment-method" {
		t.Errorf("%+v", n)
	}
	if below := s.Children(0, "h-1"); len(below) != 1 || below[0].ID != "h-1.1" {
		t.Errorf("below it is %v", below)
	}
	if old, _, _ := s.Node("h-2"); old.Assessable {
		t.Error("a withdrawn control can be answered")
	}
}

func resolved(t *testing.T, profile string) (ids []string, c *oscal.Catalog, report library.Report, err error) {
	t.Helper()
	d, err := oscal.Read("profile.yaml", []byte(profile))
	if err != nil {
		t.Fatal(err)
	}
	c, err = oscal.Resolve(d.Profile, []oscal.Beside{{Name: "folder/harbour.json", Document: document(t, "harbour.json")}}, &report)
	if err != nil {
		return nil, nil, report, err
	}
	for _, n := range oscal.Content(c, library.OSCALProfile, &report).Frameworks[0].Nodes {
		ids = append(ids, n.ID)
	}
	return ids, c, report, nil
}

const profileHead = "profile:\n  uuid: 0f6dcbd5-5f4b-4b0e-9b3f-0a2f7a4d9b11\n  metadata: {title: Chosen, last-modified: '2026-01-01T00:00:00Z', version: 1, oscal-version: 1.1.3}\n"

func TestAProfileChooses(t *testing.T) {
	for what, c := range map[string]struct {
		imports string
		want    []string
		remarks map[library.Code]int
	}{
		"everything":                       {"imports: [{href: harbour.json, include-all: {}}]", []string{"entry", "h-1", "h-1.1", "quay", "h-2"}, nil},
		"everything where it says none":    {"imports: [{href: '../catalogs/HARBOUR.xml'}]", []string{"entry", "h-1", "h-1.1", "quay", "h-2"}, nil},
		"some by id":                       {"imports: [{href: harbour.json, include-controls: [{with-ids: [h-1]}]}]", []string{"entry", "h-1"}, nil},
		"with those within":                {"imports: [{href: harbour.json, include-controls: [{with-ids: [h-1], with-child-controls: 'yes'}]}]", []string{"entry", "h-1", "h-1.1"}, nil},
		"one without the one above":        {"imports: [{href: harbour.json, include-controls: [{with-ids: [h-1.1]}]}]", []string{"entry", "h-1.1"}, nil},
		"by pattern":                       {"imports: [{href: harbour.json, include-controls: [{matching: [{pattern: 'h-?'}]}]}]", []string{"entry", "h-1", "quay", "h-2"}, nil},
		"all but some":                     {"imports: [{href: harbour.json, include-all: {}, exclude-controls: [{with-ids: [h-1]}]}]", []string{"entry", "h-1.1", "quay", "h-2"}, nil},
		"an id that is not there":          {"imports: [{href: harbour.json, include-controls: [{with-ids: [h-2, h-9]}]}]", []string{"quay", "h-2"}, map[library.Code]int{library.NotChosen: 1}},
		"a resource of the back matter":    {"imports: [{href: '#3e0a9b14-9d0c-4c3c-8b0c-0a8f7a4d9b22', include-controls: [{with-ids: [h-2]}]}]\n  back-matter: {resources: [{uuid: 3e0a9b14-9d0c-4c3c-8b0c-0a8f7a4d9b22, rlinks: [{href: x/harbour.yaml}]}]}", []string{"quay", "h-2"}, nil},
		"flat":                             {"imports: [{href: harbour.json, include-all: {}}]\n  merge: {flat: {}}", []string{"h-1", "h-1.1", "h-2"}, nil},
		"as it is":                         {"imports: [{href: harbour.json, include-all: {}}]\n  merge: {as-is: true}", []string{"entry", "h-1", "h-1.1", "quay", "h-2"}, nil},
		"an alteration that is not made":   {"imports: [{href: harbour.json, include-controls: [{with-ids: [h-2]}]}]\n  modify: {alters: [{control-id: h-2, adds: [{props: [{name: x, value: y}]}]}]}", []string{"quay", "h-2"}, map[library.Code]int{library.NotAltered: 1}},
		"two, one of which is not at hand": {"imports: [{href: harbour.json, include-controls: [{with-ids: [h-2]}]}, {href: river.json}]", []string{"quay", "h-2"}, map[library.Code]int{library.NotResolved: 1}},
	} {
		ids, _, report, err := resolved(t, profileHead+"  "+c.imports)
		if err != nil || !reflect.DeepEqual(ids, c.want) {
			t.Errorf("%s: %v, %v; want %v", what, ids, err, c.want)
		}
		for _, k := range report.Remarks {
			if c.remarks[k.Code] != k.Count {
				t.Errorf("%s: %s", what, k)
			}
		}
		for code, want := range c.remarks {
			if report.Count(code) != want {
				t.Errorf("%s: %d %s, want %d", what, report.Count(code), code.Says(), want)
			}
		}
	}
}

func TestAProfileSetsParametersOfItsOwnCopy(t *testing.T) {
	source := document(t, "harbour.json")
	d, err := oscal.Read("profile.yaml", []byte(profileHead+"  imports: [{href: harbour.json, include-controls: [{with-ids: [h-1]}]}]\n  modify: {set-parameters: [{param-id: h-1_knots, values: ['4']}]}"))
	if err != nil {
		t.Fatal(err)
	}
	var report library.Report
	c, err := oscal.Resolve(d.Profile, []oscal.Beside{{Name: "harbour.json", Document: source}}, &report)
	if err != nil {
		t.Fatal(err)
	}
	s := library.Index(oscal.Content(c, library.OSCALProfile, &report))
	if n, _, _ := s.Node("h-1"); !strings.HasPrefix(n.Description, "Boats slow down to 4.") {
		t.Errorf("it says %q", n.Description)
	}
	if len(source.Catalog.Groups[0].Controls[0].Params[0].Values) != 0 {
		t.Error("the source was changed")
	}
}

func TestWhatChoosesNothingSaysWhatItNeeds(t *testing.T) {
	_, _, _, err := resolved(t, profileHead+"  imports: [{href: river.json}, {href: lake.json}]")
	if sextant.CodeOf(err) != sextant.Invalid || !strings.Contains(err.Error(), "river.json, lake.json") {
		t.Errorf("%v", err)
	}
	var circle []oscal.Beside
	for from, to := range map[string]string{"a.yaml": "b.yaml", "b.yaml": "a.yaml"} {
		d, err := oscal.Read(from, []byte(profileHead+"  imports: [{href: "+to+"}]"))
		if err != nil {
			t.Fatal(err)
		}
		circle = append(circle, oscal.Beside{Name: from, Document: d})
	}
	if _, err := oscal.Resolve(circle[0].Profile, circle, &library.Report{}); sextant.CodeOf(err) != sextant.Invalid || !strings.Contains(err.Error(), "one another") {
		t.Errorf("profiles in a circle: %v", err)
	}
}

func TestWhatIsUnsafeOrNoOSCALIsRefused(t *testing.T) {
	for what, c := range map[string]struct {
		text string
		code sextant.Code
		says string
	}{
		"JSON that is deep":    {`{"catalog":` + strings.Repeat(`{"x":`, 100) + "1" + strings.Repeat("}", 101), sextant.TooLarge, "deeper"},
		"JSON with much":       {`{"catalog":{"controls":[` + strings.Repeat("{},", 600_000) + "{}]}}", sextant.TooLarge, "objects"},
		"XML that is deep":     {"<catalog>" + strings.Repeat("<part>", 100), sextant.TooLarge, "deeper"},
		"XML with much":        {"<catalog>" + strings.Repeat("<a/>", 1_100_000), sextant.TooLarge, "elements"},
		"XML with an entity":   {`<!DOCTYPE x [<!ENTITY a "aaaa">]><catalog><metadata><title>&a;</title></metadata></catalog>`, sextant.Invalid, "entity"},
		"YAML with aliases":    {"catalog: &a [*a]", sextant.Invalid, "itself"},
		"size":                 {"{" + strings.Repeat(" ", 33<<20) + "}", sextant.TooLarge, "MiB"},
		"another model":        {`{"component-definition":{}}`, sextant.Invalid, "no catalog and no profile"},
		"XML of something":     {"<html></html>", sextant.Invalid, "no catalog and no profile"},
		"nothing":              {" \n", sextant.Invalid, "empty"},
		"bytes":                {"\xff\xfe\x00", sextant.Invalid, "UTF-8"},
		"JSON that breaks off": {`{"catalog":`, sextant.Invalid, "cannot be read"},
		"XML that breaks off":  {"<catalog><group>", sextant.Invalid, "cannot be read"},
		"a text for a list":    {`{"catalog":{"groups":"none"}}`, sextant.Invalid, "cannot be read"},
	} {
		_, err := oscal.Read("quirk", []byte(c.text))
		if sextant.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "quirk") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
