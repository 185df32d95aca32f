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
	"sextant/lint"
	"sextant/organisation"
	"sextant/register"
)

// Conditions computes the rules of lint about criteria, risks, treatments and
// acceptances.
func Conditions() lint.Conditions {
	return lint.Conditions{
		"criteria-missing":                     criteriaMissing,
		"criteria-mixed-in-register":           criteriaMixed,
		"criteria-not-used":                    eachEvaluation(levelNotLookedUp),
		"risk-scores-uniform":                  scoresUniform,
		"risk-owner-without-authority":         eachRisk(ownerWithoutAuthority),
		"risk-owner-is-everyone":               ownerIsEveryone,
		"risk-review-overdue":                  eachRisk(reviewOverdue),
		"risk-not-evaluated":                   eachRisk(notEvaluated),
		"asset-without-risk":                   assetWithoutRisk,
		"residual-drop-without-control":        eachEvaluation(dropWithoutControl),
		"residual-relies-on-failing-control":   eachRisk(reliesOnFailing),
		"control-effect-double-counted":        effectEverywhere,
		"treatment-missing":                    eachRisk(treatmentMissing),
		"treatment-plan-not-approved":          eachTreatment(notSignedByAll),
		"treatment-overdue":                    eachTreatment(treatmentOverdue),
		"treatment-done-without-effect":        eachTreatment(doneWithoutEffect),
		"treatment-done-control-not-operating": eachTreatment(doneNotOperating),
		"treatment-not-compared-with-annex-a":  eachTreatment(notCompared),
		"share-without-contract":               eachTreatment(shareWithoutContract),
		"retain-above-threshold":               eachTreatment(retainAbove),
		"acceptance-expired":                   eachRisk(acceptanceExpired),
		"acceptance-below-reality":             eachRisk(belowReality),
		"acceptance-condition-broken":          eachAcceptance(conditionUnkept),
		"acceptance-mass-signed":               massSigned,
	}
}

// register of risks as the rules look at it, read once a run.
type book struct {
	lint.Look
	*world
	risks []register.Of[Risk] // open ones
	top   []string
	today string
}

func openBook(l lint.Look) (*book, error) {
	b, err := lint.Once(l, "risk.book", func() (*book, error) {
		w, err := readWorld(l.View)
		if err != nil {
			return nil, err
		}
		b := &book{world: w, today: today(l.View.Now())}
		if b.top, err = organisation.TopManagement(l.View); err != nil {
			return nil, err
		}
		if b.states, err = readStates(l.View); err != nil {
			return nil, err
		}
		b.risks, err = Risks.All(l.View, isOpen)
		return b, err
	})
	if err != nil {
		return nil, err
	}
	of := *b
	of.Look = l
	if l.Subject != "" {
		of.risks = slices.DeleteFunc(slices.Clone(b.risks), func(r register.Of[Risk]) bool { return r.Fields.ManagementSystem != l.Subject })
	}
	return &of, nil
}

// said is what a rule found of one entry; "" is nothing.
type said struct {
	facts string
	since sextant.Instant
}

func nothing() (said, error) { return said{}, nil }

func eachRisk(rule func(*book, register.Of[Risk]) (said, error)) lint.Condition {
	return func(l lint.Look) (a lint.Answer, err error) {
		b, err := openBook(l)
		if err != nil {
			return a, err
		}
		for _, r := range b.risks {
			a.Looked++
			found, err := rule(b, r)
			if err != nil {
				return a, err
			}
			if found.facts != "" {
				a.Findings = append(a.Findings, lint.Finding{Entries: []string{r.Key}, Facts: r.Title() + ": " + found.facts, Since: found.since, Owner: r.Fields.Owner, Place: "/risks/" + r.Key})
			}
		}
		return a, nil
	}
}

func eachEvaluation(rule func(*book, register.Of[Risk], register.Of[Evaluation]) (said, error)) lint.Condition {
	return func(l lint.Look) (a lint.Answer, err error) {
		b, err := openBook(l)
		if err != nil {
			return a, err
		}
		for _, r := range b.risks {
			newest := latest(b.evaluations[r.Key])
			for _, stage := range []string{Inherent, Current, Target, Residual} {
				e, ok := newest[stage]
				if !ok {
					continue
				}
				a.Looked++
				found, err := rule(b, r, e)
				if err != nil {
					return a, err
				}
				if found.facts != "" {
					a.Findings = append(a.Findings, lint.Finding{Entries: []string{e.Key, r.Key}, Facts: r.Title() + ": " + found.facts, Since: found.since, Owner: r.Fields.Owner, Place: "/risks/" + r.Key})
				}
			}
		}
		return a, nil
	}
}

func eachTreatment(rule func(*book, register.Of[Treatment]) (said, error)) lint.Condition {
	return func(l lint.Look) (a lint.Answer, err error) {
		b, err := openBook(l)
		if err != nil {
			return a, err
		}
		treatments, err := Treatments.All(l.View)
		if err != nil {
			return a, err
		}
		for _, t := range treatments {
			if t.State == Refused || t.State == Cancelled || !b.treats(t) {
				continue
			}
			a.Looked++
			found, err := rule(b, t)
			if err != nil {
				return a, err
			}
			if found.facts != "" {
				a.Findings = append(a.Findings, lint.Finding{Entries: []string{t.Key}, Facts: t.Title() + ": " + found.facts, Since: found.since, Owner: t.Fields.Owner, Place: "/treatments/" + t.Key})
			}
		}
		return a, nil
	}
}

func eachAcceptance(rule func(*book, register.Of[Acceptance]) (said, error)) lint.Condition {
	return func(l lint.Look) (a lint.Answer, err error) {
		b, err := openBook(l)
		if err != nil {
			return a, err
		}
		for _, r := range b.risks {
			for _, acc := range b.acceptances[r.Key] {
				if acc.State != Accepted {
					continue
				}
				a.Looked++
				found, err := rule(b, acc)
				if err != nil {
					return a, err
				}
				if found.facts != "" {
					a.Findings = append(a.Findings, lint.Finding{Entries: []string{acc.Key, r.Key}, Facts: found.facts, Since: found.since, Owner: acc.Fields.AcceptedBy, Place: "/risks/" + r.Key})
				}
			}
		}
		return a, nil
	}
}

// treats says whether a treatment is of risks the look is about.
func (b *book) treats(t register.Of[Treatment]) bool {
	return b.Subject == "" || slices.ContainsFunc(b.risks, func(r register.Of[Risk]) bool { return slices.Contains(t.Fields.Risks, r.Key) })
}

func (b *book) named(key string) (register.Of[Risk], bool) {
	i := slices.IndexFunc(b.risks, func(r register.Of[Risk]) bool { return r.Key == key })
	if i < 0 {
		return register.Of[Risk]{}, false
	}
	return b.risks[i], true
}

// past says whether a day, with the days a rule allows, is over.
func (b *book) past(day string) bool {
	return day != "" && b.View.Now() >= lint.After(day, b.Params["days"])
}

func (b *book) held(register_, key string, met func(register.Entry) bool) (sextant.Instant, error) {
	return lint.Held(b.View, register_, key, met)
}

func (b *book) days(since sextant.Instant) float64 {
	return b.View.Now().Time().Sub(since.Time()).Hours() / 24
}

func criteriaMissing(l lint.Look) (a lint.Answer, err error) {
	b, err := openBook(l)
	if err != nil {
		return a, err
	}
	seen := map[string]bool{}
	for _, r := range b.risks {
		if seen[r.Fields.ManagementSystem] {
			continue
		}
		seen[r.Fields.ManagementSystem] = true
		a.Looked++
		if b.inForce[r.Fields.ManagementSystem] == "" {
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{r.Fields.ManagementSystem}, Facts: "there are risks, and no criteria are in force", Place: "/risks/criteria"})
		}
	}
	return a, nil
}

// criteriaMixed: open risks are judged by more than one edition, long after the
// newest came into force.
func criteriaMixed(l lint.Look) (a lint.Answer, err error) {
	b, err := openBook(l)
	if err != nil {
		return a, err
	}
	for system, key := range b.inForce {
		since := b.yardsticks[key].Criteria.ApprovedAt
		var earlier []string
		for _, r := range b.risks {
			if r.Fields.ManagementSystem != system || r.Fields.Criteria == "" {
				continue
			}
			if a.Looked++; r.Fields.Criteria != key {
				earlier = append(earlier, r.Key)
			}
		}
		if len(earlier) > 0 && b.past(since[:min(len(since), len(time.DateOnly))]) {
			a.Findings = append(a.Findings, lint.Finding{Entries: append([]string{key}, earlier...), Facts: fmt.Sprintf("%d open risks are judged by earlier criteria, the first is %s", len(earlier), earlier[0]), Place: "/risks?filter=yardstick%3Dearlier"})
		}
	}
	return a, nil
}

// levelNotLookedUp can come about by a restored or imported record only.
func levelNotLookedUp(b *book, _ register.Of[Risk], e register.Of[Evaluation]) (said, error) {
	y := b.yardsticks[e.Fields.Criteria]
	if y == nil || e.Fields.Level == nil {
		return nothing()
	}
	if want := y.Level(Whole(e.Fields.Likelihood), Whole(e.Fields.Consequence)); want != Whole(e.Fields.Level) {
		return said{facts: fmt.Sprintf("%s says level %d where its criteria give %d", e.Key, Whole(e.Fields.Level), want)}, nil
	}
	return nothing()
}

func scoresUniform(l lint.Look) (a lint.Answer, err error) {
	b, err := openBook(l)
	if err != nil {
		return a, err
	}
	levels, likelihoods, judged := map[int]int{}, map[int]int{}, 0
	for _, r := range b.risks {
		if r.Fields.JudgedLevel != nil {
			judged++
			levels[Whole(r.Fields.JudgedLevel)]++
			likelihoods[Whole(r.Fields.Likelihood)]++
		}
	}
	a.Looked = judged
	if float64(judged) < l.Params["min"] {
		return a, nil
	}
	for _, same := range []struct {
		counts map[int]int
		share  float64
		what   string
	}{{levels, l.Params["share"], "level"}, {likelihoods, l.Params["share2"], "likelihood"}} {
		for _, n := range same.counts {
			if 100*float64(n) > same.share*float64(judged) {
				a.Findings = append(a.Findings, lint.Finding{Entries: []string{"register/risks", same.what}, Facts: fmt.Sprintf("%d of %d risks have the same %s", n, judged, same.what), Place: "/risks"})
			}
		}
	}
	return a, nil
}

func ownerWithoutAuthority(b *book, r register.Of[Risk]) (said, error) {
	y := b.yardsticks[r.Fields.Criteria]
	if r.Fields.Owner == "" || y == nil || r.Fields.CurrentLevel == nil {
		return nothing()
	}
	if p, err := b.View.Lookup("person", r.Fields.Owner); err == nil {
		if state, _ := p.Register.Lifecycle.State(p.State); state.Closed {
			return said{facts: "its owner has left"}, nil
		}
	}
	level, what := b.toAccept(r)
	if err := y.MayAccept(r.Fields.Owner, level, b.top); err != nil && level > 0 && level <= len(y.Criteria.Levels) {
		return said{facts: "its owner may not accept " + y.LevelName(level) + ", " + what}, nil
	}
	return nothing()
}

// toAccept is the level the owner of a risk would have to accept, and what it is:
// the residual as it was judged, else what the plan leads to, else the current
// one, which is no lower than evidence shows for certain. What may be worse is
// not known, and nobody signs it.
func (w *world) toAccept(r register.Of[Risk]) (level int, what string) {
	if e, ok := latest(w.evaluations[r.Key])[Residual]; ok && e.Fields.Criteria == r.Fields.Criteria && e.Fields.Level != nil {
		return Whole(e.Fields.Level), "the residual risk"
	}
	if target := Whole(r.Fields.TargetLevel); target > 0 {
		return target, "where its plan leads"
	}
	return max(Whole(r.Fields.JudgedLevel), Whole(r.Fields.BestLevel)), "the current risk"
}

func ownerIsEveryone(l lint.Look) (a lint.Answer, err error) {
	b, err := openBook(l)
	if err != nil {
		return a, err
	}
	all, err := organisation.Organisations.All(l.View)
	if err != nil || len(all) == 0 {
		return a, err
	}
	o := all[0].Fields
	a.Looked = len(b.risks)
	if float64(len(b.risks)) < l.Params["min"] || o.Headcount != nil && *o.Headcount < l.Params["small"] {
		return a, nil
	}
	n := 0
	for _, r := range b.risks {
		if r.Fields.Owner != "" && r.Fields.Owner == o.ISMSManager {
			n++
		}
	}
	if 100*float64(n) > l.Params["share"]*float64(len(b.risks)) {
		a.Findings = append(a.Findings, lint.Finding{Entries: []string{o.ISMSManager}, Facts: fmt.Sprintf("the ISMS manager owns %d of %d risks", n, len(b.risks)), Owner: o.ISMSManager, Place: "/risks?filter=owner%3D" + o.ISMSManager})
	}
	return a, nil
}

func reviewOverdue(b *book, r register.Of[Risk]) (said, error) {
	if !b.past(r.Fields.ReviewOn) {
		return nothing()
	}
	return said{"it was to be looked at again on " + r.Fields.ReviewOn, lint.After(r.Fields.ReviewOn, b.Params["days"])}, nil
}

func notEvaluated(b *book, r register.Of[Risk]) (said, error) {
	if r.Fields.JudgedLevel != nil || !b.past(r.Fields.IdentifiedOn) {
		return nothing()
	}
	return said{"identified on " + r.Fields.IdentifiedOn + " and not evaluated", lint.After(r.Fields.IdentifiedOn, b.Params["days"])}, nil
}

// assetWithoutRisk: an active asset that is valued high is on no open risk.
func assetWithoutRisk(l lint.Look) (a lint.Answer, err error) {
	b, err := openBook(l)
	if err != nil {
		return a, err
	}
	named := map[string]bool{}
	for _, r := range b.risks {
		for _, key := range r.Fields.Assets {
			named[key] = true
		}
	}
	assets, err := l.View.Select("asset", inState("active"), register.Filter{Field: "kind", Op: register.Is, Values: []string{"primary"}})
	for _, e := range assets {
		if a.Looked++; !named[e.Key] {
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{e.Key}, Facts: e.Title() + ": a primary asset on no open risk", Owner: e.Owner(), Place: "/assets/" + e.Key})
		}
	}
	return a, err
}

// dropWithoutControl: a residual below what it was before, and nothing that
// brought it down.
func dropWithoutControl(b *book, r register.Of[Risk], e register.Of[Evaluation]) (said, error) {
	if e.Fields.Stage != Residual || e.Fields.Level == nil {
		return nothing()
	}
	was := Whole(r.Fields.InherentLevel)
	if current, ok := latest(b.evaluations[r.Key])[Current]; ok && current.Fields.Criteria == e.Fields.Criteria {
		was = max(was, Whole(current.Fields.Level))
	}
	if Whole(e.Fields.Level) >= was || len(e.Fields.Considered) > 0 || slices.ContainsFunc(b.treatments[r.Key], func(t register.Of[Treatment]) bool {
		return !slices.Contains([]string{Planned, Refused, Cancelled}, t.State)
	}) {
		return nothing()
	}
	return said{facts: e.Key + " is lower than the risk, and no control or treatment stands behind it"}, nil
}

func reliesOnFailing(b *book, r register.Of[Risk]) (said, error) {
	judged, ok := latest(b.evaluations[r.Key])[Current]
	if !ok || b.days(judged.At) < b.Params["days"] {
		return nothing()
	}
	var names []string
	for _, c := range judged.Fields.Considered {
		state := b.states.of(c.Control, r.Fields.ScopeUnits)
		if c.Counted != nil && *c.Counted && slices.Contains([]control.State{control.Fail, control.Error, control.Stale, control.NoData}, state) {
			names = append(names, framework.IDOf(c.Control)+" ("+state.Label()+")")
		}
	}
	if len(names) == 0 {
		return nothing()
	}
	return said{facts: "the last judgement counts on " + strings.Join(names, ", ")}, nil
}

func effectEverywhere(l lint.Look) (a lint.Answer, err error) {
	b, err := openBook(l)
	if err != nil {
		return a, err
	}
	on := map[string]int{}
	for _, r := range b.risks {
		for _, c := range r.Fields.Controls {
			on[c]++
		}
	}
	a.Looked = len(on)
	for _, c := range slices.Sorted(maps.Keys(on)) {
		if float64(on[c]) >= l.Params["min"] && 100*float64(on[c]) > l.Params["share"]*float64(len(b.risks)) {
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{c}, Facts: fmt.Sprintf("%s is said to lower %d of %d risks", framework.IDOf(c), on[c], len(b.risks)), Place: "/controls/" + framework.IDOf(c)})
		}
	}
	return a, nil
}

func treatmentMissing(b *book, r register.Of[Risk]) (said, error) {
	if r.Fields.Appetite != "above" || r.Fields.Acceptance == Accepted {
		return nothing()
	}
	for _, t := range b.treatments[r.Key] {
		if slices.Contains([]string{Agreed, InProgress, Done}, t.State) {
			return nothing()
		}
	}
	since, err := b.held(riskName, r.Key, func(e register.Entry) bool { return e.Doc.Text("appetite") == "above" })
	if err != nil || b.days(since) < b.Params["days"] {
		return said{}, err
	}
	return said{"above appetite, not treated and not accepted", since}, nil
}

func notSignedByAll(_ *book, t register.Of[Treatment]) (said, error) {
	if !slices.Contains([]string{InProgress, Done, Verified}, t.State) {
		return nothing()
	}
	for _, owner := range t.Fields.RiskOwners {
		if !slices.Contains(t.Fields.SignedBy, owner) {
			return said{facts: "it runs, and " + owner + " has not signed"}, nil
		}
	}
	return nothing()
}

func treatmentOverdue(b *book, t register.Of[Treatment]) (said, error) {
	if t.State == Done || t.State == Verified || !b.past(t.Fields.DueOn) {
		return nothing()
	}
	return said{"it was to be done by " + t.Fields.DueOn, lint.After(t.Fields.DueOn, b.Params["days"])}, nil
}

func doneWithoutEffect(b *book, t register.Of[Treatment]) (said, error) {
	if t.State != Done || !b.past(t.Fields.DoneOn) {
		return nothing()
	}
	for _, key := range t.Fields.Risks {
		if r, ok := b.named(key); ok && r.Fields.EvaluatedOn < t.Fields.DoneOn {
			return said{"done on " + t.Fields.DoneOn + ", and " + key + " was not judged again", lint.After(t.Fields.DoneOn, b.Params["days"])}, nil
		}
	}
	return nothing()
}

func doneNotOperating(b *book, t register.Of[Treatment]) (said, error) {
	if t.State != Done && t.State != Verified {
		return nothing()
	}
	for _, c := range t.Fields.Controls {
		places := b.states.byPlace[c]
		if len(places) == 0 {
			return said{facts: "it is done, and nobody has declared " + framework.IDOf(c)}, nil
		}
		if !slices.ContainsFunc(places, func(p place) bool { return p.state != control.Fail && p.state != control.NoData }) {
			return said{facts: "it is done, and " + framework.IDOf(c) + " does not work anywhere"}, nil
		}
	}
	return nothing()
}

func notCompared(_ *book, t register.Of[Treatment]) (said, error) {
	if !slices.Contains(t.Fields.Options, "modify") || t.State == Planned || t.Fields.ComparedOn != "" {
		return nothing()
	}
	return said{facts: "its controls were not compared with Annex A"}, nil
}

func shareWithoutContract(b *book, t register.Of[Treatment]) (said, error) {
	if !slices.Contains(t.Fields.Options, "share") || t.State == Planned {
		return nothing()
	}
	if t.Fields.Contract == "" {
		return said{facts: "it shares the risk, and no contract is named"}, nil
	}
	c, err := b.View.Lookup("contract", t.Fields.Contract)
	if sextant.CodeOf(err) == sextant.NotFound {
		return said{facts: "its contract is gone"}, nil
	}
	if err != nil {
		return said{}, err
	}
	if ends := c.Doc.Text("ends_on"); ends != "" && ends < b.today && c.Doc["is_auto_renewed"] != true {
		return said{"its contract ended on " + ends, lint.After(ends, 0)}, nil
	}
	return nothing()
}

func retainAbove(b *book, t register.Of[Treatment]) (said, error) {
	if len(t.Fields.Options) != 1 || t.Fields.Options[0] != "retain" || t.State == Planned {
		return nothing()
	}
	for _, key := range t.Fields.Risks {
		if r, ok := b.named(key); ok && r.Fields.Appetite == "above" && r.Fields.Acceptance != Accepted {
			return said{facts: key + " is above appetite, retained, and not accepted"}, nil
		}
	}
	return nothing()
}

func acceptanceExpired(b *book, r register.Of[Risk]) (said, error) {
	if r.Fields.Acceptance != Lapsed && r.Fields.Acceptance != Broken {
		return nothing()
	}
	for _, a := range b.acceptances[r.Key] {
		if a.State == r.Fields.Acceptance && b.past(a.Fields.EndedOn) && Whole(r.Fields.CurrentLevel) > 0 && r.Fields.Appetite != "within" {
			return said{a.Key + " ended on " + a.Fields.EndedOn + ", and nothing was decided since", lint.After(a.Fields.EndedOn, b.Params["days"])}, nil
		}
	}
	return nothing()
}

func belowReality(b *book, r register.Of[Risk]) (said, error) {
	if r.Fields.Acceptance != Accepted || Whole(r.Fields.CurrentLevel) <= Whole(r.Fields.AcceptedLevel) {
		return nothing()
	}
	since, err := b.held(riskName, r.Key, func(e register.Entry) bool {
		current, _ := e.Doc["current_level"].(float64)
		accepted, _ := e.Doc["accepted_level"].(float64)
		return e.Doc.Text("acceptance") == Accepted && current > accepted
	})
	if err != nil || b.days(since) < b.Params["days"] {
		return said{}, err
	}
	return said{"what was signed is lower than the risk that is carried", since}, nil
}

// conditionUnkept: what an acceptance was given on does not hold, or is words that
// nobody but its owner can watch.
func conditionUnkept(b *book, a register.Of[Acceptance]) (said, error) {
	if len(a.Fields.HoldsWhile)+len(a.Fields.Provided) == 0 {
		if a.Fields.Conditions == "" {
			return nothing()
		}
		return said{facts: a.Title() + ": its condition is words, so nobody but its owner can watch it"}, nil
	}
	r, err := get[Risk](b.View, riskName, a.Fields.Risk)
	if err != nil {
		return said{}, err
	}
	says, err := b.unkept(r, a)
	if err != nil || says == "" {
		return said{}, err
	}
	return said{facts: a.Title() + ": " + says}, nil
}

// massSigned: many acceptances by one person within minutes.
func massSigned(l lint.Look) (a lint.Answer, err error) {
	b, err := openBook(l)
	if err != nil {
		return a, err
	}
	signedAt := map[string][]time.Time{}
	for _, r := range b.risks {
		for _, acc := range b.acceptances[r.Key] {
			at, err := time.Parse(time.RFC3339, acc.Fields.AcceptedAt)
			if err != nil || r.Fields.Appetite == "within" {
				continue
			}
			a.Looked++
			signedAt[acc.Fields.AcceptedBy] = append(signedAt[acc.Fields.AcceptedBy], at)
		}
	}
	within := time.Duration(l.Params["minutes"]) * time.Minute
	for _, person := range slices.Sorted(maps.Keys(signedAt)) {
		list := signedAt[person]
		slices.SortFunc(list, time.Time.Compare)
		for i := range list {
			n := 1
			for i+n < len(list) && list[i+n].Sub(list[i]) <= within {
				n++
			}
			if float64(n) > l.Params["count"] {
				a.Findings = append(a.Findings, lint.Finding{Entries: []string{person, list[i].Format(time.DateOnly)}, Facts: fmt.Sprintf("%d risks above appetite were accepted within %d minutes on %s", n, int(l.Params["minutes"]), list[i].Format(time.DateOnly)), Owner: person, Place: "/risks"})
				break
			}
		}
	}
	return a, nil
}
