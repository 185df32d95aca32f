// SPDX-License-Identifier: Apache-2.0

// Package web serves the pages people use. It puts the sections together; each
// section is a folder with its pages, texts and requests. Everything works as
// plain pages and forms; the script only makes it quicker. No rule is here: the
// kernel and the accounts decide, pages show what they said.
package web

import (
	"embed"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"

	"sextant/connector"
	"sextant/crosswalk"
	"sextant/internal/server/web/account"
	"sextant/internal/server/web/controls"
	"sextant/internal/server/web/documents"
	"sextant/internal/server/web/editor"
	"sextant/internal/server/web/evidence"
	"sextant/internal/server/web/find"
	"sextant/internal/server/web/findings"
	"sextant/internal/server/web/frameworks"
	"sextant/internal/server/web/gap"
	"sextant/internal/server/web/help"
	"sextant/internal/server/web/home"
	"sextant/internal/server/web/indicators"
	"sextant/internal/server/web/inventory"
	"sextant/internal/server/web/libraries"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/monitoring"
	"sextant/internal/server/web/notices"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/registers"
	"sextant/internal/server/web/riskplan"
	"sextant/internal/server/web/risks"
	"sextant/internal/server/web/settings"
	"sextant/internal/server/web/sources"
	"sextant/internal/server/web/statement"
	"sextant/internal/server/web/views"
	"sextant/lint"
	"sextant/monitor"
	"sextant/register"
	"sextant/soa"
)

// Accounts is what the pages need of accounts.
type Accounts interface {
	account.Accounts
	settings.Accounts
}

// Config is what the pages need.
type Config struct {
	Kernel     *register.Kernel
	Accounts   Accounts
	Uploads    page.Uploads // nil = no page takes a file
	Version    string
	Secure     bool             // cookies over TLS only
	Pseudo     bool             // mark every message, so that a test sees a text that is none
	Way        *monitor.Way     // gives the checks in force; nil = no pages of checks
	Types      []connector.Type // what the connectors observe, for completion
	Rules      lint.Conditions  // what computes the rules of lint; nil = no pages of findings
	Proposers  []soa.Proposer   // what speaks for reasons of a statement; nil = nothing is proposed
	Frameworks crosswalk.Board  // what evidence is compared with; nil Standing = no pages of frameworks
	Settings   settings.Config
	Work       sources.Work // the program's own work; nil = none is asked for from pages
}

//go:embed assets
var embedded embed.FS

// Handler serves all pages.
func Handler(config Config) http.Handler {
	files, err := fs.Sub(embedded, "assets")
	if err != nil {
		panic(err) // the embedded folder is part of the program
	}
	assets, err := page.NewAssets(files)
	if err != nil {
		panic(err) // likewise
	}
	site := newSite(config, assets)
	pages, lists := http.NewServeMux(), http.NewServeMux()
	for pattern, serve := range account.Public(site, config.Accounts) {
		pages.Handle(pattern, serve)
	}
	for _, section := range site.Sections {
		mux := pages
		if section.Last {
			mux = lists
		}
		for pattern, serve := range section.Routes {
			mux.Handle(pattern, site.SignedIn(serve))
		}
	}
	return localised(config.Pseudo, withStatic(assets.Handler(), either(pages, lists)))
}

func newSite(config Config, assets page.Assets) *page.Site {
	site := &page.Site{Kernel: config.Kernel, Accounts: config.Accounts, Uploads: config.Uploads, Version: config.Version, Secure: config.Secure, Assets: assets}
	site.Sections = sections(site, config)
	return site
}

// Routes gives the pattern of every request the pages answer, for a test that
// walks them all.
func Routes(config Config) []string {
	site := newSite(config, page.Assets{})
	patterns := slices.Collect(maps.Keys(account.Public(site, config.Accounts)))
	for _, section := range site.Sections {
		patterns = slices.AppendSeq(patterns, maps.Keys(section.Routes))
	}
	return patterns
}

// either asks the first for a page, and the second for what the first has none
// for: a page of its own goes before the pages every register has. Where the
// first would take for a key what the second has a page for, as "new" in
// /documents/new, the second answers.
func either(first, second *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, own := first.Handler(r)
		if _, every := second.Handler(r); own != "" && (every == "" || endsInKey(every) || !endsInKey(own)) {
			first.ServeHTTP(w, r)
			return
		}
		second.ServeHTTP(w, r)
	})
}

func endsInKey(pattern string) bool { return strings.HasSuffix(pattern, "}") }

// sections in the order of the navigation.
func sections(site *page.Site, config Config) []page.Section {
	return []page.Section{
		home.Section(site, config.Way, config.Rules),
		gap.Section(site),
		risks.Section(site),
		riskplan.Section(site, config.Frameworks),
		indicators.Section(site),
		statement.Section(site, config.Proposers),
		controls.Section(site, config.Frameworks),
		frameworks.Section(site, config.Frameworks),
		findings.Section(site, config.Rules),
		documents.Section(site),
		libraries.Section(site),
		inventory.Section(site),
		notices.Section(site),
		views.Section(site),
		evidence.Section(site, config.Way),
		monitoring.Section(site, config.Way),
		editor.Section(site, config.Way, config.Types),
		sources.Section(site, config.Way, config.Work),
		registers.Section(site),
		find.Section(site),
		settings.Section(site, settingsOf(config)),
		help.Section(site),
		account.Section(site, config.Accounts),
	}
}

func settingsOf(config Config) settings.Config {
	config.Settings.Accounts = config.Accounts
	return config.Settings
}

// withStatic answers for the pages' own files before the mux is asked, in which
// every register is a path of the first level.
func withStatic(static, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, page.StaticPath) {
			static.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func localised(pseudo bool, next http.Handler) http.Handler {
	if !pseudo {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(message.WithLocale(r.Context(), message.Pseudo)))
	})
}
