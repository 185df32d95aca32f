// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"sextant/control"
	"sextant/framework"
	"sextant/interchange/heading"
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
	people, err := organisation.Callings(v)
	if err != nil {
		return g, err
	}
	for _, p := range people {
		for _, name := range p.By {
			g.People.Place(name, p.Key)
		}
		g.names = append(g.names, p.Name)
	}
	units, err := organisation.ScopeUnits.All(v, standing)
	for _, u := range units {
		g.Units.Place(u.Key, u.Key)
		g.Units.Place(u.Fields.Title, u.Key)
	}
	return g, err
}

var standing = register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}

// Annexes is the ground without people and units.
func Annexes() Ground {
	g := Ground{Controls: map[Edition]map[string]Named{Edition2013: {}, Edition2022: {}}, People: heading.Index{}, Units: heading.Index{}}
	for _, c := range framework.Controls() {
		g.Controls[Edition2022][c.ID] = Named{c.Reference().String(), c.Title}
	}
	for _, c := range framework.Controls2013() {
		g.Controls[Edition2013][c.ID] = Named{c.Reference().String(), c.Title}
	}
	return g
}
