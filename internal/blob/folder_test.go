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

func open(t *testing.T) *blob.Folder {
	t.Helper()
	f, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestABlobIsReadBackAndBelongsToOneOrganisation(t *testing.T) {
	ctx, f := context.Background(), open(t)
	sum, size, err := f.Put(ctx, 1, strings.NewReader("restore protocol"))
	if err != nil || size != 16 {
		t.Fatalf("put: %v, %d bytes", err, size)
	}
	r, err := f.Open(ctx, 1, sum)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, _ := io.ReadAll(r); string(got) != "restore protocol" {
		t.Errorf("read back %q", got)
	}
	if _, err := f.Open(ctx, 2, sum); sextant.CodeOf(err) != sextant.NotFound {
		t.Errorf("another organisation's blob: got %v, want not found", err)
	}
}

func TestANameThatIsNoSumReachesNoFile(t *testing.T) {
	f := open(t)
	for _, name := range []string{"", "../../etc/passwd", strings.Repeat("g", 64), strings.Repeat("a", 63)} {
		if _, err := f.Open(context.Background(), 1, name); sextant.CodeOf(err) != sextant.NotFound {
			t.Errorf("open %q: got %v, want not found", name, err)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestACutUploadLeavesNothing(t *testing.T) {
	root := t.TempDir()
	f, err := blob.OpenFolder(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Put(context.Background(), 1, io.MultiReader(strings.NewReader("half"), broken{})); err == nil {
		t.Fatal("a cut upload was accepted")
	}
	files, err := os.ReadDir(filepath.Join(root, "1"))
	if err != nil || len(files) != 0 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

func TestRemovingIsFinalAndRepeatable(t *testing.T) {
	ctx, f := context.Background(), open(t)
	sum, _, err := f.Put(ctx, 1, strings.NewReader("gone"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Remove(ctx, 1, sum); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Open(ctx, 1, sum); sextant.CodeOf(err) != sextant.NotFound {
		t.Errorf("after removal: got %v, want not found", err)
	}
}

// A process that was killed while it wrote leaves bytes nobody may keep; a file
// somebody else is writing now stays.
func TestWhatWasLeftHalfWrittenGoesWhenTheFolderIsOpened(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, sextant.Organisation(1).String())
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	old, young := filepath.Join(folder, "incoming-1"), filepath.Join(folder, "incoming-2")
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.OpenFolder(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the abandoned file is still there: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the file being written went: %v", err)
	}
}
