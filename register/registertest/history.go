// SPDX-License-Identifier: Apache-2.0

package registertest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sextant"
	"sextant/register"
)

// snapshot is what every kind of read answered at one moment.
type snapshot map[string]any

// question is one kind of read.
type question func(*register.View) (any, error)

// orders are asked of the list of all pumps: by every kind of column there is.
var orders = []string{"", "-key", "name", "-name", "state", "keeper", "service_on", "-service_on", "litres", "-litres", "kind", "critical", "planned_on", "inspection", "changed_at", "-changed_at", "changed_by", "backup"}

// conditions are asked as lists and as counts: by every kind of column there is.
func conditions(b *Bench) []string {
	return []string{"state=draft", "state!=draft", "state=scrapped", "key=PMP-3,PMP-5", "name~1", "name=pump 7", "keeper=" + b.Ada, "keeper!=" + b.Ada, "keeper:empty", "approver=" + b.Ben,
		"kind=fire", "kind!=bilge", "uses=deck", "uses!=deck", "uses:empty", "critical=yes", "critical:empty", "service_on<=2026-03-01", "service_on:empty",
		"litres>40", "litres<=50", "backup:filled", "twin:filled", "backup=PMP-2", "planned_on>2026-01-01", "inspection~2", "every:filled", "notes~loud", "changed_by=account:manager"}
}

// questions are asked of every moment: lists in several orders, page by page,
// lists and counts by several conditions, groups, links, back-links and entries.
func questions(t testing.TB, b *Bench) map[string]question {
	t.Helper()
	ask := map[string]question{"links": allLinks, "entries": entries, "parts": list(register.List{Register: "part", Order: "title"}), "parts of one": list(register.List{Register: "part", Parent: "PMP-2"}),
		"people": people, "histories": histories, "two conditions": list(register.List{Register: "pump", Order: "-service_on", Filters: parsed(t, "state=draft", "keeper="+b.Ada, "uses=deck")})}
	for _, order := range orders {
		ask["in order "+order] = paged(order)
	}
	for _, condition := range conditions(b) {
		l := register.List{Register: "pump", Filters: parsed(t, condition)}
		ask["where "+condition] = list(l)
		ask["count where "+condition] = func(v *register.View) (any, error) { return v.Count(l) }
	}
	for _, by := range []string{"state", "kind", "uses", "keeper", "critical", "backup", "approver"} {
		ask["groups of "+by] = func(v *register.View) (any, error) { return v.Groups(register.List{Register: "pump"}, by) }
		ask["groups of "+by+" where draft"] = func(v *register.View) (any, error) {
			return v.Groups(register.List{Register: "pump", Filters: parsed(t, "state=draft")}, by)
		}
	}
	return ask
}

func parsed(t testing.TB, texts ...string) []register.Filter {
	t.Helper()
	filters, err := register.ParseFilters(texts)
	if err != nil {
		t.Fatal(err)
	}
	return filters
}

func shown(e register.Entry) string {
	return fmt.Sprintf("%s v%d %s %s %s %d %q %v", e.Key, e.Version, e.State, e.At, e.Actor, e.Seq, e.Why, e.Doc)
}

func list(l register.List) question {
	return func(v *register.View) (any, error) {
		var rows []string
		err := v.Each(l, func(e register.Entry) error {
			rows = append(rows, shown(e))
			return nil
		})
		return rows, err
	}
}

// paged reads a list by small pages.
func paged(order string) question {
	return func(v *register.View) (any, error) {
		var keys []string
		for after := ""; ; {
			page, err := v.List(register.List{Register: "pump", Order: order, After: after, Limit: 4})
			if err != nil {
				return nil, err
			}
			for _, e := range page.Entries {
				keys = append(keys, e.Key)
			}
			if after = page.Next; after == "" {
				return keys, nil
			}
		}
	}
}

// mostPumps is more than a history makes.
const mostPumps = 90

// entries reads each entry by its key, such as are not there yet or not any
// more, too, with the titles of what it names.
func entries(v *register.View) (any, error) {
	var found []string
	for i := range mostPumps {
		key := fmt.Sprintf("PMP-%d", i+1)
		e, err := v.Entry("pump", key)
		switch {
		case sextant.CodeOf(err) == sextant.NotFound:
			found = append(found, err.Error())
		case err != nil:
			return nil, err
		default:
			found = append(found, shown(e)+v.TitleOf("person", e.Owner())+v.TitleOf("pump", e.Doc.Text("backup")))
		}
	}
	return found, nil
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

// people gives who points at each person.
func people(v *register.View) (any, error) {
	var found []string
	err := v.Each(register.List{Register: "person"}, func(e register.Entry) error {
		from, err := v.BackLinks(e)
		found = append(found, fmt.Sprint(shown(e), from))
		return err
	})
	return found, err
}

// histories gives the newest versions of each pump and what each changed, and
// that none after the newest can be read.
func histories(v *register.View) (any, error) {
	var found []string
	err := v.Each(register.List{Register: "pump"}, func(e register.Entry) error {
		revisions, err := v.History("pump", e.Key, 0, 3)
		for _, r := range revisions {
			found = append(found, fmt.Sprint(shown(r.Entry), r.Changes, r.StateFrom, r.Superseded))
		}
		if _, later := v.Version("pump", e.Key, e.Version+1); err == nil && sextant.CodeOf(later) != sextant.NotFound {
			err = fmt.Errorf("%s: a version after the newest: %w", e.Key, later)
		}
		return err
	})
	return found, err
}

func ask(t testing.TB, b *Bench, at sextant.Instant) snapshot {
	t.Helper()
	s := snapshot{}
	b.View(t, b.Manager(), at, func(v *register.View) error {
		for name, question := range questions(t, b) {
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

// whole is from how many moments on a history holds everything people do.
const whole = 50

// RunHistory plays a random history and asks the same questions again about
// many past moments: every answer must be what it was then. The clock stands
// still, jumps and goes back on the way.
func RunHistory(t *testing.T, open func(t testing.TB) Opened, seed uint64, moments int) {
	b := NewBench(t, open(t), "History")
	h := &history{Bench: b, random: rand.New(rand.NewPCG(seed, 7)), done: map[string]int{}}
	type past struct {
		at     sextant.Instant
		answer snapshot
	}
	var remembered []past
	for len(remembered) < moments {
		for range 1 + h.random.IntN(6) {
			h.write(t)
		}
		if h.random.IntN(10) == 0 {
			b.Clock.Move(-int64(h.random.IntN(5_000_000)))
		}
		var at sextant.Instant
		b.View(t, b.Manager(), 0, func(v *register.View) (err error) { _, at, err = v.Head(); return err })
		remembered = append(remembered, past{at, ask(t, b, 0)})
		b.Clock.Move(int64(h.random.IntN(1_000_000)))
	}
	b.Clock.Move(60_000_000)
	for i, p := range remembered {
		if diff := cmp.Diff(p.answer, ask(t, b, p.at)); diff != "" {
			t.Fatalf("seed %d, moment %d (%s): the past answers differently (-then +now):\n%s", seed, i, p.at, diff)
		}
	}
	if moments < whole {
		return
	}
	for _, what := range []string{"create", "edit", "delete", "scrap", "part", "undo", "bulk", "import", "undo batch"} {
		if h.done[what] == 0 {
			t.Errorf("seed %d: nothing in the history is a successful %s", seed, what)
		}
	}
}

// history is a random history under way.
type history struct {
	*Bench
	random  *rand.Rand
	batches []string       // bulk changes and imports that can be taken back
	done    map[string]int // what was done how often
}

// write does one of the things people do. Refusals are part of a history.
func (h *history) write(t testing.TB) {
	t.Helper()
	what := []string{"create", "create", "create", "create", "create", "edit", "edit", "edit", "edit", "edit", "edit", "delete", "delete", "scrap", "part", "part", "undo", "bulk", "import", "undo batch"}[h.random.IntN(20)]
	err := h.Try(h.Manager(), func(tx *register.Tx) error { return h.do(tx, what) })
	if err == nil {
		h.done[what]++
	} else if code := sextant.CodeOf(err); code == sextant.Internal || code == sextant.Unavailable {
		t.Fatalf("a write broke: %v", err)
	}
}

func (h *history) do(tx *register.Tx, what string) error {
	key := h.key(tx)
	switch what {
	case "create":
		_, err := tx.Create("pump", h.values(tx), register.Note{})
		return err
	case "edit":
		_, err := tx.Edit("pump", key, 0, h.values(tx), register.Note{Why: "edited"})
		return err
	case "delete":
		return tx.Delete("pump", key, 0, register.Note{})
	case "scrap":
		_, err := tx.Transition("pump", key, 0, "scrap", nil, register.Note{Why: "worn"})
		return err
	case "part":
		_, err := tx.Create("part", map[string]any{"pump": key, "title": fmt.Sprint("part ", h.random.IntN(100))}, register.Note{})
		return err
	case "undo":
		_, err := tx.Undo("pump", key, 0, 1, register.Note{})
		return err
	case "bulk":
		return h.batch(tx.BulkEdit(register.List{Register: "pump", Filters: []register.Filter{{Field: "kind", Op: register.Is, Values: []string{"feed"}}}}, map[string]any{"keeper": h.Cleo}, register.Note{}))
	case "import":
		rows := []register.Incoming{{Row: 2, Key: key, Values: map[string]any{"litres": h.random.IntN(90)}}, {Row: 3, Values: h.values(tx)}, {Row: 4, Values: h.values(tx)}}
		return h.batch(tx.Import("pump", rows, register.Note{}))
	}
	return h.takeBack(tx)
}

func (h *history) batch(r register.Report, err error) error {
	if err == nil {
		h.batches = append(h.batches, r.Batch)
	}
	return err
}

// takeBack undoes the newest bulk change that is left; what an earlier undo did
// can be undone, too.
func (h *history) takeBack(tx *register.Tx) error {
	if len(h.batches) == 0 {
		return sextant.Errorf(sextant.NotFound, "nothing to undo")
	}
	last := h.batches[len(h.batches)-1]
	h.batches = slices.Delete(h.batches, len(h.batches)-1, len(h.batches))
	return h.batch(tx.UndoBatch(last, register.Note{}))
}

func (h *history) key(tx *register.Tx) string {
	page, err := tx.List(register.List{Register: "pump", Limit: 200})
	if err != nil || len(page.Entries) == 0 {
		return ""
	}
	return page.Entries[h.random.IntN(len(page.Entries))].Key
}

func (h *history) values(tx *register.Tx) map[string]any {
	values := map[string]any{"name": fmt.Sprint("pump ", h.random.IntN(200))}
	some := func(key string, choices ...any) {
		if h.random.IntN(3) > 0 {
			values[key] = choices[h.random.IntN(len(choices))]
		}
	}
	some("kind", "bilge", "feed", "fire")
	some("uses", nil, []any{"deck"}, []any{"deck", "engine"}, []any{"cargo"})
	some("keeper", nil, h.Ada, h.Ben)
	some("approver", nil, h.Ben)
	some("service_on", nil, "2026-02-01", "2026-03-01", "2026-04-01")
	some("planned_on", nil, "2025-12-01", "2026-05-01")
	some("every", nil, "P1M", "P1Y")
	some("litres", nil, 10, 50, 90.5)
	some("critical", nil, true, false)
	some("notes", "", "quiet", "loud bearing")
	some("backup", nil, h.key(tx))
	some("twin", nil, h.key(tx))
	return values
}
