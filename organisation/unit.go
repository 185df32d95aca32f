// SPDX-License-Identifier: Apache-2.0

package organisation

import (
	"time"

	"sextant"
	"sextant/register"
)

// ScopeUnit is a part of the organisation things are answered for: controls are
// implemented per unit.
type ScopeUnit struct {
	Title            string   `json:"title" is:"text required unique title" label:"Name"`
	Kind             string   `json:"kind" is:"enum required" values:"entity=Legal entity,site=Site,team=Team,product=Product,environment=Environment,geography=Geography" default:"team" label:"Kind"`
	Parent           string   `json:"parent" is:"ref" to:"scope_unit" label:"Part of"`
	Owner            string   `json:"owner" is:"person owner" label:"Owner"`
	IsInScope        bool     `json:"is_in_scope" is:"bool required" default:"true" label:"In scope"`
	OutOfScopeReason string   `json:"out_of_scope_reason" is:"text" label:"Why it is out of scope"`
	Headcount        *float64 `json:"headcount" is:"number" label:"Headcount"`
	ValidFrom        string   `json:"valid_from" is:"date" label:"Valid from"`
	ValidTo          string   `json:"valid_to" is:"date" label:"Valid to"`
}

const unitName = "scope_unit"

// ScopeUnits is the register of units.
var ScopeUnits = register.Declare(register.Definition{
	Name: unitName, Plural: "scope-units", Prefix: "SU", Title: "Scope unit",
	Question: "Which parts are in scope, and which are not?",
	Purpose:  "A team, site, legal entity, product, environment or geography that things are answered for.",
	Clauses:  []string{"4.3", "5.3"}, Retention: "permanent", Group: "programme",
	Lists:     []register.Shape{{Filter: []string{"state"}, Order: "title"}},
	Lifecycle: register.Living(nothingDepends(unitName), "isms_manager", "owner"),
}, checkUnit)

func checkUnit(tx register.Reader, now register.Of[ScopeUnit], _ *register.Of[ScopeUnit]) error {
	if !now.Fields.IsInScope && now.Fields.OutOfScopeReason == "" {
		return sextant.Errorf(sextant.Invalid, "say why the unit is out of scope").At("out_of_scope_reason")
	}
	return noCycle(tx, now)
}

// noCycle walks up the tree of units; a loop is refused with its path.
func noCycle(tx register.Reader, now register.Of[ScopeUnit]) error {
	path := now.Key
	for at, steps := now.Fields.Parent, 0; at != "" && steps < 100; steps++ {
		path += " > " + at
		if at == now.Key {
			return sextant.Errorf(sextant.Invalid, "units would be part of each other: %s", path).At("parent")
		}
		parent, err := tx.Lookup(unitName, at)
		if err != nil {
			return err
		}
		at = parent.Doc.Text("parent")
	}
	return nil
}

// nothingDepends guards retiring: what is current and names the entry moves
// first (scope_unit.r1).
func nothingDepends(name string) func(register.Guarding) error {
	return func(g register.Guarding) error {
		links, err := g.Tx.PointingAt(name, g.Entry.Key)
		if err != nil {
			return err
		}
		for _, link := range links {
			if link.FromRegister == "comment" || link.FromRegister == "attachment" || link.FromRegister == "task" {
				continue
			}
			from, err := g.Tx.Lookup(link.FromRegister, link.FromKey)
			if err != nil {
				return err
			}
			if state, _ := from.Register.Lifecycle.State(from.State); !state.Closed {
				return sextant.Errorf(sextant.Conflict, "%s still depends on %s", from.Key, g.Entry.Key).WithHint("move or retire it first")
			}
		}
		return nil
	}
}

// CheckZone refuses what is no IANA name of a time zone.
func CheckZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return sextant.Errorf(sextant.Invalid, "%q is no time zone; write an IANA name such as Europe/Amsterdam", name).At("time_zone")
	}
	return nil
}
