// SPDX-License-Identifier: Apache-2.0

package notices_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/internal/server/web/message"
	"sextant/notice"
	_ "sextant/product" // declares every kind of notice
	"sextant/product/producttest"
	"sextant/register"
)

type evidenceReader = evidence.Reader

func TestEveryKindOfNoticeHasItsWords(t *testing.T) {
	texts := message.Keys()
	if len(notice.Kinds()) == 0 {
		t.Fatal("no kind is declared")
	}
	for kind, values := range notice.Kinds() {
		for _, key := range []string{"notice." + kind, "notice." + kind + ".body"} {
			text, ok := texts[key]
			if !ok {
				t.Errorf("the catalogue has no %s", key)
			}
			for i := range 9 {
				if place := fmt.Sprintf("%%[%d]s", i+1); i >= 2+values && strings.Contains(text, place) {
					t.Errorf("%s fills in %s; the title is 1, the key 2, and there are %d values", key, place, values)
				}
			}
			if strings.Contains(strings.NewReplacer("%[1]s", "", "%[2]s", "", "%[3]s", "", "%[4]s", "", "%[5]s", "", "%[6]s", "").Replace(text), "%s") {
				t.Errorf("%s names no place: write %%[1]s", key)
			}
		}
	}
}

func TestOneReadsOnesOwnNotices(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		mention := func(role access.Role) {
			h.Create(t, "comment", map[string]any{"subject": "PER-1", "text": "Look", "mentions": []string{h.People[role]}})
		}
		mention(access.Owner)
		mention(access.Owner)
		mention(access.Reader)
		_, body := h.Get(t, access.Owner, "/my-notices")
		if strings.Count(body, "You are mentioned in a comment on Mara Lindqvist") != 2 || !strings.Contains(body, "Notices, 2 unread") {
			t.Errorf("the owner's page has not the two they were told:\n%s", body)
		}
		if status, _, _ := h.Post(t, access.Reader, "/my-notices/NTC-1/read", ""); status != http.StatusForbidden {
			t.Errorf("marking another's notice gives %d, want 403", status)
		}
		if status, _, _ := h.Post(t, access.Owner, "/my-notices/NTC-1/read", ""); status >= 400 {
			t.Errorf("marking one's own gives %d", status)
		}
		if _, body := h.Get(t, access.Owner, "/my-notices"); !strings.Contains(body, "Notices, 1 unread") || !strings.Contains(body, "Read before") {
			t.Errorf("after one is read:\n%s", body)
		}
		if status, _, _ := h.Post(t, access.Owner, "/my-notices/read", ""); status >= 400 {
			t.Errorf("marking all gives %d", status)
		}
		if _, body := h.Get(t, access.Owner, "/my-notices"); !strings.Contains(body, "Nothing new.") {
			t.Errorf("after all are read:\n%s", body)
		}
		h.Look(t, 0, func(v *register.View, _ evidenceReader) error {
			n, err := v.Count(notice.Mine(h.People[access.Reader], notice.Unread))
			if n != 1 {
				t.Errorf("the reader has %d unread, want the one nobody else may mark", n)
			}
			return err
		})
		if _, body := h.Get(t, access.Admin, "/settings"); !strings.Contains(body, "Mail is not set up") {
			t.Error("the settings do not say that mail is not set up")
		}
	})
}
