// SPDX-License-Identifier: Apache-2.0

package cisoassistant

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"sextant/interchange/yamltree"
	"sextant/library"
)

func (r *reader) mappingSet(by string, n *yaml.Node) {
	s := library.MappingSet{URN: strings.ToLower(by)}
	var mappings *yaml.Node
	yamltree.Pairs(n, func(key string, value *yaml.Node) {
		text := strings.TrimSpace(yamltree.Text(value))
		switch key {
		case "urn":
			s.URN = firstOf(urn(value), s.URN)
		case "ref_id":
			s.RefID = text
		case "name":
			s.Name = text
		case "description":
			s.Description = text
		case "source_framework_urn":
			s.Source = urn(value)
		case "target_framework_urn":
			s.Target = urn(value)
		case "requirement_mappings", "requirement_mapping":
			mappings = value
		case "translations":
			s.Texts = translations(value)
		default:
			r.unread("mapping set", key)
		}
	})
	s.Name = firstOf(s.Name, s.RefID, r.content.Name)
	if s.URN == "" {
		r.report.Took(library.MissingURN, s.Name)
	}
	taken := map[[2]string]bool{}
	for _, item := range yamltree.Items(mappings) {
		r.one("", item, func(_ string, n *yaml.Node) {
			if m, ok := r.mapping(n, taken); ok {
				s.Mappings = append(s.Mappings, m)
			}
		})
	}
	r.content.Mappings = append(r.content.Mappings, s)
}

func (r *reader) mapping(n *yaml.Node, taken map[[2]string]bool) (m library.Mapping, ok bool) {
	yamltree.Pairs(n, func(key string, value *yaml.Node) {
		text := strings.TrimSpace(yamltree.Text(value))
		switch key {
		case "source_requirement_urn":
			m.Source = urn(value)
		case "target_requirement_urn":
			m.Target = urn(value)
		case "relationship":
			m.Kind = strings.ReplaceAll(strings.ToLower(text), "-", "_")
		case "strength_of_relationship":
			m.Strength = text
		case "rationale":
			m.Rationale = text
		case "annotation":
			m.Annotation = text
		default:
			r.unread("mapping", key)
		}
	})
	pair := [2]string{m.Source, m.Target}
	says := m.Source + " → " + m.Target
	switch {
	case m.Source == "" || m.Target == "":
		r.report.Left(library.MissingEnd, says)
		return m, false
	case taken[pair]:
		r.report.Left(library.DuplicatePair, says)
		return m, false
	}
	taken[pair] = true
	if !slices.Contains(library.Kinds, m.Kind) {
		r.report.Took(library.UnknownKind, m.Kind+": "+says)
		m.Kind = "related"
	}
	if value, err := strconv.ParseFloat(m.Strength, 64); m.Strength != "" && (err != nil || !(value >= 0 && value <= 100)) {
		r.report.Took(library.StrengthOut, m.Strength+": "+says)
		m.Strength = ""
	}
	return m, true
}

func (r *reader) referenceControl(by string, n *yaml.Node) {
	c := library.ReferenceControl{URN: strings.ToLower(by)}
	yamltree.Pairs(n, func(key string, value *yaml.Node) {
		text := strings.TrimSpace(yamltree.Text(value))
		switch key {
		case "urn":
			c.URN = firstOf(urn(value), c.URN)
		case "ref_id":
			c.RefID = text
		case "name":
			c.Name = text
		case "description":
			c.Description = text
		case "annotation":
			c.Annotation = text
		case "category":
			c.Category = text
		case "csf_function":
			c.Function = text
		case "typical_evidence", "typical_evidences":
			c.Evidence = texts(value)
		case "translations":
			c.Texts = translations(value)
		default:
			r.unread("reference control", key)
		}
	})
	if r.stands(c.URN, c.RefID, c.Name) {
		return
	}
	c.ID = r.controlNames.Name(firstOf(c.URN, c.RefID, c.Name))
	r.content.Controls = append(r.content.Controls, c)
}

func (r *reader) threat(by string, n *yaml.Node) {
	t := library.Threat{URN: strings.ToLower(by)}
	yamltree.Pairs(n, func(key string, value *yaml.Node) {
		text := strings.TrimSpace(yamltree.Text(value))
		switch key {
		case "urn":
			t.URN = firstOf(urn(value), t.URN)
		case "ref_id":
			t.RefID = text
		case "name":
			t.Name = text
		case "description":
			t.Description = text
		case "annotation":
			t.Annotation = text
		case "translations":
			t.Texts = translations(value)
		default:
			r.unread("threat", key)
		}
	})
	if r.stands(t.URN, t.RefID, t.Name) {
		return
	}
	t.ID = r.threatNames.Name(firstOf(t.URN, t.RefID, t.Name))
	r.content.Threats = append(r.content.Threats, t)
}

// stands says whether a control or threat of this urn was taken already, and
// notes that, or that it has none.
func (r *reader) stands(urn, refID, name string) bool {
	switch {
	case urn == "":
		r.report.Took(library.MissingURN, firstOf(refID, name))
		return false
	case r.taken[urn]:
		r.report.Left(library.DuplicateURN, urn)
		return true
	}
	r.taken[urn] = true
	return false
}

func (r *reader) matrix(by string, n *yaml.Node) {
	m := library.RiskMatrix{URN: strings.ToLower(by)}
	var grid *yaml.Node
	yamltree.Pairs(n, func(key string, value *yaml.Node) {
		text := strings.TrimSpace(yamltree.Text(value))
		switch key {
		case "urn":
			m.URN = firstOf(urn(value), m.URN)
		case "ref_id":
			m.RefID = text
		case "name":
			m.Name = text
		case "description":
			m.Description = text
		case "probability":
			m.Probability = r.levels("probability", value)
		case "impact":
			m.Impact = r.levels("impact", value)
		case "risk":
			m.Risk = r.levels("risk level", value)
		case "grid":
			grid = value
		case "translations":
			m.Texts = translations(value)
		default:
			r.unread("risk matrix", key)
		}
	})
	m.Name = firstOf(m.Name, m.RefID, r.content.Name)
	if m.URN == "" {
		r.report.Took(library.MissingURN, m.Name)
	}
	m.Grid = r.grid(m, yamltree.Items(grid))
	r.content.Matrices = append(r.content.Matrices, m)
}

// grid reads a row for each probability and a cell for each impact. What the
// file lacks, or what names no level, is -1.
func (r *reader) grid(m library.RiskMatrix, rows []*yaml.Node) [][]int {
	grid := make([][]int, len(m.Probability))
	for i := range grid {
		grid[i] = make([]int, len(m.Impact))
		for j := range grid[i] {
			grid[i][j] = -1
			var cells []*yaml.Node
			if i < len(rows) {
				cells = yamltree.Items(rows[i])
			}
			if j >= len(cells) {
				r.report.Took(library.GridOut, m.Name+": no cell")
				continue
			}
			level, err := strconv.Atoi(yamltree.Text(cells[j]))
			if err != nil || level < 0 || level >= len(m.Risk) {
				r.report.Took(library.GridOut, m.Name+": "+yamltree.Text(cells[j]))
				continue
			}
			grid[i][j] = level
		}
	}
	return grid
}
