// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sextant/internal/testserver"
)

// mostActions is what an assessment of a small company's first risks may ask of
// a person: clicks, choices and boxes filled.
const mostActions = 400

// From nothing, by pages alone: criteria are made and approved, scenarios of the
// library are taken in bulk, every risk is judged in one row of pages, one is
// treated and signed for, the lowest are accepted, and the round is completed and
// approved. Actions are counted.
func TestBrowserARiskAssessmentFromNothing(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		h, link := empty(t)
		assessed(t, h, link)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		h, link := empty(t, "--database-url", database.App, "--database-owner-url", database.Owner)
		assessed(t, h, link)
	})
}

// themes are what a software company of sixty takes first, and how many of each.
var themes = []struct {
	category string
	most     int
}{{"cyber", 14}, {"people", 4}, {"supplier", 4}, {"physical", 3}, {"continuity", 3}, {"privacy", 3}, {"legal", 2}, {"fraud", 2}}

func assessed(t *testing.T, h *house, link string) {
	c := &harbour{house: h, people: map[string]string{}}
	c.ada = c.open(t, "", 1440)
	c.ada.setUp(link, "Ada Berg", adaMail)
	c.people["Ada"] = "PER-1"
	c.theo = c.invited(t, "Theo Top", theoMail, "owner")
	c.ada.goTo("/organisation/ORG-1/edit")
	c.ada.click(fmt.Sprintf(`[name="top_management"][value=%q]`, c.people["Theo"]))
	c.ada.save(`/\/organisation\/ORG-1$/.test(location.pathname)`)
	c.ada.actions, c.theo.actions = 0, 0

	c.criteria()
	c.owns()
	taken := c.takes()
	c.round()
	c.judges(taken)
	c.accepts()
	c.completes()
	if n := c.ada.actions + c.theo.actions; n > mostActions {
		t.Errorf("%d risks took %d actions, more than %d", taken, n, mostActions)
	} else {
		t.Logf("%d risks took %d actions", taken, n)
	}
	c.ada.quiet()
	c.theo.quiet()
}

// criteria makes them from the template and has them approved.
func (c *harbour) criteria() {
	b := c.ada
	b.t.Helper()
	b.goTo("/risks/criteria")
	b.fill("#revenue", "6000000")
	b.clickText("Make a draft from it")
	b.wait(`document.querySelector("#approver") || /criteria\/RC-1/.test(location.pathname)`)
	if !read[bool](b, `!!document.querySelector("#approver")`) {
		b.goTo("/risks/criteria/RC-1/edit")
	}
	b.choose("#approver", c.people["Theo"])
	b.clickText("Save the draft")
	b.wait(`location.pathname === "/risks/criteria/RC-1"`)
	b.step("Submit for approval", "")
	c.theo.goTo("/risks/criteria/RC-1")
	c.theo.step("Approve", password)
	c.theo.wait(`document.querySelector("h1 .tag")?.innerText === "In force"`)
}

// step makes a move that stands in a menu, with the password where it is signed.
func (b *tab) step(label, password string) {
	b.t.Helper()
	b.clickText(label)
	form := `[...document.querySelectorAll("details[open] form.closeform")].pop()`
	b.wait(form)
	if password != "" {
		b.fill("details[open] form.closeform [name=password]", password)
	}
	b.click("details[open] form.closeform button.pri")
	b.wait(`document.readyState === "complete" && !document.querySelector("details[open] form.closeform")`)
}

// owns enters what the company stands on, a few things only: they are detailed
// later.
func (c *harbour) owns() {
	b := c.ada
	b.t.Helper()
	for _, a := range [][2]string{{"Berth planner", "application"}, {"Bookings of our customers", "information"}, {"Cloud account", "cloud_account"}, {"Laptops", "device"}, {"Our people", "person_group"}, {"Office at the quay", "site"}} {
		b.goTo("/assets/new")
		b.fill("#f-title", a[0])
		b.fill("[name=type]", a[1])
		b.tick("scope_units", "SU-1")
		b.save(`/\/assets\/AST-\d+$/.test(location.pathname)`)
	}
}

// takes brings scenarios of the library in, a category at a time.
func (c *harbour) takes() (taken int) {
	b := c.ada
	b.t.Helper()
	for _, theme := range themes {
		b.goTo("/risks/library?category=" + theme.category)
		b.wait(`document.querySelector(".stories")`)
		refs := read[[]string](b, fmt.Sprintf(`[...document.querySelectorAll(".stories > li")].filter(l => !l.querySelector("a.tag")).map(l => l.querySelector("input")).filter(e => e).slice(0, %d).map(e => e.value)`, theme.most))
		for _, ref := range refs {
			b.click(fmt.Sprintf(`.stories input[value=%q]`, ref))
		}
		b.choose("#owner", c.people["Ada"])
		if theme.category == "continuity" {
			b.choose("#owner", c.people["Theo"])
		}
		if read[bool](b, `!!document.querySelector("#asset")?.closest("details:not([open])")`) {
			b.click(".takebox details summary")
		}
		b.choose("#asset", "AST-1", "AST-2", "AST-3", "AST-4", "AST-5", "AST-6")
		b.clickText("Take into the register")
		b.wait(`document.readyState === "complete" && !document.querySelector(".stories input:checked")`)
		taken += len(refs)
	}
	return taken
}

// round plans and starts the first assessment.
func (c *harbour) round() {
	b := c.ada
	b.t.Helper()
	b.goTo("/risk-assessments/new")
	b.fill("#f-title", "The first assessment")
	b.fill("#f-planned_on", time.Now().Format(time.DateOnly))
	b.tick("scope_units", "SU-1")
	b.tick("participants", c.people["Ada"], c.people["Theo"])
	b.fill("#f-owner", c.people["Ada"])
	b.fill("#f-approver", c.people["Theo"])
	b.save(`/risk-assessments\/RAS-1$/.test(location.pathname)`)
	b.goTo("/risks/assessments/RAS-1")
	b.step("Start", "")
}

// judges goes from one risk to the next.
func (c *harbour) judges(taken int) {
	b := c.ada
	b.t.Helper()
	b.goTo("/risks/evaluate/RSK-1")
	for n := 1; n <= taken; n++ {
		b.wait(`document.readyState === "complete" && document.querySelector("form.judge #rationale")`)
		at := b.path()
		b.check(fmt.Sprintf(`[name=likelihood][value="%d"]`, 1+n%4))
		kind := read[string](b, `document.querySelector('form.judge [name^="consequence."]').name`)
		b.check(fmt.Sprintf(`[name=%q][value="%d"]`, kind, 1+n%3))
		b.fill("#rationale", "As we saw it in the workshop: nothing of the kind last year, and two people who could tell.")
		if read[bool](b, `document.querySelector("#assessment")?.value === ""`) {
			b.choose("#assessment", "RAS-1")
		}
		if read[bool](b, `!!document.querySelector('form.judge button[value="next"]')`) {
			b.click(`form.judge button[value="next"]`)
		} else {
			b.click(`form.judge button[value="save"]`)
		}
		b.wait(fmt.Sprintf(`location.pathname + location.search !== %q`, at))
	}
}

// accepts signs for one risk that is low: its owner does.
func (c *harbour) accepts() {
	b := c.ada
	b.t.Helper()
	b.goTo(fmt.Sprintf("/risks?filter=appetite%%3Dwithin&filter=owner%%3D%s", c.people["Ada"]))
	key := read[string](b, `document.querySelector('[id^="row-RSK-"]').id.slice(4)`)
	b.goTo("/risks/" + key)
	b.clickText("Accept the risk")
	b.fill("#sign-reason", "It is low, and making it lower would cost more than it could.")
	b.fill("details[open] #password", password)
	b.click("details[open] form button.pri")
	b.wait(`document.querySelector("main").innerText.includes("in force; it never moves")`)
}

// completes ends the round; top management approves it, and its report is kept.
func (c *harbour) completes() {
	b := c.ada
	b.t.Helper()
	b.goTo("/risks/assessments/RAS-1")
	b.step("Complete", "")
	c.theo.goTo("/risks/assessments/RAS-1")
	c.theo.clickText("Approve")
	c.theo.fill("details[open] form.closeform [name=conclusion]", "The house is in order but for what is above appetite, which gets a plan by spring.")
	c.theo.fill("details[open] form.closeform [name=password]", password)
	c.theo.click("details[open] form.closeform button.pri")
	c.theo.wait(`document.querySelector("main").innerText.includes("Approved")`)
	report := read[string](c.theo, `document.querySelector("main").innerText`)
	if !strings.Contains(report, ".pdf") {
		b.t.Errorf("no report is kept with the assessment:\n%s", report)
	}
}
