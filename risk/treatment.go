// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"maps"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/framework"
	"sextant/register"
	"sextant/risk/quantity"
)

// Treatment is what will be done about one or more risks. All that are not
// closed are the risk treatment plan (6.1.3 e). The owner of each risk signs it
// before work begins.
type Treatment struct {
	Title          string    `json:"title" is:"text required title" label:"Treatment"`
	Risks          []string  `json:"risks" is:"ref required" to:"risk" label:"Risks"`
	Options        []string  `json:"options" is:"enum required" values:"modify=Modify,retain=Retain,avoid=Avoid,share=Share" default:"modify" label:"Options"`
	OptionReason   string    `json:"option_reason" is:"markdown required" label:"Why this way"`
	Measures       []Measure `json:"measures" is:"rows" label:"Measures"`
	Controls       []string  `json:"controls" is:"ref derived" to:"control" label:"Controls"`
	Contract       string    `json:"contract" is:"ref keep" to:"contract" label:"Contract" help:"For a risk that is shared: insurance, supplier, customer."`
	ComparedOn     string    `json:"annex_a_compared_on" is:"date derived" label:"Compared with Annex A on" help:"6.1.3 c: that no necessary control was overlooked."`
	ComparedBy     string    `json:"annex_a_compared_by" is:"person derived keep" label:"Compared by"`
	LeftOut        string    `json:"left_out" is:"markdown" label:"Controls looked at and left out" help:"And why."`
	Owner          string    `json:"owner" is:"person required owner" label:"Owner" help:"Sees to it that it is done. Not the one who accepts the risk."`
	DueOn          string    `json:"due_on" is:"date required due" label:"Done by"`
	CostOnce       string    `json:"cost_once" is:"money" label:"Cost, once"`
	CostYearly     string    `json:"cost_yearly" is:"money" label:"Cost a year"`
	ExpectedEffect string    `json:"expected_effect" is:"markdown" label:"What it is expected to change"`
	FrequencyShape string    `json:"frequency_shape" is:"enum" values:"fixed=Known exactly,lognormal=Between 5 and 95 % (lognormal),pert=Least; most likely; most (PERT),triangular=Least; most likely; most (triangular)" label:"How often afterwards: known as"`
	FrequencyLow   *float64  `json:"frequency_low" is:"number" label:"Times a year afterwards, low"`
	FrequencyMode  *float64  `json:"frequency_mode" is:"number" label:"Times a year afterwards, most likely"`
	FrequencyHigh  *float64  `json:"frequency_high" is:"number" label:"Times a year afterwards, high"`
	LossShape      string    `json:"loss_shape" is:"enum" values:"fixed=Known exactly,lognormal=Between 5 and 95 % (lognormal),pert=Least; most likely; most (PERT),triangular=Least; most likely; most (triangular)" label:"Loss afterwards: known as"`
	LossLow        string    `json:"loss_low" is:"money" label:"Loss afterwards, low"`
	LossMode       string    `json:"loss_mode" is:"money" label:"Loss afterwards, most likely"`
	LossHigh       string    `json:"loss_high" is:"money" label:"Loss afterwards, high"`
	Tasks          []string  `json:"tasks" is:"ref detach" to:"task" label:"Tasks"`
	RiskOwners     []string  `json:"risk_owners" is:"person derived keep" label:"Risk owners who sign"`
	SignedBy       []string  `json:"signed_by" is:"person derived keep" label:"Signed by"`
	DoneOn         string    `json:"done_on" is:"date derived" label:"Done on"`
	Result         string    `json:"result" is:"markdown" label:"What came of it"`
}

// Measure is one thing that is done, and the whole steps it is expected to take
// off.
type Measure struct {
	Title             string   `json:"title" is:"text required" label:"Measure"`
	Control           string   `json:"control" is:"ref" to:"control" label:"Control"`
	Owner             string   `json:"owner" is:"person" label:"Owner"`
	DueOn             string   `json:"due_on" is:"date" label:"Done by"`
	Cost              string   `json:"cost" is:"money" label:"Cost"`
	LowersLikelihood  *float64 `json:"lowers_likelihood" is:"scale" values:"0..11" label:"Lowers likelihood by"`
	LowersConsequence *float64 `json:"lowers_consequence" is:"scale" values:"0..11" label:"Lowers consequence by"`
}

// States of a treatment.
const (
	Planned    = "draft"
	Proposed   = "proposed"
	Agreed     = "approved"
	InProgress = "in_progress"
	Done       = "done"
	Verified   = "verified"
	Refused    = "rejected"
	Cancelled  = "cancelled"
)

const treatmentName = "treatment"

// Treatments is the register of treatments.
var Treatments = register.Declare(register.Definition{
	Name: treatmentName, Plural: "treatments", Prefix: "TRT", Title: "Risk treatment",
	Question: "What do we do about our risks, who does it, and by when?",
	Purpose:  "The risk treatment plan: options, measures, cost, owner, date and expected effect, signed by the owners of the risks.",
	Clauses:  []string{"6.1.3", "8.3", "6.1.1 e)"}, Retention: "two_cycles", Group: "risks", OpenTo: []access.Role{access.Owner}, NoToken: true,
	Lists:   []register.Shape{{Filter: []string{"state", "owner"}, Order: "due_on"}, {Filter: []string{"state"}, Order: "title"}},
	Derive:  deriveTreatment,
	Follows: followsTreatment,
	Lifecycle: register.Lifecycle{
		Initial: Planned,
		States: []register.State{{Name: Planned, Label: "Draft"}, {Name: Proposed, Label: "Waits for signatures", Freeze: &register.Freeze{Except: []string{"tasks", "risk_owners", "signed_by"}}},
			{Name: Agreed, Label: "Approved", Freeze: &register.Freeze{Except: []string{"tasks"}}}, {Name: InProgress, Label: "In progress", Freeze: &register.Freeze{Except: []string{"tasks", "due_on"}}},
			{Name: Done, Label: "Done", Freeze: &register.Freeze{Except: []string{"tasks"}}}, {Name: Verified, Label: "Verified", Closed: true, Freeze: &register.Freeze{}},
			{Name: Refused, Label: "Rejected", Closed: true, Freeze: &register.Freeze{}}, {Name: Cancelled, Label: "Cancelled", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "compare", Label: "Compared with Annex A", From: []string{Planned}, To: Planned, Who: []string{"owner", "isms_manager"}, Input: []string{"left_out"}, Sets: comparedNow},
			{Name: "propose", Label: "Ask the risk owners to sign", From: []string{Planned}, To: Proposed, Who: []string{"owner", "isms_manager"}, Needs: []string{"expected_effect"}, Guard: mayPropose, Then: askedToSign},
			{Name: "sign", Label: "Sign the plan", From: []string{Proposed}, To: Proposed, Who: []string{"risk_owners"}, Sign: register.Approve, Guard: maySign, Sets: signed, Then: agreedByAll},
			{Name: "agree", Label: "Approved by all", From: []string{Proposed}, To: Agreed, Who: system},
			{Name: "reject", Label: "Reject", From: []string{Proposed}, To: Refused, Who: []string{"risk_owners"}, NeedsReason: true, Sign: register.Reject},
			{Name: "return", Label: "Back to draft", From: []string{Proposed}, To: Planned, Who: []string{"owner", "isms_manager"}, NeedsReason: true, Sets: unsigned},
			{Name: "start", Label: "Start", From: []string{Agreed}, To: InProgress, Who: []string{"owner", "isms_manager"}},
			{Name: "finish", Label: "Done", From: []string{Agreed, InProgress}, To: Done, Who: []string{"owner", "isms_manager"}, Needs: []string{"result"}, Input: []string{"result"}, Sets: doneNow, Then: takeUpControls},
			{Name: "verify", Label: "Verified", From: []string{Done}, To: Verified, Who: []string{"isms_manager", "risk_owners"}, Guard: mayVerify},
			{Name: "cancel", Label: "Cancel", From: []string{Planned, Agreed, InProgress}, To: Cancelled, Who: []string{"risk_owners", "isms_manager"}, NeedsReason: true},
		},
	},
}, checkTreatment)

// deriveTreatment names the owners of the risks until the first of them signed;
// from then on handOver does.
func deriveTreatment(tx register.Reader, doc register.Doc) error {
	controls := controlsOf(doc["measures"])
	delete(doc, "controls")
	if len(controls) > 0 {
		doc["controls"] = controls
	}
	if len(doc.Strings("signed_by")) > 0 {
		return nil
	}
	delete(doc, "risk_owners")
	if owners := ownersOf(tx, doc.Strings("risks")); len(owners) > 0 {
		doc["risk_owners"] = asAny(owners)
	}
	return nil
}

// ownersOf gives who owns some risks, each person once.
func ownersOf(tx register.Reader, risks []string) (owners []string) {
	for _, key := range risks {
		if r, err := tx.Lookup(riskName, key); err == nil && r.Owner() != "" && !slices.Contains(owners, r.Owner()) {
			owners = append(owners, r.Owner())
		}
	}
	return owners
}

func asAny(list []string) []any {
	values := make([]any, len(list))
	for i, s := range list {
		values[i] = s
	}
	return values
}

func checkTreatment(_ register.Reader, now register.Of[Treatment], _ *register.Of[Treatment]) error {
	f := now.Fields
	for i, m := range f.Measures {
		if m.DueOn != "" && m.DueOn > f.DueOn {
			return rowError("measures", i, "it is done after the whole, on %s", m.DueOn)
		}
		if ParseAmount(m.Cost).Value < 0 {
			return rowError("measures", i, "a cost is not negative")
		}
	}
	if ParseAmount(f.CostOnce).Value < 0 || ParseAmount(f.CostYearly).Value < 0 {
		return sextant.Errorf(sextant.Invalid, "a cost is not negative").At("cost_once")
	}
	_, _, err := f.Afterwards()
	return err
}

// Afterwards gives how often and how much as they are expected to be when it is
// done; nil = as before. Errors name the field.
func (f Treatment) Afterwards() (frequency, loss *quantity.Range, err error) {
	if f.FrequencyShape != "" {
		frequency = &quantity.Range{Shape: quantity.Shape(f.FrequencyShape), Low: number(f.FrequencyLow), Mode: number(f.FrequencyMode), High: number(f.FrequencyHigh)}
		if err := frequency.Check(); err != nil {
			return nil, nil, sextant.Errorf(sextant.Invalid, "how often afterwards: %s", err.Error()).At("frequency_low")
		}
	}
	if f.LossShape != "" {
		loss = &quantity.Range{Shape: quantity.Shape(f.LossShape), Low: ParseAmount(f.LossLow).Value, Mode: ParseAmount(f.LossMode).Value, High: ParseAmount(f.LossHigh).Value}
		if err := loss.Check(); err != nil {
			return nil, nil, sextant.Errorf(sextant.Invalid, "loss afterwards: %s", err.Error()).At("loss_low")
		}
	}
	return frequency, loss, nil
}

func comparedNow(g register.Guarding, next register.Doc) {
	next["annex_a_compared_on"] = today(g.Now)
	if g.Actor.Person != "" {
		next["annex_a_compared_by"] = g.Actor.Person
	}
}

// mayPropose: what each option needs is there, and every risk has an owner who
// can sign.
func mayPropose(g register.Guarding) error {
	t, err := register.As[Treatment](register.Entry{Register: g.Entry.Register, Key: g.Entry.Key, Doc: g.Next})
	if err != nil {
		return err
	}
	f := t.Fields
	switch {
	case slices.Contains(f.Options, "modify") && len(f.Measures) == 0:
		return sextant.Errorf(sextant.Invalid, "say what is done to modify the risk").At("measures").WithHint("add a measure, or choose another option")
	case slices.Contains(f.Options, "modify") && f.ComparedOn == "":
		return sextant.Errorf(sextant.Conflict, "the controls were not compared with Annex A yet").At("annex_a_compared_on").WithHint("look through the controls that are usual for these risks, then say \"Compared with Annex A\" (6.1.3 c)")
	case slices.Contains(f.Options, "share") && f.Contract == "" && !slices.ContainsFunc(f.Measures, func(m Measure) bool { return m.Title != "" }):
		return sextant.Errorf(sextant.Invalid, "a shared risk names the contract, or the measure that makes one").At("contract")
	}
	if slices.Contains(f.Options, "modify") {
		if err := overlooked(g.Tx, f); err != nil {
			return err
		}
	}
	for _, key := range f.Risks {
		r, err := g.Tx.Lookup(riskName, key)
		if err != nil {
			return err
		}
		if r.Owner() == "" {
			return sextant.Errorf(sextant.Conflict, "%s has no risk owner who could sign", key).At("risks").WithHint("name the owner of %s first", key)
		}
	}
	return nil
}

// overlooked refuses a plan that says nothing of a control which usually answers
// its risks: compared is what was decided about, not what was scrolled past.
func overlooked(tx register.Reader, t Treatment) error {
	list, err := Comparison(tx, t)
	if err != nil {
		return err
	}
	var undecided []string
	for _, p := range list {
		if p.LeftOut == "" {
			undecided = append(undecided, framework.IDOf(p.Control))
		}
	}
	if len(undecided) == 0 {
		return nil
	}
	return sextant.Errorf(sextant.Conflict, "nothing is decided about %s, usual for these risks", strings.Join(undecided, ", ")).At("left_out").
		WithHint("take each into the plan, or leave it out with a reason, a line each: \"- %s: why not\" (6.1.3 c)", undecided[0])
}

// maySign: who owns one of the risks now signs, with the authority for the level
// the plan leads to.
func maySign(g register.Guarding) error {
	w, top, err := authorities(g.Tx, g.Next.Strings("risks")...)
	if err != nil {
		return err
	}
	if !slices.Contains(ownersOf(g.Tx, g.Next.Strings("risks")), g.Actor.Person) {
		return sextant.Errorf(sextant.Denied, "the risk owner signs, nobody for them")
	}
	for _, key := range g.Next.Strings("risks") {
		r, err := get[Risk](g.Tx, riskName, key)
		if err != nil {
			return err
		}
		if r.Fields.Owner != g.Actor.Person {
			continue
		}
		if err := w.mayAgree(r, g.Actor.Person, top); err != nil {
			return err
		}
	}
	return nil
}

func signed(g register.Guarding, next register.Doc) {
	by := next.Strings("signed_by")
	if g.Actor.Person != "" && !slices.Contains(by, g.Actor.Person) {
		by = append(by, g.Actor.Person)
	}
	next["signed_by"] = asAny(by)
}

func unsigned(_ register.Guarding, next register.Doc) { delete(next, "signed_by") }

// agreedByAll: a treatment over several risks waits for all of their owners, and
// for a risk that lost its owner to get one.
func agreedByAll(tx *register.Tx, e register.Entry) error {
	by := e.Doc.Strings("signed_by")
	for _, key := range e.Doc.Strings("risks") {
		r, err := tx.Lookup(riskName, key)
		if err != nil {
			return err
		}
		if !slices.Contains(by, r.Owner()) {
			return nil
		}
	}
	_, err := tx.Transition(treatmentName, e.Key, e.Version, "agree", nil, register.Note{Why: "signed by every risk owner"})
	return err
}

func doneNow(g register.Guarding, next register.Doc) { next["done_on"] = today(g.Now) }

// takeUpControls makes the controls of the measures controls that treat the
// risks: the next judgement counts on them.
func takeUpControls(tx *register.Tx, e register.Entry) error {
	t, err := register.As[Treatment](e)
	if err != nil {
		return err
	}
	for _, key := range t.Fields.Risks {
		if err := takeUp(tx, key, t.Fields.Measures, e.Key+" is done"); err != nil {
			return err
		}
	}
	return nil
}

func takeUp(tx *register.Tx, key string, measures []Measure, why string) error {
	r, err := tx.Lookup(riskName, key)
	if err != nil || r.State == Closed || r.State == Rejected {
		return err
	}
	rows, _ := r.Doc["treating"].([]any)
	rows = slices.Clone(rows)
	for _, m := range measures {
		if m.Control == "" {
			continue
		}
		i := slices.IndexFunc(rows, func(row any) bool { return row.(map[string]any)["control"] == m.Control })
		if i < 0 {
			rows = append(rows, m.added(map[string]any{"control": m.Control, "why": m.Title}))
			continue
		}
		rows[i] = m.added(maps.Clone(rows[i].(map[string]any)))
	}
	_, err = tx.Edit(riskName, key, 0, map[string]any{"treating": rows}, register.Note{Why: why})
	return err
}

// added puts the steps of a measure to those its control took off before: the
// control was made stronger. Steps nobody declared stay undeclared.
func (m Measure) added(row map[string]any) map[string]any {
	for key, steps := range map[string]*float64{"lowers_likelihood": m.LowersLikelihood, "lowers_consequence": m.LowersConsequence} {
		if steps != nil {
			before, _ := row[key].(float64)
			row[key] = min(before+*steps, mostSteps)
		}
	}
	return row
}

// mostSteps is the most a scale of twelve levels has.
const mostSteps = 11

// mayVerify: somebody else than who did it, and each risk was judged again since.
func mayVerify(g register.Guarding) error {
	if g.Actor.Person != "" && g.Actor.Person == g.Next.Text("owner") {
		return sextant.Errorf(sextant.Denied, "the one who did it does not verify it").WithHint("the risk owner or the ISMS manager does")
	}
	var stale []string
	for _, key := range g.Next.Strings("risks") {
		judged, err := all[Evaluation](g.Tx, evaluationName, register.Filter{Field: "risk", Op: register.Is, Values: []string{key}}, inState(Recorded))
		if err != nil {
			return err
		}
		if latest(judged)[Current].Seq < g.Entry.Seq {
			stale = append(stale, key)
		}
	}
	if len(stale) > 0 {
		return sextant.Errorf(sextant.Conflict, "%s was not judged again since this was done", strings.Join(stale, ", ")).WithHint("evaluate the risk with the controls in place, then verify")
	}
	return nil
}

func followsTreatment(tx *register.Tx, written register.Entry) error {
	return refresh(tx, "follows "+written.Key, written.Doc.Strings("risks")...)
}
