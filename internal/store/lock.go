// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sextant"
)

// folderLock makes sure that one process owns a data folder.
type folderLock struct{ file *os.File }

func lockFolder(ctx context.Context, folder string) (*folderLock, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, sextant.Errorf(sextant.Unavailable, "the data folder %s cannot be made: %w", folder, err).WithHint("choose another with --data")
	}
	path := filepath.Join(folder, "lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, sextant.Errorf(sextant.Unavailable, "the data folder %s cannot be written: %w", folder, err).WithHint("look at its permissions")
	}
	if err := lockSoon(ctx, file); err != nil {
		holder, _ := os.ReadFile(path)
		file.Close()
		return nil, sextant.Errorf(sextant.Unavailable, "%s is in use by process %s", folder, strings.TrimSpace(string(holder))).
			WithHint("wait until it ends, or stop it; commands reach a running server by themselves")
	}
	if err := file.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(file, "%d\n", os.Getpid()) // only for the message above
	}
	return &folderLock{file}, nil
}

// lockPatience is how long to wait for a command that holds the folder: most
// take less, a server takes longer than anyone waits.
const lockPatience = 3 * time.Second

func lockSoon(ctx context.Context, file *os.File) error {
	for end := time.Now().Add(lockPatience); ; {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) || time.Now().After(end) || ctx.Err() != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (l *folderLock) release() {
	if l != nil && l.file != nil {
		l.file.Close() // closing ends the lock
	}
}
