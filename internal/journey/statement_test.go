// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"testing"
	"time"
)

// A control is stale because a statement has run out: its page says what would
// make it green, the statement is made and signed, and the control passes. A
// wrong password signs nothing.
func TestBrowserAStatementMakesAStaleControlPass(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		b := h.open(t, manager, 1440)
		b.goTo("/controls/A.5.3")
		b.wait(`document.querySelector(".facets")?.innerText.includes("Stale")`)
		b.clickText("State it")
		b.wait(`document.querySelector("#looked_at")`)
		b.fill("#looked_at", "Ran the conflict matrix against the groups of the identity provider and read every hit")
		b.fill("#population", "9 pairs of duties over 62 people, exported today")
		b.fill("#password", "not the password")
		b.click(`button[value="attest"]`)
		b.wait(`document.querySelector("main .note.bad, main .err")?.innerText && document.querySelector("#looked_at")`)
		if kept := read[string](b, `document.querySelector("#looked_at").value`); kept == "" {
			t.Error("what was written is lost")
		}
		b.fill("#password", password)
		b.click(`button[value="attest"]`)
		b.wait(`document.readyState === "complete" && document.querySelector("nav.nav") && !document.querySelector("#looked_at")`)
		passes := false // states settle beside the page: asked again until they have
		for deadline := time.Now().Add(time.Minute); !passes && time.Now().Before(deadline); time.Sleep(300 * time.Millisecond) {
			b.goTo("/controls/A.5.3")
			passes = read[bool](b, `document.querySelector(".facets")?.innerText.includes("Pass") ?? false`)
		}
		if !passes {
			t.Fatalf("after the statement the control is %q", b.text(".facets"))
		}
		b.goTo("/controls/A.5.3?as_of=2026-11-20T12:00:00Z")
		b.wait(`document.querySelector(".facets")?.innerText.includes("Stale")`)
		b.quiet()
	})
}
