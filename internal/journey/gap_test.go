// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A campaign is planned by its form, answered by keyboard alone, loses the
// server on the way, meets somebody who was faster, and is closed with a report.
func TestBrowserAGapAnalysisFromThePlanToTheReport(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		b := h.open(t, manager, 1440)
		campaign := b.planned()
		b.goTo("/gap/" + campaign)
		b.clickText("Start asking")
		b.clickText("Answer questions")
		b.wait(`document.querySelector("[data-focus] h1")`)
		b.wait(`document.querySelectorAll("#answer [name=answer]").length === 4`) // a clause always applies
		b.byKeys()
		b.serverAway()
		b.somebodyFaster(h)
		b.press("#focus h1", "\r")
		b.wait(fmt.Sprintf(`location.pathname === "/gap/%s"`, campaign))

		b.clickText("Close")
		b.fill(`.closeform [name="summary"]`, "Little is missing.")
		b.clickText("Close the campaign")
		b.wait(`document.querySelector("main").innerText.includes("Little is missing.")`)
		b.goTo("/gap-campaigns/" + campaign)
		b.wait(`document.querySelector("main").innerText.includes("Clause ten.pdf")`)
		b.goTo("/gap/" + campaign + "/compare?with=GAP-1")
		b.wait(`document.querySelectorAll("main tbody tr").length > 90`)
	})
}

// planned fills the form of a campaign over clause 10 and gives its key.
func (b *tab) planned() string {
	b.t.Helper()
	b.goTo("/gap-campaigns/new")
	b.fill("#f-title", "Clause ten")
	b.click(`[name="scope_units"][value="SU-1"]`)
	b.fill("#f-starts_on", "2026-01-05")
	b.fill("#f-due_on", "2027-02-27")
	me := read[string](b, `[...document.querySelectorAll("#f-owner option")].find(o => o.text.includes("Mara")).value`)
	b.fill("#f-owner", me)
	b.fill("#f-assessors", me)
	b.click("details.later summary")
	b.click(`[name="clauses"][value="10"]`)
	b.click("form.form button.pri")
	b.wait(`/\/gap\/GAP-\d+$/.test(location.pathname)`)
	return read[string](b, `location.pathname.split("/").pop()`)
}

// byKeys answers one question without a pointer.
func (b *tab) byKeys() {
	b.t.Helper()
	first := read[string](b, "location.pathname")
	b.press("", "2")
	b.press("", "n")
	b.press("", "Ideas are collected and rarely taken up.")
	b.press("", "\x1b")
	b.press("", "m")
	b.press("", "2")
	b.wait(`document.querySelector("[name=maturity][value='2']").checked`)
	b.wait(`document.querySelector("[data-saved]").innerText.startsWith("Saved")`)
	b.press("#focus h1", "\r")
	b.wait(fmt.Sprintf(`location.pathname !== %q && document.querySelector("[data-focus] h1")`, first))
}

// serverAway types while nothing can be sent: it is kept, and sent later.
func (b *tab) serverAway() {
	b.t.Helper()
	b.offline(true)
	b.press("#focus h1", "1")
	b.wait(`document.querySelector("[data-saved]").innerText === "Kept here, 1 waiting"`)
	b.offline(false)
	b.wait(`document.querySelector("[data-saved]").innerText.startsWith("Saved")`)
	b.goTo(read[string](b, "location.pathname"))
	b.wait(`document.querySelector("[name=answer][value=met]").checked`)
}

// somebodyFaster saves elsewhere what this tab is about to save: both are shown.
func (b *tab) somebodyFaster(h *house) {
	b.t.Helper()
	other := h.open(b.t, manager, 1440)
	other.goTo(read[string](b, "location.pathname"))
	other.fill("#seen", "Every cause is looked for.")
	other.wait(`document.querySelector("[data-saved]").innerText.startsWith("Saved")`)
	b.fill("#seen", "Three of four causes were found.")
	b.wait(`document.querySelector("[data-conflict]")?.innerText.includes("Every cause is looked for.")`)
	b.wait(`document.querySelector("#seen").value === "Three of four causes were found."`)
}

// offline cuts the browser off, or lets it back.
func (b *tab) offline(off bool) {
	b.t.Helper()
	conditions := []*network.Conditions{}
	if off {
		conditions = append(conditions, &network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	}
	if _, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: conditions}); err != nil {
		b.t.Fatal(err)
	}
}
