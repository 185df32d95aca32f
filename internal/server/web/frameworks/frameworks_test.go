// SPDX-License-Identifier: Apache-2.0

package frameworks_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sextant/access"
	"sextant/interchange/cisoassistant"
	"sextant/library"
	"sextant/library/librarytest"
	"sextant/product/producttest"
	"sextant/register"
)

func take(t *testing.T, h *producttest.House, text []byte) string {
	t.Helper()
	c, r, err := cisoassistant.Read("rules.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := library.Take(context.Background(), h.Kernel, h.System(), library.Came("rules.yaml", text, c, r), register.Note{})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func read(t *testing.T, h *producttest.House, path string) string {
	t.Helper()
	status, body := h.Get(t, access.Reader, path)
	if status != http.StatusOK {
		t.Fatalf("%s: %d %.300s", path, status, body)
	}
	return body
}

var (
	numbered = regexp.MustCompile(`href="(/frameworks/LIB-\d+(?:\?[^"]*)?)"[^>]*data-number="(\d+)"`)
	total    = regexp.MustCompile(`data-total="(\d+)"`)
	rows     = regexp.MustCompile(`<tr class="stackrow`)
	levels   = regexp.MustCompile(`data-level href="([^"]+)"`)
)

// TestALongFrameworkIsReadLevelByLevel: of 6,000 nodes no page holds more than a
// hundred, every one is reached by plain links, and every number leads to a list
// of so many.
func TestALongFrameworkIsReadLevelByLevel(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	key := take(t, h, librarytest.Generated(6_000))
	take(t, h, librarytest.GeneratedMappings(1, 500, 4))
	top := read(t, h, "/frameworks/"+key)
	const largest = 200_000
	if n := len(rows.FindAllString(top, -1)); n != 55 || len(top) > largest {
		t.Errorf("the top has %d lines and %d bytes", n, len(top))
	}
	tabs := numbered.FindAllStringSubmatch(top, -1)
	if len(tabs) < 2 {
		t.Fatalf("there are %d tabs", len(tabs))
	}
	sum := 0
	for _, tab := range tabs {
		body := read(t, h, strings.ReplaceAll(tab[1], "&amp;", "&"))
		if got := total.FindStringSubmatch(body); got == nil || got[1] != tab[2] {
			t.Errorf("%s should list %s and lists %v", tab[1], tab[2], got)
		}
		if n := len(rows.FindAllString(body, -1)); n > 100 || len(body) > 400_000 {
			t.Errorf("%s has %d lines and %d bytes", tab[1], n, len(body))
		}
		n, _ := strconv.Atoi(tab[2])
		sum += n
	}
	if all, _ := strconv.Atoi(tabs[0][2]); sum != 2*all {
		t.Errorf("the states add up to %d, and all are %d", sum-all, all)
	}
	section := strings.ReplaceAll(levels.FindAllStringSubmatch(top, -1)[19][1], "&amp;", "&")
	below := read(t, h, section)
	rule := strings.ReplaceAll(levels.FindAllStringSubmatch(below, -1)[4][1], "&amp;", "&")
	if body := read(t, h, rule); !strings.Contains(body, ">20.5.3<") || !strings.Contains(body, "/libraries/"+key+"/browse?show=framework&amp;at=20.5.3") || len(rows.FindAllString(body, -1)) != 10 {
		t.Errorf("%s and %s do not lead to 20.5.3", section, rule)
	}
	if status, body := h.Get(t, access.Reader, "/frameworks/"+key+"?at=3.99"); status != http.StatusNotFound || !strings.Contains(body, "3.99") {
		t.Errorf("a place that is not there: %d", status)
	}
	if list := read(t, h, "/frameworks"); !strings.Contains(list, `href="/frameworks/`+key+`"`) {
		t.Error("the list does not name it")
	}
}

// TestAControlSaysWhatImportedFrameworksItServes: with how the two stand, how
// strong that is held to be, and where it is from.
func TestAControlSaysWhatImportedFrameworksItServes(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		key := take(t, h, librarytest.Generated(20))
		mapped := take(t, h, librarytest.GeneratedMappings(1, 4, 2))
		control := read(t, h, "/controls/A.5.1")
		for _, text := range []string{"Generated rules", "strength 50", fmt.Sprintf("/libraries/%s/browse?show=mappings&amp;n=0", mapped), "Licence: public domain.", "Nobody is named who reviewed it.", "/frameworks/" + key} {
			if !strings.Contains(control, text) {
				t.Errorf("the control's page does not say %q", text)
			}
		}
	})
}
