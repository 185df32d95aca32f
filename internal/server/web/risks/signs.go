// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks/promised"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
	"sextant/task"
)

// signs are the signatures under a residual risk, and what can be done about
// them.
type signs struct {
	Asked     *askedView
	Ended     []signRow // and those in force, the newest first
	MayAsk    bool
	IsOwner   bool   // the one who reads is who signs
	Level     chip   // what would be accepted
	Judged    string // by which judgement
	Authority string // why the owner may not accept that level, "" where they may
	Missing   string // why nothing can be accepted yet
	Until     string // offered
	Latest    string // accepted for no longer
	LatestDay string // the same in words
	Rest      []restChoice
}

// restChoice is something an acceptance can be given on: Field says whether a
// control works or a task is done.
type restChoice struct {
	choice
	Field   string
	Checked bool
}

// askedView is an acceptance that waits for a signature.
type askedView struct {
	Key, Version, Who, By, When, Exact string
	Reason, Conditions, Until          string
	Level                              chip
	Promised                           []promised.Row
	MayAccept, MayRefuse               bool
}

// signRow is an acceptance that was decided.
type signRow struct {
	Key, Version, Path, State, Label string
	Level                            chip
	Who, On, Exact, Until            string
	Conditions, Ended                string
	Before                           string // how high it stood when it was signed for a plan that is not done yet
	Promised                         []promised.Row
	MayRevoke                        bool
}

func (view *oneView) fillSigns(v *register.View, p page.Page) error {
	ctx, owner := v.Context(), view.Row.Fields.Owner
	view.Signs.IsOwner = owner != "" && owner == v.Actor().Person
	for _, a := range view.Acceptances {
		rest, err := promised.Of(v, p, a)
		if err != nil {
			return err
		}
		if a.State == risk.Requested {
			asked := view.asked(v, p, a)
			asked.Promised = rest
			view.Signs.Asked = &asked
			continue
		}
		row := view.signRow(v, p, a)
		row.Promised = rest
		view.Signs.Ended = append(view.Signs.Ended, row)
	}
	if !isOpen(view.Row) {
		return nil
	}
	e, ok := view.Newest[risk.Residual]
	if !ok {
		e, ok = view.Newest[risk.Current]
	}
	switch {
	case owner == "":
		view.Signs.Missing = message.T(ctx, "risk.sign.noowner")
	case !ok || e.Fields.Level == nil:
		view.Signs.Missing = message.T(ctx, "risk.sign.nolevel")
	case e.Fields.Criteria != view.Story.Criteria:
		view.Signs.Missing = message.T(ctx, "risk.sign.earlier")
	case risk.Outrun(view.Row.Fields, e.Fields):
		view.Signs.Missing = message.T(ctx, "risk.sign.outrun", risk.SpanName(view.InForce, view.Span.Best, view.Span.Worst), e.Fields.LevelName)
	default:
		return view.offer(v, p, e)
	}
	return nil
}

// offer says what can be accepted now, and for how long.
func (view *oneView) offer(v *register.View, p page.Page, e register.Of[risk.Evaluation]) error {
	level := risk.Whole(e.Fields.Level)
	view.Signs.Level = chipOf(view.InForce, level)
	stage, _ := risk.Evaluations.Definition.Field("stage")
	view.Signs.Judged = message.T(v.Context(), "risk.sign.judged", page.Within(message.Mark(v.Context(), stage.ValueLabel(e.Fields.Stage))), page.Day(e.Fields.EvaluatedOn))
	last, now := register.AddPeriod(v.Now().Time(), view.InForce.Criteria.Levels[level-1].AcceptedFor), v.Now().Time()
	view.Signs.Latest, view.Signs.LatestDay = last.Format(time.DateOnly), page.Day(last.Format(time.DateOnly))
	view.Signs.Until = min(view.Signs.Latest, register.AddPeriod(now, "P12M").Format(time.DateOnly))
	view.Signs.MayAsk = v.MayCreate(risk.Acceptances.Definition) && !p.Past() && view.Signs.Asked == nil
	top, err := organisation.TopManagement(v)
	if err != nil {
		return err
	}
	if refusal, ok := errors.AsType[*sextant.Error](view.InForce.MayAccept(view.Row.Fields.Owner, level, top)); ok {
		view.Signs.Authority = refusal.Message + ". " + refusal.Hint + "."
	}
	return view.fillRest(v)
}

// fillRest offers the controls that treat the risk and what is open to be done
// about it or its treatments.
func (view *oneView) fillRest(v *register.View) error {
	add := func(field, key, name string) {
		view.Signs.Rest = append(view.Signs.Rest, restChoice{choice{key, name}, field, slices.Contains(view.Typed[field], key)})
	}
	for _, c := range view.Controls {
		add("holds_while", c.Reference, message.T(v.Context(), "risk.sign.rest.works", v.TitleOf("control", c.Reference)))
	}
	about := []string{view.Key}
	for _, t := range view.Treatments {
		about = append(about, t.Key)
	}
	open, err := task.Tasks.All(v, register.Filter{Field: "subject", Op: register.Is, Values: about}, register.Filter{Field: "state", Op: register.Is, Values: []string{"open", "in_progress"}})
	for _, t := range open {
		add("provided", t.Key, message.T(v.Context(), "risk.sign.rest.done", t.Title(), page.Day(t.Fields.DueOn)))
	}
	return err
}

func (view *oneView) asked(v *register.View, p page.Page, a register.Of[risk.Acceptance]) askedView {
	x := askedView{Key: a.Key, Version: strconv.Itoa(a.Version), Who: v.TitleOf("person", a.Fields.AcceptedBy), By: page.Who(v, a.Actor), When: page.Age(v.Context(), a.At, v.Now()), Exact: page.Exact(v.Context(), a.At),
		Reason: a.Fields.Reason, Conditions: a.Fields.Conditions, Until: page.Day(a.Fields.ValidUntil), Level: chipOf(view.InForce, risk.Whole(a.Fields.Level))}
	if a.Fields.RequestedBy != "" {
		x.By = v.TitleOf("person", a.Fields.RequestedBy)
	}
	if !p.Past() {
		x.MayAccept, x.MayRefuse = may(v, a.Entry, "accept"), may(v, a.Entry, "refuse")
	}
	return x
}

func (view *oneView) signRow(v *register.View, p page.Page, a register.Of[risk.Acceptance]) signRow {
	x := signRow{Key: a.Key, Version: strconv.Itoa(a.Version), Path: page.Path(a.Entry), State: a.State, Label: page.StateLabel(a.Register, a.State), Level: chip{Name: a.Fields.LevelName},
		Who: v.TitleOf("person", a.Fields.AcceptedBy), Until: page.Day(a.Fields.ValidUntil), Conditions: a.Fields.Conditions, Ended: a.Fields.EndedBy, MayRevoke: !p.Past() && may(v, a.Entry, "revoke")}
	for _, e := range view.Judged {
		if e.Key == a.Fields.Evaluation {
			x.Level = chipOf(view.Editions[e.Fields.Criteria], risk.Whole(a.Fields.Level))
		}
	}
	if then := risk.Whole(a.Fields.LiveThen); a.State == risk.Accepted && a.Fields.ReachedOn == "" && then > risk.Whole(a.Fields.Level) {
		x.Before = message.T(v.Context(), "risk.sign.before", chipOf(view.InForce, then).Name)
	}
	x.On, x.Exact = page.DayOf(v.Context(), a.At), page.Exact(v.Context(), a.At)
	if at := a.Fields.AcceptedAt; len(at) >= 10 {
		x.On, x.Exact = page.Day(at[:10]), at
	}
	return x
}

// may says whether the one who reads may make a move. Its guards are asked when
// it is made.
func may(v *register.View, e register.Entry, name string) bool {
	for _, m := range v.Possible(e) {
		if m.Name == name {
			return m.Refusal == nil
		}
	}
	return false
}

// sign asks the owner of a risk to accept it, or is the owner's acceptance at
// once (do=accept), with the proof of identity a signature asks for.
func (s *section) sign(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("risk")
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	at := r.PostFormValue("do") == "accept"
	if at {
		var err error
		if actor, err = s.ProveAgain(r); err != nil {
			return s.drawOne(w, r, actor, key, err)
		}
	}
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		e, err := tx.Create(risk.Acceptances.Name, map[string]any{"risk": key, "reason": r.PostFormValue("reason"), "conditions": r.PostFormValue("conditions"), "valid_until": r.PostFormValue("valid_until"),
			"holds_while": named(r.PostForm["holds_while"]), "provided": named(r.PostForm["provided"])}, register.Note{})
		if err == nil && at {
			_, err = tx.Transition(risk.Acceptances.Name, e.Key, e.Version, "accept", nil, register.Note{Why: r.PostFormValue("reason")})
		}
		return err
	})
	if err != nil {
		return s.drawOne(w, r, actor, key, err)
	}
	http.Redirect(w, r, path+"/"+key+"#signatures", http.StatusSeeOther)
	return nil
}

// named gives what was picked, once each; nil where nothing was.
func named(values []string) (list []any) {
	for _, value := range values {
		if value != "" && !slices.Contains(list, any(value)) {
			list = append(list, value)
		}
	}
	return list
}

// decide accepts or refuses what was asked for, or revokes what is in force.
func (s *section) decide(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var of register.Of[risk.Acceptance]
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) (err error) {
		of, err = risk.Acceptances.Get(v, r.PathValue("acceptance"))
		return err
	}); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	key, do := of.Fields.Risk, r.PostFormValue("do")
	err := s.decided(r, &actor, of, do)
	if err != nil {
		return s.drawOne(w, r, actor, key, err)
	}
	http.Redirect(w, r, path+"/"+key+"#signatures", http.StatusSeeOther)
	return nil
}

func (s *section) decided(r *http.Request, actor *access.Actor, of register.Of[risk.Acceptance], do string) (err error) {
	if do != "accept" && do != "refuse" && do != "revoke" {
		return sextant.Errorf(sextant.Invalid, "say whether to accept, refuse or revoke")
	}
	if do != "revoke" {
		if *actor, err = s.ProveAgain(r); err != nil {
			return err
		}
	}
	version, _ := strconv.Atoi(r.PostFormValue("version"))
	return s.Kernel.Write(r.Context(), *actor, func(tx *register.Tx) error {
		_, err := tx.Transition(risk.Acceptances.Name, of.Key, version, do, nil, register.Note{Why: r.PostFormValue("decision")})
		return err
	})
}
