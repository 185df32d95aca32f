// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Mode says who can show a line.
type Mode string

// The modes, the least demanding first.
const (
	Automatic Mode = "automatic" // a check reads it from a system
	Assisted  Mode = "assisted"  // a system helps, a person confirms
	Human     Mode = "human"     // only a person can tell
)

// UnmarshalText refuses an unknown mode.
func (m *Mode) UnmarshalText(b []byte) error { return oneOf(m, b, modes) }

var modes = []Mode{Automatic, Assisted, Human}

// Form says what a line is shown with.
type Form string

// The forms.
const (
	Checks   Form = "checks"    // named checks over whole populations
	Record   Form = "record"    // something done and filed, again every period
	Attested Form = "statement" // a person looked, and says what and how much
)

// UnmarshalText refuses an unknown form.
func (f *Form) UnmarshalText(b []byte) error { return oneOf(f, b, []Form{Checks, Record, Attested}) }

// Line is one part of an evidence plan. It is proven by what supports it and
// proves nothing else.
type Line struct {
	ID          string   `yaml:"id"` // A.8.13/restore-tested; stable for ever
	Control     string   `yaml:"-"`  // A.8.13
	Shows       string   `yaml:"shows"`
	Mode        Mode     `yaml:"mode"`
	Form        Form     `yaml:"form"`
	Population  []string `yaml:"population"`  // resource types a check looks at, as in aws:rds_instance
	Evidence    string   `yaml:"evidence"`    // what is filed or looked at, and how much of it
	Period      string   `yaml:"period"`      // of a record: how often, ISO 8601
	Expires     string   `yaml:"expires"`     // of a statement: how long it holds, ISO 8601
	Independent bool     `yaml:"independent"` // not stated by the operator
}

// Plan is what together shows that a control operates.
type Plan struct {
	Control string // A.8.13
	Lines   []Line
}

// Mode is that of the line that asks most of people: a control with one human
// line is human, and passes by no number of checks.
func (p Plan) Mode() Mode {
	worst := Automatic
	for _, l := range p.Lines {
		if slices.Index(modes, l.Mode) > slices.Index(modes, worst) {
			worst = l.Mode
		}
	}
	return worst
}

func (p Plan) clone() Plan {
	p.Lines = slices.Clone(p.Lines)
	for i := range p.Lines {
		p.Lines[i].Population = slices.Clone(p.Lines[i].Population)
	}
	return p
}

var plans = sync.OnceValue(func() map[string]Plan { return must(loadPlans()) })

// Plans gives the evidence plan of every control, by control id. The result is
// the caller's own.
func Plans() map[string]Plan {
	all := maps.Clone(plans())
	for id, p := range all {
		all[id] = p.clone()
	}
	return all
}

// PlanFor gives the evidence plan of a control by its id or stored reference.
func PlanFor(control string) (Plan, bool) {
	p, ok := plans()[IDOf(control)]
	return p.clone(), ok
}

// LineByID gives a line of any plan.
func LineByID(id string) (Line, bool) {
	control, _, _ := strings.Cut(id, "/")
	p, _ := PlanFor(control)
	for _, l := range p.Lines {
		if l.ID == id {
			return l, true
		}
	}
	return Line{}, false
}
