// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"sextant/register"
	"sextant/risk"
)

// stages in the order they are shown. Residual is what was signed.
var stages = []string{risk.Inherent, risk.Current, risk.Target, risk.Residual}

// stageOf reads the stage an address asks for; the current one without.
func stageOf(asked string) string {
	if slices.Contains(stages, asked) {
		return asked
	}
	return risk.Current
}

// open are the states of risks that are not over.
var open = risk.OpenStates()

func isOpen(r risk.Row) bool { return slices.Contains(open, r.State) }

// standing of a risk at a stage: in the matrix, by criteria that are no longer in
// force, or without a level.
const (
	inMatrix = "in_matrix"
	earlier  = "earlier"
	noLevel  = "no_level"
)

// lens reads a board at one stage.
type lens struct {
	risk.Board
	stage string
}

func (l lens) place(r risk.Row) risk.Place { return r.Places[l.stage] }

func (l lens) standing(r risk.Row) string {
	switch p := l.place(r); {
	case p.Level == 0:
		return noLevel
	case p.Likelihood == 0 || p.Criteria != l.InForce[r.Fields.ManagementSystem]:
		return earlier
	}
	return inMatrix
}

// yardstick is that of a risk at a stage; nil where it has no level there.
func (l lens) yardstick(r risk.Row, stage string) *risk.Yardstick {
	return l.Yardsticks[r.Places[stage].Criteria]
}

// chip is a level by name, with its place on the ramp of colours.
type chip struct{ Name, Heat string }

// chipOf names a level of a yardstick; a level whose criteria are not known any
// more keeps its number.
func chipOf(y *risk.Yardstick, level int) chip {
	if y == nil || y.LevelName(level) == "" {
		return chip{strconv.Itoa(level), ""}
	}
	return chip{y.LevelName(level), heat(level, len(y.Criteria.Levels))}
}

// heat places level n of several on the ramp from 1 to 5, in quarters: twelve
// levels, the most there can be, are still told apart.
func heat(n, of int) string {
	if of < 2 {
		return "1"
	}
	at := 1 + 4*float64(n-1)/float64(of-1)
	return strconv.FormatFloat(math.Round(at*4)/4, 'f', -1, 64)
}

// move is how one risk moved, in levels of one edition of criteria; 0 is none.
type move struct {
	Of                                    int // levels
	Inherent, Best, Worst, Target, Signed int
	Broken                                bool
	Says                                  string
}

// X is the place of a level on the line.
func (m move) X(level int) string {
	return fmt.Sprintf("%.1f", 9+92*float64(level-1)/float64(max(m.Of-1, 1)))
}

// moveOf leaves out what was judged by other criteria than the current level.
func (l lens) moveOf(r risk.Row) (m move) {
	by := r.Places[risk.Current].Criteria
	y := l.Yardsticks[by]
	if y == nil || r.Fields.CurrentLevel == nil {
		return m
	}
	same := func(stage string) int {
		if p := r.Places[stage]; p.Criteria == by {
			return p.Level
		}
		return 0
	}
	return move{Of: len(y.Criteria.Levels), Inherent: same(risk.Inherent), Best: risk.Whole(r.Fields.BestLevel), Worst: risk.Whole(r.Fields.CurrentLevel),
		Target: same(risk.Target), Signed: same(risk.Residual), Broken: r.Fields.Acceptance == risk.Broken}
}

func filter(field string, values ...string) string {
	return register.Filter{Field: field, Op: register.Is, Values: values}.String()
}
