// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"slices"
	"strings"

	"sextant/register"
)

// Tally counts rows. What is proposed is counted apart: it is open all the same.
type Tally struct {
	All      int
	By       map[string]int // rows that were answered, by answer
	Open     int            // not answered, or not taken for an answer
	Proposed int            // of the open ones, those the program proposes something for
	Reviewed int            // of the answered ones
	levels   []int          // of answered rows that have one, sorted
}

// TallyOf counts rows.
func TallyOf(rows []register.Of[Answer]) Tally {
	t := Tally{By: map[string]int{}}
	for _, a := range rows {
		t.add(a)
	}
	slices.Sort(t.levels)
	return t
}

func (t *Tally) add(a register.Of[Answer]) {
	t.All++
	if a.State == Open {
		t.Open++
		if a.Fields.Proposed != "" {
			t.Proposed++
		}
		return
	}
	t.By[a.Fields.Answer]++
	if a.State == Reviewed {
		t.Reviewed++
	}
	if a.Fields.Maturity != nil {
		t.levels = append(t.levels, int(*a.Fields.Maturity))
	}
}

// Answered is how many are taken for answered.
func (t Tally) Answered() int { return t.All - t.Open }

// Asked is how many could be met: all that were not found not applicable.
func (t Tally) Asked() int { return t.All - t.By[NotApplicable] }

// Ready counts what is met, of what could be.
func (t Tally) Ready() (met, asked int) { return t.By[Met], t.Asked() }

// Median is the level in the middle of those answered, the lower of the two
// where there are two: levels have an order and no distances, so there is no
// mean of them. ok is false where no row has a level.
func (t Tally) Median() (level int, ok bool) {
	if len(t.levels) == 0 {
		return 0, false
	}
	return t.levels[(len(t.levels)-1)/2], true
}

// Group is the rows of one clause, theme or attribute value.
type Group struct {
	Name  string // 9, people, Preventive
	Tally Tally
	Rows  []register.Of[Answer]
}

// Result is where an organisation stands, by whatever the rows can be told apart
// by. A row stands in one part, and in every value of an attribute it has.
type Result struct {
	All        Tally
	Clauses    []Group
	Themes     []Group
	Beyond     []ByFramework // what is not ISO/IEC 27001
	Attributes []ByAttribute
}

// ByFramework is the groups of one extension, of own controls or of one library,
// by chapter.
type ByFramework struct {
	Framework string // iso27018:2019, own, LIB-3
	Tally     Tally
	Groups    []Group // named by their chapter
}

// ByAttribute is the groups of one attribute of the controls.
type ByAttribute struct {
	Name   string // type, property, concept, capability, domain
	Groups []Group
}

// ResultOf groups rows. Groups without any are left out.
func ResultOf(rows []register.Of[Answer]) Result {
	r := Result{All: TallyOf(rows)}
	for _, part := range Parts() {
		g, ok := groupOf(part, rows, func(a Answer) bool { return a.Part == part })
		switch {
		case ok && IsClause(part):
			r.Clauses = append(r.Clauses, g)
		case ok:
			r.Themes = append(r.Themes, g)
		}
	}
	r.Beyond = beyond(rows)
	for _, attribute := range Attributes() {
		by := ByAttribute{Name: attribute.Name}
		for _, value := range attribute.Values {
			if g, ok := groupOf(value, rows, func(a Answer) bool { return slices.Contains(a.Attributes, value) }); ok {
				by.Groups = append(by.Groups, g)
			}
		}
		if len(by.Groups) > 0 {
			r.Attributes = append(r.Attributes, by)
		}
	}
	return r
}

// beyond groups the rows of what is not ISO/IEC 27001, in the order they stand in.
func beyond(rows []register.Of[Answer]) (list []ByFramework) {
	for _, a := range rows {
		id, _, _ := strings.Cut(a.Fields.Chapter, "/")
		if id == "" {
			continue
		}
		i := slices.IndexFunc(list, func(by ByFramework) bool { return by.Framework == id })
		if i < 0 {
			list = append(list, ByFramework{Framework: id})
			i = len(list) - 1
		}
		by := &list[i]
		j := slices.IndexFunc(by.Groups, func(g Group) bool { return g.Name == a.Fields.Chapter })
		if j < 0 {
			by.Groups = append(by.Groups, Group{Name: a.Fields.Chapter})
			j = len(by.Groups) - 1
		}
		by.Groups[j].Rows = append(by.Groups[j].Rows, a)
	}
	for i := range list {
		var all []register.Of[Answer]
		for j := range list[i].Groups {
			g := &list[i].Groups[j]
			g.Tally = TallyOf(g.Rows)
			all = append(all, g.Rows...)
		}
		list[i].Tally = TallyOf(all)
	}
	return list
}

func groupOf(name string, rows []register.Of[Answer], is func(Answer) bool) (Group, bool) {
	g := Group{Name: name}
	for _, a := range rows {
		if is(a.Fields) {
			g.Rows = append(g.Rows, a)
		}
	}
	g.Tally = TallyOf(g.Rows)
	return g, len(g.Rows) > 0
}

// Parts are the clauses of the first level and the themes, in order.
func Parts() []string { return append(clauseParts(), themeParts()...) }

func clauseParts() []string { return valueNames("clauses") }
func themeParts() []string  { return valueNames("themes") }

func valueNames(field string) (names []string) {
	f, _ := Campaigns.Field(field)
	for _, v := range f.Values {
		names = append(names, v.Name)
	}
	return names
}

// IsClause says whether a part is a clause and no theme.
func IsClause(part string) bool { return part != "" && part[0] >= '0' && part[0] <= '9' }

// Label names a value of a field of an answer, as people read it.
func Label(field, value string) string {
	f, _ := Answers.Field(field)
	return f.ValueLabel(value)
}

// efforts and effects in order, the easiest and the strongest first; what is not
// known comes last.
var (
	efforts = []string{"hours", "days", "weeks", "months", ""}
	effects = []string{"much", "some", "little", ""}
)

// Efforts and Effects give the values in the order gaps are listed in, "" for
// not known last.
func Efforts() []string { return slices.Clone(efforts) }

// Effects: see Efforts.
func Effects() []string { return slices.Clone(effects) }

// IsGap says whether a row was answered with something missing.
func IsGap(a register.Of[Answer]) bool {
	return a.State != Open && (a.Fields.Answer == NotMet || a.Fields.Answer == Partly)
}

// Gaps gives the rows with something missing: the strongest effect first, then
// what is not met before what is partly, then the least effort.
func Gaps(rows []register.Of[Answer]) []register.Of[Answer] {
	list := slices.DeleteFunc(slices.Clone(rows), func(a register.Of[Answer]) bool { return !IsGap(a) })
	slices.SortStableFunc(list, func(a, b register.Of[Answer]) int {
		for _, of := range []func(Answer) int{
			func(x Answer) int { return slices.Index(effects, x.Effect) },
			func(x Answer) int { return slices.Index([]string{NotMet, Partly}, x.Answer) },
			func(x Answer) int { return slices.Index(efforts, x.Effort) },
		} {
			if d := of(a.Fields) - of(b.Fields); d != 0 {
				return d
			}
		}
		return 0
	})
	return list
}
