// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"net/url"
	"slices"

	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/organisation"
	"sextant/register"
	"sextant/task"
)

// fillBeside reads the entries that belong to the control.
func (view *controlView) fillBeside(v *register.View, _ evidence.Reader, p page.Page) error {
	reference := view.Control.Reference().String()
	if v.MayCreate(control.Implementations.Definition) {
		view.Declare = "/implementations/new?" + url.Values{"control": {reference}}.Encode()
	}
	if v.MayCreate(control.Exceptions.Definition) {
		q := url.Values{"control": {reference}}
		if v.Actor().Person != "" {
			q.Set("requested_by", v.Actor().Person)
		}
		view.Except = "/exceptions/new?" + q.Encode()
	}
	for _, fill := range []func(*register.View, string, page.Page) error{view.fillEvidence, view.fillExceptions, view.fillTasks} {
		if err := fill(v, reference, p); err != nil {
			return err
		}
	}
	view.fillForms(v)
	return nil
}

// fillNotes adds what ISO/IEC 27017 says on a control for the side of a cloud
// service the organisation is on.
func (view *controlView) fillNotes(v *register.View, _ evidence.Reader, _ page.Page) (err error) {
	view.Roles, err = organisation.Roles(v)
	if view.is(framework.Customer) || view.is(framework.Provider) {
		view.Notes = framework.CloudNotes(view.Control.ID)
	}
	return err
}

// is says whether the organisation has a role.
func (view controlView) is(r framework.Role) bool { return slices.Contains(view.Roles, r) }

// fillForms offers a statement for each line a person speaks about.
func (view *controlView) fillForms(v *register.View) {
	if !v.MayCreate(control.Attestations.Definition) {
		return
	}
	for _, u := range view.Units {
		for _, l := range u.Lines {
			if l.ByPeople && u.Key != "" {
				view.Statements = append(view.Statements, statementForm{u.Title, l.Shows, statementPath(v, u.Key, l.ID)})
			}
		}
	}
}

func (view *controlView) implementationKeys() []string {
	var keys []string
	for _, imp := range view.Implementations {
		keys = append(keys, imp.Key)
	}
	return keys
}

func (view *controlView) fillEvidence(v *register.View, _ string, _ page.Page) error {
	keys := view.implementationKeys()
	if len(keys) == 0 {
		return nil
	}
	list, err := control.Attestations.All(v, register.Filter{Field: "implementation", Op: register.Is, Values: keys})
	newer := map[string]bool{}
	for i := len(list) - 1; i >= 0; i-- {
		a, place := list[i], list[i].Fields.Implementation+list[i].Fields.Line
		f, _ := a.Register.Field("result")
		x := evidenceView{Title: a.Fields.LookedAt, Path: page.Path(a.Entry), Who: v.TitleOf("person", a.Fields.AttestedBy), Result: f.ValueLabel(a.Fields.Result), State: page.StateLabel(a.Register, a.State),
			Replaced: newer[place], Until: page.Until(v.Context(), a.Fields.ExpiresOn, v.Now()), Age: page.Age(v.Context(), a.At, v.Now()), Exact: page.Exact(v.Context(), a.At)}
		if line, ok := framework.LineByID(a.Fields.Line); ok {
			x.Line = line.Shows
		}
		newer[place] = newer[place] || a.State == "recorded"
		view.Evidenced = append(view.Evidenced, x)
	}
	return err
}

// fillExceptions takes those of the control and those of its checks.
func (view *controlView) fillExceptions(v *register.View, reference string, _ page.Page) error {
	list, err := control.Exceptions.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"draft", "requested", "approved"}})
	if err != nil {
		return err
	}
	ours := map[string]bool{}
	for _, c := range view.Checks {
		ours[check.Prefix+c.ID] = true
	}
	for _, e := range list {
		if e.Fields.Control == reference || ours[e.Fields.Check] {
			view.Exceptions = append(view.Exceptions, taskView{Key: e.Key, Title: e.Title(), Path: page.Path(e.Entry), State: page.StateLabel(e.Register, e.State), Date: e.Fields.ExpiresOn,
				Due: message.T(v.Context(), "control.until", page.Day(e.Fields.ExpiresOn)), Late: page.Overdue(e.Fields.ExpiresOn, v.Now())})
		}
	}
	return nil
}

// fillTasks takes those about the control, its implementations, or made for one
// of the proofs that are missing.
func (view *controlView) fillTasks(v *register.View, reference string, _ page.Page) error {
	list, err := task.Tasks.All(v, openTasks, register.Filter{Field: "subject", Op: register.Is, Values: append(view.implementationKeys(), reference)})
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, t := range list {
		known[t.Key] = true
		view.Tasks = append(view.Tasks, *taskOf(v, t))
	}
	for _, p := range view.Proofs {
		if p.Task != nil && !known[p.Task.Key] {
			known[p.Task.Key] = true
			view.Tasks = append(view.Tasks, *p.Task)
		}
	}
	return nil
}
