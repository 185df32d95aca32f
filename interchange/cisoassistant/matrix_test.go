// SPDX-License-Identifier: Apache-2.0

package cisoassistant_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"sextant/interchange/cisoassistant"
	"sextant/library"
	"sextant/risk"
)

const lookup = `urn: urn:q:library:grid
name: Own grid
objects:
  risk_matrix:
  - urn: urn:q:matrix:a
    name: Four by three
    probability:
    - {id: 0, name: Never, description: Not seen., translations: {de: {name: Nie, description: Nicht gesehen.}}}
    - {id: 1, name: Rare}
    - {id: 2, name: Often}
    - {id: 3, name: Daily}
    impact: [{id: 0, name: Small}, {id: 1, name: Middling}, {id: 2, name: Great, description: Boats are lost.}]
    risk: [{id: 0, name: Low, description: Noted.}, {id: 1, name: High}]
    grid: [[0, 0, 1], [0, 0, 1], [0, 1, 1], [1, 1, 1]]
  - urn: urn:q:matrix:b
    name: Falling
    probability: [{name: Low}, {name: High}]
    impact: [{name: Low}, {name: High}]
    risk: [{name: Small}, {name: Big}]
    grid: [[1, 1], [0, 1]]
  - urn: urn:q:matrix:c
    name: A hole
    probability: [{name: Low}, {name: High}]
    impact: [{name: Low}, {name: High}]
    risk: [{name: Small}, {name: Big}]
    grid: [[0, 1], [1]]
`

func grids(t *testing.T) *library.Content {
	t.Helper()
	c, _, err := cisoassistant.Read("grid.yaml", []byte(lookup))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A row of the grid is a probability: Never with Great is high, Daily with Small
// is too, Never with Small is not.
func TestAMatrixIsReadRowByRowOfProbability(t *testing.T) {
	m, err := cisoassistant.MatrixOf(grids(t), "Four by three")
	if err != nil {
		t.Fatal(err)
	}
	taken, err := cisoassistant.Criteria(m, "MS-1", "PER-1", "Own grid")
	if err != nil {
		t.Fatal(err)
	}
	y, err := risk.NewYardstick(taken.Criteria)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ likelihood, consequence, level int }{{1, 1, 1}, {1, 3, 2}, {2, 2, 1}, {3, 2, 2}, {4, 1, 2}} {
		if got := y.Level(c.likelihood, c.consequence); got != c.level {
			t.Errorf("%s with %s is %s", y.LikelihoodName(c.likelihood), y.ConsequenceName(c.consequence), y.LevelName(got))
		}
	}
	if l := taken.Criteria; l.Likelihoods[0].Definition != "Not seen." || l.Consequences[2].Definition != "Boats are lost." || l.Levels[0].Meaning != "Noted." {
		t.Errorf("definitions: %+v", l)
	}
	if said := strings.Join(taken.Notes, "\n"); !strings.Contains(said, "2 translated texts stay in the library") {
		t.Error(said)
	}
}

func TestAMatrixThatCannotBeMeasuredByIsRefused(t *testing.T) {
	for which, says := range map[string]string{"": "say which", "urn:q:matrix:b": "the level falls at likelihood 2 with consequence 1", "3": "A hole gives no level for High with High", "nowhere": "say which"} {
		m, err := cisoassistant.MatrixOf(grids(t), which)
		if err == nil {
			_, err = cisoassistant.Criteria(m, "MS-1", "PER-1", "x")
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", which, err)
		}
	}
}

func TestCriteriaComeBackAsTheyWereWritten(t *testing.T) {
	for _, size := range risk.Sizes() {
		c := risk.Template(size, "EUR", 1e6)
		c.Title = "Risk criteria, edition 1"
		var out bytes.Buffer
		if err := cisoassistant.WriteMatrix(&out, "RC-1", "Northquay Ltd", c); err != nil {
			t.Fatal(err)
		}
		content, report, err := cisoassistant.Read("rc.yaml", out.Bytes())
		if err != nil || len(report.Sorted()) > 0 {
			t.Fatal(err, report.Sorted(), out.String())
		}
		m, err := cisoassistant.MatrixOf(content, "")
		if err != nil {
			t.Fatal(err)
		}
		back, err := cisoassistant.Criteria(m, "MS-1", "PER-1", content.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back.Criteria.Matrix, c.Matrix) {
			t.Errorf("%d by %d: the matrix differs", size, size)
		}
		for i, l := range c.Likelihoods {
			if b := back.Criteria.Likelihoods[i]; b.Name != l.Name || b.Definition != l.Definition {
				t.Errorf("likelihood %q became %q", l.Definition, b.Definition)
			}
		}
		for i, l := range c.Consequences {
			if b := back.Criteria.Consequences[i]; b.Name != l.Name || b.Definition != l.Definition {
				t.Errorf("consequence %q became %q", l.Definition, b.Definition)
			}
		}
		for i, l := range c.Levels {
			if b := back.Criteria.Levels[i]; b.Name != l.Name || b.Meaning != l.Meaning {
				t.Errorf("level %q became %q", l.Meaning, b.Meaning)
			}
		}
		var again bytes.Buffer
		back.Criteria.Title, back.Criteria.ChangeSummary = c.Title, c.ChangeSummary
		if err := cisoassistant.WriteMatrix(&again, "RC-1", "Northquay Ltd", back.Criteria); err != nil || again.String() != out.String() {
			t.Errorf("written again it differs: %v", err)
		}
	}
}
