// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"net/http"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/organisation"
	"sextant/register"
)

// organisationForm asks what the organisation is.
type organisationForm struct{ LegalName, Country, TimeZone, Headcount string }

func (s *section) beginOrganisation(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var form organisationForm
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		o, err := theOrganisation(v)
		f := o.Fields
		form = organisationForm{f.LegalName, f.Country, f.TimeZone, ""}
		if f.Headcount != nil {
			form.Headcount = strconv.FormatFloat(*f.Headcount, 'f', -1, 64)
		}
		return err
	}); err != nil {
		return err
	}
	return s.drawOrganisation(w, r, actor, form, page.Problem{})
}

func theOrganisation(tx register.Reader) (o register.Of[organisation.Organisation], err error) {
	all, err := organisation.Organisations.All(tx)
	if err == nil && len(all) == 0 {
		err = sextant.Errorf(sextant.NotFound, "there is no organisation yet")
	}
	if err != nil {
		return o, err
	}
	return all[0], nil
}

func (s *section) drawOrganisation(w http.ResponseWriter, r *http.Request, actor access.Actor, form organisationForm, problem page.Problem) error {
	x, err := s.screen(r, actor, "organisation", message.T(r.Context(), "begin.organisation.title"), problem)
	if err != nil {
		return err
	}
	s.DrawStatus(w, r, x.status(), organisationScreen(x, form))
	return nil
}

func (s *section) saveOrganisation(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	form := organisationForm{r.PostFormValue("legal_name"), r.PostFormValue("country"), r.PostFormValue("time_zone"), r.PostFormValue("headcount")}
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		o, err := theOrganisation(tx)
		if err != nil {
			return err
		}
		_, err = tx.Edit("organisation", o.Key, 0, map[string]any{"legal_name": form.LegalName, "country": strings.ToUpper(form.Country), "time_zone": form.TimeZone, "headcount": form.Headcount}, register.Note{})
		return err
	})
	if err == nil {
		return onward(w, r, "/get-started/units")
	}
	problem, ok := page.ProblemOf(err)
	if !ok {
		return err
	}
	return s.drawOrganisation(w, r, actor, form, problem)
}

// unitLine is one unit the form asks for.
type unitLine struct{ Title, Kind string }

// unitLines is how many units the form asks for at once.
const unitLines = 4

// unitKinds in the order people think of them.
var unitKinds = []string{"team", "product", "site", "environment", "entity", "geography"}

func (s *section) beginUnits(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawUnits(w, r, actor, make([]unitLine, unitLines), page.Problem{})
}

func (s *section) drawUnits(w http.ResponseWriter, r *http.Request, actor access.Actor, lines []unitLine, problem page.Problem) error {
	x, err := s.screen(r, actor, "units", message.T(r.Context(), "begin.units.title"), problem)
	if err != nil {
		return err
	}
	var there []string
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		all, err := v.List(register.List{Register: "scope_unit", Order: "title", Limit: 50})
		for _, e := range all.Entries {
			there = append(there, e.Title())
		}
		return err
	}); err != nil {
		return err
	}
	s.DrawStatus(w, r, x.status(), unitsScreen(x, lines, there))
	return nil
}

func (s *section) saveUnits(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	lines := make([]unitLine, unitLines)
	for i := range lines {
		lines[i] = unitLine{strings.TrimSpace(at(r.PostForm["title"], i)), at(r.PostForm["kind"], i)}
	}
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		for _, line := range lines {
			if line.Title == "" {
				continue
			}
			if _, err := tx.Create("scope_unit", map[string]any{"title": line.Title, "kind": line.Kind, "owner": actor.Person, "is_in_scope": true}, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return onward(w, r, "/get-started/scope")
	}
	problem, ok := page.ProblemOf(err)
	if !ok {
		return err
	}
	problem.Field = "" // which of the lines it is about stands in the words
	return s.drawUnits(w, r, actor, lines, problem)
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// scopeForm asks what the management system covers.
type scopeForm struct{ Title, Scope, Boundaries string }

func (s *section) beginScope(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	form := scopeForm{Title: message.T(r.Context(), "begin.scope.name")}
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		all, err := organisation.ManagementSystems.All(v)
		if len(all) > 0 {
			form = scopeForm{all[0].Fields.Title, all[0].Fields.Scope, all[0].Fields.Boundaries}
		}
		return err
	}); err != nil {
		return err
	}
	return s.drawScope(w, r, actor, form, page.Problem{})
}

func (s *section) drawScope(w http.ResponseWriter, r *http.Request, actor access.Actor, form scopeForm, problem page.Problem) error {
	x, err := s.screen(r, actor, "scope", message.T(r.Context(), "begin.scope.title"), problem)
	if err != nil {
		return err
	}
	s.DrawStatus(w, r, x.status(), scopeScreen(x, form))
	return nil
}

func (s *section) saveScope(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	form := scopeForm{r.PostFormValue("title"), r.PostFormValue("scope"), r.PostFormValue("boundaries")}
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		all, err := organisation.ManagementSystems.All(tx)
		if err != nil {
			return err
		}
		values := map[string]any{"title": form.Title, "scope": form.Scope, "boundaries": form.Boundaries}
		if len(all) > 0 {
			_, err = tx.Edit("management_system", all[0].Key, 0, values, register.Note{})
			return err
		}
		if values["units_in"], err = unitsInScope(tx); err != nil {
			return err
		}
		values["owner"] = actor.Person
		_, err = tx.Create("management_system", values, register.Note{})
		return err
	})
	if err == nil {
		return onward(w, r, "/get-started/connect")
	}
	problem, ok := page.ProblemOf(err)
	if !ok {
		return err
	}
	return s.drawScope(w, r, actor, form, problem)
}

func unitsInScope(tx register.Reader) (keys []any, err error) {
	all, err := organisation.ScopeUnits.All(tx)
	for _, u := range all {
		if u.Fields.IsInScope && u.State == "active" {
			keys = append(keys, u.Key)
		}
	}
	return keys, err
}
