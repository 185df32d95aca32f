// SPDX-License-Identifier: Apache-2.0

// Package terminal carries a command from the shell it was typed at to the
// process that owns the data folder, over a socket in that folder. The command
// runs there; what it reads and writes (standard streams, files, a password)
// stays at the shell, so that paths, permissions and mounts are those of the
// person who typed it.
//
// It knows no command and decides nothing. Who may connect is decided by the
// system: folder and socket belong to one user, and the peer's user is checked.
package terminal

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sextant"
)

// Terminal is the shell's side of a command. Commands reach files only through
// it.
type Terminal interface {
	// Open opens a file for reading.
	Open(path string) (io.ReadCloser, error)
	// Create begins a file that appears whole, by Keep, or not at all.
	Create(path string) (File, error)
	// Find lists the files with one of the suffixes below a folder, or the path
	// itself if it is a file, in order.
	Find(path string, suffixes ...string) ([]string, error)
	// Password asks for a password without showing it.
	Password(prompt string) (string, error)
}

// File is a file being written.
type File interface {
	io.Writer
	Keep() error // puts the file in its place
	Drop()       // forgets it; after Keep it does nothing
}

// Here is the terminal of this process.
type Here struct {
	Stdin  io.Reader
	Stderr io.Writer
}

var _ Terminal = Here{}

// Open implements Terminal.
func (Here) Open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, sextant.Errorf(sextant.Invalid, "%s is a folder", path).WithHint("name a file in it")
	}
	return f, nil
}

func unreadable(err error) error {
	return sextant.Errorf(sextant.Invalid, "%w", err).WithHint("look at the path, and whether you may read it")
}

// Find implements Terminal.
func (Here) Find(path string, suffixes ...string) (files []string, err error) {
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		suits := slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) })
		if err == nil && !d.IsDir() && (name == path || suits) {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		return nil, unreadable(err)
	}
	slices.Sort(files)
	return files, nil
}

// Create implements Terminal.
func (Here) Create(path string) (File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return through(path, info)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".sextant-*")
	if err != nil {
		return nil, unwritable(path, err)
	}
	return &here{temp, path}, nil
}

// through writes into what is no file to be replaced: a device, a pipe.
func through(path string, info fs.FileInfo) (File, error) {
	if info.IsDir() {
		return nil, sextant.Errorf(sextant.Invalid, "%s is a folder", path).WithHint("name a file in it")
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, unwritable(path, err)
	}
	return &direct{f, path}, nil
}

type direct struct {
	file *os.File
	path string
}

func (f *direct) Write(data []byte) (int, error) {
	n, err := f.file.Write(data)
	if err != nil {
		err = unwritable(f.path, err)
	}
	return n, err
}

func (f *direct) Keep() error {
	if err := f.file.Close(); err != nil {
		return unwritable(f.path, err)
	}
	return nil
}

func (f *direct) Drop() { f.file.Close() } // after Keep it is closed already

func unwritable(path string, err error) error {
	return sextant.Errorf(sextant.Unavailable, "%s cannot be written: %w", path, err).WithHint("look at the folder's permissions and free space, or write elsewhere")
}

type here struct {
	temp *os.File
	path string
}

func (f *here) Write(data []byte) (int, error) {
	n, err := f.temp.Write(data)
	if err != nil {
		err = unwritable(f.path, err)
	}
	return n, err
}

func (f *here) Keep() error {
	err := f.temp.Sync()
	if closing := f.temp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.temp.Name(), f.path)
	}
	if err != nil {
		return unwritable(f.path, err)
	}
	return nil
}

func (f *here) Drop() {
	f.temp.Close()           // nothing of it is kept
	os.Remove(f.temp.Name()) // gone already after Keep
}
