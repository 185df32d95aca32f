// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"testing"

	"sextant"
	"sextant/risk"
)

// replacedBy gives what an edition says became of the levels of a scale.
func replacedBy(c risk.Criteria, scale risk.Scale) map[int]int {
	became := map[int]int{}
	for _, r := range c.Replaced {
		if r.Scale == string(scale) {
			became[n(r.Old)] = n(r.New)
		}
	}
	return became
}

// A matrix of four by six is made from five by five, and each level that is
// still there is known under its new number.
func TestLevelsKeepTheirMeaningWhenAScaleIsChanged(t *testing.T) {
	five := risk.Template(5, "EUR", 6e6)
	r := risk.Rescale(five, &five)
	must(t, r.Remove(risk.OfLikelihood, 3))
	must(t, r.Add(risk.OfConsequence, 1))
	r.Criteria.Consequences[1] = risk.Consequence{Level: r.Criteria.Consequences[1].Level, Name: "Noticeable", Definition: "A day of one team."}
	next := r.Done()
	y, err := risk.NewYardstick(next)
	if err != nil {
		t.Fatal(err)
	}
	if len(next.Likelihoods) != 4 || len(next.Consequences) != 6 || len(next.Matrix) != 24 {
		t.Fatalf("%d by %d with %d pairs", len(next.Likelihoods), len(next.Consequences), len(next.Matrix))
	}
	if got := replacedBy(next, risk.OfLikelihood); got[3] != 3 || got[4] != 3 || got[5] != 4 || len(got) != 3 {
		t.Errorf("likelihoods became %v", got)
	}
	if got := replacedBy(next, risk.OfConsequence); got[2] != 3 || got[5] != 6 || got[1] != 0 {
		t.Errorf("consequences became %v", got)
	}
	if y.LikelihoodName(3) != "Very likely" || y.Level(3, 6) != 5 || y.Level(1, 2) != y.Level(1, 1) {
		t.Errorf("%s by %s is %s", y.LikelihoodName(3), y.ConsequenceName(6), y.LevelName(y.Level(3, 6)))
	}
	again := risk.Rescale(next, &five)
	for scale, want := range map[risk.Scale][]int{risk.OfLikelihood: {1, 2, 4, 5}, risk.OfConsequence: {1, 0, 2, 3, 4, 5}, risk.OfLevel: {1, 2, 3, 4, 5}} {
		for i, old := range again.Was[scale] {
			if old != want[i] {
				t.Errorf("read again, %s %d was %d, want %d", scale, i+1, old, want[i])
			}
		}
	}
	if again.Gone[risk.OfLikelihood][3] != 3 {
		t.Errorf("read again, what is gone became %v", again.Gone)
	}
}

func TestALevelOfRiskThatGoesTakesItsMentionsAlong(t *testing.T) {
	five := risk.Template(5, "", 0)
	r := risk.Rescale(five, &five)
	must(t, r.Remove(risk.OfLevel, 2))
	next := r.Done()
	y, err := risk.NewYardstick(next)
	if err != nil {
		t.Fatal(err)
	}
	if y.LevelName(2) != "Medium" || y.Level(5, 5) != 4 || n(next.AcceptUpTo) != 2 || replacedBy(next, risk.OfLevel)[2] != 2 {
		t.Errorf("level 2 is %s, the highest pair %d, acceptable up to %d, became %v", y.LevelName(2), y.Level(5, 5), n(next.AcceptUpTo), replacedBy(next, risk.OfLevel))
	}
	if len(five.Levels) != 5 || n(five.Matrix[0].Level) != 1 || five.Levels[1].Name != "Low" {
		t.Error("the edition it began with was changed")
	}
	for range 10 {
		if err = r.Remove(risk.OfLevel, 1); err != nil {
			break
		}
	}
	wants(t, err, sextant.Invalid, "at least two levels")
	for range 12 {
		if err = r.Add(risk.OfLikelihood, 5); err != nil {
			break
		}
	}
	wants(t, err, sextant.Invalid, "at most 12 levels")
}
