// SPDX-License-Identifier: Apache-2.0

package gap_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/gap"
	"sextant/product/producttest"
	"sextant/register"
)

// as is somebody of a role, with a person.
func as(h *producttest.House, role access.Role) access.Actor {
	return access.Actor{Organisation: h.Org, Name: "person:" + h.People[role], Person: h.People[role], Roles: []access.Role{role}}
}

// write writes as the manager, who must be able to.
func write(t testing.TB, h *producttest.House, fn func(*register.Tx) error) {
	t.Helper()
	if err := h.Kernel.Write(t.Context(), as(h, access.ISMSManager), fn); err != nil {
		t.Fatal(err)
	}
}

func move(t testing.TB, h *producttest.House, e register.Entry, name string, values map[string]any) {
	t.Helper()
	write(t, h, func(tx *register.Tx) error {
		_, err := tx.Transition(e.Register.Name, e.Key, 0, name, values, register.Note{})
		return err
	})
}

// plan makes a campaign; start lays its questions out in short transactions and
// starts it.
func plan(t testing.TB, h *producttest.House, more map[string]any) register.Entry {
	t.Helper()
	values := map[string]any{"title": "Readiness", "scope_units": []any{"SU-1"}, "starts_on": "2026-01-05", "due_on": "2026-02-27",
		"owner": h.People[access.ISMSManager], "assessors": []any{h.People[access.Owner]}}
	maps.Copy(values, more)
	return h.Create(t, "gap_campaign", values)
}

func start(t testing.TB, h *producttest.House, e register.Entry) {
	t.Helper()
	for left := 1; left > 0; {
		write(t, h, func(tx *register.Tx) (err error) {
			left, err = gap.Prepare(tx, e.Key, gap.PrepareAtOnce)
			return err
		})
	}
	move(t, h, e, "start", nil)
}

func rows(t testing.TB, h *producttest.House, campaign string) (list []register.Of[gap.Answer]) {
	t.Helper()
	if err := h.Kernel.Read(t.Context(), h.System(), 0, func(v *register.View) (err error) {
		list, err = gap.Rows(v, campaign)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// answer writes fields and takes them for the answer.
func answer(t testing.TB, h *producttest.House, key string, values map[string]any) error {
	t.Helper()
	return h.Kernel.Write(t.Context(), as(h, access.Owner), func(tx *register.Tx) error {
		_, err := tx.Transition("gap_answer", key, 0, "answer", values, register.Note{})
		return err
	})
}

func find(list []register.Of[gap.Answer], id string) register.Of[gap.Answer] {
	i := slices.IndexFunc(list, func(a register.Of[gap.Answer]) bool { return a.Fields.Reference == "iso27001:2022/"+id })
	if i < 0 {
		return register.Of[gap.Answer]{}
	}
	return list[i]
}

func fieldOf(err error) string {
	if e, ok := errors.AsType[*sextant.Error](err); ok {
		return e.Field
	}
	return ""
}

func TestASelectionIsExactlyWhatWasChosen(t *testing.T) {
	for _, c := range []struct {
		what     string
		campaign gap.Campaign
		want     int
		first    string
	}{
		{"everything", gap.Campaign{}, 30 + 93, "4.1"},
		{"every requirement of the clauses", gap.Campaign{Detail: "requirement", Clauses: []string{"9"}}, 29, "9.1 a)"},
		{"two clauses", gap.Campaign{Clauses: []string{"9", "10"}}, 6 + 2, "9.1"},
		{"a theme", gap.Campaign{Themes: []string{"people"}}, 8, "A.6.1"},
		{"a clause and a theme", gap.Campaign{Clauses: []string{"10"}, Themes: []string{"people"}}, 2 + 8, "10.1"},
	} {
		list := c.campaign.Questions()
		if len(list) != c.want || list[0].ID != c.first {
			t.Errorf("%s: %d questions from %v", c.what, len(list), list[:min(1, len(list))])
		}
	}
	both := gap.Campaign{Attributes: []string{"Detective", "Availability"}}.Questions()
	for _, q := range both {
		if values := q.Attributes(); q.IsRequirement() || !slices.Contains(values, "Detective") || !slices.Contains(values, "Availability") {
			t.Errorf("%s has %v", q.ID, values)
		}
	}
	either := gap.Campaign{Attributes: []string{"Detective", "Corrective"}}.Questions()
	if len(both) == 0 || len(either) <= len(both) {
		t.Errorf("%d controls have both, %d either", len(both), len(either))
	}
	if all, known := (gap.Campaign{Detail: "requirement"}).Questions(), map[string]bool{}; len(all) < 200 {
		t.Errorf("%d questions in depth", len(all))
	} else {
		for _, q := range all {
			if known[q.Reference] {
				t.Errorf("%s is asked twice", q.Reference)
			}
			known[q.Reference] = true
		}
	}
}

func TestACampaignAsksEveryQuestionInEveryUnitOnce(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		unit := h.Create(t, "scope_unit", map[string]any{"title": "Platform", "kind": "team"}).Key
		e := plan(t, h, map[string]any{"scope_units": []any{"SU-1", unit}})
		if err := answer(t, h, "GA-1", nil); sextant.CodeOf(err) != sextant.NotFound {
			t.Errorf("a row before the start: %v", err)
		}
		start(t, h, e)
		list := rows(t, h, e.Key)
		if len(list) != 2*123 {
			t.Fatalf("%d rows", len(list))
		}
		if a := find(list, "9.3.2"); a.Title() != "9.3.2 Management review inputs" || a.Fields.Part != "9" || a.State != gap.Open || a.Fields.Answer != gap.NotAssessed ||
			a.Fields.Assignee != h.People[access.Owner] || a.Fields.Reviewer != h.People[access.ISMSManager] || len(a.Fields.Guidance) != 12 || a.Fields.Proposed != "" {
			t.Errorf("%+v", a.Fields)
		}
		if a := find(list, "A.8.13"); a.Fields.Part != "technological" || !slices.Contains(a.Fields.Attributes, "Availability") {
			t.Errorf("%+v", a.Fields)
		}
		c, err := one(t, h, e.Key)
		if err != nil || c.State != gap.Running || len(c.Fields.Scale) != 6 || !strings.HasPrefix(c.Fields.GuidanceEdition, "ISO/IEC 27001:2022 with Amd 1:2024, guidance ") {
			t.Errorf("%v %s %+v", err, c.State, c.Fields)
		}
	})
}

func one(t testing.TB, h *producttest.House, key string) (c register.Of[gap.Campaign], err error) {
	t.Helper()
	err = h.Kernel.Read(t.Context(), h.System(), 0, func(v *register.View) (err error) {
		c, err = gap.Campaigns.Get(v, key)
		return err
	})
	return c, err
}

func TestStartAloneLaysEverythingOut(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	e := plan(t, h, map[string]any{"clauses": []any{"9"}})
	move(t, h, e, "start", nil)
	if list := rows(t, h, e.Key); len(list) != 6 {
		t.Errorf("%d rows", len(list))
	}
	err := h.Kernel.Write(t.Context(), h.System(), func(tx *register.Tx) error {
		_, err := tx.Edit("gap_campaign", e.Key, 0, map[string]any{"clauses": []any{"8"}}, register.Note{})
		return err
	})
	if sextant.CodeOf(err) != sextant.Frozen {
		t.Errorf("the selection of a running campaign: %v", err)
	}
}

func TestAnAnswerSaysEnough(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := plan(t, h, map[string]any{"clauses": []any{"10"}, "themes": []any{"people"}})
		start(t, h, e)
		list := rows(t, h, e.Key)
		clause, ctrl := find(list, "10.1").Key, find(list, "A.6.1").Key
		for _, c := range []struct {
			key    string
			values map[string]any
			field  string
		}{
			{clause, nil, "answer"},
			{clause, map[string]any{"answer": "not_applicable", "not_applicable_reason": "We are small."}, "answer"},
			{ctrl, map[string]any{"answer": "not_applicable"}, "not_applicable_reason"},
			{ctrl, map[string]any{"answer": "partly"}, "observation"},
			{ctrl, map[string]any{"answer": "met", "maturity": 4, "target_maturity": 3}, "target_maturity"},
		} {
			if err := answer(t, h, c.key, c.values); sextant.CodeOf(err) != sextant.Invalid || fieldOf(err) != c.field {
				t.Errorf("%v: %v", c.values, err)
			}
		}
		if err := answer(t, h, ctrl, map[string]any{"answer": "not_applicable", "not_applicable_reason": "Nobody is hired."}); err != nil {
			t.Error(err)
		}
		if err := answer(t, h, clause, map[string]any{"answer": "partly", "observation": "No review yet.", "maturity": 2, "target_maturity": 3}); err != nil {
			t.Error(err)
		}
		if a := find(rows(t, h, e.Key), "10.1"); a.State != gap.Answered || *a.Fields.Maturity != 2 {
			t.Errorf("%s %+v", a.State, a.Fields)
		}
	})
}

func TestWhatIsKnownIsProposedUntilSomebodyTakesIt(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1", "implementation": "partly", "how": "Nightly dumps.", "owner": h.People[access.Owner]})
		e := plan(t, h, map[string]any{"themes": []any{"technological"}})
		start(t, h, e)
		a := find(rows(t, h, e.Key), "A.8.13")
		if a.State != gap.Open || a.Fields.Answer != gap.NotAssessed || a.Fields.Proposed != gap.Partly || len(a.Fields.Known) != 2 || a.Fields.Known[0].Source != "implementation" || a.Fields.EvidenceState != "not_assessed" {
			t.Fatalf("%s %+v", a.State, a.Fields)
		}
		write(t, h, func(tx *register.Tx) error { return gap.Take(tx, a.Key, a.Version) })
		if a = find(rows(t, h, e.Key), "A.8.13"); a.State != gap.Answered || a.Fields.Answer != gap.Partly || !strings.Contains(a.Fields.Observation, "Nightly dumps.") {
			t.Errorf("%s %+v", a.State, a.Fields)
		}
		unknown := find(rows(t, h, e.Key), "A.8.12").Key
		if err := h.Kernel.Write(t.Context(), as(h, access.Owner), func(tx *register.Tx) error { return gap.Take(tx, unknown, 0) }); sextant.CodeOf(err) != sextant.Conflict {
			t.Errorf("nothing was proposed and was taken: %v", err)
		}
		next := plan(t, h, map[string]any{"themes": []any{"technological"}, "previous": e.Key, "title": "Next"})
		start(t, h, next)
		if a = find(rows(t, h, next.Key), "A.8.13"); len(a.Fields.Known) != 3 || a.Fields.Known[2].Source != "previous" || a.Fields.Known[2].From == "" {
			t.Errorf("%+v", a.Fields.Known)
		}
	})
}

func TestAClosedCampaignIsFrozen(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := plan(t, h, map[string]any{"clauses": []any{"10"}})
		start(t, h, e)
		list := rows(t, h, e.Key)
		shut := func() error {
			return h.Kernel.Write(t.Context(), as(h, access.ISMSManager), func(tx *register.Tx) error {
				_, err := tx.Transition("gap_campaign", e.Key, 0, "close", map[string]any{"summary": "Little is missing."}, register.Note{})
				return err
			})
		}
		if err := answer(t, h, list[0].Key, map[string]any{"answer": "met"}); err != nil {
			t.Fatal(err)
		}
		if err := shut(); sextant.CodeOf(err) != sextant.Conflict || !strings.Contains(err.Error(), list[1].Key) {
			t.Errorf("closed with an open question: %v", err)
		}
		h.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("gap_answer", list[1].Key, 0, map[string]any{"observation": "The person who knows is away."}, register.Note{})
			return err
		})
		if err := shut(); err != nil {
			t.Fatal(err)
		}
		if err := answer(t, h, list[0].Key, map[string]any{"answer": "not_met", "observation": "Changed my mind."}); sextant.CodeOf(err) != sextant.Frozen {
			t.Errorf("an answer of a closed campaign: %v", err)
		}
	})
}
