// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"embed"
	"io/fs"
	"slices"
	"sync"

	"sextant"
	"sextant/framework"
)

//go:embed content
var embedded embed.FS

var library = sync.OnceValue(func() *Set {
	folder, err := fs.Sub(embedded, "content")
	if err != nil {
		panic(err)
	}
	set, err := Load(folder)
	if err != nil {
		panic("risk/scenario: embedded content: " + err.Error()) // the library is part of the program
	}
	return set
})

// Library gives what comes with the program. It is read the first time somebody
// asks for it.
func Library() *Set { return library() }

// Load reads a library: threats.yaml, vulnerabilities.yaml, sources.yaml and the
// files of scenarios/. It refuses unknown keys and words, ids given twice,
// references to nothing and parts left out; an error names the file or the entry.
func Load(files fs.FS) (*Set, error) {
	set := &Set{}
	for _, read := range []func(fs.FS) error{set.readThreats, set.readVulnerabilities, set.readSources} {
		if err := read(files); err != nil {
			return nil, err
		}
	}
	scenarios, err := readScenarios(files)
	if err != nil {
		return nil, err
	}
	return set.With(scenarios...)
}

// DecodeScenarios reads one file of scenarios, which all are of the category
// its head gives. References are not resolved: Set.With does that. The limits
// are those of framework.Decode.
func DecodeScenarios(file string, data []byte) ([]Scenario, error) {
	var read struct {
		Category  Category   `yaml:"category"`
		Scenarios []Scenario `yaml:"scenarios"`
	}
	if err := framework.Decode(file, data, &read); err != nil {
		return nil, err
	}
	if read.Category == "" || len(read.Scenarios) == 0 {
		return nil, sextant.Errorf(sextant.Invalid, "%s: no category, or no scenarios", file).WithHint("begin with category: and scenarios:")
	}
	for i := range read.Scenarios {
		read.Scenarios[i].Category = read.Category
	}
	return read.Scenarios, nil
}

// readScenarios gives the scenarios of all files, by category.
func readScenarios(files fs.FS) (list []Scenario, err error) {
	names, err := fs.Glob(files, "scenarios/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		read, err := DecodeScenarios(name, data)
		if err != nil {
			return nil, err
		}
		list = append(list, read...)
	}
	slices.SortStableFunc(list, func(a, b Scenario) int {
		return slices.Index(Categories(), a.Category) - slices.Index(Categories(), b.Category)
	})
	return list, nil
}

func (s *Set) readThreats(files fs.FS) error {
	var read struct {
		Threats []Threat `yaml:"threats"`
	}
	if err := decode(files, "threats.yaml", &read); err != nil {
		return err
	}
	for _, t := range read.Threats {
		known, ok := framework.ThreatByID(t.ID)
		t.Name = known.Name
		if !ok || t.Category == "" || len(t.Properties) == 0 || len(t.Origins) == 0 || t.Description == "" || !s.threats.add(t) {
			return incomplete("threats.yaml", t.ID)
		}
	}
	return nil
}

func (s *Set) readVulnerabilities(files fs.FS) error {
	const file = "vulnerabilities.yaml"
	var read struct {
		Vulnerabilities []Vulnerability `yaml:"vulnerabilities"`
	}
	if err := decode(files, file, &read); err != nil {
		return err
	}
	for _, v := range read.Vulnerabilities {
		if v.ID == "" || v.Name == "" || v.Category == "" || len(v.AssetTypes) == 0 || v.Description == "" || !s.vulnerabilities.add(v) {
			return incomplete(file, v.ID)
		}
		if problem := firstProblem(names("threats", v.Threats, 1, 8, s.threats.has), names("controls", v.Controls, 1, 6, isControl)); problem != "" {
			return sextant.Errorf(sextant.Invalid, "%s: %s: %s", file, v.ID, problem)
		}
	}
	return nil
}

func (s *Set) readSources(files fs.FS) error {
	const file = "sources.yaml"
	var read struct {
		Sources   []Source   `yaml:"sources"`
		EndStates []EndState `yaml:"end_states"`
	}
	if err := decode(files, file, &read); err != nil {
		return err
	}
	for _, v := range read.Sources {
		if v.ID == "" || v.Name == "" || v.Description == "" || !s.sources.add(v) {
			return incomplete(file, v.ID)
		}
	}
	for _, v := range read.EndStates {
		if v.ID == "" || v.Name == "" || v.Description == "" || !s.endStates.add(v) {
			return incomplete(file, v.ID)
		}
	}
	return nil
}

func decode(files fs.FS, name string, into any) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	return framework.Decode(name, data, into)
}

func incomplete(file, id string) error {
	return sextant.Errorf(sextant.Invalid, "%s: %q is there twice, is not in the catalogue, or has a part left out", file, id).
		WithHint("give every entry an id of its own and all parts its neighbours have")
}
