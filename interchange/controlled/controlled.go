// SPDX-License-Identifier: Apache-2.0

// Package controlled writes one edition of a document as the PDF that is kept
// when it is approved: who approved what, from when it holds, and every word of
// it. An edition that is an uploaded file gets a sheet that names the file by
// its digest. It decides nothing and is called by the kernel alone.
package controlled

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"sextant"
	"sextant/document"
	"sextant/interchange/paper"
	"sextant/organisation"
	"sextant/register"
)

// Render is the register.Renderer of document versions.
func Render(v *register.View, e register.Entry) ([]register.Rendered, error) {
	of, err := document.Documents.Get(v, e.Doc.Text("document"))
	if err != nil {
		return nil, err
	}
	edition, err := document.Versions.Get(v, e.Key)
	if err != nil {
		return nil, err
	}
	p := paper.New(about(v, of, edition))
	if edition.Fields.File != nil {
		p.Text(sheet(edition.Fields.File))
	}
	p.Text(edition.Fields.Body)
	if err := history(v, p, of.Key, edition); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		return nil, err
	}
	return []register.Rendered{{Name: register.SafeName(of.Fields.Reference + " " + of.Fields.Title + " " + edition.Fields.Edition + ".pdf"), MediaType: "application/pdf", Content: out.Bytes()}}, nil
}

func about(v *register.View, of register.Of[document.Document], edition register.Of[document.Version]) paper.About {
	def := document.Documents.Definition
	classification, _ := def.Field("classification")
	kind, _ := def.Field("kind")
	person := func(key string) string { return v.TitleOf("person", key) }
	facts := []paper.Fact{
		{Label: "Reference", Text: of.Fields.Reference}, {Label: "Edition", Text: edition.Fields.Edition}, {Label: "Kind", Text: kind.ValueLabel(of.Fields.Kind)},
		{Label: "In force from", Text: edition.Fields.EffectiveFrom}, {Label: "Owner", Text: person(of.Fields.Owner)}, {Label: "Author", Text: person(edition.Fields.Author)},
		{Label: "Approved by", Text: person(edition.Fields.Approver)}, {Label: "Approved on", Text: edition.Fields.ApprovedAt[:min(10, len(edition.Fields.ApprovedAt))]},
		{Label: "Reviewed every", Text: document.Period(of.Fields.ReviewInterval)}, {Label: "Fulfils", Text: ids(of.Fields.Fulfils)}, {Label: "Controls", Text: ids(of.Fields.Controls)},
	}
	for i := 0; i < len(facts); {
		if facts[i].Text == "" {
			facts = append(facts[:i], facts[i+1:]...)
		} else {
			i++
		}
	}
	return paper.About{Title: of.Fields.Title, Subtitle: of.Fields.Reference + ", edition " + edition.Fields.Edition, Organisation: name(v), Facts: facts,
		Classification: classification.ValueLabel(of.Fields.Classification), At: approvedAt(edition), Zone: organisation.Zone(v)}
}

func approvedAt(edition register.Of[document.Version]) sextant.Instant {
	if at, err := time.Parse(time.RFC3339, edition.Fields.ApprovedAt); err == nil {
		return sextant.InstantOf(at)
	}
	return edition.At
}

func name(v *register.View) string {
	all, err := organisation.Organisations.All(v)
	if err != nil || len(all) == 0 {
		return ""
	}
	return all[0].Fields.LegalName
}

// ids leaves the standard out: iso27001:2022/A.5.15 is read as A.5.15.
func ids(references []string) string {
	list := make([]string, len(references))
	for i, reference := range references {
		_, list[i], _ = strings.Cut(reference, "/")
	}
	return strings.Join(list, ", ")
}

func sheet(file map[string]any) string {
	return fmt.Sprintf("The text of this edition is the file that was uploaded.\n\n- Name: %v\n- Size: %v bytes\n- SHA-256: `%v`\n", file["name"], file["size"], file["sha256"])
}

// history lists the editions up to this one with what changed.
func history(v *register.View, p *paper.Paper, of string, this register.Of[document.Version]) error {
	all, err := document.Versions.All(v, register.Filter{Field: "document", Op: register.Is, Values: []string{of}})
	if err != nil {
		return err
	}
	t := paper.Table{Columns: []paper.Column{{Title: "Edition", Share: 1}, {Title: "Approved", Share: 1.3}, {Title: "By", Share: 1.8}, {Title: "What changed", Share: 6}}}
	for _, e := range all {
		if e.Key != this.Key && (e.Fields.ApprovedAt == "" || e.State == "approved") {
			continue
		}
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: e.Fields.Edition}, {Text: e.Fields.ApprovedAt[:min(10, len(e.Fields.ApprovedAt))]}, {Text: v.TitleOf("person", e.Fields.Approver)}, {Text: e.Fields.ChangeSummary}}})
	}
	p.Heading(2, "Editions")
	p.Table(t)
	return nil
}
