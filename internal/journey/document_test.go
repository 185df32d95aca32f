// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"sextant/internal/testserver"
)

// From an empty organisation: a policy is begun from a template with the facts
// that are known, finished, sent for review, approved by somebody who was
// invited for that, and kept as a PDF; the next edition is drafted beside it,
// and the list of what is asked for says where the policy is kept.
func TestBrowserAPolicyFromTheTemplateToItsPDF(t *testing.T) {
	fromNothing(t, func(t *testing.T, begin beginning) {
		h, link := begin()
		b := h.open(t, "", 1440)
		b.foundsHarbour(link)
		b.person("Nils Rahm", "nils@harbour.example")
		nils := h.open(t, "", 1440)
		nils.joins(b.invites("nils@harbour.example", "Nils Rahm"))

		b.goTo("/documents/templates?template=information-security-policy")
		b.wait(`document.querySelector("main").innerText.includes("Small Harbour GmbH give us data")`)
		b.chooseByWords("#owner", "Ada")
		b.chooseByWords("#approver", "Nils")
		b.clickText("Begin this document")
		b.finishes()
		b.wait(`document.querySelector("main").innerText.toLowerCase().includes("in review")`)
		if read[bool](b, `[...document.querySelectorAll("main a.btn")].some(a => a.innerText.trim() === "Approve")`) {
			t.Error("the author is offered to approve")
		}

		nils.goTo("/documents/DOC-1")
		nils.clickText("Approve")
		nils.wait(`document.querySelector("#f-password, [name=password]")`)
		nils.fill(`[name="password"]`, password)
		nils.press(`[name="password"]`, "\r")
		nils.wait(`location.pathname.startsWith("/documents") && document.querySelector("main").innerText.includes("In force")`)
		nils.goTo("/documents/DOC-1")
		said := strings.ToLower(strings.Join(strings.Fields(nils.pdf(h)), " "))
		for _, words := range []string{"Information security policy", "Small Harbour GmbH", "Nils Rahm", "Approved by", "the harbour channel"} {
			if !strings.Contains(said, strings.ToLower(words)) {
				t.Errorf("the PDF does not say %q: %.600s", words, said)
			}
		}

		b.goTo("/documents/DOC-1/write")
		b.fill("#change_summary", "The channel moved.")
		b.turns(func() { b.click(`button[value="keep"]`) })
		b.wait(`document.querySelector("#edition")?.value === "1.1"`)
		b.goTo("/documents/DOC-1")
		b.wait(`(t => t.includes("1.0") && t.includes("1.1") && t.toLowerCase().includes("draft"))(document.querySelector("main").innerText)`)
		b.goTo("/documents/asked?filter=kept%3Din_force")
		b.wait(`document.querySelector("main tbody").innerText.includes("POL-01")`)
		b.quiet()
		nils.quiet()
	})
}

// foundsHarbour sets an organisation up and leaves the first steps for later.
func (b *tab) foundsHarbour(link string) {
	b.t.Helper()
	b.goTo(link)
	for selector, value := range map[string]string{"#organisation": "Small Harbour GmbH", "#name": "Ada Berg", "#email": "ada@harbour.example", "#password": password} {
		b.fill(selector, value)
	}
	b.press("#password", "\r")
	b.wait(`!location.pathname.startsWith("/set-up") && document.readyState === "complete"`)
}

func (b *tab) person(name, email string) {
	b.t.Helper()
	b.goTo("/persons/new")
	b.fill("#f-name", name)
	b.fill("#f-email", email)
	b.click("form.form button.pri")
	b.wait(`/persons\/PER-\d+$/.test(location.pathname)`)
}

// chooseByWords takes the option of a select whose words begin so.
func (b *tab) chooseByWords(selector, words string) {
	b.t.Helper()
	b.fill(selector, read[string](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].find(o => o.text.startsWith(%q))?.value ?? ""`, selector+" option", words)))
}

// invites makes an invitation and gives the path of its link.
func (b *tab) invites(email, person string) string {
	b.t.Helper()
	b.goTo("/settings/invite")
	b.fill("#email", email)
	b.click(`[name="roles"][value="owner"]`)
	b.chooseByWords("#person", person)
	b.click("main form button.pri")
	b.wait(`document.querySelector("#made")`)
	return regexp.MustCompile(`/join\?link=\S+`).FindString(b.text("#made"))
}

func (b *tab) joins(link string) {
	b.t.Helper()
	b.goTo(link)
	b.fill("#name", "Nils Rahm")
	b.fill("#password", password)
	b.press("#password", "\r")
	b.wait(`!location.pathname.startsWith("/join") && document.readyState === "complete"`)
}

// finishes writes what the template does not know and submits.
func (b *tab) finishes() {
	b.t.Helper()
	b.wait(`document.querySelector("#body")`)
	b.click(`button[value="submit"]`) // with the gaps: refused, and nothing is lost
	b.wait(`document.querySelector("[role=alert]")?.innerText.includes("not filled in")`)
	text := read[string](b, `document.querySelector("#body").value`)
	text = regexp.MustCompile(`\{\{\s*reporting_channel\s*\}\}`).ReplaceAllString(text, "the harbour channel")
	text = regexp.MustCompile(`\{\{[^}]+\}\}`).ReplaceAllString(text, "what our customers trust us with")
	b.fill("#body", text)
	b.click(`button[value="submit"]`)
	b.wait(`location.pathname === "/documents/DOC-1"`)
}

// pdf downloads the PDF the page of a document offers, and reads it.
func (b *tab) pdf(h *house) string {
	b.t.Helper()
	at := read[string](b, `[...document.querySelectorAll("main a[href]")].map(a => a.getAttribute("href")).find(h => h.startsWith("/api/v1/attachments/")) ?? ""`)
	if at == "" {
		b.t.Fatalf("the page offers no PDF: %.400s", b.text("main"))
	}
	answer, err := h.client("nils@harbour.example").Get(h.base + at)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 {
		b.t.Fatalf("%s: %s %v", at, answer.Status, err)
	}
	return testserver.PDFText(b.t, data)
}
