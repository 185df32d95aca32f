// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// From the link the server prints to a first look at the controls: account,
// organisation, scope; at most twelve screens, without reading a manual.
func TestBrowserFirstRun(t *testing.T) {
	t.Parallel()
	h, link := empty(t)
	b := h.open(t, "", 1440)
	screens := b.setUp(link, "Ada Berg", "ada@harbour.example")
	b.goTo("/controls")
	screens++
	b.wait(`document.querySelectorAll("[data-grid] tr[data-key], [data-grid] tr[data-path]").length >= 90`)
	if screens > 12 {
		t.Errorf("it took %d screens", screens)
	}
	if green := read[int](b, `document.querySelectorAll('[data-grid] .st[data-s="pass"]').length`); green != 0 {
		t.Errorf("%d controls are green in an empty organisation", green)
	}
	b.quiet()
}

// setUp takes the link the server prints to a start page: an account, an
// organisation, a scope. It gives how many screens that took.
func (b *tab) setUp(link, name, email string) (screens int) {
	b.t.Helper()
	b.goTo(link)
	for selector, value := range map[string]string{"#organisation": "Small Harbour GmbH", "#name": name, "#email": email, "#password": password} {
		b.fill(selector, value)
	}
	b.press("#password", "\r")
	b.wait(`document.querySelector("nav.nav") || document.querySelector("main form")`)
	screens = 2
	for range 10 {
		b.wait(`document.readyState === "complete"`)
		if read[bool](b, `location.pathname === "/"`) {
			break
		}
		before := b.path()
		if read[bool](b, `!!document.querySelector("main textarea[required]")`) {
			b.fill("main textarea[required]", "Development and hosting of the berth planner.")
		}
		b.clickText(read[string](b, `[...document.querySelectorAll("main a.btn, main button.btn")].map(e => e.innerText.trim()).filter(t => /skip|later|finish|next|continue|done|nothing/i.test(t)).pop() ?? ""`))
		b.wait(`location.pathname + location.search !== "` + before + `"`)
		screens++
	}
	return screens
}

// Find the control that fails, follow it to the resource and its raw
// observation, make the task that mends it.
func TestBrowserFindAFailingControlAndItsCause(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		b := h.open(t, manager, 1440)
		b.goTo("/controls?filter=state%3Dfail")
		b.goTo("/controls/A.8.13")
		b.wait(`document.body.innerText.includes("orders-prod-2")`)
		if s := b.text(".facets"); !strings.Contains(s, "Fail") {
			t.Errorf("the facets say %q", s)
		}
		b.goTo(read[string](b, `[...document.querySelectorAll("main a")].find(a => a.innerText.trim() === "orders-prod-2").getAttribute("href")`))
		b.wait(`document.body.innerText.includes("backup_retention_days")`)
		b.goTo("/checks/aws.rds-backup")
		b.clickText("Make a task")
		b.wait(`document.querySelector("#f-title") && document.querySelector("#f-due_on")`)
		if read[string](b, `document.querySelector("#f-title").value`) == "" {
			t.Error("the task has no title to begin with")
		}
		b.quiet()
	})
}

// Some rows of a file are good and some are not: each row's fate is shown, the
// good ones are written when the person says so, and one undo takes them back.
func TestBrowserImportWithRefusedRows(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		file := filepath.Join(t.TempDir(), "persons.csv")
		rows := "name,email,kind\nWilma Good,wilma@northquay.example,employee\nNoel Nobody,not an address,robot\nWanda Well,wanda@northquay.example,employee\n"
		if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
			t.Fatal(err)
		}
		b := h.open(t, manager, 1440)
		b.goTo("/persons/import")
		if err := chromedp.Do(b.ctx, chromedp.SetUploadFiles("#file", []string{file})); err != nil {
			t.Fatal(err)
		}
		b.clickText("Show what would happen")
		b.wait(`document.body.innerText.includes("Write 2 rows")`)
		if said := b.text("main"); !strings.Contains(said, "robot") {
			t.Errorf("the refused row is not explained: %q", said)
		}
		b.clickText("Write 2 rows")
		b.wait(`document.body.innerText.includes("Undo all of it") || document.querySelector("[data-toast]")`)
		b.goTo("/persons?search=wilma")
		b.wait(`document.querySelector("[data-grid]")?.innerText.includes("Wilma Good")`)
		b.quiet()
	})
}

var link = regexp.MustCompile(`/set-up\?link=\S+`)

// empty serves a folder in which nothing is set up, and gives the set-up link.
func empty(t testing.TB, args ...string) (*house, string) {
	t.Helper()
	folder := t.TempDir()
	h, said := start(t, "serve", filepath.Join(folder, "data"), append(args, "--key-file", filepath.Join(folder, "master.key"))...)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) { // what it said may be on its way when it answers
		if path := link.FindString(said()); path != "" {
			return h, path
		}
	}
	t.Fatalf("no set-up link was printed: %s", said())
	return nil, ""
}
