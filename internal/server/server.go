// SPDX-License-Identifier: Apache-2.0

// Package server puts pages and API behind one door: who is asking, security
// headers, limits, health. It holds no rule of the management system.
package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/crosswalk"
	"sextant/internal/server/api"
	"sextant/internal/server/web"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/settings"
	"sextant/internal/server/web/sources"
	"sextant/lint"
	"sextant/monitor"
	"sextant/register"
	"sextant/soa"
)

// Accounts is what the server needs of accounts beside what pages need.
type Accounts interface {
	web.Accounts
	// Token tells who holds an API token.
	Token(ctx context.Context, token string) (access.Actor, error)
}

// Config of the server.
type Config struct {
	Kernel     *register.Kernel
	Accounts   Accounts
	Uploads    page.Uploads // nil = no page takes a file
	Version    string
	Secure     bool                        // behind TLS: secure cookies, HSTS
	Ready      func(context.Context) error // nil error = ready to serve
	Pseudo     bool                        // mark every message, for tests
	Way        *monitor.Way                // gives the checks in force
	Types      []connector.Type            // what the connectors observe
	Frameworks crosswalk.Board             // what evidence is compared with
	Proposers  []soa.Proposer              // what speaks for the reasons of a statement
	Rules      lint.Conditions             // what computes the rules of lint
	Work       sources.Work                // the program's own work
	News       http.Handler                // tells pages what changed, nil = they are not told
	Settings   settings.Config             // what the settings show and do beside accounts
}

// Handler serves everything there is.
func Handler(config Config) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/", api.Handler(api.Config{Kernel: config.Kernel, Version: config.Version, Authenticate: authenticate(config.Accounts)}))
	mux.Handle("/", web.Handler(config.pages()))
	if config.News != nil {
		mux.Handle("GET /.events", config.News)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", ready(config.Ready))
	return recovered(secured(config.Secure, http.NewCrossOriginProtection().Handler(compressed(mux))))
}

func (c Config) pages() web.Config {
	return web.Config{Kernel: c.Kernel, Accounts: c.Accounts, Uploads: c.Uploads, Version: c.Version, Secure: c.Secure, Pseudo: c.Pseudo, Way: c.Way, Work: c.Work, Types: c.Types, Frameworks: c.Frameworks, Rules: c.Rules, Proposers: c.Proposers, Settings: c.Settings}
}

// Routes gives the pattern of every request pages and API answer, sorted, for a
// test that walks them all.
func Routes(config Config) []string {
	return slices.Sorted(slices.Values(slices.Concat(web.Routes(config.pages()), api.Routes())))
}

// compressed sends pages, style and script compressed; answers that stream stay
// as they are.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.ContentTypes([]string{"text/html", "text/css", "text/javascript", "application/json", "image/svg+xml", "text/csv"}))
	if err != nil {
		panic(err) // the options are constants
	}
	return wrap(next)
}

// authenticate takes a bearer token, or the session cookie of somebody signed
// in on the pages.
func authenticate(accounts Accounts) func(*http.Request) (access.Actor, error) {
	return func(r *http.Request) (access.Actor, error) {
		if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			return accounts.Token(r.Context(), token)
		}
		if cookie, err := r.Cookie(page.CookieName); err == nil {
			return accounts.Session(r.Context(), cookie.Value)
		}
		return access.Actor{}, sextant.Errorf(sextant.Unauthenticated, "no token and no session").WithHint("send Authorization: Bearer sxt_…")
	}
}

// policy lets a page load its own files and nothing else; no script runs that
// is not ours, no frame shows us, no form sends elsewhere.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

func secured(tls bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if tls {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if cause := recover(); cause != nil {
				slog.Error("request panicked", "path", r.URL.Path, "cause", cause)
				http.Error(w, "something went wrong here; the log of the server has the cause", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func ready(check func(context.Context) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if check != nil {
			if err := check(r.Context()); err != nil {
				slog.Warn("not ready", "error", err)
				http.Error(w, "not ready", http.StatusServiceUnavailable)
				return
			}
		}
		_, _ = w.Write([]byte("ready\n"))
	}
}

// Serve answers on a listener until the context ends, then lets requests under
// way finish for a while.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed { //nolint:errorlint // Serve returns it bare
		return err
	}
	return <-stopped
}
