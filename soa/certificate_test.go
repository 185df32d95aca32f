// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/organisation"
	"sextant/product/producttest"
	"sextant/register"
)

// held is a desk with a certificate, and what the rules say of it.
type held struct {
	*desk
	*stage
	key string
}

// publish reviews and approves a version.
func (d *desk) publish(t *testing.T, change string) register.Entry {
	t.Helper()
	e := d.draft(t, change)
	for _, err := range []error{d.move(t, d.reviewer, e.Key, "review", ""), d.move(t, d.approver, e.Key, "approve", "")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d.Later(time.Minute)
	return e
}

func (d *desk) day(days int) string {
	return d.Clock().Time().AddDate(0, 0, days).Format(time.DateOnly)
}

// certificate gives the values of one that cites a version.
func (d *desk) certificate(t *testing.T, version string) map[string]any {
	t.Helper()
	body := d.Create(t, "certification_body", map[string]any{"title": "Nordcert " + version, "accreditation": "1234", "accreditation_body": "The national one", "owner": "PER-1"})
	sum, size, err := d.Kernel.Blobs().Put(t.Context(), d.Org, strings.NewReader("as printed"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"number": "N-" + version, "management_system": d.system, "certification_body": body.Key, "soa": version, "scope_wording": "All of it.", "owner": "PER-1",
		"decided_on": d.day(-250), "valid_from": d.day(-250), "valid_to": d.day(845), "file": map[string]any{"name": "n.pdf", "type": "application/pdf", "size": float64(size), "sha256": sum}}
}

func (d *desk) as(t *testing.T, actor access.Actor, do func(tx *register.Tx) error) error {
	t.Helper()
	return d.Kernel.Write(t.Context(), d.fresh(actor), do)
}

func (h *held) try(t *testing.T, transition string) error {
	t.Helper()
	return h.as(t, h.author, func(tx *register.Tx) error {
		_, err := tx.Transition("certificate", h.key, 0, transition, nil, register.Note{Why: "as printed"})
		return err
	})
}

func (h *held) move(t *testing.T, transition string) {
	t.Helper()
	if err := h.try(t, transition); err != nil {
		t.Fatal(err)
	}
}

func (h *held) set(t *testing.T, values map[string]any) {
	t.Helper()
	h.desk.Write(t, func(tx *register.Tx) error {
		_, err := tx.Edit("certificate", h.key, 0, values, register.Note{Why: "told"})
		return err
	})
}

func (h *held) expect(t *testing.T, rule string, want bool) {
	t.Helper()
	if got := h.finds(rule, h.key); got != want {
		t.Errorf("%s: found %v, want %v: %+v", rule, got, want, h.verdict(rule, 0))
	}
}

func TestACertificateCitesAnApprovedVersion(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		draft := d.draft(t, "The first one.")
		values := d.certificate(t, draft.Key)
		try := func(change map[string]any) error {
			all := map[string]any{}
			for _, from := range []map[string]any{values, change} {
				for k, v := range from {
					all[k] = v
				}
			}
			return d.as(t, d.author, func(tx *register.Tx) error {
				_, err := tx.Create("certificate", all, register.Note{})
				return err
			})
		}
		other := h.Create(t, "management_system", map[string]any{"title": "PIMS", "scope": "Some of it."})
		wants(t, try(map[string]any{"management_system": other.Key}), sextant.Invalid, "is a version of another statement")
		wants(t, try(map[string]any{"valid_to": d.day(-300)}), sextant.Invalid, "ends before it begins")
		wants(t, try(map[string]any{"decided_on": d.day(-200)}), sextant.Invalid, "before it was decided")
		if err := try(nil); err != nil {
			t.Fatal(err)
		}
		c := held{desk: d, key: "CRT-1"}
		wants(t, c.try(t, "confirm"), sextant.Conflict, "is not approved")
		for _, err := range []error{d.move(t, d.reviewer, draft.Key, "review", ""), d.move(t, d.approver, draft.Key, "approve", "")} {
			if err != nil {
				t.Fatal(err)
			}
		}
		c.move(t, "confirm")
		err := d.as(t, d.author, func(tx *register.Tx) error {
			_, err := tx.Edit("certificate", c.key, 0, map[string]any{"scope_wording": "More."}, register.Note{})
			return err
		})
		if sextant.CodeOf(err) != sextant.Frozen {
			t.Errorf("what is printed is changed: %v", err)
		}
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			e, err := organisation.Certificates.Get(v, c.key)
			by, _ := time.Parse(time.DateOnly, e.Fields.DecidedOn)
			if err == nil && (e.Fields.Standard != "ISO/IEC 27001:2022" || e.Fields.SurveillanceBy != by.AddDate(1, 0, 0).Format(time.DateOnly)) {
				t.Errorf("it is of %q, and watched by %s", e.Fields.Standard, e.Fields.SurveillanceBy)
			}
			return err
		})
		due := func() (list []register.DueMove) {
			h.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
				list, err = v.DueMoves()
				return err
			})
			return list
		}
		h.Later(845 * 24 * time.Hour)
		if list := due(); len(list) != 0 {
			t.Errorf("on its last day it is due to %v", list)
		}
		h.Later(24 * time.Hour)
		list := due()
		if len(list) != 1 || list[0].Name != "expire" || list[0].Entry.Key != c.key {
			t.Fatalf("after its last day it is due to %v", list)
		}
		for range 2 { // whoever comes second finds nothing to do
			h.Write(t, func(tx *register.Tx) error { return tx.MakeDue(list[0]) })
		}
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			e, err := v.Entry("certificate", c.key)
			if err == nil && e.State != "expired" {
				t.Errorf("it is %s", e.State)
			}
			return err
		})
	})
}

func TestRulesAboutCertificatesFireAndFallSilent(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		first := d.publish(t, "The first one.")
		e := h.Create(t, "certificate", d.certificate(t, first.Key))
		c := held{desk: d, stage: &stage{T: t, House: h, system: d.system}, key: e.Key}
		const mismatch, cycle = "certificate-soa-mismatch", "certificate-cycle"
		c.expect(t, cycle, false)
		c.move(t, "confirm")
		c.expect(t, mismatch, false)
		c.expect(t, cycle, false)

		c.in("A.7.6", "risk_assessment")
		c.declare("A.7.6", "SU-1", map[string]any{"implementation": "implemented"})
		d.publish(t, "A room was built.")
		c.expect(t, mismatch, false) // more than before misleads nobody
		c.out("A.7.7", "Nobody has a desk: everybody works at a table of their own choosing.")
		d.publish(t, "No desks any more.")
		c.expect(t, mismatch, true)
		c.set(t, map[string]any{"changes_told_on": d.day(0)})
		c.expect(t, mismatch, false)
		h.Later(48 * time.Hour)
		h.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("management_system", d.system, 0, map[string]any{"scope": "All of it but Porto."}, register.Note{})
			return err
		})
		d.publish(t, "Porto is closed.")
		c.expect(t, mismatch, true)

		h.Later(54 * 24 * time.Hour) // 59 days to the first surveillance
		c.expect(t, cycle, true)
		c.set(t, map[string]any{"next_surveillance": d.day(40)})
		c.expect(t, cycle, false)
		h.Later(41 * 24 * time.Hour)
		c.expect(t, cycle, true)
		c.set(t, map[string]any{"next_surveillance": nil, "surveillances": []string{d.day(-1)}})
		c.expect(t, cycle, false)
		h.Later(630 * 24 * time.Hour) // 118 days to its end
		c.expect(t, cycle, true)
		c.set(t, map[string]any{"surveillances": []string{d.day(-1)}, "recertification": d.day(60)})
		c.expect(t, cycle, false)
		c.set(t, map[string]any{"recertification": d.day(200)})
		c.expect(t, cycle, true)
		c.move(t, "withdraw")
		c.expect(t, cycle, false)
		c.expect(t, mismatch, false)
	})
}
