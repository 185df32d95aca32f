// SPDX-License-Identifier: Apache-2.0

package blob_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/internal/blob"
)

// What somebody sent and did not decide about is theirs alone, is no file of the
// organisation, and goes after a day.
func TestWhatLiesInTheTrayIsForWhoPutItThere(t *testing.T) {
	ctx, root := context.Background(), t.TempDir()
	folder, err := blob.OpenFolder(root)
	if err != nil {
		t.Fatal(err)
	}
	sum, _, err := folder.Put(ctx, 1, strings.NewReader("of the record"))
	if err != nil {
		t.Fatal(err)
	}
	tray := folder.Tray()
	handle, err := tray.Put(ctx, 1, "person:PER-1", strings.NewReader("names of patients"))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := tray.Open(ctx, 1, "person:PER-1", handle)
	if err != nil {
		t.Fatal(err)
	}
	if content, _ := io.ReadAll(kept); string(content) != "names of patients" {
		t.Errorf("read back %q", content)
	}
	kept.Close()
	for name, try := range map[string]func() (io.ReadCloser, error){
		"another person":       func() (io.ReadCloser, error) { return tray.Open(ctx, 1, "person:PER-2", handle) },
		"another organisation": func() (io.ReadCloser, error) { return tray.Open(ctx, 2, "person:PER-1", handle) },
		"a file of the record": func() (io.ReadCloser, error) { return tray.Open(ctx, 1, "person:PER-1", sum) },
		"a way out":            func() (io.ReadCloser, error) { return tray.Open(ctx, 1, "person:PER-1", "../../../../etc/passwd") },
	} {
		if _, err := try(); sextant.CodeOf(err) != sextant.NotFound {
			t.Errorf("%s: got %v, want not found", name, err)
		}
	}
	var listed []string
	if err := folder.Each(1, func(sum string) error { listed = append(listed, sum); return nil }); err != nil || len(listed) != 1 || listed[0] != sum {
		t.Errorf("packages and backups would hold %v, %v", listed, err)
	}
	paths, err := filepath.Glob(filepath.Join(root, "*", "waiting", "*", handle))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	old := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(paths[0], old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := tray.Put(ctx, 1, "person:PER-2", strings.NewReader("another")); err != nil {
		t.Fatal(err)
	}
	if _, err := tray.Open(ctx, 1, "person:PER-1", handle); sextant.CodeOf(err) != sextant.NotFound {
		t.Errorf("after a day: %v", err)
	}
	if again, err := folder.Open(ctx, 1, sum); err != nil {
		t.Errorf("the file of the record went too: %v", err)
	} else {
		again.Close()
	}
}
