// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/registers"
	"sextant/internal/server/web/risks/tabs"
	"sextant/register"
	"sextant/risk"
)

// treatmentView is one treatment: what is done, what it is expected to change,
// what Annex A suggests beside, who signs, and how far it is.
type treatmentView struct {
	Tabs              []tabs.Tab
	Entry             register.Of[risk.Treatment]
	Label             string
	Owner             string
	Options           []string
	Reason, Effect    string // HTML
	Result            string
	Contract          choice
	Late              bool
	Due               string
	Measures          []measureView
	Controls, People  []choice
	MostLikelihood    int // steps a measure can take off
	MostConsequence   int
	Aims              []aimView
	Modifies          bool // an option is to modify: controls are compared with Annex A
	Proposals         []proposalView
	LeftOut           []proposalView
	Compared, By      string
	Signatures        []signatureView
	Tasks             []taskView
	Done              int
	ToMake            int // measures without a task
	Steps             []stepView
	ToJudge           int // risks whose residual is not judged as the plan expects
	MayEdit, MayBegin bool
	Unsaved           bool
	Parts             registers.Parts
	Typed             url.Values // of the comparison, where it was refused
	Troubles          troubles
}

type measureView struct {
	risk.Measure
	ControlID, ControlPath string
	Who                    string
}

// aimView is where a risk is expected to stand afterwards.
type aimView struct {
	Key, Title, Owner  string
	Now, Judged, After levelView
	Likelihood         string
	Consequence        string
	Within             bool // of what is acceptable for its category
	Acceptable         levelView
	NotJudged          bool
}

type proposalView struct {
	Reference, ID, Title, Path string
	Risks                      []string
	Why                        []string
	LeftOut                    string
}

type signatureView struct {
	Key, Name  string
	Signed     bool
	When, Path string
	Me         bool
}

type taskView struct {
	Key, Title, Who, Due, Date, State string
	Late, Done                        bool
}

func (s *section) treatment(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawTreatment(w, r, actor, nil, nil)
}

// drawTreatment draws a treatment, with the measures as they were typed where
// they were not saved.
func (s *section) drawTreatment(w http.ResponseWriter, r *http.Request, actor access.Actor, typed []risk.Measure, problem error) error {
	var view treatmentView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if view, err = treatmentOf(v, r.PathValue("treatment"), typed); err != nil {
			return err
		}
		view.Parts, err = registers.PartsOf(s.Site, v, r, view.Entry.Entry)
		return err
	}); err != nil {
		return err
	}
	said, status, err := shown(problem)
	if err != nil {
		return err
	}
	view.Troubles = said
	if problem != nil {
		view.Typed = r.PostForm
	}
	s.DrawStatus(w, r, status, treatmentPage(s.Page(r, actor, view.Entry.Fields.Title), view))
	return nil
}

func readTreatment(v *register.View, key string) (register.Of[risk.Treatment], error) {
	e, err := v.Entry(risk.Treatments.Name, key)
	if err != nil {
		return register.Of[risk.Treatment]{}, err
	}
	return register.As[risk.Treatment](e)
}

func treatmentOf(v *register.View, key string, typed []risk.Measure) (view treatmentView, err error) {
	if view.Entry, err = readTreatment(v, key); err != nil {
		return view, err
	}
	t, ctx := view.Entry, v.Context()
	f := t.Fields
	view.Label, view.Owner, view.Reason, view.Effect, view.Result = page.StateLabel(t.Register, t.State), person(v, f.Owner), page.Markdown(f.OptionReason), page.Markdown(f.ExpectedEffect), page.Markdown(f.Result)
	view.Due = page.Day(f.DueOn)
	if isOpen(t.State) {
		view.Due, view.Late = page.Until(ctx, f.DueOn, v.Now()), page.Overdue(f.DueOn, v.Now())
	}
	option, _ := risk.Treatments.Field("options")
	for _, o := range f.Options {
		view.Options = append(view.Options, message.Mark(ctx, option.ValueLabel(o)))
	}
	if f.Contract != "" {
		view.Contract = choice{Key: f.Contract, Name: v.TitleOf("contract", f.Contract)}
	}
	view.MayEdit = t.State == risk.Planned && v.Moment() == 0 && v.MayEdit(t.Entry)
	view.Steps, view.MayBegin = steps(v, t.Entry, "compare"), risk.MayCarryOut(v, t)
	for i := range view.Steps {
		view.Steps[i].Lead = stepLead(ctx, view.Steps[i].Name)
	}
	for _, fill := range []func(*register.View) error{view.aims, view.compare, view.signatures, view.tasks} {
		if err := fill(v); err != nil {
			return view, err
		}
	}
	if view.Tabs, err = tabs.Of(v); err != nil {
		return view, err
	}
	if typed != nil {
		f.Measures, view.Unsaved = typed, true
	}
	return view, view.measures(v, f.Measures)
}

func stepLead(ctx context.Context, name string) string {
	switch name {
	case "propose", "sign", "finish", "verify":
		return message.T(ctx, "riskplan.step."+name)
	}
	return ""
}

func (view *treatmentView) measures(v *register.View, list []risk.Measure) error {
	for _, m := range list {
		row := measureView{Measure: m, Who: person(v, m.Owner)}
		if m.Control != "" {
			row.ControlID = framework.IDOf(m.Control)
			row.ControlPath = "/controls/" + url.PathEscape(row.ControlID)
		}
		view.Measures = append(view.Measures, row)
	}
	if !view.MayEdit {
		return nil
	}
	view.Measures = append(view.Measures, measureView{})
	rows, err := control.InUse(v)
	if err != nil {
		return err
	}
	for _, c := range rows {
		view.Controls = append(view.Controls, choice{Key: c.Reference().String(), Name: c.ID + " " + c.Title})
	}
	view.People, err = people(v, "")
	return err
}

func (view *treatmentView) aims(v *register.View) error {
	aims, err := risk.Aims(v, view.Entry.Fields)
	if err != nil {
		return err
	}
	view.MostLikelihood, view.MostConsequence = 4, 4
	for _, a := range aims {
		row := aimView{Key: a.Risk.Key, Title: a.Risk.Title(), Owner: person(v, a.Risk.Fields.Owner), NotJudged: a.Yardstick == nil}
		if y := a.Yardstick; y != nil {
			c := y.Criteria
			row.Now, row.Judged, row.After, row.Acceptable = levelOf(c, risk.Whole(a.Risk.Fields.CurrentLevel)), levelOf(c, a.Judged), levelOf(c, a.Level), levelOf(c, a.Acceptable)
			row.Likelihood, row.Consequence, row.Within = y.LikelihoodName(a.Likelihood), y.ConsequenceName(a.Consequence), a.Level <= a.Acceptable
			view.MostLikelihood, view.MostConsequence = max(view.MostLikelihood, len(c.Likelihoods)-1), max(view.MostConsequence, len(c.Consequences)-1)
		}
		view.Aims = append(view.Aims, row)
	}
	if v.Moment() != 0 || !v.MayCreate(risk.Evaluations.Definition) {
		return nil
	}
	left, err := risk.Residuals(v, view.Entry)
	view.ToJudge = len(left)
	return err
}

// compare lists what Annex A and own controls suggest, and what was left out.
func (view *treatmentView) compare(v *register.View) error {
	f := view.Entry.Fields
	view.Modifies = has(f.Options, "modify")
	if f.ComparedOn != "" {
		view.Compared, view.By = page.Day(f.ComparedOn), person(v, f.ComparedBy)
	}
	if !view.Modifies {
		return nil
	}
	list, err := risk.Comparison(v, f)
	if err != nil {
		return err
	}
	open := map[string]bool{}
	for _, p := range list {
		row := proposalView{Reference: p.Control, ID: framework.IDOf(p.Control), Title: v.TitleOf("control", p.Control), Risks: p.Risks, LeftOut: p.LeftOut}
		row.Path = "/controls/" + url.PathEscape(row.ID)
		for _, why := range p.Why {
			row.Why = append(row.Why, ground(v, why))
		}
		open[row.ID] = true
		if p.LeftOut == "" {
			view.Proposals = append(view.Proposals, row)
		} else {
			view.LeftOut = append(view.LeftOut, row)
		}
	}
	for id, reason := range risk.LeftOut(f.LeftOut) {
		if !open[id] {
			reference := framework.ReferenceOf(id)
			view.LeftOut = append(view.LeftOut, proposalView{Reference: reference, ID: id, Title: v.TitleOf("control", reference), Path: "/controls/" + url.PathEscape(id), LeftOut: reason})
		}
	}
	slices.SortFunc(view.LeftOut, func(a, b proposalView) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

// ground names what a control is proposed for.
func ground(v *register.View, g risk.Ground) string {
	kind, _, content := strings.Cut(g.Reference, "/")
	if !content {
		kind = map[string]string{"SCN": "risk_scenario", "VUL": "vulnerability"}[strings.SplitN(g.Reference, "-", 2)[0]]
	}
	title := v.TitleOf(kind, g.Reference)
	if g.Says == "" {
		return title
	}
	return title + ": " + g.Says
}

func (view *treatmentView) signatures(v *register.View) error {
	f := view.Entry.Fields
	when := map[string]register.Of[register.SignOff]{}
	signed, err := register.SignOffs.All(v, register.Filter{Field: "subject", Op: register.Is, Values: []string{view.Entry.Key}})
	if err != nil {
		return err
	}
	for _, s := range signed {
		if s.Fields.Decision == string(register.Approve) {
			when[s.Fields.Person] = s
		}
	}
	for _, key := range f.RiskOwners {
		row := signatureView{Key: key, Name: person(v, key), Signed: has(f.SignedBy, key), Me: key == v.Actor().Person}
		if s, ok := when[key]; ok && row.Signed {
			row.When, row.Path = page.Moment(v.Context(), s.At), page.Path(s.Entry)
		}
		view.Signatures = append(view.Signatures, row)
	}
	return nil
}

func (view *treatmentView) tasks(v *register.View) error {
	titles := map[string]bool{}
	for _, key := range view.Entry.Fields.Tasks {
		e, err := v.Lookup("task", key)
		if sextant.CodeOf(err) == sextant.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		row := taskView{Key: key, Title: e.Title(), Who: person(v, e.Owner()), Due: page.Until(v.Context(), e.Due(), v.Now()), Date: e.Due(), State: page.StateLabel(e.Register, e.State), Done: e.State == "done" || e.State == "verified"}
		row.Late = !row.Done && page.Overdue(e.Due(), v.Now())
		if row.Done {
			row.Due = page.Day(e.Due())
			view.Done++
		}
		titles[row.Title] = true
		view.Tasks = append(view.Tasks, row)
	}
	for _, m := range view.Entry.Fields.Measures {
		if !titles[m.Title] {
			view.ToMake++
		}
	}
	return nil
}

// to leads back to the page of a treatment.
func (s *section) toTreatment(w http.ResponseWriter, r *http.Request, actor access.Actor, typed []risk.Measure, err error, part string) error {
	if err != nil {
		return s.drawTreatment(w, r, actor, typed, err)
	}
	http.Redirect(w, r, treatmentPath+"/"+r.PathValue("treatment")+part, http.StatusSeeOther)
	return nil
}

func (s *section) moveTreatment(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.toTreatment(w, r, actor, nil, s.step(r, actor, risk.Treatments.Definition, r.PathValue("treatment")), "")
}

// saveMeasures takes the rows as they were typed: without a title a row is gone.
func (s *section) saveMeasures(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	typed, err := typedMeasures(r.PostForm)
	if err == nil {
		err = s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
			_, err := tx.Edit(risk.Treatments.Name, r.PathValue("treatment"), version(r), map[string]any{"measures": measureRows(typed)}, register.Note{})
			return err
		})
	}
	return s.toTreatment(w, r, actor, typed, err, "#measures")
}

func typedMeasures(form url.Values) (list []risk.Measure, err error) {
	list = []risk.Measure{}
	for i, title := range form["title"] {
		m := risk.Measure{Title: strings.TrimSpace(title), Control: nth(form, "control", i), Owner: nth(form, "owner", i), DueOn: nth(form, "due_on", i), Cost: strings.TrimSpace(nth(form, "cost", i))}
		m.LowersLikelihood, m.LowersConsequence = declared(nth(form, "lowers_likelihood", i)), declared(nth(form, "lowers_consequence", i))
		if m.Title == "" && m.Control == "" {
			continue
		}
		if m.Title == "" {
			c, _ := framework.ControlByID(m.Control)
			m.Title = c.Title
		}
		if m.Title == "" {
			err = sextant.Errorf(sextant.Invalid, "row %d: say what is done", len(list)+1).At("measures")
		}
		list = append(list, m)
	}
	return list, err
}

// declared reads steps: none said is not the same as no step.
func declared(text string) *float64 {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil
	}
	f := float64(n)
	return &f
}

// measureRows gives measures as the register takes them.
func measureRows(list []risk.Measure) []any {
	rows := make([]any, len(list))
	for i, m := range list {
		row := map[string]any{"title": m.Title}
		for key, text := range map[string]string{"control": m.Control, "owner": m.Owner, "due_on": m.DueOn, "cost": m.Cost} {
			if text != "" {
				row[key] = text
			}
		}
		if m.LowersLikelihood != nil {
			row["lowers_likelihood"] = *m.LowersLikelihood
		}
		if m.LowersConsequence != nil {
			row["lowers_consequence"] = *m.LowersConsequence
		}
		rows[i] = row
	}
	return rows
}

// decide takes the comparison with Annex A as it stands in the form: what is
// ticked goes into the plan, what has a reason is left out, and so is the rest
// where one reason is given for it. 'compared' says that it is complete, 'undo'
// takes one back that was left out.
func (s *section) decide(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		t, err := readTreatment(&tx.View, r.PathValue("treatment"))
		if err != nil {
			return err
		}
		values, err := compared(tx, t.Fields, r.PostForm)
		if err != nil {
			return err
		}
		e, err := tx.Edit(risk.Treatments.Name, t.Key, version(r), values, register.Note{Why: "comparison with Annex A"})
		if err == nil && r.PostFormValue("do") == "compared" {
			_, err = tx.Transition(risk.Treatments.Name, t.Key, e.Version, "compare", nil, register.Note{})
		}
		return err
	})
	return s.toTreatment(w, r, actor, nil, err, "#compare")
}

// compared gives what the form decides about the controls that are proposed.
func compared(tx *register.Tx, f risk.Treatment, form url.Values) (map[string]any, error) {
	if form.Get("do") == "undo" {
		return map[string]any{"left_out": risk.WithLeftOut(f.LeftOut, framework.IDOf(form.Get("control")), "", "")}, nil
	}
	open, err := risk.Comparison(tx, f)
	if err != nil {
		return nil, err
	}
	leftOut, measures := f.LeftOut, f.Measures
	for _, p := range open {
		id, title := framework.IDOf(p.Control), tx.TitleOf("control", p.Control)
		title = strings.TrimSpace(strings.TrimPrefix(title, id))
		reason := strings.TrimSpace(cmp.Or(form.Get("reason."+p.Control), form.Get("rest")))
		switch {
		case has(form["add"], p.Control):
			measures = append(measures, risk.Measure{Title: title, Control: p.Control, Owner: f.Owner})
			leftOut = risk.WithLeftOut(leftOut, id, "", "")
		case p.LeftOut == "" && reason != "":
			leftOut = risk.WithLeftOut(leftOut, id, title, reason)
		}
	}
	return map[string]any{"measures": measureRows(measures), "left_out": leftOut}, nil
}

// judgeResidual records what the plan is expected to leave.
func (s *section) judgeResidual(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		_, err := risk.JudgeResidual(tx, r.PathValue("treatment"))
		return err
	})
	return s.toTreatment(w, r, actor, nil, err, "#aim")
}

// makeTasks makes the measures work.
func (s *section) makeTasks(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("treatment")
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		t, err := readTreatment(&tx.View, key)
		if err != nil {
			return err
		}
		if !risk.MayCarryOut(&tx.View, t) {
			return sextant.Errorf(sextant.Denied, "the measures cannot be made tasks by you, or not yet").WithHint("the owner or the ISMS manager makes them, once every risk owner signed")
		}
		_, err = risk.TasksOf(tx, key)
		return err
	})
	return s.toTreatment(w, r, actor, nil, err, "#tasks")
}
