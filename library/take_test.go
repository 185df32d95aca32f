// SPDX-License-Identifier: Apache-2.0

package library_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/cisoassistant"
	"sextant/library"
	"sextant/product/producttest"
	"sextant/register"
)

// harbour is a small library in one of its versions.
func harbour(version, more string) string {
	return "urn: urn:q:library:harbour\nname: Harbour rules\nversion: " + version + `
copyright: CC BY 4.0
objects:
  reference_controls: [{urn: 'urn:q:function:log', name: A logbook}]
  framework:
    urn: urn:q:framework:harbour
    requirement_nodes:
    - {urn: 'urn:q:req:1', ref_id: '1', name: Coming in, assessable: false, depth: 1}
    - {urn: 'urn:q:req:1.1', ref_id: '1.1', name: Speed, assessable: true, depth: 2, parent_urn: 'urn:q:req:1'}
` + more
}

const mapping = `
urn: urn:q:library:mapping
name: Harbour to river
objects:
  requirement_mapping_sets:
  - urn: urn:q:set
    name: Harbour to river
    source_framework_urn: urn:q:framework:harbour
    target_framework_urn: urn:q:framework:river
    requirement_mappings:
    - {source_requirement_urn: 'urn:q:req:1.1', target_requirement_urn: 'urn:q:river:1', relationship: equal}
    - {source_requirement_urn: 'urn:q:req:9', target_requirement_urn: 'urn:q:river:1', relationship: equal}
`

func came(t *testing.T, text string) library.Incoming {
	t.Helper()
	c, r, err := cisoassistant.Read("rules.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return library.Came("rules.yaml", []byte(text), c, r)
}

func manager(h *producttest.House) access.Actor {
	return access.Actor{Organisation: h.Org, Name: "account:mara", Person: h.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
}

func take(t *testing.T, h *producttest.House, text string) (string, library.Prospect) {
	t.Helper()
	key, p, err := library.Take(context.Background(), h.Kernel, manager(h), came(t, text), register.Note{})
	if err != nil {
		t.Fatal(err)
	}
	return key, p
}

func kept(t *testing.T, h *producttest.House, key string) (l register.Of[library.Library], s *library.Shelved) {
	t.Helper()
	h.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		if l, err = library.Libraries.Get(v, key); err == nil {
			s, err = library.Open(v, l.Fields)
		}
		return err
	})
	return l, s
}

func TestALibraryIsOneEntryAndOneFile(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		key, p := take(t, h, harbour("1", ""))
		if p.Same != "" || p.Supersedes != "" {
			t.Errorf("the first import says %+v", p)
		}
		l, s := kept(t, h, key)
		f := l.Fields
		if f.Nodes != 2 || f.Assessable != 1 || f.Controls != 1 || !slices.Equal(f.Contains, []string{"framework", "reference_control"}) || f.Licence != "CC BY 4.0" || f.Edition != "1" {
			t.Errorf("kept as %+v", f)
		}
		if l.Actor != "account:mara" {
			t.Errorf("it was written by %s", l.Actor)
		}
		if n, _, ok := s.Node("1.1"); !ok || n.Name != "Speed" || s.Children(0, "1")[0] != n || s.Above("1.1")[0].ID != "1" {
			t.Errorf("the node is %+v", n)
		}
		again, p := take(t, h, harbour("1", ""))
		if again != key || p.Same != key {
			t.Errorf("the same file again: %s, %+v", again, p)
		}
	})
}

func TestANewVersionSupersedesAndSaysWhatDiffers(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		first, _ := take(t, h, harbour("1.9", ""))
		text := strings.Replace(harbour("1.10", "    - {urn: 'urn:q:req:2', ref_id: '2', assessable: true, depth: 1}\n"), "name: Speed", "name: Speed at night", 1)
		text = strings.Replace(text, "reference_controls: [{urn: 'urn:q:function:log', name: A logbook}]", "threats: [{urn: 'urn:q:threat:fog', name: Fog}]", 1)
		second, p := take(t, h, text)
		if p.Supersedes != first {
			t.Fatalf("it supersedes %q, not %s", p.Supersedes, first)
		}
		var got []string
		for _, c := range p.Difference.Changes {
			got = append(got, fmt.Sprint(c.Fate, " ", c.ID, " ", c.Fields))
		}
		want := []string{"changed urn:q:req:1.1 [name]", "added urn:q:req:2 []", "added urn:q:threat:fog []", "removed urn:q:function:log []"}
		if !slices.Equal(got, want) || p.Difference.Unchanged != 1 {
			t.Errorf("the difference is %q and %d unchanged, want %q", got, p.Difference.Unchanged, want)
		}
		old, s := kept(t, h, first)
		if n, _, _ := s.Node("1.1"); old.State != "superseded" || n.Name != "Speed" {
			t.Errorf("the old version is %s and says %q", old.State, n.Name)
		}
		if l, _ := kept(t, h, second); l.Fields.Supersedes != first || l.State != "active" {
			t.Errorf("the new one supersedes %s and is %s", l.Fields.Supersedes, l.State)
		}
		if _, _, err := library.Take(context.Background(), h.Kernel, manager(h), came(t, harbour("1.2", "")), register.Note{}); sextant.CodeOf(err) != sextant.Conflict {
			t.Errorf("an older version: %v", err)
		}
	})
}

func TestEndsThatAreNotThereAreCountedAndTaken(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		look := func() (r library.Report) {
			t.Helper()
			h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
				p, err := library.Look(v, came(t, mapping))
				r.Remarks = p.Remarks
				return err
			})
			return r
		}
		if r := look(); r.Count(library.FrameworkAbsent) != 2 || r.Count(library.DanglingEnd) != 0 {
			t.Errorf("with neither framework here: %v", r.Remarks)
		}
		take(t, h, harbour("1", ""))
		if r := look(); r.Count(library.FrameworkAbsent) != 1 || r.Count(library.DanglingEnd) != 1 {
			t.Errorf("with one of them here: %v", r.Remarks)
		}
		key, _ := take(t, h, mapping)
		if l, s := kept(t, h, key); l.Fields.Mappings != 2 || len(s.Mappings[0].Mappings) != 2 || len(l.Fields.Remarks) != 2 {
			t.Errorf("kept %d mappings and %d remarks", l.Fields.Mappings, len(l.Fields.Remarks))
		}
	})
}

func TestANodeCanBeReferredTo(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		key, _ := take(t, h, harbour("1", ""))
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			for reference, want := range map[string]string{library.Reference(key, "1.1"): "1.1 Speed", library.Reference(key, "7"): "library/" + key + "/7", "library/LIB-99/1": "library/LIB-99/1"} {
				if got := v.TitleOf("requirement", reference); got != want {
					t.Errorf("%s is called %q, want %q", reference, got, want)
				}
			}
			if _, err := library.Named(v, "library/"+key+"/7"); sextant.CodeOf(err) != sextant.NotFound {
				t.Errorf("a node that is not there: %v", err)
			}
			return nil
		})
	})
}

func TestOnlyWhoMayImportsAndNobodyTypesOne(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		reader := manager(h)
		reader.Roles = []access.Role{access.Reader}
		if _, _, err := library.Take(context.Background(), h.Kernel, reader, came(t, harbour("1", "")), register.Note{}); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("a reader imports: %v", err)
		}
		err := h.Kernel.Write(context.Background(), manager(h), func(tx *register.Tx) error {
			_, err := tx.Create("library", map[string]any{"title": "Typed"}, register.Note{})
			return err
		})
		if sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("one is typed: %v", err)
		}
		key, _ := take(t, h, harbour("1", ""))
		retire := func(text string) error {
			return h.Kernel.Write(context.Background(), manager(h), func(tx *register.Tx) error {
				_, err := tx.Transition("library", key, 0, text, nil, register.Note{Why: "not ours"})
				return err
			})
		}
		if err := retire("supersede"); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("a person supersedes by hand: %v", err)
		}
		if err := retire("retire"); err != nil {
			t.Fatal(err)
		}
		other, _ := take(t, h, harbour("0.5", ""))
		if err := retire("reactivate"); sextant.CodeOf(err) != sextant.Conflict || !strings.Contains(err.Error(), other) {
			t.Errorf("two versions in use: %v", err)
		}
	})
}
