// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"sextant/internal/server"
	"sextant/internal/server/web/page"
	"sextant/product"
)

// pages measure what a browser waits for on the server: rights, rows, template
// and compression, without the network.
func (b *bench) pages() error {
	handler := b.handler()
	for _, p := range []struct{ name, path string }{
		{"page: home", "/"}, {"page: list of assets", "/assets"}, {"page: list, filtered and ordered", "/assets?filter=state%3Dproposed&order=review_on"},
		{"page: one asset", "/assets/AST-7"}, {"API: list of assets", "/api/v1/assets"},
	} {
		if !b.wanted(p.name) {
			continue
		}
		sent, plain, err := b.sizes(handler, p.path)
		if err != nil {
			return err
		}
		if err := b.row(p.name, quick, 300, func(int) error { _, err := b.get(handler, p.path, true); return err }); err != nil {
			return err
		}
		b.note(p.name, fmt.Sprintf("%d kB, %d kB sent", (plain+512)/1024, (sent+512)/1024))
	}
	return b.browsed(handler)
}

// handler serves the pages, as a program with this data does.
func (b *bench) handler() http.Handler {
	return server.Handler(server.Config{Kernel: b.kernel, Accounts: b.accounts, Version: "bench", Way: product.Way(b.kernel, b.store), Frameworks: product.Frameworks(), Rules: product.Rules(), Proposers: product.Proposers()})
}

func (b *bench) sizes(handler http.Handler, path string) (sent, plain int, err error) {
	if sent, err = b.get(handler, path, true); err != nil {
		return 0, 0, err
	}
	plain, err = b.get(handler, path, false)
	return sent, plain, err
}

func (b *bench) get(handler http.Handler, path string, compressed bool) (int, error) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(&http.Cookie{Name: page.CookieName, Value: b.session})
	if compressed {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return 0, fmt.Errorf("%s answers %d", path, w.Code)
	}
	return w.Body.Len(), nil
}
