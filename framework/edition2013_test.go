// SPDX-License-Identifier: Apache-2.0

package framework_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sextant/framework"
)

func TestEdition2013IsTheFacts(t *testing.T) {
	var got []string
	links, kinds := 0, map[framework.Change]int{}
	for _, c := range framework.Controls2013() {
		to, ok := framework.Successors(c.Reference().String())
		if !ok {
			t.Fatalf("%s is listed and has no successor", c.ID)
		}
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s", c.ID, c.Title, c.Domain, c.Objective, strings.Join(to.IDs, " ")))
		links += len(to.IDs)
		kinds[to.Kind]++
		for _, id := range to.IDs {
			if back, _ := framework.Predecessors(id); !slices.Contains(back.IDs, c.ID) {
				t.Errorf("%s goes to %s, which does not say so", c.ID, id)
			}
		}
	}
	if diff := cmp.Diff(golden(t, "controls2013.golden"), got); diff != "" {
		t.Error(diff)
	}
	want := map[framework.Change]int{framework.OneToOne: 58, framework.Merged: 55, framework.Split: 1}
	if diff := cmp.Diff(want, kinds); diff != "" || len(got) != 114 || links != 115 {
		t.Errorf("%d controls, %d links, by kind: %s", len(got), links, diff)
	}
	if split, _ := framework.Successors("A.18.2.3"); split.Kind != framework.Split || !slices.Equal(split.IDs, []string{"A.5.36", "A.8.8"}) {
		t.Errorf("A.18.2.3 became %+v", split)
	}
	domains := slices.DeleteFunc(framework.Headings2013(), func(h framework.Heading) bool { return h.Parent != "" })
	if n := len(framework.Headings2013()); len(domains) != 14 || n != 14+35 {
		t.Errorf("%d domains, %d headings", len(domains), n)
	}
}

func TestPredecessorsAreTheFacts(t *testing.T) {
	var got []string
	kinds, retitled, merged := map[framework.Change]int{}, 0, 0
	for _, c := range framework.Controls() {
		from, ok := framework.Predecessors(c.Reference().String())
		if !ok || (from.Kind == framework.Added) != c.New {
			t.Errorf("%s is new: %t, and comes from %+v", c.ID, c.New, from)
		}
		got = append(got, fmt.Sprintf("%s|%s|%t|%s", c.ID, from.Kind, from.Retitled, strings.Join(from.IDs, " ")))
		kinds[from.Kind]++
		if from.Retitled {
			retitled++
		}
		if from.Kind == framework.Merged {
			merged += len(from.IDs)
		}
	}
	if diff := cmp.Diff(golden(t, "predecessors.golden"), got); diff != "" {
		t.Error(diff)
	}
	want := map[framework.Change]int{framework.Added: 11, framework.Merged: 24, framework.OneToOne: 58}
	if diff := cmp.Diff(want, kinds); diff != "" || retitled != 23 || merged != 57 {
		t.Errorf("%d retitled, %d links into merged, by kind: %s", retitled, merged, diff)
	}
}

func TestNoOtherEditionIsMistakenForThisOne(t *testing.T) {
	for _, id := range []string{"", "A.9.2", "A.5.15", "iso27001:2022/A.5.1.1", "A.18.2.4"} {
		if got, ok := framework.Successors(id); ok {
			t.Errorf("%q became %+v", id, got)
		}
	}
	for _, id := range []string{"", "A.5.1.1", "A.5.38", "iso27001:2013/A.5.1"} {
		if got, ok := framework.Predecessors(id); ok {
			t.Errorf("%q comes from %+v", id, got)
		}
	}
	first, _ := framework.Successors("A.5.1.1")
	first.IDs[0] = "changed"
	if again, _ := framework.Successors("A.5.1.1"); again.IDs[0] == "changed" {
		t.Error("a caller changed the content")
	}
}

func ExamplePredecessors() {
	from, _ := framework.Predecessors("iso27001:2022/A.8.8")
	fmt.Println(from.Kind, from.IDs)
	// Output: merged [A.12.6.1 A.18.2.3]
}
