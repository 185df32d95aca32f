// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// Change many, see what would happen, write it, take it all back.
func TestBrowserBulkChangeIsUndone(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		b := h.open(t, manager, 1440)
		b.goTo("/assets?filter=environment%3Dproduction")
		n := read[int](b, `document.querySelectorAll("[data-grid] tr[data-key]").length`)
		if n < 3 {
			t.Fatalf("%d assets in production are too few for this journey", n)
		}
		b.click(`[data-grid] tr[data-key]:nth-child(1) .pick input`)
		b.click(`[data-grid] tr[data-key]:nth-child(2) .pick input`)
		if got := b.text("[data-picked]"); got != "2 chosen" {
			t.Errorf("the bar says %q", got)
		}
		b.clickText("Change chosen")
		b.wait(`document.querySelector("#field")`)
		b.fill("#field", "environment")
		b.wait(`document.querySelector("#f-environment")`)
		b.fill("#f-environment", "staging")
		b.fill("#reason", "moved to the staging account")
		b.clickText("Show what would happen")
		b.wait(`document.body.innerText.includes("Write 2 rows")`)
		b.clickText("Write 2 rows")
		b.wait(`document.querySelector("[data-toast]")`)
		b.goTo("/assets?filter=environment%3Dproduction")
		b.wait(fmt.Sprintf(`document.querySelectorAll("[data-grid] tr[data-key]").length === %d`, n-2))
		b.goTo("/assets?filter=environment%3Dstaging")
		b.click("td.main-cell a")
		b.wait(`document.querySelector("#drawer")?.innerText.includes("moved to the staging account")`)
		b.quiet()
	})
}

func TestBrowserUndoInTheToastTakesAllOfItBack(t *testing.T) {
	t.Parallel()
	h := ofDemo(t)
	b := h.open(t, manager, 1440)
	b.goTo("/assets/bulk?filter=environment%3Dproduction&field=environment")
	b.wait(`document.querySelector("#f-environment")`)
	b.fill("#f-environment", "office")
	b.clickText("Show what would happen")
	b.wait(`[...document.querySelectorAll("button")].some(e => e.innerText.startsWith("Write"))`)
	b.click(`button[value="write"]`)
	b.wait(`document.querySelector("[data-toast]")`)
	b.click("[data-toast] button")
	b.wait(`location.pathname.startsWith("/batches/")`)
	b.goTo("/assets?filter=environment%3Dproduction")
	b.wait(`document.querySelectorAll("[data-grid] tr[data-key]").length > 2`)
	b.quiet()
}

// Two people change the same field: the second sees both values and loses
// nothing.
func TestBrowserTwoPeopleInConflictSeeBothValues(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		first, second := h.open(t, manager, 1440), h.open(t, manager, 1440)
		first.goTo("/assets")
		path := strings.Split(read[string](first, `document.querySelector("[data-grid] tr[data-key]").dataset.path`), "?")[0]
		for _, b := range []*tab{first, second} {
			b.goTo(path + "/edit")
			b.wait(`document.querySelector("#f-title")`)
		}
		first.fill("#f-title", "named by the first")
		first.clickText("Save")
		first.wait(`document.querySelector("h1").innerText === "named by the first"`)
		second.fill("#f-title", "named by the second")
		second.clickText("Save")
		second.wait(`document.querySelector("main").innerText.includes("Somebody saved first")`)
		shown := second.text("main table")
		if !strings.Contains(shown, "named by the first") || !strings.Contains(shown, "named by the second") {
			t.Errorf("the conflict shows %q", shown)
		}
		second.clickText("Save over it")
		second.wait(`document.querySelector("h1").innerText === "named by the second"`)
		if history := second.text("#history"); !strings.Contains(history, "named by the first") {
			t.Errorf("the history has lost the first name: %q", history)
		}
		second.quiet()
	})
}

// Everything in the list by keyboard: move, open, close, pick, edit.
func TestBrowserListByKeyboardOnly(t *testing.T) {
	t.Parallel()
	h := ofDemo(t)
	b := h.open(t, manager, 1440)
	b.goTo("/assets")
	b.press("main", "jj")
	second := read[string](b, `document.querySelector("tr.cur").dataset.key`)
	if second != read[string](b, `document.querySelectorAll("[data-grid] tr[data-key]")[1].dataset.key`) {
		t.Errorf("after j j the row is %s", second)
	}
	b.press("", "x")
	if b.text("[data-picked]") != "1 chosen" {
		t.Errorf("x picked %q", b.text("[data-picked]"))
	}
	b.press("", "x")
	b.press("", "\r")
	b.wait(`document.querySelector("#drawer")`)
	b.press("main", "j")
	b.wait(`document.querySelector("#drawer")?.getAttribute("aria-label").startsWith(document.querySelectorAll("[data-grid] tr[data-key]")[2].dataset.key)`)
	b.press("", "\x1b")
	b.wait(`!document.querySelector("#drawer")`)
	b.press("main", "/")
	b.wait(`document.querySelector("dialog.palette[open]")`)
	b.fill("dialog.palette input", "new task")
	b.wait(`[...document.querySelectorAll('dialog.palette [role="option"]')].some(e => e.innerText.includes("New task"))`)
	b.press("dialog.palette input", "\r")
	b.wait(`location.pathname === "/tasks/new"`)
	b.quiet()
}

func TestBrowserEditInPlaceSavesAndEscapeRestores(t *testing.T) {
	t.Parallel()
	h := ofDemo(t)
	b := h.open(t, manager, 1440)
	b.goTo("/assets")
	b.click("td.main-cell a")
	b.wait(`document.querySelector('#drawer dd[data-field="title"]')`)
	before := b.text(`#drawer dd[data-field="title"] > span`)
	b.click(`#drawer dd[data-field="title"] .editlink`)
	b.wait(`document.querySelector("#drawer form.editing #f-title")`)
	b.fill("form.editing #f-title", "not to be kept")
	b.press("form.editing #f-title", "\x1b")
	b.wait(`!document.querySelector("form.editing")`)
	if got := b.text(`#drawer dd[data-field="title"] > span`); got != before {
		t.Errorf("Escape left %q, not %q", got, before)
	}
	b.click(`#drawer dd[data-field="title"] .editlink`)
	b.wait(`document.querySelector("#drawer form.editing #f-title")`)
	b.fill("form.editing #f-title", "renamed in place")
	b.press("form.editing #f-title", "\r")
	b.wait(`document.querySelector('#drawer dd[data-field="title"]')?.innerText.includes("renamed in place")`)
	b.wait(`document.querySelector("[data-grid]").innerText.includes("renamed in place")`)
	b.quiet()
}

// The file is exactly what is listed.
func TestBrowserExportEqualsTheView(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		b := h.open(t, manager, 1440)
		b.goTo("/assets?filter=environment%3Dproduction&order=-title")
		shown := read[[]string](b, `[...document.querySelectorAll("[data-grid] tr[data-key]")].map(r => r.dataset.key)`)
		link := read[string](b, `[...document.querySelectorAll("a[download]")].find(a => a.innerText === "CSV" || a.textContent === "CSV").getAttribute("href")`)
		_, body := h.page(h.client(manager), link)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var exported []string
		for _, row := range rows[1:] {
			exported = append(exported, row[0])
		}
		if strings.Join(exported, " ") != strings.Join(shown, " ") {
			t.Errorf("the list shows %v, the file has %v", shown, exported)
		}
	})
}

// As of a moment: the page says so, nothing can be changed, links stay there.
func TestBrowserAsOfPutsTheWholeAppIntoThatMoment(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		b := h.open(t, manager, 1440)
		b.goTo("/assets?as_of=" + url.QueryEscape("2026-06-01T12:00:00Z"))
		b.wait(`document.querySelector(".asofbar")`)
		if n := read[int](b, `document.querySelectorAll('main form[method="post"], main .btn.pri:not(.menu *):not(.asofform *)').length`); n != 0 {
			t.Errorf("%d things can be changed in the past", n)
		}
		astray := read[[]string](b, `[...document.querySelectorAll("main a[href^='/'], nav.nav a[href^='/']")].map(a => a.getAttribute("href")).filter(h => !h.includes("as_of=") && !h.includes("/export"))`)
		for _, link := range astray {
			if link != read[string](b, `document.querySelector(".asofbar a").getAttribute("href")`) {
				t.Errorf("the link %s leaves the moment", link)
			}
		}
		b.quiet()
	})
}

// Without any script: make, change, filter, comment.
func TestBrowserPagesWorkWithoutScript(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		b := h.open(t, manager, 1440)
		b.withoutScript()
		b.goTo("/tasks/new")
		for selector, value := range map[string]string{"#f-title": "made without script", "#f-due_on": "2027-01-15"} {
			b.fill(selector, value)
		}
		b.fill("#f-assignee", read[string](b, `document.querySelector("#f-assignee option:nth-child(2)").value`))
		b.click("form.form button.pri")
		b.wait(`document.querySelector("h1")?.innerText === "made without script"`)
		b.fill("#text", "said without script, @Priya Raman")
		b.click("#comments button")
		b.wait(`document.querySelector("#comments")?.innerText.includes("said without script")`)
		if !strings.Contains(b.text("#comments"), "Priya Raman") {
			t.Errorf("nobody was mentioned: %q", b.text("#comments"))
		}
		b.goTo("/tasks?edit=priority")
		b.click(`form[data-filter-editor] input[value="medium"]`)
		b.click("form[data-filter-editor] button.pri")
		b.wait(`location.search.includes("filter=priority")`)
		b.wait(`document.querySelector("[data-grid]").innerText.includes("made without script")`)
	})
}
