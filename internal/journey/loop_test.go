// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant/connector/aws/mototest"
	"sextant/internal/mail/mailtest"
)

// exposed is a company with one bucket that a source reads, a risk that hangs on
// it, and a post office.
type exposed struct {
	*harbour
	olga   *tab // answers for the risk
	bucket *mototest.OneBucket
	post   *mailtest.Server
}

const (
	olgaMail = "olga@harbour.example"
	public   = "https://isms.harbour.example"
	broken   = "Exports are read by strangers has risen above what you signed" // subject of the letter
)

// A bucket is made public: the risk it bears on rises, what its owner signed is
// shown as broken on the risk, in the list and in the matrix, and she is told
// once, by a letter and in the program. It is closed: the risk comes down, she
// decides again, and the mark is gone. Program, browser, cloud and post are real
// to one another; only the cloud is an imitation.
func TestBrowserABucketMadePublicBreaksASignatureOnMoto(t *testing.T) {
	fromNothing(t, opened)
}

func opened(t *testing.T, begin beginning) {
	c := &exposed{bucket: mototest.StartOneBucket(t, "orders-exports"), post: mailtest.Start(t)}
	c.post.Offer("", false) // on this machine nobody asks for TLS
	h, link := begin("--allow-ambient-credentials", "--smtp-url", "smtp://"+c.post.Address, "--mail-from", "isms@harbour.example", "--public-url", public)
	c.harbour = &harbour{house: h, people: map[string]string{}}
	c.founded(t, link)
	c.criteria()
	c.controlled()
	c.connected()
	c.collects("Pass")
	c.judgedAndSigned()
	c.inCell(1, 4)

	c.olga.goTo("/risks/RSK-1")
	c.public(true)
	c.collects("Fail")
	c.isBroken()
	c.collects("Fail")
	c.isToldOnce()

	c.olga.goTo("/risks/RSK-1")
	c.public(false)
	c.collects("Pass")
	c.decidesAgain()
	c.isToldOnce()
	for _, b := range []*tab{c.ada, c.olga, c.theo} {
		b.quiet()
	}
}

// founded sets the company up: who runs the management system, who directs, and
// who answers for the risk.
func (c *exposed) founded(t *testing.T, link string) {
	t.Helper()
	c.ada = c.open(t, "", 1440)
	c.ada.setUp(link, "Ada Berg", adaMail)
	c.people["Ada"] = "PER-1"
	c.theo = c.invited(t, "Theo Top", theoMail, "owner")
	c.olga = c.invited(t, "Olga Ohm", olgaMail, "owner")
	c.ada.goTo("/organisation/ORG-1/edit")
	c.ada.click(fmt.Sprintf(`[name="top_management"][value=%q]`, c.people["Theo"]))
	c.ada.save(`/\/organisation\/ORG-1$/.test(location.pathname)`)
}

// controlled makes a control of their own whose evidence is one check.
func (c *exposed) controlled() {
	b := c.ada
	b.t.Helper()
	b.goTo("/assets/new")
	b.fill("#f-title", "Exports of orders")
	b.fill("[name=type]", "information")
	b.tick("scope_units", "SU-1")
	b.save(`/\/assets\/AST-\d+$/.test(location.pathname)`)
	b.goTo("/own-controls/new")
	for selector, value := range map[string]string{"#f-reference": "NQ-2", "#f-title": "Stores are closed", "#f-objective": "Nobody reads our stores but us.", "#f-description": "Block Public Access in every account.", "#f-owner": c.people["Ada"]} {
		b.fill(selector, value)
	}
	b.save(`/\/own-controls\/OC-\d+$/.test(location.pathname)`)
	b.goTo("/implementations/new")
	b.fill("#f-control", "own/NQ-2")
	b.fill("#f-scope_unit", "SU-1")
	b.fill("[name=implementation]", "implemented")
	b.fill("#f-how", "Block Public Access is on for the account.")
	b.fill("#f-owner", c.people["Ada"])
	b.save(`/\/implementations\/IMP-\d+$/.test(location.pathname)`)
	b.goTo("/plan-lines/new")
	b.fill("#f-implementation", "IMP-1")
	b.fill("#f-shows", "Buckets are closed")
	b.fill("[name=mode]", "automatic")
	b.fill("[name=form]", "checks")
	b.tick("checks", "check/aws.s3-public")
	b.save(`/\/plan-lines\/PLN-\d+$/.test(location.pathname)`)
}

// connected points a source at the cloud, which the operator allows.
func (c *exposed) connected() {
	b := c.ada
	b.t.Helper()
	b.goTo("/sources/new")
	for selector, value := range map[string]string{"#f-title": "Our cloud", "#f-access_key_id": "test", "#f-secret_access_key": "test", "#f-regions": mototest.Region, "#f-endpoint": c.bucket.Endpoint} {
		b.later(selector)
		b.fill(selector, value)
	}
	b.save(`/\/sources\/SRC-\d+$/.test(location.pathname)`)
}

func (c *exposed) public(yes bool) {
	c.ada.t.Helper()
	if err := c.bucket.Public(c.ada.t.Context(), yes); err != nil {
		c.ada.t.Fatal(err)
	}
}

// collects reads the source from its page, and waits until the control is seen
// to be as wanted by then. Pages are waited for as they stand: what happens shows
// by itself.
func (c *exposed) collects(state string) {
	b := c.ada
	b.t.Helper()
	b.goTo("/sources/SRC-1/health")
	runs := read[int](b, `document.querySelectorAll('#health a[href^="/runs/"]').length`)
	b.turns(func() { b.clickText("Collect now") })
	b.patiently("the source is read", fmt.Sprintf(`document.querySelectorAll('#health a[href^="/runs/"]').length > %d`, runs))
	b.goTo("/controls/NQ-2")
	b.patiently("the control says "+state, fmt.Sprintf(`document.querySelector(".facets")?.innerText.includes(%q)`, state))
}

// patiently waits for what settles beside the pages.
func (b *tab) patiently(what, script string) {
	b.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(250 * time.Millisecond) {
		if read[bool](b, "!!("+script+")") {
			return
		}
	}
	b.t.Fatalf("waited in vain until %s; on %s:\n%s", what, b.path(), read[string](b, "document.body.innerText.slice(0, 1500)"))
}

// judgedAndSigned enters the risk, counts on the control, judges what is left
// and has its owner accept it.
func (c *exposed) judgedAndSigned() {
	b := c.olga
	b.t.Helper()
	b.goTo("/risks/new")
	b.fill("#title", "Exports are read by strangers")
	b.click(`[name=properties][value=confidentiality]`)
	b.choose("#assets", "AST-1")
	b.fill("#owner", c.people["Olga"])
	b.save(`location.pathname === "/risks/RSK-1"`)
	b.click("details.effects summary")
	b.fill(`tr:last-child select[name=control]`, "own/NQ-2")
	b.fill(`tr:last-child select[name=lowers_likelihood]`, "3")
	b.turns(func() { b.click("details.effects button.pri") })
	b.wait(`document.querySelector("#controls table")?.innerText.includes("Stores are closed")`)
	b.goTo("/risks/evaluate/RSK-1")
	b.check(`[name=likelihood][value="1"]`)
	b.check(`[name="consequence.confidentiality"][value="4"]`)
	b.fill("#rationale", "Nobody reads a store that is closed; if somebody did, every order would be out.")
	b.turns(func() { b.click(`form.judge button[value="save"]`) })
	b.clickText("Accept the risk")
	b.accepts("One exporter, watched.", password)
	b.wait(`document.querySelector("main").innerText.includes("in force; it never moves")`)
	b.picture("1-signed")
}

// accepts signs for what is left, in the form that is open.
func (b *tab) accepts(reason, password string) {
	b.t.Helper()
	b.fill("#sign-reason", reason)
	b.fill("details[open] #password", password)
	b.turns(func() { b.click("details[open] form button.pri") })
}

// inCell holds that the matrix counts the risk in one cell, and that a click on
// it lists that risk and no other.
func (c *exposed) inCell(likelihood, consequence int) {
	b := c.olga
	b.t.Helper()
	b.goTo("/risks")
	b.wait(`document.querySelector(".riskmatrix a")`)
	if at := read[[][]int](b, `[...document.querySelectorAll(".riskmatrix td a")].map(a => [document.querySelectorAll(".riskmatrix tbody tr").length - a.closest("tr").rowIndex, a.closest("td").cellIndex])`); len(at) != 1 || !slices.Equal(at[0], []int{likelihood, consequence}) {
		b.t.Errorf("the matrix counts at %v (likelihood, consequence), want once at %d, %d", at, likelihood, consequence)
	}
	b.turns(func() { b.click(".riskmatrix td a") })
	b.wait(`document.querySelector(".riskmatrix td.on")`)
	if rows := read[[]string](b, `[...document.querySelectorAll('[id^="row-RSK-"]')].map(r => r.id)`); len(rows) != 1 || rows[0] != "row-RSK-1" {
		b.t.Errorf("the cell lists %v", rows)
	}
}

// isBroken looks at what everybody is shown.
func (c *exposed) isBroken() {
	b := c.olga
	b.t.Helper()
	b.patiently("the risk is shown as broken", `document.querySelector(".note.bad")`)
	for _, words := range []string{"NQ-2 does not work", "Low", "High"} {
		if said := b.text(".note.bad"); !strings.Contains(said, words) {
			b.t.Errorf("the note does not say %q: %s", words, said)
		}
	}
	if said := b.text("#signatures"); !strings.Contains(said, "Broken") {
		b.t.Errorf("the signature is not shown as broken: %s", said)
	}
	if said := b.text("#signatures"); !strings.Contains(said, "is High by the evidence, and was judged Low") || read[bool](b, `!!document.querySelector("#signatures form [name=password]")`) {
		b.t.Errorf("a judgement that no longer holds can be signed: %s", said)
	}
	b.picture("2-broken")
	b.goTo("/risks")
	b.wait(`document.querySelector(".head a[data-number='1'][href*='acceptance']")`)
	b.picture("3-list")
	b.turns(func() { b.click(`.head a[href*="acceptance"]`) })
	if row := b.text("#row-RSK-1"); !strings.Contains(row, "roken") {
		b.t.Errorf("the row does not say that the acceptance is broken: %q", row)
	}
	c.inCell(4, 4)
	b.picture("4-cell")
	b.goTo("/my-notices")
	b.wait(`document.querySelector("#notices")?.innerText.includes("has risen above what you signed")`)
	b.picture("5-notices")
	b.goTo("/")
	b.wait(`[...document.querySelectorAll("main .card")].some(c => c.innerText.startsWith("Due and mine") && c.innerText.includes("Exports are read by strangers"))`)
	b.picture("6-home")
}

// isToldOnce holds that the owner got one letter and one notice of it, however
// often the source was read.
func (c *exposed) isToldOnce() {
	t := c.olga.t
	t.Helper()
	about := func() (list []mailtest.Letter) {
		return slices.DeleteFunc(c.post.Letters(), func(l mailtest.Letter) bool { return l.Subject != broken })
	}
	for deadline := time.Now().Add(30 * time.Second); len(about()) == 0 && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
	}
	if list := about(); len(list) != 1 || list[0].To != olgaMail || !strings.Contains(list[0].Body, "NQ-2 does not work") || !strings.Contains(list[0].Body, public+"/risks/RSK-1") {
		t.Errorf("letters: %+v; want one to %s that says why and where", list, olgaMail)
	}
	c.olga.goTo("/my-notices")
	if n := read[int](c.olga, `[...document.querySelectorAll(".noticelist li")].filter(l => l.innerText.includes("has risen above what you signed")).length`); n != 1 {
		t.Errorf("%d notices, want one", n)
	}
}

// decidesAgain: the level is down, the signature stays broken until its owner
// gives another.
func (c *exposed) decidesAgain() {
	b := c.olga
	b.t.Helper()
	b.patiently("the risk is down again", `document.querySelector(".note.bad")?.innerText.includes("came down since")`)
	b.picture("7-closed-again")
	c.inCell(1, 4)
	b.goTo("/risks/RSK-1")
	b.clickText("Decide again")
	b.accepts("Closed, and a rule keeps it so.", "not the password")
	b.wait(`document.querySelector("#signatures .err")`)
	b.accepts("Closed, and a rule keeps it so.", password)
	b.wait(`document.querySelector("main").innerText.includes("in force; it never moves")`)
	if read[bool](b, `!!document.querySelector(".note.bad")`) {
		b.t.Error("the mark is still there")
	}
	b.picture("8-decided")
	b.goTo("/risks")
	b.wait(`document.querySelector(".head a[data-number='0'][href*='acceptance']")`)
}
