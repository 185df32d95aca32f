// SPDX-License-Identifier: Apache-2.0

package framework_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sextant/framework"
)

func TestCrosswalksAreTheFacts(t *testing.T) {
	got := map[string]string{}
	for i, s := range framework.Crosswalks() {
		targets, controls := map[string]bool{}, map[string]bool{}
		for _, l := range s.Links {
			targets[l.To] = true
			if _, ok := framework.ControlByID(l.From); ok {
				controls[l.From] = true
			}
			if _, err := framework.ParseReference(l.From); err != nil {
				t.Errorf("%s: %v", s.ID, err)
			}
			if l.Kind == "" || l.Rationale == "" {
				t.Errorf("%s: %+v says too little", s.ID, l)
			}
		}
		got[s.ID] = fmt.Sprintf("%s|%d|%d|%d", s.ID, len(s.Links), len(targets), len(controls))
		tree := framework.MappedTrees()[i]
		if tree.Asking != len(targets) {
			t.Errorf("%s leads to %d requirements, its tree has %d", s.ID, len(targets), tree.Asking)
		}
	}
	want := map[string]string{}
	for _, line := range golden(t, "crosswalks.golden") {
		id, _, _ := strings.Cut(line, "|")
		want[id] = line
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestOnlyWhatMayBeGivenOnIsOnBoard: every set names a free licence and whom it
// thanks, and NOTICE says so too.
func TestOnlyWhatMayBeGivenOnIsOnBoard(t *testing.T) {
	notice, err := os.ReadFile("../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(strings.Fields(string(notice)), " ")
	for _, s := range framework.Crosswalks() {
		if !strings.Contains(said, s.Attribution) {
			t.Errorf("NOTICE does not say: %s", s.Attribution)
		}
	}
	const sound = `{id: x, to: "y:1", title: Y, subject: y, source: somebody, licence: CC BY 4.0, use: free, attribution: "Thanks.", reviewer: nobody, links: [{kind: intersect, rationale: r, pairs: {A.5.1: ["1"]}}]}`
	if _, tree, err := framework.DecodeCrosswalk("x.yaml", []byte(sound)); err != nil || tree.Asking != 1 {
		t.Fatalf("%+v, %v", tree, err)
	}
	for name, c := range map[string][2]string{
		"a licence that is not free":    {"CC BY 4.0", "AGPL-3.0"},
		"use that is not free":          {"use: free", "use: reference only"},
		"nobody to thank":               {`"Thanks."`, `""`},
		"a control that does not exist": {"A.5.1", "A.5.99"},
		"a kind that does not exist":    {"kind: intersect", "kind: similar"},
		"no kind":                       {"kind: intersect, ", ""},
	} {
		if _, _, err := framework.DecodeCrosswalk("x.yaml", []byte(strings.Replace(sound, c[0], c[1], 1))); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestTreesHoldWhatTheStandardsHave(t *testing.T) {
	want := map[string]int{"iso27001:2022": 30 + 93, "iso27701:2025": 30 + 78, "iso27017:2015": 7, "iso27018:2019": 25, "iso27701:2019": 49 + 38, "iso27001:2013": 114}
	for _, s := range framework.Standards() {
		tree, ok := framework.TreeOf(s.ID)
		if !ok || tree.Asking != want[s.ID] {
			t.Errorf("%s asks %d things, want %d", s.ID, tree.Asking, want[s.ID])
		}
		var walk func(nodes []framework.Node)
		walk = func(nodes []framework.Node) {
			for _, n := range nodes {
				if n.Asks {
					if _, err := framework.ParseReference(n.Reference); err != nil || n.Text == "" {
						t.Errorf("%s %s: %q, %v", s.ID, n.ID, n.Text, err)
					}
				}
				walk(n.Children)
			}
		}
		walk(tree.Nodes)
	}
}

func FuzzDecodeCrosswalk(f *testing.F) {
	f.Add([]byte(`{id: x, to: "y:1", use: free, links: [{kind: intersect, rationale: r, pairs: {A.5.1: ["1.2-3", "", "10"]}}]}`))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _, _ = framework.DecodeCrosswalk("fuzz.yaml", data) })
}
