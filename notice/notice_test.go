// SPDX-License-Identifier: Apache-2.0

package notice_test

import (
	"errors"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/notice"
	"sextant/product"
	"sextant/product/producttest"
	"sextant/register"
)

var (
	fallen  = notice.Declare("test_fallen", 1)
	crossed = notice.Declare("test_crossed", 2)
)

func all(t *testing.T, h *producttest.House) (list []register.Of[notice.Notice]) {
	t.Helper()
	h.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		list, err = notice.Notices.All(v)
		return err
	})
	return list
}

func person(h *producttest.House, role access.Role) access.Actor {
	return access.Actor{Organisation: h.Org, Name: "person:" + h.People[role], Person: h.People[role], Roles: []access.Role{role}}
}

func TestAPersonIsToldOnceOfAnOccasion(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		owner, reader := h.People[access.Owner], h.People[access.Reader]
		tell := func(by access.Actor, who, occasion string) error {
			return h.Kernel.Write(t.Context(), by, func(tx *register.Tx) error { return fallen.Tell(tx, who, owner, occasion, "high") })
		}
		for _, c := range []struct {
			what, who, occasion string
			want                int
		}{
			{"the first time", owner, "pump 3, after version 4", 1}, {"again", owner, "pump 3, after version 4", 1},
			{"another occasion", owner, "pump 3, after version 5", 2}, {"another person", reader, "pump 3, after version 4", 3},
		} {
			if err := tell(person(h, access.Reader), c.who, c.occasion); err != nil {
				t.Fatalf("%s: %v", c.what, err)
			}
			if n := len(all(t, h)); n != c.want {
				t.Errorf("%s: %d notices, want %d", c.what, n, c.want)
			}
		}
		first := all(t, h)[0]
		if first.Fields.Person != owner || first.Fields.Values != "high" || first.State != notice.Unread || first.Fields.Mail != notice.None {
			t.Errorf("the notice is %+v; want it unread, and no mail where mail is not set up", first)
		}
		if err := tell(h.System(), "PER-999", "x"); sextant.CodeOf(err) != sextant.NotFound {
			t.Errorf("telling nobody gives %v, want that there is no such person", err)
		}
		h.Write(t, func(tx *register.Tx) error {
			if err := fallen.Tell(tx, owner, owner, "long", strings.Repeat("long\r\n", 500)); err != nil {
				return err
			}
			if err := crossed.Tell(tx, owner, owner, "equal", "high", "high"); err != nil {
				return err
			}
			return fallen.Tell(tx, owner, owner, "empty", "")
		})
		list := all(t, h)
		if equal := list[len(list)-2].Fields.Filling(); len(equal) != 2 {
			t.Errorf("two equal values are kept as %q", equal)
		}
		if long, empty := list[len(list)-3].Fields.Filling(), list[len(list)-1].Fields.Filling(); len(long) != 1 || len([]rune(long[0])) != 200 || len(empty) != 1 || empty[0] != "–" {
			t.Errorf("a long value is kept as %q, an empty one as %q", long, empty)
		}
		boom := errors.New("boom")
		if err := h.Kernel.Write(t.Context(), h.System(), func(tx *register.Tx) error {
			if err := fallen.Tell(tx, owner, owner, "taken back", "x"); err != nil {
				return err
			}
			return boom
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if n := len(all(t, h)); n != 6 {
			t.Errorf("%d notices after what caused one was taken back, want 6", n)
		}
	})
}

func TestOnlyThePersonReadsTheirNoticeAndNobodyWritesOne(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		h.Write(t, func(tx *register.Tx) error {
			return fallen.Tell(tx, h.People[access.Owner], h.People[access.Owner], "x", "y")
		})
		read := func(role access.Role) error {
			return h.Kernel.Write(t.Context(), person(h, role), func(tx *register.Tx) error {
				_, err := tx.Transition("notice", "NTC-1", 0, "read", nil, register.Note{})
				return err
			})
		}
		for _, role := range []access.Role{access.Admin, access.ISMSManager, access.Reader} {
			if err := read(role); sextant.CodeOf(err) != sextant.Denied {
				t.Errorf("%s marks another's notice as read: %v, want Denied", role, err)
			}
			if err := h.Kernel.Write(t.Context(), person(h, role), func(tx *register.Tx) error {
				_, err := tx.Create("notice", map[string]any{"person": h.People[role], "about": "PER-1", "kind": "test_fallen", "occasion": "mine"}, register.Note{})
				return err
			}); sextant.CodeOf(err) != sextant.Denied {
				t.Errorf("%s writes a notice: %v, want Denied", role, err)
			}
			if err := h.Kernel.Write(t.Context(), person(h, role), func(tx *register.Tx) error {
				_, err := tx.Edit("notice", "NTC-1", 0, map[string]any{"mail": notice.Queued}, register.Note{})
				return err
			}); err == nil {
				t.Errorf("%s changes what is known of a mail", role)
			}
			if err := h.Kernel.Write(t.Context(), person(h, role), func(tx *register.Tx) error {
				_, err := tx.Edit("notice", "NTC-1", 0, map[string]any{"values": "z"}, register.Note{})
				return err
			}); err == nil {
				t.Errorf("%s changes what somebody was told", role)
			}
		}
		if err := read(access.Owner); err != nil {
			t.Errorf("the one who was told cannot mark it as read: %v", err)
		}
	})
}

func TestAnotherOrganisationIsToldNothing(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		h.Write(t, func(tx *register.Tx) error {
			return fallen.Tell(tx, h.People[access.Owner], h.People[access.Owner], "x", "y")
		})
		other, _, err := product.Found(t.Context(), h.Store, h.Kernel, "Southbay", "Otto", "otto@example.org")
		if err != nil {
			t.Fatal(err)
		}
		otto := access.Actor{Organisation: other, Name: "person:PER-1", Person: "PER-1", Roles: []access.Role{access.ISMSManager}}
		if err := h.Kernel.Read(t.Context(), otto, 0, func(v *register.View) error {
			n, err := v.Count(register.List{Register: "notice"})
			if n != 0 {
				t.Errorf("the other organisation sees %d notices", n)
			}
			if _, err := v.Entry("notice", "NTC-1"); sextant.CodeOf(err) != sextant.NotFound {
				t.Errorf("the other organisation opens one: %v", err)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := h.Kernel.Write(t.Context(), otto, func(tx *register.Tx) error { return fallen.Tell(tx, "PER-1", "PER-1", "x", "y") }); err != nil {
			t.Errorf("the same occasion in another organisation: %v", err)
		}
	})
}
