// SPDX-License-Identifier: Apache-2.0

package framework_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sextant/framework"
)

// guided gives all guidance there is.
func guided(t *testing.T) []framework.Guidance {
	t.Helper()
	var all []framework.Guidance
	for _, id := range framework.Guided() {
		g, ok := framework.GuidanceFor(framework.ControlPrefix + id)
		if !ok {
			t.Fatalf("%s is listed and cannot be read", id)
		}
		all = append(all, g)
	}
	return all
}

// proseOf gives every sentence of a guidance by the place it stands in.
func proseOf(g framework.Guidance) map[string]string {
	texts := map[string]string{"purpose": g.Purpose, "asked": g.Asked, "owner": g.Owner}
	for item, text := range g.Requirements {
		texts["requirements "+item] = text
	}
	for i, s := range g.Steps {
		for part, text := range map[string]string{"do": s.Do, "how": s.How, "small": s.Small, "large": s.Large} {
			texts[fmt.Sprintf("steps %d %s", i+1, part)] = text
		}
	}
	for _, s := range g.Evidence {
		texts["evidence "+s.Line+s.For+" good"], texts["evidence "+s.Line+s.For+" weak"] = s.Good, s.Weak
	}
	for part, list := range map[string][]string{"interview": g.Interview, "findings": g.Findings, "maturity": g.Maturity} {
		for i, text := range list {
			texts[fmt.Sprintf("%s %d", part, i+1)] = text
		}
	}
	for key, text := range texts {
		if text == "" {
			delete(texts, key)
		}
	}
	return texts
}

func TestEveryGuidanceFileDecodes(t *testing.T) {
	for _, dir := range []string{"clauses", "controls"} {
		files, err := filepath.Glob("content/guidance/" + dir + "/*")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			g, err := framework.DecodeGuidance(file, data)
			if err != nil {
				t.Error(err)
			}
			if (dir == "controls") != strings.HasPrefix(g.ID, "A.") {
				t.Errorf("%s: %s does not belong into %s", file, g.ID, dir)
			}
		}
	}
}

func TestEveryControlAndClauseHasGuidance(t *testing.T) {
	var want []string
	for _, c := range framework.ISO27001().Clauses {
		if c.Auditable() {
			want = append(want, c.ID)
		}
	}
	for _, c := range framework.Controls() {
		want = append(want, c.ID)
	}
	if diff := cmp.Diff(want, framework.Guided()); diff != "" || len(want) != 30+93 {
		t.Errorf("%d wanted: %s", len(want), diff)
	}
}

func TestDocumentsOfAClauseAreThoseItAsksFor(t *testing.T) {
	for _, g := range guided(t) {
		c, ok := framework.ClauseByID(g.ID)
		if !ok {
			continue
		}
		var asked, mandatory []string
		for _, d := range c.Documents {
			asked = append(asked, d.Name+"|"+d.Level)
		}
		for _, d := range g.Documents {
			entry := d.Name + "|" + string(d.Grade)
			if slices.Contains(asked, entry) || d.Grade == framework.Mandatory || d.Grade == framework.ToExtentNecessary {
				mandatory = append(mandatory, entry)
			}
		}
		slices.Sort(asked)
		slices.Sort(mandatory)
		if diff := cmp.Diff(asked, mandatory); diff != "" {
			t.Errorf("%s: %s", g.ID, diff)
		}
	}
}

// TestNoControlMakesADocumentMandatory: only clauses do. What a control wants in
// writing it wants once the Statement of Applicability has it.
func TestNoControlMakesADocumentMandatory(t *testing.T) {
	named := map[string]bool{}
	for _, c := range framework.ISO27001().Clauses {
		for _, d := range c.Documents {
			named[d.Name] = named[d.Name] || d.Level == string(framework.Mandatory)
		}
	}
	for _, g := range guided(t) {
		for _, d := range g.Documents {
			if d.Grade == framework.Mandatory && !named[d.Name] {
				t.Errorf("%s: %q is mandatory by no clause", g.ID, d.Name)
			}
		}
	}
}

// lengths that keep a text readable, in characters.
var lengths = []struct {
	part          *regexp.Regexp
	least, utmost int
}{
	{regexp.MustCompile(`^purpose$`), 80, 420},
	{regexp.MustCompile(`^asked$`), 120, 900},
	{regexp.MustCompile(`^requirements`), 25, 260},
	{regexp.MustCompile(`^steps . do$`), 10, 90},
	{regexp.MustCompile(`^steps . (how|small|large)$`), 20, 480},
	{regexp.MustCompile(`^evidence .* good$`), 40, 420},
	{regexp.MustCompile(`^evidence .* weak$`), 20, 320},
	{regexp.MustCompile(`^interview`), 15, 220},
	{regexp.MustCompile(`^findings`), 50, 420},
	{regexp.MustCompile(`^maturity`), 15, 200},
	{regexp.MustCompile(`^owner$`), 2, 90},
}

func TestTextsAreAsLongAsAReaderWants(t *testing.T) {
	for _, g := range guided(t) {
		for place, text := range proseOf(g) {
			for _, l := range lengths {
				if n := len([]rune(text)); l.part.MatchString(place) && (n < l.least || n > l.utmost) {
					t.Errorf("%s %s has %d characters, %d to %d are meant: %.60q", g.ID, place, n, l.least, l.utmost, text)
				}
			}
		}
	}
}

func TestTextsKeepTheirForm(t *testing.T) {
	sentence := regexp.MustCompile(`[.!?]["')]?(\s|$)`)
	for _, g := range guided(t) {
		if n := len(sentence.FindAllString(g.Purpose, -1)); n != 2 {
			t.Errorf("%s purpose has %d sentences, two are meant", g.ID, n)
		}
		for i, question := range g.Interview {
			if !strings.HasSuffix(question, "?") {
				t.Errorf("%s interview %d is no question: %q", g.ID, i+1, question)
			}
		}
		for i, s := range g.Steps {
			if strings.HasSuffix(s.Do, ".") {
				t.Errorf("%s steps %d: a title has no full stop: %q", g.ID, i+1, s.Do)
			}
		}
	}
}

var (
	number   = regexp.MustCompile(`(?i)\d|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|hundred|half|quarter|zero|none|once|twice|every|each|all)\b`)
	digit    = regexp.MustCompile(`(?i)\d|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|hundred|half)\b`)
	artefact = regexp.MustCompile(`(?i)\b(agenda|agreement|analysis|approval|assessment|calendar|certificate|charter|checklist|confirmation|contract|dashboard|decision|diagram|digest|document|export|file|form|invoice|inventory|letter|licence|list|log|mail|map|matrix|minutes|notice|page|photograph|picture|plan|playbook|policy|procedure|protocol|record|register|report|request|result|runbook|schedule|screenshot|sheet|slide|sketch|standard|statement|table|template|ticket|timeline|transcript|training|review|repository|query|configuration|rule|note)s?\b`)
)

func TestTextsAreConcrete(t *testing.T) {
	for _, g := range guided(t) {
		kinds, all := map[string]bool{}, ""
		for _, s := range g.Evidence {
			if !number.MatchString(s.Good) {
				t.Errorf("%s evidence %s%s: good evidence says how much or how often: %q", g.ID, s.Line, s.For, s.Good)
			}
			for _, word := range artefact.FindAllString(s.Good, -1) {
				kinds[strings.TrimSuffix(strings.ToLower(word), "s")] = true
			}
		}
		for _, d := range g.Documents {
			kinds[strings.ToLower(d.Name)] = true
		}
		if len(kinds) < 3 {
			t.Errorf("%s names %d artefacts: %v", g.ID, len(kinds), kinds)
		}
		for _, text := range proseOf(g) {
			all += text + "\n"
		}
		if !digit.MatchString(all) {
			t.Errorf("%s has no number", g.ID)
		}
	}
}

var (
	anyStandard = regexp.MustCompile(`\bI(SO|EC)\b[^.,;:)]{0,20}`)
	standardID  = regexp.MustCompile(`^ISO(/IEC)?( TS)? \d{4,5}(-\d)?`)
)

// TestStandardsAreNamedAndNotQuoted: a standard appears by its number, and no
// sentence has the verb form its requirements are written in.
func TestStandardsAreNamedAndNotQuoted(t *testing.T) {
	for _, g := range guided(t) {
		for place, text := range proseOf(g) {
			for _, name := range anyStandard.FindAllString(text, -1) {
				if !standardID.MatchString(name) {
					t.Errorf("%s %s names a standard without its number: %q", g.ID, place, name)
				}
			}
			if regexp.MustCompile(`(?i)\bshall\b`).MatchString(text) {
				t.Errorf("%s %s reads like a standard: %q", g.ID, place, text)
			}
		}
	}
}

func TestGuidanceIsTheCallersOwn(t *testing.T) {
	g, _ := framework.GuidanceFor("A.5.1")
	g.Steps[0].Do, g.Related.Clauses[0], g.Findings[0] = "changed", "changed", "changed"
	again, _ := framework.GuidanceFor("A.5.1")
	if again.Steps[0].Do == "changed" || again.Related.Clauses[0] == "changed" || again.Findings[0] == "changed" {
		t.Error("a caller changed the guidance")
	}
	if _, ok := framework.GuidanceFor("A.5.38"); ok {
		t.Error("there is guidance on a control that does not exist")
	}
}

func TestBadGuidanceIsRefusedWithFileAndPart(t *testing.T) {
	sound, err := os.ReadFile("content/guidance/controls/A.5.1.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"another id":           {"id: A.5.1\n", "id: A.5.2\n", "A.5.2"},
		"an unknown key":       {"purpose:", "porpoise:", "A.5.1.yaml:"},
		"an unknown line":      {"A.5.1/policies-reviewed", "A.5.1/policies-framed", "policies-framed"},
		"another control":      {"A.5.1/policies-reviewed", "A.5.2/duties-known", "duties-known"},
		"an unknown clause":    {`clauses: ["5.2"`, `clauses: ["5.9"`, "5.9"},
		"an unknown grade":     {"grade: mandatory", "grade: nice", "nice"},
		"a gap in the scale":   {`"3: `, `"4: `, `"3: "`},
		"requirements":         {"steps:", "requirements: {a: b}\nsteps:", "requirements"},
		"an owner who is none": {"owner: ", "owner: \"\" # ", "owner"},
	} {
		bad := strings.Replace(string(sound), c.old, c.new, 1)
		if _, err := framework.DecodeGuidance("x/A.5.1.yaml", []byte(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func ExampleGuidanceFor() {
	g, _ := framework.GuidanceFor("iso27001:2022/A.5.1")
	for _, s := range g.Evidence {
		fmt.Println(s.Line)
	}
	// Unordered output:
	// A.5.1/policies-reviewed
	// A.5.1/policies-acknowledged
}
