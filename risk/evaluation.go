// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/register"
	"sextant/risk/quantity"
	"slices"
)

// Evaluation is one dated judgement of one stage of one risk, in levels, in
// quantities or both, with its reasons and how sure one is. It is written once:
// a later judgement is a new one. It keeps the edition of the criteria it was
// made by and the controls it counted on (6.1.2 d and e, 8.2).
type Evaluation struct {
	Title          string       `json:"title" is:"text derived title" label:"Evaluation"`
	Risk           string       `json:"risk" is:"ref required" to:"risk" label:"Risk"`
	Assessment     string       `json:"assessment" is:"ref keep" to:"risk_assessment" label:"Assessment"`
	Stage          string       `json:"stage" is:"enum required" values:"inherent=Inherent,current=Current,target=Target,residual=Residual" default:"current" label:"Stage" help:"Inherent: as if none of our controls were there. Current: with those that are. Target: when the plan is done. Residual: what its owner is asked to accept."`
	Likelihood     *float64     `json:"likelihood" is:"scale" values:"1..12" label:"Likelihood"`
	Consequences   []Rated      `json:"consequences" is:"rows" label:"Consequences" help:"One level for each type that matters here. The worst one counts."`
	Consequence    *float64     `json:"consequence" is:"scale derived" values:"1..12" label:"Consequence"`
	Level          *float64     `json:"level" is:"scale derived score" values:"1..12" label:"Level"`
	LevelName      string       `json:"level_name" is:"text derived" label:"Level by name"`
	FrequencyShape string       `json:"frequency_shape" is:"enum" values:"fixed=Known exactly,lognormal=Between 5 and 95 % (lognormal),pert=Least; most likely; most (PERT),triangular=Least; most likely; most (triangular)" label:"How often: known as"`
	FrequencyLow   *float64     `json:"frequency_low" is:"number" label:"Times a year, low"`
	FrequencyMode  *float64     `json:"frequency_mode" is:"number" label:"Times a year, most likely"`
	FrequencyHigh  *float64     `json:"frequency_high" is:"number" label:"Times a year, high"`
	LossShape      string       `json:"loss_shape" is:"enum" values:"fixed=Known exactly,lognormal=Between 5 and 95 % (lognormal),pert=Least; most likely; most (PERT),triangular=Least; most likely; most (triangular)" label:"Loss each time: known as"`
	LossLow        string       `json:"loss_low" is:"money" label:"Loss each time, low"`
	LossMode       string       `json:"loss_mode" is:"money" label:"Loss each time, most likely"`
	LossHigh       string       `json:"loss_high" is:"money" label:"Loss each time, high"`
	Rationale      string       `json:"rationale" is:"markdown required" label:"Why" help:"What it rests on: incidents, figures, the judgement of whom."`
	Confidence     string       `json:"confidence" is:"enum required" values:"low=Low,medium=Medium,high=High" default:"medium" label:"Confidence"`
	Considered     []Considered `json:"considered" is:"rows derived" label:"Controls it counts on"`
	Criteria       string       `json:"criteria" is:"ref derived keep" to:"risk_criteria" label:"Measured by"`
	EvaluatedOn    string       `json:"evaluated_on" is:"date derived" label:"Judged on"`
	EvaluatedBy    string       `json:"evaluated_by" is:"person owner keep" label:"Judged by"`
}

// Rated is the level of one type of consequence.
type Rated struct {
	Type  string   `json:"type" is:"enum required" values:"confidentiality=Confidentiality,integrity=Integrity,availability=Availability,legal=Legal,financial=Financial,reputation=Reputation,safety=Safety,privacy=Privacy,operations=Operations,environment=Environment" label:"Type"`
	Level *float64 `json:"level" is:"scale required" values:"1..12" label:"Level"`
}

// Considered is a control a judgement counts on, as it stood at that moment.
type Considered struct {
	Control           string   `json:"control" is:"ref required" to:"control" label:"Control"`
	LowersLikelihood  *float64 `json:"lowers_likelihood" is:"scale" values:"0..11" label:"Lowers likelihood by"`
	LowersConsequence *float64 `json:"lowers_consequence" is:"scale" values:"0..11" label:"Lowers consequence by"`
	State             string   `json:"state" is:"text" label:"Evidence then"`
	Counted           *bool    `json:"counted" is:"bool" label:"Counted on" help:"A control that failed at that moment is not: the judgement was made without it."`
}

// Stages of a risk that are judged.
const (
	Inherent = "inherent"
	Current  = "current"
	Target   = "target"
	Residual = "residual"
)

// States of an evaluation.
const (
	Recorded = "recorded"
	Voided   = "voided"
)

const evaluationName = "risk_evaluation"

// Evaluations is the register of judgements.
var Evaluations = register.Declare(register.Definition{
	Name: evaluationName, Plural: "risk-evaluations", Prefix: "RE", Title: "Risk evaluation",
	Question: "Who judged which risk how high, when and why?",
	Purpose:  "Dated judgements of risks. They are never changed: a later one stands beside them, a wrong one is voided.",
	Clauses:  []string{"6.1.2 d)", "6.1.2 e)", "8.2"}, Retention: "two_cycles", Parent: "risk", OpenTo: []access.Role{access.Owner},
	Lists:  []register.Shape{{Filter: []string{"state"}, Order: "level"}},
	Derive: deriveEvaluation,
	Follows: func(tx *register.Tx, written register.Entry) error {
		return refresh(tx, "follows "+written.Key, written.Doc.Text("risk"))
	},
	Lifecycle: register.Lifecycle{
		Initial:     Recorded,
		States:      []register.State{{Name: Recorded, Label: "Recorded", Freeze: &register.Freeze{Undone: true}}, {Name: Voided, Label: "Voided", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{{Name: "void", Label: "Void", From: []string{Recorded}, To: Voided, Who: []string{"evaluated_by", "isms_manager"}, NeedsReason: true}},
	},
}, checkEvaluation)

// deriveEvaluation looks the level up and copies what the judgement counts on.
// What was derived once stays: voiding changes nothing else.
func deriveEvaluation(tx register.Reader, doc register.Doc) error {
	if doc.Text("evaluated_on") != "" {
		return nil
	}
	of, err := get[Risk](tx, riskName, doc.Text("risk"))
	if err != nil {
		return nil //nolint:nilerr // refused with its field by the check that follows
	}
	known, err := readEditions(tx)
	if err != nil {
		return err
	}
	criteria := known.inForce[of.Fields.ManagementSystem]
	if criteria == "" {
		return notInForce()
	}
	y := known.yardsticks[criteria]
	doc["title"], doc["criteria"], doc["evaluated_on"] = stageLabel(doc.Text("stage"))+" risk of "+of.Key, criteria, today(tx.Now())
	if doc.Text("evaluated_by") == "" && tx.Actor().Person != "" {
		doc["evaluated_by"] = tx.Actor().Person
	}
	worst := worstOf(doc["consequences"])
	likelihood, _ := doc["likelihood"].(float64)
	if worst > 0 {
		doc["consequence"] = float64(worst)
	}
	if n := y.Level(int(likelihood), worst); n > 0 {
		doc["level"], doc["level_name"] = float64(n), y.LevelName(n)
	}
	return consider(tx, of.Fields, doc)
}

func worstOf(rows any) (worst int) {
	all, _ := rows.([]any)
	for _, row := range all {
		rated, _ := row.(map[string]any)
		n, _ := rated["level"].(float64)
		worst = max(worst, int(n))
	}
	return worst
}

// consider copies the controls that treat the risk with their evidence state of
// this moment. An inherent judgement counts on none.
func consider(tx register.Reader, r Risk, doc register.Doc) error {
	if doc.Text("stage") == Inherent || len(r.Treating) == 0 {
		return nil
	}
	states, err := statesOf(tx)
	if err != nil {
		return err
	}
	var rows []any
	for _, e := range r.Treating {
		state := states.of(e.Control, r.ScopeUnits)
		row := map[string]any{"control": e.Control, "state": state.String(), "counted": state != control.Fail}
		for key, steps := range map[string]*float64{"lowers_likelihood": e.LowersLikelihood, "lowers_consequence": e.LowersConsequence} {
			if steps != nil {
				row[key] = *steps
			}
		}
		rows = append(rows, row)
	}
	doc["considered"] = rows
	return nil
}

func stageLabel(stage string) string {
	for _, v := range []register.Value{{Name: Inherent, Label: "Inherent"}, {Name: Current, Label: "Current"}, {Name: Target, Label: "Target"}, {Name: Residual, Label: "Residual"}} {
		if v.Name == stage {
			return v.Label
		}
	}
	return stage
}

// checkEvaluation: a risk without an owner is not evaluated, values are on the
// scales of the criteria in force, and quantities are ranges (risk_evaluation.r1).
func checkEvaluation(tx register.Reader, now register.Of[Evaluation], before *register.Of[Evaluation]) error {
	if before != nil {
		return nil
	}
	f := now.Fields
	of, err := get[Risk](tx, riskName, f.Risk)
	if err != nil {
		return err
	}
	if of.Fields.Owner == "" {
		return sextant.Errorf(sextant.Conflict, "%s has no risk owner and cannot be evaluated", f.Risk).At("risk").WithHint("name its owner first: a person who answers for it")
	}
	if f.EvaluatedBy == "" {
		return sextant.Errorf(sextant.Invalid, "say who judged").At("evaluated_by")
	}
	if f.Likelihood == nil && f.FrequencyShape == "" {
		return sextant.Errorf(sextant.Invalid, "judge the likelihood, or say how often").At("likelihood").WithHint("not evaluated is not zero: leave the evaluation until somebody can judge")
	}
	if f.Likelihood != nil && len(f.Consequences) == 0 {
		return sextant.Errorf(sextant.Invalid, "judge at least one type of consequence").At("consequences")
	}
	if err := f.onScale(tx); err != nil {
		return err
	}
	_, _, err = f.Quantities()
	return err
}

func (f Evaluation) onScale(tx register.Reader) error {
	y, err := yardstickOf(tx, f.Criteria)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, r := range f.Consequences {
		switch {
		case !slices.Contains(y.Criteria.ConsequenceTypes, r.Type):
			return rowError("consequences", i, "%s is not among the types of consequence of %s", r.Type, f.Criteria)
		case seen[r.Type]:
			return rowError("consequences", i, "%s is there twice", r.Type)
		}
		seen[r.Type] = true
	}
	return y.Fits(Whole(f.Likelihood), Whole(f.Consequence))
}

// Quantities gives frequency and loss as ranges; ok is false where the
// evaluation has none. Errors name the field.
func (f Evaluation) Quantities() (s quantity.Scenario, ok bool, err error) {
	if f.FrequencyShape == "" && f.LossShape == "" {
		return s, false, nil
	}
	if f.FrequencyShape == "" || f.LossShape == "" {
		return s, false, sextant.Errorf(sextant.Invalid, "how often and how much belong together").At("loss_shape").WithHint("give both, or neither")
	}
	currency := ""
	for _, loss := range []string{f.LossLow, f.LossMode, f.LossHigh} {
		if c := ParseAmount(loss).Currency; c != "" && currency != "" && c != currency {
			return s, false, sextant.Errorf(sextant.Invalid, "the losses are in two currencies").At("loss_high")
		} else if c != "" {
			currency = c
		}
	}
	s = quantity.Scenario{ID: f.Risk,
		Frequency: quantity.Range{Shape: quantity.Shape(f.FrequencyShape), Low: number(f.FrequencyLow), Mode: number(f.FrequencyMode), High: number(f.FrequencyHigh)},
		Loss:      quantity.Range{Shape: quantity.Shape(f.LossShape), Low: ParseAmount(f.LossLow).Value, Mode: ParseAmount(f.LossMode).Value, High: ParseAmount(f.LossHigh).Value}}
	if err := s.Frequency.Check(); err != nil {
		return s, false, sextant.Errorf(sextant.Invalid, "how often: %s", err.Error()).At("frequency_low")
	}
	if err := s.Loss.Check(); err != nil {
		return s, false, sextant.Errorf(sextant.Invalid, "loss: %s", err.Error()).At("loss_low")
	}
	return s, true, nil
}

func number(n *float64) float64 {
	if n == nil {
		return 0
	}
	return *n
}

// currency of the losses of an evaluation.
func (f Evaluation) currency() string {
	for _, loss := range []string{f.LossHigh, f.LossMode, f.LossLow} {
		if c := ParseAmount(loss).Currency; c != "" {
			return c
		}
	}
	return ""
}
