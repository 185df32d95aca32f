// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/frameworks"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks"
	"sextant/monitor/custom"
	"sextant/register"
	"sextant/soa"
	"sextant/task"
)

// controlView is what the page of one control draws.
type controlView struct {
	soa.Known
	Own        ownView
	Guidance   framework.Guidance
	Since      sextant.Instant // since when the evidence is in its state, 0 = not known
	Decisions  []decisionView
	Conclusion *conclusionView
	Units      []unitView
	LineCount  int
	Passing    int
	Blind      []string // what the evidence does not show
	Gap        bool     // an expected source is not heard
	Proofs     []proofView
	MayTask    bool
	Statements []statementForm
	Operated   operatedView
	Attributes []attributeView
	Serves     []frameworks.Served   // other frameworks
	Notes      []framework.CloudNote // where the organisation has a cloud role
	Roles      []framework.Role      // of the organisation
	Checks     []checkView
	Risks      risks.Treated
	Evidenced  []evidenceView
	Exceptions []taskView
	Tasks      []taskView
	Timeline   []eventView
	Owners     []string
	Declare    string // address that declares an implementation, "" where one may not
	Except     string // address that asks for an exception
	Tab        string
	now        sextant.Instant
}

// decisionView is what one management system decided.
type decisionView struct {
	System, Value, Who, When, Exact, Path, Justification string
	Reasons                                              []string
}

type conclusionView struct{ Label, On, By string }

// attributeView is one attribute value with the list of the controls that have it.
type attributeView struct{ Kind, Value, Path string }

// evidenceView is one statement or record.
type evidenceView struct {
	Title, Path, Line, Who, Result, State, Age, Exact, Until string
	Replaced                                                 bool // a newer one speaks to the same line
}

// statementForm begins a statement for one plan line of one unit.
type statementForm struct{ Unit, Shows, Path string }

func (s *section) one(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, r.PathValue("id"))
	var view controlView
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		c, err := named(v, r.PathValue("id"))
		if err != nil {
			return err
		}
		if view, err = controlOf(v, m, p, c); err != nil {
			return err
		}
		if view.Risks, err = risks.TreatedBy(v, p, c.Reference().String()); err != nil {
			return err
		}
		view.Serves, err = frameworks.ServedBy(s.board, v, m, p, c.Reference().String())
		return err
	}); err != nil {
		return err
	}
	p.Title = view.Control.ID + " " + view.Control.Title
	s.Draw(w, r, controlPage(p, view))
	return nil
}

// named finds a row in use by the id in an address.
func named(v *register.View, id string) (framework.Control, error) {
	c, ok, err := control.Find(v, id)
	if err != nil {
		return c, err
	}
	if !ok || strings.Contains(id, "/") {
		return c, sextant.Errorf(sextant.NotFound, "there is no control %q", id).WithHint("controls of Annex A run from A.5.1 to A.8.34")
	}
	if in, err := control.IsInUse(v, c); err != nil || !in {
		return c, cmp.Or(err, error(sextant.Errorf(sextant.NotFound, "%s %s is not in use here", c.ID, c.Title).WithHint("rows of other standards come with an extension of a management system and the roles of the organisation; own controls when they are active")))
	}
	return c, nil
}

func controlOf(v *register.View, m evidence.Reader, p page.Page, c framework.Control) (view controlView, err error) {
	if view.Known, err = soa.One(v, m, c); err != nil {
		return view, err
	}
	view.now = v.Now()
	view.Guidance, _ = framework.GuidanceFor(c.ID)
	own, err := custom.InForce(v)
	if err != nil {
		return view, err
	}
	checks, err := check.InForce(v, own...)
	if err != nil {
		return view, err
	}
	view.Decisions, view.Conclusion, view.Attributes = decisionsOf(v, view.Known), conclusionOf(v, view.Known), attributesOf(view.Known, p)
	for _, key := range view.Known.Owners() {
		view.Owners = append(view.Owners, v.TitleOf("person", key))
	}
	l := layout{v: v, m: m, checks: checks, p: p}
	if view.Units, err = l.units(view.Known); err != nil {
		return view, err
	}
	view.sum()
	for _, fill := range []func(*register.View, evidence.Reader, page.Page) error{view.fillNotes, view.fillProofs, view.fillOperated, view.fillBeside, view.fillTimeline, view.fillOwn} {
		if err := fill(v, m, p); err != nil {
			return view, err
		}
	}
	return view, nil
}

// sum collects over all units what stands once on the page.
func (view *controlView) sum() {
	seen := map[string]bool{}
	for _, u := range view.Units {
		view.LineCount += len(u.Lines)
		view.Passing += u.Passed
		for _, l := range u.Lines {
			for _, text := range l.DoesNotShow {
				if !slices.Contains(view.Blind, text) {
					view.Blind = append(view.Blind, text)
				}
			}
			for _, c := range l.Checks {
				view.Gap = view.Gap || slices.ContainsFunc(c.Causes, func(x causeView) bool { return x.Key == "" })
				if !seen[c.ID] {
					seen[c.ID] = true
					view.Checks = append(view.Checks, c)
				}
			}
		}
	}
}

func decisionsOf(v *register.View, k soa.Known) (list []decisionView) {
	f, _ := soa.Rows.Definition.Field("reasons")
	for _, d := range k.Decisions {
		x := decisionView{System: v.TitleOf("management_system", d.Fields.ManagementSystem), Value: soa.Applicability(d.Fields.Applicability).Label(), Who: page.Who(v, d.Actor), When: page.DayOf(v.Context(), d.At),
			Exact: page.Exact(v.Context(), d.At), Path: page.Path(d.Entry), Justification: d.Fields.Justification()}
		for _, reason := range d.Fields.Reasons {
			x.Reasons = append(x.Reasons, f.ValueLabel(reason))
		}
		list = append(list, x)
	}
	return list
}

func conclusionOf(v *register.View, k soa.Known) *conclusionView {
	c, ok := control.Concluded(k.Implementations)
	if !ok {
		return nil
	}
	f, _ := control.Implementations.Definition.Field("effectiveness")
	view := &conclusionView{Label: f.ValueLabel(c.Value), On: page.Day(c.On)}
	if c.By != "" {
		view.By = v.TitleOf("person", c.By)
	}
	return view
}

func attributesOf(k soa.Known, p page.Page) (list []attributeView) {
	for _, a := range attributeKinds {
		for _, value := range a.of(k.Control) {
			list = append(list, attributeView{a.key, attributeWord(value), p.Link(path + "?" + url.Values{"filter": {a.key + "=" + value}}.Encode())})
		}
	}
	return list
}

// fillProofs lists what is missing, with the tasks that bring it.
func (view *controlView) fillProofs(v *register.View, _ evidence.Reader, p page.Page) error {
	if !view.Counts() {
		return nil
	}
	proofs := control.Proofs(view.Evidence)
	made, err := tasksFor(v, proofs)
	if err != nil {
		return err
	}
	view.MayTask = v.MayCreate(task.Tasks.Definition)
	for _, proof := range proofs {
		x := wording(v.Context(), proof)
		x.Task = made[proof.ID]
		if proof.IsByPeople() && proof.Implementation != "" && v.MayCreate(control.Attestations.Definition) {
			x.State = statementPath(v, proof.Implementation, proof.Line)
		}
		view.Proofs = append(view.Proofs, x)
	}
	return nil
}

// openTasks are the states in which a task still brings something.
var openTasks = register.Filter{Field: "state", Op: register.Is, Values: []string{"open", "in_progress", "done"}}

// tasksFor gives the newest task made for each proof.
func tasksFor(v *register.View, proofs []control.Proof) (map[string]*taskView, error) {
	made := map[string]*taskView{}
	if len(proofs) == 0 {
		return made, nil
	}
	ids := make([]string, len(proofs))
	for i, p := range proofs {
		ids[i] = p.ID
	}
	tasks, err := task.Tasks.All(v, openTasks, register.Filter{Field: "proves", Op: register.Is, Values: ids})
	for _, t := range tasks {
		made[t.Fields.Proves] = taskOf(v, t)
	}
	return made, err
}

func taskOf(v *register.View, t register.Of[task.Task]) *taskView {
	return &taskView{Key: t.Key, Title: t.Title(), Path: page.Path(t.Entry), Who: v.TitleOf("person", t.Fields.Assignee), Due: page.Until(v.Context(), t.Fields.DueOn, v.Now()), Date: t.Fields.DueOn,
		State: page.StateLabel(t.Register, t.State), Late: page.Overdue(t.Fields.DueOn, v.Now()) && t.State != "done"}
}

// statementPath begins a statement for a line, with what the plan asks for.
func statementPath(v *register.View, implementation, line string) string {
	planned, _ := framework.LineByID(line)
	from, to, expires := control.Expected(planned, v.Now())
	form := "statement"
	if planned.Form == framework.Record {
		form = "record"
	}
	q := url.Values{"implementation": {implementation}, "line": {line}, "form": {form}, "period_from": {from}, "period_to": {to}, "expires_on": {expires}, "looked_at": {planned.Shows}, "population": {planned.Evidence}}
	if v.Actor().Person != "" {
		q.Set("attested_by", v.Actor().Person)
	}
	return "/attestations/new?" + q.Encode()
}
