// SPDX-License-Identifier: Apache-2.0

package libraries

import (
	"net/http"
	"strconv"

	"sextant"
	"sextant/access"
	"sextant/interchange/cisoassistant"
	"sextant/internal/server/web/page"
	"sextant/library"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
)

const criteriaPath = "/risks/criteria"

// criteriaOffer is what a matrix would become as risk criteria.
type criteriaOffer struct {
	Systems []system
	Notes   []string     // what could not be carried
	Problem page.Problem // why it cannot be measured by, or why no draft was made
}

// system is a management system that could have the criteria.
type system struct {
	Key, Name string
	Open      string // key of the criteria that are on their way there; "" = none
}

// offer says what the matrix that is shown would become; nothing for who may not
// make criteria.
func (view *browseView) offer(v *register.View) error {
	if v.Moment() != 0 || !v.MayCreate(risk.CriteriaEditions.Definition) || v.Actor().Person == "" {
		return nil
	}
	view.Criteria = &criteriaOffer{}
	systems, err := organisation.ManagementSystems.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return err
	}
	for _, s := range systems {
		editions, err := risk.Editions(v, s.Key)
		if err != nil {
			return err
		}
		at := system{Key: s.Key, Name: s.Title()}
		for _, e := range editions {
			if e.State == risk.Draft || e.State == risk.InReview {
				at.Open = e.Key
			}
		}
		view.Criteria.Systems = append(view.Criteria.Systems, at)
	}
	taken, err := cisoassistant.Criteria(view.Content.Matrices[view.Index], "", "", view.Library.Title())
	if err == nil {
		view.Criteria.Notes = taken.Notes
		return nil
	}
	var ours bool
	if view.Criteria.Problem, ours = page.ProblemOf(err); ours {
		err = nil
	}
	return err
}

// free are the systems nothing is on its way in.
func (o criteriaOffer) free() (list []system) {
	for _, s := range o.Systems {
		if s.Open == "" {
			list = append(list, s)
		}
	}
	return list
}

// makeCriteria makes a draft of criteria of a matrix and goes there.
func (s *section) makeCriteria(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	n, err := strconv.Atoi(r.PostFormValue("n"))
	if err != nil || n < 0 {
		return sextant.Errorf(sextant.Invalid, "say which matrix").At("n")
	}
	var made string
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		l, err := library.Libraries.Get(tx, r.PathValue("key"))
		if err != nil {
			return err
		}
		system, err := organisation.SystemMeant(tx, r.PostFormValue("system"))
		if err != nil {
			return err
		}
		taken, err := cisoassistant.CriteriaOf(&tx.View, l, strconv.Itoa(n+1), system, actor.Person)
		if err != nil {
			return err
		}
		e, err := risk.CriteriaEditions.Create(tx, taken.Criteria, register.Note{Why: "made of a risk matrix of " + l.Key})
		made = e.Key
		return err
	}); err != nil {
		return s.drawBrowse(w, r, actor, err)
	}
	http.Redirect(w, r, criteriaPath+"/"+made, http.StatusSeeOther)
	return nil
}
