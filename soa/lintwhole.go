// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"sextant/asset"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/lint"
	"sextant/register"
)

// The rules about a statement as a whole, and those that hold what was left out
// against what is there.

// fewest rows from which a share says something.
const fewest = 10

func onlyGoodPractice(l lint.Look) (lint.Answer, error) {
	return perSystem(func(w *world, a *lint.Answer) error {
		in, only := 0, 0
		for _, line := range w.lines {
			if applies(line) {
				in++
				if slices.Equal(line.Row.Reasons, []string{"good_practice"}) {
					only++
				}
			}
		}
		a.Looked += in
		if in >= fewest && float64(100*only) > w.Params["share"]*float64(in) {
			a.Findings = append(a.Findings, w.whole("%d of %d applicable controls are in for good practice and nothing else", only, in))
		}
		return nil
	})(l)
}

// wholesale: the same three reasons or more, or the same sentence, nearly
// everywhere.
func wholesale(l lint.Look) (lint.Answer, error) {
	return perSystem(func(w *world, a *lint.Answer) error {
		sets, texts, in := map[string]int{}, map[string]int{}, 0
		for _, line := range w.lines {
			if !applies(line) {
				continue
			}
			in++
			if reasons := slices.Sorted(slices.Values(line.Row.Reasons)); len(reasons) >= 3 {
				sets[strings.Join(reasons, ", ")]++
			}
			if text := squeezed(line.Row.Justification()); text != "" {
				texts[text]++
			}
		}
		a.Looked += in
		most := func(counts map[string]int) (name string, n int) {
			for k, c := range counts {
				if c > n || c == n && k < name {
					name, n = k, c
				}
			}
			return name, n
		}
		over := func(n int) bool { return in >= fewest && float64(100*n) > w.Params["share"]*float64(in) }
		if set, n := most(sets); over(n) {
			a.Findings = append(a.Findings, w.whole("%d of %d applicable controls carry the same reasons: %s", n, in, strings.ReplaceAll(set, "_", " ")))
		} else if _, n := most(texts); over(n) {
			a.Findings = append(a.Findings, w.whole("%d of %d applicable controls share one justification, word for word", n, in))
		}
		return nil
	})(l)
}

func squeezed(text string) string { return strings.Join(strings.Fields(strings.ToLower(text)), " ") }

func unjustified(w *world, l Line) (*lint.Finding, error) {
	if squeezed(l.Row.Justification()) != "" {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	since, err := w.rowSince(l, func(e register.Entry) bool {
		return isOutIn(e) && squeezed(e.Doc.Text("exclusion_justification")) == ""
	})
	return &lint.Finding{Facts: "left out, without a word why", Since: since}, err
}

// thinExclusions: a justification of a few words, or one sentence for controls
// of several themes.
func thinExclusions(w *world, a *lint.Answer) error {
	uses, themes := map[string]int{}, map[string]map[framework.Theme]bool{}
	for _, line := range w.lines {
		if text := squeezed(line.Row.Justification()); excluded(line) {
			uses[text]++
			if themes[text] == nil {
				themes[text] = map[framework.Theme]bool{}
			}
			themes[text][line.Control.Theme] = true
		}
	}
	for _, line := range w.lines {
		text := squeezed(line.Row.Justification())
		if !excluded(line) || text == "" {
			continue
		}
		a.Looked++
		switch n := len([]rune(text)); {
		case float64(n) < w.Params["chars"]:
			a.Findings = append(a.Findings, w.complete(lint.Finding{Facts: fmt.Sprintf("left out with %d characters: %q", n, line.Row.Justification())}, line))
		case float64(uses[text]) > w.Params["same"] && len(themes[text]) > 1:
			a.Findings = append(a.Findings, w.complete(lint.Finding{Facts: fmt.Sprintf("left out with a sentence that stands on %d controls of different themes", uses[text])}, line))
		}
	}
	return nil
}

func excludedInUse(_ *world, l Line) (*lint.Finding, error) {
	var used []string
	for _, imp := range l.Implementations {
		if imp.Fields.Implementation == "implemented" || imp.Fields.Implementation == "partly" {
			used = append(used, imp.Key)
		}
	}
	if len(used) == 0 {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	return &lint.Finding{Entries: used, Facts: "left out, while " + listed(used) + " declares that it is done"}, nil
}

// sight is what is there for everybody to see, with the moment it has been
// there since.
type sight struct{ key, says string }

// excludedButObserved holds exclusions against assets, sites, roles and sources
// of the scope that have been there for a while.
func excludedButObserved(w *world, l Line) (*lint.Finding, error) {
	seen, err := w.sights()
	if err != nil {
		return nil, err
	}
	list := seen[l.Control.ID]
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	var keys, says []string
	for _, s := range list {
		keys, says = append(keys, s.key), append(says, s.says)
	}
	return &lint.Finding{Entries: keys, Facts: "left out, while there is " + listed(says)}, nil
}

var (
	development = []string{"A.8.4", "A.8.25", "A.8.26", "A.8.27", "A.8.28", "A.8.29", "A.8.31", "A.8.32"}
	premises    = []string{"A.7.1", "A.7.2", "A.7.3", "A.7.5"}
)

// sights gives, by control, what speaks against leaving it out.
func (w *world) sights() (map[string][]sight, error) {
	days := w.Params["days"]
	return lint.Once(w.Look, "soa.sights", func() (map[string][]sight, error) {
		by := map[string][]sight{}
		see := func(s sight, controls ...string) {
			for _, id := range controls {
				by[id] = append(by[id], s)
			}
		}
		if err := w.seeAssets(days, see); err != nil {
			return nil, err
		}
		sources, err := evidence.Sources.All(w.View, register.Filter{Field: "state", Op: register.Is, Values: []string{"connected"}})
		for _, s := range sources {
			if w.old(s.Entry, days) {
				see(sight{s.Key, "a connected cloud source, " + s.Title()}, "A.5.23")
			}
		}
		return by, err
	})
}

func (w *world) seeAssets(days float64, see func(sight, ...string)) error {
	units, err := w.units()
	if err != nil {
		return err
	}
	assets, err := asset.Assets.All(w.View, active)
	for _, a := range assets {
		f := a.Fields
		inScope := slices.ContainsFunc(f.ScopeUnits, func(key string) bool { return units[key].Fields.IsInScope })
		if !inScope || !w.old(a.Entry, days) {
			continue
		}
		if f.HoldsPII {
			see(sight{a.Key, a.Title() + " with personal data"}, "A.5.34")
		}
		if f.Environment == "test" {
			see(sight{a.Key, a.Title() + ", a test environment"}, "A.8.33")
		}
		switch f.Type {
		case "repository":
			see(sight{a.Key, "the repository " + a.Title()}, development...)
		case "site":
			see(sight{a.Key, "the site " + a.Title()}, premises...)
		}
	}
	return err
}

func (w *world) old(e register.Entry, days float64) bool {
	return w.View.Now() >= e.Created.Add(time.Duration(days)*24*time.Hour)
}

// id2013 is a control's id in the edition of 2013: a domain from 5 to 18 and two
// more numbers.
var id2013 = regexp.MustCompile(`\bA\.(?:[5-9]|1[0-8])\.\d{1,2}\.\d{1,2}\b`)

func speaks2013(text string) string {
	if id := id2013.FindString(text); id != "" {
		return id
	}
	for _, name := range []string{"27001:2013", "27002:2013"} {
		if strings.Contains(text, name) {
			return name
		}
	}
	return ""
}

// leftover2013 reads the texts of rows and implementations, and asks whether the
// eleven controls that came new were decided at all.
func leftover2013(l lint.Look) (lint.Answer, error) {
	return perSystem(func(w *world, a *lint.Answer) error {
		decided, fresh := 0, 0
		for _, line := range w.lines {
			a.Looked++
			if line.Decision() != Undecided {
				decided++
				if line.Control.New {
					fresh++
				}
			}
			if found := speaks2013(line.Row.Justification()); found != "" {
				a.Findings = append(a.Findings, w.complete(lint.Finding{Facts: "the justification speaks of " + found + ", which is the edition of 2013"}, line))
			}
			for _, imp := range line.Implementations {
				if found := speaks2013(imp.Fields.How); found != "" {
					a.Findings = append(a.Findings, lint.Finding{Entries: []string{imp.Key}, Facts: imp.Title() + " speaks of " + found + ", which is the edition of 2013", Owner: imp.Fields.Owner, Place: "/" + control.Implementations.Plural + "/" + imp.Key})
				}
			}
		}
		if decided > len(w.lines)/2 && fresh == 0 {
			a.Findings = append(a.Findings, w.whole("%d controls are decided, and none of those that came new with the edition of 2022", decided))
		}
		return nil
	})(l)
}
