// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"sextant/internal/store"
	"sextant/internal/testserver"
)

// The pages in a real browser, without any script of ours: sign in by the form,
// open a list, make an entry, see it.
func TestBrowserSignsInAndMakesAnEntry(t *testing.T) {
	h := newHouse(t, store.Config{Folder: t.TempDir()}, false)
	ctx := testserver.Browser(t, 1440, 900)
	submit := func(script string) {
		t.Helper()
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](script+`; ""`)); err != nil {
			t.Fatal(err)
		}
	}
	waitFor := func(selector string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.WaitReady(selector)); err != nil {
			t.Fatalf("%s: %v", selector, err)
		}
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(h.URL+"/pumps/new")); err != nil {
		t.Fatal(err)
	}
	waitFor("#email")
	submit(`document.getElementById("email").value="isms_manager@example.org"; document.getElementById("password").value="` + password + `"; document.querySelector("form").requestSubmit()`)
	waitFor("#f-name")
	submit(`document.getElementById("f-name").value="made in a browser"; document.querySelector("main form").requestSubmit()`)
	waitFor("#history")
	title, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("h1").innerText + "|" + getComputedStyle(document.querySelector(".btn.pri")).backgroundColor`))
	if err != nil {
		t.Fatal(err)
	}
	if want := "made in a browser|"; len(title) <= len(want) || title[:len(want)] != want || title[len(want):] == "rgba(0, 0, 0, 0)" {
		t.Errorf("the page says %q", title)
	}
}
