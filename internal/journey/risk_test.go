// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sextant/internal/testserver"
)

// mostActions is what an assessment of a small company's first risks may ask of
// a person: clicks, choices and boxes filled.
const mostActions = 400

// From nothing, by pages alone: criteria are made and approved, scenarios of the
// library are taken in bulk, every risk is judged in one row of pages, what is
// above appetite is planned together and compared with Annex A, the owners sign
// plans and residuals where the administrator cannot, the statement's reasons
// follow, the round is completed, approved and told on paper, and the next one
// stands in the calendar. Actions are counted.
func TestBrowserARiskAssessmentFromNothing(t *testing.T) {
	fromNothing(t, assessed)
}

// themes are what a software company of sixty takes first, how many of each, and
// who answers for them.
var themes = []struct {
	category, owner string
	most            int
}{{"cyber", "Olga", 14}, {"people", "Olga", 4}, {"supplier", "Olga", 4}, {"physical", "Olga", 3}, {"continuity", "Theo", 3}, {"privacy", "Olga", 3}, {"legal", "Theo", 2}, {"fraud", "Olga", 2}}

// assessment is the company at it.
type assessment struct {
	*harbour
	olga  *tab     // who answers for most of the risks
	taken int      // risks
	above []string // of those, that are above appetite
	plans int
}

// staffed sets a company up: who runs the management system and administrates the
// program, who directs, and who answers for most of the risks.
func staffed(t *testing.T, h *house, link string) *assessment {
	t.Helper()
	c := &assessment{harbour: &harbour{house: h, people: map[string]string{}}}
	c.ada = c.open(t, "", 1440)
	c.ada.setUp(link, "Ada Berg", adaMail)
	c.people["Ada"] = "PER-1"
	c.theo = c.invited(t, "Theo Top", theoMail, "owner")
	c.olga = c.invited(t, "Olga Ohm", olgaMail, "owner")
	c.ada.goTo("/organisation/ORG-1/edit")
	c.ada.click(fmt.Sprintf(`[name="top_management"][value=%q]`, c.people["Theo"]))
	c.ada.save(`/\/organisation\/ORG-1$/.test(location.pathname)`)
	return c
}

func assessed(t *testing.T, begin beginning) {
	h, link := begin()
	c := staffed(t, h, link)
	everybody := []*tab{c.ada, c.theo, c.olga}
	for _, b := range everybody {
		b.actions = 0
	}
	c.criteria()
	c.owns()
	c.takes()
	c.round()
	c.judges()
	c.treats()
	c.comesBack(t, begin)
	c.proposes()
	c.signs(t)
	c.completes()
	c.follows()
	c.reports(t)
	n := 0
	for _, b := range everybody {
		n += b.actions
		b.quiet()
	}
	if t.Logf("%d risks, %d of them above appetite, took %d actions", c.taken, len(c.above), n); n > mostActions {
		t.Errorf("%d actions are more than %d", n, mostActions)
	}
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
	c.inForce()
}

// inForce has the draft of criteria approved.
func (c *harbour) inForce() {
	c.ada.t.Helper()
	c.ada.goTo("/risks/criteria/RC-1")
	c.ada.step("Submit for approval", "")
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
func (c *assessment) owns() {
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

// takes brings scenarios of the library in, a category at a time. The program
// chooses assets of the kinds a scenario is about; where there is none it says
// so, and a person chooses.
func (c *assessment) takes() {
	b := c.ada
	b.t.Helper()
	for _, theme := range themes {
		b.goTo("/risks/library?category=" + theme.category)
		b.wait(`document.querySelector(".stories")`)
		refs := read[[]string](b, fmt.Sprintf(`[...document.querySelectorAll(".stories > li")].filter(l => !l.querySelector("a.tag")).map(l => l.querySelector("input")).filter(e => e).slice(0, %d).map(e => e.value)`, theme.most))
		for _, ref := range refs {
			b.click(fmt.Sprintf(`.stories input[value=%q]`, ref))
		}
		b.choose("#owner", c.people[theme.owner])
		b.turns(func() { b.clickText("Take into the register") })
		if read[bool](b, `!!document.querySelector("[role=alert]")`) {
			b.choose("#asset", "AST-1", "AST-3")
			b.turns(func() { b.clickText("Take into the register") })
		}
		b.wait(`!document.querySelector(".stories input:checked")`)
		c.taken += len(refs)
	}
}

// round plans and starts the first assessment.
func (c *assessment) round() {
	b := c.ada
	b.t.Helper()
	b.goTo("/risk-assessments/new")
	b.fill("#f-title", "The first assessment")
	b.fill("#f-planned_on", time.Now().Format(time.DateOnly))
	b.tick("scope_units", "SU-1")
	b.tick("participants", c.people["Ada"], c.people["Olga"], c.people["Theo"])
	b.fill("#f-owner", c.people["Ada"])
	b.fill("#f-approver", c.people["Theo"])
	b.later("#f-every")
	b.fill("#f-every", "P12M")
	b.save(`/assessments\/RAS-1$/.test(location.pathname)`)
	b.goTo("/risks/assessments/RAS-1")
	b.step("Start", "")
}

// judges goes from one risk to the next. One is high; some are above appetite.
func (c *assessment) judges() {
	b := c.ada
	b.t.Helper()
	b.goTo("/risks/evaluate/RSK-1?assessment=RAS-1")
	for n := 1; n <= c.taken; n++ {
		b.wait(`document.readyState === "complete" && document.querySelector("form.judge #rationale")`)
		at := b.path()
		likelihood, consequence := 1+n%4, 1+n%3
		if n == 3 {
			consequence = 4
		}
		b.check(fmt.Sprintf(`[name=likelihood][value="%d"]`, likelihood))
		kind := read[string](b, `document.querySelector('form.judge [name^="consequence."]').name`)
		b.check(fmt.Sprintf(`[name=%q][value="%d"]`, kind, consequence))
		b.fill("#rationale", "As we saw it in the workshop: nothing of the kind last year, and two people who could tell.")
		if read[bool](b, `document.querySelector("#assessment").value !== "RAS-1"`) {
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

// together are the categories one treatment is made for.
var together = [][]string{{"Cyber"}, {"People", "Supplier", "Physical"}, {"Continuity", "Privacy", "Legal", "Fraud"}}

// treats plans what is done about everything above appetite, in three treatments.
func (c *assessment) treats() {
	b := c.ada
	b.t.Helper()
	b.goTo("/risks/treatment")
	b.wait(`document.querySelector(".note a[data-number]")`)
	left := read[int](b, `Number(document.querySelector(".note a[data-number]").dataset.number)`)
	b.picture("1-nothing-planned")
	for _, categories := range together {
		b.goTo("/risks/treatment")
		b.turns(func() { b.click(".note a[data-number]") })
		var keys []string
		for _, category := range categories {
			keys = append(keys, read[[]string](b, fmt.Sprintf(`[...document.querySelectorAll('[id^="row-RSK-"]')].filter(r => [...r.cells].some(c => c.innerText.trim() === %q)).map(r => r.dataset.key)`, category))...)
		}
		for _, key := range keys {
			b.click(fmt.Sprintf(`#row-%s .pick input`, key))
		}
		b.turns(func() { b.clickText("Plan a treatment") })
		c.above = append(c.above, keys...)
		c.plan(strings.Join(categories, " and "), keys)
	}
	if len(c.above) != left || left < 8 {
		b.t.Errorf("%d of %d risks above appetite are planned", len(c.above), left)
	}
	b.goTo("/risks/treatment")
	if read[bool](b, `!!document.querySelector(".note a[data-number]")`) {
		b.t.Errorf("something is left to plan: %s", b.text(".note"))
	}
	b.picture("4-planned")
}

// plan writes one treatment: what is done, by which controls of Annex A, what it
// costs, and what it is expected to leave.
func (c *assessment) plan(name string, keys []string) {
	b := c.ada
	b.t.Helper()
	b.fill("#title", name+": what is above appetite")
	b.fill("#option_reason", "It costs less than one loss of the kind.")
	b.fill("#cost_once", "12000 EUR")
	b.fill("#expected_effect", "Seldom enough to accept.")
	if due := read[string](b, `document.querySelector("#due_on").value`); due <= time.Now().Format(time.DateOnly) {
		b.t.Errorf("it would be due on %q", due)
	}
	b.turns(func() { b.click("form.narrowform button.pri") })
	c.plans++
	if c.plans == 1 {
		b.picture("2-to-compare")
	}
	for _, control := range read[[]string](b, `[...document.querySelectorAll("[name=add]")].slice(0, 2).map(e => e.value)`) {
		b.click(fmt.Sprintf(`[name=add][value=%q]`, control))
	}
	b.fill("[name=rest]", "Looked at one by one: what we have is enough for a house of sixty.")
	b.turns(func() { b.clickText("Compared with Annex A") })
	for n := 1; n <= 2; n++ {
		b.fill(fmt.Sprintf(`.measures li:nth-child(%d) [name=lowers_likelihood]`, n), fmt.Sprint(n))
	}
	b.turns(func() { b.clickText("Save the measures") })
	b.turns(func() { b.clickText(fmt.Sprintf("Judge the residual of %d risks as expected", len(keys))) })
	if said := b.text("#aim"); strings.Contains(said, "which is acceptable") {
		b.t.Errorf("the plan leaves something above appetite: %s", said)
	}
	if c.plans == 1 {
		b.picture("3-written")
	}
}

// proposes asks the owners to sign the plans.
func (c *assessment) proposes() {
	b := c.ada
	b.t.Helper()
	for n := 1; n <= c.plans; n++ {
		b.goTo(fmt.Sprintf("/risks/treatment/TRT-%d", n))
		b.step("Ask the risk owners to sign", "")
		b.wait(`document.querySelector("h1 .tag").innerText === "Waits for signatures"`)
	}
}

// signs has the owners sign plans and residuals, each with the password; the
// administrator is not offered to, and cannot.
func (c *assessment) signs(t *testing.T) {
	t.Helper()
	b := c.ada
	b.goTo("/risks/treatment/TRT-1")
	if read[bool](b, `[...document.querySelectorAll("summary,button")].some(e => e.innerText.includes("Sign the plan"))`) {
		t.Error("the administrator is offered to sign")
	}
	administrator := c.client(adaMail)
	for path, form := range map[string]url.Values{"/risks/treatment/TRT-1": {"do": {"sign"}, "password": {password}}, "/risks/sign/" + c.above[0]: {"do": {"accept"}, "password": {password}, "reason": {"For her."}, "valid_until": {time.Now().AddDate(0, 1, 0).Format(time.DateOnly)}}} {
		answer, err := administrator.PostForm(c.base+path, form)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode != http.StatusForbidden {
			t.Errorf("the administrator signed %s for its owner: %s", path, answer.Status)
		}
	}
	for _, b := range []*tab{c.olga, c.theo} {
		c.signsAll(b)
	}
	b.goTo("/risks/signatures")
	b.wait(`document.querySelector("[data-grid]")`)
	if said := b.text("main"); strings.Contains(said, "waits for") {
		t.Errorf("a signature is missing: %s", said)
	}
	b.picture("6-signatures")
	b.goTo("/risks")
	b.wait(`document.querySelector("[data-grid]")`)
	if left := read[[]string](b, `[...document.querySelectorAll('[id^="row-RSK-"]')].filter(r => !/Monitored|Treatment running/.test(r.innerText)).map(r => r.innerText)`); len(left) > 0 {
		t.Errorf("not signed for: %q", left)
	}
}

// signsAll signs everything that waits for an owner: the rows of their own risks
// chosen at once, the plans beside them. A wrong password signs nothing.
func (c *assessment) signsAll(b *tab) {
	b.t.Helper()
	b.goTo("/risks")
	b.turns(func() { b.click(".segtabs a[href*='owner'], nav a[href*='owner%3D']") })
	b.click("[data-pick-all]")
	b.turns(func() { b.click("[data-bulk] button:not([formaction]):not([type=reset])") })
	for _, plan := range read[[]string](b, `[...document.querySelectorAll("[name=pick]")].filter(e => e.value.startsWith("TRT-")).map(e => e.value)`) {
		b.click(fmt.Sprintf(`[name=pick][value=%q]`, plan))
	}
	b.fill("#reason", "Within appetite, or brought there by the plan.")
	b.picture("5-to-sign")
	for _, word := range []string{"not the password", password} {
		b.fill("#password", word)
		b.turns(func() { b.click("form.libform button.pri") })
		if signed := read[bool](b, `document.querySelector("main").innerText.includes("signatures given")`); signed != (word == password) {
			b.t.Errorf("with %q: %s", word, b.text("main"))
		}
	}
}

// completes ends the round; top management approves it.
func (c *assessment) completes() {
	b := c.ada
	b.t.Helper()
	b.goTo("/risks/assessments/RAS-1")
	b.step("Complete", "")
	c.theo.goTo("/risks/assessments/RAS-1")
	c.theo.clickText("Approve")
	c.theo.fill("details[open] form.closeform [name=conclusion]", "The house is in order but for what is above appetite, which gets a plan by spring.")
	c.theo.fill("details[open] form.closeform [name=password]", password)
	c.theo.turns(func() { c.theo.click("details[open] form.closeform button.pri") })
	c.theo.wait(`document.querySelector("main").innerText.includes("Approved")`)
	told := c.theo.text("main")
	if next := time.Now().AddDate(1, 0, 0).Format("2 Jan 2006"); !strings.Contains(told, ".pdf") || !strings.Contains(told, "Next") || !strings.Contains(told, next) {
		b.t.Errorf("no report is kept with the assessment, or the next one is not planned for %s:\n%s", next, told)
	}
	c.theo.picture("7-approved")
}

// follows takes the reasons the assessment gives controls into the statement.
func (c *assessment) follows() {
	b := c.ada
	b.t.Helper()
	b.goTo("/risks/treatment/TRT-1")
	id := strings.Fields(b.text("#measures a.tag"))[0]
	b.goTo("/statement?filter=proposed%3Afilled")
	n := read[int](b, `document.querySelectorAll("main tr[id^='row-']").length`)
	if n < 20 {
		b.t.Errorf("only %d reasons follow from the assessment", n)
	}
	b.clickText(fmt.Sprintf("Take all %d shown", n))
	b.wait(fmt.Sprintf(`document.querySelector("[data-toast]")?.innerText.includes("%d rows")`, n))
	b.goTo("/statement/MS-1/" + id)
	b.wait(`document.querySelector("[name=reasons][value=risk_assessment]").checked`)
	if !read[bool](b, `[...document.querySelectorAll("[name=reason_links]:checked")].some(e => e.value.startsWith("RSK-"))`) {
		b.t.Errorf("%s names no risk as its reason", id)
	}
	b.picture("8-reason")
}

// reports reads what is told on paper.
func (c *assessment) reports(t *testing.T) {
	t.Helper()
	b := c.theo
	b.goTo("/risks/reports")
	high := c.title("RSK-3")
	for file, words := range map[string][]string{
		"risk-report.pdf":    {high, "Olga Ohm", "Risk criteria, edition 1", "Very likely", "Treatment"},
		"treatment-plan.pdf": {"Cyber: what is above appetite", "12000 EUR", "Signed by Olga Ohm", "Compared with Annex A " + time.Now().Format(time.DateOnly), "A.8.24 Use of cryptography: Looked at one by one"},
		"board.pdf":          {"Small Harbour GmbH", fmt.Sprintf("%d risks are above appetite", len(c.above)), high, "0 signatures are missing", fmt.Sprintf("And %d risks below", c.taken-6)},
	} {
		if !read[bool](b, fmt.Sprintf(`!!document.querySelector('a[download][href*=%q]')`, file)) {
			t.Errorf("%s is not offered", file)
		}
		said := strings.Join(strings.Fields(c.pdf(t, "/risks/reports/"+file)), " ")
		for _, w := range words {
			if !strings.Contains(said, w) {
				t.Errorf("%s does not say %q: %.1500s", file, w, said)
			}
		}
	}
}

func (c *assessment) title(key string) string {
	c.ada.t.Helper()
	c.ada.goTo("/risks/" + key)
	return c.ada.text("h1")
}

// pdf downloads a report as top management does.
func (c *assessment) pdf(t *testing.T, path string) string {
	t.Helper()
	status, body := c.page(c.client(theoMail), path)
	if status != http.StatusOK {
		t.Fatalf("%s: %d", path, status)
	}
	return testserver.PDFText(t, []byte(body))
}

// News of a risk takes nothing from a form on its page that was filled and not
// sent, wherever the focus is: it is offered.
func TestBrowserNewsLeavesAFilledFormAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		b, other := h.open(t, manager, 1440), h.open(t, manager, 1440)
		b.goTo("/risks/RSK-1")
		b.click("details.effects summary")
		b.fill("tr:last-child select[name=lowers_likelihood]", "2")
		read[bool](b, `document.activeElement.blur()`)
		other.goTo("/risks/RSK-1")
		other.fill("#text", "Seen by somebody else.")
		other.turns(func() { other.clickText("Comment") })
		b.wait(`document.querySelector(".toasts button")`)
		if kept := read[string](b, `document.querySelector("tr:last-child select[name=lowers_likelihood]").value`); kept != "2" {
			t.Errorf("what was chosen became %q", kept)
		}
		b.quiet()
		other.quiet()
	})
}
