// SPDX-License-Identifier: Apache-2.0

package statement_test

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"sextant/access"
	"sextant/evidence"
	"sextant/framework"
	"sextant/interchange/statement"
	"sextant/internal/proof"
	"sextant/internal/testserver"
	"sextant/ledger"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/secret"
	"sextant/soa"
)

func signed(h *producttest.House, person string) access.Actor {
	return access.Actor{Organisation: h.Org, Name: "person:" + person, Person: person, Roles: []access.Role{access.Owner}, Proof: access.Proof{Method: access.Password, At: h.Clock()}}
}

// told is a statement with a bit of everything: texts that look like formulas,
// other scripts, several units, documents, duties, evidence that passes.
func told(t *testing.T, h *producttest.House) (system string) {
	t.Helper()
	system = h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "Planning and tracking of **parcels** for shops.", "boundaries": "The warehouse of Κύκλος is outside."}).Key
	site := h.Create(t, "scope_unit", map[string]any{"title": "Gdańsk site", "kind": "site", "owner": "PER-1", "is_in_scope": true}).Key
	h.Create(t, "document", map[string]any{"title": "Backup policy", "reference": "POL-07", "kind": "topic_policy", "owner": "PER-1", "approver": h.People[access.ISMSManager], "controls": []string{"iso27001:2022/A.8.13"}})
	duty := h.Create(t, "obligation", map[string]any{"title": "Keep invoices ten years", "citation": "HGB § 257", "summary": "Keep them.", "owner": "PER-1", "applicability_reason": "We invoice.", "controls": []string{"iso27001:2022/A.8.13"}, "review_on": "2099-01-01"})
	h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": site, "implementation": "planned", "planned_on": "2099-03-01", "how": "Tapes.", "owner": h.People[access.Owner]})
	h.Write(t, func(tx *register.Tx) error {
		for _, c := range framework.Controls() {
			values := map[string]any{"applicability": "applicable", "reasons": []string{"business"}, "inclusion_justification": "What " + c.ID + " is for here.", "owner": h.People[access.Owner]}
			switch c.ID {
			case "A.7.6":
				values = map[string]any{"applicability": "not_applicable", "exclusion_justification": "=1+1 rooms; none of our own,\nand none planned."}
			case "A.8.13":
				values["reasons"], values["reason_links"] = []string{"legal", "contractual", "good_practice"}, []string{duty.Key}
				values["inclusion_justification"] = strings.Repeat("A long justification of backups. ", 40) + "END-OF-LONG"
			}
			if err := soa.Decide(tx, system, c.ID, 0, values, register.Note{}); err != nil {
				return err
			}
			if c.ID == "A.7.6" {
				continue
			}
			if _, err := tx.Create("implementation", map[string]any{"control": c.Reference().String(), "scope_unit": "SU-1", "implementation": "implemented", "how": "As written.", "owner": h.People[access.Owner]}, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
	h.Observe(t, "SRC-1", "aws:rds_instance", map[string]map[string]any{"db:orders": producttest.Database("orders", 30)})
	return system
}

// version drafts one, and has it reviewed and signed as far as is said.
func version(t *testing.T, h *producttest.House, system string, steps ...string) register.Entry {
	t.Helper()
	e := h.Create(t, "soa", map[string]any{"management_system": system, "change_summary": "The first one.", "author": h.People[access.ISMSManager], "reviewer": h.People[access.InternalAuditor], "approver": "PER-1", "review_on": "2099-01-01"})
	for _, step := range steps {
		actor := signed(h, map[string]string{"review": h.People[access.InternalAuditor], "approve": "PER-1"}[step])
		if err := h.Kernel.Write(t.Context(), actor, func(tx *register.Tx) (err error) {
			e, err = tx.Transition("soa", e.Key, 0, step, nil, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// exported gives every file of version 1.
func exported(t *testing.T, h *producttest.House, system string) map[statement.Format][]byte {
	t.Helper()
	files := map[statement.Format][]byte{}
	h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
		for _, f := range statement.Formats() {
			var out bytes.Buffer
			if err := statement.Export(&out, v, r, h.Kernel.Blobs(), system, "1", f); err != nil {
				return err
			}
			files[f] = out.Bytes()
		}
		return nil
	})
	return files
}

// The files of the review say where the approval stands; the approval sheet says
// who gave it and names each of them by its digest.
func TestTheApprovalHasASheetOfItsOwn(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		system := told(t, h)
		e := version(t, h, system, "review", "approve")
		said := testserver.PDFText(t, exported(t, h, system)[statement.PDF])
		for _, want := range []string{"statement-of-applicability-1.approval.pdf", "see the approval"} {
			if !strings.Contains(strings.Join(strings.Fields(said), " "), want) {
				t.Errorf("the reviewed PDF lacks %q", want)
			}
		}
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			edition, err := soa.Editions.Get(v, e.Key)
			if err != nil {
				return err
			}
			sheet, found, err := statement.ApprovalOf(v, edition)
			if err != nil || !found {
				t.Fatalf("no approval sheet: %v", err)
			}
			content, err := h.Kernel.Blobs().Open(t.Context(), h.Org, sheet.SHA256)
			if err != nil {
				return err
			}
			defer content.Close()
			data, err := io.ReadAll(content)
			if err != nil {
				return err
			}
			text := strings.Join(strings.Fields(testserver.PDFText(t, data)), "")
			kept, err := statement.Kept(v, edition)
			for _, want := range []string{"MaraLindqvist", "Theinternalauditor", edition.Fields.ApprovedAt} {
				if !strings.Contains(text, want) {
					t.Errorf("the approval sheet lacks %q: %s", want, text)
				}
			}
			for f, file := range kept {
				if !strings.Contains(text, file.SHA256) {
					t.Errorf("the approval sheet does not name the %s", f)
				}
			}
			signed, err2 := register.SignOffs.All(v)
			if err2 == nil && !strings.Contains(signed[len(signed)-1].Fields.Frozen, sheet.SHA256) {
				t.Error("the signature does not bind the approval sheet")
			}
			return err
		})
	})
}

// What was approved stays what it was, to the last byte, whatever changes
// beneath it; and it is among what is verified and handed out.
func TestAnApprovedVersionIsByteIdenticalForEver(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		system := told(t, h)
		version(t, h, system, "review", "approve")
		before := exported(t, h, system)
		h.Later(400 * 24 * time.Hour)
		h.Write(t, func(tx *register.Tx) error {
			for key, edit := range map[string]map[string]any{
				h.People[access.Owner]: {"name": "Somebody Else"}, "PER-1": {"name": "Mara Married"}, "SU-1": {"title": "Whole group"}, system: {"title": "Another ISMS", "scope": "Less."},
				"IMP-1": {"planned_on": "2099-12-31"}, "OBL-1": {"title": "Another duty"}, "DOC-1": {"title": "Another policy"},
			} {
				def, _ := tx.Set().OfKey(key)
				if _, err := tx.Edit(def.Name, key, 0, edit, register.Note{}); err != nil {
					return err
				}
			}
			return soa.Decide(tx, system, "A.8.13", 0, map[string]any{"inclusion_justification": "Other words.", "reasons": []string{"business"}}, register.Note{})
		})
		h.Observe(t, "SRC-1", "aws:rds_instance", map[string]map[string]any{"db:orders": producttest.Database("orders", 0)})
		version(t, h, system, "review", "approve")
		after := exported(t, h, system)
		for _, f := range statement.Formats() {
			if len(before[f]) == 0 || !bytes.Equal(before[f], after[f]) {
				t.Errorf("the %s of version 1 changed, %d and %d bytes", f.Label(), len(before[f]), len(after[f]))
			}
		}
		h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
			one, err := statement.Stated(v, r, h.Kernel.Blobs(), system, "1")
			if err != nil {
				return err
			}
			two, err := statement.Stated(v, r, h.Kernel.Blobs(), system, "2")
			if d := soa.Compare(one, two); d.Rows == 0 || two.Versions[0].State != soa.Approved {
				t.Errorf("the second version says the same: %d rows differ, %+v", d.Rows, two.Versions)
			}
			return err
		})
		verified(t, h, before)
	})
}

// verified: the files are in what verification reads and what a package holds.
func verified(t *testing.T, h *producttest.House, files map[statement.Format][]byte) {
	t.Helper()
	key, err := secret.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	blobs, ok := h.Kernel.Blobs().(proof.Files)
	if !ok {
		t.Fatal("the files cannot be listed")
	}
	prover := &proof.Prover{Store: h.Store, Files: blobs, Sealer: key, Clock: h.Clock}
	report, err := prover.VerifyHere(t.Context(), h.Org, ledger.Trust{})
	if err != nil || len(report.Findings) > 0 || report.Files < 2*len(files) {
		t.Errorf("verified %d files, %v, %v", report.Files, report.Findings, err)
	}
	var pack bytes.Buffer
	if err := prover.Package(t.Context(), h.Org, &pack); err != nil || pack.Len() == 0 {
		t.Errorf("packaged %d bytes, %v", pack.Len(), err)
	}
}

func TestTheSameStatementGivesTheSameFiles(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	system := told(t, h)
	h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
		c, err := statement.Current(v, r, system)
		if err != nil {
			return err
		}
		for _, f := range statement.Formats() {
			var one, two bytes.Buffer
			if err := statement.Write(&one, c, f); err != nil {
				return err
			}
			if err := statement.Write(&two, c, f); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
				t.Errorf("%s differs from one time to the next, %v", f.Label(), err)
			}
		}
		data, err := c.Encode()
		if err != nil {
			return err
		}
		again, err := soa.ReadCaptured(data)
		if err != nil {
			return err
		}
		back, err := again.Encode()
		if !bytes.Equal(data, back) {
			t.Error("what was captured does not read back as it was written")
		}
		return err
	})
}

// flat takes the spaces out, so that a text is found however it was wrapped.
func flat(text string) string { return regexp.MustCompile(`\s+`).ReplaceAllString(text, "") }

func TestPopplerFindsEveryCellInTheDocument(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	system := told(t, h)
	version(t, h, system, "review", "approve")
	text := flat(testserver.PDFText(t, exported(t, h, system)[statement.PDF]))
	h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
		c, err := statement.Stated(v, r, h.Kernel.Blobs(), system, "1")
		if err != nil {
			return err
		}
		want := []string{"Planning and tracking of parcels", "Κύκλος", "ISO/IEC 27001:2022 with Amd 1:2024", "Mara Lindqvist", "The first one.", "END-OF-LONG", "Keep invoices ten years", "POL-07 Backup policy", "Gdańsk site", "A.7 Physical", "Marks of evidence",
			"92 apply, 1 excluded, 0 undecided"}
		for _, row := range c.Rows {
			want = append(want, row.ID, row.Title, row.Applicability.Label(), row.Justification)
			for _, reason := range row.Reasons {
				want = append(want, map[string]string{"business": "Business requirement", "legal": "Legal", "contractual": "Contractual", "good_practice": "Good practice"}[reason])
			}
			if row.Owner != nil {
				want = append(want, row.Owner.Title)
			}
			for _, u := range row.Units {
				want = append(want, u.Unit.Title, u.PlannedOn)
			}
			if e := row.Evidence; e != nil {
				want = append(want, fmt.Sprintf("%s, %d of %d", e.Label, e.Passed, e.Lines))
			}
		}
		for _, w := range want {
			if !strings.Contains(text, flat(w)) {
				t.Errorf("%q cannot be found in the document", w)
			}
		}
		return nil
	})
	if heads := strings.Count(flat(text), flat("Justification Implementation")); heads < 5 {
		t.Errorf("the head of the table stands on %d pages", heads)
	}
}

func TestAVersionThatWasNeverReviewedHasNoFiles(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	system := told(t, h)
	e := version(t, h, system)
	h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
		edition, err := soa.Editions.Get(v, e.Key)
		if err != nil {
			return err
		}
		files, err := statement.Kept(v, edition)
		if len(files) != 0 {
			t.Errorf("a draft has %d files", len(files))
		}
		c, err2 := statement.Stated(v, r, h.Kernel.Blobs(), system, "1")
		if err2 != nil || c.Version == nil || c.Version.State != soa.Draft {
			t.Errorf("a draft says %+v, %v", c.Version, err2)
		}
		if err := statement.Export(io.Discard, v, r, h.Kernel.Blobs(), system, "7", statement.PDF); err == nil {
			t.Error("a version that is not there was exported")
		}
		return err
	})
}
