// SPDX-License-Identifier: Apache-2.0

package gap_test

import (
	"slices"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/gap"
	"sextant/interchange/cisoassistant"
	"sextant/library"
	"sextant/library/librarytest"
	"sextant/product/producttest"
	"sextant/register"
)

// privacy switches the extensions on for an organisation that handles personal
// data for others in a cloud it provides.
func privacy(t testing.TB, h *producttest.House) {
	t.Helper()
	h.Write(t, func(tx *register.Tx) error {
		_, err := tx.Edit("organisation", "ORG-1", 0, map[string]any{"cloud_role": "provider", "pii_role": "processor"}, register.Note{})
		return err
	})
	h.Create(t, "management_system", map[string]any{"title": "Security", "standard": "iso27001:2022", "extensions": []any{"iso27701:2025", "iso27018:2019"}, "scope": "All of it."})
}

func take(t testing.TB, h *producttest.House, text []byte) string {
	t.Helper()
	c, r, err := cisoassistant.Read("rules.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := library.Take(t.Context(), h.Kernel, as(h, "isms_manager"), library.Came("rules.yaml", text, c, r), register.Note{})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func refused(t testing.TB, h *producttest.House, more map[string]any) error {
	t.Helper()
	return h.Kernel.Write(t.Context(), as(h, "isms_manager"), func(tx *register.Tx) error {
		values := map[string]any{"title": "Refused", "scope_units": []any{"SU-1"}, "starts_on": "2026-01-05", "due_on": "2026-02-27", "owner": h.People["isms_manager"], "assessors": []any{h.People["owner"]}}
		for key, value := range more {
			values[key] = value
		}
		_, err := tx.Create("gap_campaign", values, register.Note{})
		return err
	})
}

func TestACampaignAsksOfExtensionsOwnControlsAndLibraries(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		privacy(t, h)
		h.Create(t, "own_control", map[string]any{"reference": "NQ-1", "title": "Pairs at release", "objective": "No release by one alone.", "description": "Two people.", "owner": h.People["owner"]})
		key := take(t, h, librarytest.Generated(40))
		e := plan(t, h, map[string]any{"frameworks": []any{"iso27701:2025", "iso27018:2019", "own"}, "libraries": []any{key}})
		start(t, h, e)
		list := rows(t, h, e.Key)
		by := map[string]int{}
		for _, a := range list {
			of, _, _ := strings.Cut(a.Fields.Chapter, "/")
			by[of]++
			if a.Fields.Part != "" || a.Fields.Guidance == "" || a.Fields.Title == "" {
				t.Fatalf("%s is asked as %+v", a.Key, a.Fields)
			}
		}
		if by["iso27701:2025"] != 18+29 || by["iso27018:2019"] != 25 || by["own"] != 1 || by[key] < 30 {
			t.Errorf("asked are %v", by)
		}
		result := gap.ResultOf(list)
		if len(result.Clauses)+len(result.Themes) != 0 || len(result.Beyond) != 4 || result.Beyond[0].Framework != "iso27701:2025" || result.Beyond[3].Framework != key {
			t.Errorf("the result has %+v", result.Beyond)
		}
		of := list[len(list)-1]
		if err := answer(t, h, of.Key, map[string]any{"answer": "not_applicable", "not_applicable_reason": "We have no harbour."}); err != nil {
			t.Errorf("a requirement of a library is left out: %v", err)
		}
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			if of, title := gap.ChapterTitle(v, list[len(list)-1].Fields.Chapter); of != "Generated rules" || !strings.HasPrefix(title, "1 ") {
				t.Errorf("the chapter is called %q of %q", title, of)
			}
			c, err := gap.Campaigns.Get(v, e.Key)
			for _, text := range []string{"ISO/IEC 27701:2025", "ISO/IEC 27018:2019", "Own controls", "Generated rules, version 1"} {
				if !strings.Contains(c.Fields.GuidanceEdition, text) {
					t.Errorf("it is asked from %q, without %s", c.Fields.GuidanceEdition, text)
				}
			}
			return err
		})
	})
}

func TestASelectionThatAsksNothingOrTooMuchIsRefused(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	key := take(t, h, librarytest.Generated(6_000))
	units := []any{"SU-1"}
	for _, name := range []string{"Harbour", "River"} {
		units = append(units, h.Create(t, "scope_unit", map[string]any{"title": name, "kind": "team", "owner": h.People["owner"], "is_in_scope": true}).Key)
	}
	for what, c := range map[string]struct {
		values map[string]any
		field  string
	}{
		"an extension that is not switched on": {map[string]any{"frameworks": []any{"iso27018:2019"}}, "frameworks"},
		"no own control":                       {map[string]any{"frameworks": []any{"own"}}, "frameworks"},
		"nothing at all":                       {map[string]any{"frameworks": []any{}}, "frameworks"},
		"a chapter that is not there":          {map[string]any{"frameworks": []any{}, "libraries": []any{key}, "chapters": []any{key + "/999"}}, "libraries"},
		"more than people can answer":          {map[string]any{"libraries": []any{key}, "scope_units": units}, "libraries"},
	} {
		if err := refused(t, h, c.values); sextant.CodeOf(err) != sextant.Invalid || fieldOf(err) != c.field {
			t.Errorf("%s: %v at %q", what, err, fieldOf(err))
		}
	}
	e := plan(t, h, map[string]any{"frameworks": []any{}, "libraries": []any{key}, "chapters": []any{key + "/3"}, "scope_units": units})
	start(t, h, e)
	if list := rows(t, h, e.Key); len(list) != 300 {
		t.Errorf("a chapter of 100 requirements asks %d in three units", len(list))
	}
}

func TestDocumentsAreKnownAndProposePartlyAtMost(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		draft := map[string]any{"title": "Backup", "reference": "POL-2", "kind": "procedure", "controls": []any{"iso27001:2022/A.8.13"}, "owner": h.People["owner"], "approver": h.People["isms_manager"]}
		h.Create(t, "document", draft)
		inForce := h.Create(t, "document", map[string]any{"title": "Policy", "reference": "POL-1", "kind": "procedure", "fulfils": []any{"iso27001:2022/5.2"}, "owner": h.People["owner"], "approver": h.People["isms_manager"]})
		version := h.Create(t, "document_version", map[string]any{"document": inForce.Key, "edition": "1.0", "body": "We protect what is entrusted to us.", "author": h.People["owner"], "change_summary": "New."})
		for _, step := range []struct {
			who  access.Role
			name string
		}{{access.Owner, "submit"}, {access.ISMSManager, "approve"}} {
			actor := as(h, step.who)
			actor.Proof = access.Proof{Method: access.Password, At: h.Clock()}
			if err := h.Kernel.Write(t.Context(), actor, func(tx *register.Tx) error {
				_, err := tx.Transition("document_version", version.Key, 0, step.name, nil, register.Note{})
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		e := plan(t, h, map[string]any{"clauses": []any{"5"}, "themes": []any{"technological"}})
		start(t, h, e)
		list := rows(t, h, e.Key)
		facts := func(id string) (f []gap.Fact) {
			return slices.DeleteFunc(find(list, id).Fields.Known, func(f gap.Fact) bool { return f.Source != "document" })
		}
		if f := facts("5.2"); len(f) != 1 || f[0].From != inForce.Key || !strings.Contains(f[0].Says, "in force") || find(list, "5.2").Fields.Proposed != gap.Partly {
			t.Errorf("the policy is known as %+v and proposes %q", f, find(list, "5.2").Fields.Proposed)
		}
		if f := facts("A.8.13"); len(f) != 1 || !strings.Contains(f[0].Says, "no edition is in force") || find(list, "A.8.13").Fields.Proposed != "" {
			t.Errorf("a document without an edition is known as %+v and proposes %q", f, find(list, "A.8.13").Fields.Proposed)
		}
	})
}
