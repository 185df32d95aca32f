// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/framework"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/migration"
	"sextant/register"
	"sextant/soa"
)

const proposalsPath = path + "/proposals"

// proposalsView is what an old statement proposes, and how far it is decided.
type proposalsView struct {
	grid.Drawn[migration.Line]
	Systems           []systemView
	System            string
	All, Done, Ready  int
	Conflicts         int
	MayDecide         bool
	Batch, Confirming string // what was just written, to undo it
	Count             int
}

func (s *section) proposals(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "proposals.title"))
	var view proposalsView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = proposalsOf(p, v)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, proposalsPage(p, view))
	return nil
}

func proposalsOf(p page.Page, v *register.View) (view proposalsView, err error) {
	var chosen listView
	if err := chosen.choose(p, v); err != nil {
		return view, err
	}
	view.System, view.Systems = chosen.System, chosen.Systems
	for i := range view.Systems {
		view.Systems[i].Path = p.Link(proposalsPath + "?system=" + view.Systems[i].Key)
	}
	view.MayDecide = v.MayCreate(migration.Proposals.Definition) && !p.Past()
	view.Batch, view.Confirming = p.Query.Get("done"), p.Query.Get("confirmed")
	view.Count, _ = strconv.Atoi(p.Query.Get("n"))
	if view.System == "" {
		return view, nil
	}
	lines, err := migration.All(v, view.System)
	if err != nil {
		return view, err
	}
	view.All = len(lines)
	for _, l := range lines {
		if l.Fields.Decision != migration.Open {
			view.Done++
		}
		if l.Ready() {
			view.Ready++
		}
		if l.Fields.Decision == migration.Open && (l.Fields.Conflicting() || l.Differs) {
			view.Conflicts++
		}
	}
	view.Drawn, err = proposalsSheet(v, p, view).Draw(v.Context(), p, lines)
	return view, err
}

type proposalField = grid.Field[migration.Line]

func proposalsSheet(v *register.View, p page.Page, view proposalsView) grid.Sheet[migration.Line] {
	ctx := v.Context()
	line := func(draw func(migration.Line) templ.Component) func(migration.Line, grid.Row) templ.Component {
		return func(l migration.Line, _ grid.Row) templ.Component { return draw(l) }
	}
	return grid.Sheet[migration.Line]{
		Caption: message.T(ctx, "proposals.caption"),
		Views: []grid.Tab{{Label: message.T(ctx, "list.all")}, {Label: message.T(ctx, "proposals.tab.open"), Filter: []string{"decision=open"}}, {Label: message.T(ctx, "proposals.tab.ready"), Filter: []string{"needs=ready"}},
			{Label: message.T(ctx, "proposals.tab.conflicts"), Filter: []string{"needs=applicability,implementation,planned_on,missing,differs"}}, {Label: message.T(ctx, "proposals.tab.new"), Filter: []string{"change=new"}},
			{Label: message.T(ctx, "proposals.tab.done"), Filter: []string{"decision=confirmed,changed,declined"}}},
		Row: func(l migration.Line) grid.Row {
			return grid.Row{Key: l.Fields.ID(), Title: titleOf(l), Path: p.Link(proposalsPath + "/" + l.Key), Narrow: decisionLabel(ctx, l.Fields.Decision)}
		},
		Fields: []proposalField{
			{Key: "id", Label: message.T(ctx, "controls.control"), Class: "id num fit", Rank: annexIDs(), Of: func(l migration.Line) []string { return []string{l.Fields.ID()} }, Cell: line(func(l migration.Line) templ.Component { return grid.Data(l.Fields.ID()) })},
			{Key: "title", Label: message.T(ctx, "controls.name"), Class: "main-cell", Of: func(l migration.Line) []string { return []string{titleOf(l)} }, Cell: func(_ migration.Line, row grid.Row) templ.Component { return grid.Link(row) }},
			{Key: "change", Label: message.T(ctx, "proposals.change"), Class: "p4 fit t2", Few: true, Every: true, Rank: []string{"one_to_one", "merged", "new"}, Word: func(s string) string { return message.T(ctx, "proposals.change."+s) },
				Of: func(l migration.Line) []string { return []string{l.Fields.Change} }, Cell: line(func(l migration.Line) templ.Component {
					return grid.Data(message.T(ctx, "proposals.change."+l.Fields.Change))
				})},
			{Key: "was", Label: message.T(ctx, "proposals.was"), Class: "p3 fit", Of: predecessorsOf, Cell: line(wasCell)},
			{Key: "applicability", Label: message.T(ctx, "proposals.now"), Class: "p2 fit", Few: true, Every: true, Rank: []string{"undecided", "applicable", "not_applicable"}, Word: decisionWord(ctx),
				Of: func(l migration.Line) []string { return []string{l.Fields.Applicability} }, Cell: line(proposedCell)},
			{Key: "needs", Label: message.T(ctx, "proposals.needs"), Class: "p2 fit", Few: true, Rank: needs, Word: func(s string) string { return message.T(ctx, "proposals.need."+s) }, Of: needsOf, Cell: line(needsCell)},
			{Key: "decision", Label: message.T(ctx, "proposals.decision"), Class: "fit", Few: true, Every: true, Rank: []string{migration.Open, migration.Confirmed, migration.Changed, migration.Declined}, Word: func(s string) string { return decisionLabel(ctx, s) },
				Of: func(l migration.Line) []string { return []string{l.Fields.Decision} }, Cell: line(func(l migration.Line) templ.Component { return decisionCell(l, view.MayDecide, p.With()) })},
		},
	}
}

// needs are what stands between a proposal and its confirmation.
var needs = []string{"ready", migration.OfApplicability, migration.OfImplementation, migration.OfDates, migration.Missing, "differs", "stands", "undecided", "reasons", "justification", "owner", "date"}

func needsOf(l migration.Line) (names []string) {
	if l.Fields.Decision != migration.Open {
		return nil
	}
	if l.Ready() {
		return []string{"ready"}
	}
	names = slices.Clone(l.Fields.Conflicts)
	if l.Differs {
		names = append(names, "differs")
	}
	for _, lack := range l.Fields.Lacks() {
		switch lack {
		case "applicability":
			if len(l.Fields.Conflicts) > 0 {
				continue // the conflict says it
			}
			if lack = "undecided"; l.Decided {
				lack = "stands"
			}
		case "planned_on":
			lack = "date"
		}
		names = append(names, lack)
	}
	return names
}

// annexIDs are the ids of Annex A in its order.
func annexIDs() (ids []string) {
	for _, c := range framework.Controls() {
		ids = append(ids, c.ID)
	}
	return ids
}

func titleOf(l migration.Line) string {
	c, _ := framework.ControlByID(l.Fields.Control)
	return c.Title
}

func predecessorsOf(l migration.Line) []string {
	before, _ := framework.Predecessors(l.Fields.ID())
	return before.IDs
}

func decisionLabel(ctx context.Context, decision string) string {
	return message.T(ctx, "proposals.decision."+decision)
}

// confirmReady confirms all that is in no conflict.
func (s *section) confirmReady(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	report, err := migration.ConfirmReady(r.Context(), s.Kernel, actor, r.PostFormValue("system"))
	if err != nil {
		return err
	}
	q := url.Values{"system": {r.PostFormValue("system")}, "confirmed": {report.Batch}, "n": {strconv.Itoa(report.Counts[register.Updated])}}
	http.Redirect(w, r, proposalsPath+"?"+q.Encode(), http.StatusSeeOther)
	return nil
}

// undoProposals takes back what was just made or confirmed.
func (s *section) undoProposals(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		report, err := tx.UndoBatch(r.PostFormValue("batch"), register.Note{})
		if err == nil && report.Counts[register.Refused] > 0 {
			for _, o := range report.Outcomes {
				if o.Refusal != nil {
					return o.Refusal
				}
			}
		}
		return err
	}); err != nil {
		return err
	}
	http.Redirect(w, r, proposalsPath+"?"+url.Values{"system": {r.PostFormValue("system")}}.Encode(), http.StatusSeeOther)
	return nil
}

// proposalView is one proposal: what was said beside what is proposed.
type proposalView struct {
	migration.Line
	Control       framework.Control
	Before        []framework.Control2013
	People, Units []choice
	MayDecide     bool
	Problem       page.Problem
	Status        int
	Next          string // key of the next one to decide
	Confirmed     string // who decided, if anybody did
}

func (s *section) proposal(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawProposal(w, r, actor, nil, page.Problem{}, http.StatusOK)
}

func (s *section) drawProposal(w http.ResponseWriter, r *http.Request, actor access.Actor, typed func(*migration.Proposal), problem page.Problem, status int) error {
	p := s.Page(r, actor, "")
	view := proposalView{Problem: problem}
	if err := s.Read(r, actor, func(v *register.View) error { return view.fill(v, r.PathValue("proposal")) }); err != nil {
		return err
	}
	if typed != nil {
		typed(&view.Fields)
	}
	p.Title = view.Control.ID + " " + view.Control.Title
	view.MayDecide = view.MayDecide && !p.Past()
	s.DrawStatus(w, r, status, proposalPage(p, view))
	return nil
}

func (view *proposalView) fill(v *register.View, key string) error {
	found, err := migration.Proposals.Get(v, key)
	if err != nil {
		return err
	}
	lines, err := migration.All(v, found.Fields.ManagementSystem)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(lines, func(l migration.Line) bool { return l.Key == key })
	if at < 0 {
		return sextant.Errorf(sextant.NotFound, "%s is no proposal any more", key)
	}
	view.Line = lines[at]
	for _, l := range append(slices.Clone(lines[at+1:]), lines[:at]...) {
		if l.Fields.Decision == migration.Open && view.Next == "" {
			view.Next = l.Key
		}
	}
	view.Control, _ = framework.ControlByID(view.Fields.Control)
	for _, id := range predecessorsOf(view.Line) {
		c, _ := framework.Control2013ByID(id)
		view.Before = append(view.Before, c)
	}
	view.MayDecide = v.MayEdit(view.Entry)
	var choices importView
	err = choices.fill(v)
	view.People, view.Units = choices.People, choices.Units
	return err
}

// decideProposal confirms, declines or opens a proposal again.
func (s *section) decideProposal(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	key := r.PathValue("proposal")
	version, _ := strconv.Atoi(r.PostFormValue("version")) // 0 = on whatever stands
	note := register.Note{Why: r.PostFormValue("reason")}
	change := changed(r)
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		switch r.PostFormValue("do") {
		case "confirm":
			note.Batch = register.NewBatch()
			return migration.Confirm(tx, key, version, note, change)
		case "decline":
			return migration.Decline(tx, key, version, note)
		case "reopen":
			return migration.Reopen(tx, key, note)
		}
		return sextant.Errorf(sextant.Invalid, "confirm, decline or open it again")
	})
	if err != nil {
		problem, ours := page.ProblemOf(err)
		if !ours || sextant.CodeOf(err) == sextant.NotFound || sextant.CodeOf(err) == sextant.Denied {
			return err
		}
		status, _ := page.StatusOf(err)
		return s.drawProposal(w, r, actor, change, problem, status)
	}
	to := proposalsPath + "/" + key
	if r.PostFormValue("back") != "" {
		to = page.Local(r.PostFormValue("back"))
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// changed lays what the form says over a proposal; nil where it has no fields.
func changed(r *http.Request) func(*migration.Proposal) {
	if !r.PostForm.Has("applicability") {
		return nil
	}
	f := r.PostForm
	return func(p *migration.Proposal) {
		p.Applicability, p.Reasons = f.Get("applicability"), f["reasons"]
		p.Justification, p.How = unix(f.Get("justification")), unix(f.Get("how"))
		p.Implementation, p.PlannedOn, p.Owner, p.ScopeUnit = f.Get("implementation"), f.Get("planned_on"), f.Get("owner"), f.Get("scope_unit")
		if p.Applicability == string(soa.NotApplicable) {
			p.Reasons = nil
		}
	}
}

// unix undoes what browsers make of line breaks.
func unix(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

func declarationOf(value string) string {
	if value == "" {
		return ""
	}
	return control.DeclarationLabel(value)
}
