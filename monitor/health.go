// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"slices"

	"sextant"
	"sextant/connector"
	"sextant/evidence"
	"sextant/register"
)

// Health is how well a source is heard at the moment of a view.
type Health struct {
	Source register.Of[evidence.Source]
	Runs   []evidence.Run // the newest first, healthRuns at most
	Next   sextant.Instant
	Whole  int // populations seen to their end, of those below
	Of     int
	Count  int                   // resources in all of them
	Broken []evidence.Population // those that were not
	Since  sextant.Instant       // since when the longest unseen of them was last whole, 0 where none is broken or one never was
}

// healthRuns is how many runs tell how a source has been.
const healthRuns = 24

// Last is the newest run, nil where there was none.
func (h Health) Last() *evidence.Run {
	if len(h.Runs) == 0 {
		return nil
	}
	return &h.Runs[0]
}

// Complete counts the complete ones among the runs.
func (h Health) Complete() (n int) {
	for _, r := range h.Runs {
		if r.Complete {
			n++
		}
	}
	return n
}

// Hears says whether everything the newest run was to see was seen.
func (h Health) Hears() bool {
	return len(h.Runs) > 0 && len(h.Broken) == 0 && h.Source.State == "connected"
}

// Healths tells how every source that is not removed is heard, by key.
func Healths(v *register.View, r evidence.Reader) ([]Health, error) {
	sources, err := evidence.Sources.All(v)
	if err != nil {
		return nil, err
	}
	populations, err := r.Populations(v.At())
	if err != nil {
		return nil, err
	}
	var all []Health
	for _, s := range sources {
		if s.State == "removed" {
			continue
		}
		h := Health{Source: s}
		if h.Runs, err = r.Runs(s.Key, v.At(), healthRuns); err != nil {
			return nil, err
		}
		h.weigh(populations)
		if last := h.Last(); last != nil && (s.State == "connected" || s.State == "failing") {
			h.Next = evidence.NextRun(s.Fields.Schedule, last.Started)
		}
		all = append(all, h)
	}
	return all, nil
}

// weigh counts what was seen of the source's populations.
func (h *Health) weigh(populations []evidence.Population) {
	never := false
	for _, p := range populations {
		if p.Source != h.Source.Key {
			continue
		}
		h.Of++
		h.Count += p.Count
		if p.IsWhole() {
			h.Whole++
			continue
		}
		h.Broken = append(h.Broken, p)
		never = never || p.Whole == 0
		if h.Since == 0 || p.Whole < h.Since {
			h.Since = p.Whole
		}
	}
	if never {
		h.Since = 0
	}
}

// TypeSeen is what a run saw of one type of resources, over all accounts and
// regions.
type TypeSeen struct {
	Type        string
	Populations int
	Whole       int
	Pages       int
	Count       int
	Unknown     int             // of those, how many name an attribute that could not be read
	Worst       connector.State // Complete where all are
}

// worstFirst orders what can become of a population.
var worstFirst = []connector.State{connector.Refused, connector.Failed, connector.Partial, connector.NotReached, connector.Skipped, connector.Complete}

// ByType adds the populations of a manifest up by type, those that were not
// seen whole first, then by name.
func ByType(m connector.Manifest) []TypeSeen {
	byType := map[string]*TypeSeen{}
	for _, p := range m.Populations {
		t := byType[p.Type]
		if t == nil {
			t = &TypeSeen{Type: p.Type, Worst: connector.Complete}
			byType[p.Type] = t
		}
		t.Populations, t.Pages, t.Count, t.Unknown = t.Populations+1, t.Pages+p.Pages, t.Count+p.Count, t.Unknown+p.Unknown
		if p.State == connector.Complete || p.State == connector.Skipped {
			t.Whole++
		}
		if slices.Index(worstFirst, p.State) < slices.Index(worstFirst, t.Worst) {
			t.Worst = p.State
		}
	}
	var list []TypeSeen
	for _, name := range keys(byType) {
		list = append(list, *byType[name])
	}
	slices.SortStableFunc(list, func(a, b TypeSeen) int {
		return min(1, a.Populations-a.Whole)*-1 + min(1, b.Populations-b.Whole)
	})
	return list
}
