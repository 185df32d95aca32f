// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"sextant"
	"sextant/check"
	"sextant/connector"
	"sextant/evidence"
	"sextant/register"
)

// GapKind says why something could not be seen.
type GapKind string

// The kinds, in the order pages list them.
const (
	NotConnected GapKind = "not_connected" // expected, and no source is connected to it
	Silent       GapKind = "silent"        // a source that is paused, fails, or was never read
	Denied       GapKind = "denied"        // a population nobody gave us the right to read
	Broken       GapKind = "broken"        // a population that failed or ended too early
	NotReached   GapKind = "not_reached"   // the run ended before it was begun
	Unreadable   GapKind = "unreadable"    // resources of which attributes could not be read
)

// GapKinds lists them.
var GapKinds = []GapKind{NotConnected, Silent, Denied, Broken, NotReached, Unreadable}

// Gap is something that ought to be seen and is not. What passes says nothing
// about it.
type Gap struct {
	Kind     GapKind
	Register string // of the entry it is about: source, expected_source
	Key      string // of that entry
	Title    string // of that entry
	Type     string // of resources; "" for a whole system
	Where    []Place
	Cause    connector.Failure // the first that kept us from it, zero where none is known
	Unknown  int               // resources with unread attributes
	Since    sextant.Instant   // last seen whole, or expected since; 0 = never seen
	Owner    string            // key of a person
	Checks   []*check.Compiled // that look at it
}

// Place is an account and a region.
type Place struct{ Account, Region string }

// Controls are those with plan lines that rest on the gap's checks, by id.
func (g Gap) Controls() []string { return ControlsOf(g.Checks) }

// Lines are the plan lines that rest on the gap's checks, by id.
func (g Gap) Lines() (lines []string) {
	for _, c := range g.Checks {
		lines = append(lines, c.Supports...)
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// ControlsOf gives the controls checks are evidence for, by id.
func ControlsOf(checks []*check.Compiled) (ids []string) {
	for _, c := range checks {
		for _, line := range c.Supports {
			id, _, _ := strings.Cut(line, "/")
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, byNumber)
	return slices.Compact(ids)
}

// byNumber puts A.5.9 before A.5.10.
func byNumber(a, b string) int {
	return cmp.Or(slices.Compare(numbers(a), numbers(b)), strings.Compare(a, b))
}

func numbers(id string) (all []int) {
	for part := range strings.SplitSeq(id, ".") {
		n := 0
		for _, r := range part {
			if r < '0' || r > '9' {
				n = 0
				break
			}
			n = 10*n + int(r-'0')
		}
		all = append(all, n)
	}
	return all
}

// Gaps tells what could not be seen at the moment of a view, by kind and then
// the longest unseen first.
func Gaps(v *register.View, r evidence.Reader, checks []*check.Compiled) ([]Gap, error) {
	gaps, err := unconnected(v, checks)
	if err != nil {
		return nil, err
	}
	populations, err := r.Populations(v.At())
	if err != nil {
		return nil, err
	}
	sources, err := evidence.Sources.All(v)
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		own := slices.DeleteFunc(slices.Clone(populations), func(p evidence.Population) bool { return p.Source != s.Key })
		gaps = append(gaps, gapsOf(s, own, checks)...)
	}
	slices.SortStableFunc(gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(slices.Index(GapKinds, a.Kind), slices.Index(GapKinds, b.Kind)), cmp.Compare(a.Since, b.Since), strings.Compare(a.Type, b.Type))
	})
	return gaps, nil
}

// unconnected are expected systems without a source.
func unconnected(v *register.View, checks []*check.Compiled) (gaps []Gap, err error) {
	missing, err := evidence.ExpectedSources.All(v, is("state", "missing"))
	for _, x := range missing {
		gaps = append(gaps, Gap{Kind: NotConnected, Register: "expected_source", Key: x.Key, Title: x.Title(), Since: x.Created, Checks: ofConnector(checks, x.Fields.Connector)})
	}
	return gaps, err
}

func ofConnector(checks []*check.Compiled, name string) []*check.Compiled {
	return slices.DeleteFunc(slices.Clone(checks), func(c *check.Compiled) bool { return !strings.HasPrefix(c.Resource, name+":") })
}

// gapsOf finds what a source did not see. A draft was never promised to see
// anything, a removed one no more.
func gapsOf(s register.Of[evidence.Source], populations []evidence.Population, checks []*check.Compiled) (gaps []Gap) {
	if s.State == "removed" || s.State == "draft" {
		return nil
	}
	whole := slices.ContainsFunc(populations, evidence.Population.IsWhole)
	if s.State == "paused" || !whole {
		silent := Gap{Kind: Silent, Register: "source", Key: s.Key, Title: s.Title(), Owner: s.Fields.Owner, Checks: ofConnector(checks, s.Fields.Connector)}
		for _, p := range populations {
			silent.Since = max(silent.Since, p.Whole)
			silent.Cause = cmp.Or(silent.Cause, firstCause(p))
		}
		return []Gap{silent}
	}
	for _, p := range populations {
		gaps = addGap(gaps, s, p, checks)
	}
	return gaps
}

// gapStates are the kinds of gaps populations make by their state.
var gapStates = map[connector.State]GapKind{connector.Refused: Denied, connector.Failed: Broken, connector.Partial: Broken, connector.NotReached: NotReached}

// addGap puts populations of one type that were kept from us the same way
// together.
func addGap(gaps []Gap, s register.Of[evidence.Source], p evidence.Population, checks []*check.Compiled) []Gap {
	kind, is := gapStates[connector.State(p.State)]
	if !is && p.Unknown > 0 {
		kind, is = Unreadable, true
	}
	if !is {
		return gaps
	}
	cause := firstCause(p)
	i := slices.IndexFunc(gaps, func(g Gap) bool {
		return g.Kind == kind && g.Type == p.Type && g.Cause.Call == cause.Call && g.Cause.Cause == cause.Cause
	})
	if i < 0 {
		looks := slices.DeleteFunc(slices.Clone(checks), func(c *check.Compiled) bool { return c.Resource != p.Type })
		gaps = append(gaps, Gap{Kind: kind, Register: "source", Key: s.Key, Title: s.Title(), Type: p.Type, Cause: cause, Since: p.Whole, Owner: s.Fields.Owner, Checks: looks})
		i = len(gaps) - 1
	}
	g := &gaps[i]
	g.Where, g.Since, g.Unknown = append(g.Where, Place{p.Account, p.Region}), min(g.Since, p.Whole), g.Unknown+p.Unknown
	return gaps
}

// firstCause is what a population names first as having kept it from being
// whole.
func firstCause(p evidence.Population) connector.Failure {
	var failures []connector.Failure
	if err := json.Unmarshal(p.Errors, &failures); err != nil || len(failures) == 0 {
		return connector.Failure{}
	}
	return failures[0]
}
