// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"slices"
	"sync"

	"sextant"
)

// Threat is an entry of the threat catalogue of ISO/IEC 27005:2022: its number
// and short name, which are facts, and no description.
type Threat struct {
	ID       string `yaml:"id" json:"id"` // TH08
	Category string `yaml:"category" json:"category"`
	Name     string `yaml:"name" json:"name"`
}

var threats = sync.OnceValue(func() []Threat { return must(loadThreats()) })

func loadThreats() ([]Threat, error) {
	const file = "content/iso27005-2022.yaml"
	var read struct {
		Threats []Threat `yaml:"threats"`
	}
	if err := readContent(file, &read); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, t := range read.Threats {
		if seen[t.ID] || t.ID == "" || t.Name == "" || t.Category == "" {
			return nil, sextant.Errorf(sextant.Invalid, "%s: threat %q is there twice, or has no id, name or category", file, t.ID)
		}
		seen[t.ID] = true
	}
	return read.Threats, nil
}

// Threats gives the catalogue in the standard's order. The result is the
// caller's own.
func Threats() []Threat { return slices.Clone(threats()) }

// ThreatByID gives a threat by its number.
func ThreatByID(id string) (Threat, bool) {
	i := slices.IndexFunc(threats(), func(t Threat) bool { return t.ID == id })
	if i < 0 {
		return Threat{}, false
	}
	return threats()[i], true
}
