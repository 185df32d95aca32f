// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"
	"strings"

	"sextant"
)

// Yardstick looks levels up in one edition of criteria that was found to be
// complete: every pair has a level, and no level falls where likelihood or
// consequence rises (risk_criteria.r2).
type Yardstick struct {
	Criteria Criteria
	cells    [][]int // by likelihood - 1, consequence - 1
}

// NewYardstick reads criteria. Errors name the field and row: scales that are
// not numbered from 1 without gaps, ranges that are negative, inverted or
// overlap, a matrix that is not complete or not monotone, thresholds that are no
// level.
func NewYardstick(c Criteria) (*Yardstick, error) {
	for _, check := range []func(Criteria) error{checkLikelihoods, checkConsequences, checkLevels, checkDefinitions, checkThresholds} {
		if err := check(c); err != nil {
			return nil, err
		}
	}
	y := &Yardstick{Criteria: c, cells: make([][]int, len(c.Likelihoods))}
	for i := range y.cells {
		y.cells[i] = make([]int, len(c.Consequences))
	}
	if err := y.fill(); err != nil {
		return nil, err
	}
	return y, y.rises()
}

func checkLikelihoods(c Criteria) error {
	last := 0.0
	for i, l := range c.Likelihoods {
		if Whole(l.Level) != i+1 {
			return rowError("likelihoods", i, "levels are numbered from 1 without gaps; this one is %d", i+1)
		}
		if err := named("likelihoods", i, c.names(OfLikelihood)); err != nil {
			return err
		}
		if (l.From == nil) != (l.To == nil) {
			return rowError("likelihoods", i, "a range of times a year has both ends")
		}
		if l.From == nil {
			continue
		}
		switch {
		case *l.From < 0:
			return rowError("likelihoods", i, "nothing happens less often than never")
		case *l.To <= *l.From:
			return rowError("likelihoods", i, "the range ends before it begins")
		case *l.From < last:
			return rowError("likelihoods", i, "the range overlaps the one before")
		}
		last = *l.To
	}
	return atLeastTwo("likelihoods", len(c.Likelihoods))
}

func checkConsequences(c Criteria) error {
	last := Amount{}
	for i, l := range c.Consequences {
		if Whole(l.Level) != i+1 {
			return rowError("consequences", i, "levels are numbered from 1 without gaps; this one is %d", i+1)
		}
		if err := named("consequences", i, c.names(OfConsequence)); err != nil {
			return err
		}
		if (l.From == "") != (l.To == "") {
			return rowError("consequences", i, "a range of losses has both ends")
		}
		if l.From == "" {
			continue
		}
		from, to := ParseAmount(l.From), ParseAmount(l.To)
		switch {
		case from.Value < 0:
			return rowError("consequences", i, "a loss is not negative")
		case from.Currency != to.Currency || last.Currency != "" && from.Currency != last.Currency:
			return rowError("consequences", i, "all losses are in one currency")
		case to.Value <= from.Value:
			return rowError("consequences", i, "the range ends before it begins")
		case from.Value < last.Value:
			return rowError("consequences", i, "the range overlaps the one before")
		}
		last = to
	}
	return atLeastTwo("consequences", len(c.Consequences))
}

func checkLevels(c Criteria) error {
	for i, l := range c.Levels {
		if Whole(l.Level) != i+1 {
			return rowError("levels", i, "levels are numbered from 1 without gaps; this one is %d", i+1)
		}
		if err := named("levels", i, c.names(OfLevel)); err != nil {
			return err
		}
		if l.MayAccept == "" || l.AcceptedFor == "" || l.ReviewEvery == "" {
			return rowError("levels", i, "say who may accept it, for how long, and how often it is looked at")
		}
	}
	return atLeastTwo("levels", len(c.Levels))
}

// named: people tell levels apart by their names.
func named(field string, i int, names []string) error {
	switch {
	case names[i] == "":
		return rowError(field, i, "a level has a name")
	case slices.Index(names, names[i]) < i:
		return rowError(field, i, "%q is there twice", names[i])
	}
	return nil
}

func atLeastTwo(field string, n int) error {
	if n < 2 {
		return sextant.Errorf(sextant.Invalid, "a scale has at least two levels").At(field)
	}
	return nil
}

func checkDefinitions(c Criteria) error {
	for i, d := range c.Definitions {
		switch {
		case !slices.Contains(c.ConsequenceTypes, d.Type):
			return rowError("definitions", i, "%s is not among the types of consequence", d.Type)
		case Whole(d.Level) > len(c.Consequences):
			return rowError("definitions", i, "there is no consequence of level %d", Whole(d.Level))
		}
	}
	return nil
}

func checkThresholds(c Criteria) error {
	top := len(c.Levels)
	if Whole(c.AcceptUpTo) > top {
		return sextant.Errorf(sextant.Invalid, "there is no level %d", Whole(c.AcceptUpTo)).At("accept_up_to").WithHint("the highest level is %d", top)
	}
	for i, a := range c.Appetites {
		if Whole(a.UpTo) > top {
			return rowError("appetites", i, "there is no level %d", Whole(a.UpTo))
		}
	}
	for i, a := range c.Authorities {
		if Whole(a.UpTo) > top {
			return rowError("authorities", i, "there is no level %d", Whole(a.UpTo))
		}
	}
	if (c.AppetiteLoss == "") != (c.AppetiteChance == nil) {
		return sextant.Errorf(sextant.Invalid, "a loss and the chance of more than that belong together").At("appetite_loss")
	}
	return nil
}

// fill lays the cells out: each pair once, none missing.
func (y *Yardstick) fill() error {
	for i, cell := range y.Criteria.Matrix {
		l, c, level := Whole(cell.Likelihood), Whole(cell.Consequence), Whole(cell.Level)
		switch {
		case l > len(y.cells):
			return rowError("matrix", i, "there is no likelihood of level %d", l)
		case c > len(y.cells[0]):
			return rowError("matrix", i, "there is no consequence of level %d", c)
		case level > len(y.Criteria.Levels):
			return rowError("matrix", i, "there is no level %d", level)
		case y.cells[l-1][c-1] != 0:
			return rowError("matrix", i, "likelihood %d with consequence %d is there twice", l, c)
		}
		y.cells[l-1][c-1] = level
	}
	for l, row := range y.cells {
		for c, level := range row {
			if level == 0 {
				return sextant.Errorf(sextant.Invalid, "likelihood %d with consequence %d has no level", l+1, c+1).At("matrix").WithHint("give every pair a level")
			}
		}
	}
	return nil
}

func (y *Yardstick) rises() error {
	for l, row := range y.cells {
		for c, level := range row {
			if l > 0 && level < y.cells[l-1][c] || c > 0 && level < row[c-1] {
				return sextant.Errorf(sextant.Invalid, "the level falls at likelihood %d with consequence %d", l+1, c+1).At("matrix").
					WithHint("a risk that is likelier or worse is not lower")
			}
		}
	}
	return nil
}

// Level looks a pair up; 0 where one of the two is not known.
func (y *Yardstick) Level(likelihood, consequence int) int {
	if likelihood < 1 || consequence < 1 || likelihood > len(y.cells) || consequence > len(y.cells[0]) {
		return 0
	}
	return y.cells[likelihood-1][consequence-1]
}

// Fits refuses values off the scales, naming the field.
func (y *Yardstick) Fits(likelihood, consequence int) error {
	if likelihood > len(y.Criteria.Likelihoods) {
		return sextant.Errorf(sextant.Invalid, "there is no likelihood of level %d", likelihood).At("likelihood").WithHint("%s has the levels %s", y.Criteria.Title, y.names("likelihood"))
	}
	if consequence > len(y.Criteria.Consequences) {
		return sextant.Errorf(sextant.Invalid, "there is no consequence of level %d", consequence).At("consequences").WithHint("%s has the levels %s", y.Criteria.Title, y.names("consequence"))
	}
	return nil
}

func (y *Yardstick) names(scale string) string {
	var list []string
	for n := 1; ; n++ {
		name := y.LikelihoodName(n)
		if scale == "consequence" {
			name = y.ConsequenceName(n)
		}
		if name == "" {
			return strings.Join(list, ", ")
		}
		list = append(list, name)
	}
}

// LikelihoodName names a level of likelihood, "" where there is none.
func (y *Yardstick) LikelihoodName(n int) string {
	if n < 1 || n > len(y.Criteria.Likelihoods) {
		return ""
	}
	return y.Criteria.Likelihoods[n-1].Name
}

// ConsequenceName names a level of consequence, "" where there is none.
func (y *Yardstick) ConsequenceName(n int) string {
	if n < 1 || n > len(y.Criteria.Consequences) {
		return ""
	}
	return y.Criteria.Consequences[n-1].Name
}

// LevelName names a level of risk, "" where there is none.
func (y *Yardstick) LevelName(n int) string {
	if n < 1 || n > len(y.Criteria.Levels) {
		return ""
	}
	return y.Criteria.Levels[n-1].Name
}

// Acceptable is the highest level risks of a category may have without
// treatment.
func (y *Yardstick) Acceptable(category string) int {
	for _, a := range y.Criteria.Appetites {
		if a.Category == category {
			return Whole(a.UpTo)
		}
	}
	return Whole(y.Criteria.AcceptUpTo)
}

// MayAccept says whether a risk owner may accept a level; the error says who may.
func (y *Yardstick) MayAccept(person string, level int, topManagement []string) error {
	if level < 1 || level > len(y.Criteria.Levels) {
		return sextant.Errorf(sextant.Conflict, "the risk has no level yet").WithHint("evaluate it first")
	}
	l := y.Criteria.Levels[level-1]
	hint := ""
	switch {
	case l.MayAccept == "nobody":
		return sextant.Errorf(sextant.Denied, "nobody may accept %s", l.Name).WithHint("lower the risk first")
	case l.MayAccept == "owner" || slices.Contains(topManagement, person):
		return nil
	case l.MayAccept == "named":
		for _, a := range y.Criteria.Authorities {
			if a.Person == person && Whole(a.UpTo) >= level {
				return nil
			}
		}
		hint = "the criteria name who may; make one of them the risk owner, or lower the risk"
	default:
		hint = "top management may; make one of them the risk owner, or lower the risk"
	}
	return sextant.Errorf(sextant.Denied, "%s is more than the risk owner may accept", l.Name).WithHint("%s", hint)
}
