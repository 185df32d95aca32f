// SPDX-License-Identifier: Apache-2.0

package obligation_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"sextant/access"
	"sextant/evidence"
	"sextant/obligation"
	"sextant/product/producttest"
	"sextant/register"
)

func day(h *producttest.House, days int) string {
	return h.Clock().Time().AddDate(0, 0, days).Format(time.DateOnly)
}

func manager(h *producttest.House) access.Actor {
	person := h.People[access.ISMSManager]
	return access.Actor{Organisation: h.Org, Name: "person:" + person, Person: person, Roles: []access.Role{access.ISMSManager}}
}

func move(t *testing.T, h *producttest.House, e register.Entry, transition string, values map[string]any) error {
	t.Helper()
	return h.Kernel.Write(t.Context(), manager(h), func(tx *register.Tx) error {
		_, err := tx.Transition(e.Register.Name, e.Key, 0, transition, values, register.Note{Why: "as agreed"})
		return err
	})
}

func TestADutyIsRefusedUnlessSomethingAnswersIt(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		good := map[string]any{"title": "Tell the authority", "citation": "GDPR Art. 33", "summary": "Within 72 hours.", "owner": "PER-1", "applicability_reason": "We process orders.", "controls": []string{"iso27001:2022/A.5.24"}, "review_on": day(h, 300)}
		for name, c := range map[string]struct {
			with map[string]any
			says string
		}{
			"no control and no reason":   {map[string]any{"controls": nil}, "name a control"},
			"a contract duty without it": {map[string]any{"kind": "contract"}, "from which contract"},
			"said not to bind by owner":  {map[string]any{"is_applicable": false, "legal_reviewer": "PER-1"}, "other than the owner"},
			"ends before it begins":      {map[string]any{"in_force_from": "2026-02-01", "in_force_to": "2026-01-01"}, "ends before"},
			"a review typed":             {map[string]any{"reviewed_on": "2026-01-01"}, "reviewed_on"},
		} {
			t.Run(name, func(t *testing.T) {
				values := maps.Clone(good)
				maps.Copy(values, c.with)
				err := h.Kernel.Write(t.Context(), manager(h), func(tx *register.Tx) error {
					_, err := tx.Create("obligation", values, register.Note{})
					return err
				})
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, want it to say %q", err, c.says)
				}
			})
		}
		e := h.Create(t, "obligation", good)
		if err := move(t, h, e, "review", map[string]any{"review_on": day(h, 365)}); err != nil {
			t.Fatal(err)
		}
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			after, err := obligation.Obligations.Get(v, e.Key)
			if after.Fields.ReviewedOn != day(h, 0) {
				t.Errorf("reviewed on %q, want today", after.Fields.ReviewedOn)
			}
			return err
		})
		if move(t, h, e, "review", map[string]any{"review_on": day(h, 0)}) == nil {
			t.Error("a review that names no next one is accepted")
		}
	})
}

func TestAContractIsSignedThenHoldsThenEnds(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		e := h.Create(t, "contract", map[string]any{"title": "Parcels for Aldane", "kind": "customer", "counterparty": "Aldane", "owner": "PER-1", "effective_from": day(h, 10), "ends_on": day(h, 20)})
		for _, refused := range []struct{ signed, reference string }{{day(h, 1), "C-1"}, {day(h, 0), ""}} {
			if move(t, h, e, "sign", map[string]any{"signed_on": refused.signed, "reference": refused.reference}) == nil {
				t.Errorf("signed on %s with reference %q", refused.signed, refused.reference)
			}
		}
		must(move(t, h, e, "sign", map[string]any{"signed_on": day(h, 0), "reference": "C-118"}))
		if move(t, h, e, "start", nil) == nil {
			t.Error("in force before it holds")
		}
		h.Later(11 * 24 * time.Hour)
		must(move(t, h, e, "start", nil))
		err := h.Kernel.Write(t.Context(), h.System(), func(tx *register.Tx) error {
			_, err := tx.Edit("contract", e.Key, 0, map[string]any{"counterparty": "Somebody else"}, register.Note{})
			return err
		})
		if err == nil {
			t.Error("what was signed can be edited")
		}
		if move(t, h, e, "end", nil) == nil {
			t.Error("ended before its end")
		}
		h.Later(10 * 24 * time.Hour)
		must(move(t, h, e, "end", nil))
	})
}

func TestADutyBindsWhileItIsInForce(t *testing.T) {
	o := obligation.Obligation{IsApplicable: true, InForceFrom: "2026-01-10", InForceTo: "2026-02-10"}
	for day, want := range map[string]bool{"2026-01-09": false, "2026-01-10": true, "2026-02-10": true, "2026-02-11": false} {
		if o.Binds(day) != want {
			t.Errorf("on %s it binds: %v", day, !want)
		}
	}
	if (obligation.Obligation{}).Binds("2026-01-01") {
		t.Error("what does not apply binds")
	}
}
