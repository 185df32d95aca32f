// SPDX-License-Identifier: Apache-2.0

package documents

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"sextant/document"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

type field = grid.Field[row]

// sheet says what the list shows and filters by.
func sheet(v *register.View, p page.Page) grid.Sheet[row] {
	ctx := v.Context()
	return grid.Sheet[row]{
		Caption: message.T(ctx, "documents.caption"), Fields: fields(ctx, v), Order: "reference",
		Views: []grid.Tab{{Label: message.T(ctx, "list.all")}, {Label: message.T(ctx, "documents.tab.overdue"), Filter: []string{"review=overdue"}}, {Label: message.T(ctx, "documents.tab.way"), Filter: []string{"way:filled"}},
			{Label: message.T(ctx, "documents.tab.none"), Filter: []string{"standing=none"}}},
		Row: func(d row) grid.Row {
			return grid.Row{Key: d.Key, Title: d.Fields.Title, Path: p.Link(path + "/" + d.Key), Narrow: d.Fields.Reference}
		},
	}
}

func fields(ctx context.Context, v *register.View) []field {
	person := func(key string) string { return v.TitleOf("person", key) }
	label := func(key string) string {
		f, _ := document.Documents.Definition.Field(key)
		return message.Mark(ctx, f.Label)
	}
	word := func(key string) func(string) string {
		f, _ := document.Documents.Definition.Field(key)
		return func(value string) string { return message.Mark(ctx, f.ValueLabel(value)) }
	}
	said := func(prefix string) func(string) string {
		return func(value string) string { return message.T(ctx, prefix+value) }
	}
	data := func(of func(row) string) func(row, grid.Row) templ.Component {
		return func(d row, _ grid.Row) templ.Component { return grid.Data(of(d)) }
	}
	person1 := func(of func(row) string) func(row, grid.Row) templ.Component {
		return func(d row, _ grid.Row) templ.Component { return personCell(page.Names(some(of(d)), person)) }
	}
	return []field{
		{Key: "reference", Label: label("reference"), Class: "id num fit", Of: func(d row) []string { return []string{d.Fields.Reference} }, Cell: data(func(d row) string { return d.Fields.Reference })},
		{Key: "title", Label: label("title"), Class: "main-cell", Of: func(d row) []string { return []string{d.Fields.Title} }, Cell: func(_ row, r grid.Row) templ.Component { return grid.Link(r) }},
		{Key: "kind", Label: label("kind"), Class: "p3 fit t2", Few: true, Word: word("kind"), Of: func(d row) []string { return []string{d.Fields.Kind} }, Cell: data(func(d row) string { return word("kind")(d.Fields.Kind) })},
		{Key: "standing", Label: message.T(ctx, "documents.standing"), Class: "fit", Few: true, Every: true, Rank: []string{"in_force", "none", "retired"}, Word: said("documents.standing."), Of: func(d row) []string { return []string{standing(d)} },
			Cell: func(d row, _ grid.Row) templ.Component {
				return standingCell(standing(d), d.Fields.Edition)
			}},
		{Key: "way", Label: message.T(ctx, "documents.way"), Class: "p2 fit", Few: true, Every: true, Rank: []string{"draft", "in_review", "approved"}, Word: said("documents.way."), Of: wayOf,
			Cell: func(d row, _ grid.Row) templ.Component { return wayCell(d) }},
		{Key: "owner", Label: label("owner"), Class: "p3 fit", Few: true, Word: person, Of: func(d row) []string { return some(d.Fields.Owner) }, Cell: person1(func(d row) string { return d.Fields.Owner })},
		{Key: "approver", Label: label("approver"), Class: "p4 fit", Few: true, Word: person, Of: func(d row) []string { return some(d.Fields.Approver) }, Cell: person1(func(d row) string { return d.Fields.Approver })},
		{Key: "next_review_on", Label: label("next_review_on"), Class: "p2 num fit", Kind: table.Date, Of: func(d row) []string { return some(d.Fields.NextReviewOn) },
			Cell: func(d row, _ grid.Row) templ.Component {
				return reviewCell(d.Fields.NextReviewOn, page.Until(ctx, d.Fields.NextReviewOn, v.Now()), d.Overdue)
			}},
		{Key: "review", Label: message.T(ctx, "documents.review"), Few: true, Every: true, Rank: []string{"overdue", "planned", "none"}, Word: said("documents.review."), Of: func(d row) []string { return []string{reviewOf(d)} }},
		{Key: "classification", Label: label("classification"), Class: "p4 fit t2", Few: true, Word: word("classification"), Of: func(d row) []string { return []string{d.Fields.Classification} }, Cell: data(func(d row) string { return word("classification")(d.Fields.Classification) })},
		{Key: "controls", Label: label("controls"), Class: "p4 t2 num", Spare: true, Of: func(d row) []string { return ids(d.Fields.Controls) }, Cell: data(func(d row) string { return strings.Join(ids(d.Fields.Controls), ", ") })},
		{Key: "fulfils", Label: label("fulfils"), Class: "p4 t2 num", Spare: true, Of: func(d row) []string { return ids(d.Fields.Fulfils) }, Cell: data(func(d row) string { return strings.Join(ids(d.Fields.Fulfils), ", ") })},
	}
}

func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// ids leaves the standard out of references.
func ids(references []string) []string {
	list := make([]string, len(references))
	for i, reference := range references {
		_, list[i], _ = strings.Cut(reference, "/")
	}
	return list
}

func standing(d row) string {
	switch {
	case d.State != "active":
		return "retired"
	case d.Fields.CurrentVersion == "":
		return "none"
	}
	return "in_force"
}

func wayOf(d row) []string {
	if d.Open == nil {
		return nil
	}
	return []string{d.Open.State}
}

func reviewOf(d row) string {
	switch {
	case d.Overdue:
		return "overdue"
	case d.Fields.NextReviewOn == "":
		return "none"
	}
	return "planned"
}
