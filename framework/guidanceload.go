// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"sextant"
)

// guidance has one reader for each file; a page that shows one control does not
// pay for the other 122.
var guidance = sync.OnceValue(func() map[string]func() Guidance {
	files := must(fs.Glob(content, "content/guidance/*/*.yaml"))
	readers := make(map[string]func() Guidance, len(files))
	for _, file := range files {
		readers[strings.TrimSuffix(path.Base(file), ".yaml")] = sync.OnceValue(func() Guidance { return must(loadGuidance(file)) })
	}
	return readers
})

func loadGuidance(file string) (Guidance, error) {
	data, err := content.ReadFile(file)
	if err != nil {
		return Guidance{}, err
	}
	return DecodeGuidance(file, data)
}

// DecodeGuidance reads one guidance file and refuses one that is incomplete,
// is not named by its id, or names a line, clause, control or threat that does
// not exist. An error names the file and the part.
func DecodeGuidance(file string, data []byte) (Guidance, error) {
	var g Guidance
	if err := Decode(file, data, &g); err != nil {
		return g, err
	}
	if g.ID != strings.TrimSuffix(path.Base(file), ".yaml") {
		return g, sextant.Errorf(sextant.Invalid, "%s: holds the guidance on %q", file, g.ID).WithHint("name the file by the id")
	}
	for _, problem := range []string{g.subjectProblem(), g.partsProblem(), g.evidenceProblem(), g.relatedProblem()} {
		if problem != "" {
			return g, sextant.Errorf(sextant.Invalid, "%s: %s", file, problem).WithHint("complete the part; A.5.1.yaml shows the format")
		}
	}
	return g, nil
}

// subjectProblem compares the file with the clause or control it is about.
func (g Guidance) subjectProblem() string {
	if isControl(g.ID) {
		if len(g.Requirements) > 0 {
			return "requirements: only clauses have requirement items"
		}
		return ""
	}
	c, ok := ClauseByID(g.ID)
	if !ok || !c.Auditable() {
		return fmt.Sprintf("id: %q is no control and no clause that asks for something", g.ID)
	}
	for _, r := range c.Requirements {
		if g.Requirements[r.ID] == "" {
			return fmt.Sprintf("requirements: %s is not explained", r.ID)
		}
	}
	if len(g.Requirements) != len(c.Requirements) {
		return fmt.Sprintf("requirements: %d are explained, clause %s has %d", len(g.Requirements), g.ID, len(c.Requirements))
	}
	return ""
}

// partsProblem counts the parts and refuses empty ones.
func (g Guidance) partsProblem() string {
	for _, part := range []struct {
		name          string
		texts         []string
		least, utmost int
	}{
		{"purpose, asked, owner", []string{g.Purpose, g.Asked, g.Owner}, 3, 3},
		{"steps", g.stepTexts(), 8, 16},
		{"interview", g.Interview, 3, 6},
		{"findings", g.Findings, 2, 4},
		{"maturity", g.Maturity, 6, 6},
		{"documents", g.documentNames(), 1, 12},
	} {
		if n := len(part.texts); n < part.least || n > part.utmost {
			return fmt.Sprintf("%s: %d texts, %d to %d are meant", part.name, n, part.least, part.utmost)
		}
		for i, text := range part.texts {
			if strings.TrimSpace(text) == "" {
				return fmt.Sprintf("%s: text %d is empty", part.name, i+1)
			}
		}
	}
	for i, text := range g.Maturity {
		if !strings.HasPrefix(text, fmt.Sprintf("%d: ", i)) {
			return fmt.Sprintf("maturity: sentence %d begins with \"%d: \"", i+1, i)
		}
	}
	return ""
}

func (g Guidance) stepTexts() (texts []string) {
	for _, s := range g.Steps {
		texts = append(texts, s.Do, s.How)
	}
	return texts
}

func (g Guidance) documentNames() (names []string) {
	for _, d := range g.Documents {
		names = append(names, d.Name)
		if d.Grade == "" {
			names = append(names, "")
		}
	}
	return names
}

// evidenceProblem holds the evidence to the plan of the control, each line of
// which is covered, or to the requirement items of the clause.
func (g Guidance) evidenceProblem() string {
	open := map[string]bool{}
	plan, control := PlanFor(g.ID)
	for _, l := range plan.Lines {
		open[l.ID] = true
	}
	if !control {
		for item := range g.Requirements {
			open[item] = true
		}
	}
	for _, s := range g.Evidence {
		about := s.Line
		if !control {
			about = s.For
		}
		if !open[about] || s.Line != "" && s.For != "" {
			return fmt.Sprintf("evidence: %q%q is no line or requirement of %s that is still open", s.Line, s.For, g.ID)
		}
		if s.Good == "" || s.Weak == "" {
			return fmt.Sprintf("evidence: %s says not both, what is good and what is weak", about)
		}
		delete(open, about)
	}
	for line := range open {
		if control {
			return fmt.Sprintf("evidence: line %s is not covered", line)
		}
	}
	if len(g.Evidence) == 0 {
		return "evidence: there is none"
	}
	return ""
}

// relatedProblem refuses ids that name nothing, and relations to oneself.
func (g Guidance) relatedProblem() string {
	for _, id := range slices.Concat(g.Related.Clauses, g.Related.Controls) {
		if !holds(id) || id == g.ID {
			return fmt.Sprintf("related: %q is no other clause or control", id)
		}
	}
	for _, id := range g.Related.Controls {
		if !isControl(id) {
			return fmt.Sprintf("related: %q is no control", id)
		}
	}
	for _, id := range g.Related.Threats {
		if _, ok := ThreatByID(id); !ok {
			return fmt.Sprintf("related: there is no threat %q", id)
		}
	}
	return ""
}

// holds says whether the base has a clause, requirement item or control.
func holds(id string) bool {
	all := requirements()
	_, clause := all.byID[id]
	_, item := all.items[id]
	return clause || item || isControl(id)
}
