// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/organisation"
	"sextant/register"
)

// Decision is what a risk owner can sign: what is left of a risk, or a treatment
// plan that names risks of theirs (6.1.3 f).
type Decision struct {
	Kind      string // OfResidual or OfPlan
	Key       string // of the risk, or of the treatment
	Title     string
	Risks     []register.Of[Risk]      // of the one who signs
	Asked     *register.Of[Acceptance] // that waits; nil where nobody asked, and of a plan
	Plan      *register.Of[Treatment]  // nil of a residual
	Judgement *register.Of[Evaluation] // that would be accepted; nil of a plan, and where there is none
	Yardstick *Yardstick               // the level is one of; nil where there is none
	Level     int                      // what is signed; of a plan the highest level its risks are to come down to
	Latest    string                   // date; a residual is accepted no longer than that
	Refusal   *sextant.Error           // why they may not sign it; nil = they may
	basis     sextant.Seq              // where what is signed was last written
}

// Decisions gives what a person can sign now as a risk owner, and what they can
// not with the reason: plans that wait for them, and their open risks that are
// not accepted. What was asked of them comes first, then the highest.
func Decisions(v *register.View, person string) ([]Decision, error) {
	w, top, err := authorities(v)
	if err != nil {
		return nil, err
	}
	plans, err := all[Treatment](v, treatmentName, inState(Proposed))
	if err != nil {
		return nil, err
	}
	var list []Decision
	for _, t := range plans {
		if !slices.Contains(t.Fields.RiskOwners, person) || slices.Contains(t.Fields.SignedBy, person) {
			continue
		}
		d, err := w.plan(t, person, top)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	risks, err := all[Risk](v, riskName, isOpen, register.Filter{Field: "owner", Op: register.Is, Values: []string{person}})
	for _, r := range risks {
		if last := w.signed(r.Key); last == nil || last.State != Accepted {
			list = append(list, w.residual(r, person, top))
		}
	}
	slices.SortStableFunc(list, func(a, b Decision) int {
		return cmp.Or(a.rank()-b.rank(), b.Level-a.Level)
	})
	return list, err
}

// authorities reads what decides who may sign for some risks, for all where none
// is named.
func authorities(tx register.Reader, keys ...string) (w *world, top []string, err error) {
	v, err := viewOf(tx)
	if err != nil {
		return nil, nil, err
	}
	if w, err = readWorld(v, keys...); err != nil {
		return nil, nil, err
	}
	top, err = organisation.TopManagement(v)
	return w, top, err
}

// IsAsked says whether somebody waits for it.
func (d Decision) IsAsked() bool { return d.Plan != nil || d.Asked != nil }

func (d Decision) rank() int {
	if d.IsAsked() {
		return 0
	}
	return 1
}

// residual is what the owner of a risk would accept of it: what they were asked
// for, else the newest judgement of the residual risk, else of the current one.
func (w *world) residual(r register.Of[Risk], person string, top []string) Decision {
	d := Decision{Kind: OfResidual, Key: r.Key, Title: r.Title(), Risks: []register.Of[Risk]{r}}
	newest := latest(w.evaluations[r.Key])
	e, ok := newest[Residual]
	if !ok {
		e, ok = newest[Current]
	}
	for i, a := range w.acceptances[r.Key] {
		if a.State == Requested {
			d.Asked, d.basis = &w.acceptances[r.Key][i], a.Seq
			i := slices.IndexFunc(w.evaluations[r.Key], func(e register.Of[Evaluation]) bool { return e.Key == a.Fields.Evaluation })
			if ok = i >= 0; ok {
				e = w.evaluations[r.Key][i]
			}
		}
	}
	if ok {
		d.Judgement, d.basis, d.Level = &e, max(d.basis, e.Seq), Whole(e.Fields.Level)
		d.Yardstick = w.yardsticks[e.Fields.Criteria]
	}
	err := w.mayAccept(r, d.Judgement, person, top)
	if err == nil {
		d.Latest = lastDay(w.v.Now(), d.Yardstick, d.Level)
		if d.Asked != nil {
			err = notForLongerThan(d.Asked.Fields, d.Yardstick, w.v.Now())
		}
	}
	d.Refusal = asRefusal(err)
	return d
}

// mayAccept: by the owner of this moment, with authority for the level, by the
// criteria in force.
func (w *world) mayAccept(of register.Of[Risk], judged *register.Of[Evaluation], person string, top []string) error {
	inForce := w.inForce[of.Fields.ManagementSystem]
	switch {
	case of.Fields.Owner != person:
		return sextant.Errorf(sextant.Denied, "the risk owner signs, nobody for them")
	case inForce == "":
		return notInForce()
	case judged != nil && (judged.Fields.Criteria != inForce || judged.State != Recorded):
		return sextant.Errorf(sextant.Conflict, "%s was judged by criteria that are no longer in force, or was voided", of.Key).WithHint("evaluate the risk again, then ask for the signature")
	case of.Fields.CurrentLevel != nil && of.Fields.Criteria != inForce:
		return sextant.Errorf(sextant.Conflict, "where %s stands now was judged by criteria that are no longer in force", of.Key).WithHint("evaluate the current risk again, then sign what is left of it")
	case judged == nil || judged.Fields.Level == nil:
		return unlevelled(of.Key)
	}
	y := w.yardsticks[inForce]
	if Outrun(of.Fields, judged.Fields) {
		return sextant.Errorf(sextant.Conflict, "%s is %s by the evidence, and was judged %s", of.Key, SpanName(y, Whole(of.Fields.BestLevel), Whole(of.Fields.CurrentLevel)), judged.Fields.LevelName).
			WithHint("bring the control back, or evaluate the risk as it is; then sign")
	}
	return y.MayAccept(person, Whole(judged.Fields.Level), top)
}

func unlevelled(risk string) *sextant.Error {
	return sextant.Errorf(sextant.Conflict, "%s was not judged in levels yet", risk).At("evaluation").WithHint("evaluate the risk first: a level is what is accepted")
}

// plan is what a person would sign of a treatment that waits for them.
func (w *world) plan(t register.Of[Treatment], person string, top []string) (Decision, error) {
	d := Decision{Kind: OfPlan, Key: t.Key, Title: t.Title(), Plan: &t, basis: t.Seq}
	for _, key := range t.Fields.Risks {
		r, err := get[Risk](w.v, riskName, key)
		if err != nil {
			return d, err
		}
		if r.Fields.Owner != person {
			continue // somebody else signs for it
		}
		d.Risks = append(d.Risks, r)
		if level := aimedLevel(r.Fields); level > d.Level {
			d.Level, d.Yardstick = level, w.yardsticks[r.Fields.Criteria]
		}
		if err := w.mayAgree(r, person, top); err != nil && d.Refusal == nil {
			d.Refusal = asRefusal(err)
		}
	}
	return d, nil
}

// mayAgree: a plan is signed by who holds the authority for the level it leads
// to. A risk that was not judged in levels asks for none.
func (w *world) mayAgree(r register.Of[Risk], person string, top []string) error {
	y := w.yardsticks[r.Fields.Criteria]
	if r.Fields.CurrentLevel == nil || y == nil {
		return nil
	}
	return y.MayAccept(person, aimedLevel(r.Fields), top)
}

// aimedLevel is where a plan leads, else where the risk was judged to be.
func aimedLevel(r Risk) int { return cmp.Or(Whole(r.TargetLevel), Whole(r.JudgedLevel)) }

// asRefusal reads an error people may be told; nil for any other.
func asRefusal(err error) *sextant.Error {
	e, _ := errors.AsType[*sextant.Error](err)
	return e
}

// Pick is one of several things that are signed in one go.
type Pick struct {
	Key    string // of the risk, or of the treatment
	Reason string // its own; "" = that of the terms
}

// Terms are what risks are accepted under where nobody asked for it in terms of
// their own. What was asked is accepted as it was asked.
type Terms struct {
	Reason     string
	Conditions string
	ValidUntil string      // date
	Seen       sextant.Seq // what was looked at is not newer; 0 = whatever stands is signed
}

// Signed is what became of one of several. Where it has a Refusal it was left out,
// and nothing of it was done.
type Signed struct {
	Decision
	Record string // key of the acceptance, or of the treatment
	own    string // reason
}

// Sign signs several things as a risk owner, each in a transaction of its own:
// an acceptance or a signature under a plan is there as a whole, or not at all.
// What may not be signed is left out with the reason, and the rest goes on. The
// actor has just proved who they are; an error other than a refusal stops, and
// comes with what was signed until then. Invalid, and nothing is signed, where
// something that is accepted unasked lacks a reason or a day.
func Sign(ctx context.Context, kernel *register.Kernel, actor access.Actor, picks []Pick, terms Terms) (list []Signed, err error) {
	if err := kernel.Read(ctx, actor, 0, func(v *register.View) error {
		list, err = looked(v, picks)
		return err
	}); err != nil {
		return nil, err
	}
	if err := terms.suffice(list); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Refusal != nil {
			continue
		}
		err := list[i].give(ctx, kernel, actor, terms)
		if stops(err) {
			return list[:i], err
		}
		list[i].Refusal = asRefusal(err)
	}
	return list, nil
}

// looked gives what each pick is about, once each.
func looked(v *register.View, picks []Pick) (list []Signed, err error) {
	all, err := Decisions(v, v.Actor().Person)
	if err != nil {
		return nil, err
	}
	for i, p := range picks {
		if slices.ContainsFunc(picks[:i], func(before Pick) bool { return before.Key == p.Key }) {
			continue
		}
		s := Signed{own: strings.TrimSpace(p.Reason)}
		if i := slices.IndexFunc(all, func(d Decision) bool { return d.Key == p.Key }); i >= 0 {
			s.Decision = all[i]
		} else if s.Decision, err = NotToSign(v, p.Key); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// suffice says what is missing before anything is signed.
func (t Terms) suffice(list []Signed) error {
	for _, s := range list {
		if s.Refusal != nil || s.IsAsked() {
			continue
		}
		switch {
		case s.own == "" && strings.TrimSpace(t.Reason) == "":
			return sextant.Errorf(sextant.Invalid, "say why %s is accepted", s.Key).At("reason").WithHint("one reason for all, or one for each")
		case t.ValidUntil == "":
			return sextant.Errorf(sextant.Invalid, "say until when %s is accepted", s.Key).At("valid_until").WithHint("the criteria allow it until %s", s.Latest)
		}
	}
	return nil
}

// stops: what is no refusal of one thing ends them all.
func stops(err error) bool {
	if err == nil {
		return false
	}
	e := asRefusal(err)
	return e == nil || slices.Contains([]sextant.Code{sextant.Unauthenticated, sextant.Unavailable, sextant.Internal}, e.Code)
}

// give signs one.
func (s *Signed) give(ctx context.Context, kernel *register.Kernel, actor access.Actor, terms Terms) error {
	if terms.Seen != 0 && s.basis > terms.Seen {
		return sextant.Errorf(sextant.Conflict, "%s was judged or written anew since you looked", s.Key).WithHint("look at it again, then sign")
	}
	why := cmp.Or(s.own, strings.TrimSpace(terms.Reason))
	record := s.Key
	err := kernel.Write(ctx, actor, func(tx *register.Tx) (err error) {
		if s.Plan != nil {
			_, err = tx.Transition(treatmentName, s.Key, s.Plan.Version, "sign", nil, register.Note{Why: why})
			return err
		}
		asked := register.Entry{}
		if s.Asked != nil {
			asked = s.Asked.Entry
		} else if asked, err = tx.Create(acceptanceName, map[string]any{"risk": s.Key, "evaluation": s.Judgement.Key, "reason": why, "conditions": strings.TrimSpace(terms.Conditions), "valid_until": terms.ValidUntil}, register.Note{Why: why}); err != nil {
			return err
		}
		record = asked.Key
		_, err = tx.Transition(acceptanceName, asked.Key, asked.Version, "accept", nil, register.Note{Why: why})
		return err
	})
	if err == nil {
		s.Record = record
	}
	return err
}

// NotToSign says of something Decisions does not give why the actor cannot sign
// it. Invalid where the key is of neither a risk nor a treatment, NotFound where
// there is no such.
func NotToSign(v *register.View, key string) (Decision, error) {
	def, ok := v.Set().OfKey(key)
	if !ok || def.Name != riskName && def.Name != treatmentName {
		return Decision{}, sextant.Errorf(sextant.Invalid, "%.40q is neither a risk nor a treatment", key)
	}
	e, err := v.Entry(def.Name, key)
	if err != nil {
		return Decision{}, err
	}
	d := Decision{Kind: OfResidual, Key: key, Title: e.Title()}
	switch {
	case def.Name == treatmentName:
		d.Kind, d.Refusal = OfPlan, sextant.Errorf(sextant.Conflict, "%s does not wait for your signature", key)
	case e.Owner() != v.Actor().Person || e.Owner() == "":
		d.Refusal = sextant.Errorf(sextant.Denied, "%s has another risk owner, and nobody signs for them", key)
	case e.State == Closed || e.State == Rejected:
		d.Refusal = sextant.Errorf(sextant.Conflict, "%s is over", key)
	default:
		d.Refusal = sextant.Errorf(sextant.Conflict, "%s is accepted already", key).WithHint("it is decided anew on its own page")
	}
	return d, nil
}
