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

func TestRowsAreTheFacts(t *testing.T) {
	var got []string
	counts := map[string]int{}
	for _, standard := range []string{framework.ISO27017, framework.ISO27018, framework.ISO27701, framework.ISO27701Past} {
		for _, c := range framework.RowsOf(standard) {
			got = append(got, fmt.Sprintf("%s|%s|%s|%s", c.Reference(), c.Title, joined(c.Roles), strings.Join(c.Related, " ")))
			counts[standard]++
			for _, r := range c.Roles {
				counts[standard+" "+string(r)]++
			}
		}
	}
	if diff := cmp.Diff(golden(t, "rows.golden"), got); diff != "" {
		t.Error(diff)
	}
	want := map[string]int{
		"iso27017:2015": 7, "iso27017:2015 customer": 5, "iso27017:2015 provider": 7,
		"iso27018:2019": 25, "iso27018:2019 processor": 25,
		"iso27701:2025": 78, "iso27701:2025 controller": 31 + 29, "iso27701:2025 processor": 18 + 29,
		"iso27701:2019": 49, "iso27701:2019 controller": 31, "iso27701:2019 processor": 18,
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
	s, _ := framework.StandardByID(framework.ISO27701)
	if n := len(slices.DeleteFunc(s.Clauses, func(c framework.Clause) bool { return !c.Auditable() })); n != 30 {
		t.Errorf("%d clauses of 27701:2025 ask for something", n)
	}
}

func TestNotesAndRefinementsAreTheFacts(t *testing.T) {
	var got []string
	controls := map[string]bool{}
	for _, n := range framework.CloudNotes("") {
		got = append(got, fmt.Sprintf("%s|%s|%t", n.On, n.Control, n.Seen))
		controls[n.Control] = true
		if to, ok := framework.Successors(n.On); !ok || !slices.Contains(to.IDs, n.Control) {
			t.Errorf("the note on %s is shown on %s", n.On, n.Control)
		}
	}
	if diff := cmp.Diff(golden(t, "cloudnotes.golden"), got); diff != "" || len(got) != 37 || len(controls) != 34 {
		t.Errorf("%d notes on %d controls: %s", len(got), len(controls), diff)
	}
	if n := framework.CloudNotes("iso27001:2022/A.8.24"); len(n) != 2 || n[0].Customer == n[1].Customer {
		t.Errorf("on A.8.24 there are %+v", n)
	}
	clauses, controls2013, adding := 0, 0, 0
	for _, r := range framework.Refinements2019() {
		if _, ok := framework.Control2013ByID(r.Of); ok {
			controls2013++
		} else {
			clauses++
		}
		if r.Asks != "" {
			adding++
		}
	}
	if clauses != 26 || controls2013 != 114 || adding != 6+32 {
		t.Errorf("%d clauses and %d controls are refined, %d with an addition", clauses, controls2013, adding)
	}
}

// TestRowsOfTheFirstPrivacyEditionAreCarriedOver: the first edition's rows say
// what their successors say, and each successor names where it came from.
func TestRowsOfTheFirstPrivacyEditionAreCarriedOver(t *testing.T) {
	was := map[string]framework.Control{}
	for _, c := range framework.RowsOf(framework.ISO27701) {
		for _, id := range c.Was {
			was[id] = c
		}
	}
	for _, c := range framework.RowsOf(framework.ISO27701Past) {
		if next, ok := was[c.Number]; !ok || next.Asks != c.Asks {
			t.Errorf("%s went into %+v", c.Number, next)
		}
	}
	if len(was) != 49+32 {
		t.Errorf("%d rows of 2019 went on", len(was))
	}
}

func TestEveryRowHasOneSentenceAndAShortPlanOfPeople(t *testing.T) {
	plans := framework.Plans()
	for _, standard := range framework.Extensions() {
		for _, c := range framework.RowsOf(standard) {
			if strings.Count(c.Asks, ".") != 1 || !strings.HasSuffix(c.Asks, ".") {
				t.Errorf("%s: one sentence, not %q", c.ID, c.Asks)
			}
			lines := plans[c.ID].Lines
			if len(lines) < 1 || len(lines) > 2 {
				t.Errorf("%s has %d lines", c.ID, len(lines))
			}
			for _, l := range lines {
				if known, ok := framework.LineByID(l.ID); !ok || l.Mode == framework.Automatic || known.Control != c.ID {
					t.Errorf("line %+v of %s", known, c.ID)
				}
			}
			if p, ok := framework.PlanFor(c.Reference().String()); !ok || len(p.Lines) != len(lines) {
				t.Errorf("%s has no plan by its reference", c.ID)
			}
		}
	}
}

func TestRowsFollowTheRole(t *testing.T) {
	privacy := []string{framework.ISO27701}
	for name, c := range map[string]struct {
		base       string
		extensions []string
		roles      []framework.Role
		want       int
	}{
		"the base alone":             {framework.StandardID, nil, nil, 93},
		"cloud, and no role":         {framework.StandardID, []string{framework.ISO27017}, nil, 93},
		"a cloud customer":           {framework.StandardID, []string{framework.ISO27017}, []framework.Role{framework.Customer}, 93 + 5},
		"a cloud provider":           {framework.StandardID, []string{framework.ISO27017}, []framework.Role{framework.Provider}, 93 + 7},
		"a controller":               {framework.StandardID, privacy, []framework.Role{framework.Controller}, 93 + 31 + 29},
		"a processor":                {framework.StandardID, privacy, []framework.Role{framework.Processor}, 93 + 18 + 29},
		"both, and the cloud rows":   {framework.StandardID, framework.Extensions(), framework.Roles(), 93 + 78 + 7 + 25},
		"an extension named twice":   {framework.StandardID, append(privacy, privacy...), framework.Roles(), 93 + 78},
		"a privacy system by itself": {framework.ISO27701, nil, []framework.Role{framework.Controller}, 31 + 29},
		"a base that is read only":   {framework.Standard2013, nil, framework.Roles(), 0},
	} {
		rows := framework.RowsFor(c.base, c.extensions, c.roles)
		seen := map[string]bool{}
		for _, r := range rows {
			seen[r.ID] = true
			again, ok := framework.ControlByID(r.ID)
			byReference, ok2 := framework.ControlByID(r.Reference().String())
			if !ok || !ok2 || again.Title != r.Title || byReference.ID != r.ID {
				t.Errorf("%s is not found again", r.ID)
			}
			if framework.IDOf(r.Reference().String()) != r.ID || framework.ReferenceOf(r.ID) != r.Reference().String() {
				t.Errorf("%s and its reference do not lead to each other", r.ID)
			}
			if _, err := framework.ParseReference(r.Reference().String()); err != nil {
				t.Error(err)
			}
		}
		if len(rows) != c.want || len(seen) != c.want {
			t.Errorf("%s: %d rows, %d of them different, want %d", name, len(rows), len(seen), c.want)
		}
	}
}

func TestOwnControlsHaveReferencesOfTheirOwn(t *testing.T) {
	if framework.IDOf("own/NQ-1") != "NQ-1" || framework.ReferenceOf("NQ-1") != "own/NQ-1" {
		t.Error("own/NQ-1 and NQ-1 do not lead to each other")
	}
	if c, ok := framework.ControlByID("own/NQ-1"); ok {
		t.Errorf("the standards have %+v", c)
	}
	if _, ok := framework.ControlByID("iso27701:2019/7.2.1"); ok {
		t.Error("a row that is only read is in use")
	}
}

func TestStandardsSayWhatTheyBring(t *testing.T) {
	var got []string
	for _, s := range framework.Standards() {
		got = append(got, s.ID)
		if s.Title == "" || s.Subject == "" || s.About == "" || s.Published == "" {
			t.Errorf("%s says too little: %+v", s.ID, s)
		}
	}
	want := []string{"iso27001:2022", "iso27701:2025", "iso27017:2015", "iso27018:2019", "iso27701:2019", "iso27001:2013"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func ExampleRowsFor() {
	for _, c := range framework.RowsFor(framework.StandardID, []string{framework.ISO27017}, []framework.Role{framework.Customer})[93:] {
		fmt.Println(c.Reference(), c.Title)
	}
	// Output:
	// iso27017:2015/CLD.6.3.1 Shared roles and responsibilities within a cloud computing environment
	// iso27017:2015/CLD.8.1.5 Removal of cloud service customer assets
	// iso27017:2015/CLD.9.5.2 Virtual machine hardening
	// iso27017:2015/CLD.12.1.5 Administrator's operational security
	// iso27017:2015/CLD.12.4.5 Monitoring of cloud services
}
