// SPDX-License-Identifier: Apache-2.0

package documents_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sextant/access"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
)

// desk is a house with a procedure that has an edition in force.
type desk struct {
	*testing.T
	*producttest.House
	of string
}

func (d desk) version(values map[string]any) register.Entry {
	d.Helper()
	all := map[string]any{"document": d.of, "edition": "1.0", "body": "# Keys\n\nWe rotate **keys** every year.", "author": d.People[access.Owner], "change_summary": "First."}
	for k, v := range values {
		all[k] = v
	}
	return d.Create(d.T, "document_version", all)
}

// form posts a form as somebody and gives status and body.
func (d desk) form(role access.Role, path string, fields ...string) (int, string, string) {
	d.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return d.Post(d.T, role, path, values.Encode())
}

func (d desk) approve(key string) {
	d.Helper()
	for _, step := range []struct {
		role access.Role
		move string
	}{{access.Owner, "submit"}, {access.ISMSManager, "approve"}} {
		if status, _, body := d.form(step.role, "/document-versions/"+key+"/transitions/"+step.move, "password", producttest.Password); status != http.StatusSeeOther {
			d.Fatalf("%s: %d %.400s", step.move, status, body)
		}
	}
}

func newDesk(t *testing.T, h *producttest.House) desk {
	t.Helper()
	d := desk{T: t, House: h}
	d.of = h.Create(t, "document", map[string]any{"title": "Keys", "reference": "PRO-01", "kind": "procedure", "owner": h.People[access.Owner], "approver": h.People[access.ISMSManager], "controls": []string{"iso27001:2022/A.8.24"}}).Key
	return d
}

func (d desk) says(role access.Role, path string, texts ...string) string {
	d.Helper()
	status, body := d.Get(d.T, role, path)
	for _, text := range texts {
		if status != http.StatusOK || !strings.Contains(html.UnescapeString(body), text) {
			d.Errorf("%s as %s: %d, without %q", path, role, status, text)
		}
	}
	return body
}

func TestADocumentIsReadByEverybodyAndWrittenBySome(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approve(d.version(nil).Key)
		for _, role := range producttest.Roles {
			body := d.says(role, "/documents/"+d.of, "We rotate <strong>keys</strong>", "In force", "A.8.24", ".pdf")
			d.says(role, "/documents", "PRO-01")
			if writes := role == access.Owner || role == access.ISMSManager || role == access.Admin; strings.Contains(body, "/documents/"+d.of+"/write") && !writes {
				t.Errorf("as %s the next edition can be written", role)
			}
		}
		for _, role := range []access.Role{access.Reader, access.ExternalAuditor} {
			if status, _, _ := d.form(role, "/documents/"+d.of+"/write", "edition", "2.0", "body", "Less.", "do", "keep"); status < 400 {
				t.Errorf("%s wrote an edition: %d", role, status)
			}
		}
		if status, body := h.Get(t, access.Reader, "/documents/"+d.of+"?edition=DV-99"); status != http.StatusNotFound || !strings.Contains(body, "has no edition") {
			t.Errorf("an edition that is none: %d", status)
		}
		for from, to := range map[string]string{"/document-versions/DV-1": "/documents/" + d.of + "?edition=DV-1", "/document-versions/DV-1/edit": "/documents/" + d.of + "/write?"} {
			if status, head := h.Headers(t, access.ISMSManager, from); status != http.StatusSeeOther || head.Get("Location") != to {
				t.Errorf("%s leads to %d %s, want %s", from, status, head.Get("Location"), to)
			}
		}
	})
}

func TestADraftIsKeptShownAndSubmittedAsItWasTyped(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		write := "/documents/" + d.of + "/write"
		status, _, body := d.form(access.Owner, write, "edition", "1.0", "body", "We keep {{tools}}.", "do", "preview")
		if status != http.StatusOK || !strings.Contains(body, "<p>We keep") || strings.Contains(d.says(access.Owner, "/documents/"+d.of), "DV-1") {
			t.Errorf("a preview: %d", status)
		}
		status, to, body := d.form(access.Owner, write, "edition", "1.0", "change_summary", "First.", "body", "We keep {{tools}}.\r\n", "do", "keep")
		if status != http.StatusSeeOther || to != write {
			t.Fatalf("keeping: %d %.300s", status, body)
		}
		page := d.says(access.Owner, write, "We keep {{tools}}.", "The systems that are connected.")
		version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page)
		if version == nil {
			t.Fatal("the form does not say which version it is about")
		}
		status, _, body = d.form(access.Owner, write, "version", version[1], "edition", "1.0", "change_summary", "First.", "body", "We keep {{tools}}, all of them.", "do", "submit")
		if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(body), "We keep {{tools}}, all of them.") || !strings.Contains(body, "not filled in yet") {
			t.Errorf("with a gap: %d", status)
		}
		status, _, body = d.form(access.Owner, write, "version", "77", "edition", "1.0", "body", "Mine.", "do", "keep")
		if status != http.StatusConflict || !strings.Contains(body, "Mine.") {
			t.Errorf("somebody was faster: %d", status)
		}
		if status, _, body = d.form(access.Owner, write, "version", version[1], "edition", "1.0", "change_summary", "First.", "body", "We keep them.", "do", "submit"); status != http.StatusSeeOther {
			t.Fatalf("submitting: %d %.300s", status, body)
		}
		if status, body := h.Get(t, access.Owner, write); status < 400 || !strings.Contains(html.UnescapeString(body), "can no longer be changed") {
			t.Errorf("what is in review is written on: %d", status)
		}
		d.says(access.ISMSManager, "/documents/"+d.of, "/document-versions/DV-1/transitions/approve")
		if body := d.says(access.Owner, "/documents/"+d.of); strings.Contains(body, "/transitions/approve") {
			t.Error("the author is offered to approve")
		}
	})
}

func TestAFileIsAnEditionAndOnlyEverDownloaded(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		for name, value := range map[string]string{"edition": "1.0", "change_summary": "First."} {
			if err := w.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
		part, err := w.CreateFormFile("file", "../keys\r\n.html")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte("<script>alert(1)</script>")); err != nil {
			t.Fatal(err)
		}
		w.Close()
		if status, body := h.Send(t, access.Owner, "/documents/"+d.of+"/upload", w.FormDataContentType(), form.String()); status != http.StatusSeeOther {
			t.Fatalf("uploading: %d %.300s", status, body)
		}
		_, head := h.Headers(t, access.Reader, "/document-versions/DV-1/file")
		if !strings.HasPrefix(head.Get("Content-Disposition"), "attachment") || strings.Contains(head.Get("Content-Disposition"), "..") || head.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(head.Get("Content-Security-Policy"), "sandbox") || strings.Contains(head.Get("Content-Type"), "html") {
			t.Errorf("handed out with %v", head)
		}
	})
}

func TestEditionsDifferLineByLineAndTheListHoldsWhatItSays(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		first := d.version(nil)
		d.approve(first.Key)
		later := h.Clock().Time().AddDate(0, 0, 3).Format(time.DateOnly)
		second := d.version(map[string]any{"edition": "1.1", "body": "# Keys\n\nWe rotate **keys** every month.", "effective_from": later})
		d.says(access.Reader, "/documents/"+d.of+"/difference?from="+first.Key+"&to="+second.Key, "every year", "every month")
		d.approve(second.Key)
		d.says(access.Reader, "/documents/"+d.of, "1.1", "approved", "every year")
		h.Later(3 * 24 * time.Hour)
		h.Write(t, func(tx *register.Tx) error {
			due, err := tx.DueMoves()
			for _, m := range due {
				if err == nil {
					err = tx.MakeDue(m)
				}
			}
			return err
		})
		d.says(access.Reader, "/documents/"+d.of, "every month", "Superseded")
		if body := d.says(access.Reader, "/documents/asked?filter=kept%3Din_force", "PRO-01"); !strings.Contains(body, "A.8.24") {
			t.Error("what the procedure is about is not kept in it")
		}
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			e, err := v.Entry("document_version", second.Key)
			if err == nil && !strings.Contains(e.Why, later) {
				t.Errorf("why it is in force: %q", e.Why)
			}
			return err
		})
	})
}

func TestADocumentIsBegunFromATemplateWithWhatIsKnown(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.says(access.Reader, "/documents/templates?template=information-security-policy", "Northquay give us data")
		if status, _, _ := d.form(access.Reader, "/documents/begin", "template", "information-security-policy", "owner", "PER-1", "approver", h.People[access.ISMSManager]); status < 400 {
			t.Errorf("a reader begins a document: %d", status)
		}
		status, _, body := d.form(access.ISMSManager, "/documents/begin", "template", "information-security-policy", "owner", "PER-1", "approver", "PER-1")
		if status < 400 || !strings.Contains(html.UnescapeString(body), "somebody other than its owner") || !strings.Contains(body, "Northquay") {
			t.Errorf("owner and approver are one: %d", status)
		}
		status, to, _ := d.form(access.ISMSManager, "/documents/begin", "template", "information-security-policy", "owner", "PER-1", "approver", h.People[access.Admin])
		if status != http.StatusSeeOther {
			t.Fatalf("beginning: %d", status)
		}
		d.says(access.ISMSManager, to, "{{reporting_channel}}", "Northquay")
		if status, body := h.Get(t, access.Reader, "/documents/templates?template=poetry"); status != http.StatusNotFound || !strings.Contains(body, "there is no template") {
			t.Errorf("a template that is none: %d", status)
		}
	})
}
