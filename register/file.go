// SPDX-License-Identifier: Apache-2.0

package register

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"sync"

	"sextant"
)

// Limits of the files that are read into memory and of what is remembered of
// them, in bytes of the files.
const (
	largestRead    = 64 << 20
	mostRemembered = 48 << 20
)

// Digested gives what parse makes of a file that entries keep, by its SHA-256.
// It is remembered while there is room, for the bytes of a digest never change:
// what is given is shared and must not be changed. name tells apart what is made
// of the same bytes. NotFound where the file is not kept; bytes that no longer
// have their digest are refused.
func Digested[T any](v *View, sum, name string, parse func([]byte) (T, error)) (T, error) {
	key := fileKey{v.actor.Organisation, sum, name}
	if known, ok := v.kernel.files.get(key); ok {
		return known.(T), nil
	}
	content, err := v.file(sum)
	if err != nil {
		return *new(T), err
	}
	value, err := parse(content)
	if err == nil {
		v.kernel.files.put(key, value, len(content))
	}
	return value, err
}

// Sized is something that knows about how many bytes of memory it takes.
type Sized interface{ Size() int }

// Combined gives what compute makes of several files that entries keep, named by
// their SHA-256, and of nothing else. It is remembered and shared as Digested is.
func Combined[T Sized](v *View, sums []string, name string, compute func() (T, error)) (T, error) {
	all := sha256.Sum256([]byte(strings.Join(sums, " ")))
	key := fileKey{v.actor.Organisation, hex.EncodeToString(all[:]), name}
	if known, ok := v.kernel.files.get(key); ok {
		return known.(T), nil
	}
	value, err := compute()
	if err == nil {
		v.kernel.files.put(key, value, value.Size())
	}
	return value, err
}

func (v *View) file(sum string) ([]byte, error) {
	if v.kernel.config.Blobs == nil {
		return nil, sextant.Errorf(sextant.Unavailable, "this installation keeps no files")
	}
	r, err := v.kernel.config.Blobs.Open(v.ctx, v.actor.Organisation, sum)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, largestRead+1))
	if err != nil {
		return nil, err
	}
	if len(content) > largestRead {
		return nil, sextant.Errorf(sextant.TooLarge, "the file is larger than %d MiB", largestRead>>20)
	}
	if hash := sha256.Sum256(content); hex.EncodeToString(hash[:]) != sum {
		return nil, sextant.Errorf(sextant.Unavailable, "the file %s is damaged", sum).WithHint("restore it from a backup; `sextant verify` names what else is damaged")
	}
	return content, nil
}

type fileKey struct {
	org       sextant.Organisation
	sum, name string
}

// fileMemory keeps what was made of files. The one that was asked for longest
// ago makes room.
type fileMemory struct {
	mu    sync.Mutex // guards what follows
	kept  map[fileKey]fileMemo
	order []fileKey // the one asked for last stands last
	bytes int
}

type fileMemo struct {
	value any
	bytes int
}

func (m *fileMemory) get(key fileKey) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.kept[key]
	if ok {
		m.order = append(slices.DeleteFunc(m.order, func(k fileKey) bool { return k == key }), key)
	}
	return known.value, ok
}

func (m *fileMemory) put(key fileKey, value any, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[fileKey]fileMemo{}
	}
	if _, known := m.kept[key]; known || bytes > mostRemembered {
		return
	}
	m.kept[key] = fileMemo{value, bytes}
	m.order = append(m.order, key)
	m.bytes += bytes
	for m.bytes > mostRemembered {
		m.bytes -= m.kept[m.order[0]].bytes
		delete(m.kept, m.order[0])
		m.order = m.order[1:]
	}
}
