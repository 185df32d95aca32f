// SPDX-License-Identifier: Apache-2.0

package document

import (
	"fmt"
	"strings"

	"sextant/register"
)

// Variable is a fact of the organisation a template asks for.
type Variable struct {
	Name    string
	Meaning string // for whoever fills it in
	Kept    string // register the fact is read from; "" = it is written in the text by hand
}

// Variables gives those that templates may hold.
func Variables() []Variable {
	return []Variable{
		{"organisation", "The legal name.", "organisation"},
		{"purpose", "What the organisation exists for.", "organisation"},
		{"top_management", "Those who direct at the highest level.", "organisation"},
		{"isms_manager", "Who runs the management system.", "organisation"},
		{"scope_statement", "The scope of the management system.", "management_system"},
		{"units", "The units in scope.", "scope_unit"},
		{"tools", "The systems that are connected.", "source"},
		{"risk_review_interval", "How often risks are reviewed.", "organisation"},
		{"management_review_interval", "How often management reviews.", "organisation"},
		{"audit_cycle", "How long an audit cycle is.", "organisation"},
		{"keep_decisions", "How long decisions and their evidence are kept.", "organisation"},
		{"review_interval", "How often this document is looked at.", "document"},
		{"backup_retention", "How long backups are kept, as the connected systems show it.", "observation"},
		{"reporting_channel", "Where people report what looks wrong: a chat channel, an address, a telephone number.", ""},
	}
}

// Fact is what the organisation's registers say in the place of a variable.
type Fact struct{ Text, Kept string }

// Facts are the known ones by the name of their variable.
type Facts map[string]Fact

func (f Facts) set(name, text, kept string) {
	if text = strings.TrimSpace(text); text != "" {
		f[name] = Fact{text, kept}
	}
}

// FactsOf reads what the registers know. People are called by their job where
// it is known: a text that names people is wrong when they leave.
func FactsOf(tx register.Reader) (Facts, error) {
	facts := Facts{}
	for _, read := range []func(register.Reader) error{facts.organisation, facts.scope, facts.units, facts.tools} {
		if err := read(tx); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

func (f Facts) organisation(tx register.Reader) error {
	all, err := tx.Select("organisation")
	if err != nil || len(all) == 0 {
		return err
	}
	o := all[0].Doc
	f.set("organisation", o.Text("legal_name"), "organisation")
	f.set("purpose", o.Text("purpose"), "organisation")
	f.set("top_management", jobs(tx, o.Strings("top_management")), "organisation")
	f.set("isms_manager", jobs(tx, o.Strings("isms_manager")), "organisation")
	for name, field := range map[string]string{"risk_review_interval": "risk_review_interval", "management_review_interval": "management_review_interval", "audit_cycle": "audit_cycle", "keep_decisions": "keep_two_cycles"} {
		f.set(name, Period(o.Text(field)), "organisation")
	}
	return nil
}

func (f Facts) scope(tx register.Reader) error {
	systems, err := tx.Select("management_system", active)
	if err == nil && len(systems) > 0 {
		f.set("scope_statement", systems[0].Doc.Text("scope"), "management_system")
	}
	return err
}

var active = register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}

func (f Facts) units(tx register.Reader) error {
	units, err := tx.Select("scope_unit", active, register.Filter{Field: "is_in_scope", Op: register.Is, Values: []string{"true"}})
	var names []string
	for _, u := range units {
		names = append(names, u.Title())
	}
	f.set("units", listed(names), "scope_unit")
	return err
}

func (f Facts) tools(tx register.Reader) error {
	sources, err := tx.Select("source", register.Filter{Field: "state", Op: register.Is, Values: []string{"connected", "failing"}})
	var names []string
	for _, s := range sources {
		names = append(names, s.Title())
	}
	f.set("tools", listed(names), "source")
	return err
}

// jobs names people by what they do here, by name where that is not known.
func jobs(tx register.Reader, keys []string) string {
	var names []string
	for _, key := range keys {
		person, err := tx.Lookup("person", key)
		switch {
		case err != nil: // erased or gone: the variable stays, and somebody sees it
			return ""
		case person.Doc.Text("job_title") != "":
			names = append(names, "the "+person.Doc.Text("job_title"))
		default:
			names = append(names, person.Title())
		}
	}
	return listed(names)
}

// listed writes names as a sentence does: a, b and c.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

var periodWords = map[byte]string{'Y': "year", 'M': "month", 'W': "week", 'D': "day"}

// Period writes an ISO 8601 duration of one part as people say it: P12M is 12
// months. What has more parts, or times of day, stays as it is.
func Period(iso string) string {
	var n int
	var unit byte
	if _, err := fmt.Sscanf(iso, "P%d%c", &n, &unit); err != nil || periodWords[unit] == "" || iso != fmt.Sprintf("P%d%c", n, unit) {
		return iso
	}
	if n == 1 {
		return "1 " + periodWords[unit]
	}
	return fmt.Sprintf("%d %ss", n, periodWords[unit])
}
