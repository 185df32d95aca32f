// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/connector"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/monitor"
	"sextant/product"
	"sextant/register"
)

// house is an organisation with its store, under a clock of its own.
type house struct {
	t      testing.TB
	store  *store.Store
	kernel *register.Kernel
	org    sextant.Organisation
	now    sextant.Instant
	checks []*check.Compiled // its own
	way    *monitor.Way
}

func newHouse(t testing.TB, config store.Config) *house {
	t.Helper()
	start, err := sextant.ParseInstant("2026-03-02T09:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, now: start}
	config.Clock = func() sextant.Instant { return h.now }
	if h.store, err = store.Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.store.Close() })
	h.kernel = register.New(h.store, product.Registers(), register.Config{Clock: config.Clock, Functions: product.Functions()})
	if h.org, _, err = product.Found(t.Context(), h.store, h.kernel, "Tests", "Ana", "ana@example.org"); err != nil {
		t.Fatal(err)
	}
	h.way = &monitor.Way{Kernel: h.kernel, Store: h.store, Own: func(register.Reader) ([]*check.Compiled, error) { return h.checks, nil }}
	return h
}

func sqliteHouse(t testing.TB) *house { return newHouse(t, store.Config{Folder: t.TempDir()}) }

func postgresHouse(t testing.TB) *house {
	database := testserver.PostgreSQL(t)
	return newHouse(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner})
}

// write is done by the program; sign by a person with a fresh proof.
func (h *house) write(fn func(*register.Tx) error) {
	h.t.Helper()
	if err := h.kernel.Write(h.t.Context(), access.SystemActor(h.org, "test"), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) create(kind string, values map[string]any) (key string) {
	h.t.Helper()
	h.write(func(tx *register.Tx) error {
		e, err := tx.Create(kind, values, register.Note{})
		key = e.Key
		return err
	})
	return key
}

func (h *house) edit(kind, key string, values map[string]any) {
	h.t.Helper()
	h.write(func(tx *register.Tx) error {
		_, err := tx.Edit(kind, key, 0, values, register.Note{})
		return err
	})
}

func (h *house) move(person, kind, key, transition string) {
	h.t.Helper()
	actor := access.Actor{Organisation: h.org, Name: "a:" + person, Person: person, Roles: []access.Role{access.ISMSManager, access.Owner}, Proof: access.Proof{Method: access.Password, At: h.now}}
	if err := h.kernel.Write(h.t.Context(), actor, func(tx *register.Tx) error {
		_, err := tx.Transition(kind, key, 0, transition, nil, register.Note{Why: "because"})
		return err
	}); err != nil {
		h.t.Fatalf("%s %s: %v", transition, key, err)
	}
}

func (h *house) evaluate() monitor.Report {
	h.t.Helper()
	report, err := h.way.Evaluate(h.t.Context(), h.org)
	if err != nil {
		h.t.Fatal(err)
	}
	return report
}

func (h *house) settle() int {
	h.t.Helper()
	n, err := h.way.Settle(h.t.Context(), h.org)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// thing names a resource by source, type and key.
type thing struct{ source, kind, key string }

// world is what there is outside, and what of it was recorded.
type world struct {
	slices   []connector.Slice
	source   map[connector.Slice]string
	there    map[thing]map[string]any
	recorded map[thing]map[string]any
	state    map[connector.Slice]connector.State // of the newest run
	whole    map[connector.Slice]bool            // was it ever complete
}

func newWorld() *world {
	w := &world{source: map[connector.Slice]string{}, there: map[thing]map[string]any{}, recorded: map[thing]map[string]any{}, state: map[connector.Slice]connector.State{}, whole: map[connector.Slice]bool{}}
	for _, kind := range []string{"t:x", "t:y"} {
		for _, account := range []string{"1", "2"} {
			s := connector.Slice{Type: kind, Account: account, Region: "r"}
			w.slices, w.source[s] = append(w.slices, s), "source-"+account
		}
	}
	return w
}

// change makes, alters or removes a resource.
func (w *world) change(r *rand.Rand) {
	s := w.slices[r.IntN(len(w.slices))]
	at := thing{w.source[s], s.Type, fmt.Sprintf("%s-%s-%d", s.Type, s.Account, r.IntN(6))}
	if r.IntN(4) == 0 {
		delete(w.there, at)
		return
	}
	attributes := map[string]any{"name": at.key, "n": int64(r.IntN(6)), "flag": r.IntN(2) == 0, "made_at": fmt.Sprintf("2026-02-%02dT00:00:00Z", 1+r.IntN(28))}
	if r.IntN(8) == 0 {
		attributes["_errors"] = map[string]any{"flag": "denied"}
	}
	w.there[at] = attributes
}

// run reads a slice as a connector would: to its end, a part of it, or nothing.
func (w *world) run(h *house, s connector.Slice, state connector.State, part int) {
	h.t.Helper()
	recorder := &monitor.Recorder{Store: h.store, Organisation: h.org, Source: w.source[s]}
	n := 0
	for _, at := range w.of(w.there, s) {
		if state != connector.Complete && (state != connector.Partial || n >= part) {
			break
		}
		if err := recorder.Observe(h.t.Context(), connector.Observation{Slice: s, Key: at.key, Kind: connector.Configuration, Attributes: w.there[at]}); err != nil {
			h.t.Fatal(err)
		}
		w.recorded[at] = w.there[at]
		n++
	}
	if err := recorder.Complete(h.t.Context(), connector.Population{Slice: s, State: state, Count: n}); err != nil {
		h.t.Fatal(err)
	}
	w.state[s] = state
	if state == connector.Complete {
		w.whole[s] = true
		for _, at := range w.of(w.recorded, s) {
			if w.there[at] == nil {
				delete(w.recorded, at)
			}
		}
	}
}

// of gives the resources of a slice by key.
func (w *world) of(all map[thing]map[string]any, s connector.Slice) (list []thing) {
	prefix := s.Type + "-" + s.Account
	for at := range all {
		if at.source == w.source[s] && at.kind == s.Type && len(at.key) > len(prefix) && at.key[:len(prefix)] == prefix {
			list = append(list, at)
		}
	}
	slices.SortFunc(list, func(a, b thing) int {
		if a.key < b.key {
			return -1
		}
		return 1
	})
	return list
}

// forget ends a source.
func (w *world) forget(h *house, source string) {
	h.t.Helper()
	if err := monitor.Forget(h.t.Context(), h.store, h.org, source); err != nil {
		h.t.Fatal(err)
	}
	maps.DeleteFunc(w.recorded, func(at thing, _ map[string]any) bool { return at.source == source })
	for s := range w.state {
		if w.source[s] == source {
			delete(w.state, s)
		}
	}
}
