// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"sextant/control"
	"sextant/framework"
	"sextant/organisation"
	"sextant/register"
)

// GroundOf is what sheets of a management system are read against: the controls
// of both editions, the further rows of its statement, the people and the units
// there are.
func GroundOf(v *register.View, system string) (Ground, error) {
	g := Annexes()
	rows, err := control.RowsOf(v, system)
	if err != nil {
		return g, err
	}
	for _, c := range rows {
		g.Controls[Edition2022][c.ID] = Named{c.Reference().String(), c.Title}
	}
	people, err := organisation.Persons.All(v)
	if err != nil {
		return g, err
	}
	for _, p := range people {
		if p.State == "left" {
			continue
		}
		for _, name := range append([]string{p.Key, p.Fields.Name, p.Fields.Email}, p.Fields.OtherEmails...) {
			g.place(g.People, name, p.Key)
		}
		g.names = append(g.names, p.Fields.Name)
	}
	units, err := organisation.ScopeUnits.All(v, standing)
	for _, u := range units {
		g.place(g.Units, u.Key, u.Key)
		g.place(g.Units, u.Fields.Title, u.Key)
	}
	return g, err
}

var standing = register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}

// Annexes is the ground without people and units.
func Annexes() Ground {
	g := Ground{Controls: map[Edition]map[string]Named{Edition2013: {}, Edition2022: {}}, People: map[string]string{}, Units: map[string]string{}}
	for _, c := range framework.Controls() {
		g.Controls[Edition2022][c.ID] = Named{c.Reference().String(), c.Title}
	}
	for _, c := range framework.Controls2013() {
		g.Controls[Edition2013][c.ID] = Named{c.Reference().String(), c.Title}
	}
	return g
}

// place makes a key known under a name; one that two have names neither.
func (g Ground) place(in map[string]string, name, key string) {
	if p := plain(name); p != "" {
		if other, taken := in[p]; taken && other != key {
			key = ""
		}
		in[p] = key
	}
}
