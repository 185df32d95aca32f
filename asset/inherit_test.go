// SPDX-License-Identifier: Apache-2.0

package asset_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/asset"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
)

func boss(h *producttest.House) access.Actor {
	return access.Actor{Organisation: h.Org, Name: "account:mara", Person: h.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
}

// estate is a company's assets under test.
type estate struct {
	*producttest.House
	unit string
}

func newEstate(t *testing.T, h *producttest.House) estate {
	t.Helper()
	e := estate{House: h}
	h.Look(t, 0, func(v *register.View, _ evidenceReader) error {
		units, err := v.Select("scope_unit")
		if err == nil {
			e.unit = units[0].Key
		}
		return err
	})
	return e
}

func (e estate) asset(t *testing.T, title string, fields map[string]any) string {
	t.Helper()
	values := map[string]any{"title": title, "scope_units": []string{e.unit}, "owner": e.People[access.Owner]}
	for key, value := range fields {
		values[key] = value
	}
	return e.Create(t, "asset", values).Key
}

func (e estate) try(t *testing.T, fn func(*register.Tx) error) error {
	t.Helper()
	return e.Kernel.Write(t.Context(), boss(e.House), fn)
}

func (e estate) depend(t *testing.T, dependent, supports string, fields map[string]any) (key string) {
	t.Helper()
	values := map[string]any{"dependent": dependent, "supports": supports}
	for k, value := range fields {
		values[k] = value
	}
	if err := e.try(t, func(tx *register.Tx) error {
		d, err := tx.Create("asset_dependency", values, register.Note{})
		key = d.Key
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return key
}

func (e estate) get(t *testing.T, key string) (found register.Of[asset.Asset]) {
	t.Helper()
	e.Look(t, 0, func(v *register.View, _ evidenceReader) (err error) {
		found, err = asset.Assets.Get(v, key)
		return err
	})
	return found
}

func TestWhatAnAssetStandsOnInheritsTheHighestValue(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := newEstate(t, h)
		orders := e.asset(t, "Orders", map[string]any{"confidentiality": "very_high", "integrity": "high"})
		site := e.asset(t, "Web site", map[string]any{"confidentiality": "low", "availability": "high"})
		database := e.asset(t, "Database", map[string]any{"integrity": "low"})
		server := e.asset(t, "Server", nil)
		e.depend(t, orders, database, nil)
		e.depend(t, site, database, nil)
		e.depend(t, database, server, map[string]any{"properties": []string{"confidentiality", "integrity"}, "note": "a second one takes over at once"})
		got := e.get(t, server).Fields.Value
		if got.EffectiveConfidentiality != "very_high" || got.EffectiveIntegrity != "high" || got.EffectiveAvailability != "" {
			t.Errorf("the server counts as %q, %q, %q; want very_high, high and, as availability is not passed on, not valued", got.EffectiveConfidentiality, got.EffectiveIntegrity, got.EffectiveAvailability)
		}
		if got := e.get(t, database).Fields.Value; got.InheritedAvailability != "high" || got.Integrity != "low" || got.EffectiveIntegrity != "high" {
			t.Errorf("the database shows %+v; want its own low integrity beside the inherited high one", got)
		}
		if got := e.get(t, orders).Fields.Value; got.InheritedConfidentiality != "" || got.EffectiveAvailability != "" {
			t.Errorf("what nothing stands on inherits nothing, and what nobody valued is not low: %+v", got)
		}
	})
}

func TestAnOwnValueStandsWithAReasonAndIsPassedOn(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := newEstate(t, h)
		orders := e.asset(t, "Orders", map[string]any{"confidentiality": "very_high"})
		store := e.asset(t, "Encrypted copies", map[string]any{"confidentiality": "moderate"})
		disk := e.asset(t, "Disk", nil)
		e.depend(t, orders, store, nil)
		e.depend(t, store, disk, nil)
		edit := func(values map[string]any) error {
			return e.try(t, func(tx *register.Tx) error {
				_, err := tx.Edit("asset", store, 0, values, register.Note{})
				return err
			})
		}
		if err := edit(map[string]any{"overrides": []string{"confidentiality"}}); sextant.CodeOf(err) != sextant.Invalid || !strings.Contains(err.Error(), "why") {
			t.Errorf("an override without reason gives %v, want a refusal that asks for it", err)
		}
		if err := edit(map[string]any{"overrides": []string{"integrity"}, "override_reason": "x"}); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("an override of a property without own value gives %v, want a refusal", err)
		}
		if err := edit(map[string]any{"overrides": []string{"confidentiality"}, "override_reason": "Encrypted with a key held elsewhere."}); err != nil {
			t.Fatal(err)
		}
		if got := e.get(t, store).Fields.Value; got.EffectiveConfidentiality != "moderate" || got.InheritedConfidentiality != "very_high" {
			t.Errorf("with its own value standing it shows %+v; want moderate, and the inherited very_high beside it", got)
		}
		if got := e.get(t, disk).Fields.EffectiveConfidentiality; got != "moderate" {
			t.Errorf("the disk counts as %q, want moderate: what stands is passed on", got)
		}
		if err := edit(map[string]any{"inherited_confidentiality": "low"}); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("typing an inherited value gives %v, want a refusal", err)
		}
	})
}

func TestACircleIsRefusedNamingItsPath(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := newEstate(t, h)
		a, b, c := e.asset(t, "Portal", nil), e.asset(t, "Database", nil), e.asset(t, "Cluster", nil)
		e.depend(t, a, b, nil)
		last := e.depend(t, b, c, nil)
		err := e.try(t, func(tx *register.Tx) error {
			_, err := tx.Create("asset_dependency", map[string]any{"dependent": c, "supports": a}, register.Note{})
			return err
		})
		want := fmt.Sprintf("%s Cluster → %s Portal → %s Database → %s Cluster", c, a, b, c)
		if sextant.CodeOf(err) != sextant.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("the circle gives %v, want a refusal with %q", err, want)
		}
		if err := e.try(t, func(tx *register.Tx) error { // what is turned round is no circle
			_, err := tx.Edit("asset_dependency", last, 0, map[string]any{"dependent": c, "supports": b}, register.Note{})
			return err
		}); err != nil {
			t.Errorf("turning a dependency round gives %v", err)
		}
		if err := e.try(t, func(tx *register.Tx) error {
			_, err := tx.Create("asset_dependency", map[string]any{"dependent": a, "supports": a}, register.Note{})
			return err
		}); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("standing on itself gives %v, want a refusal", err)
		}
		if err := e.try(t, func(tx *register.Tx) error { // within one transaction: taken away first, then the other way round
			if err := tx.Delete("asset_dependency", last, 0, register.Note{}); err != nil {
				return err
			}
			_, err := tx.Create("asset_dependency", map[string]any{"dependent": b, "supports": c}, register.Note{})
			return err
		}); err != nil {
			t.Errorf("a dependency replaced within one transaction gives %v", err)
		}
	})
}

func TestAnImportReportsEachRowAndItsUndoTakesInheritanceBack(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := newEstate(t, h)
		a, b, c := e.asset(t, "A", map[string]any{"integrity": "high"}), e.asset(t, "B", nil), e.asset(t, "C", nil)
		rows := []register.Incoming{
			{Row: 2, Values: map[string]any{"dependent": a, "supports": b}}, {Row: 3, Values: map[string]any{"dependent": b, "supports": c}},
			{Row: 4, Values: map[string]any{"dependent": c, "supports": a}}, {Row: 5, Values: map[string]any{"dependent": a, "supports": "AST-999"}},
		}
		var report register.Report
		if err := e.try(t, func(tx *register.Tx) (err error) {
			report, err = tx.Import("asset_dependency", rows, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if report.Counts[register.Created] != 2 || report.Counts[register.Refused] != 2 || !strings.Contains(report.Outcomes[2].Refusal.Error(), "circle") {
			t.Fatalf("the import says %s, %+v", report.Summary(), report.Outcomes)
		}
		if got := e.get(t, c).Fields.InheritedIntegrity; got != "high" {
			t.Errorf("C inherits %q, want high", got)
		}
		if err := e.try(t, func(tx *register.Tx) (err error) {
			report, err = tx.UndoBatch(report.Batch, register.Note{})
			return err
		}); err != nil || report.Counts[register.Refused] != 0 {
			t.Fatalf("undoing gives %v, %s", err, report.Summary())
		}
		if got := e.get(t, c).Fields.InheritedIntegrity; got != "" {
			t.Errorf("C inherits %q after the undo, want nothing", got)
		}
		if err := e.try(t, func(tx *register.Tx) (err error) { // what the program derived since stops no undo
			report, err = tx.BulkEdit(register.List{Register: "asset", Filters: []register.Filter{{Field: "key", Op: register.Is, Values: []string{b}}}}, map[string]any{"notes": "x"}, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		e.depend(t, a, b, nil)
		var undone register.Report
		if err := e.try(t, func(tx *register.Tx) (err error) {
			undone, err = tx.UndoBatch(report.Batch, register.Note{})
			return err
		}); err != nil || undone.Counts[register.Updated] != 1 {
			t.Fatalf("undoing a bulk edit of what inherited since gives %v, %s", err, undone.Summary())
		}
		if got := e.get(t, b).Fields; got.Notes != "" || got.InheritedIntegrity != "high" {
			t.Errorf("after the undo B is %+v; want no note and what it inherits", got)
		}
	})
}

func TestListsFilterAndSortByTheValueThatCounts(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := newEstate(t, h)
		low := e.asset(t, "B", map[string]any{"confidentiality": "low"})
		none, top := e.asset(t, "C", nil), e.asset(t, "A", map[string]any{"confidentiality": "very_high"})
		heir, high := e.asset(t, "D", nil), e.asset(t, "E", map[string]any{"confidentiality": "high"})
		e.depend(t, top, heir, nil)
		h.Look(t, 0, func(v *register.View, _ evidenceReader) error {
			for order, want := range map[string][]string{
				"effective_confidentiality":  {none, low, high, top, heir},
				"-effective_confidentiality": {heir, top, high, low, none},
			} {
				page, err := v.List(register.List{Register: "asset", Order: order})
				if err != nil {
					return err
				}
				var got []string
				for _, x := range page.Entries {
					got = append(got, x.Key)
				}
				if !slices.Equal(got, want) {
					t.Errorf("by %s: %v, want %v", order, got, want)
				}
			}
			n, err := v.Count(register.List{Register: "asset", Filters: []register.Filter{{Field: "effective_confidentiality", Op: register.Is, Values: []string{"very_high"}}}})
			if n != 2 {
				t.Errorf("%d assets count as very high, want 2", n)
			}
			return err
		})
	})
}

// ---- random histories against a naive reference

type evidenceReader = evidence.Reader

var errCircle = errors.New("a circle was accepted")

// naive finds what every open asset inherits, with no care for speed.
func naive(assets []register.Of[asset.Asset], dependencies []register.Of[asset.Dependency], property int) map[string]int {
	name := asset.Properties[property]
	rank := func(level string) int {
		return slices.Index([]string{"", "low", "moderate", "high", "very_high"}, level)
	}
	byKey := map[string]register.Of[asset.Asset]{}
	for _, a := range assets {
		byKey[a.Key] = a
	}
	var inherited func(key string) int
	effective := func(key string) int {
		a := byKey[key]
		own := rank(a.Doc.Text(name))
		if slices.Contains(a.Fields.Overrides, name) {
			return own
		}
		return max(own, inherited(key))
	}
	inherited = func(key string) int {
		level := 0
		for _, d := range dependencies {
			state := byKey[d.Fields.Dependent].State
			if d.State == "active" && d.Fields.Supports == key && state != "disposed" && state != "ignored" && slices.Contains(d.Fields.Properties, name) {
				level = max(level, effective(d.Fields.Dependent))
			}
		}
		return level
	}
	found := map[string]int{}
	for _, a := range assets {
		if a.State != "disposed" && a.State != "ignored" {
			found[a.Key] = inherited(a.Key)
		}
	}
	return found
}

// reaches says naively whether one asset stands on another.
func reaches(dependencies []register.Of[asset.Dependency], from, to string) bool {
	if from == to {
		return true
	}
	for _, d := range dependencies {
		if d.State == "active" && d.Fields.Dependent == from && reaches(dependencies, d.Fields.Supports, to) {
			return true
		}
	}
	return false
}

func TestInheritedValuesEqualANaiveReference(t *testing.T) {
	const rounds = 250
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := newEstate(t, h)
		random := rand.New(rand.NewPCG(27005, 2022))
		var keys []string
		for i := range 10 {
			keys = append(keys, e.asset(t, fmt.Sprint("Asset ", i), nil))
		}
		committed := 0
		for range rounds {
			before := e.dependencies(t)
			refusable := false
			err := e.try(t, func(tx *register.Tx) error {
				for range 1 + random.IntN(3) {
					may, err := step(tx, random, keys)
					refusable = refusable || may
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil && (!refusable || sextant.CodeOf(err) == sextant.Internal) {
				t.Fatalf("a change that is no circle is refused: %v", err)
			}
			if err == nil {
				committed++
			}
			after := e.dependencies(t)
			if err != nil && len(after) != len(before) {
				t.Fatal("a refused transaction left something")
			}
			e.compare(t, after)
		}
		if committed < rounds/3 {
			t.Errorf("%d of %d changes were made: too few to show anything", committed, rounds)
		}
	})
}

// step makes one random change; may says that it may be refused.
func step(tx *register.Tx, random *rand.Rand, keys []string) (may bool, err error) {
	pick := func() string { return keys[random.IntN(len(keys))] }
	levels := []any{nil, "low", "moderate", "high", "very_high"}
	dependencies, err := asset.Dependencies.All(tx)
	if err != nil {
		return false, err
	}
	switch action := random.IntN(20); {
	case action < 7:
		i, j := random.IntN(len(keys)), random.IntN(len(keys))
		if i > j && random.IntN(8) > 0 {
			i, j = j, i
		}
		a, b := keys[i], keys[j]
		values := map[string]any{"dependent": a, "supports": b, "properties": asset.Properties[random.IntN(3):], "note": "some"}
		_, err = tx.Create("asset_dependency", values, register.Note{})
		taken := slices.ContainsFunc(dependencies, func(d register.Of[asset.Dependency]) bool { return d.Fields.Dependent == a && d.Fields.Supports == b })
		circle := reaches(dependencies, b, a)
		if circle && err == nil {
			return true, fmt.Errorf("%w: %s on %s", errCircle, a, b)
		}
		dependent, lookup := tx.Lookup("asset", a)
		return circle || taken || dependent.State == "disposed", errors.Join(err, lookup)
	case action < 13:
		_, err = tx.Edit("asset", pick(), 0, map[string]any{asset.Properties[random.IntN(3)]: levels[random.IntN(5)]}, register.Note{})
		return true, err // of a disposed one, or of one whose own value stands
	case action < 14:
		property := asset.Properties[random.IntN(3)]
		_, err = tx.Edit("asset", pick(), 0, map[string]any{property: levels[1+random.IntN(4)], "overrides": []string{property}, "override_reason": "so"}, register.Note{})
		return true, err
	case action < 18 && len(dependencies) > 0:
		d := dependencies[random.IntN(len(dependencies))]
		if random.IntN(3) == 0 {
			return true, tx.Delete("asset_dependency", d.Key, 0, register.Note{})
		}
		name := map[string]string{"active": "retire", "retired": "reactivate"}[d.State]
		_, err = tx.Transition("asset_dependency", d.Key, 0, name, nil, register.Note{Why: "so"})
		return true, err
	}
	a, err := tx.Lookup("asset", pick())
	if err != nil {
		return false, err
	}
	name := map[string]string{"proposed": "activate", "active": "dispose", "disposed": "reactivate", "ignored": "propose"}[a.State]
	if a.State == "proposed" && random.IntN(2) == 0 {
		name = "ignore"
	}
	_, err = tx.Transition("asset", a.Key, 0, name, map[string]any{"disposed_on": "2026-01-01"}, register.Note{Why: "so"})
	return true, err
}

func (e estate) dependencies(t *testing.T) (list []register.Of[asset.Dependency]) {
	t.Helper()
	e.Look(t, 0, func(v *register.View, _ evidenceReader) (err error) {
		list, err = asset.Dependencies.All(v)
		return err
	})
	return list
}

func (e estate) compare(t *testing.T, dependencies []register.Of[asset.Dependency]) {
	t.Helper()
	e.Look(t, 0, func(v *register.View, _ evidenceReader) error {
		assets, err := asset.Assets.All(v)
		if err != nil {
			return err
		}
		for i, property := range asset.Properties {
			want := naive(assets, dependencies, i)
			for _, a := range assets {
				level, open := want[a.Key]
				if got := a.Doc.Text("inherited_" + property); open && got != []string{"", "low", "moderate", "high", "very_high"}[level] {
					t.Fatalf("%s (%s) inherits %s %q, want level %d", a.Key, a.State, property, got, level)
				}
			}
		}
		return nil
	})
}

func TestTheWayOfAnInheritedValueIsNamed(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := newEstate(t, h)
		orders, site := e.asset(t, "Orders", map[string]any{"confidentiality": "high"}), e.asset(t, "Site", map[string]any{"confidentiality": "low"})
		database, disk := e.asset(t, "Database", map[string]any{"confidentiality": "moderate"}), e.asset(t, "Disk", nil)
		e.depend(t, site, database, nil)
		e.depend(t, orders, database, nil)
		e.depend(t, database, disk, nil)
		before := h.Clock()
		if err := e.try(t, func(tx *register.Tx) error {
			_, err := tx.Edit("asset", orders, 0, map[string]any{"confidentiality": nil}, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, at := range []struct {
			moment sextant.Instant
			level  asset.Level
			way    []string
		}{{before, asset.High, []string{orders, database}}, {0, asset.Moderate, []string{database}}} {
			h.Look(t, at.moment, func(v *register.View, _ evidenceReader) error {
				entry, err := v.Entry("asset", disk)
				if err != nil {
					return err
				}
				standing, err := asset.ValueOf(v, entry)
				if err == nil && (standing[0].Effective != at.level || !slices.Equal(standing[0].From, at.way)) {
					t.Errorf("at %v the disk counts as %v by %v, want %v by %v", at.moment, standing[0].Effective, standing[0].From, at.level, at.way)
				}
				return err
			})
		}
	})
}
