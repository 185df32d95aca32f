// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"math/rand/v2"
	"testing"

	"sextant"
	"sextant/control"
	"sextant/risk"
)

func lv(n int) *float64 { f := float64(n); return &f }

// fourBySix is a yardstick that is no product of its scales: what is rarest and
// worst stands above what is commonest and mildest, and no formula gives it.
func fourBySix() risk.Criteria {
	c := risk.Criteria{ChangeSummary: "x", ConsequenceTypes: []string{"availability", "legal", "safety"}, AcceptUpTo: lv(2), Rule: "1", AssessEvery: "P6M", AssessWhen: "On change."}
	for i, name := range []string{"Rare", "Sometimes", "Often", "Always"} {
		c.Likelihoods = append(c.Likelihoods, risk.Likelihood{Level: lv(i + 1), Name: name, Definition: name})
	}
	for i, name := range []string{"Nil", "Small", "Felt", "Bad", "Grave", "Fatal"} {
		c.Consequences = append(c.Consequences, risk.Consequence{Level: lv(i + 1), Name: name, Definition: name})
	}
	for i, name := range []string{"Green", "Yellow", "Amber", "Red"} {
		c.Levels = append(c.Levels, risk.Level{Level: lv(i + 1), Name: name, Meaning: name, MayAccept: "owner", AcceptedFor: "P12M", ReviewEvery: "P6M"})
	}
	for l, row := range [][]int{{1, 1, 1, 2, 4, 4}, {1, 1, 2, 3, 4, 4}, {1, 1, 3, 3, 4, 4}, {1, 2, 3, 4, 4, 4}} {
		for k, n := range row {
			c.Matrix = append(c.Matrix, risk.Cell{Likelihood: lv(l + 1), Consequence: lv(k + 1), Level: lv(n)})
		}
	}
	return c
}

func yardstick(t testing.TB, c risk.Criteria) *risk.Yardstick {
	t.Helper()
	y, err := risk.NewYardstick(c)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

func TestLevelsAreLookedUpInAMatrixOfAnySize(t *testing.T) {
	y := yardstick(t, fourBySix())
	for _, want := range []struct{ likelihood, consequence, level int }{{1, 5, 4}, {4, 1, 1}, {3, 3, 3}, {1, 4, 2}, {0, 3, 0}, {3, 0, 0}, {5, 1, 0}, {1, 7, 0}} {
		if got := y.Level(want.likelihood, want.consequence); got != want.level {
			t.Errorf("%d x %d is %d, want %d", want.likelihood, want.consequence, got, want.level)
		}
	}
	for _, size := range risk.Sizes() {
		yardstick(t, risk.Template(size, "EUR", 6e6))
		yardstick(t, risk.Template(size, "EUR", 0))
	}
}

func TestCriteriaThatCannotBeMeasuredByAreRefusedWhereTheyAreWrong(t *testing.T) {
	one, two, minus := 1.0, 2.0, -1.0
	for name, test := range map[string]struct {
		change func(*risk.Criteria)
		field  string
	}{
		"a cell is missing":           {func(c *risk.Criteria) { c.Matrix = c.Matrix[1:] }, "matrix"},
		"a cell is there twice":       {func(c *risk.Criteria) { c.Matrix = append(c.Matrix, c.Matrix[0]) }, "matrix"},
		"the level falls":             {func(c *risk.Criteria) { c.Matrix[23].Level = lv(1) }, "matrix"},
		"a level that is not there":   {func(c *risk.Criteria) { c.Matrix[23].Level = lv(5) }, "matrix"},
		"a likelihood that is not":    {func(c *risk.Criteria) { c.Matrix[23].Likelihood = lv(5) }, "matrix"},
		"a gap in the likelihoods":    {func(c *risk.Criteria) { c.Likelihoods[1].Level = lv(3) }, "likelihoods"},
		"a gap in the consequences":   {func(c *risk.Criteria) { c.Consequences[0].Level = lv(2) }, "consequences"},
		"one level only":              {func(c *risk.Criteria) { c.Levels = c.Levels[:1] }, "levels"},
		"a negative frequency":        {func(c *risk.Criteria) { c.Likelihoods[0].From, c.Likelihoods[0].To = &minus, &one }, "likelihoods"},
		"an inverted frequency":       {func(c *risk.Criteria) { c.Likelihoods[0].From, c.Likelihoods[0].To = &two, &one }, "likelihoods"},
		"half a frequency":            {func(c *risk.Criteria) { c.Likelihoods[0].From = &one }, "likelihoods"},
		"an inverted loss":            {func(c *risk.Criteria) { c.Consequences[0].From, c.Consequences[0].To = "20 EUR", "10 EUR" }, "consequences"},
		"a loss in two currencies":    {func(c *risk.Criteria) { c.Consequences[0].From, c.Consequences[0].To = "10 EUR", "20 USD" }, "consequences"},
		"acceptable beyond the scale": {func(c *risk.Criteria) { c.AcceptUpTo = lv(5) }, "accept_up_to"},
		"appetite beyond the scale":   {func(c *risk.Criteria) { c.Appetites = []risk.Appetite{{Category: "cyber", UpTo: lv(5)}} }, "appetites"},
		"a definition of another type": {func(c *risk.Criteria) {
			c.Definitions = []risk.Definition{{Type: "privacy", Level: lv(1), Meaning: "x"}}
		}, "definitions"},
		"a loss without its chance": {func(c *risk.Criteria) { c.AppetiteLoss = "250000 EUR" }, "appetite_loss"},
	} {
		c := fourBySix()
		test.change(&c)
		_, err := risk.NewYardstick(c)
		e, _ := err.(*sextant.Error)
		if e == nil || e.Code != sextant.Invalid || e.Field != test.field {
			t.Errorf("%s: got %v, want a refusal of %s", name, err, test.field)
		}
	}
}

// TestCurrentRiskIsASpanThatWidensAndNeverLies holds the rule to what it
// promises, over random judgements: best is never above worst, more that is
// unknown never narrows, a control that comes to work never raises, nothing
// leaves the scale or passes the inherent judgement.
func TestCurrentRiskIsASpanThatWidensAndNeverLies(t *testing.T) {
	random := rand.New(rand.NewPCG(27005, 2022))
	all := []control.State{control.NotAssessed, control.Pass, control.Partial, control.Excepted, control.FailInGrace, control.NoData, control.Stale, control.Error, control.Fail}
	y := yardstick(t, fourBySix())
	for range 5000 {
		judged := risk.Evaluation{Likelihood: lv(1 + random.IntN(4)), Consequence: lv(1 + random.IntN(6))}
		states := map[string]control.State{}
		for i := range random.IntN(5) {
			counted, name := random.IntN(4) > 0, string(rune('a'+i))
			judged.Considered = append(judged.Considered, risk.Considered{Control: name, Counted: &counted, LowersLikelihood: lv(random.IntN(3)), LowersConsequence: lv(random.IntN(3))})
			states[name] = all[random.IntN(len(all))]
		}
		of := func(name string) control.State { return states[name] }
		span := y.Now(judged, nil, of)
		if span.BestLikelihood > span.WorstLikelihood || span.BestConsequence > span.WorstConsequence || span.Best > span.Worst {
			t.Fatalf("best is above worst: %+v", span)
		}
		if span.WorstLikelihood > 4 || span.WorstConsequence > 6 || span.BestLikelihood < n(judged.Likelihood) || span.Worst == 0 {
			t.Fatalf("off the scale, or below what was judged: %+v of %+v", span, judged)
		}
		for name := range states {
			was := states[name]
			states[name] = control.Pass
			better := y.Now(judged, nil, of)
			states[name] = control.Fail
			worse := y.Now(judged, nil, of)
			states[name] = control.Stale
			unknown := y.Now(judged, nil, of)
			states[name] = was
			if better.Worst > span.Worst || better.Best > span.Best {
				t.Fatalf("%s comes to work and the risk rises: %+v, was %+v", name, better, span)
			}
			if unknown.Best != better.Best || unknown.Worst != worse.Worst {
				t.Fatalf("%s is not known: %d to %d, but it is %d where it works and %d where it does not", name, unknown.Best, unknown.Worst, better.Best, worse.Worst)
			}
		}
		inherent := risk.Evaluation{Likelihood: lv(n(judged.Likelihood)), Consequence: lv(n(judged.Consequence))}
		if capped := y.Now(judged, &inherent, of); capped.Worst > y.Level(n(inherent.Likelihood), n(inherent.Consequence)) {
			t.Fatalf("above the inherent risk: %+v", capped)
		}
	}
}

func TestARuleSaysWhatFailsWithinItsGrace(t *testing.T) {
	c := fourBySix()
	counted := true
	judged := risk.Evaluation{Likelihood: lv(1), Consequence: lv(3), Considered: []risk.Considered{{Control: "a", Counted: &counted, LowersLikelihood: lv(2)}}}
	in := func(control.State) func(string) control.State {
		return func(string) control.State { return control.FailInGrace }
	}(control.FailInGrace)
	if s := yardstick(t, c).Now(judged, nil, in); s.Best != 1 || s.Worst != 3 {
		t.Errorf("by rule 1 it is not known: %d to %d, want 1 to 3", s.Best, s.Worst)
	}
	c.Rule = "2"
	if s := yardstick(t, c).Now(judged, nil, in); s.Best != 3 || s.Worst != 3 {
		t.Errorf("by rule 2 it is given back: %d to %d, want 3", s.Best, s.Worst)
	}
}
