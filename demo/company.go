// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"cmp"
	"fmt"

	"sextant"
	"sextant/access"
	"sextant/organisation"
	"sextant/register"
)

// person is somebody of the company. Who has roles has an account.
type person struct {
	Name, Email, Kind, Job string
	Number                 string
	Manager                string
	Units                  []string
	Roles                  []access.Role
	Started                int    // days before the present
	Ends                   *int   // days before the present they left, or will
	From                   int    // days before the present they came into the register, if not at the start
	Move                   []step // of the lifecycle
	key                    string
}

// step is one transition of an entry.
type step struct {
	When   when
	By     string
	Name   string
	Reason string
	Set    map[string]any
}

type unit struct {
	Title, Kind, Owner string
	Headcount          float64
}

type company struct {
	Organisation     map[string]any
	ManagementSystem map[string]any `yaml:"management_system"`
	Units            map[string]unit
	Order            []string // of people and units, because keys are given in it
	UnitOrder        []string `yaml:"unit_order"`
	People           map[string]person
}

const begin when = "341d 09:10" // the day Northquay began with Sextant

// company sets up: the organisation, its units and people, and who may sign in.
func (s *story) company() error {
	var c company
	if err := read("company.yaml", &c); err != nil {
		return err
	}
	for handle, p := range c.People {
		p.Kind = cmp.Or(p.Kind, "employee")
		s.people[handle] = p
	}
	s.event(s.at(begin), "set-up", func() error { return s.setUp(c.Order[0]) })
	s.event(s.at(begin), "people", func() error { return s.hire(c) })
	s.event(s.at(begin), "units", func() error { return s.found(c) })
	for _, handle := range c.Order {
		s.join(handle)
	}
	return nil
}

// setUp makes the first account; it also makes the organisation, the person and
// one unit.
func (s *story) setUp(first string) (err error) {
	p := s.people[first]
	s.org, err = s.Accounts.Create(s.ctx, Organisation, p.Name, p.Email, Password)
	p.key = "PER-1"
	s.people[first] = p
	return err
}

func (s *story) hire(c company) error {
	return s.Kernel.Write(s.ctx, access.SystemActor(s.org, "import"), func(tx *register.Tx) error {
		units, err := organisation.ScopeUnits.All(tx)
		if err != nil {
			return err
		}
		s.units["whole"] = units[0].Key
		for _, handle := range c.Order {
			if s.people[handle].From == 0 {
				if err := s.enter(tx, handle); err != nil {
					return fmt.Errorf("%s: %w", handle, err)
				}
			}
		}
		return nil
	})
}

// enter writes a person into the register, or completes the entry the set-up
// made.
func (s *story) enter(tx *register.Tx, handle string) error {
	p := s.people[handle]
	values := map[string]any{"name": p.Name, "email": p.Email, "kind": p.Kind, "job_title": p.Job, "employee_number": p.Number, "starts_on": s.date(p.Started),
		"status_source": "import", "manager": s.people[p.Manager].key, "terms_signed_on": s.date(p.Started), "nda_signed_on": s.date(p.Started)}
	if p.Kind == "employee" {
		values["screening_outcome"], values["screening_on"] = "passed", s.date(p.Started+12)
	}
	var e register.Entry
	var err error
	if p.key != "" {
		e, err = tx.Edit("person", p.key, 0, values, register.Note{})
	} else {
		e, err = tx.Create("person", values, register.Note{Why: "from the HR list"})
	}
	p.key = e.Key
	s.people[handle] = p
	return err
}

// found writes the units, puts people into them, and completes the entry of the
// organisation.
func (s *story) found(c company) error {
	return s.Kernel.Write(s.ctx, access.SystemActor(s.org, "import"), func(tx *register.Tx) error {
		for _, handle := range c.UnitOrder {
			if err := s.foundUnit(tx, handle, c.Units[handle]); err != nil {
				return err
			}
		}
		for _, handle := range c.Order {
			if p := s.people[handle]; p.key != "" {
				if _, err := tx.Edit("person", p.key, 0, map[string]any{"scope_units": s.unitKeys(p.Units)}, register.Note{}); err != nil {
					return err
				}
			}
		}
		return s.foundCompany(tx, c)
	})
}

func (s *story) foundUnit(tx *register.Tx, handle string, u unit) error {
	values := map[string]any{"title": u.Title, "kind": u.Kind, "owner": s.people[u.Owner].key, "headcount": u.Headcount, "is_in_scope": true, "valid_from": s.date(700)}
	if handle == "whole" {
		_, err := tx.Edit("scope_unit", s.units["whole"], 0, values, register.Note{})
		return err
	}
	values["parent"] = s.units["whole"]
	e, err := tx.Create("scope_unit", values, register.Note{})
	s.units[handle] = e.Key
	return err
}

func (s *story) foundCompany(tx *register.Tx, c company) error {
	all, err := organisation.Organisations.All(tx)
	if err != nil {
		return err
	}
	values := c.Organisation
	values["isms_manager"], values["top_management"], values["isms_live_on"] = s.people["mara"].key, []string{s.people["henrik"].key}, s.date(300)
	if _, err := tx.Edit("organisation", all[0].Key, 0, values, register.Note{}); err != nil {
		return err
	}
	values = c.ManagementSystem
	values["owner"], values["units_in"], values["review_on"] = s.people["mara"].key, s.unitKeys(c.UnitOrder), s.date(-76)
	e, err := tx.Create("management_system", values, register.Note{})
	s.keys["ms"] = e.Key
	return err
}

func (s *story) unitKeys(handles []string) []string {
	var keys []string
	for _, h := range handles {
		keys = append(keys, s.units[h])
	}
	return keys
}

// join gives a person their account, and moves them through their employment.
func (s *story) join(handle string) {
	p := s.people[handle]
	entered := s.at(begin)
	if p.From != 0 {
		entered = s.at(when(fmt.Sprintf("%dd 08:40", p.From)))
		s.write(entered, "elif", "hire "+handle, func(tx *register.Tx) error {
			if err := s.enter(tx, handle); err != nil {
				return err
			}
			_, err := tx.Edit("person", s.people[handle].key, 0, map[string]any{"scope_units": s.unitKeys(p.Units)}, register.Note{})
			return err
		})
	}
	if len(p.Roles) > 0 {
		s.event(entered.Add(minutes(30)), "account of "+handle, func() error { return s.admit(handle) })
	}
	for _, m := range p.Move {
		s.write(s.at(m.When), cmp.Or(m.By, "mara"), handle+" "+m.Name, func(tx *register.Tx) error {
			input := map[string]any{}
			if p.Ends != nil && m.Name == "leave" {
				input["ends_on"] = s.date(*p.Ends)
			}
			_, err := tx.Transition("person", s.people[handle].key, 0, m.Name, input, register.Note{Why: m.Reason})
			return err
		})
	}
}

// admit invites a person and lets them join; the one who set up only changes
// roles.
func (s *story) admit(handle string) error {
	p := s.people[handle]
	until := sextant.Instant(0)
	for _, r := range p.Roles {
		if r == access.ExternalAuditor {
			until = s.present.Add(hours(24 * 90))
		}
	}
	admin := access.Actor{Organisation: s.org, Name: "person:" + s.people["tomas"].key, Email: s.people["tomas"].Email, Person: s.people["tomas"].key, Roles: []access.Role{access.Admin}}
	if handle == "tomas" {
		return s.Accounts.Admit(s.ctx, admin, p.Email, p.Roles, p.key, until)
	}
	link, err := s.Accounts.Invite(s.ctx, admin, p.Email, p.key, p.Roles, until)
	if err == nil {
		_, err = s.Accounts.Join(s.ctx, link, p.Name, Password, "")
	}
	return err
}
