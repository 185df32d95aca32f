// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"sextant/internal/server/web/page"
)

// The two rows that only a browser can tell.
const (
	firstLoad   = "browser: first load of a list, everything fetched"
	interaction = "browser: interaction to next paint"
)

// browsed measures the list of assets in a real browser: how much a first visit
// fetches, and how long a key or a click takes until the next paint. Without a
// Chromium (SEXTANT_TEST_BROWSER, or one in the path) the rows are left out.
func (b *bench) browsed(handler http.Handler) error {
	path := cmp.Or(os.Getenv("SEXTANT_TEST_BROWSER"), found("chromium"), found("google-chrome"))
	if path == "" || (!b.wanted(firstLoad) && !b.wanted(interaction)) {
		return nil
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	profile, err := os.MkdirTemp("", "bench-browser-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(profile)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile), chromedp.WindowSize(1440, 1000), chromedp.Flag("disable-background-networking", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	return b.browse(ctx, server.URL)
}

func found(name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

// watch collects what the browser says of each input, from 16 ms on: what is
// quicker is not told apart.
const watch = `window.paints = []; new PerformanceObserver(l => l.getEntries().forEach(e => window.paints.push(e.duration))).observe({type: "event", durationThreshold: 16, buffered: true}); ""`

const fetchedBytes = `JSON.stringify([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(e => e.encodedBodySize))`

func (b *bench) browse(ctx context.Context, base string) error {
	if err := chromedp.Do(ctx); err != nil {
		return fmt.Errorf("the browser does not start: %w", err)
	}
	if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: page.CookieName, Value: b.session, URL: base}); err != nil {
		return err
	}
	began := time.Now()
	if err := chromedp.Do(ctx, chromedp.Navigate(base+"/assets")); err != nil {
		return err
	}
	loaded := time.Since(began)
	var sizes []int
	if err := evaluate(ctx, fetchedBytes, &sizes); err != nil {
		return err
	}
	bytes := 0
	for _, n := range sizes {
		bytes += n
	}
	b.put(firstLoad, none, "", sample{loaded})
	b.note(firstLoad, fmt.Sprintf("%d kB compressed in all, budget 150", (bytes+512)/1024))
	paints, err := interactions(ctx)
	if err == nil {
		b.put(interaction, "100 / 100", "", paints)
	}
	return err
}

// interactions moves through rows, chooses some and opens one, and gives the
// time to the next paint of each input.
func interactions(ctx context.Context) (sample, error) {
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](watch)); err != nil {
		return nil, err
	}
	const keys = "jjjjjxjxjx"
	for _, key := range keys {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(string(key)), chromedp.Sleep(60*time.Millisecond)); err != nil {
			return nil, err
		}
	}
	if err := chromedp.Do(ctx, chromedp.Click("[data-grid] tr[data-key]:nth-child(3) td.main-cell a"), chromedp.Sleep(500*time.Millisecond)); err != nil {
		return nil, err
	}
	var paints []float64
	if err := evaluate(ctx, "JSON.stringify(window.paints)", &paints); err != nil {
		return nil, err
	}
	s := sample{16 * time.Millisecond}
	for _, ms := range paints {
		s = append(s, time.Duration(ms*float64(time.Millisecond)))
	}
	return s, nil
}

func evaluate(ctx context.Context, script string, into any) error {
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), into)
}
