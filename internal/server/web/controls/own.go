// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/soa"
)

// ownView is what the organisation says of a control in its own words, beside
// our guidance.
type ownView struct {
	Path       string // of the standard, "" where there is none
	HTML       string
	Owner      string
	When       string
	Attributes []string
	Difference string // where the guidance it was written against is compared, "" where it is the same
	Write      string // begins a standard, "" where one may not or there is one
	Edit       string
	Deviations []deviationView
	Deviate    string
	Documents  []documentView
}

type deviationView struct {
	Title, Path, Unit, Who, State, Until string
	Late                                 bool
}

// documentView is a document that is about the control.
type documentView struct{ Reference, Title, Path, Standing string }

// fillOwn reads the standard, the deviations and the documents of a control.
func (view *controlView) fillOwn(v *register.View, _ evidence.Reader, _ page.Page) error {
	reference := view.Control.Reference().String()
	of := register.Filter{Field: "control", Op: register.Is, Values: []string{reference}}
	standards, err := control.Standards.All(v, of, active)
	if err != nil {
		return err
	}
	if len(standards) > 0 {
		view.Own.fill(v, standards[0], view.Control.ID)
	} else if v.MayCreate(control.Standards.Definition) {
		view.Own.Write = "/control-standards/new?control=" + reference
	}
	if v.MayCreate(control.Deviations.Definition) {
		view.Own.Deviate = "/deviations/new?control=" + reference + "&requested_by=" + v.Actor().Person
	}
	if err := view.Own.fillDeviations(v, of); err != nil {
		return err
	}
	return view.Own.fillDocuments(v, reference)
}

var active = register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}

func (own *ownView) fill(v *register.View, s register.Of[control.Standard], id string) {
	own.Path, own.HTML, own.Attributes = page.Path(s.Entry), page.Markdown(s.Fields.Text), s.Fields.Attributes
	own.Owner, own.When = v.TitleOf("person", s.Fields.Owner), page.Moment(v.Context(), s.At)
	if g, ok := framework.GuidanceFor(s.Fields.Control); ok {
		if _, _, changed := control.Outdated(s.Fields, g); changed {
			own.Difference = path + "/" + id + "/guidance"
		}
	}
	if v.MayEdit(s.Entry) {
		own.Edit = own.Path + "/edit"
	}
}

func (own *ownView) fillDeviations(v *register.View, of register.Filter) error {
	all, err := control.Deviations.All(v, of)
	for _, d := range all {
		if d.State == "rejected" || d.State == "ended" {
			continue
		}
		own.Deviations = append(own.Deviations, deviationView{Title: d.Title(), Path: page.Path(d.Entry), Unit: v.TitleOf("scope_unit", d.Fields.ScopeUnit), Who: v.TitleOf("person", d.Fields.Approver),
			State: page.StateLabel(d.Register, d.State), Until: page.Until(v.Context(), d.Fields.ExpiresOn, v.Now()), Late: page.Overdue(d.Fields.ExpiresOn, v.Now())})
	}
	return err
}

func (own *ownView) fillDocuments(v *register.View, reference string) error {
	all, err := v.Select("document", active, register.Filter{Field: "controls", Op: register.Is, Values: []string{reference}})
	for _, e := range all {
		own.Documents = append(own.Documents, documentView{e.Doc.Text("reference"), e.Title(), page.Path(e), e.Doc.Text("edition")})
	}
	return err
}

// withOwn adds the organisation's attributes to what the list shows, filters
// and groups by.
func withOwn(v *register.View, sheet grid.Sheet[soa.Known]) (grid.Sheet[soa.Known], error) {
	attributes, err := control.OwnAttributes.All(v, active)
	if err != nil || len(attributes) == 0 {
		return sheet, err
	}
	standards, err := control.Standards.All(v, active)
	if err != nil {
		return sheet, err
	}
	of := map[string]control.Standard{}
	for _, s := range standards {
		of[s.Fields.Control] = s.Fields
	}
	sheet.Fields = slices.Clone(sheet.Fields)
	for _, a := range attributes {
		values := func(k soa.Known) []string { return control.ValuesOf(of[k.Control.Reference().String()], a.Fields.Name) }
		sheet.Fields = append(sheet.Fields, field{Key: "own_" + strings.ToLower(strings.ReplaceAll(a.Key, "-", "_")), Label: a.Fields.Name, Class: "p4 fit t2", Spare: true, Few: true, Every: true, Rank: a.Fields.Values, Of: values,
			Cell: cell(func(k soa.Known) templ.Component { return grid.Data(strings.Join(values(k), ", ")) })})
	}
	return sheet, nil
}

// guidanceView is the guidance a standard was written against beside that of
// today.
type guidanceView struct {
	ID, Title, Standard string
	Lines               []page.DiffLine
	Compare             string // where its owner says it was compared, "" where nobody may
}

// guidance shows what changed in our guidance since the organisation wrote its
// own standard against it.
func (s *section) guidance(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	c, ok := framework.ControlByID(r.PathValue("id"))
	if !ok {
		return sextant.Errorf(sextant.NotFound, "there is no control %q", r.PathValue("id"))
	}
	view := guidanceView{ID: c.ID, Title: c.Title}
	if err := s.Read(r, actor, func(v *register.View) error {
		standards, err := control.Standards.All(v, active, register.Filter{Field: "control", Op: register.Is, Values: []string{c.Reference().String()}})
		if err != nil {
			return err
		}
		if len(standards) == 0 {
			return sextant.Errorf(sextant.NotFound, "there is no standard of your own for %s", c.ID).WithHint("write one on the page of the control")
		}
		view.Standard = page.Path(standards[0].Entry)
		g, _ := framework.GuidanceFor(c.ID)
		before, after, _ := control.Outdated(standards[0].Fields, g)
		view.Lines = page.Diff(before, after)
		for _, m := range v.Possible(standards[0].Entry) {
			if m.Name == "compare" && m.Refusal == nil {
				view.Compare = view.Standard + "/transitions/compare"
			}
		}
		return nil
	}); err != nil {
		return err
	}
	s.Draw(w, r, guidancePage(s.Page(r, actor, message.T(r.Context(), "own.guidance.title", c.ID)), view))
	return nil
}
