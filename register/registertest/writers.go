// SPDX-License-Identifier: Apache-2.0

package registertest

import (
	"fmt"
	"sync"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// race starts writers at once and gives how each ended. A writer may be refused
// with one of the codes; anything else breaks the test.
func race(t *testing.T, b *Bench, refusals []sextant.Code, writers ...func(*register.Tx) error) []error {
	t.Helper()
	actor := b.Manager()
	ended := make([]error, len(writers))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, write := range writers {
		wg.Go(func() {
			<-start
			ended[i] = b.Try(actor, write)
		})
	}
	close(start)
	wg.Wait()
	for i, err := range ended {
		if err != nil && !contains(refusals, sextant.CodeOf(err)) {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	return ended
}

func contains(codes []sextant.Code, code sextant.Code) bool {
	for _, c := range codes {
		if c == code {
			return true
		}
	}
	return false
}

var conflict = []sextant.Code{sextant.Conflict}

// oneWins holds that exactly one of the writers got through.
func oneWins(t *testing.T, ended []error) {
	t.Helper()
	won := 0
	for _, err := range ended {
		if err == nil {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d of %d got through, want one: %v", won, len(ended), ended)
	}
}

// rounds is how often each race is run: one may be decided by chance.
const rounds = 4

func creates(name string, values map[string]any) func(*register.Tx) error {
	return func(tx *register.Tx) error {
		_, err := tx.Create(name, values, register.Note{})
		return err
	}
}

func edits(key string, version int, values map[string]any) func(*register.Tx) error {
	return func(tx *register.Tx) error {
		_, err := tx.Edit("pump", key, version, values, register.Note{})
		return err
	}
}

func moves(key, name string) func(*register.Tx) error {
	return func(tx *register.Tx) error {
		_, err := tx.Transition("pump", key, 0, name, nil, register.Note{Why: "at once"})
		return err
	}
}

// raceUnique: two bring the same value along, as new entries, and as an edit
// against a new entry; case does not tell values apart.
func raceUnique(t *testing.T, b *Bench) {
	for i := range rounds {
		name, serial := fmt.Sprint("unique ", i), fmt.Sprint("s", i)
		oneWins(t, race(t, b, conflict, creates("pump", map[string]any{"name": name}), creates("pump", map[string]any{"name": name})))
		holder := b.Pump(t, map[string]any{"name": fmt.Sprint("holder ", i)})
		oneWins(t, race(t, b, conflict, edits(holder.Key, 0, map[string]any{"serial": []any{serial}}),
			creates("pump", map[string]any{"name": fmt.Sprint("other ", i), "serial": []any{"S" + serial[1:]}})))
	}
}

func raceComposite(t *testing.T, b *Bench) {
	for i := range rounds {
		pump := b.Pump(t, map[string]any{"name": fmt.Sprint("pump ", i)})
		part := map[string]any{"pump": pump.Key, "title": "impeller"}
		oneWins(t, race(t, b, conflict, creates("part", part), creates("part", part)))
		b.Write(t, b.Manager(), creates("part", map[string]any{"pump": b.Pump(t, map[string]any{"name": fmt.Sprint("second ", i)}).Key, "title": "impeller"}))
	}
}

func raceSingleton(t *testing.T, b *Bench) {
	oneWins(t, race(t, b, conflict, creates("bridge", map[string]any{"name": "port"}), creates("bridge", map[string]any{"name": "starboard"}), creates("bridge", map[string]any{"name": "flying"})))
}

// raceFreeze: a part is written while its pump is approved. Either the part came
// first, or it is refused; the frozen pump never gets one afterwards.
func raceFreeze(t *testing.T, b *Bench) {
	ben := b.As("ben", b.Ben, access.Owner)
	for i := range rounds {
		pump := b.Pump(t, map[string]any{"name": fmt.Sprint("pump ", i), "keeper": b.Ada, "approver": b.Ben})
		var approved, part register.Entry
		var wg sync.WaitGroup
		start := make(chan struct{})
		wg.Go(func() {
			<-start
			if err := b.Try(ben, func(tx *register.Tx) (err error) {
				approved, err = tx.Transition("pump", pump.Key, 0, "approve", nil, register.Note{})
				return err
			}); err != nil {
				t.Errorf("the approval: %v", err)
			}
		})
		var refused error
		wg.Go(func() {
			<-start
			refused = b.Try(b.Manager(), func(tx *register.Tx) (err error) {
				part, err = tx.Create("part", map[string]any{"pump": pump.Key, "title": "impeller"}, register.Note{})
				return err
			})
		})
		close(start)
		wg.Wait()
		switch {
		case refused == nil && part.Seq > approved.Seq:
			t.Errorf("a part was written at %d, its pump was frozen at %d", part.Seq, approved.Seq)
		case refused != nil:
			wantCode(t, refused, sextant.Frozen)
		}
	}
}

// raceRestrict: an entry is deleted while another one begins to refer to it.
func raceRestrict(t *testing.T, b *Bench) {
	for i := range rounds {
		target := b.Pump(t, map[string]any{"name": fmt.Sprint("target ", i)})
		refer := creates("pump", map[string]any{"name": fmt.Sprint("holder ", i), "backup": target.Key})
		remove := func(tx *register.Tx) error { return tx.Delete("pump", target.Key, 0, register.Note{}) }
		oneWins(t, race(t, b, []sextant.Code{sextant.Conflict, sextant.Invalid}, refer, remove))
	}
}

// raceVersion: two saw the same version; one is told that the other was faster.
func raceVersion(t *testing.T, b *Bench) {
	for i := range rounds {
		e := b.Pump(t, map[string]any{"name": fmt.Sprint("pump ", i)})
		refusals := []sextant.Code{sextant.Conflict, sextant.NotFound} // deleted meanwhile
		oneWins(t, race(t, b, refusals, edits(e.Key, 1, map[string]any{"litres": 1}), edits(e.Key, 1, map[string]any{"litres": 2}),
			func(tx *register.Tx) error { return tx.Delete("pump", e.Key, 1, register.Note{}) }))
	}
}

func raceKey(t *testing.T, b *Bench) {
	for i := range rounds {
		key := fmt.Sprintf("PMP-%d", 500+10*i)
		bring := func(name string) func(*register.Tx) error {
			return func(tx *register.Tx) error {
				_, err := tx.CreateAs("pump", key, map[string]any{"name": name}, register.Note{})
				return err
			}
		}
		oneWins(t, race(t, b, conflict, bring(key+" a"), bring(key+" b")))
	}
}

// raceKeys: keys drawn at once are all different, and so are the positions.
func raceKeys(t *testing.T, b *Bench) {
	made := make([]register.Entry, 8)
	var writers []func(*register.Tx) error
	for i := range made {
		writers = append(writers, func(tx *register.Tx) (err error) {
			made[i], err = tx.Create("pump", map[string]any{"name": fmt.Sprint("pump ", i)}, register.Note{})
			return err
		})
	}
	race(t, b, nil, writers...)
	keys, positions := map[string]bool{}, map[sextant.Seq]bool{}
	for _, e := range made {
		keys[e.Key], positions[e.Seq] = true, true
	}
	if len(keys) != len(made) || len(positions) != len(made) {
		t.Errorf("%d keys and %d positions of %d entries", len(keys), len(positions), len(made))
	}
}

// raceRecurrence: two finish the same entry; it is finished once, and one
// successor is planned.
func raceRecurrence(t *testing.T, b *Bench) {
	for i := range rounds {
		e := b.Pump(t, map[string]any{"name": fmt.Sprint("pump ", i), "keeper": b.Ada, "every": "P1M", "planned_on": fmt.Sprintf("2026-0%d-15", i+1)})
		oneWins(t, race(t, b, conflict, moves(e.Key, "scrap"), moves(e.Key, "scrap")))
		followed := names(t, b, b.Manager(), 0, "", fmt.Sprintf("planned_on=2026-0%d-15", i+2))
		if len(followed) != 1 {
			t.Errorf("%d successors are planned: %v", len(followed), followed)
		}
		b.Write(t, b.Manager(), func(tx *register.Tx) error { // the successor is called so by the declaration
			page, err := tx.List(register.List{Register: "pump", Order: "-key", Limit: 1})
			if err == nil {
				err = tx.Delete("pump", page.Entries[0].Key, 0, register.Note{})
			}
			return err
		})
	}
}

// raceSignature: an entry is signed once, however many press at once.
func raceSignature(t *testing.T, b *Bench) {
	e := b.Pump(t, map[string]any{"name": "pump", "keeper": b.Ada, "approver": b.Ben})
	ben := b.As("ben", b.Ben, access.Owner)
	var wg sync.WaitGroup
	ended := make([]error, 3)
	for i := range ended {
		wg.Go(func() { ended[i] = b.Try(ben, moves(e.Key, "approve")) })
	}
	wg.Wait()
	oneWins(t, ended)
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		n, err := v.Count(register.List{Register: "sign_off"})
		if n != 1 {
			t.Errorf("%d sign-offs", n)
		}
		return err
	})
}

// raceRule: the rule of the declaration counts other entries; a third may come,
// a fourth may not, whether it is new or becomes one.
func raceRule(t *testing.T, b *Bench) {
	b.Pump(t, map[string]any{"name": "F1", "kind": "fire"})
	b.Pump(t, map[string]any{"name": "F2", "kind": "fire"})
	bilge := b.Pump(t, map[string]any{"name": "B"})
	oneWins(t, race(t, b, conflict, creates("pump", map[string]any{"name": "F3", "kind": "fire"}), creates("pump", map[string]any{"name": "F4", "kind": "fire"}),
		edits(bilge.Key, 0, map[string]any{"kind": "fire"})))
	if got := names(t, b, b.Manager(), 0, "", "kind=fire"); len(got) != 3 {
		t.Errorf("%d fire pumps: %v", len(got), got)
	}
}
