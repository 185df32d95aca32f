// SPDX-License-Identifier: Apache-2.0

package crosswalk_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sextant/control"
	"sextant/crosswalk"
	"sextant/evidence"
	"sextant/framework"
	"sextant/product/producttest"
	"sextant/register"
)

func TestTheBestCoverageWinsAndAFailingWholeFails(t *testing.T) {
	full := func(s control.State) crosswalk.Path {
		return crosswalk.Path{State: s, Coverage: framework.Full, Hops: make([]crosswalk.Hop, 1)}
	}
	part := func(s control.State) crosswalk.Path {
		return crosswalk.Path{State: s, Coverage: framework.Partly, Hops: make([]crosswalk.Hop, 1)}
	}
	for name, c := range map[string]struct {
		paths    []crosswalk.Path
		want     control.State
		deciding int
	}{
		"nothing leads here":                    {nil, control.NotAssessed, 0},
		"a whole that passes":                   {[]crosswalk.Path{full(control.Pass)}, control.Pass, 1},
		"a part that passes":                    {[]crosswalk.Path{part(control.Pass)}, control.Partial, 1},
		"parts that pass":                       {[]crosswalk.Path{part(control.Pass), part(control.Pass)}, control.Partial, 2},
		"a part that fails":                     {[]crosswalk.Path{part(control.Fail)}, control.NotAssessed, 0},
		"a part that is stale, one that passes": {[]crosswalk.Path{part(control.Stale), part(control.Pass)}, control.Partial, 1},
		"a whole passes, a whole fails":         {[]crosswalk.Path{full(control.Pass), full(control.Fail)}, control.Fail, 1},
		"a whole passes, a part fails":          {[]crosswalk.Path{full(control.Pass), part(control.Fail)}, control.Pass, 1},
		"a whole is stale, a part passes":       {[]crosswalk.Path{full(control.Stale), part(control.Pass)}, control.Stale, 1},
		"a whole is stale, another passes":      {[]crosswalk.Path{full(control.Stale), full(control.Pass)}, control.Pass, 1},
		"a whole that is partial":               {[]crosswalk.Path{full(control.Partial)}, control.Partial, 1},
	} {
		state, _, ordered, deciding := crosswalk.Conclude(c.paths)
		if state != c.want || deciding != c.deciding || len(ordered) != len(c.paths) {
			t.Errorf("%s: %s by %d of %d, want %s by %d", name, state, deciding, len(ordered), c.want, c.deciding)
		}
	}
}

// world gives mappings and states of its own to the board.
type world struct {
	name string // of the files its mappings would be read from
	sets []framework.MappingSet
	own  map[string]control.State
}

func (w world) Trees(*register.View) ([]framework.Tree, error) { return nil, nil }
func (w world) Tree(*register.View, string) (framework.Tree, bool, error) {
	return framework.Tree{}, false, nil
}
func (w world) Asking(*register.View, string) ([]string, bool, error) { return nil, false, nil }
func (w world) Files(*register.View) ([]string, error)                { return []string{w.name}, nil }
func (w world) Named(*register.View, string, string) (crosswalk.Place, bool, error) {
	return crosswalk.Place{}, false, nil
}
func (w world) Mappings(*register.View) ([]framework.MappingSet, error) { return w.sets, nil }
func (w world) board() crosswalk.Board {
	return crosswalk.Board{Sources: []crosswalk.Source{w}, Standing: func(*register.View, evidence.Reader) (map[string]control.State, error) { return w.own, nil }}
}

func set(links ...framework.Mapping) framework.MappingSet {
	return framework.MappingSet{ID: "test", Source: "test", Licence: "CC BY 4.0", Links: links}
}

func link(from, to string, kind framework.Relation) framework.Mapping {
	return framework.Mapping{From: "x:1/" + from, To: "x:1/" + to, Kind: kind, Rationale: "r"}
}

func TestWaysAreShownShortAndNeverLongerThanThreeHops(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	w := world{own: map[string]control.State{"x:1/a": control.Pass, "x:1/own": control.Fail, "x:1/cut": control.Pass},
		sets: []framework.MappingSet{
			set(link("a", "b", framework.Equal), link("b", "c", framework.Superset), link("c", "d", framework.Equal), link("d", "e", framework.Equal),
				link("a", "own", framework.Equal), link("cut", "f", framework.Intersect), link("f", "g", framework.Intersect), link("a", "r", framework.RelatedTo), link("h", "a", framework.Subset)),
			set(link("a", "b", framework.Superset)),
		}}
	h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
		states, err := w.board().At(v, r)
		if err != nil {
			return err
		}
		for id, want := range map[string]control.State{"b": control.Pass, "c": control.Pass, "d": control.Pass, "e": control.NotAssessed, "own": control.Fail, "f": control.Partial,
			"g": control.NotAssessed, "r": control.NotAssessed, "h": control.Pass, "nowhere": control.NotAssessed} {
			if x := states.Of("x:1/" + id); x.State != want {
				t.Errorf("%s is %s, want %s: %+v", id, x.State, want, x.Paths)
			}
		}
		if x := states.Of("x:1/own"); !x.Own || len(x.Paths) > 0 {
			t.Errorf("own evidence does not go first: %+v", x)
		}
		if x := states.Of("x:1/d"); len(x.Paths) != 2 || x.Paths[0].Source() != "x:1/a" || len(x.Paths[0].Hops) != 3 || !x.Contested {
			t.Errorf("the path to d is %+v", x.Paths)
		}
		if x := states.Of("x:1/r"); len(x.Beside) != 1 {
			t.Errorf("beside r stand %+v", x.Beside)
		}
		return nil
	})
}

// TestInferenceNeverClaimsWhatSetsDoNotCover: over random frameworks of random
// demands, mapped by honest authors, a requirement passes only if some source
// that passes asks all of it, and is partial only if one asks some of it.
func TestInferenceNeverClaimsWhatSetsDoNotCover(t *testing.T) {
	rapid.Check(t, claimHolds)
}

func claimHolds(t *rapid.T) {
	asks := map[string]uint8{}
	var names []string
	for i := range rapid.IntRange(3, 7).Draw(t, "requirements") {
		name := fmt.Sprintf("x:1/%d", i)
		names, asks[name] = append(names, name), rapid.Uint8Range(1, 63).Draw(t, name)
	}
	w := world{own: map[string]control.State{}}
	for _, name := range names {
		if rapid.IntRange(0, 2).Draw(t, "has evidence") == 0 {
			w.own[name] = rapid.SampledFrom([]control.State{control.Pass, control.Fail, control.Stale, control.NotAssessed, control.Partial}).Draw(t, "state")
		}
	}
	var links []framework.Mapping
	for range rapid.IntRange(1, 12).Draw(t, "mappings") {
		from, to := rapid.SampledFrom(names).Draw(t, "from"), rapid.SampledFrom(names).Draw(t, "to")
		if kind := honest(asks[from], asks[to]); kind != "" && from != to {
			links = append(links, framework.Mapping{From: from, To: to, Kind: kind, Rationale: "r"})
		}
	}
	w.sets = []framework.MappingSet{set(links...)}
	states := crosswalk.Drawn(w.sets, w.own)
	for _, name := range names {
		x := states.Of(name)
		if state, known := states.Brief(name); state != x.State || known != (x.Own || len(x.Paths) > 0 || states.Has(name)) {
			t.Fatalf("%s is %s in brief (%v), and %s", name, state, known, x.State)
		}
		if x.Own != (w.own[name] != control.NotAssessed) {
			t.Fatalf("%s has own evidence: %v", name, x.Own)
		}
		if x.Own {
			continue
		}
		covers := func(whole bool, state ...control.State) bool {
			return slices.ContainsFunc(names, func(s string) bool {
				common := asks[s] & asks[name]
				return slices.Contains(state, w.own[s]) && (common == asks[name] || !whole && common != 0)
			})
		}
		switch {
		case x.State == control.Pass && !covers(true, control.Pass):
			t.Fatalf("%s passes, and nothing that passes takes it in", name)
		case x.State == control.Fail && !covers(true, control.Fail):
			t.Fatalf("%s fails, and nothing that fails takes it in", name)
		case x.State == control.Partial && !covers(false, control.Pass, control.Partial):
			t.Fatalf("%s is partial, and nothing that passes has to do with it", name)
		}
		for _, p := range x.Paths {
			if len(p.Hops) > framework.MostHops || p.Hops[len(p.Hops)-1].To != name {
				t.Fatalf("the path %+v to %s", p.Hops, name)
			}
		}
	}
}

// everyWay is what follows from all walks of up to three mappings that visit
// nothing twice and do not go on behind evidence: slow, and without any table.
func everyWay(sets []framework.MappingSet, own map[string]control.State, target string) (paths []crosswalk.Path) {
	type link struct {
		from string
		kind framework.Relation
	}
	into := map[string][]link{}
	for _, s := range sets {
		for _, m := range s.Links {
			into[m.To] = append(into[m.To], link{m.From, m.Kind})
			into[m.From] = append(into[m.From], link{m.To, m.Kind.Inverse()})
		}
	}
	var walk func(at string, been []string, so framework.Relation)
	walk = func(at string, been []string, so framework.Relation) {
		for _, l := range into[at] {
			if says := l.kind.Then(so); says != "" && !slices.Contains(been, l.from) {
				if own[l.from] != control.NotAssessed {
					paths = append(paths, crosswalk.Path{State: own[l.from], Coverage: says.Covers(), Hops: make([]crosswalk.Hop, len(been))})
				} else if len(been) < framework.MostHops {
					walk(l.from, append(slices.Clone(been), l.from), says)
				}
			}
		}
	}
	walk(target, []string{target}, framework.Equal)
	return paths
}

// TestWhatIsCountedIsWhatEveryWayLeadsTo: over random frameworks and random
// mappings, honest or not, the quick answer, the one with its paths, and all
// walks there are come to the same.
func TestWhatIsCountedIsWhatEveryWayLeadsTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := make([]string, rapid.IntRange(3, 8).Draw(t, "requirements"))
		w := world{own: map[string]control.State{}}
		for i := range names {
			names[i] = fmt.Sprintf("x:1/%d", i)
			if rapid.IntRange(0, 2).Draw(t, "has evidence") == 0 {
				w.own[names[i]] = rapid.SampledFrom([]control.State{control.Pass, control.Fail, control.Stale, control.Error, control.Partial}).Draw(t, "state")
			}
		}
		for range rapid.IntRange(1, 3).Draw(t, "sets") {
			var links []framework.Mapping
			for range rapid.IntRange(1, 10).Draw(t, "mappings") {
				from, to := rapid.SampledFrom(names).Draw(t, "from"), rapid.SampledFrom(names).Draw(t, "to")
				if from != to {
					links = append(links, framework.Mapping{From: from, To: to, Kind: rapid.SampledFrom(append(framework.Relations(), framework.Unrelated)).Draw(t, "kind"), Rationale: "r"})
				}
			}
			w.sets = append(w.sets, set(links...))
		}
		states := crosswalk.Drawn(w.sets, w.own)
		for _, name := range names {
			if w.own[name] != control.NotAssessed {
				continue
			}
			paths := everyWay(w.sets, w.own, name)
			want, coverage, _, deciding := crosswalk.Conclude(paths)
			x := states.Of(name)
			brief, known := states.Brief(name)
			if brief != want || known != (len(paths) > 0) || x.State != want || x.Coverage != coverage || x.Capped {
				t.Fatalf("%s: %s in brief, %s (%s) with its paths, %s (%s) by every way", name, brief, x.State, x.Coverage, want, coverage)
			}
			_, _, _, found := crosswalk.Conclude(x.Paths)
			if (found > 0) != (deciding > 0) || (len(x.Paths) > 0) != (len(paths) > 0) || len(x.Paths) > len(paths) {
				t.Fatalf("%s: %d paths, %d of which decide; by every way %d and %d", name, len(x.Paths), found, len(paths), deciding)
			}
		}
	})
}

func honest(a, b uint8) framework.Relation {
	switch {
	case a == b:
		return framework.Equal
	case a&b == b:
		return framework.Superset
	case a&b == a:
		return framework.Subset
	case a&b != 0:
		return framework.Intersect
	}
	return ""
}

func TestControlsServeWhatIsMappedFromThem(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1"})
	h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
		board := crosswalk.Board{Standing: func(*register.View, evidence.Reader) (map[string]control.State, error) {
			return map[string]control.State{"iso27001:2022/A.8.13": control.Pass, "iso27001:2022/A.5.19": control.Fail}, nil
		}}
		states, err := board.At(v, r)
		if err != nil {
			return err
		}
		served := map[string]bool{}
		for _, hop := range states.Serving("iso27001:2022/A.8.13") {
			served[hop.To] = true
			if hop.From != "iso27001:2022/A.8.13" || hop.Set.Licence == "" {
				t.Errorf("%+v", hop)
			}
		}
		if !served["cis-controls:8.1/11"] || !served["nist-csf:2.0/PR.DS-11"] {
			t.Errorf("A.8.13 serves %v", served)
		}
		for reference, want := range map[string]control.State{"cis-controls:8.1/11": control.Pass, "nist-csf:2.0/PR.DS-11": control.Partial, "dora:2022-2554/Art.28": control.Fail, "gdpr:2016-679/Art.32.1.c": control.NotAssessed} {
			if x := states.Of(reference); x.State != want {
				t.Errorf("%s is %s, want %s", reference, x.State, want)
			}
		}
		trees, err := board.Trees(v)
		if err != nil || len(trees) != 6+8 {
			t.Errorf("%d frameworks, %v", len(trees), err)
		}
		for _, tree := range trees {
			if whole, err := board.Tree(v, tree.ID); err != nil || len(whole.Nodes) == 0 || len(tree.Nodes) != 0 {
				t.Errorf("%s: %v", tree.ID, err)
			}
		}
		_, err = board.Tree(v, "none")
		if err == nil {
			t.Error("there is a framework called none")
		}
		return nil
	})
}
