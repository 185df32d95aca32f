// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"net/http"

	"sextant/access"
	"sextant/internal/server/web/message"
)

// tokens lists every token of the organisation. Each is made by its owner, on
// the page of their account.
func (s *section) tokens(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	all, err := s.Accounts.Tokens(r.Context(), actor)
	if err != nil {
		return err
	}
	s.Draw(w, r, tokensPage(s.Page(r, actor, message.T(r.Context(), "tokens.title")), all, s.Kernel.Now()))
	return nil
}

func (s *section) revokeToken(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.may(actor, access.Admit); err != nil {
		return err
	}
	if err := s.Accounts.RevokeToken(r.Context(), actor, r.PostFormValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/settings/tokens", http.StatusSeeOther)
	return nil
}
