// SPDX-License-Identifier: Apache-2.0

package gap_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"sextant/gap"
	"sextant/register"
)

// random makes the rows of a campaign: some of a few references in two units,
// each answered in some way.
func random(r *rand.Rand) (rows []register.Of[gap.Answer]) {
	answers, states := gap.Choices(), []string{gap.Open, gap.Answered, gap.Reviewed}
	for _, reference := range []string{"9.1", "9.3.2", "10.1", "A.5.1", "A.6.1", "A.8.13"} {
		for _, unit := range []string{"SU-1", "SU-2"} {
			if r.IntN(4) == 0 {
				continue
			}
			q, _, _ := gap.QuestionOf(nil, "iso27001:2022/"+reference)
			a := register.Of[gap.Answer]{Fields: gap.Answer{Reference: q.Reference, ScopeUnit: unit, Part: q.Part, Attributes: q.Attributes(), Answer: answers[r.IntN(len(answers))],
				Guidance: fmt.Sprint(r.IntN(3) / 2), EvidenceState: []string{"", "pass", "fail"}[r.IntN(3)], Observation: fmt.Sprint(r.Int())}}
			a.State = states[r.IntN(len(states))]
			if r.IntN(3) > 0 {
				level := float64(r.IntN(6))
				a.Fields.Maturity = &level
			}
			if a.State == gap.Open && r.IntN(2) == 0 {
				a.Fields.Proposed = gap.Partly
			}
			rows = append(rows, a)
		}
	}
	return rows
}

func TestEveryDifferenceHasItsCausesAndNothingElseHas(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 14))
	for range 3000 {
		before, after := random(r), random(r)
		list := gap.Compare(before, after)
		of := map[[2]string]gap.Difference{}
		for _, d := range list {
			place := [2]string{d.Reference, d.Unit}
			if _, twice := of[place]; twice {
				t.Fatalf("%v is listed twice", place)
			}
			of[place] = d
		}
		places := map[[2]string][2]*register.Of[gap.Answer]{}
		for side, rows := range [][]register.Of[gap.Answer]{before, after} {
			for i := range rows {
				place := [2]string{rows[i].Fields.Reference, rows[i].Fields.ScopeUnit}
				both := places[place]
				both[side] = &rows[i]
				places[place] = both
			}
		}
		for place, both := range places {
			d, listed := of[place]
			if want := differs(both); listed != want {
				t.Fatalf("%v differs %v and is listed %v", place, want, listed)
			}
			if listed {
				checkCauses(t, d, both)
			}
		}
		if len(gap.Compare(after, after)) != 0 {
			t.Fatal("a campaign differs from itself")
		}
	}
}

func differs(both [2]*register.Of[gap.Answer]) bool {
	if both[0] == nil || both[1] == nil {
		return true
	}
	x, low := gap.Stands(*both[0])
	y, high := gap.Stands(*both[1])
	return x != y || low != high
}

func checkCauses(t *testing.T, d gap.Difference, both [2]*register.Of[gap.Answer]) {
	t.Helper()
	has := func(c gap.Cause) bool { return slices.Contains(d.Causes, c) }
	if len(d.Causes) == 0 || len(slices.Compact(slices.Sorted(slices.Values(d.Causes)))) != len(d.Causes) {
		t.Fatalf("%s has the causes %v", d.Reference, d.Causes)
	}
	alone := both[0] == nil || both[1] == nil
	if has(gap.Scope) != alone || (has(gap.Scope) || has(gap.Judged)) && len(d.Causes) > 1 {
		t.Fatalf("%s, asked once %v, has the causes %v", d.Reference, alone, d.Causes)
	}
	if alone {
		return
	}
	if edition := both[0].Fields.Guidance != both[1].Fields.Guidance; has(gap.Edition) != edition {
		t.Fatalf("%s: edition %v, causes %v", d.Reference, edition, d.Causes)
	}
	if state := both[0].Fields.EvidenceState != both[1].Fields.EvidenceState; has(gap.Evidence) != state {
		t.Fatalf("%s: evidence %v, causes %v", d.Reference, state, d.Causes)
	}
}

func TestEveryRowIsCountedOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 59))
	for range 2000 {
		rows := random(r)
		all := gap.TallyOf(rows)
		sum := all.Open
		for _, n := range all.By {
			sum += n
		}
		proposed := 0
		for _, a := range rows {
			if a.State == gap.Open && a.Fields.Proposed != "" {
				proposed++
			}
		}
		if sum != len(rows) || all.All != len(rows) || all.Proposed != proposed || all.Answered()+all.Open != all.All {
			t.Fatalf("%d rows, counted %d: %+v", len(rows), sum, all)
		}
		result := gap.ResultOf(rows)
		parts := 0
		for _, g := range slices.Concat(result.Clauses, result.Themes) {
			parts += g.Tally.All
			met, asked := g.Tally.Ready()
			if met > asked || g.Tally.All != len(g.Rows) {
				t.Fatalf("%s: %d of %d", g.Name, met, asked)
			}
			level, ok := g.Tally.Median()
			if below, above := around(g.Rows, level); ok && (2*below >= below+above+equal(g.Rows, level) || 2*above > below+above+equal(g.Rows, level)) {
				t.Fatalf("%s: %d is not in the middle: %d below, %d above", g.Name, level, below, above)
			}
		}
		if parts != len(rows) {
			t.Fatalf("%d of %d rows stand in a clause or theme", parts, len(rows))
		}
		for _, by := range result.Attributes {
			for _, g := range by.Groups {
				for _, a := range g.Rows {
					if !slices.Contains(a.Fields.Attributes, g.Name) {
						t.Fatalf("%s is counted under %s", a.Fields.Reference, g.Name)
					}
				}
			}
		}
	}
}

func around(rows []register.Of[gap.Answer], level int) (below, above int) {
	for _, a := range rows {
		if _, l := gap.Stands(a); l >= 0 && l < level {
			below++
		} else if l > level {
			above++
		}
	}
	return below, above
}

func equal(rows []register.Of[gap.Answer], level int) (n int) {
	for _, a := range rows {
		if _, l := gap.Stands(a); l == level {
			n++
		}
	}
	return n
}

func TestGapsWithMostEffectComeFirst(t *testing.T) {
	var rows []register.Of[gap.Answer]
	for i, f := range []gap.Answer{{Answer: gap.Partly}, {Answer: gap.Met, Effect: "much"}, {Answer: gap.NotMet, Effect: "much", Effort: "weeks"}, {Answer: gap.NotMet, Effect: "much", Effort: "hours"}, {Answer: gap.Partly, Effect: "much", Effort: "hours"}} {
		a := register.Of[gap.Answer]{Fields: f}
		a.Key, a.State = fmt.Sprintf("GA-%d", i), gap.Answered
		rows = append(rows, a)
	}
	typed := register.Of[gap.Answer]{Fields: gap.Answer{Answer: gap.NotMet}}
	typed.State = gap.Open // nobody took it for answered
	rows = append(rows, typed)
	var got []string
	for _, a := range gap.Gaps(rows) {
		got = append(got, a.Key)
	}
	if want := []string{"GA-3", "GA-2", "GA-4", "GA-0"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
