// SPDX-License-Identifier: Apache-2.0

package register

import (
	"sync"

	"sextant"
)

// recalled is how many answers a kernel keeps, over all organisations. The
// oldest makes room.
const recalled = 32

// recallKey says exactly what an answer was drawn from: everything that is
// recorded or erased moves the head of its organisation's log.
type recallKey struct {
	org    sextant.Organisation
	name   string
	head   sextant.Seq
	seq    sextant.Seq
	moment sextant.Instant
}

// memory keeps answers that are drawn from much and asked for often.
type memory struct {
	mu    sync.Mutex // guards what follows
	kept  map[recallKey]memo
	order []recallKey
}

type memo struct {
	value any
	until sextant.Instant
}

// Recall gives what compute gave before, where nothing was recorded since and
// the clock has not passed until when it holds (0 = until something is
// recorded). The answer is shared by all readers and must not be changed; it
// must not depend on who reads. Only what is opened by Kernel.Read recalls: a
// write in progress computes anew.
func Recall[T any](v *View, name string, compute func() (value T, until sextant.Instant, err error)) (T, error) {
	if !v.recalls {
		value, _, err := compute()
		return value, err
	}
	head, _, err := v.tx.Head()
	if err != nil {
		return *new(T), err
	}
	key := recallKey{v.actor.Organisation, name, head, v.seq, v.moment}
	if known, ok := v.kernel.memory.get(key, v.Now()); ok {
		return known.(T), nil
	}
	value, until, err := compute()
	if err == nil {
		v.kernel.memory.put(key, memo{value, until})
	}
	return value, err
}

func (m *memory) get(key recallKey, now sextant.Instant) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.kept[key]
	return known.value, ok && (known.until == 0 || now < known.until)
}

func (m *memory) put(key recallKey, value memo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[recallKey]memo{}
	}
	if _, known := m.kept[key]; !known {
		m.order = append(m.order, key)
	}
	m.kept[key] = value
	if len(m.order) > recalled {
		delete(m.kept, m.order[0])
		m.order = append([]recallKey{}, m.order[1:]...)
	}
}
