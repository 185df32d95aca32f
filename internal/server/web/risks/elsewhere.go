// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"cmp"
	"slices"
	"strconv"

	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
)

// Short is a risk in a list on a page of another section.
type Short struct {
	Key, Title, Path string
	Level            chip
	best             chip
	Broken           bool
	Effect           string // what the control declares to take off
}

// Above is the risks that are or may be above appetite, for the first page.
type Above struct {
	Any    bool // there are open risks at all
	Count  int
	Broken int
	First  []Short // the highest
}

const aboveShown = 6

// AboveAppetite reads them at the moment the view is of.
func AboveAppetite(v *register.View, p page.Page) (a Above, err error) {
	b, err := board(v)
	if err != nil {
		return a, err
	}
	rows := slices.Clone(b.Risks)
	slices.SortStableFunc(rows, func(x, y risk.Row) int {
		return cmp.Compare(risk.Whole(y.Fields.CurrentLevel), risk.Whole(x.Fields.CurrentLevel))
	})
	for _, r := range rows {
		if !isOpen(r) {
			continue
		}
		a.Any = true
		if r.Fields.Acceptance == risk.Broken {
			a.Broken++
		}
		if r.Fields.Appetite != "above" && r.Fields.Appetite != "may_be_above" {
			continue
		}
		a.Count++
		if len(a.First) < aboveShown {
			a.First = append(a.First, shortOf(b, r, p))
		}
	}
	return a, nil
}

func shortOf(b risk.Board, r risk.Row, p page.Page) Short {
	y := b.Yardsticks[r.Places[risk.Current].Criteria]
	s := Short{Key: r.Key, Title: r.Title(), Path: p.Link(path + "/" + r.Key), Broken: r.Fields.Acceptance == risk.Broken}
	if n := risk.Whole(r.Fields.CurrentLevel); n > 0 {
		s.Level = chipOf(y, n)
		if best := risk.Whole(r.Fields.BestLevel); best > 0 && best != n {
			s.best = chipOf(y, best)
		}
	}
	return s
}

// Treated is the open risks a control treats.
type Treated struct {
	List []Short
	Path string // the list of exactly these
}

// TreatedBy reads them, by the reference of the control.
func TreatedBy(v *register.View, p page.Page, control string) (t Treated, err error) {
	b, err := board(v)
	if err != nil {
		return t, err
	}
	t.Path = p.Link(listPath(filter("controls", control)))
	for _, r := range b.Risks {
		for _, e := range r.Fields.Treating {
			if e.Control == control && isOpen(r) {
				s := shortOf(b, r, p)
				s.Effect = effectText(v.Context(), e.LowersLikelihood, e.LowersConsequence)
				t.List = append(t.List, s)
			}
		}
	}
	return t, nil
}

func (t Treated) count() string { return strconv.Itoa(len(t.List)) }
