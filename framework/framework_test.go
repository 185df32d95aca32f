// SPDX-License-Identifier: Apache-2.0

package framework_test

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sextant"
	"sextant/framework"
)

func golden(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for s := bufio.NewScanner(f); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return lines
}

func joined[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, " ")
}

func TestControlsAreTheFacts(t *testing.T) {
	var got []string
	cells, fresh, themes := 0, 0, map[framework.Theme]int{}
	for _, c := range framework.Controls() {
		got = append(got, fmt.Sprintf("%s|%s|%s|%t|%s|%s|%s|%s|%s", c.ID, c.Title, c.Theme, c.New, joined(c.Types),
			joined(c.Properties), joined(c.Concepts), joined(c.Capabilities), joined(c.Domains)))
		themes[c.Theme]++
		cells += 5
		if c.New {
			fresh++
		}
	}
	if diff := cmp.Diff(golden(t, "controls.golden"), got); diff != "" {
		t.Error(diff)
	}
	want := map[framework.Theme]int{framework.Organizational: 37, framework.People: 8, framework.Physical: 14, framework.Technological: 34}
	if diff := cmp.Diff(want, themes); diff != "" || cells != 465 || fresh != 11 {
		t.Errorf("%d cells, %d new, by theme: %s", cells, fresh, diff)
	}
}

func TestClausesAreTheFacts(t *testing.T) {
	var got []string
	audited, items := 0, 0
	for _, c := range framework.ISO27001().Clauses {
		mandatory := slices.ContainsFunc(c.Documents, func(d framework.Document) bool { return d.Level == "mandatory" })
		got = append(got, fmt.Sprintf("%s|%s|%t", c.ID, c.Title, mandatory))
		if c.Auditable() {
			audited++
		}
		for _, r := range c.Requirements {
			items++
			got = append(got, "  "+r.ID+map[bool]string{true: "|documented"}[r.Documented])
		}
	}
	if diff := cmp.Diff(golden(t, "clauses.golden"), got); diff != "" || audited != 30 || items != 138 {
		t.Errorf("%d audited clauses, %d items: %s", audited, items, diff)
	}
	if r, ok := framework.RequirementByID("4.1#amd1"); !ok || r.AddedBy != framework.Amd1 {
		t.Errorf("the climate requirement is %+v", r)
	}
}

func TestEveryControlHasOneSentenceAndAPlan(t *testing.T) {
	plans := framework.Plans()
	for _, c := range framework.Controls() {
		if strings.Count(c.Asks, ".") != 1 || !strings.HasSuffix(c.Asks, ".") {
			t.Errorf("%s: one sentence, not %q", c.ID, c.Asks)
		}
		if n := len(plans[c.ID].Lines); n < 2 || n > 7 {
			t.Errorf("%s has %d lines", c.ID, n)
		}
	}
	if len(plans) != 93+78+7+25 {
		t.Errorf("%d plans", len(plans))
	}
}

func TestNoTwoTextsShareEightWords(t *testing.T) {
	seen := map[string]string{}
	add := func(where, text string) {
		words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !(r == '\'' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9') })
		for i := 0; i+8 <= len(words); i++ {
			run := strings.Join(words[i:i+8], " ")
			if other := seen[run]; other != "" && other != where {
				t.Errorf("%s and %s share %q", other, where, run)
			}
			seen[run] = where
		}
	}
	for _, c := range framework.Controls() {
		add(c.ID, c.Asks)
	}
	for _, standard := range framework.Extensions() {
		for _, c := range framework.RowsOf(standard) {
			add(c.ID, c.Asks)
		}
	}
	for _, n := range framework.CloudNotes("") {
		add(n.On+" customer", n.Customer)
		add(n.On+" provider", n.Provider)
	}
	for _, s := range framework.Standards() {
		add(s.ID+" about", s.About)
		for _, c := range s.Clauses {
			if s.ID == framework.ISO27701 && c.Auditable() {
				add(s.ID+" "+c.ID, c.Requirements[0].Asks)
			}
		}
	}
	for _, p := range framework.Plans() {
		for _, l := range p.Lines {
			add(l.ID+" shows", l.Shows)
			add(l.ID+" evidence", l.Evidence)
		}
	}
	for _, text := range golden(t, "paraphrases.txt") { // of the fact sheets the content was made from
		add("the facts", text)
	}
	for _, g := range guided(t) {
		for place, text := range proseOf(g) {
			add(g.ID+" "+place, text)
		}
	}
}

func TestChecksAloneNeverShowWhatPeopleMust(t *testing.T) {
	for _, id := range []string{"A.5.5", "A.5.12", "A.5.26", "A.5.30"} {
		if p, ok := framework.PlanFor(framework.ControlPrefix + id); !ok || p.Mode() == framework.Automatic {
			t.Errorf("%s is %q", id, p.Mode())
		}
	}
	count := map[framework.Mode]int{}
	for _, p := range framework.Plans() {
		for _, l := range p.Lines {
			count[l.Mode]++
		}
	}
	t.Logf("lines by mode: %v", count)
}

func TestResultsAreTheCallersOwn(t *testing.T) {
	framework.Controls()[0].Types[0] = "changed"
	framework.Plans()["A.8.13"].Lines[0].Population[0] = "changed"
	framework.ISO27001().Clauses[1].Requirements[0].Asks = "changed"
	line, _ := framework.LineByID("A.8.13/databases-backed-up")
	item, _ := framework.RequirementByID("4.1")
	if framework.Controls()[0].Types[0] == "changed" || line.Population[0] == "changed" || item.Asks == "changed" {
		t.Error("a caller changed the content")
	}
}

func TestReferences(t *testing.T) {
	for text, want := range map[string]sextant.Code{
		"iso27001:2022/A.5.15": "", "iso27001:2022/6.1.3": "", "iso27001:2022/6.1.3 d)": "",
		"iso27001:2013/A.5.1.1": "", "iso27701:2025/A.1.2.2": "", "iso27701:2025/6.1.3": "", "iso27017:2015/CLD.6.3.1": "", "iso27018:2019/A.5.1": "", "iso27701:2019/7.2.1": "",
		"iso27701:2019/6.2.1.1": "", "iso27701:2019/5.2.1": "",
		"A.5.15": sextant.Invalid, "iso27001:2013/A.5.1": sextant.NotFound, "iso27001:2022/A.5.38": sextant.NotFound, "iso27017:2015/A.5.15": sextant.NotFound, "iso9001:2015/4.1": sextant.Invalid,
		"own/NQ-1": sextant.Invalid, "iso27018:2019": sextant.Invalid, "": sextant.Invalid,
	} {
		r, err := framework.ParseReference(text)
		if sextant.CodeOf(err) != want || err == nil && r.String() != text {
			t.Errorf("%q: %v, %v", text, r, err)
		}
	}
}

func TestBadContentIsRefusedWithFileAndLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":         {"clauses:\n  - id: \"4\"\n    colour: red\n", "bad.yaml:3:"},
		"a wrong type":           {"edition: 3\ntitle: [a]\n", "bad.yaml:2:"},
		"broken YAML":            {"title: \"a\n", "bad.yaml"},
		"an alias":               {"title: &a x\npublished: *a\n", "bad.yaml:1:"},
		"a second document":      {"title: a\n---\ntitle: b\n", "more than one document"},
		"a file over the limit":  {strings.Repeat("#", 1<<20+1), "at most"},
		"nesting over the limit": {"title: " + strings.Repeat("[", 40) + strings.Repeat("]", 40), "deep"},
		"nothing in it whatever": {"", "bad.yaml"},
		"a key given a 2nd time": {"title: a\ntitle: b\n", "bad.yaml:2:"},
	} {
		err := framework.Decode("bad.yaml", []byte(c.text), new(framework.Standard))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("title: a\nclauses:\n  - {id: \"4\", title: b}\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		_ = framework.Decode("fuzz.yaml", data, new(framework.Standard))
	})
}

func ExamplePlanFor() {
	plan, _ := framework.PlanFor("iso27001:2022/A.8.13")
	for _, l := range plan.Lines {
		fmt.Println(l.ID, l.Mode, l.Form)
	}
	fmt.Println(plan.Mode())
	// Output:
	// A.8.13/databases-backed-up automatic checks
	// A.8.13/objects-versioned automatic checks
	// A.8.13/restores-run automatic checks
	// A.8.13/restore-tested assisted record
	// assisted
}
