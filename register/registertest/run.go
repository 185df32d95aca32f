// SPDX-License-Identifier: Apache-2.0

package registertest

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Run holds a kernel over the store to the contract. open gives a fresh store;
// every test has an organisation of its own in it.
func Run(t *testing.T, open func(t testing.TB) Opened) {
	o := open(t)
	for name, test := range map[string]func(*testing.T, *Bench){
		"what is written is read back, with a version and a key":        readBack,
		"every refused field is named at once":                          refusedTogether,
		"a stale version is refused and nothing is lost":                staleVersion,
		"an edit that changes nothing writes nothing":                   noChange,
		"a unique value has one holder, until it lets go":               uniqueValues,
		"a filter finds what it says, by every kind of field":           filters,
		"pages are complete and without repetition":                     paging,
		"history tells what changed, and undo writes a new version":     historyAndUndo,
		"deleting follows the policy of each reference":                 deleting,
		"only the right people move an entry, and a signature freezes":  signing,
		"children belong to their parent and freeze with it":            children,
		"restricted fields are not seen, filtered, ordered or searched": restricted,
		"a report tells nothing that its reader may not see":            restrictedReports,
		"secrets are kept sealed and never shown":                       secrets,
		"a bulk edit is undone as a whole":                              bulkAndUndo,
		"an import shows each row's fate and leaves missing columns":    importing,
		"apply makes entries what the documents want":                   applying,
		"what follows from a write is written with it, or neither is":   following,
		"what recurs counts from the planned date":                      recurring,
		"what is read ahead is as good as what is read when asked for":  foreseeing,
		"search finds words of the present":                             searching,
		"an erasure leaves nothing to find":                             erasing,
		"what was rendered is kept as it was, for ever":                 rendering,
		"a refusal leaves nothing of a rendering":                       renderingRefused,
		"an erasure takes what was rendered":                            renderingErased,
		"a rendering is kept as long as what it is of":                  renderingRetained,
		"a rule across entries holds against writers at once":           invariants,
		"the past answers as it did then":                               pastCounts,
		"two at once: a unique value":                                   raceUnique,
		"two at once: values unique together":                           raceComposite,
		"two at once: the only entry":                                   raceSingleton,
		"two at once: a child and the freezing of its parent":           raceFreeze,
		"two at once: a reference and the deletion of its target":       raceRestrict,
		"two at once: the same version":                                 raceVersion,
		"two at once: the same key":                                     raceKey,
		"two at once: the next key":                                     raceKeys,
		"two at once: finishing what recurs":                            raceRecurrence,
		"two at once: signing":                                          raceSignature,
		"two at once: a rule of the register":                           raceRule,
	} {
		t.Run(name, func(t *testing.T) { test(t, NewBench(t, o, name)) })
	}
	t.Run("organisations do not see each other", func(t *testing.T) { separation(t, o) })
}

func readBack(t *testing.T, b *Bench) {
	e := b.Pump(t, map[string]any{"name": "P1", "uses": []any{"deck", "cargo"}, "litres": 12.5, "keeper": b.Ada, "service_on": "2026-03-01"})
	if e.Version != 1 || !strings.HasPrefix(e.Key, "PMP-") || e.State != "draft" {
		t.Fatalf("got %s version %d state %s", e.Key, e.Version, e.State)
	}
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		got, err := v.Entry("pump", e.Key)
		want := register.Doc{"name": "P1", "uses": []any{"deck", "cargo"}, "litres": 12.5, "keeper": b.Ada, "service_on": "2026-03-01", "kind": "bilge", "inspection": "inspect P1"}
		if diff := cmp.Diff(want, got.Doc); diff != "" {
			t.Errorf("document (-want +got):\n%s", diff)
		}
		if v.TitleOf("person", got.Owner()) != "Ada" {
			t.Errorf("owner's title is %q", v.TitleOf("person", got.Owner()))
		}
		return err
	})
}

func refusedTogether(t *testing.T, b *Bench) {
	err := b.Try(b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Create("pump", map[string]any{"kind": "rocket", "service_on": "01/03/2026", "litres": "NaN", "colour": "red", "inspection": "x"}, register.Note{})
		return err
	})
	wantCode(t, err, sextant.Invalid)
	for _, field := range []string{"kind", "service_on", "litres", "colour"} {
		if !strings.Contains(err.Error(), field+":") {
			t.Errorf("%s is not named in: %v", field, err)
		}
	}
	err = b.Try(b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Create("pump", map[string]any{"name": "P", "keeper": "PER-999"}, register.Note{})
		return err
	})
	wantCode(t, err, sextant.Invalid)
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		if n, _ := v.Count(register.List{Register: "pump"}); n != 0 {
			t.Errorf("%d pumps exist after refusals", n)
		}
		return nil
	})
}

func edit(b *Bench, actor access.Actor, key string, version int, values map[string]any) (e register.Entry, err error) {
	err = b.Try(actor, func(tx *register.Tx) error {
		e, err = tx.Edit("pump", key, version, values, register.Note{Why: "because"})
		return err
	})
	return e, err
}

func staleVersion(t *testing.T, b *Bench) {
	e := b.Pump(t, map[string]any{"name": "P1"})
	if _, err := edit(b, b.Manager(), e.Key, 1, map[string]any{"name": "P1 new"}); err != nil {
		t.Fatal(err)
	}
	_, err := edit(b, b.Manager(), e.Key, 1, map[string]any{"name": "P1 other"})
	wantCode(t, err, sextant.Conflict)
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		got, err := v.Entry("pump", e.Key)
		if got.Title() != "P1 new" || got.Version != 2 {
			t.Errorf("got %q version %d", got.Title(), got.Version)
		}
		return err
	})
}

func noChange(t *testing.T, b *Bench) {
	e := b.Pump(t, map[string]any{"name": "P1"})
	got, err := edit(b, b.Manager(), e.Key, 0, map[string]any{"name": "P1", "notes": ""})
	if err != nil || got.Version != 1 {
		t.Errorf("version %d, %v; want 1", got.Version, err)
	}
}

func uniqueValues(t *testing.T, b *Bench) {
	first := b.Pump(t, map[string]any{"name": "P1", "serial": []any{"s1", "s2"}})
	err := b.Try(b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Create("pump", map[string]any{"name": "P2", "serial": []any{"S2"}}, register.Note{})
		return err
	})
	wantCode(t, err, sextant.Conflict)
	if !strings.Contains(err.Error(), first.Key) {
		t.Errorf("the holder is not named: %v", err)
	}
	if _, err := edit(b, b.Manager(), first.Key, 0, map[string]any{"serial": []any{"s1"}}); err != nil {
		t.Fatal(err)
	}
	b.Pump(t, map[string]any{"name": "P2", "serial": []any{"S2"}})
	b.Write(t, b.Manager(), func(tx *register.Tx) error { return tx.Delete("pump", first.Key, 0, register.Note{}) })
	b.Pump(t, map[string]any{"name": "P1", "serial": []any{"s1"}})
}

func names(t *testing.T, b *Bench, actor access.Actor, at sextant.Instant, order string, filters ...string) (list []string) {
	t.Helper()
	parsed, err := register.ParseFilters(filters)
	if err != nil {
		t.Fatal(err)
	}
	b.View(t, actor, at, func(v *register.View) error {
		return v.Each(register.List{Register: "pump", Filters: parsed, Order: order}, func(e register.Entry) error {
			list = append(list, e.Title())
			return nil
		})
	})
	return list
}

func fleet(t *testing.T, b *Bench) {
	t.Helper()
	b.Pump(t, map[string]any{"name": "A", "kind": "fire", "uses": []any{"deck"}, "keeper": b.Ada, "service_on": "2026-05-01", "litres": 10, "critical": true})
	b.Pump(t, map[string]any{"name": "B", "kind": "bilge", "uses": []any{"deck", "engine"}, "keeper": b.Ben, "service_on": "2026-03-01", "litres": 200})
	b.Pump(t, map[string]any{"name": "C", "kind": "bilge", "keeper": b.Ada, "litres": 30, "critical": false, "notes": "leaks at the gland"})
	b.Pump(t, map[string]any{"name": "D", "kind": "feed", "uses": []any{"cargo"}, "service_on": "2026-04-01"})
}

func filters(t *testing.T, b *Bench) {
	fleet(t, b)
	for _, c := range []struct {
		filter, order, want string
	}{
		{"", "", "A B C D"}, {"", "-key", "D C B A"}, {"", "service_on", "C B D A"}, {"", "-litres", "B C A D"}, {"", "-name", "D C B A"},
		{"kind=bilge", "", "B C"}, {"kind!=bilge", "", "A D"}, {"kind=fire,feed", "", "A D"}, {"uses=deck", "", "A B"}, {"uses!=deck", "", "C D"},
		{"keeper=" + b.Ada, "", "A C"}, {"keeper!=" + b.Ada, "", "B D"}, {"keeper:empty", "", "D"}, {"keeper:filled", "", "A B C"},
		{"service_on<2026-04-15", "", "B D"}, {"service_on>=2026-04-01", "", "A D"}, {"service_on:empty", "", "C"},
		{"litres>20", "", "B C"}, {"litres<=30", "", "A C"}, {"critical=yes", "", "A"}, {"critical=no", "", "C"}, {"critical:empty", "", "B D"},
		{"notes~GLAND", "", "C"}, {"name~b", "", "B"}, {"state=draft", "name", "A B C D"}, {"state!=draft", "", ""}, {"uses:empty", "", "C"},
		{"inspection=inspect B", "", "B"},
	} {
		want := strings.Fields(c.want)
		got := names(t, b, b.Manager(), 0, c.order, c.filter)
		if c.filter == "litres<=30" && len(got) == 3 {
			t.Errorf("%s: an unknown number counts as zero: %v", c.filter, got)
			continue
		}
		if diff := cmp.Diff(want, append([]string{}, got...)); diff != "" && !(len(want) == 0 && len(got) == 0) {
			t.Errorf("%s order %q (-want +got):\n%s", c.filter, c.order, diff)
		}
	}
	err := b.Kernel.Read(context.Background(), b.Manager(), 0, func(v *register.View) error {
		_, err := v.List(register.List{Register: "pump", Filters: []register.Filter{{Field: "kind", Op: register.Is, Values: []string{"rocket"}}}})
		return err
	})
	wantCode(t, err, sextant.Invalid)
}

func paging(t *testing.T, b *Bench) {
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		for i := range 57 {
			values := map[string]any{"name": "N" + string(rune('A'+i%26)) + strings.Repeat("x", i/26), "litres": float64(i % 5)}
			if i%3 == 0 {
				values["service_on"] = "2026-02-01"
			}
			if _, err := tx.Create("pump", values, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
	for _, order := range []string{"", "-key", "name", "-name", "litres", "-litres", "service_on", "-service_on", "changed_at", "state", "inspection", "-inspection"} {
		seen := map[string]int{}
		after := ""
		for pages := 0; ; pages++ {
			var page register.Page
			b.View(t, b.Manager(), 0, func(v *register.View) (err error) {
				page, err = v.List(register.List{Register: "pump", Order: order, After: after, Limit: 7})
				return err
			})
			for _, e := range page.Entries {
				seen[e.Key]++
			}
			if pages == 3 { // a row before and a row behind the mark do not disturb the rest
				b.Pump(t, map[string]any{"name": "disturb " + order, "litres": 2})
			}
			if after = page.Next; after == "" || pages > 20 {
				break
			}
		}
		complete := 0
		for key, n := range seen {
			if n > 1 {
				t.Errorf("order %q: %s appears %d times", order, key, n)
			}
			complete++
		}
		if complete < 57 {
			t.Errorf("order %q: %d of 57 seen", order, complete)
		}
	}
}

func historyAndUndo(t *testing.T, b *Bench) {
	e := b.Pump(t, map[string]any{"name": "P1", "litres": 10})
	if _, err := edit(b, b.Manager(), e.Key, 0, map[string]any{"litres": 20, "keeper": b.Ben}); err != nil {
		t.Fatal(err)
	}
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Undo("pump", e.Key, 2, 1, register.Note{})
		return err
	})
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		history, err := v.History("pump", e.Key, 0, 10)
		if err != nil {
			return err
		}
		if len(history) != 3 || len(history[1].Changes) != 2 || history[1].Why != "because" {
			t.Fatalf("history %d versions, second changes %d fields: %+v", len(history), len(history[1].Changes), history[1].Changes)
		}
		if now := history[0]; now.Version != 3 || now.Doc["litres"] != 10.0 || now.Doc["keeper"] != nil {
			t.Errorf("after undo: version %d %v", now.Version, now.Doc)
		}
		old, err := v.Version("pump", e.Key, 2)
		if old.Doc["litres"] != 20.0 {
			t.Errorf("version 2 reads %v", old.Doc["litres"])
		}
		return err
	})
}

func deleting(t *testing.T, b *Bench) {
	target := b.Pump(t, map[string]any{"name": "target"})
	holder := b.Pump(t, map[string]any{"name": "holder", "backup": target.Key})
	twin := b.Pump(t, map[string]any{"name": "twin", "twin": target.Key})
	err := b.Try(b.Manager(), func(tx *register.Tx) error { return tx.Delete("pump", target.Key, 0, register.Note{}) })
	wantCode(t, err, sextant.Conflict)
	if err == nil || !strings.Contains(err.Error(), holder.Key) {
		t.Errorf("the holder is not named: %v", err)
	}
	if _, err := edit(b, b.Manager(), holder.Key, 0, map[string]any{"backup": nil}); err != nil {
		t.Fatal(err)
	}
	before := b.Clock.Now()
	b.Write(t, b.Manager(), func(tx *register.Tx) error { return tx.Delete("pump", target.Key, 0, register.Note{}) })
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		_, err := v.Entry("pump", target.Key)
		wantCode(t, err, sextant.NotFound)
		got, err := v.Entry("pump", twin.Key)
		if got.Doc["twin"] != nil || got.Version != 2 {
			t.Errorf("the twin still points there: %v version %d", got.Doc["twin"], got.Version)
		}
		return err
	})
	b.View(t, b.Manager(), before, func(v *register.View) error {
		e, err := v.Entry("pump", target.Key)
		if err != nil {
			return err
		}
		links, err := v.BackLinks(e)
		if len(links) != 1 || links[0].FromKey != twin.Key {
			t.Errorf("as of before the deletion, back-links are %v", links)
		}
		return err
	})
	next := b.Pump(t, map[string]any{"name": "next"})
	if next.Key == target.Key {
		t.Error("a key was given twice")
	}
}

func move(b *Bench, actor access.Actor, key, name, why string) (e register.Entry, err error) {
	err = b.Try(actor, func(tx *register.Tx) error {
		e, err = tx.Transition("pump", key, 0, name, nil, register.Note{Why: why})
		return err
	})
	return e, err
}

func signing(t *testing.T, b *Bench) {
	e := b.Pump(t, map[string]any{"name": "P1", "keeper": b.Ada, "approver": b.Ben})
	ben := b.As("ben", b.Ben, access.Owner)
	_, err := move(b, b.Manager(), e.Key, "approve", "")
	wantCode(t, err, sextant.Denied)
	_, err = move(b, b.As("admin", b.Cleo, access.Admin), e.Key, "approve", "")
	wantCode(t, err, sextant.Denied)
	stale := ben
	stale.Proof.At -= 6 * 60 * 1_000_000
	_, err = move(b, stale, e.Key, "approve", "")
	wantCode(t, err, sextant.Unauthenticated)
	signed, err := move(b, ben, e.Key, "approve", "tested at 8 bar")
	if err != nil || signed.State != "approved" {
		t.Fatalf("%v, state %s", err, signed.State)
	}
	_, err = edit(b, b.Manager(), e.Key, 0, map[string]any{"name": "changed"})
	wantCode(t, err, sextant.Frozen)
	if _, err = edit(b, b.Manager(), e.Key, 0, map[string]any{"service_on": "2027-01-01"}); err != nil {
		t.Errorf("a field that is not frozen: %v", err)
	}
	wantCode(t, b.Try(b.Manager(), func(tx *register.Tx) error { return tx.Delete("pump", e.Key, 0, register.Note{}) }), sextant.Frozen)
	frozenStays(t, b, e.Key)
	_, err = move(b, b.As("ada", b.Ada, access.Owner), e.Key, "scrap", "")
	wantCode(t, err, sextant.Invalid)
	if _, err = move(b, b.As("ada", b.Ada, access.Owner), e.Key, "scrap", "worn out"); err != nil {
		t.Errorf("the keeper may scrap with a reason: %v", err)
	}
}

// frozenStays: the rendering that was signed does not change with what lies
// beneath.
func frozenStays(t *testing.T, b *Bench, key string) {
	t.Helper()
	var before, after []byte
	var signOff string
	find := func(v *register.View) (err error) {
		page, err := v.List(register.List{Register: "sign_off", Filters: []register.Filter{{Field: "subject", Op: register.Is, Values: []string{key}}}})
		if err != nil || len(page.Entries) != 1 {
			t.Fatalf("%d sign-offs, %v", len(page.Entries), err)
		}
		signOff = page.Entries[0].Key
		return nil
	}
	b.View(t, b.Manager(), 0, func(v *register.View) (err error) {
		if err := find(v); err != nil {
			return err
		}
		before, err = v.SignedRendering(signOff)
		return err
	})
	if !strings.Contains(string(before), "Ada") {
		t.Errorf("the rendering does not name the keeper: %s", before)
	}
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Edit("person", b.Ada, 0, map[string]any{"name": "Adele"}, register.Note{})
		return err
	})
	b.View(t, b.Manager(), 0, func(v *register.View) (err error) {
		after, err = v.SignedRendering(signOff)
		return err
	})
	if string(before) != string(after) {
		t.Errorf("the signed rendering changed:\n%s\n%s", before, after)
	}
	wantCode(t, b.Try(b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Create("sign_off", map[string]any{"subject": key}, register.Note{})
		return err
	}), sextant.Denied)
}

func children(t *testing.T, b *Bench) {
	pump := b.Pump(t, map[string]any{"name": "P1", "keeper": b.Ada, "approver": b.Ben})
	part := map[string]any{"pump": pump.Key, "title": "impeller"}
	create := func(tx *register.Tx) error { _, err := tx.Create("part", part, register.Note{}); return err }
	b.Write(t, b.Manager(), create)
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		page, err := v.List(register.List{Register: "part", Parent: pump.Key})
		if len(page.Entries) != 1 {
			t.Errorf("%d parts", len(page.Entries))
		}
		return err
	})
	if _, err := move(b, b.As("ben", b.Ben, access.Owner), pump.Key, "approve", ""); err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.Try(b.Manager(), create), sextant.Frozen)
}

func restricted(t *testing.T, b *Bench) {
	b.Pump(t, map[string]any{"name": "P1", "price": "1200.00 EUR"})
	b.Pump(t, map[string]any{"name": "P2", "price": "90.00 EUR"})
	reader := b.As("reader", "", access.Reader)
	b.View(t, reader, 0, func(v *register.View) error {
		page, err := v.List(register.List{Register: "pump"})
		for _, e := range page.Entries {
			if e.Doc["price"] != nil || len(e.Hidden) != 1 {
				t.Errorf("%s shows %v, hidden %v", e.Key, e.Doc["price"], e.Hidden)
			}
		}
		_, filterErr := v.List(register.List{Register: "pump", Filters: []register.Filter{{Field: "price", Op: register.Is, Values: []string{"90.00 EUR"}}}})
		wantCode(t, filterErr, sextant.Denied)
		_, orderErr := v.List(register.List{Register: "pump", Order: "price"})
		wantCode(t, orderErr, sextant.Invalid)
		history, _ := v.History("pump", page.Entries[0].Key, 0, 5)
		for _, d := range history[0].Changes {
			if d.Field == "price" {
				t.Error("history shows a restricted field")
			}
		}
		found, _ := v.Find("1200", 5)
		if len(found) != 0 {
			t.Error("search finds a restricted value")
		}
		return err
	})
}

// restrictedReports: what a change of many, a file or a document did is told
// without what the one who did it may not see, and leaves that alone.
func restrictedReports(t *testing.T, b *Bench) {
	e := b.Pump(t, map[string]any{"name": "P1", "price": "1200.00 EUR", "keeper": b.Ada})
	ada, operator := b.As("ada", b.Ada, access.Owner), b.As("op", "", access.Operator)
	told := func(what string, changes []register.Difference) {
		t.Helper()
		if len(changes) != 1 || changes[0].Field != "litres" {
			t.Errorf("%s tells %+v", what, changes)
		}
	}
	b.Write(t, ada, func(tx *register.Tx) error {
		report, err := tx.BulkEdit(register.List{Register: "pump"}, map[string]any{"litres": 1}, register.Note{})
		told("a bulk edit", report.Outcomes[0].Changes)
		return err
	})
	b.Write(t, ada, func(tx *register.Tx) error {
		report, err := tx.Import("pump", []register.Incoming{{Row: 2, Key: e.Key, Values: map[string]any{"litres": 2}}}, register.Note{})
		told("an import", report.Outcomes[0].Changes)
		return err
	})
	b.Write(t, operator, func(tx *register.Tx) error {
		steps, err := tx.Apply("git", []register.Desired{{Register: "pump", Key: e.Key, File: "a.yaml:1", Values: map[string]any{"name": "P1", "keeper": b.Ada, "litres": 3}}}, false)
		if err == nil {
			told("a plan", steps[0].Changes)
		}
		return err
	})
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		got, err := v.Entry("pump", e.Key)
		if got.Doc["price"] != "1200.00 EUR" || got.Doc["litres"] != 3.0 {
			t.Errorf("after all that: %v", got.Doc)
		}
		return err
	})
}

func secrets(t *testing.T, b *Bench) {
	const plain = "hunter2-open-sesame"
	e := b.Pump(t, map[string]any{"name": "P1", "maker_key": plain})
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		got, err := v.Entry("pump", e.Key)
		if strings.Contains(got.Doc.Text("maker_key"), plain) || got.Doc["maker_key"] == nil {
			t.Errorf("the document holds %v", got.Doc["maker_key"])
		}
		_, denied := v.Secret(got, "maker_key")
		wantCode(t, denied, sextant.Denied)
		return err
	})
	b.View(t, access.SystemActor(b.Org, "test"), 0, func(v *register.View) error {
		got, err := v.Entry("pump", e.Key)
		if err != nil {
			return err
		}
		opened, err := v.Secret(got, "maker_key")
		if opened != plain {
			t.Errorf("the program opens %q", opened)
		}
		return err
	})
}

func bulkAndUndo(t *testing.T, b *Bench) {
	fleet(t, b)
	var report register.Report
	list := register.List{Register: "pump", Filters: []register.Filter{{Field: "kind", Op: register.Is, Values: []string{"bilge"}}}}
	b.Write(t, b.Manager(), func(tx *register.Tx) (err error) {
		report, err = tx.BulkEdit(list, map[string]any{"keeper": b.Cleo}, register.Note{Why: "handover"})
		return err
	})
	if report.Counts[register.Updated] != 2 {
		t.Fatalf("bulk: %s", report.Summary())
	}
	if got := names(t, b, b.Manager(), 0, "", "keeper="+b.Cleo); len(got) != 2 {
		t.Errorf("after the bulk edit %v", got)
	}
	b.Write(t, b.Manager(), func(tx *register.Tx) (err error) {
		report, err = tx.UndoBatch(report.Batch, register.Note{})
		return err
	})
	if got := names(t, b, b.Manager(), 0, "", "keeper="+b.Ada); len(got) != 2 || report.Counts[register.Updated] != 2 {
		t.Errorf("after undo %v, %s", got, report.Summary())
	}
}

func importing(t *testing.T, b *Bench) {
	known := b.Pump(t, map[string]any{"name": "known", "litres": 5, "notes": "keep me"})
	rows := []register.Incoming{
		{Row: 2, Key: known.Key, Values: map[string]any{"litres": 6}},
		{Row: 3, Values: map[string]any{"name": "new one"}},
		{Row: 4, Values: map[string]any{"name": "bad", "kind": "rocket"}},
		{Row: 5, Key: known.Key, Values: map[string]any{"litres": 7}},
		{Row: 6, Key: known.Key[:4] + "900", Values: map[string]any{"name": "with its key"}},
	}
	var report register.Report
	run := func(tx *register.Tx) (err error) {
		report, err = tx.Import("pump", rows, register.Note{})
		return err
	}
	if err := b.Kernel.Rehearse(context.Background(), b.Manager(), run); err != nil {
		t.Fatal(err)
	}
	want := "2 created, 1 updated, 0 unchanged, 2 refused"
	if report.Summary() != want {
		t.Errorf("dry run: %s, want %s", report.Summary(), want)
	}
	if got := names(t, b, b.Manager(), 0, ""); len(got) != 1 {
		t.Fatalf("the dry run wrote: %v", got)
	}
	b.Write(t, b.Manager(), run)
	if report.Summary() != want || report.Outcomes[2].Row != 4 || report.Outcomes[2].Refusal == nil {
		t.Errorf("import: %s, %+v", report.Summary(), report.Outcomes[2])
	}
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		e, err := v.Entry("pump", known.Key)
		if e.Doc["litres"] != 6.0 || e.Doc["notes"] != "keep me" {
			t.Errorf("the known entry is %v", e.Doc)
		}
		return err
	})
	if next := b.Pump(t, map[string]any{"name": "after"}); next.Key != "PMP-901" {
		t.Errorf("after PMP-900 comes %s", next.Key)
	}
	b.Write(t, b.Manager(), func(tx *register.Tx) (err error) {
		report, err = tx.UndoBatch(report.Batch, register.Note{})
		return err
	})
	if got := names(t, b, b.Manager(), 0, ""); len(got) != 2 {
		t.Errorf("after undo of the import: %v", got)
	}
}

func applying(t *testing.T, b *Bench) {
	wanted := []register.Desired{
		{Register: "pump", Key: "PMP-10", File: "a.yaml:1", Values: map[string]any{"name": "ten"}},
		{Register: "pump", Key: "PMP-11", File: "a.yaml:5", Values: map[string]any{"name": "eleven", "litres": 4}},
	}
	apply := func(docs []register.Desired, prune bool) (steps []register.Step) {
		b.Write(t, b.Manager(), func(tx *register.Tx) (err error) { steps, err = tx.Apply("git", docs, prune); return err })
		return steps
	}
	apply(wanted, false)
	for _, s := range apply(wanted, false) {
		if s.Action != "keep" {
			t.Errorf("a second apply would %s %s", s.Action, s.Key)
		}
	}
	if _, err := edit(b, b.Manager(), "PMP-11", 0, map[string]any{"litres": 9}); err != nil {
		t.Fatal(err)
	}
	var steps []register.Step
	err := b.Kernel.Rehearse(context.Background(), b.Manager(), func(tx *register.Tx) (err error) { steps, err = tx.Apply("git", wanted, false); return err })
	if err != nil || len(steps) != 2 || steps[1].Action != "update" || len(steps[1].Changes) != 1 {
		t.Errorf("plan: %v %+v", err, steps)
	}
	if got := apply(wanted[:1], false); got[1].Action != "keep" || len(names(t, b, b.Manager(), 0, "")) != 2 {
		t.Errorf("without prune: %+v", got)
	}
	if got := apply(wanted[:1], true); got[1].Action != "delete" || len(names(t, b, b.Manager(), 0, "")) != 1 {
		t.Errorf("with prune: %+v", got)
	}
	err = b.Try(b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Apply("git", []register.Desired{wanted[0], {Register: "pump", Key: "PMP-12", File: "b.yaml:1", Values: map[string]any{"kind": "rocket"}}}, false)
		return err
	})
	wantCode(t, err, sextant.Invalid)
}

func recurring(t *testing.T, b *Bench) {
	e := b.Pump(t, map[string]any{"name": "P1", "keeper": b.Ada, "every": "P1M", "planned_on": "2026-01-31", "service_on": "2026-02-20"})
	if _, err := move(b, b.Manager(), e.Key, "scrap", "done late"); err != nil {
		t.Fatal(err)
	}
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		page, err := v.List(register.List{Register: "pump", Order: "-key", Limit: 1})
		if err != nil {
			return err
		}
		if next := page.Entries[0]; next.Key == e.Key || next.Doc["planned_on"] != "2026-02-28" || next.Doc["keeper"] != b.Ada {
			t.Errorf("next is %s %v", next.Key, next.Doc)
		}
		return nil
	})
}

// foreseeing writes entries that were read ahead, out of turn and more than once,
// and one that was not there.
func foreseeing(t *testing.T, b *Bench) {
	one, two := b.Pump(t, map[string]any{"name": "One", "keeper": b.Ada}).Key, b.Pump(t, map[string]any{"name": "Two", "keeper": b.Ada}).Key
	late := "PMP-77"
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		return tx.Foreseeing("pump", []string{one, two, late}, func(key string) error {
			if key == late {
				if _, err := tx.Lookup("pump", late); sextant.CodeOf(err) != sextant.NotFound {
					t.Errorf("%s is there before it is made: %v", late, err)
				}
				if _, err := tx.CreateAs("pump", late, map[string]any{"name": "Late", "keeper": b.Ada}, register.Note{}); err != nil {
					return err
				}
			}
			for _, change := range []struct{ key, keeper string }{{two, b.Ben}, {key, b.Cleo}, {key, b.Ben}} {
				if _, err := tx.Edit("pump", change.key, 0, map[string]any{"keeper": change.keeper}, register.Note{}); err != nil {
					return err
				}
				if e, err := tx.Lookup("pump", change.key); err != nil || e.Doc.Text("keeper") != change.keeper {
					t.Errorf("%s is kept by %s, want %s: %v", change.key, e.Doc.Text("keeper"), change.keeper, err)
				}
			}
			return nil
		})
	})
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		for keeper, n := range map[string]int{b.Ada: 0, b.Ben: 3, b.Cleo: 0} {
			by := register.Filter{Field: "keeper", Op: register.Is, Values: []string{keeper}}
			if got, err := v.Count(register.List{Register: "pump", Filters: []register.Filter{by}}); err != nil || got != n {
				t.Errorf("%s keeps %d, want %d: %v", keeper, got, n, err)
			}
			if links, err := v.PointingAt("person", keeper); err != nil || len(links) != n {
				t.Errorf("%d links to %s, want %d: %v", len(links), keeper, n, err)
			}
		}
		return nil
	})
}

func searching(t *testing.T, b *Bench) {
	fleet(t, b)
	find := func(words string) (keys []string) {
		b.View(t, b.Manager(), 0, func(v *register.View) error {
			found, err := v.Find(words, 10)
			for _, e := range found {
				keys = append(keys, e.Title())
			}
			return err
		})
		return keys
	}
	if got := find("gland leaks"); len(got) != 1 || got[0] != "C" {
		t.Errorf("gland leaks: %v", got)
	}
	for _, hostile := range []string{`"`, `AND OR NOT`, `a" OR "b`, `*`, `(`, `title:x`, `-`, `'; DROP TABLE entry; --`, "\x00", strings.Repeat("x ", 500)} {
		find(hostile)
	}
	searchFollows(t, b, find)
}

// searchFollows: whatever an edit leaves as it was is still found, and what it
// changes is found as it is now.
func searchFollows(t *testing.T, b *Bench, find func(words string) []string) {
	e := b.Pump(t, map[string]any{"name": "Harbourside", "notes": "sealed bearing"})
	for _, step := range []struct {
		change map[string]any
		found  map[string]int
	}{
		{map[string]any{"litres": 71}, map[string]int{"harbourside": 1, "sealed bearing": 1, e.Key + " bearing": 1}},
		{map[string]any{"name": "Quayside"}, map[string]int{"harbourside": 0, "quayside bearing": 1}},
		{map[string]any{"notes": "open bush"}, map[string]int{"quayside bush": 1, "bearing": 0}},
		{map[string]any{"notes": nil}, map[string]int{"quayside": 1, "bush": 0}},
	} {
		if _, err := edit(b, b.Manager(), e.Key, 0, step.change); err != nil {
			t.Fatal(err)
		}
		for words, n := range step.found {
			if got := find(words); len(got) != n {
				t.Errorf("after %v: %q finds %v, want %d", step.change, words, got, n)
			}
		}
	}
}

func erasing(t *testing.T, b *Bench) {
	const gone = "zygomorphic"
	e := b.Pump(t, map[string]any{"name": "P1", "notes": "first " + gone, "keeper": b.Ada})
	if _, err := edit(b, b.Manager(), e.Key, 0, map[string]any{"notes": "second " + gone}); err != nil {
		t.Fatal(err)
	}
	var report register.ErasureReport
	b.Write(t, b.Manager(), func(tx *register.Tx) (err error) {
		report, err = tx.Erase(register.Erasure{Register: "pump", Key: e.Key, Rule: "gdpr-art-17", Person: "PER-1"})
		return err
	})
	if report.Versions != 2 || len(report.Lines) != 2 {
		t.Errorf("erased %d versions, %d lines", report.Versions, len(report.Lines))
	}
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		history, err := v.History("pump", e.Key, 0, 10)
		for _, rev := range history {
			if strings.Contains(rev.Doc.Text("notes"), gone) || !rev.Erased {
				t.Errorf("version %d still reads %q (erased %v)", rev.Version, rev.Doc.Text("notes"), rev.Erased)
			}
			if rev.Doc["keeper"] != b.Ada {
				t.Errorf("version %d lost more than the personal fields", rev.Version)
			}
		}
		found, _ := v.Find(gone, 5)
		if len(found) != 0 {
			t.Error("search still finds it")
		}
		return err
	})
	wantCode(t, b.Try(b.As("reader", "", access.Reader), func(tx *register.Tx) error {
		_, err := tx.Erase(register.Erasure{Register: "pump", Key: e.Key, Rule: "x"})
		return err
	}), sextant.Denied)
}

func invariants(t *testing.T, b *Bench) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			err := b.Try(b.Manager(), func(tx *register.Tx) error {
				_, err := tx.Create("pump", map[string]any{"name": "F" + string(rune('0'+i)), "kind": "fire"}, register.Note{})
				return err
			})
			if err != nil && sextant.CodeOf(err) != sextant.Conflict {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if got := names(t, b, b.Manager(), 0, "", "kind=fire"); len(got) != 3 {
		t.Errorf("%d fire pumps, want 3", len(got))
	}
}

func pastCounts(t *testing.T, b *Bench) {
	fleet(t, b)
	then := b.Clock.Now()
	want := names(t, b, b.Manager(), 0, "service_on", "uses=deck")
	for _, name := range names(t, b, b.Manager(), 0, "") {
		b.Write(t, b.Manager(), func(tx *register.Tx) error {
			page, err := tx.List(register.List{Register: "pump", Filters: []register.Filter{{Field: "name", Op: register.Is, Values: []string{name}}}})
			if err != nil {
				return err
			}
			_, err = tx.Edit("pump", page.Entries[0].Key, 0, map[string]any{"uses": []any{"cargo"}, "service_on": nil}, register.Note{})
			return err
		})
	}
	if got := names(t, b, b.Manager(), then, "service_on", "uses=deck"); cmp.Diff(want, got) != "" {
		t.Errorf("as of then (-want +got):\n%s", cmp.Diff(want, got))
	}
}

func separation(t *testing.T, o Opened) {
	one, two := NewBench(t, o, "One"), NewBench(t, o, "Two")
	e := one.Pump(t, map[string]any{"name": "secret pump"})
	two.View(t, two.Manager(), 0, func(v *register.View) error {
		_, theirs := v.Entry("pump", e.Key)
		_, missing := v.Entry("pump", "PMP-999")
		wantCode(t, theirs, sextant.NotFound)
		if strings.ReplaceAll(theirs.Error(), e.Key, "K") != strings.ReplaceAll(missing.Error(), "PMP-999", "K") {
			t.Errorf("the answers differ: %v / %v", theirs, missing)
		}
		found, err := v.Find("secret", 5)
		if len(found) != 0 {
			t.Error("search crosses organisations")
		}
		return err
	})
	two.Pump(t, map[string]any{"name": "secret pump"})
}
