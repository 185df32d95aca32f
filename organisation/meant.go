// SPDX-License-Identifier: Apache-2.0

package organisation

import (
	"cmp"
	"strings"

	"sextant"
	"sextant/register"
)

// SystemMeant gives the management system that is meant where none is named: the
// only active one. Where there are several, or none, the error names them.
func SystemMeant(tx register.Reader, named string) (string, error) {
	return meant(tx, named, "system", "management system", ManagementSystems.Name)
}

// UnitMeant is SystemMeant for scope units.
func UnitMeant(tx register.Reader, named string) (string, error) {
	return meant(tx, named, "unit", "scope unit", unitName)
}

func meant(tx register.Reader, named, field, what, name string) (string, error) {
	if named != "" {
		return named, nil
	}
	list, err := tx.Select(name, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return "", err
	}
	if len(list) == 1 {
		return list[0].Key, nil
	}
	var keys []string
	for _, e := range list {
		keys = append(keys, e.Key+" "+e.Title())
	}
	return "", sextant.Errorf(sextant.Invalid, "say which %s is meant", what).At(field).WithHint("name one of: %s", cmp.Or(strings.Join(keys, ", "), "none is there yet; make it first"))
}

// Calling is what a file may call a person by.
type Calling struct {
	Key, Name string
	By        []string // key, name and addresses
}

// Callings lists everybody who has not left.
func Callings(tx register.Reader) (list []Calling, err error) {
	people, err := Persons.All(tx)
	for _, p := range people {
		if p.State != "left" {
			list = append(list, Calling{p.Key, p.Fields.Name, append([]string{p.Key, p.Fields.Name, p.Fields.Email}, p.Fields.OtherEmails...)})
		}
	}
	return list, err
}
