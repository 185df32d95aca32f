// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Place is an organisation somebody can turn to.
type Place struct {
	Number  sextant.Organisation
	Name    string
	Roles   []access.Role
	Current bool
}

// places lists the organisations of an account that has several; with one there
// is nothing to choose. Each is read with the account's own rights there.
func (s *Site) places(r *http.Request, actor access.Actor) (list []Place) {
	actors, err := s.Accounts.Places(r.Context(), SessionOf(r))
	if err != nil || len(actors) < 2 {
		return nil // a frame without them is still a frame
	}
	for _, there := range actors {
		list = append(list, Place{there.Organisation, cmp.Or(s.OrganisationName(r, there), there.Organisation.String()), there.Roles, there.Organisation == actor.Organisation})
	}
	return list
}

// OrganisationName gives the name of an actor's organisation, as its entry has it now.
func (s *Site) OrganisationName(r *http.Request, actor access.Actor) (name string) {
	_ = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { // a page without the name is still a page
		name = organisationName(v)
		return nil
	})
	return name
}

func organisationName(v *register.View) string {
	all, err := v.List(register.List{Register: "organisation", Limit: 1})
	if err != nil || len(all.Entries) == 0 {
		return ""
	}
	return all.Entries[0].Title()
}
