// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/soa"
)

const (
	takePath = path + "/reasons/take"
	undoPath = path + "/reasons/undo"
)

// reasonRoutes are the requests that take or decline what the records speak for.
func (s *section) reasonRoutes() map[string]page.Serve {
	if !s.Has(soa.DeclinedReasons.Name) {
		return nil
	}
	return map[string]page.Serve{
		"POST " + takePath:                          s.takeShown,
		"POST " + undoPath:                          s.undoTaken,
		"POST " + path + "/{system}/{id}/proposals": s.settle,
	}
}

// groundView is one thing that speaks for a reason, with the page it is found on.
type groundView struct{ Why, Key, Path string }

// reasonView is a proposed reason as a page shows it.
type reasonView struct {
	Reason, Label string
	Adds          bool // the row gives the reason already, and lacks what it rests on
	Grounds       []groundView
}

// proposedView is what is proposed for one row.
type proposedView struct {
	Action, Back   string
	Open, Declined []reasonView
}

// proposed asks for what is proposed now; nothing in the past, where nobody can
// take it.
func (s *section) proposed(v *register.View, m evidence.Reader, system string) (soa.Proposed, error) {
	if v.Moment() != 0 || len(s.proposers) == 0 {
		return soa.Proposed{}, nil
	}
	return soa.Propose(v, m, system, s.proposers)
}

func rowProposals(v *register.View, p page.Page, row soa.Row, system, id string, all soa.Proposed) proposedView {
	view := proposedView{Action: path + "/" + system + "/" + id + "/proposals", Back: p.With("done", "", "n", "", "refused", "")}
	for _, one := range all.Of(id) {
		shown := reasonViewOf(v, p, one)
		shown.Adds = slices.Contains(row.Reasons, one.Reason)
		view.Open = append(view.Open, shown)
	}
	for _, one := range all.DeclinedOf(id) {
		view.Declined = append(view.Declined, reasonViewOf(v, p, one))
	}
	return view
}

func reasonViewOf(v *register.View, p page.Page, one soa.Proposal) reasonView {
	view := reasonView{Reason: one.Reason, Label: soa.ProposalLabel(one.Reason)}
	for _, g := range one.Grounds {
		shown := groundView{Why: g.Why, Key: g.Entry}
		if def, ok := v.Set().OfKey(g.Entry); ok {
			shown.Path = p.Link("/" + def.Plural + "/" + g.Entry)
		} else {
			shown.Path = p.Link("/controls/" + one.Control.ID)
		}
		view.Grounds = append(view.Grounds, shown)
	}
	return view
}

// proposedField filters by what is proposed.
func proposedField(ctx context.Context, all soa.Proposed) field {
	by := map[string][]string{}
	for _, p := range all.Open {
		by[p.Control.ID] = append(by[p.Control.ID], p.Reason)
	}
	return field{Key: "proposed", Label: message.T(ctx, "reasons.proposed"), Few: true, Every: true, Rank: append(reasonNames(), soa.Exclusion),
		Word: func(s string) string { return message.Mark(ctx, soa.ProposalLabel(s)) }, Of: func(l soa.Line) []string { return by[l.Control.ID] }}
}

// takeable are the open proposals for some rows that are taken in one go: what
// would leave a control out is taken one by one.
func takeable(all soa.Proposed, lines []soa.Line) []soa.Proposal {
	shown := map[string]bool{}
	for _, l := range lines {
		shown[l.Control.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(all.Open), func(p soa.Proposal) bool { return p.Excludes() || !shown[p.Control.ID] })
}

// takeShown takes what is proposed for the rows an address shows, as one change.
func (s *section) takeShown(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	back, err := url.Parse(page.Local(r.PostFormValue("back")))
	if err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	system := r.PostFormValue("system")
	p := s.Page(r, actor, "")
	p.Path, p.Query = path, back.Query()
	var report register.Report
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		v := &tx.View
		m, err := evidence.On(v)
		if err != nil {
			return err
		}
		lines, all, err := s.shown(v, m, p, system)
		if err != nil {
			return err
		}
		report, err = soa.Take(tx, system, takeable(all, lines), register.Note{Why: "taken from what was proposed"})
		return err
	}); err != nil {
		return err
	}
	q := url.Values{"system": {system}, "done": {report.Batch}, "n": {strconv.Itoa(report.Counts[register.Updated])}, "refused": {strconv.Itoa(report.Counts[register.Refused])}}
	http.Redirect(w, r, grid.Address(path, q), http.StatusSeeOther)
	return nil
}

// shown gives the rows an address asks for, and all that is proposed.
func (s *section) shown(v *register.View, m evidence.Reader, p page.Page, system string) ([]soa.Line, soa.Proposed, error) {
	lines, err := soa.Statement(v, m, system)
	if err != nil {
		return nil, soa.Proposed{}, err
	}
	raised, err := raisedBy(v, m, system)
	if err != nil {
		return nil, soa.Proposed{}, err
	}
	all, err := s.proposed(v, m, system)
	if err != nil {
		return nil, all, err
	}
	lines, err = sheet(v, p, system, lines, raised, all).Chosen(p, lines)
	return lines, all, err
}

// undoTaken takes back what was just taken.
func (s *section) undoTaken(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		report, err := tx.UndoBatch(r.PostFormValue("batch"), register.Note{})
		for _, o := range report.Outcomes {
			if o.Refusal != nil && err == nil {
				err = o.Refusal // all of it is taken back, or nothing
			}
		}
		return err
	}); err != nil {
		return err
	}
	http.Redirect(w, r, grid.Address(path, url.Values{"system": {r.PostFormValue("system")}}), http.StatusSeeOther)
	return nil
}

// settle takes, declines or brings back what is proposed for one row.
func (s *section) settle(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	system, id, reason := r.PathValue("system"), r.PathValue("id"), r.PostFormValue("reason")
	note := register.Note{Why: r.PostFormValue("why")}
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		if r.PostFormValue("do") == "reconsider" {
			return soa.Reconsider(tx, system, id, reason, note)
		}
		return s.settleIn(tx, system, id, reason, r.PostFormValue("do"), note)
	}); err != nil {
		return err
	}
	http.Redirect(w, r, page.Local(r.PostFormValue("back"))+"#row-"+id, http.StatusSeeOther)
	return nil
}

func (s *section) settleIn(tx *register.Tx, system, id, reason, do string, note register.Note) error {
	m, err := evidence.On(&tx.View)
	if err != nil {
		return err
	}
	if _, err := soa.RowOf(&tx.View, system, id); err != nil {
		return err
	}
	all, err := s.proposed(&tx.View, m, system)
	if err != nil {
		return err
	}
	p, err := all.FindProposal(id, reason)
	if err != nil {
		return err
	}
	switch do {
	case "take":
		return soa.TakeOne(tx, system, p, note)
	case "decline":
		return soa.Decline(tx, system, p, note)
	}
	return sextant.Errorf(sextant.Invalid, "take it, decline it or bring it back")
}

// takenView says what was just taken, with the way back.
type takenView struct{ Batch, Text, Refused string }

func takenOf(ctx context.Context, q url.Values) *takenView {
	n, err := strconv.Atoi(q.Get("n"))
	if q.Get("done") == "" || err != nil {
		return nil
	}
	view := &takenView{Batch: q.Get("done"), Text: message.N(ctx, "reasons.taken", n)}
	if refused, _ := strconv.Atoi(q.Get("refused")); refused > 0 {
		view.Refused = message.N(ctx, "reasons.refused", refused)
	}
	return view
}
