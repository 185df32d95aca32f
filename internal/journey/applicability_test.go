// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sextant/framework"
	"sextant/internal/testserver"
	"sextant/soa"
)

// harbour is a company that begins with nothing, and its people at their own
// browsers: who runs the management system, who reviews, who directs.
type harbour struct {
	*house
	ada, rita, theo *tab
	people          map[string]string // keys of persons by first name
}

const (
	adaMail  = "ada@harbour.example"
	ritaMail = "rita@harbour.example"
	theoMail = "theo@harbour.example"
)

// From an empty organisation by pages alone: people are invited, a campaign asks
// and plans, reasons are taken from what is on record, version 1 is reviewed and
// signed; then things change, version 2 follows, and the difference is told in
// sentences. The clock of the server cannot be moved from a page, so the changes
// of a year are made one after the other.
func TestBrowserAStatementFromNothingToItsSecondVersion(t *testing.T) {
	fromNothing(t, declared)
}

func declared(t *testing.T, begin beginning) {
	h, link := begin()
	c := &harbour{house: h, people: map[string]string{}}
	c.found(t, link)
	c.asks()
	c.enters()
	c.declares(t)
	c.decides()
	first := c.signs("The first statement: what Annex A asks of the berth planner.")
	c.isWhole(t, first, 1)
	c.changes()
	second := c.signs("A year later: a customer's contract, and the workshop that was closed.")
	c.isWhole(t, second, 2)
	c.tells(t)
	for _, b := range []*tab{c.ada, c.rita, c.theo} {
		b.quiet()
	}
}

// found sets the organisation up and invites the two others.
func (c *harbour) found(t *testing.T, link string) {
	t.Helper()
	c.ada = c.open(t, "", 1440)
	c.ada.setUp(link, "Ada Berg", adaMail)
	c.people["Ada"] = "PER-1"
	c.rita = c.invited(t, "Rita Roth", ritaMail, "internal_auditor", "owner")
	c.theo = c.invited(t, "Theo Top", theoMail, "owner")
	c.ada.goTo("/organisation/ORG-1/edit")
	c.ada.click(fmt.Sprintf(`[name="top_management"][value=%q]`, c.people["Theo"]))
	c.ada.save(`/\/organisation\/ORG-1$/.test(location.pathname)`)
}

// invited makes somebody an entry and an account, and lets them join.
func (c *harbour) invited(t *testing.T, name, email string, roles ...string) *tab {
	t.Helper()
	b := c.ada
	b.goTo("/persons/new")
	b.fill("#f-name", name)
	b.fill("#f-email", email)
	b.save(`/\/persons\/PER-\d+$/.test(location.pathname)`)
	key := read[string](b, `location.pathname.split("/").pop()`)
	first, _, _ := strings.Cut(name, " ")
	c.people[first] = key
	b.goTo("/settings/invite")
	b.fill("#email", email)
	b.click(`[name="roles"][value="reader"]`)
	for _, role := range roles {
		b.click(fmt.Sprintf(`[name="roles"][value=%q]`, role))
	}
	b.fill("#person", key)
	b.click("main form.sheet button.pri")
	b.wait(`document.querySelector("#made")`)
	link := read[string](b, `document.querySelector("#made").innerText.trim()`)
	other := c.open(t, "", 1440)
	other.goTo(strings.TrimPrefix(link, c.base))
	other.fill("#name", name)
	other.fill("#password", password)
	other.click("form button.pri")
	other.wait(`document.querySelector("nav.nav")`)
	return other
}

// asks runs a campaign over the physical controls: most are in use, one does not
// apply, and one gets an action, which is a task.
func (c *harbour) asks() {
	b := c.ada
	b.t.Helper()
	b.goTo("/gap-campaigns/new")
	b.fill("#f-title", "First look")
	b.click(`[name="scope_units"][value="SU-1"]`)
	b.fill("#f-starts_on", "2026-01-05")
	b.fill("#f-due_on", "2099-02-27")
	b.fill("#f-owner", "PER-1")
	b.click(`[name="assessors"][value="PER-1"]`)
	b.click("details.later summary")
	b.click(`[name="themes"][value="physical"]`)
	b.save(`/\/gap\/GAP-\d+$/.test(location.pathname)`)
	b.goTo("/gap/GAP-1")
	b.clickText("Start asking")
	b.clickText("Answer questions")
	for range 14 {
		b.wait(`document.querySelector("[data-focus] h1")`)
		c.answers(read[string](b, `document.querySelector("[data-focus]").innerText.match(/A\.7\.\d+/)[0]`))
	}
	b.wait(`location.pathname === "/gap/GAP-1"`)
	b.goTo("/gap/GAP-1/plan")
	b.wait(`document.querySelector("main").innerText.includes("Label all cables")`)
	b.goTo("/tasks")
	b.wait(`document.querySelector("[data-grid]")?.innerText.includes("Label all cables")`)
}

// answers one question of the campaign and goes on to the next.
func (c *harbour) answers(id string) {
	b := c.ada
	b.t.Helper()
	here := read[string](b, "location.pathname")
	switch id {
	case "A.7.6":
		b.press("", "4")
		b.fill("#na", "There are no secure areas: nothing is kept on the premises")
		b.saved()
	case "A.7.12":
		b.press("", "3")
		b.fill("#seen", "Cables lie open in the workshop.")
		b.saved()
		b.click("details.menubox:has(.actionform) summary")
		b.fill(`.actionform [name="title"]`, "Label all cables")
		b.fill(`.actionform [name="due_on"]`, "2099-01-31")
		b.click(".actionform button.pri")
		b.wait(`document.querySelector(".actionsof .chip")?.innerText.includes("Label all cables")`)
	default:
		b.press("", "1")
		b.saved()
	}
	b.press("[data-focus] h1", "\r")
	b.wait(fmt.Sprintf("location.pathname !== %q", here))
}

// enters writes down a law with the controls that answer it.
func (c *harbour) enters() {
	b := c.ada
	b.t.Helper()
	b.goTo("/obligations/new")
	b.fill("#f-title", "Tell the authority of a breach")
	b.fill("#f-citation", "GDPR Art. 33")
	b.fill("#f-summary", "Within 72 hours.")
	b.fill("#f-owner", "PER-1")
	b.fill("#f-applicability_reason", "We keep names and addresses of berth holders.")
	b.fill("#f-review_on", "2099-01-01")
	b.later("#f-controls")
	b.choose("#f-controls", "iso27001:2022/A.5.24", "iso27001:2022/A.5.34", "iso27001:2022/A.6.8")
	b.save(`/\/obligations\/OBL-\d+$/.test(location.pathname)`)
}

// declares imports what is done: a row for each control but the one that does
// not apply.
func (c *harbour) declares(t *testing.T) {
	t.Helper()
	var rows bytes.Buffer
	w := csv.NewWriter(&rows)
	lines := [][]string{{"control", "scope_unit", "implementation", "planned_on", "how", "owner"}}
	for _, control := range framework.Controls() {
		switch control.ID {
		case "A.7.6":
		case "A.7.12":
			lines = append(lines, []string{control.Reference().String(), "SU-1", "planned", "2099-01-31", "", "PER-1"})
		default:
			lines = append(lines, []string{control.Reference().String(), "SU-1", "implemented", "", "As the handbook says of " + control.ID + ".", "PER-1"})
		}
	}
	if err := w.WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "implementations.csv")
	if err := os.WriteFile(path, rows.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b := c.ada
	b.goTo("/implementations/import")
	if err := chromedp.Do(b.ctx, chromedp.SetUploadFiles("#file", []string{path})); err != nil {
		t.Fatal(err)
	}
	b.clickText("Show what would happen")
	b.clickText("Write 92 rows")
	b.wait(`document.body.innerText.includes("Undo all of it")`)
}

// decides takes what is proposed: the exclusion by itself, the rest at once,
// with an undo in between.
func (c *harbour) decides() {
	b := c.ada
	b.t.Helper()
	b.goTo("/statement?filter=proposed%3Afilled")
	b.wait(`document.querySelectorAll("main tr[id^='row-']").length === 93`)
	b.goTo("/statement?in=A.7.6")
	b.wait(`document.querySelector("#drawer .proposed")?.innerText.includes("There are no secure areas")`)
	b.click(`#drawer .proposed button[value="take"]`)
	b.wait(`document.querySelector("main").innerText.includes("0 apply, 1 excluded, 92 undecided")`)
	b.goTo("/statement?filter=proposed%3Afilled")
	b.clickText("Take all 92 shown")
	b.wait(`document.querySelector("[data-toast]")?.innerText.includes("92 rows")`)
	b.clickText("Undo")
	b.wait(`document.querySelector("main").innerText.includes("0 apply, 1 excluded, 92 undecided")`)
	b.goTo("/statement?filter=proposed%3Afilled")
	b.clickText("Take all 92 shown")
	b.wait(`document.querySelector("main").innerText.includes("92 apply, 1 excluded, 0 undecided")`)
	b.goTo("/statement/MS-1/A.5.24")
	b.wait(`document.querySelector("[name=reasons][value=legal]").checked && document.querySelector("[name=reason_links][value=OBL-1]").checked`)
	b.fill("#f-owner", c.people["Rita"])
	b.click("form.sheet button.pri")
	b.wait(`location.pathname === "/statement"`)
}

// signs drafts a version, has it reviewed by one and approved by the other, and
// gives its key.
func (c *harbour) signs(change string) string {
	b := c.ada
	b.t.Helper()
	b.goTo("/statement/versions")
	b.click("main a.btn.pri")
	b.fill("#f-change_summary", change)
	b.fill("#f-reviewer", c.people["Rita"])
	b.fill("#f-approver", c.people["Theo"])
	b.fill("#f-review_on", "2099-06-30")
	b.save(`/\/soa-versions\/SOAV-\d+$/.test(location.pathname)`)
	key := read[string](b, `location.pathname.split("/").pop()`)
	b.wait(`document.querySelector("main").innerText.includes("Nothing stands in the way of a review.")`)
	c.rita.goTo("/soa-versions/" + key)
	c.rita.fill("#text", "Read row by row.")
	c.rita.click("#comments form button")
	c.rita.wait(`document.querySelector("#comments").innerText.includes("Read row by row.")`)
	c.rita.sign(key, "Reviewed", "reviewed")
	c.theo.sign(key, "Approve", "approved")
	return key
}

// sign makes a move of a version that asks for the password.
func (b *tab) sign(key, button, after string) {
	b.t.Helper()
	b.goTo("/soa-versions/" + key)
	b.clickText(button)
	b.fill("#password", password)
	b.click("form.form button.pri")
	b.wait(fmt.Sprintf(`location.pathname === "/soa-versions/%s" && document.querySelector("h1 .tag")?.innerText.toLowerCase() === %q`, key, after))
}

// changes is what a year brings: a contract that is signed, with reasons that
// follow; a control that is left out; one that is done by now; another owner.
func (c *harbour) changes() {
	b := c.ada
	b.t.Helper()
	b.goTo("/contracts/new")
	b.fill("#f-title", "Berths for Aldane")
	b.fill("#f-counterparty", "Aldane AG")
	b.fill("#f-effective_from", "2026-01-01")
	b.fill("#f-owner", "PER-1")
	b.later("#f-reference")
	b.fill("#f-reference", "C-118")
	b.later(`[name="security_terms"]`)
	b.tick("security_terms", "continuity", "personnel_screening")
	b.save(`/\/contracts\/CON-\d+$/.test(location.pathname)`)
	b.goTo(read[string](b, `location.pathname`) + "/transitions/sign")
	b.fill("#f-signed_on", "2026-01-02")
	b.save(`/\/contracts\/CON-\d+$/.test(location.pathname)`)
	b.goTo("/statement?filter=proposed%3Afilled")
	b.wait(`document.querySelectorAll("main tr[id^='row-']").length === 3`)
	b.click(`#row-A\.5\.29 button[name="take"][value="contractual"]`)
	b.wait(`document.querySelector("#proposed")?.innerText.includes("2 rows") && !document.getElementById("row-A.5.29")`)
	b.goTo("/statement/MS-1/A.6.1")
	b.click(`.proposed button[value="decline"]`)
	b.wait(`document.querySelector(".declined")?.innerText.includes("1 declined")`)
	b.goTo("/statement?filter=proposed%3Afilled")
	b.clickText("Take the one shown")
	b.wait(`document.querySelector("[data-toast]")`)
	b.goTo("/statement/MS-1/A.8.30")
	b.fill("#f-applicability", "not_applicable")
	b.click(`[name="reasons"][value="good_practice"]`)
	b.fill("#f-exclusion_justification", "Nothing is programmed outside since the agency's contract ended.")
	b.click("form.sheet button.pri")
	b.wait(`location.pathname === "/statement"`)
	b.goTo("/statement/MS-1/A.7.12")
	b.fill("#f-planned_on", "2099-03-31")
	b.fill("#f-owner", c.people["Rita"])
	b.click("form.sheet button.pri")
	b.wait(`location.pathname === "/statement"`)
}

// isWhole opens every file of a version: the text of every cell is in the PDF,
// the workbook opens in another reader, and the approval sheet names who signed.
func (c *harbour) isWhole(t *testing.T, key string, number int) {
	t.Helper()
	client := c.client(adaMail)
	_, body := c.page(client, "/soa-versions/"+key)
	files := map[string][]byte{}
	for _, m := range regexp.MustCompile(`href="(/api/v1/attachments/[^"]+/file)" download="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		files[m[2]] = c.download(t, client, m[1])
	}
	name := fmt.Sprintf("statement-of-applicability-%d", number)
	if keep := os.Getenv("SEXTANT_TEST_KEEP"); keep != "" { // to be looked at
		for file, data := range files {
			if err := os.WriteFile(filepath.Join(keep, file), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(files) != 6 {
		t.Fatalf("version %d has %d files", number, len(files))
	}
	stated, err := soa.ReadCaptured(files[name+".json"])
	if err != nil {
		t.Fatal(err)
	}
	text := flat(testserver.PDFText(t, files[name+".pdf"]))
	for _, want := range cellsOf(stated) {
		if !strings.Contains(text, flat(want)) {
			t.Errorf("version %d: the PDF lacks %q", number, want)
		}
	}
	approval := flat(testserver.PDFText(t, files[name+".approval.pdf"]))
	for _, want := range []string{"Theo Top of top management", "Rita Roth", name + ".xlsx"} {
		if !strings.Contains(approval, flat(want)) {
			t.Errorf("version %d: the approval sheet lacks %q", number, want)
		}
	}
	sheet := flat(workbook(t, files[name+".xlsx"]))
	for _, row := range stated.Rows {
		if !strings.Contains(sheet, flat(row.ID+"|"+row.Title+"|"+row.Applicability.Label())) || !strings.Contains(sheet, flat(row.Justification)) {
			t.Errorf("version %d: the workbook lacks %s", number, row.ID)
		}
	}
	if number > 1 {
		inLibreOffice(t, name, files[name+".xlsx"], stated)
	}
}

// cellsOf are the texts of a statement that its PDF must hold.
func cellsOf(stated soa.Captured) []string {
	list := []string{stated.System.Scope, stated.Version.Change, "Rita Roth", "Theo Top"}
	labels, _ := soa.Rows.Definition.Field("reasons")
	for _, row := range stated.Rows {
		list = append(list, row.ID, row.Title, row.Applicability.Label(), row.Justification)
		for _, reason := range row.Reasons {
			list = append(list, labels.ValueLabel(reason))
		}
		for _, link := range row.Links {
			list = append(list, link.Title)
		}
		if row.Owner != nil {
			list = append(list, row.Owner.Title)
		}
	}
	return list
}

// tells reads the difference of the two versions.
func (c *harbour) tells(t *testing.T) {
	t.Helper()
	b := c.ada
	b.goTo("/statement/compare?system=MS-1&from=1&to=2")
	b.wait(`document.querySelectorAll("ul.say li").length > 2`)
	said := b.text("main")
	for _, want := range []string{"A.8.30", "A.5.29", "A.5.30", "4 of 93 rows differ", "92 → 91"} {
		if !strings.Contains(said, want) {
			t.Errorf("the difference does not tell %q: %s", want, said)
		}
	}
	if strings.Contains(said, "A.6.1") {
		t.Error("what was declined is in the difference")
	}
}

func flat(text string) string { return strings.Join(strings.Fields(text), "") }

func (c *harbour) download(t *testing.T, client *http.Client, path string) []byte {
	t.Helper()
	status, body := c.page(client, path)
	if status != http.StatusOK {
		t.Fatalf("%s: %d", path, status)
	}
	return []byte(body)
}

// workbook gives every cell of the first sheet as openpyxl reads it.
func workbook(t *testing.T, data []byte) string {
	t.Helper()
	python := os.Getenv("SEXTANT_TEST_OPENPYXL")
	if python == "" {
		testserver.Missing(t, "SEXTANT_TEST_OPENPYXL names no Python that has openpyxl")
	}
	const script = `import openpyxl,sys,io
w=openpyxl.load_workbook(io.BytesIO(sys.stdin.buffer.read()))
for row in w.worksheets[0].iter_rows(values_only=True): print("|".join("" if v is None else str(v) for v in row))`
	read := exec.CommandContext(t.Context(), python, "-c", script)
	read.Stdin = bytes.NewReader(data)
	out, err := read.CombinedOutput()
	if err != nil {
		t.Fatalf("openpyxl: %v: %s", err, out)
	}
	return string(out)
}

// inLibreOffice has the workbook printed by another office program, where there
// is one: every row is on its pages.
func inLibreOffice(t *testing.T, name string, data []byte, stated soa.Captured) {
	t.Helper()
	program, err := exec.LookPath("soffice")
	if err != nil {
		return
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, name+".xlsx"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	convert := exec.CommandContext(t.Context(), program, "-env:UserInstallation=file://"+folder+"/profile", "--headless", "--convert-to", "pdf", "--outdir", folder, filepath.Join(folder, name+".xlsx"))
	if out, err := convert.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v: %s", err, out)
	}
	printed, err := os.ReadFile(filepath.Join(folder, name+".pdf"))
	if err != nil {
		t.Fatal(err)
	}
	text := flat(testserver.PDFText(t, printed))
	for _, row := range stated.Rows {
		if !strings.Contains(text, flat(row.ID)) {
			t.Errorf("LibreOffice prints no %s", row.ID)
		}
	}
}
