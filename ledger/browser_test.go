// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sextant/internal/testserver"
	"sextant/ledger"
)

// inBrowser opens the package's own page from a file, as an auditor would, and
// gives what it says.
func inBrowser(t *testing.T, data []byte, key string) (verdict string) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string][]byte{"verify.html": ledger.Page(), "package.zip": data} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx := testserver.Browser(t, 900, 800)
	if err := chromedp.Do(ctx,
		chromedp.Navigate("file://"+filepath.Join(dir, "verify.html")),
		chromedp.SetUploadFiles("#file", []string{filepath.Join(dir, "package.zip")})); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf(`document.getElementById("key").value = %q; document.getElementById("drop").requestSubmit(); ""`, key)
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](script)); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		var err error
		if verdict, err = chromedp.Run(ctx, chromedp.Evaluate[string](`document.getElementById("out").innerText`)); err != nil {
			t.Fatal(err)
		}
		if verdict != "" && !strings.HasPrefix(verdict, "Checking") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return verdict
}

func TestBrowserPageVerifiesOffline(t *testing.T) {
	key := newKey(t)
	good := pack(t, key, log, lines(10), nil)
	bad := rezip(t, good, func(n string, c []byte) (string, []byte) {
		if n == "journal.jsonl" {
			c[len(c)/2] ^= 1
		}
		return n, c
	})
	for _, c := range []struct {
		name, key, want string
		data            []byte
	}{
		{"a good package with a pinned key", key.Public, "Every line is as the holder of your key sealed it.", good},
		{"a good package without a key", "", "agrees with itself, and proves no more", good},
		{"a changed journal", key.Public, "It does not hold.", bad},
		{"another key", newKey(t).Public, "It does not hold.", good},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := inBrowser(t, c.data, c.key); !strings.Contains(got, c.want) {
				t.Errorf("the page says %q, want %q", got, c.want)
			}
		})
	}
}
