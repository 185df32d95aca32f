// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"bytes"
	"fmt"

	"sextant/interchange/paper"
	"sextant/organisation"
	"sextant/register"
	"sextant/soa"
)

// ApprovalName is what the approval sheet of a version is called.
func ApprovalName(number int) string {
	return fmt.Sprintf("statement-of-applicability-%d.approval.pdf", number)
}

// ApprovalOf gives the approval sheet of a version that was approved.
func ApprovalOf(v *register.View, e register.Of[soa.Edition]) (file register.Rendering, found bool, err error) {
	list, err := v.Renderings(e.Entry)
	for _, f := range list {
		if f.Name == ApprovalName(e.Fields.No()) {
			file, found = f, true
		}
	}
	return file, found, err
}

// renderApproval writes one page: who approved what, and when. The files of the
// review are what is approved and stay as they are, so the approval cannot stand
// in them; the sheet names each by its SHA-256, and the signature binds the sheet
// with them.
func renderApproval(v *register.View, entry register.Entry) ([]register.Rendered, error) {
	e, err := soa.Editions.Get(v, entry.Key)
	if err != nil {
		return nil, err
	}
	files, err := Kept(v, e)
	if err != nil {
		return nil, err
	}
	all, err := organisation.Organisations.All(v)
	if err != nil {
		return nil, err
	}
	name := ""
	if len(all) > 0 {
		name = all[0].Fields.LegalName
	}
	f := e.Fields
	about := paper.About{Title: "Approval of the Statement of Applicability", Subtitle: e.Title(), Organisation: name, At: v.Now(), Facts: []paper.Fact{
		{Label: "Version", Text: fmt.Sprint(f.No())}, {Label: "Management system", Text: v.TitleOf("management_system", f.ManagementSystem)},
		{Label: "Reviewed by", Text: fmt.Sprintf("%s, %s", v.TitleOf("person", f.Reviewer), f.StatusAsOf)}, {Label: "Approved by", Text: fmt.Sprintf("%s of top management, %s", v.TitleOf("person", f.Approver), f.ApprovedAt)}}}
	p := paper.New(about)
	p.Heading(1, "What was approved")
	p.Text(fmt.Sprintf("The files written when the version was reviewed, as they are. They name its state then, %q: nothing in them was changed by the approval.", soa.Reviewed))
	t := paper.Table{Columns: []paper.Column{{Title: "File", Share: 2}, {Title: "SHA-256", Share: 4}}}
	for _, format := range Formats() {
		if file, ok := files[format]; ok {
			t.Rows = append(t.Rows, cells(file.Name, file.SHA256))
		}
	}
	p.Table(t)
	p.Note("The signature is sealed in the log of the organisation and names this sheet and each of the files. sextant verify reads them all.")
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		return nil, err
	}
	return []register.Rendered{{Name: ApprovalName(f.No()), MediaType: PDF.MediaType(), Content: out.Bytes()}}, nil
}
