// SPDX-License-Identifier: Apache-2.0

package account

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/pquerna/otp"

	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
)

// factorView is the page that turns the second factor on. The secret is in the
// page until a code confirms it, never in an address.
type factorView struct {
	Secret  string
	Code    code
	Problem page.Problem
}

// Grouped is the secret as people type it.
func (v factorView) Grouped() string {
	var groups []string
	for s := v.Secret; s != ""; {
		n := min(4, len(s))
		groups, s = append(groups, s[:n]), s[n:]
	}
	return strings.Join(groups, " ")
}

func (s *section) beginSecondFactor(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	url, secret, err := s.accounts.BeginSecondFactor(r.Context(), page.SessionOf(r))
	if err != nil {
		return err
	}
	return s.drawFactor(w, r, actor, url, factorView{Secret: secret})
}

func (s *section) drawFactor(w http.ResponseWriter, r *http.Request, actor access.Actor, url string, view factorView) (err error) {
	if view.Code, err = drawn(url); err != nil {
		return err
	}
	s.DrawStatus(w, r, max(view.Problem.Status, http.StatusOK), secondFactorPage(s.Page(r, actor, message.T(r.Context(), "account.factor.title")), view))
	return nil
}

func (s *section) confirmSecondFactor(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	secret := r.PostFormValue("secret")
	err := s.accounts.ConfirmSecondFactor(r.Context(), page.SessionOf(r), secret, strings.ReplaceAll(r.PostFormValue("code"), " ", ""))
	if err == nil {
		return done(w, r, "on")
	}
	problem, ok := page.ProblemOf(err)
	if !ok {
		return err
	}
	return s.drawFactor(w, r, actor, access.SecondFactorURL(actor.Email, secret), factorView{Secret: secret, Problem: problem})
}

func (s *section) endSecondFactor(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.accounts.EndSecondFactor(r.Context(), page.SessionOf(r), r.PostFormValue("password"), r.PostFormValue("code")); err != nil {
		return s.refused(w, r, actor, "factor", err)
	}
	return done(w, r, "off")
}

// code is a QR code as a page draws it: the dark modules as one path, in a
// square of Size modules with the quiet zone the standard asks for.
type code struct {
	Size int
	Path string
}

const quiet = 4 // modules, ISO/IEC 18004

// drawn makes the QR code of an authenticator's URL.
func drawn(url string) (code, error) {
	key, err := otp.NewKeyFromURL(url)
	if err != nil {
		return code{}, err
	}
	for size := 21; size <= 177; size += 4 { // versions 1 to 40
		img, err := key.Image(size, size)
		if err != nil {
			continue // more modules than that
		}
		var path strings.Builder
		for y := range size {
			for x := range size {
				if r, _, _, _ := img.At(x, y).RGBA(); r == 0 {
					writeModule(&path, x+quiet, y+quiet)
				}
			}
		}
		return code{size + 2*quiet, path.String()}, nil
	}
	return code{}, nil // an address of 250 letters fits; without a picture the text remains
}

func writeModule(path *strings.Builder, x, y int) { fmt.Fprintf(path, "M%d %dh1v1h-1z", x, y) }

func (c code) viewBox() string { return fmt.Sprintf("0 0 %d %d", c.Size, c.Size) }
