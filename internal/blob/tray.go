// SPDX-License-Identifier: Apache-2.0

package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"sextant"
)

// Tray keeps files that somebody sent and has not decided about yet, for a day.
// What lies in it is no blob: it is in no package, backup or record, and only who
// put it down takes it up again.
type Tray struct{ root string }

// keptInTray is how long a file waits for a decision.
const keptInTray = 24 * time.Hour

// Tray gives the tray beside the blobs of a folder.
func (f *Folder) Tray() *Tray { return &Tray{f.root} }

// Put keeps everything r gives for one person, who names it by handle. Files that
// waited for longer than a day go meanwhile.
func (t *Tray) Put(ctx context.Context, org sextant.Organisation, person string, r io.Reader) (handle string, err error) {
	if err := t.sweep(time.Now().Add(-keptInTray)); err != nil {
		return "", err
	}
	folder := t.folder(org, person)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("waiting files: %w", err)
	}
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", err
	}
	handle = hex.EncodeToString(random[:])
	file, err := os.OpenFile(filepath.Join(folder, handle), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("waiting files: %w", err)
	}
	_, err = io.Copy(file, &cancellable{ctx, r})
	if err := errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("waiting files: %w", err), os.Remove(file.Name()))
	}
	return handle, nil
}

var handleForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// Open reads what a person put down; NotFound where it is not there any more, or
// is somebody else's.
func (t *Tray) Open(_ context.Context, org sextant.Organisation, person, handle string) (io.ReadCloser, error) {
	missing := sextant.Errorf(sextant.NotFound, "the file is no longer here").WithHint("choose it again")
	if !handleForm.MatchString(handle) {
		return nil, missing
	}
	file, err := os.Open(filepath.Join(t.folder(org, person), handle))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing
	}
	return file, err
}

// folder is one person's: the name says nothing of who it is.
func (t *Tray) folder(org sextant.Organisation, person string) string {
	sum := sha256.Sum256([]byte(person))
	return filepath.Join(t.root, org.String(), "waiting", hex.EncodeToString(sum[:16]))
}

func (t *Tray) sweep(before time.Time) error {
	waiting, err := filepath.Glob(filepath.Join(t.root, "*", "waiting", "*", "*"))
	if err != nil {
		return fmt.Errorf("waiting files: %w", err)
	}
	return removeOlder(waiting, before)
}
