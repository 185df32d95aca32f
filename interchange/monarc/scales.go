// SPDX-License-Identifier: Apache-2.0

package monarc

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/register"
	"sextant/risk"
)

// Scale is one of MONARC's scales of whole numbers.
type Scale struct {
	Min, Max int
	Means    map[int]string
}

// ImpactType is what a scale of impact means for one type of consequence.
type ImpactType struct {
	Number int // 1 to 8 are MONARC's own, in the order of impactTypes
	Means  map[int]string
}

// Scales are those of an analysis, and the two thresholds of the products MONARC
// computes: up to Low is low, up to High is medium.
type Scales struct {
	Impact, Threat, Vulnerability Scale
	Types                         []ImpactType
	Low, High                     int
}

// impactTypes are MONARC's own types of impact as criteria have them, from 1.
var impactTypes = []string{"", "confidentiality", "integrity", "availability", "reputation", "operations", "legal", "financial", "privacy"}

func (r *reader) scales(top node) (s Scales) {
	thresholds := top.get("thresholds")
	if !thresholds.has("seuil1") {
		thresholds = top.get("method").get("thresholds")
	}
	s.Low, s.High = thresholds.get("seuil1").number(notSaid), thresholds.get("seuil2").number(notSaid)
	byType := map[int]*Scale{1: &s.Impact, 2: &s.Threat, 3: &s.Vulnerability}
	for _, of := range byType {
		*of = Scale{Max: notSaid, Means: map[int]string{}}
	}
	types := map[int]map[int]string{}
	comment := func(kind, impact int, c node) {
		value, says := c.get("scaleValue", "val").number(notSaid), r.said(c, "comment")
		if value < 0 || says == "" {
			return
		}
		if kind == 1 && impact > 0 && impact < len(impactTypes) {
			if types[impact] == nil {
				types[impact] = map[int]string{}
			}
			types[impact][value] = says
		} else if of := byType[kind]; of != nil && kind != 1 {
			of.Means[value] = says
		}
	}
	for _, scale := range top.get("scales").items() {
		kind := scale.get("type").number(0)
		of := byType[kind]
		if of == nil {
			continue
		}
		of.Min, of.Max = scale.get("min").number(0), scale.get("max").number(notSaid)
		for _, c := range scale.get("scaleComments").items() {
			comment(kind, 0, c)
		}
		for _, t := range scale.get("scaleImpactTypes").items() {
			for _, c := range t.get("scaleComments").items() {
				comment(kind, t.get("type").number(0), c)
			}
		}
	}
	for _, c := range top.get("scalesComments").items() {
		comment(c.get("scale").get("type").number(0), c.get("scaleImpactType").get("type").number(0), c)
	}
	for n := 1; n < len(impactTypes); n++ {
		if types[n] != nil {
			s.Types = append(s.Types, ImpactType{n, types[n]})
		}
	}
	return s
}

// widest is the widest scale that criteria can be made of.
const widest = 11

// Usable says why no criteria can be made of the scales; nil if they can.
func (s Scales) Usable() error {
	switch {
	case s.Low < 0 || s.High <= s.Low:
		return sextant.Errorf(sextant.Invalid, "the analysis has no thresholds")
	case s.Impact.Max < 1 || s.Threat.Max < 1 || s.Vulnerability.Max < 1:
		return sextant.Errorf(sextant.Invalid, "the analysis has no scales of impact, threat and vulnerability")
	case s.Impact.Min != 0 || s.Impact.Max > widest || s.Threat.Max > 100 || s.Vulnerability.Max > 100 || s.Threat.Min < 0 || s.Vulnerability.Min < 0:
		return sextant.Errorf(sextant.Invalid, "its scales are wider than criteria here can be, or begin below 0")
	}
	if n := len(s.classes()); n < 2 || n > 12 {
		return sextant.Errorf(sextant.Invalid, "its scales give %d levels of likelihood; criteria have 2 to 12", n)
	}
	return nil
}

// class is one level of likelihood: products of threat and vulnerability that
// give the same level at every impact.
type class struct {
	from, to int   // the products
	levels   []int // by impact
}

// classes finds the levels of likelihood. MONARC multiplies threat,
// vulnerability and impact and compares with thresholds; here nothing is
// multiplied, so the products that behave alike become one level, and the matrix
// looks up what MONARC would have computed for every pair.
func (s Scales) classes() (list []class) {
	var products []int
	for t := s.Threat.Min; t <= s.Threat.Max; t++ {
		for v := s.Vulnerability.Min; v <= s.Vulnerability.Max; v++ {
			products = append(products, t*v)
		}
	}
	slices.Sort(products)
	for _, p := range slices.Compact(products) {
		levels := make([]int, s.Impact.Max+1)
		for i := range levels {
			levels[i] = s.level(p * i)
		}
		if last := len(list) - 1; last >= 0 && slices.Equal(list[last].levels, levels) {
			list[last].to = p
		} else {
			list = append(list, class{p, p, levels})
		}
	}
	return list
}

func (s Scales) level(product int) int {
	switch {
	case product <= s.Low:
		return 1
	case product <= s.High:
		return 2
	}
	return 3
}

// Criteria makes criteria of the scales for a management system: who may accept
// what, and for how long, is not in the analysis and has to be looked through.
// The error says why none can be made.
func (s Scales) Criteria(system, author, from string) (c risk.Criteria, err error) {
	if err := s.Usable(); err != nil {
		return c, err
	}
	t := risk.Template(3, "", 0)
	c = risk.Criteria{ManagementSystem: system, Author: author, ChangeSummary: "Made of the scales of " + from + ". Likelihood is what threat and vulnerability give together there; the matrix looks up the level that product with the impact has.",
		AcceptUpTo: level(1), Rule: t.Rule, AssessEvery: t.AssessEvery, AssessWhen: t.AssessWhen, Levels: t.Levels}
	for i, name := range []string{"Low", "Medium", "High"} {
		c.Levels[i].Name = name
	}
	classes := s.classes()
	for l, class := range classes {
		c.Likelihoods = append(c.Likelihoods, risk.Likelihood{Level: level(l + 1), Name: class.name(), Definition: s.pairs(class)})
		for i, n := range class.levels {
			c.Matrix = append(c.Matrix, risk.Cell{Likelihood: level(l + 1), Consequence: level(i + 1), Level: level(n)})
		}
	}
	for i := 0; i <= s.Impact.Max; i++ {
		c.Consequences = append(c.Consequences, risk.Consequence{Level: level(i + 1), Name: fmt.Sprintf("Impact %d", i), Definition: clip(cmp.Or(s.means(i), "Not described in the analysis."), 1000)})
	}
	s.types(&c)
	return c, nil
}

// types takes the types of consequence and what each level means for them.
func (s Scales) types(c *risk.Criteria) {
	c.ConsequenceTypes = []string{"confidentiality", "integrity", "availability"}
	for _, t := range s.Types {
		name := impactTypes[t.Number]
		if !slices.Contains(c.ConsequenceTypes, name) {
			c.ConsequenceTypes = append(c.ConsequenceTypes, name)
		}
		for i := 0; i <= s.Impact.Max; i++ {
			if says := clip(oneLine(t.Means[i]), 1000); says != "" {
				c.Definitions = append(c.Definitions, risk.Definition{Type: name, Level: level(i + 1), Meaning: says})
			}
		}
	}
}

// means describes a level of impact by the first type that has words for it.
func (s Scales) means(i int) string {
	for _, t := range s.Types {
		if says := oneLine(t.Means[i]); says != "" {
			return says
		}
	}
	return ""
}

func (c class) name() string {
	if c.from == c.to {
		return fmt.Sprintf("Threat × vulnerability %d", c.from)
	}
	return fmt.Sprintf("Threat × vulnerability %d to %d", c.from, c.to)
}

// pairs spells out which pairs a level stands for.
func (s Scales) pairs(c class) string {
	var parts []string
	for t := s.Threat.Min; t <= s.Threat.Max; t++ {
		var with []string
		for v := s.Vulnerability.Min; v <= s.Vulnerability.Max; v++ {
			if p := t * v; p >= c.from && p <= c.to {
				with = append(with, strconv.Itoa(v))
			}
		}
		if len(with) > 0 {
			parts = append(parts, fmt.Sprintf("threat %d with vulnerability %s", t, strings.Join(with, ", ")))
		}
	}
	return clip(strings.Join(parts, "; "), 1000)
}

// likelihood gives the level of a pair of rates, 0 where one is not on its scale.
func (s Scales) likelihood(threat, vulnerability int) int {
	if threat < s.Threat.Min || threat > s.Threat.Max || vulnerability < s.Vulnerability.Min || vulnerability > s.Vulnerability.Max {
		return 0
	}
	return 1 + slices.IndexFunc(s.classes(), func(c class) bool { return threat*vulnerability >= c.from && threat*vulnerability <= c.to })
}

// fit says whether criteria measure as the scales do: the same likelihoods and
// consequences by name, the same matrix.
func (s Scales) fit(c register.Of[risk.Criteria]) bool {
	of, err := s.Criteria("", "", "")
	if err != nil || len(of.Likelihoods) != len(c.Fields.Likelihoods) || len(of.Consequences) != len(c.Fields.Consequences) || len(of.Levels) != len(c.Fields.Levels) {
		return false
	}
	for i, l := range of.Likelihoods {
		if c.Fields.Likelihoods[i].Name != l.Name {
			return false
		}
	}
	for i, l := range of.Consequences {
		if c.Fields.Consequences[i].Name != l.Name {
			return false
		}
	}
	y, err := risk.NewYardstick(c.Fields)
	if err != nil {
		return false
	}
	for _, cell := range of.Matrix {
		if y.Level(int(*cell.Likelihood), int(*cell.Consequence)) != int(*cell.Level) {
			return false
		}
	}
	return true
}

func level(n int) *float64 {
	f := float64(n)
	return &f
}
