// SPDX-License-Identifier: Apache-2.0

package grid_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"sextant"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/page"
)

type boat struct {
	name, kind string
	length     float64
	crew       []string
}

var fleet = []boat{{"Ada", "sloop", 9, []string{"mia"}}, {"Bee", "ketch", 14, []string{"jon", "mia"}}, {"Cod", "sloop", 0, nil}, {"Dot", "yawl", 11, []string{"jon"}}}

func boats() grid.Sheet[boat] {
	data := func(of func(boat) string) func(boat, grid.Row) templ.Component {
		return func(b boat, _ grid.Row) templ.Component { return grid.Data(of(b)) }
	}
	return grid.Sheet[boat]{
		Caption: "Boats", Row: func(b boat) grid.Row { return grid.Row{Key: b.name, Title: b.name} },
		Views: []grid.Tab{{Label: "All"}, {Label: "Sloops", Filter: []string{"kind=sloop"}}, {Label: "Crewed", Filter: []string{"crew:filled"}}},
		Fields: []grid.Field[boat]{
			{Key: "name", Label: "Name", Of: func(b boat) []string { return []string{b.name} }, Cell: data(func(b boat) string { return b.name })},
			{Key: "kind", Label: "Kind", Few: true, Rank: []string{"yawl", "sloop", "ketch"}, Of: func(b boat) []string { return []string{b.kind} }, Cell: data(func(b boat) string { return b.kind })},
			{Key: "length", Label: "Length", Kind: table.Number, Of: func(boat) []string { return nil }, Number: func(b boat) (float64, bool) { return b.length, b.length > 0 }},
			{Key: "crew", Label: "Crew", Few: true, Of: func(b boat) []string { return b.crew }},
		},
	}
}

func pageAt(query string) page.Page {
	q, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	return page.Page{Path: "/boats", Query: q}
}

func names(list []boat) string {
	var all []string
	for _, b := range list {
		all = append(all, b.name)
	}
	return strings.Join(all, " ")
}

func TestASheetGivesWhatItsAddressAsksFor(t *testing.T) {
	for query, want := range map[string]string{
		"": "Ada Bee Cod Dot", "filter=kind%3Dsloop": "Ada Cod", "filter=kind%21%3Dsloop": "Bee Dot", "filter=crew%3Dmia": "Ada Bee", "filter=crew%3Aempty": "Cod",
		"filter=length%3E%3D11": "Bee Dot", "filter=length%3C14": "Ada Dot", "filter=name~o": "Cod Dot", "search=ketch+mia": "Bee", "search=nothing": "",
		"order=-length": "Bee Dot Ada Cod", "order=length": "Ada Dot Bee Cod", "order=kind": "Dot Ada Cod Bee", "filter=kind%3Dsloop&filter=crew%3Afilled": "Ada",
	} {
		d, err := boats().Draw(context.Background(), pageAt(query), fleet)
		if got := names(d.Rows); err != nil || got != want {
			t.Errorf("%q gives %q, %v; want %q", query, got, err, want)
		}
	}
	for _, query := range []string{"filter=sail%3D1", "filter=length%3Etall", "order=sail", "filter=nonsense"} {
		if _, err := boats().Draw(context.Background(), pageAt(query), fleet); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("%q gives %v; want it refused", query, err)
		}
	}
}

func TestEveryNumberOfASheetIsThatOfItsList(t *testing.T) {
	d, err := boats().Draw(context.Background(), pageAt("edit=crew&group=kind"), fleet)
	if err != nil {
		t.Fatal(err)
	}
	for _, view := range d.Tools.Views {
		u, err := url.Parse(view.Path)
		if err != nil {
			t.Fatal(err)
		}
		list, err := boats().Draw(context.Background(), pageAt(u.RawQuery), fleet)
		if err != nil || page.Count(len(list.Rows)) != view.Count {
			t.Errorf("%s says %s and its list has %d, %v", view.Label, view.Count, len(list.Rows), err)
		}
	}
	if d.Tools.Editor == nil || len(d.Tools.Editor.Values) != 2 || d.Tools.Editor.Values[0].Value != "jon" || d.Tools.Editor.Values[0].Count != "2" {
		t.Errorf("the editor offers %+v", d.Tools.Editor)
	}
	if len(d.Table.Groups) != 3 || len(d.Table.Groups[1].Rows) != 2 {
		t.Errorf("groups %+v", d.Table.Groups)
	}
}

func TestAnExportHoldsExactlyTheFilteredRows(t *testing.T) {
	w := httptest.NewRecorder()
	if err := boats().Send(w, pageAt("filter=kind%3Dsloop&format=csv&order=-name"), fleet, grid.Stamp{Name: "boats", By: "mia"}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "Cod,") || !strings.Contains(lines[2], "Ada,sloop,9,mia") {
		t.Errorf("exported %q", w.Body.String())
	}
}
