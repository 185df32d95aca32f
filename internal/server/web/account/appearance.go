// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net/http"

	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
)

// appearance keeps theme and density in cookies, so that the server draws the
// next page right; an empty value follows the system again.
func (s *section) appearance(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	for _, name := range []string{"theme", "density"} {
		if !r.PostForm.Has(name) {
			continue
		}
		cookie := &http.Cookie{Name: "sextant_" + name, Value: r.PostForm.Get(name), Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
		if cookie.Value == "" {
			cookie.MaxAge = -1
		}
		http.SetCookie(w, cookie)
	}
	http.Redirect(w, r, page.Local(r.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}

func (s *section) appearancePage(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	s.Draw(w, r, appearanceForm(s.Page(r, actor, message.T(r.Context(), "account.appearance.title"))))
	return nil
}
