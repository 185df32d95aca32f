// SPDX-License-Identifier: Apache-2.0

package cisoassistant

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/library"
	"sextant/register"
	"sextant/risk"
)

// MatrixOf chooses a risk matrix of a library, by its URN, reference id, name or
// number from 1; "" where there is only one.
func MatrixOf(c *library.Content, which string) (library.RiskMatrix, error) {
	var names []string
	for i, m := range c.Matrices {
		if which == "" && len(c.Matrices) == 1 || which != "" && slices.Contains([]string{m.URN, m.RefID, m.Name, strconv.Itoa(i + 1)}, which) {
			return m, nil
		}
		names = append(names, fmt.Sprintf("%d %s", i+1, m.Name))
	}
	if len(names) == 0 {
		return library.RiskMatrix{}, sextant.Errorf(sextant.Invalid, "%s holds no risk matrix", c.Name)
	}
	return library.RiskMatrix{}, sextant.Errorf(sextant.Invalid, "say which of its risk matrices").At("matrix").WithHint("one of: %s", strings.Join(names, "; "))
}

// Taken is what a matrix became and what it could not become.
type Taken struct {
	Criteria risk.Criteria
	Notes    []string
}

// CriteriaOf is Criteria of a matrix of an imported library, which MatrixOf
// chooses.
func CriteriaOf(v *register.View, l register.Of[library.Library], which, system, author string) (Taken, error) {
	shelved, err := library.Open(v, l.Fields)
	if err != nil {
		return Taken{}, err
	}
	m, err := MatrixOf(shelved.Content, which)
	if err != nil {
		return Taken{}, err
	}
	return Criteria(m, system, author, l.Key+" "+l.Title())
}

// Criteria makes a draft of criteria of a matrix: its names, its definitions and
// its grid, row by row of probability. Who may accept which level, for how long,
// and what is acceptable are no part of a matrix: they are taken from the
// program's own words and have to be looked through. What could not be carried is
// in the notes and, for who approves the draft, in its summary. Errors say why a
// matrix cannot be measured by: a cell without a level, a level that falls where
// the likelihood rises.
func Criteria(m library.RiskMatrix, system, author, from string) (taken Taken, err error) {
	t := risk.Template(3, "", 0)
	c := risk.Criteria{ManagementSystem: system, Author: author, ChangeSummary: "Made of the risk matrix " + m.Name + " of " + from + ".",
		ConsequenceTypes: t.ConsequenceTypes, AcceptUpTo: step(1), Rule: t.Rule, AssessEvery: t.AssessEvery, AssessWhen: t.AssessWhen}
	for _, scale := range [][]library.Level{m.Probability, m.Impact, m.Risk} {
		if len(scale) > 12 {
			return taken, sextant.Errorf(sextant.Invalid, "%s has a scale of %d levels; 12 are the most", m.Name, len(scale))
		}
	}
	for i, l := range m.Probability {
		c.Likelihoods = append(c.Likelihoods, risk.Likelihood{Level: step(i + 1), Name: named(l, i), Definition: means(l)})
	}
	for i, l := range m.Impact {
		c.Consequences = append(c.Consequences, risk.Consequence{Level: step(i + 1), Name: named(l, i), Definition: means(l)})
	}
	for i, l := range m.Risk {
		of := t.Levels[min(i*len(t.Levels)/max(len(m.Risk), 1), len(t.Levels)-1)]
		of.Level, of.Name = step(i+1), named(l, i)
		if l.Description != "" {
			of.Meaning = line(l.Description)
		}
		c.Levels = append(c.Levels, of)
	}
	for i, row := range m.Grid {
		for j, cell := range row {
			if cell < 0 {
				return taken, sextant.Errorf(sextant.Invalid, "%s gives no level for %s with %s", m.Name, c.Likelihoods[i].Name, c.Consequences[j].Name).At("matrix").WithHint("mend the grid of the file and import it again")
			}
			c.Matrix = append(c.Matrix, risk.Cell{Likelihood: step(i + 1), Consequence: step(j + 1), Level: step(cell + 1)})
		}
	}
	taken.Notes = left(m)
	c.ChangeSummary += " To look through:\n\n- " + strings.Join(taken.Notes, "\n- ")
	taken.Criteria = c
	_, err = risk.NewYardstick(c)
	return taken, err
}

// left says what of criteria is no part of a matrix, and what of the matrix is no
// part of criteria.
func left(m library.RiskMatrix) []string {
	notes := []string{"who may accept which level, for how long, and what is acceptable are no part of a matrix: look them through",
		"types of consequence, and what a level means for each, are no part of a matrix: those of the program were taken"}
	undescribed, coloured := 0, 0
	for _, scale := range [][]library.Level{m.Probability, m.Impact, m.Risk} {
		for _, l := range scale {
			if line(l.Description) == "" {
				undescribed++
			}
			if l.Colour != "" {
				coloured++
			}
		}
	}
	for _, said := range []struct {
		n    int
		text string
	}{{undescribed, "%d levels are not described in the library: say what they mean"}, {coloured, "the colours of %d levels stay in the library: levels are coloured by their place"},
		{translated(m), "%d translated texts stay in the library: criteria are in one language"}} {
		if said.n > 0 {
			notes = append(notes, fmt.Sprintf(said.text, said.n))
		}
	}
	return notes
}

func step(n int) *float64 {
	f := float64(n)
	return &f
}

func named(l library.Level, i int) string {
	return line(cmp.Or(l.Name, l.Short, l.Value, strconv.Itoa(i+1)))
}

func means(l library.Level) string {
	return cmp.Or(line(l.Description), "Not described in the library.")
}

// line makes a text one line of a field.
func line(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 1000 {
		return string(r[:999]) + "…"
	}
	return text
}

func translated(m library.RiskMatrix) (n int) {
	count := func(t library.Texts) {
		for _, fields := range t {
			n += len(fields)
		}
	}
	count(m.Texts)
	for _, scale := range [][]library.Level{m.Probability, m.Impact, m.Risk} {
		for _, l := range scale {
			count(l.Texts)
		}
	}
	return n
}

// The form of a library that is written.
type (
	wroteLibrary struct {
		URN         string       `yaml:"urn"`
		Locale      string       `yaml:"locale"`
		RefID       string       `yaml:"ref_id"`
		Name        string       `yaml:"name"`
		Description string       `yaml:"description"`
		Copyright   string       `yaml:"copyright"`
		Version     int          `yaml:"version"`
		Provider    string       `yaml:"provider"`
		Packager    string       `yaml:"packager"`
		Objects     wroteObjects `yaml:"objects"`
	}
	wroteObjects struct {
		Matrices []wroteMatrix `yaml:"risk_matrix"`
	}
	wroteMatrix struct {
		URN         string       `yaml:"urn"`
		RefID       string       `yaml:"ref_id"`
		Name        string       `yaml:"name"`
		Description string       `yaml:"description"`
		Probability []wroteLevel `yaml:"probability"`
		Impact      []wroteLevel `yaml:"impact"`
		Risk        []wroteLevel `yaml:"risk"`
		Grid        [][]int      `yaml:"grid,flow"`
	}
	wroteLevel struct {
		ID           int    `yaml:"id"`
		Abbreviation string `yaml:"abbreviation"`
		Name         string `yaml:"name"`
		Description  string `yaml:"description"`
		Colour       string `yaml:"hexcolor,omitempty"`
	}
)

// WriteMatrix writes criteria as a library with one risk matrix, that CISO
// Assistant and Criteria read. Only names, definitions, levels and the matrix
// are in it: the format knows no more of criteria. owner is the organisation it
// is of.
func WriteMatrix(w io.Writer, key, owner string, c risk.Criteria) error {
	y, err := risk.NewYardstick(c)
	if err != nil {
		return err
	}
	id := slug(owner) + "-" + slug(key)
	m := wroteMatrix{URN: "urn:" + slug(owner) + ":risk:matrix:" + id, RefID: id, Name: cmp.Or(c.Title, key), Description: line(c.ChangeSummary)}
	for i, l := range c.Likelihoods {
		m.Probability = append(m.Probability, wroteLevel{ID: i, Abbreviation: strconv.Itoa(i + 1), Name: l.Name, Description: l.Definition})
		row := make([]int, len(c.Consequences))
		for j := range row {
			row[j] = y.Level(i+1, j+1) - 1
		}
		m.Grid = append(m.Grid, row)
	}
	for i, l := range c.Consequences {
		m.Impact = append(m.Impact, wroteLevel{ID: i, Abbreviation: strconv.Itoa(i + 1), Name: l.Name, Description: l.Definition})
	}
	for i, l := range c.Levels {
		m.Risk = append(m.Risk, wroteLevel{ID: i, Abbreviation: strconv.Itoa(i + 1), Name: l.Name, Description: l.Meaning, Colour: shade(i, len(c.Levels))})
	}
	version := 1
	if c.Number != nil {
		version = int(*c.Number)
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(wroteLibrary{URN: "urn:" + slug(owner) + ":risk:library:" + id, Locale: "en", RefID: id, Name: m.Name, Description: m.Description, Copyright: owner, Version: version, Provider: owner, Packager: owner, Objects: wroteObjects{[]wroteMatrix{m}}}); err != nil {
		return err
	}
	return enc.Close()
}

func slug(text string) string {
	s := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, strings.ToLower(text)), "-")
	return cmp.Or(s, "own")
}

// shades from the lowest level to the highest; other programs colour by them.
var shades = []string{"#E8F1FA", "#BFD7EE", "#F6D98B", "#EE9F5F", "#D65A4A", "#9E2A2B"}

func shade(i, of int) string { return shades[min(i*len(shades)/max(of, 1), len(shades)-1)] }
