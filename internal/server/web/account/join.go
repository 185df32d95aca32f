// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"net/http"
	"strconv"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
)

// joining is what the page of an invitation shows and asks.
type joining struct {
	Link         string
	Invitation   access.Link
	Organisation string
	Name         string
}

// invitation reads what a link is for. Organisation and roles are shown to its
// bearer, who could have them by joining.
func (s *section) invitation(r *http.Request, link string) (joining, error) {
	what, bearer, err := s.accounts.Invitation(r.Context(), link)
	if err != nil {
		return joining{}, err
	}
	return joining{Link: link, Invitation: what, Organisation: s.OrganisationName(r, bearer)}, nil
}

func (s *section) joinForm(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	in, err := s.invitation(r, r.URL.Query().Get("link"))
	if err != nil {
		status, detail, hint := page.Explain(err)
		s.DrawStatus(w, r, status, page.SoloError(s.Site, detail, hint, ""))
		return
	}
	s.Draw(w, r, joinPage(s.Site, in, page.Problem{}))
}

func (s *section) join(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	in, err := s.invitation(r, r.PostFormValue("link"))
	if err != nil {
		status, detail, hint := page.Explain(err)
		s.DrawStatus(w, r, status, page.SoloError(s.Site, detail, hint, ""))
		return
	}
	in.Name = r.PostFormValue("name")
	session, err := s.accounts.Join(r.Context(), in.Link, in.Name, r.PostFormValue("password"), r.PostFormValue("code"))
	if err != nil {
		problem := solo(err)
		s.DrawStatus(w, r, problem.Status, joinPage(s.Site, in, problem))
		return
	}
	s.setCookie(w, session)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// switchOrganisation turns the session to another organisation of the account,
// on its first page: what is shown now belongs to the one that is left.
func (s *section) switchOrganisation(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	number, err := strconv.ParseInt(r.PostFormValue("organisation"), 10, 64)
	if err != nil {
		return sextant.Errorf(sextant.NotFound, "there is no such organisation")
	}
	if err := s.accounts.SwitchOrganisation(r.Context(), page.SessionOf(r), sextant.Organisation(number)); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (in joining) title(ctx context.Context) string {
	if in.Organisation == "" {
		return message.T(ctx, "join.title.unnamed")
	}
	return message.T(ctx, "join.title", in.Organisation)
}
