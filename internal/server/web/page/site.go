// SPDX-License-Identifier: Apache-2.0

// Package page is the frame every page stands in, and what pages share: who is
// asking, the moment that is shown, links that keep it, errors nobody is lost
// in, and how values, times and states are written. It draws no content of its
// own and holds no rule.
package page

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/internal/server/web/message"
	"sextant/register"
)

// Accounts is what every page needs of accounts. Errors may be shown.
type Accounts interface {
	// Session tells who is signed in, in the organisation the session is for.
	Session(ctx context.Context, session string) (access.Actor, error)
	// Places gives who the account is in each of its organisations.
	Places(ctx context.Context, session string) ([]access.Actor, error)
	// Reauthenticate renews the proof of identity that a sign-off asks for.
	Reauthenticate(ctx context.Context, session, password, code string) error
}

// Site is what the sections of the pages are made with.
type Site struct {
	Kernel   *register.Kernel
	Accounts Accounts
	Uploads  Uploads
	Version  string
	Secure   bool // cookies over TLS only
	Assets   Assets
	Sections []Section // in the order of the navigation; filled by web.Handler
}

// Section is one part of the pages: what it adds to the navigation, to the
// command palette, and which requests it answers.
type Section struct {
	Items    []Item
	Commands []Command
	Routes   map[string]Serve // by pattern of net/http
	Last     bool             // its pages are those of whatever no other section has a page for
	Content  []string         // kinds of content it has a page for: "control" is shown at /controls/{id}, "scenario /risks/library" at /risks/library/{id}
	Panels   map[string]Panel // by register: what its entries' pages show beside what every entry shows

	// Homes says where entries of a register have a page of their own beside the
	// one every entry has: "treatment": "/risks/treatment" for TRT-4 at
	// /risks/treatment/TRT-4. Every link to such an entry leads there, for the
	// address every entry has leads on to it; RecordPath is the page with all its
	// fields. A section that serves the address every entry has needs none.
	Homes map[string]string
}

// Panel is a part of an entry's page that only entries of its register have.
type Panel struct {
	// Draw reads what the panel shows, as of the view; it stands in the page and
	// in the drawer.
	Draw     func(v *register.View, e register.Entry) (func(Page) templ.Component, error)
	Fields   []string // that the panel shows, and the list of properties does not
	Children []string // child registers that the panel shows
}

// Panel gives the panel of a register, ok is false where it has none.
func (s *Site) Panel(name string) (panel Panel, ok bool) {
	for _, section := range s.Sections {
		if panel, ok = section.Panels[name]; ok {
			return panel, true
		}
	}
	return Panel{}, false
}

// Home is the page of its own of an entry of a register, "" where it has none
// beside the one every entry has.
func (s *Site) Home(name, key string) string {
	for _, section := range s.Sections {
		if home := section.Homes[name]; home != "" {
			return home + "/" + url.PathEscape(key)
		}
	}
	return ""
}

// Item is one entry of the navigation. It exists when its page does.
type Item struct {
	Key    string      // of its message
	Path   string      // of its page
	Icon   string      // in icons.svg
	Apart  bool        // a line stands above it
	Tab    bool        // stands in the bar of narrow screens, which has four
	Groups []string    // register groups whose pages light it up
	Prefix []string    // further paths that light it up
	Needs  access.Verb // the verb the actor must be allowed, "" for none
}

// Command is something the palette offers to do. Needs names the verb the
// actor must be allowed, "" for none.
type Command struct {
	Key   string // of its message
	Path  string
	Icon  string
	Needs access.Verb
}

// Serve answers one request of somebody signed in.
type Serve func(w http.ResponseWriter, r *http.Request, actor access.Actor) error

// CookieName is the cookie that carries a session.
const CookieName = "sextant_session"

// SessionOf gives the session a request carries, "" if none.
func SessionOf(r *http.Request) string { return cookieOf(r, CookieName) }

func cookieOf(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// Has says whether the program has a register; sections that show one exist
// only with it.
func (s *Site) Has(name string) bool {
	_, err := s.Kernel.Set().Named(name)
	return err == nil
}

// SignedIn lets only somebody signed in through; others are sent to sign in and
// come back.
func (s *Site) SignedIn(next Serve) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		actor, err := s.Accounts.Session(r.Context(), SessionOf(r))
		if err != nil {
			http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return
		}
		r = r.WithContext(InZone(r.Context(), s.zoneOf(r, actor)))
		if to := withMoment(r); to != "" {
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		if err := next(w, bounded(w, r), actor); err != nil {
			s.Fail(w, r, actor, err)
		}
	})
}

// ProveAgain renews the proof of identity a sign-off asks for, by the password and
// code a form sent, and gives the actor with it.
func (s *Site) ProveAgain(r *http.Request) (access.Actor, error) {
	session := SessionOf(r)
	if err := s.Accounts.Reauthenticate(r.Context(), session, r.PostFormValue("password"), r.PostFormValue("code")); err != nil {
		if e, ours := errors.AsType[*sextant.Error](err); ours && e.Field == "" {
			err = e.At("password")
		}
		actor, _ := s.Accounts.Session(r.Context(), session) // the refusal is what counts
		return actor, err
	}
	return s.Accounts.Session(r.Context(), session)
}

// Read runs fn on the moment the request asks for (as_of), now without one.
func (s *Site) Read(r *http.Request, actor access.Actor, fn func(*register.View) error) error {
	at, err := AsOf(r)
	if err != nil {
		return err
	}
	return s.Kernel.Read(r.Context(), actor, at, fn)
}

// Look is Read with the machine data of the same snapshot.
func (s *Site) Look(r *http.Request, actor access.Actor, fn func(*register.View, evidence.Reader) error) error {
	return s.Read(r, actor, func(v *register.View) error {
		m, err := evidence.On(v)
		if err != nil {
			return err
		}
		return fn(v, m)
	})
}

// AsOf reads the moment a request asks for; 0 is now.
func AsOf(r *http.Request) (sextant.Instant, error) {
	text := r.URL.Query().Get("as_of")
	if text == "" {
		return 0, nil
	}
	return sextant.ParseAsOf(text)
}

// Draw writes a component as the answer. It is drawn into memory first, so that
// a page is whole or is an error.
func (s *Site) Draw(w http.ResponseWriter, r *http.Request, c templ.Component) {
	s.DrawStatus(w, r, http.StatusOK, c)
}

// DrawStatus is Draw with a status other than 200.
func (s *Site) DrawStatus(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	buffer := templ.GetBuffer()
	defer templ.ReleaseBuffer(buffer)
	if err := c.Render(r.Context(), buffer); err != nil {
		slog.Error("page not drawn", "path", r.URL.Path, "error", err)
		http.Error(w, message.T(r.Context(), "error.title.500"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if _, err := buffer.WriteTo(w); err != nil {
		slog.Debug("page not sent", "path", r.URL.Path, "error", err)
	}
}

// Fail draws an error in the frame, so that nobody lands in a dead end.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, actor access.Actor, err error) {
	status, detail, hint := Explain(err)
	title := message.T(r.Context(), "error.title")
	if status != http.StatusServiceUnavailable {
		title = message.T(r.Context(), fmt.Sprintf("error.title.%d", status))
	}
	s.DrawStatus(w, r, status, errorPage(s.Page(r, actor, title), title, detail, hint))
}

var statuses = map[sextant.Code]int{
	sextant.Invalid: 422, sextant.NotFound: 404, sextant.Denied: 403, sextant.Unauthenticated: 403, sextant.Conflict: 409,
	sextant.Frozen: 409, sextant.TooLarge: 422, sextant.Throttled: 429, sextant.Unavailable: 503,
}

// StatusOf gives the HTTP status of an error a form can show beside its fields;
// ok is false for errors that need a page of their own.
func StatusOf(err error) (status int, ok bool) {
	status = statuses[sextant.CodeOf(err)]
	return status, status != 0 && status != http.StatusNotFound
}

// Explain turns an error into a status and what a person may read of it. What
// is no Error of ours goes into the log only.
func Explain(err error) (status int, detail, hint string) {
	e, ok := errors.AsType[*sextant.Error](err)
	if !ok || statuses[e.Code] == 0 {
		slog.Error("page failed", "error", err)
		return http.StatusInternalServerError, "", ""
	}
	text := *e
	text.Hint = ""
	return statuses[e.Code], text.Error(), e.Hint
}

// Local keeps a redirect on this site; anything else gives the first page. A
// browser drops tabs and line ends from an address and reads \ as /, so that
// what remains could name another host (WHATWG URL, 4.4).
func Local(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) || strings.ContainsFunc(next, unicode.IsControl) {
		return "/"
	}
	return next
}
