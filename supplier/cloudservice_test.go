// SPDX-License-Identifier: Apache-2.0

package supplier_test

import (
	"context"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/supplier"
)

// Approving a service lays out the seven rows of 27017 and the controls it has
// something to say about, once; it is used when none is open.
func TestACloudServiceIsUsedOnceItIsClearWhoDoesWhat(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		owner := h.People[access.Owner]
		clo := h.Create(t, "cloud_service", map[string]any{"title": "Parcel database", "role": "customer", "other_side": "Nimbus AG", "model": "paas", "owner": owner, "review_on": "2099-01-01"})
		if err := move(h, clo, "approve", nil); err != nil {
			t.Fatal(err)
		}
		rows := rowsOf(t, h, clo.Key)
		cloud, base := 0, 0
		for _, r := range rows {
			if strings.Contains(r.Fields.Control, "/CLD.") {
				cloud++
			} else {
				base++
			}
			if r.Fields.ThinkOf == "" || r.Title() == "" {
				t.Errorf("%s reminds of nothing", r.Key)
			}
		}
		if cloud != 7 || base != 34 {
			t.Errorf("%d rows of 27017 and %d of Annex A, want 7 and 34", cloud, base)
		}
		if err := move(h, clo, "use", map[string]any{"admins_owner": owner}); err == nil || !strings.Contains(err.Error(), "41 topics") {
			t.Errorf("it is used while everything is open: %v", err)
		}
		h.Write(t, func(tx *register.Tx) error {
			for _, r := range rows {
				if _, err := tx.Edit("cloud_responsibility", r.Key, 0, map[string]any{"done_by": "both", "customer": "asks", "provider": "answers"}, register.Note{}); err != nil {
					return err
				}
			}
			return nil
		})
		if err := move(h, clo, "use", map[string]any{"admins_owner": owner}); err != nil {
			t.Error(err)
		}
	})
}

func rowsOf(t *testing.T, h *producttest.House, key string) (rows []register.Of[supplier.Responsibility]) {
	t.Helper()
	h.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		rows, err = supplier.Responsibilities.All(v, register.Filter{Field: "cloud_service", Op: register.Is, Values: []string{key}})
		return err
	})
	return rows
}

func move(h *producttest.House, clo register.Entry, name string, fields map[string]any) error {
	manager := access.Actor{Organisation: h.Org, Name: "account:1", Person: h.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
	return h.Kernel.Write(context.Background(), manager, func(tx *register.Tx) error {
		_, err := tx.Transition("cloud_service", clo.Key, 0, name, fields, register.Note{})
		return err
	})
}

// 'Shared' without saying what each side does protects nobody.
func TestSharedResponsibilityNamesBothParts(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		clo := h.Create(t, "cloud_service", map[string]any{"title": "Mail", "role": "customer", "other_side": "Nimbus AG", "owner": h.People[access.Owner], "review_on": "2099-01-01"})
		for _, fields := range []map[string]any{{"done_by": "both", "customer": "asks"}, {"done_by": "none"}} {
			fields["cloud_service"], fields["control"] = clo.Key, "iso27001:2022/A.8.13"
			if err := h.Kernel.Write(context.Background(), h.System(), func(tx *register.Tx) error {
				_, err := tx.Create("cloud_responsibility", fields, register.Note{})
				return err
			}); err == nil {
				t.Errorf("%v is taken", fields)
			}
		}
	})
}
