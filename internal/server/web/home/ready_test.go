// SPDX-License-Identifier: Apache-2.0

package home_test

import (
	"net/http"
	"strings"
	"testing"

	"sextant/access"
	"sextant/product/producttest"
	"sextant/register"
)

// asked is a campaign that started, with some of its answers.
func asked(t *testing.T, h *producttest.House, title, starts string, answers map[string]string) {
	t.Helper()
	manager := h.People[access.ISMSManager]
	e := h.Create(t, "gap_campaign", map[string]any{"title": title, "clauses": []any{"10"}, "themes": []any{"people"}, "scope_units": []any{"SU-1"}, "starts_on": starts, "due_on": "2027-01-01", "owner": manager, "assessors": []any{manager}})
	actor := access.Actor{Organisation: h.Org, Name: "person:" + manager, Person: manager, Roles: []access.Role{access.ISMSManager}}
	if err := h.Kernel.Write(t.Context(), actor, func(tx *register.Tx) error {
		if _, err := tx.Transition(e.Register.Name, e.Key, 0, "start", nil, register.Note{}); err != nil {
			return err
		}
		rows, err := tx.Select("gap_answer", register.Filter{Field: "campaign", Op: register.Is, Values: []string{e.Key}})
		for _, a := range rows {
			if answer := answers[strings.TrimPrefix(a.Doc.Text("reference"), "iso27001:2022/")]; answer != "" {
				if _, err := tx.Transition("gap_answer", a.Key, 0, "answer", map[string]any{"answer": answer, "observation": "Seen."}, register.Note{}); err != nil {
					return err
				}
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestReadinessIsThatOfTheNewestAnalysisThatSaysMuch: one that has hardly begun
// does not hide what the one before found. Every number of it, and of what an
// auditor would raise, leads to a list of that many.
func TestReadinessIsThatOfTheNewestAnalysisThatSaysMuch(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		told(t, h)
		if _, body := h.Get(t, access.ISMSManager, "/"); !strings.Contains(body, "a gap analysis tells") {
			t.Error("without an analysis nothing leads to one")
		}
		asked(t, h, "Spring", "2026-03-01", map[string]string{"10.1": "met", "10.2": "partly", "A.6.1": "met", "A.6.2": "met", "A.6.3": "not_met"})
		asked(t, h, "Autumn", "2026-09-01", map[string]string{"10.1": "not_met"})
		status, body := h.Get(t, access.ISMSManager, "/")
		for _, text := range []string{"as people answered in Spring", "1 / 2", "2 / 8", "An auditor would raise"} {
			if !strings.Contains(body, text) {
				t.Errorf("%d, without %q", status, text)
			}
		}
		if status != http.StatusOK || strings.Contains(body, "Autumn") {
			t.Error("what has hardly begun hides what was found before")
		}
		follow(t, h, access.ISMSManager, body)
		follow(t, h, access.Reader, body)
	})
}
