// SPDX-License-Identifier: Apache-2.0

// Package web serves the pages people use: every register as a list, an entry,
// a form, a history and an import, drawn from its declaration. Everything works
// as plain pages and forms. It holds no rule: the kernel and the accounts
// decide, pages show what they said.
package web

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/register"
)

// Accounts is what the pages need of accounts. Errors may be shown.
type Accounts interface {
	SignIn(ctx context.Context, email, password, code, address string) (session string, err error)
	SignOut(ctx context.Context, session string) error
	// Session tells who is signed in, in the organisation the session is for.
	Session(ctx context.Context, session string) (access.Actor, error)
	// Reauthenticate renews the proof of identity that a sign-off asks for.
	Reauthenticate(ctx context.Context, session, password, code string) error
	// SetUp uses a one-time set-up link to make the first account.
	SetUp(ctx context.Context, link, organisation, name, email, password string) (session string, err error)
	// SetUpPending says whether a set-up link is still good.
	SetUpPending(ctx context.Context, link string) bool
}

// Config is what the pages need.
type Config struct {
	Kernel   *register.Kernel
	Accounts Accounts
	Version  string
	Secure   bool // cookies over TLS only
	Pseudo   bool // mark every message, so that a test sees a text that is none
}

//go:embed assets
var assets embed.FS

type server struct{ Config }

// CookieName is the cookie that carries a session.
const CookieName = "sextant_session"

// Handler serves all pages.
func Handler(config Config) http.Handler {
	s := &server{config}
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the embedded folder is part of the program
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sign-in", s.signInForm)
	mux.HandleFunc("POST /sign-in", s.signIn)
	mux.HandleFunc("GET /set-up", s.setUpForm)
	mux.HandleFunc("POST /set-up", s.setUp)
	for pattern, page := range s.routes() {
		mux.Handle(pattern, s.signedIn(page))
	}
	static := cached(http.StripPrefix(staticPath, http.FileServerFS(files)))
	return localised(config.Pseudo, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, staticPath) { // before the mux: every register is a path of the first level
			static.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

// staticPath is where the page's own files are; no register's path has a dot.
const staticPath = "/.static/"

func localised(pseudo bool, next http.Handler) http.Handler {
	if !pseudo {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(message.WithLocale(r.Context(), message.Pseudo)))
	})
}

// serve answers one request of somebody signed in.
type serve func(w http.ResponseWriter, r *http.Request, actor access.Actor) error

func (s *server) routes() map[string]serve {
	return map[string]serve{
		"GET /{$}":                   s.home,
		"GET /search":                s.search,
		"GET /account":               s.account,
		"POST /sign-out":             s.signOut,
		"POST /batches/{batch}/undo": s.undoBatch,

		"GET /{register}":                           s.list,
		"GET /{register}/export":                    s.export,
		"GET /{register}/new":                       s.newForm,
		"POST /{register}":                          s.create,
		"GET /{register}/import":                    s.importForm,
		"POST /{register}/import":                   s.importTry,
		"POST /{register}/import/write":             s.importWrite,
		"GET /{register}/bulk":                      s.bulkForm,
		"POST /{register}/bulk":                     s.bulk,
		"GET /{register}/{key}":                     s.entry,
		"GET /{register}/{key}/edit":                s.editForm,
		"POST /{register}/{key}/edit":               s.edit,
		"POST /{register}/{key}/delete":             s.remove,
		"POST /{register}/{key}/undo":               s.undo,
		"POST /{register}/{key}/comments":           s.comment,
		"POST /{register}/{key}/files":              s.attach,
		"GET /{register}/{key}/transitions/{name}":  s.moveForm,
		"POST /{register}/{key}/transitions/{name}": s.move,
	}
}

func (s *server) signedIn(next serve) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		actor, err := s.Accounts.Session(r.Context(), sessionOf(r))
		if err != nil {
			http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return
		}
		if err := next(w, r, actor); err != nil {
			s.fail(w, r, actor, err)
		}
	})
}

func sessionOf(r *http.Request) string {
	cookie, err := r.Cookie(CookieName)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// fail draws an error in the frame, so that nobody lands in a dead end.
func (s *server) fail(w http.ResponseWriter, r *http.Request, actor access.Actor, err error) {
	status, detail, hint := explain(err)
	title := t(r.Context(), "error.title")
	if status != http.StatusServiceUnavailable {
		title = t(r.Context(), fmt.Sprintf("error.title.%d", status))
	}
	w.WriteHeader(status)
	s.draw(w, r, errorPage(s.page(r, actor, title), status, title, detail, hint))
}

var statuses = map[sextant.Code]int{
	sextant.Invalid: 422, sextant.NotFound: 404, sextant.Denied: 403, sextant.Unauthenticated: 403, sextant.Conflict: 409,
	sextant.Frozen: 409, sextant.TooLarge: 422, sextant.Throttled: 429, sextant.Unavailable: 503,
}

func explain(err error) (status int, detail, hint string) {
	e, ok := errors.AsType[*sextant.Error](err)
	if !ok || statuses[e.Code] == 0 {
		slog.Error("page failed", "error", err)
		return http.StatusInternalServerError, "", ""
	}
	text := *e
	text.Hint = ""
	return statuses[e.Code], text.Error(), e.Hint
}

func (s *server) draw(w http.ResponseWriter, r *http.Request, c templ.Component) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := c.Render(r.Context(), w); err != nil {
		slog.Error("page not drawn", "path", r.URL.Path, "error", err)
	}
}

func (s *server) read(r *http.Request, actor access.Actor, fn func(*register.View) error) error {
	var at sextant.Instant
	if text := r.URL.Query().Get("as_of"); text != "" {
		var err error
		if at, err = sextant.ParseInstant(asOfText(text)); err != nil {
			return err
		}
	}
	return s.Kernel.Read(r.Context(), actor, at, fn)
}

// asOfText accepts what a datetime-local input sends: no zone, seconds optional.
func asOfText(text string) string {
	if strings.HasSuffix(text, "Z") || len(text) == len("2006-01-02") || strings.ContainsAny(text, "+") {
		return text
	}
	if len(text) == len("2006-01-02T15:04") {
		text += ":00"
	}
	return text + "Z"
}

func (s *server) orgName(r *http.Request, actor access.Actor) string {
	name := ""
	_ = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { // a frame without a name is still a frame
		page, err := v.List(register.List{Register: "organisation", Limit: 1})
		if err == nil && len(page.Entries) > 0 {
			name = page.Entries[0].Title()
		}
		return err
	})
	return name
}

func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		next.ServeHTTP(w, r)
	})
}

func (s *server) home(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var rows []homeRow
	var tasks []hit
	err := s.read(r, actor, func(v *register.View) error {
		for _, def := range v.Set().All() {
			if def.Group == "" {
				continue
			}
			n, err := v.Count(register.List{Register: def.Name})
			if err != nil {
				return err
			}
			rows = append(rows, homeRow{Def: def, Path: "/" + def.Plural, Count: countText(n)})
		}
		if v.Moment() != 0 || actor.Person == "" {
			return nil
		}
		page, err := v.List(register.List{Register: "task", Order: "due_on", Limit: 10, Filters: []register.Filter{
			{Field: "state", Op: register.Is, Values: []string{"open", "in_progress"}}, {Field: "assignee", Op: register.Is, Values: []string{actor.Person}}}})
		for _, e := range page.Entries {
			tasks = append(tasks, hitOf(e))
		}
		return err
	})
	if err != nil {
		return err
	}
	s.draw(w, r, homePage(s.page(r, actor, t(r.Context(), "home.title")), rows, tasks))
	return nil
}

func (s *server) search(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	words := strings.TrimSpace(r.URL.Query().Get("q"))
	var hits []hit
	err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		if words == "" {
			return nil
		}
		entries, err := v.Find(words, 50)
		for _, e := range entries {
			hits = append(hits, hitOf(e))
		}
		return err
	})
	if err != nil {
		return err
	}
	s.draw(w, r, searchPage(s.page(r, actor, t(r.Context(), "search.title")), words, hits))
	return nil
}

// hit is one entry in a short list.
type hit struct{ Key, Title, Path, Register, State, Due string }

func hitOf(e register.Entry) hit {
	return hit{Key: e.Key, Title: e.Title(), Path: "/" + e.Register.Plural + "/" + e.Key, Register: e.Register.Title, State: stateLabel(e.Register, e.State), Due: e.Due()}
}

type homeRow struct {
	Def   *register.Definition
	Path  string
	Count string
}

func countText(n int) string {
	if n > register.CountLimit {
		return "1,000+"
	}
	return fmt.Sprint(n)
}
