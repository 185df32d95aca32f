// SPDX-License-Identifier: Apache-2.0

// Package blob keeps the bytes of files by their SHA-256, each organisation
// apart. It does not know what a file means or who may read it.
package blob

import (
	"context"
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
	"sextant/register"
)

// Folder keeps blobs as files below a folder: <organisation>/<first two
// digits>/<sha256>. A blob is complete or absent: it is written beside, synced,
// then renamed.
type Folder struct{ root string }

var _ register.Blobs = (*Folder)(nil)

// OpenFolder makes the folder if needed. Only its owner may read it.
func OpenFolder(root string) (*Folder, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, sextant.Errorf(sextant.Unavailable, "files cannot be kept in %s: %w", root, err)
	}
	f, now := &Folder{root}, time.Now()
	return f, errors.Join(f.sweep(now.Add(-abandonedAfter)), f.Tray().sweep(now.Add(-keptInTray)))
}

// abandonedAfter is how old a half-written file must be to be removed: another
// process that shares the folder may be writing younger ones.
const abandonedAfter = time.Hour

// sweep removes what a process that was killed left half written: no blob, and
// bytes an erasure would not find.
func (f *Folder) sweep(before time.Time) error {
	left, err := filepath.Glob(filepath.Join(f.root, "*", "incoming-*"))
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return removeOlder(left, before)
}

func removeOlder(paths []string, before time.Time) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.ModTime().Before(before) {
			continue // gone meanwhile, or still in use
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return sextant.Errorf(sextant.Unavailable, "a file nobody waits for cannot be removed: %w", err)
		}
	}
	return nil
}

var sumForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (f *Folder) path(org sextant.Organisation, sum string) (string, error) {
	if !sumForm.MatchString(sum) {
		return "", sextant.Errorf(sextant.NotFound, "%q names no file", sum)
	}
	return filepath.Join(f.root, org.String(), sum[:2], sum), nil
}

// Put stores everything r gives and is durable on return. Storing the same
// bytes again changes nothing.
func (f *Folder) Put(ctx context.Context, org sextant.Organisation, r io.Reader) (sum string, size int64, err error) {
	folder := filepath.Join(f.root, org.String())
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", 0, fmt.Errorf("blob folder: %w", err)
	}
	temp, err := os.CreateTemp(folder, "incoming-*")
	if err != nil {
		return "", 0, fmt.Errorf("blob: %w", err)
	}
	defer os.Remove(temp.Name())
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(temp, hash), &cancellable{ctx, r})
	if err == nil {
		err = temp.Sync()
	}
	if closing := temp.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return "", 0, fmt.Errorf("blob: %w", err)
	}
	sum = hex.EncodeToString(hash.Sum(nil))
	return sum, size, f.settle(org, temp.Name(), sum)
}

func (f *Folder) settle(org sextant.Organisation, temp, sum string) error {
	target, err := f.path(org, sum)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	if err := os.Rename(temp, target); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	folder, err := os.Open(filepath.Dir(target))
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer folder.Close()
	return folder.Sync()
}

// Open reads a blob; NotFound where there is none.
func (f *Folder) Open(_ context.Context, org sextant.Organisation, sum string) (io.ReadCloser, error) {
	path, err := f.path(org, sum)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, sextant.Errorf(sextant.NotFound, "there is no file %s", sum)
	}
	return file, err
}

// Remove deletes a blob; removing what is not there is no error.
func (f *Folder) Remove(_ context.Context, org sextant.Organisation, sum string) error {
	path, err := f.path(org, sum)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

// Each gives the sums of all blobs of an organisation, for backups.
func (f *Folder) Each(org sextant.Organisation, fn func(sum string) error) error {
	root := filepath.Join(f.root, org.String())
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == root {
			return nil
		}
		if err != nil || d.IsDir() || !sumForm.MatchString(d.Name()) {
			return err
		}
		return fn(d.Name())
	})
}

// cancellable stops a copy when its context ends.
type cancellable struct {
	ctx context.Context //nolint:containedctx // lives for one copy
	r   io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
