// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/control"
	"sextant/framework"
	"sextant/register"
)

// world is what the kept fields of risks follow from.
type world struct {
	v           *register.View
	yardsticks  map[string]*Yardstick // by key of the criteria; shared, see readEditions
	inForce     map[string]string     // criteria by management system; likewise
	evaluations map[string][]register.Of[Evaluation]
	acceptances map[string][]register.Of[Acceptance]
	treatments  map[string][]register.Of[Treatment]
	states      *states // read when the first judgement counts on a control
}

// readWorld reads what some risks follow from; no keys = all.
func readWorld(v *register.View, keys ...string) (*world, error) {
	known, err := readEditions(v)
	if err != nil {
		return nil, err
	}
	w := &world{v: v, yardsticks: known.yardsticks, inForce: known.inForce,
		evaluations: map[string][]register.Of[Evaluation]{}, acceptances: map[string][]register.Of[Acceptance]{}, treatments: map[string][]register.Of[Treatment]{}}
	var of, ofMany []register.Filter
	if len(keys) > 0 {
		of = []register.Filter{{Field: "risk", Op: register.Is, Values: keys}}
		ofMany = []register.Filter{{Field: "risks", Op: register.Is, Values: keys}}
	}
	evaluations, err := all[Evaluation](v, evaluationName, append(of, inState(Recorded))...)
	if err != nil {
		return nil, err
	}
	for _, e := range evaluations {
		w.evaluations[e.Fields.Risk] = append(w.evaluations[e.Fields.Risk], e)
	}
	acceptances, err := all[Acceptance](v, acceptanceName, of...)
	if err != nil {
		return nil, err
	}
	for _, a := range acceptances {
		w.acceptances[a.Fields.Risk] = append(w.acceptances[a.Fields.Risk], a)
	}
	treatments, err := all[Treatment](v, treatmentName, ofMany...)
	for _, t := range treatments {
		for _, key := range t.Fields.Risks {
			w.treatments[key] = append(w.treatments[key], t)
		}
	}
	return w, err
}

// latest gives the newest judgement of each stage.
func latest(list []register.Of[Evaluation]) map[string]register.Of[Evaluation] {
	newest := map[string]register.Of[Evaluation]{}
	for _, e := range list {
		old, ok := newest[e.Fields.Stage]
		if !ok || e.Fields.EvaluatedOn > old.Fields.EvaluatedOn || e.Fields.EvaluatedOn == old.Fields.EvaluatedOn && e.Seq > old.Seq {
			newest[e.Fields.Stage] = e
		}
	}
	return newest
}

// standing is what is kept of one risk.
type standing struct {
	fields register.Doc // the kept fields; a missing one is not known
	state  string
	span   Span
	breaks string // the acceptance that is broken now
	apart  bool   // it breaks because what was signed has no level by these criteria
	unkept string // what it was given on and does not hold; "" where the level broke it
	comes  string // the acceptance whose level was reached now
}

// of computes what is kept of a risk.
func (w *world) of(r register.Of[Risk]) (s standing, err error) {
	s = standing{fields: register.Doc{"acceptance": "none", "appetite": "not_evaluated"}, state: Identified}
	newest := latest(w.evaluations[r.Key])
	judged, isJudged := newest[Current]
	if inherent, ok := newest[Inherent]; ok {
		s.put("inherent_level", Whole(inherent.Fields.Level))
	}
	if isJudged {
		if err := w.judge(r, judged, newest, &s); err != nil {
			return s, err
		}
		s.state = s.undecided()
	}
	if err := w.sign(r, &s); err != nil {
		return s, err
	}
	w.treat(r, judged, newest, &s)
	return s, nil
}

func (w *world) needStates() (err error) {
	if w.states == nil {
		w.states, err = statesOf(w.v)
	}
	return err
}

func (s *standing) put(key string, n int) {
	if n > 0 {
		s.fields[key] = float64(n)
	}
}

// judge fills what follows from the newest judgement of the current risk.
func (w *world) judge(r register.Of[Risk], judged register.Of[Evaluation], newest map[string]register.Of[Evaluation], s *standing) error {
	y := w.yardsticks[judged.Fields.Criteria]
	if y == nil {
		return fmt.Errorf("%s: its criteria %s are not there", judged.Key, judged.Fields.Criteria)
	}
	var inherent *Evaluation
	if e, ok := newest[Inherent]; ok && e.Fields.Criteria == judged.Fields.Criteria {
		inherent = &e.Fields
	}
	if len(judged.Fields.Considered) > 0 {
		if err := w.needStates(); err != nil {
			return err
		}
	}
	s.span = y.Now(judged.Fields, inherent, func(c string) control.State { return w.states.of(c, r.Fields.ScopeUnits) })
	s.fields["criteria"], s.fields["evaluated_on"] = judged.Fields.Criteria, judged.Fields.EvaluatedOn
	s.fields["yardstick"] = "earlier"
	s.put("judged_level", Whole(judged.Fields.Level))
	s.put("best_likelihood", s.span.BestLikelihood)
	s.put("best_consequence", s.span.BestConsequence)
	s.put("best_level", s.span.Best)
	s.put("likelihood", s.span.WorstLikelihood)
	s.put("consequence", s.span.WorstConsequence)
	s.put("current_level", s.span.Worst)
	if because := s.span.Because(y); because != "" {
		s.fields["because"] = because
	}
	if q, ok, err := judged.Fields.Quantities(); err == nil && ok {
		s.fields["expected_loss"] = Amount{q.Mean(), judged.Fields.currency()}.String()
	}
	if judged.Fields.Criteria == w.inForce[r.Fields.ManagementSystem] {
		s.fields["yardstick"] = "in_force"
		s.fields["appetite"] = appetite(y, r.Fields.Category, s.span)
	}
	if s.span.Worst > 0 {
		s.fields["review_on"] = nextReview(judged.Fields.EvaluatedOn, y.Criteria.Levels[s.span.Worst-1].ReviewEvery)
	}
	return nil
}

// undecided is the state of a judged risk about which its owner decided nothing
// that holds: neither signed nor treated.
func (s standing) undecided() string {
	switch s.fields["appetite"] {
	case "within":
		return Acceptable
	case "not_evaluated":
		return NoLevel
	}
	return Evaluated
}

func appetite(y *Yardstick, category string, s Span) string {
	limit := y.Acceptable(category)
	switch {
	case s.Worst == 0:
		return "not_evaluated"
	case s.Best > limit:
		return "above"
	case s.Worst > limit:
		return "may_be_above"
	}
	return "within"
}

// signed is the newest acceptance that is or was in force, or is asked for; nil
// where there is none.
func (w *world) signed(key string) (last *register.Of[Acceptance]) {
	for i, a := range w.acceptances[key] {
		if slices.Contains([]string{Declined, Revoked}, a.State) {
			continue
		}
		if last == nil || rankOf(a.State) > rankOf(last.State) || rankOf(a.State) == rankOf(last.State) && a.Seq > last.Seq {
			last = &w.acceptances[key][i]
		}
	}
	return last
}

// sign fills what follows from what was signed. A risk without a level breaks
// nothing: not evaluated is not high.
func (w *world) sign(r register.Of[Risk], s *standing) (err error) {
	last := w.signed(r.Key)
	if last == nil {
		return nil
	}
	s.fields["acceptance"] = last.State
	if last.State != Requested {
		s.put("accepted_level", Whole(last.Fields.Level))
	}
	if last.State != Accepted {
		return nil
	}
	if s.span.Worst > 0 {
		against, err := w.against(*last, s.span.Worst, textOf(s.fields["criteria"]))
		if err != nil {
			return err
		}
		if against != within && against != reached {
			s.breaks, s.apart, s.fields["acceptance"] = last.Key, against == apart, Broken
			return nil
		}
		if last.Fields.ReachedOn == "" && against == reached {
			s.comes = last.Key
		}
	}
	if s.unkept, err = w.unkept(r, *last); err != nil {
		return err
	}
	if s.unkept != "" {
		s.breaks, s.comes, s.fields["acceptance"] = last.Key, "", Broken
		return nil
	}
	s.state = Monitored
	return nil
}

// rankOf: one in force says more than one that is asked for, and that more than
// one that ended.
func rankOf(state string) int { return slices.Index([]string{Requested, Accepted}, state) }

// treat fills options and aim from the treatments that are not over.
func (w *world) treat(r register.Of[Risk], judged register.Of[Evaluation], newest map[string]register.Of[Evaluation], s *standing) {
	var options []any
	for _, t := range w.treatments[r.Key] {
		if slices.Contains([]string{Refused, Cancelled}, t.State) {
			continue
		}
		for _, o := range t.Fields.Options {
			if !slices.Contains(options, any(o)) {
				options = append(options, o)
			}
		}
		if slices.Contains([]string{Agreed, InProgress, Done}, t.State) && s.state != Identified {
			s.state = Treating
		}
	}
	if len(options) > 0 {
		s.fields["options"] = options
	}
	s.put("target_level", w.aim(r.Key, judged, newest).Level)
}

// aim is where a risk is to stand: as judged by the criteria of the current
// judgement, else as the measures declare that are not done yet.
func (w *world) aim(key string, judged register.Of[Evaluation], newest map[string]register.Of[Evaluation]) Place {
	if target, ok := newest[Target]; ok && target.Fields.Criteria == judged.Fields.Criteria {
		return target.Fields.place()
	}
	var measures []Measure
	for _, t := range w.treatments[key] {
		if !slices.Contains([]string{Refused, Cancelled, Done, Verified}, t.State) {
			measures = append(measures, t.Fields.Measures...)
		}
	}
	y := w.yardsticks[judged.Fields.Criteria]
	if y == nil || len(measures) == 0 {
		return Place{}
	}
	p := Place{Criteria: judged.Fields.Criteria}
	p.Likelihood, p.Consequence, p.Level = y.Aimed(judged.Fields, measures)
	return p
}

// Because says in one line what moved the current risk away from the judgement;
// "" where nothing did.
func (s Span) Because(y *Yardstick) string {
	var said []string
	for _, verdict := range []struct {
		of        Verdict
		one, more string
	}{{GivenBack, "does not work", "do not work"}, {NotKnown, "is not known to work", "are not known to work"}} {
		var names []string
		for _, p := range s.Parts {
			if p.Verdict == verdict.of && (Whole(p.Effect.LowersLikelihood) > 0 || Whole(p.Effect.LowersConsequence) > 0) {
				names = append(names, framework.IDOf(p.Effect.Control))
			}
		}
		switch len(names) {
		case 0:
		case 1:
			said = append(said, names[0]+" "+verdict.one)
		default:
			said = append(said, strings.Join(names, ", ")+" "+verdict.more)
		}
	}
	return strings.Join(said, "; ")
}

func nextReview(from, every string) string {
	t, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return ""
	}
	return register.AddPeriod(t, every).Format(time.DateOnly)
}

// kept are the fields the program keeps of a risk.
var kept = []string{"criteria", "yardstick", "inherent_level", "judged_level", "likelihood", "consequence", "best_likelihood", "best_consequence", "best_level",
	"current_level", "because", "target_level", "accepted_level", "acceptance", "appetite", "options", "expected_loss", "evaluated_on", "review_on"}

// refresh keeps some risks up to date within the write they follow from.
func refresh(tx *register.Tx, why string, keys ...string) error {
	w, err := worldWithin(tx, keys...)
	if err != nil {
		return err
	}
	for _, key := range keys {
		r, err := get[Risk](tx, riskName, key)
		if sextant.CodeOf(err) == sextant.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		if err := w.keep(tx, r, why); err != nil {
			return err
		}
	}
	return nil
}

// keep writes what changed of one risk, and ends an acceptance that is broken.
func (w *world) keep(tx *register.Tx, r register.Of[Risk], why string) error {
	if r.State == Closed || r.State == Rejected {
		return nil
	}
	s, err := w.of(r)
	if err != nil {
		return err
	}
	if s.breaks != "" {
		because := w.breach(s)
		// The move refreshes the risk by itself, with everything that changed.
		_, err := tx.Program().Transition(acceptanceName, s.breaks, 0, "break", nil, register.Note{Why: because})
		return err
	}
	if s.comes != "" {
		if _, err := tx.Program().Edit(acceptanceName, s.comes, 0, map[string]any{"reached_on": today(tx.Now())}, register.Note{Why: "the current risk came down to what was signed"}); err != nil {
			return err
		}
	}
	return write(tx.Program(), r, s, why)
}

// breach says why an acceptance does not hold any more.
func (w *world) breach(s standing) string {
	if s.unkept != "" {
		return "it was given on a condition: " + s.unkept
	}
	y := w.yardsticks[textOf(s.fields["criteria"])]
	because := "current is " + SpanName(y, s.span.Best, s.span.Worst)
	if s.apart {
		because += " by " + y.Criteria.Title + ", which does not compare with what was signed"
	}
	if says := textOf(s.fields["because"]); says != "" {
		because += ": " + says
	}
	return because
}

// patch is what has to change of a risk.
func (s standing) patch(r register.Of[Risk]) map[string]any {
	patch := map[string]any{}
	for _, key := range kept {
		if fmt.Sprint(r.Doc[key]) != fmt.Sprint(s.fields[key]) {
			patch[key] = s.fields[key]
		}
	}
	return patch
}

func write(program *register.Tx, r register.Of[Risk], s standing, why string) error {
	patch := s.patch(r)
	if says := textOf(s.fields["because"]); says != "" && patch["current_level"] != nil {
		why = says
	}
	if r.State != s.state {
		_, err := program.Transition(riskName, r.Key, 0, s.state, patch, register.Note{Why: why})
		return err
	}
	if len(patch) == 0 {
		return nil
	}
	_, err := program.Edit(riskName, r.Key, 0, patch, register.Note{Why: why})
	return err
}

// SpanName says "High", or "High to Very high" where it is not known better; ""
// without a yardstick or a level.
func SpanName(y *Yardstick, best, worst int) string {
	switch {
	case y == nil:
		return ""
	case best == worst:
		return y.LevelName(worst)
	}
	return y.LevelName(best) + " to " + y.LevelName(worst)
}

func textOf(v any) string { s, _ := v.(string); return s }

// followAll brings every open risk up to what evidence, clock and criteria make
// of it, within one write.
func followAll(tx *register.Tx, why string) error {
	w, err := worldWithin(tx)
	if err != nil {
		return err
	}
	risks, err := all[Risk](tx, riskName, isOpen)
	if err != nil {
		return err
	}
	for _, r := range risks {
		if err := w.keep(tx, r, why); err != nil {
			return err
		}
	}
	return nil
}

// orphaned are acceptances in force that somebody signed who no longer owns the
// risk.
func (w *world) orphaned(r register.Of[Risk]) (keys []string) {
	for _, a := range w.acceptances[r.Key] {
		if a.State == Accepted && a.Fields.AcceptedBy != r.Fields.Owner {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

// worldWithin reads what some risks follow from for writing: signatures of
// people who no longer own the risk are ended first, for they bind who gave them.
func worldWithin(tx *register.Tx, keys ...string) (*world, error) {
	w, err := readWorld(&tx.View, keys...)
	if err != nil {
		return nil, err
	}
	ended := false
	for _, of := range slices.Sorted(maps.Keys(w.acceptances)) {
		r, err := get[Risk](tx, riskName, of)
		if err != nil {
			return nil, err
		}
		for _, key := range w.orphaned(r) {
			if _, err := tx.Program().Transition(acceptanceName, key, 0, "lapse", nil, register.Note{Why: "the risk has another owner"}); err != nil {
				return nil, err
			}
			ended = true
		}
	}
	if ended {
		return readWorld(&tx.View, keys...)
	}
	return w, nil
}

// editions are the criteria that are or were in force.
type editions struct {
	yardsticks map[string]*Yardstick // by key
	inForce    map[string]string     // key by management system
}

// readEditions reads them once for all the risks a transaction writes. What it
// gives is shared and must not be changed.
func readEditions(tx register.Reader) (*editions, error) {
	return register.KeptWhile(tx, "risk.editions", func(name string) bool { return name == criteriaName }, func() (*editions, error) {
		list, err := all[Criteria](tx, criteriaName, inState(Approved, Superseded))
		if err != nil {
			return nil, err
		}
		known := &editions{map[string]*Yardstick{}, map[string]string{}}
		for _, c := range list {
			if known.yardsticks[c.Key], err = NewYardstick(c.Fields); err != nil {
				return nil, fmt.Errorf("%s: %w", c.Key, err)
			}
			if c.State == Approved {
				known.inForce[c.Fields.ManagementSystem] = c.Key
			}
		}
		return known, nil
	})
}

// yardstickOf gives the criteria a risk or a judgement was measured by.
func yardstickOf(tx register.Reader, criteria string) (*Yardstick, error) {
	known, err := readEditions(tx)
	if err != nil {
		return nil, err
	}
	if y := known.yardsticks[criteria]; y != nil {
		return y, nil
	}
	c, err := get[Criteria](tx, criteriaName, criteria)
	if err != nil {
		return nil, err
	}
	return NewYardstick(c.Fields)
}
