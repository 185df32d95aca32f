// SPDX-License-Identifier: Apache-2.0

package registertest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sextant"
	"sextant/register"
)

// snapshot is what every kind of read answered at one moment.
type snapshot map[string]any

// questions are asked of every moment: lists, counts, filters, groups, links
// and states.
func questions(b *Bench) map[string]func(*register.View) (any, error) {
	list := func(l register.List) func(*register.View) (any, error) {
		return func(v *register.View) (any, error) {
			var rows []string
			err := v.Each(l, func(e register.Entry) error {
				rows = append(rows, fmt.Sprintf("%s v%d %s %v", e.Key, e.Version, e.State, e.Doc))
				return nil
			})
			return rows, err
		}
	}
	filtered := func(field string, op register.Op, values ...string) []register.Filter {
		return []register.Filter{{Field: field, Op: op, Values: values}}
	}
	ask := map[string]func(*register.View) (any, error){
		"everything":  list(register.List{Register: "pump"}),
		"by name":     list(register.List{Register: "pump", Order: "-name"}),
		"by due":      list(register.List{Register: "pump", Order: "service_on", Filters: filtered("state", register.Is, "draft")}),
		"by number":   list(register.List{Register: "pump", Order: "-litres", Filters: filtered("litres", register.Above, "40")}),
		"kept by Ada": list(register.List{Register: "pump", Filters: filtered("keeper", register.Is, b.Ada)}),
		"not on deck": list(register.List{Register: "pump", Filters: filtered("uses", register.IsNot, "deck")}),
		"backup set":  list(register.List{Register: "pump", Filters: filtered("backup", register.Filled)}),
		"parts":       list(register.List{Register: "part"}),
		"links":       allLinks,
	}
	for _, by := range []string{"state", "kind", "uses", "keeper", "critical"} {
		ask["groups of "+by] = func(v *register.View) (any, error) { return v.Groups(register.List{Register: "pump"}, by) }
	}
	for _, kind := range []string{"fire", "bilge", "feed"} {
		ask["count of "+kind] = func(v *register.View) (any, error) {
			return v.Count(register.List{Register: "pump", Filters: filtered("kind", register.Is, kind)})
		}
	}
	return ask
}

func allLinks(v *register.View) (any, error) {
	var found []string
	err := v.Each(register.List{Register: "pump"}, func(e register.Entry) error {
		to, err := v.Links(e)
		if err != nil {
			return err
		}
		from, err := v.BackLinks(e)
		found = append(found, fmt.Sprint(e.Key, to, from))
		return err
	})
	return found, err
}

func ask(t testing.TB, b *Bench, at sextant.Instant) snapshot {
	t.Helper()
	s := snapshot{}
	b.View(t, b.Manager(), at, func(v *register.View) error {
		for name, question := range questions(b) {
			answer, err := question(v)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			s[name] = answer
		}
		return nil
	})
	return s
}

// RunHistory plays a random history and asks the same questions again about
// many past moments: every answer must be what it was then. The clock stands
// still, jumps and goes back on the way.
func RunHistory(t *testing.T, open func(t testing.TB) Opened, seed uint64, moments int) {
	b := NewBench(t, open(t), "History")
	random := rand.New(rand.NewPCG(seed, 7))
	type past struct {
		at     sextant.Instant
		answer snapshot
	}
	var remembered []past
	for len(remembered) < moments {
		for range 1 + random.IntN(6) {
			randomWrite(t, b, random)
		}
		if random.IntN(10) == 0 {
			b.Clock.Move(-int64(random.IntN(5_000_000)))
		}
		var at sextant.Instant
		b.View(t, b.Manager(), 0, func(v *register.View) (err error) { _, at, err = v.Head(); return err })
		remembered = append(remembered, past{at, ask(t, b, 0)})
		b.Clock.Move(int64(random.IntN(1_000_000)))
	}
	b.Clock.Move(60_000_000)
	for i, p := range remembered {
		if diff := cmp.Diff(p.answer, ask(t, b, p.at)); diff != "" {
			t.Fatalf("seed %d, moment %d (%s): the past answers differently (-then +now):\n%s", seed, i, p.at, diff)
		}
	}
}

// randomWrite does one of the things people do. Refusals are part of a history.
func randomWrite(t testing.TB, b *Bench, random *rand.Rand) {
	t.Helper()
	err := b.Try(b.Manager(), func(tx *register.Tx) error {
		key := randomKey(tx, random)
		switch n := random.IntN(20); {
		case n < 6 || key == "":
			_, err := tx.Create("pump", randomValues(b, tx, random), register.Note{})
			return err
		case n < 13:
			_, err := tx.Edit("pump", key, 0, randomValues(b, tx, random), register.Note{})
			return err
		case n < 14:
			return tx.Delete("pump", key, 0, register.Note{})
		case n < 15:
			_, err := tx.Transition("pump", key, 0, "scrap", nil, register.Note{Why: "worn"})
			return err
		case n < 17:
			_, err := tx.Create("part", map[string]any{"pump": key, "title": fmt.Sprint("part ", random.IntN(100))}, register.Note{})
			return err
		case n < 18:
			_, err := tx.Undo("pump", key, 0, 1, register.Note{})
			return err
		default:
			_, err := tx.BulkEdit(register.List{Register: "pump", Filters: []register.Filter{{Field: "kind", Op: register.Is, Values: []string{"feed"}}}},
				map[string]any{"keeper": b.Cleo}, register.Note{})
			return err
		}
	})
	if code := sextant.CodeOf(err); err != nil && code == sextant.Internal {
		t.Fatalf("a write broke: %v", err)
	}
}

func randomKey(tx *register.Tx, random *rand.Rand) string {
	page, err := tx.List(register.List{Register: "pump", Limit: 200})
	if err != nil || len(page.Entries) == 0 {
		return ""
	}
	return page.Entries[random.IntN(len(page.Entries))].Key
}

func randomValues(b *Bench, tx *register.Tx, random *rand.Rand) map[string]any {
	values := map[string]any{"name": fmt.Sprint("pump ", random.IntN(60))}
	some := func(key string, choices ...any) {
		if random.IntN(3) > 0 {
			values[key] = choices[random.IntN(len(choices))]
		}
	}
	some("kind", "bilge", "feed", "fire")
	some("uses", nil, []any{"deck"}, []any{"deck", "engine"}, []any{"cargo"})
	some("keeper", nil, b.Ada, b.Ben)
	some("service_on", nil, "2026-02-01", "2026-03-01", "2026-04-01")
	some("litres", nil, 10, 50, 90.5)
	some("critical", nil, true, false)
	some("notes", "", "quiet", "loud bearing")
	some("backup", nil, randomKey(tx, random))
	some("twin", nil, randomKey(tx, random))
	return values
}
