// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// membersView is the list of members and of invitations that wait.
type membersView struct {
	Members []memberRow
	Waiting []access.Link
	Now     sextant.Instant
	Done    string
}

type memberRow struct {
	access.Membership
	PersonTitle string
	Ended       bool
	Self        bool
}

// dones are the messages a redirect to the list may name.
var dones = []string{"changed", "dismissed", "withdrawn"}

func (s *section) members(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	members, err := s.Accounts.Members(r.Context(), actor)
	if err != nil {
		return err
	}
	view := membersView{Now: s.Kernel.Now()}
	if done := r.URL.Query().Get("done"); slices.Contains(dones, done) {
		view.Done = done
	}
	if view.Waiting, err = s.Accounts.Invitations(r.Context(), actor); err != nil {
		return err
	}
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		for _, m := range members {
			row := memberRow{Membership: m, Ended: m.Until != 0 && view.Now >= m.Until, Self: m.Email == actor.Email}
			if m.Person != "" {
				row.PersonTitle = v.TitleOf("person", m.Person)
			}
			view.Members = append(view.Members, row)
		}
		return nil
	}); err != nil {
		return err
	}
	s.Draw(w, r, membersPage(s.Page(r, actor, message.T(r.Context(), "members.title")), view))
	return nil
}

// placeForm is what somebody may be here: of an invitation, or of a member.
type placeForm struct {
	Email, Name string
	Roles       []access.Role
	Person      string
	Until       string // the last day of access, "" = no end
	Persons     []person
	Problem     page.Problem
	Link        string // of an invitation just made, shown this once
	Expires     sextant.Instant
	Self        bool
}

type person struct{ Key, Name string }

// Holds says whether a role is chosen.
func (f placeForm) Holds(role access.Role) bool { return slices.Contains(f.Roles, role) }

func placeFormOf(r *http.Request) (f placeForm, until sextant.Instant, err error) {
	f = placeForm{Email: strings.TrimSpace(r.PostFormValue("email")), Person: r.PostFormValue("person"), Until: r.PostFormValue("until")}
	for _, name := range r.PostForm["roles"] {
		f.Roles = append(f.Roles, access.Role(name))
	}
	if f.Until == "" {
		return f, 0, nil
	}
	day, err := time.Parse(time.DateOnly, f.Until)
	if err != nil {
		return f, 0, sextant.Errorf(sextant.Invalid, "%q is no date", f.Until).At("until")
	}
	return f, sextant.InstantOf(day.AddDate(0, 0, 1).Add(-time.Microsecond)), nil // the day itself is still of it
}

// lastDay is the day a form shows for an end of access.
func lastDay(until sextant.Instant) string {
	if until == 0 {
		return ""
	}
	return until.Time().Format(time.DateOnly)
}

func (s *section) inviteForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawInvite(w, r, actor, placeForm{Roles: []access.Role{access.Reader}})
}

func (s *section) drawInvite(w http.ResponseWriter, r *http.Request, actor access.Actor, form placeForm) error {
	if err := s.may(actor, access.Admit); err != nil {
		return err
	}
	if err := s.fillPersons(r, actor, &form); err != nil {
		return err
	}
	s.DrawStatus(w, r, max(form.Problem.Status, http.StatusOK), invitePage(s.Page(r, actor, message.T(r.Context(), "members.invite.title")), form))
	return nil
}

// personsOffered bounds the list of persons a form offers.
const personsOffered = 200

func (s *section) fillPersons(r *http.Request, actor access.Actor, form *placeForm) error {
	if !s.Has("person") {
		return nil
	}
	return s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		all, err := v.List(register.List{Register: "person", Order: "name", Limit: personsOffered, Filters: []register.Filter{{Field: "state", Op: register.IsNot, Values: []string{"left"}}}})
		for _, e := range all.Entries {
			form.Persons = append(form.Persons, person{e.Key, e.Title()})
		}
		offered := func(p person) bool { return p.Key == form.Person }
		if form.Person != "" && !slices.ContainsFunc(form.Persons, offered) {
			form.Persons = append(form.Persons, person{form.Person, v.TitleOf("person", form.Person)})
		}
		return err
	})
}

// invite answers with the page itself, not with a redirect: the link is nowhere
// else.
func (s *section) invite(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	form, until, err := placeFormOf(r)
	var link string
	if err == nil {
		link, err = s.Accounts.Invite(r.Context(), actor, form.Email, form.Person, form.Roles, until)
	}
	if err != nil {
		var ok bool
		if form.Problem, ok = page.ProblemOf(err); !ok {
			return err
		}
		return s.drawInvite(w, r, actor, form)
	}
	form.Link = s.address(r) + "/join?link=" + url.QueryEscape(link)
	form.Expires = s.Kernel.Now().Add(7 * 24 * time.Hour)
	return s.drawInvite(w, r, actor, form)
}

// address is this server as the browser reached it.
func (s *section) address(r *http.Request) string {
	if s.Secure {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (s *section) withdraw(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.Accounts.Withdraw(r.Context(), actor, r.PostFormValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/settings/members?done=withdrawn", http.StatusSeeOther)
	return nil
}

func (s *section) member(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	m, err := s.Accounts.Member(r.Context(), actor, r.URL.Query().Get("email"))
	if err != nil {
		return err
	}
	return s.drawMember(w, r, actor, placeForm{Email: m.Email, Name: m.Name, Roles: m.Roles, Person: m.Person, Until: lastDay(m.Until)})
}

func (s *section) drawMember(w http.ResponseWriter, r *http.Request, actor access.Actor, form placeForm) error {
	if err := s.fillPersons(r, actor, &form); err != nil {
		return err
	}
	form.Self = form.Email == actor.Email
	s.DrawStatus(w, r, max(form.Problem.Status, http.StatusOK), memberPage(s.Page(r, actor, message.T(r.Context(), "members.one.title", form.Name)), form))
	return nil
}

func (s *section) admit(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	form, until, err := placeFormOf(r)
	if err == nil {
		err = s.Accounts.Admit(r.Context(), actor, form.Email, form.Roles, form.Person, until)
	}
	if err == nil {
		http.Redirect(w, r, "/settings/members?done=changed", http.StatusSeeOther)
		return nil
	}
	return s.refusedMember(w, r, actor, form, err)
}

// refusedMember shows what was asked again, with what is wrong.
func (s *section) refusedMember(w http.ResponseWriter, r *http.Request, actor access.Actor, form placeForm, err error) error {
	problem, ok := page.ProblemOf(err)
	if !ok {
		return err
	}
	m, failed := s.Accounts.Member(r.Context(), actor, form.Email)
	if failed != nil {
		return failed
	}
	form.Name, form.Problem = m.Name, problem
	return s.drawMember(w, r, actor, form)
}

func (s *section) dismiss(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	email := r.PostFormValue("email")
	err := s.Accounts.Dismiss(r.Context(), actor, email)
	if err == nil {
		http.Redirect(w, r, "/settings/members?done=dismissed", http.StatusSeeOther)
		return nil
	}
	m, failed := s.Accounts.Member(r.Context(), actor, email)
	if failed != nil {
		return failed
	}
	return s.refusedMember(w, r, actor, placeForm{Email: m.Email, Roles: m.Roles, Person: m.Person, Until: lastDay(m.Until)}, err)
}

func memberPath(email string) string { return "/settings/member?email=" + url.QueryEscape(email) }
