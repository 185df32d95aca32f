// SPDX-License-Identifier: Apache-2.0

package riskbook

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/interchange/heading"
	"sextant/register"
	"sextant/risk"
)

// Said is a value of a column that judges, as it stands there.
type Said struct {
	Measure string // Likelihood or Consequence
	Value   string // made plain by Meant
}

// Meant is the Said of a value as it stands in a cell.
func Meant(measure, value string) Said { return Said{measure, heading.Plain(value)} }

// Seen is a value that judges and what it is read as by the criteria in force.
type Seen struct {
	Said
	Text  string // as it stands in the first cell
	Count int
	Level int    // 0 = it is no level
	Name  string // of the level
	Open  bool   // it says that nothing was judged
}

// scale is a scale of the criteria in force.
type scale struct {
	measure, criteria string
	names             []string
	meant             map[Said]int // what a person said of values
}

// scales gives those of an edition by measure.
func scales(c register.Of[risk.Criteria], o Options) map[string]scale {
	l, k := scale{Likelihood, c.Key, nil, o.Levels}, scale{Consequence, c.Key, nil, o.Levels}
	for _, level := range c.Fields.Likelihoods {
		l.names = append(l.names, level.Name)
	}
	for _, level := range c.Fields.Consequences {
		k.names = append(k.names, level.Name)
	}
	return map[string]scale{Likelihood: l, Consequence: k}
}

var (
	bareNumber  = regexp.MustCompile(`^\s*(\d{1,3})(?:[.,]0+)?\s*$`)
	numberFirst = regexp.MustCompile(`^\s*(\d{1,3})\s*[-–—:.)=(\s]\s*(\D.*)$`)
	numberLast  = regexp.MustCompile(`^\s*(.*\D)[-–—:=(\[\s]\s*(\d{1,3})\s*[)\]]?\s*$`)
	numberOf    = regexp.MustCompile(`^\s*(\d{1,3})\s*(?:/|of|von|de|van|di)\s*(\d{1,3})\s*$`)
)

// read reads a value by number, by name or by both; 0 for one that leaves it
// open. Nothing is rescaled: what is no level of this scale is refused with the
// levels there are.
func (s scale) read(text string) (int, error) {
	if n := s.meant[Meant(s.measure, text)]; n > 0 {
		return n, s.holds(n, text)
	}
	if n := s.named(text); n > 0 {
		return n, nil
	}
	if undecidedWord(text) {
		return 0, nil
	}
	if m := bareNumber.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n, s.holds(n, text)
	}
	if m := numberOf.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		if of, _ := strconv.Atoi(m[2]); of != len(s.names) {
			return 0, s.refuse("%q is on a scale of %d, and %s has %d levels of %s", text, of, s.criteria, len(s.names), s.measure)
		}
		return n, s.holds(n, text)
	}
	if m := numberFirst.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return s.both(n, m[2], text)
	}
	if m := numberLast.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[2])
		return s.both(n, m[1], text)
	}
	return 0, s.refuse("%q is no %s of %s", heading.Clip(text, heading.Longest), s.measure, s.criteria)
}

// both holds number and name against each other: another scale may have other
// names for the same numbers.
func (s scale) both(n int, name, text string) (int, error) {
	if err := s.holds(n, text); err != nil {
		return 0, err
	}
	if s.named(name) != n {
		return 0, s.refuse("%q is no %s of %s, whose level %d is %s", heading.Clip(text, heading.Longest), s.measure, s.criteria, n, s.names[n-1])
	}
	return n, nil
}

func (s scale) named(name string) int {
	plain := heading.Plain(name)
	return 1 + slices.IndexFunc(s.names, func(of string) bool { return heading.Plain(of) == plain })
}

func (s scale) holds(n int, text string) error {
	if n < 1 || n > len(s.names) {
		return s.refuse("%q is off the scale of %s of %s", heading.Clip(text, heading.Longest), s.measure, s.criteria)
	}
	return nil
}

func (s scale) refuse(format string, args ...any) error {
	return sextant.Errorf(sextant.Invalid, format, args...).At(s.measure).WithHint("its levels are %s; correct the cell, or say which of them it stands for", s.levels())
}

func (s scale) levels() string {
	list := make([]string, len(s.names))
	for i, name := range s.names {
		list[i] = fmt.Sprintf("%d %s", i+1, name)
	}
	return strings.Join(list, ", ")
}

// Seen lists the different values of each measure, the most frequent first, and
// what they are read as by the criteria of a management system; nothing where
// none are in force.
func (b *Book) Seen(tx register.Reader, system string, o Options) ([]Seen, error) {
	c, err := risk.InForce(tx, system)
	if sextant.CodeOf(err) == sextant.NotFound || b.matching == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return b.seen(scales(c, o)), nil
}

func (b *Book) seen(by map[string]scale) (list []Seen) {
	at := map[Said]int{}
	see := func(measure, text string) {
		if text == "" {
			return
		}
		key := Meant(measure, text)
		i, known := at[key]
		if !known {
			i = len(list)
			at[key], list = i, append(list, Seen{Said: key, Text: text})
		}
		list[i].Count++
	}
	for _, r := range b.rows {
		for _, stage := range Stages() {
			j := r.stages[stage]
			see(Likelihood, j.likelihood.text)
			see(Consequence, j.consequence.text)
			for _, kind := range j.consequences {
				see(Consequence, j.typed[kind].text)
			}
		}
	}
	for i := range list {
		s := by[list[i].Measure]
		n, err := s.read(list[i].Text)
		if err == nil && n > 0 {
			list[i].Level, list[i].Name = n, s.names[n-1]
		}
		list[i].Open = err == nil && n == 0
	}
	slices.SortStableFunc(list, func(x, y Seen) int {
		return cmp.Or(cmp.Compare(y.Measure, x.Measure), y.Count-x.Count)
	})
	return list
}

// says tells in a line how the values of a measure were read.
func says(list []Seen, measure, criteria string) string {
	var parts []string
	more := 0
	for _, s := range list {
		switch {
		case s.Measure != measure || s.Level == 0:
		case len(parts) < 12:
			parts = append(parts, fmt.Sprintf("%q as %d %s", heading.Clip(s.Text, heading.Longest), s.Level, s.Name))
		default:
			more++
		}
	}
	if len(parts) == 0 {
		return ""
	}
	text := fmt.Sprintf("%s was read by %s: %s", measure, criteria, strings.Join(parts, ", "))
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
