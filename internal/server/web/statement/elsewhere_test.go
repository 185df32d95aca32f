// SPDX-License-Identifier: Apache-2.0

package statement_test

import (
	"bytes"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/framework"
	"sextant/migration"
	"sextant/product/producttest"
	"sextant/register"
)

var inputs = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)"`)

// hidden are the hidden inputs of the form that holds a file.
func hidden(t *testing.T, body string) url.Values {
	t.Helper()
	form := url.Values{}
	for _, in := range inputs.FindAllStringSubmatch(body, -1) {
		form.Set(in[1], html.UnescapeString(in[2]))
	}
	if form.Get("stored") == "" {
		t.Fatalf("the page keeps no file:\n%.600s", body)
	}
	return form
}

// uploaded sends a file as a browser does.
func uploaded(t *testing.T, h *producttest.House, role access.Role, path, name string, content []byte) (int, string) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return h.Send(t, role, path, w.FormDataContentType(), form.String())
}

const sheet = "Nr;Maßnahme;Anwendbar;Grund;Begründung;Farbe\nA.5.1;Politik;ja;gesetzlich;;rot\nA.7.6;Bereiche;nein;;Keine;\nA.5.2;Rollen;ja;Wunsch;;\n"

func TestASheetIsTriedCorrectedWrittenAndUndone(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		if status, body := h.Get(t, access.ISMSManager, "/statement/import"); status != http.StatusOK || !strings.Contains(body, "There is no management system yet") {
			t.Errorf("without a management system: %d", status)
		}
		ms := system(t, h)
		status, body := uploaded(t, h, access.ISMSManager, "/statement/import", "soa.csv", []byte(sheet))
		for _, want := range []string{"soa.csv, header found in row 1, edition 2022", "cell D4: no reason is named by", "columns that are not imported: Farbe", "Write 2 rows", "1 row is refused"} {
			if !strings.Contains(html.UnescapeString(body), want) {
				t.Errorf("%d: the try does not say %q", status, want)
			}
		}
		if _, body := h.Get(t, access.Reader, "/statement"); !strings.Contains(body, "93 undecided") {
			t.Error("a try wrote something")
		}
		form := hidden(t, body)
		for key, value := range map[string]string{"header": "1", "edition": "2022", "sheet": "", "col-A": "control", "col-C": "applicable", "col-D": "", "col-E": "justification", "default_reason": "legal", "unit": "", "default_owner": ""} {
			form.Set(key, value)
		}
		form.Set("do", "again")
		if _, _, body := h.Post(t, access.ISMSManager, "/statement/import", form.Encode()); !strings.Contains(body, "Write 3 rows") || strings.Contains(body, "is refused") {
			t.Errorf("with the matching corrected:\n%.300s", body)
		}
		form.Set("col-E", "control")
		if status, _, body := h.Post(t, access.ISMSManager, "/statement/import", form.Encode()); status != http.StatusBadRequest && status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(body), "are both matched to control") {
			t.Errorf("two columns for one field: %d", status)
		}
		form.Set("col-E", "justification")
		form.Set("do", "report")
		if _, _, body := h.Post(t, access.ISMSManager, "/statement/import", form.Encode()); !strings.HasPrefix(body, "PK") {
			t.Error("the report is no spreadsheet")
		}
		form.Set("do", "write")
		_, _, body = h.Post(t, access.ISMSManager, "/statement/import", form.Encode())
		undo := regexp.MustCompile(`/batches/(B[A-Z0-9]+)/undo`).FindString(body)
		if !strings.Contains(body, "3 rows were written") || undo == "" {
			t.Fatalf("written:\n%.600s", body)
		}
		if _, body := h.Get(t, access.Reader, "/statement?system="+ms); !strings.Contains(body, "2 apply, 1 excluded, 90 undecided") {
			t.Error("the statement does not hold what was written")
		}
		h.Post(t, access.ISMSManager, undo, "register=soa_row")
		if _, body := h.Get(t, access.Reader, "/statement"); !strings.Contains(body, "93 undecided") {
			t.Error("the undo left something")
		}
	})
}

func TestAFileThatCannotBeReadIsAnsweredAndKept(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	system(t, h)
	for name, c := range map[string]struct{ content, want string }{
		"a PDF":       {"%PDF-1.7\n", "a PDF document"},
		"other words": {"Name,Colour\nLaptop,red\n", "no control id such as A.5.1"},
		"nothing":     {" ", "the file is empty"},
	} {
		if status, body := uploaded(t, h, access.ISMSManager, "/statement/import", "x.csv", []byte(c.content)); status < 400 || status >= 500 || !strings.Contains(html.UnescapeString(body), c.want) {
			t.Errorf("%s: %d", name, status)
		}
	}
	for _, role := range []access.Role{access.Reader, access.Owner, access.ExternalAuditor} {
		if status, _ := uploaded(t, h, role, "/statement/import", "soa.csv", []byte(sheet)); status != http.StatusForbidden {
			t.Errorf("as %s: %d", role, status)
		}
	}
}

func TestAnOldSheetIsProposedAndDecidedByAPerson(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		ms := system(t, h)
		if _, body := h.Get(t, access.ISMSManager, "/statement/proposals"); !strings.Contains(body, "No old statement was read yet") {
			t.Error("the empty list does not say what will be here")
		}
		var old strings.Builder
		old.WriteString("Control,Title,Applicable,Implemented\n")
		for _, c := range framework.Controls2013() {
			says := "yes,yes"
			if c.ID == "A.9.2.2" {
				says = "yes,partly"
			}
			fmt.Fprintf(&old, "%s,\"%s\",%s\n", c.ID, c.Title, says)
		}
		_, body := uploaded(t, h, access.ISMSManager, "/statement/import", "old.csv", []byte(old.String()))
		if !strings.Contains(body, "58 one to one, 24 merged from several, 11 for controls that are new") || !strings.Contains(body, "A.18.2.3 → A.5.36, A.8.8") {
			t.Fatalf("the try:\n%.600s", body)
		}
		form := hidden(t, body)
		for key, value := range map[string]string{"header": "1", "edition": "2013", "sheet": "", "default_reason": "risk_assessment", "unit": "SU-1", "default_owner": h.People[access.Owner], "do": "write"} {
			form.Set(key, value)
		}
		status, to, _ := h.Post(t, access.ISMSManager, "/statement/import", form.Encode())
		if status != http.StatusSeeOther || !strings.HasPrefix(to, "/statement/proposals?") {
			t.Fatalf("%d %s", status, to)
		}
		_, body = h.Get(t, access.ISMSManager, to)
		for _, want := range []string{"0 of 93 decided", "Confirm 81 without conflict", "114 rows of the sheet were taken into proposals", "implementation differs"} {
			if !strings.Contains(body, want) {
				t.Errorf("the list does not say %q", want)
			}
		}
		for label, n := range map[string]string{"All": "93", "Without conflict": "81", "In conflict": "1", "New controls": "11"} {
			for _, tab := range tabs.FindAllStringSubmatch(body, -1) {
				if tab[2] != label {
					continue
				}
				if tab[3] != n {
					t.Errorf("%s counts %s, want %s", label, tab[3], n)
				}
				if _, list := h.Get(t, access.ISMSManager, html.UnescapeString(tab[1])); fmt.Sprint(count(list)) != n {
					t.Errorf("%s leads to %d rows", label, count(list))
				}
			}
		}
		decide(t, h, ms)
	})
}

// decide goes on with the list of proposals.
func decide(t *testing.T, h *producttest.House, ms string) {
	t.Helper()
	keys := map[string]string{}
	h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		lines, err := migration.All(v, ms)
		for _, l := range lines {
			keys[l.Fields.ID()] = l.Key
		}
		return err
	})
	at := func(id string) string { return "/statement/proposals/" + keys[id] }
	if _, body := h.Get(t, access.Reader, at("A.5.18")); !strings.Contains(body, "old.csv, row") || !strings.Contains(body, "were not equally far") || strings.Contains(body, `value="confirm"`) {
		t.Error("a reader sees what was said and cannot confirm")
	}
	if status, _, body := h.Post(t, access.ISMSManager, at("A.5.7"), "do=confirm"); status < 400 || !strings.Contains(body, "decide whether the control applies") {
		t.Errorf("a new control confirmed as it is: %d", status)
	}
	for _, role := range []access.Role{access.Reader, access.ExternalAuditor} {
		if status, _, _ := h.Post(t, role, at("A.8.13"), "do=confirm"); status != http.StatusForbidden {
			t.Errorf("as %s: %d", role, status)
		}
		if status, _, _ := h.Post(t, role, "/statement/proposals/confirm", "system="+ms); status != http.StatusForbidden {
			t.Errorf("all as %s: %d", role, status)
		}
	}
	changed := url.Values{"do": {"confirm"}, "applicability": {"applicable"}, "reasons": {"legal", "good_practice"}, "justification": {"A law,\r\nand sense."}, "implementation": {""}, "scope_unit": {""}, "owner": {""}, "planned_on": {""}, "how": {""}}
	if status, _, body := h.Post(t, access.ISMSManager, at("A.5.7"), changed.Encode()); status != http.StatusSeeOther {
		t.Errorf("changed: %d %s", status, regexp.MustCompile(`(?s)role="alert".{0,300}`).FindString(body))
	}
	if status, _, _ := h.Post(t, access.ISMSManager, at("A.8.6"), "do=decline&back=/statement/proposals"); status != http.StatusSeeOther {
		t.Errorf("declined: %d", status)
	}
	_, to, _ := h.Post(t, access.ISMSManager, "/statement/proposals/confirm", "system="+ms)
	_, body := h.Get(t, access.ISMSManager, to)
	batch := regexp.MustCompile(`name="batch" value="(B[A-Z0-9]+)"`).FindStringSubmatch(body)
	if !strings.Contains(body, "80 proposals are confirmed") || !strings.Contains(body, "82 of 93 decided") || batch == nil {
		t.Fatalf("confirmed:\n%.600s", body)
	}
	if _, body := h.Get(t, access.Reader, "/statement"); !strings.Contains(body, "81 apply, 0 excluded, 12 undecided") || strings.Contains(body, "/statement/import") {
		t.Error("the statement does not hold what was confirmed, or offers a reader to import")
	}
	if status, _, body := h.Post(t, access.ISMSManager, "/statement/proposals/undo", "system="+ms+"&batch="+batch[1]); status != http.StatusSeeOther {
		t.Fatalf("undo: %d %.300s", status, body)
	}
	if _, body := h.Get(t, access.ISMSManager, "/statement/proposals"); !strings.Contains(body, "2 of 93 decided") {
		t.Error("the undo took back too much, or too little")
	}
}
