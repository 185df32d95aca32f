// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"sextant/asset"
	"sextant/check"
	"sextant/framework"
	"sextant/register"
	"sextant/risk"
	"sextant/risk/scenario"
)

func TestTheThreatsAreThoseOfTheCatalogue(t *testing.T) {
	renamed := map[scenario.ThreatCategory]string{"compromise": "functions", "organisational": "organizational"}
	var got, want []framework.Threat
	for _, threat := range scenario.Library().Threats() {
		category := string(threat.Category)
		if theirs, ok := renamed[threat.Category]; ok {
			category = theirs
		}
		got = append(got, framework.Threat{ID: threat.ID, Category: category, Name: threat.Name})
	}
	want = framework.Threats()
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 57 {
		t.Errorf("%d threats: %s", len(got), diff)
	}
}

func TestTheWeaknessesAreNumberedWithoutAGap(t *testing.T) {
	prefix := map[scenario.VulnerabilityCategory]string{"hardware": "HA", "software": "SO", "network": "NE", "personnel": "PE", "site": "SI", "organisation": "OR"}
	counts := map[scenario.VulnerabilityCategory]int{}
	for _, v := range scenario.Library().Vulnerabilities() {
		counts[v.Category]++
		if want := fmt.Sprintf("V-%s-%02d", prefix[v.Category], counts[v.Category]); v.ID != want {
			t.Errorf("%s stands where %s belongs", v.ID, want)
		}
	}
	want := map[scenario.VulnerabilityCategory]int{"hardware": 10, "software": 22, "network": 10, "personnel": 8, "site": 4, "organisation": 29}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
}

func TestEveryThreatAndWeaknessOfTheCatalogueIsAtWork(t *testing.T) {
	set := scenario.Library()
	used, weak, sources, ends := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range set.Scenarios() {
		sources[c.Source], ends[c.EndState] = true, true
		for _, id := range c.Threats {
			used[id] = true
		}
		for _, id := range c.Vulnerabilities {
			weak[id] = true
		}
	}
	for _, threat := range set.Threats() {
		if !used[threat.ID] {
			t.Errorf("no scenario uses %s %s", threat.ID, threat.Name)
		}
	}
	for _, v := range set.Vulnerabilities() {
		if !weak[v.ID] {
			t.Errorf("no scenario rests on %s %s", v.ID, v.Name)
		}
	}
	for _, s := range set.Sources() {
		if !sources[s.ID] {
			t.Errorf("no scenario comes from %s", s.ID)
		}
	}
	for _, e := range set.EndStates() {
		if !ends[e.ID] {
			t.Errorf("no scenario aims at %s", e.ID)
		}
	}
}

// TestTheVocabularyIsThatOfTheRegisters: an entry of the library becomes one of
// a register without translation.
func TestTheVocabularyIsThatOfTheRegisters(t *testing.T) {
	for _, c := range []struct {
		fields []register.Field
		key    string
		ours   []string
	}{
		{asset.Assets.Fields, "type", append(plain(scenario.AssetTypes()), "other")},
		{risk.Threats.Fields, "category", plain(scenario.ThreatCategories())},
		{risk.Threats.Fields, "properties", plain(scenario.Properties())},
		{risk.Threats.Fields, "origins", plain(scenario.Origins())},
		{risk.Vulnerabilities.Fields, "category", plain(scenario.VulnerabilityCategories())},
		{risk.Scenarios.Fields, "approach", plain(scenario.Approaches())},
		{risk.Scenarios.Fields, "level", plain(scenario.Levels())},
		{risk.Scenarios.Fields, "consequence_types", plain(scenario.ConsequenceTypes())},
		{risk.Risks.Fields, "category", plain(scenario.Categories())},
		{risk.Risks.Fields, "properties", plain(scenario.Properties())},
	} {
		i := slices.IndexFunc(c.fields, func(f register.Field) bool { return f.Key == c.key })
		if i < 0 {
			t.Errorf("the register has no field %s", c.key)
			continue
		}
		var theirs []string
		for _, v := range c.fields[i].Values {
			theirs = append(theirs, v.Name)
		}
		if diff := cmp.Diff(theirs, c.ours); diff != "" {
			t.Errorf("%s: %s", c.key, diff)
		}
	}
}

func plain[T ~string](list []T) (texts []string) {
	for _, v := range list {
		texts = append(texts, string(v))
	}
	return texts
}

func TestTheLibraryIsBroad(t *testing.T) {
	set := scenario.Library()
	all := set.Scenarios()
	if n := len(all); n < 120 {
		t.Errorf("%d scenarios", n)
	}
	for _, kind := range scenario.AssetTypes() {
		if n := len(set.ForAssetType(kind)); n < 3 {
			t.Errorf("%d scenarios concern a %s", n, kind)
		}
	}
	categories, approaches, levels, consequences, detailed := map[scenario.Category]int{}, map[scenario.Approach]int{}, map[scenario.Level]int{}, map[scenario.ConsequenceType]int{}, 0
	for _, c := range all {
		categories[c.Category]++
		approaches[c.Approach]++
		levels[c.Level]++
		if c.Parent != "" {
			detailed++
		}
		for _, kind := range c.ConsequenceTypes {
			consequences[kind]++
		}
	}
	for _, c := range scenario.Categories() {
		if categories[c] < 4 {
			t.Errorf("category %s has %d", c, categories[c])
		}
	}
	for _, c := range scenario.ConsequenceTypes() {
		if consequences[c] < 3 {
			t.Errorf("consequence %s comes %d times", c, consequences[c])
		}
	}
	if approaches[scenario.Event] < 40 || approaches[scenario.Asset] < 40 || levels[scenario.Strategic] < 15 || detailed < 15 || categories["management_system"] < 10 {
		t.Errorf("approaches %v, levels %v, %d with a parent, categories %v", approaches, levels, detailed, categories)
	}
}

func TestOperationalScenariosDetailStrategicOnes(t *testing.T) {
	set := scenario.Library()
	for _, c := range set.Scenarios() {
		for _, below := range set.Under(c.ID) {
			if below.Parent != c.ID || below.Level != scenario.Operational || c.Level != scenario.Strategic {
				t.Errorf("%s (%s) stands under %s (%s)", below.ID, below.Level, c.ID, c.Level)
			}
		}
	}
	if n := len(set.Under("ransomware-standstill")); n < 3 {
		t.Errorf("%d below ransomware-standstill", n)
	}
	if set.Under("") != nil {
		t.Error("what has no parent is under nothing")
	}
}

func TestManagementSystemRisksAreEvents(t *testing.T) {
	for _, c := range scenario.Library().Scenarios() {
		if c.Category == "management_system" && c.Approach != scenario.Event {
			t.Errorf("%s is told from an asset", c.ID)
		}
	}
}

func TestAFailingCheckBearsOnScenarios(t *testing.T) {
	set, named := scenario.Library(), 0
	for _, c := range check.Library() {
		bears := set.ByCheck(check.Prefix + c.ID)
		if len(bears) > 0 {
			named++
		}
		if diff := cmp.Diff(set.ByCheck(c.ID), bears); diff != "" {
			t.Errorf("%s by id and by reference: %s", c.ID, diff)
		}
	}
	if named < 38 {
		t.Errorf("%d of %d checks bear on a scenario", named, len(check.Library()))
	}
	if bears := set.ByCheck("aws.s3-public"); len(bears) == 0 || bears[0].ID != "public-bucket" {
		t.Errorf("a public bucket bears on %d scenarios", len(bears))
	}
	if len(set.ByCheck("aws.nothing")) != 0 || len(set.ByCheck("")) != 0 {
		t.Error("a check that does not exist bears on something")
	}
}

func TestWhatIsGivenIsTheCallersOwn(t *testing.T) {
	set := scenario.Library()
	c, _ := set.Scenario("ransomware-standstill")
	c.Controls[0].Why, c.Threats[0], c.Ask.Likelihood[0] = "changed", "changed", "changed"
	set.Scenarios()[0].Threats[0] = "changed"
	v, _ := set.Vulnerability("V-SO-13")
	v.Threats[0] = "changed"
	again, _ := set.Scenario("ransomware-standstill")
	first := set.Scenarios()[0]
	weak, _ := set.Vulnerability("V-SO-13")
	for _, text := range []string{again.Controls[0].Why, again.Threats[0], again.Ask.Likelihood[0], first.Threats[0], weak.Threats[0]} {
		if text == "changed" {
			t.Error("a caller changed the library")
		}
	}
	if _, ok := set.Scenario("no-such"); ok {
		t.Error("there is a scenario that is not there")
	}
}

// own is a complete scenario as an organisation would write it.
const own = `category: physical
scenarios:
  - id: own-kiln
    title: The kiln next door
    approach: event
    level: operational
    parent: ransomware-standstill
    asset_types: [site]
    event: It glows.
    consequence: It burns.
    steps: [one, two, three]
    properties: [availability]
    consequence_types: [safety]
    threats: [TP01]
    vulnerabilities: []
    risk_source: chance-and-wear
    desired_end_state: unintended
    interested_parties: [Neighbour]
    suggested_controls:
      - {control: A.7.5, why: it keeps off}
      - {control: A.7.8, why: it stands aside}
    noticed_by: {record: Smoke.}
    ask: {likelihood: ['a?', 'b?'], consequence: ['c?', 'd?']}
`

func TestAnOrganisationsOwnScenariosJoin(t *testing.T) {
	more, err := scenario.DecodeScenarios("own.yaml", []byte(own))
	if err != nil {
		t.Fatal(err)
	}
	set := scenario.Library()
	wider, err := set.With(more...)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := wider.Scenario("own-kiln")
	if !ok || got.Category != "physical" || got.Controls[0].Reference() != "iso27001:2022/A.7.5" {
		t.Errorf("%+v", got)
	}
	if _, ok := set.Scenario("own-kiln"); ok || len(wider.Scenarios()) != len(set.Scenarios())+1 {
		t.Error("the library itself changed")
	}
	if _, err := wider.With(more...); err == nil || !strings.Contains(err.Error(), "own-kiln") {
		t.Errorf("the same again: %v", err)
	}
}

func TestBadScenariosAreRefusedWithIDAndPart(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"an unknown key":             {"title:", "titel:", "own.yaml:4"},
		"an unknown word":            {"level: operational", "level: tactical", "tactical"},
		"an unknown category":        {"category: physical", "category: weather", "weather"},
		"no category":                {"category: physical", "", "category"},
		"an id with a space":         {"own-kiln", "own kiln", "own kiln"},
		"an empty event":             {"event: It glows.", "event: ' '", "event"},
		"an unknown asset type":      {"[site]", "[castle]", "castle"},
		"no asset type":              {"[site]", "[]", "asset_types"},
		"a threat that is none":      {"TP01", "TP99", "TP99"},
		"a threat named twice":       {"[TP01]", "[TP01, TP01]", "twice"},
		"no threat":                  {"[TP01]", "[]", "threats"},
		"an unknown weakness":        {"vulnerabilities: []", "vulnerabilities: [V-XX-01]", "V-XX-01"},
		"an unknown source":          {"chance-and-wear", "luck", "luck"},
		"an unknown end state":       {"unintended", "fun", "fun"},
		"nobody on the path":         {"[Neighbour]", "[]", "interested_parties"},
		"a source of an asset":       {"approach: event", "approach: asset", "risk_source"},
		"two steps":                  {"[one, two, three]", "[one, two]", "steps"},
		"steps of a strategic one":   {"level: operational\n    parent: ransomware-standstill", "level: strategic", "steps"},
		"a parent that is none":      {"parent: ransomware-standstill", "parent: kiln", "parent"},
		"an operational parent":      {"parent: ransomware-standstill", "parent: ransomware-via-mail", "parent"},
		"an unknown control":         {"A.7.5", "A.7.50", "A.7.50"},
		"a control of 2013":          {"A.7.5", "A.18.1.1", "A.18.1.1"},
		"a control without a reason": {"why: it keeps off", "why: ''", "why"},
		"one control":                {"\n      - {control: A.7.8, why: it stands aside}", "", "suggested_controls"},
		"nothing that would notice":  {"record: Smoke.", "record: ''", "noticed_by"},
		"an unknown check":           {"record: Smoke.", "checks: [aws.smoke]", "aws.smoke"},
		"a reference for an id":      {"record: Smoke.", "checks: [check/aws.s3-public]", "check/aws.s3-public"},
		"one question":               {"['a?', 'b?']", "['a?']", "likelihood"},
		"an id that is taken":        {"own-kiln", "public-bucket", "public-bucket"},
	} {
		bad := strings.Replace(own, c.old, c.new, 1)
		if bad == own {
			t.Fatalf("%s: nothing was replaced", name)
		}
		more, err := scenario.DecodeScenarios("own.yaml", []byte(bad))
		if err == nil {
			_, err = scenario.Library().With(more...)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALibraryWithABrokenFileIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, old, new, want string }{
		"a threat twice":             {"threats.yaml", "{id: TP02,", "{id: TP01,", "TP01"},
		"a threat of our own":        {"threats.yaml", "{id: TP02,", "{id: TP77,", "TP77"},
		"a threat without origin":    {"threats.yaml", "origins: [accidental]", "origins: []", "TP04"},
		"a weakness without threat":  {"vulnerabilities.yaml", "threats: [TT01, TP06, TH20]", "threats: []", "V-HA-01"},
		"a weakness without control": {"vulnerabilities.yaml", "controls: [A.7.13, A.7.10, A.8.13]", "controls: []", "V-HA-01"},
		"an end state twice":         {"sources.yaml", "{id: influence,", "{id: spying,", "spying"},
		"no such file":               {"sources.yaml", "", "", "sources.yaml"},
	} {
		files := fstest.MapFS{}
		for _, path := range contentFiles(t) {
			data, err := os.ReadFile(filepath.Join("content", path))
			if err != nil {
				t.Fatal(err)
			}
			files[path] = &fstest.MapFile{Data: data}
		}
		if c.old == "" {
			delete(files, c.file)
		} else {
			files[c.file].Data = []byte(strings.Replace(string(files[c.file].Data), c.old, c.new, 1))
		}
		if _, err := scenario.Load(files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func contentFiles(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir("content", func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, filepath.ToSlash(strings.TrimPrefix(path, "content"+string(filepath.Separator))))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestFilesSayTheirLicenceAndAreNamedByCategory(t *testing.T) {
	for _, path := range contentFiles(t) {
		data, err := os.ReadFile(filepath.Join("content", path))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(data), "# SPDX-License-Identifier: Apache-2.0\n") {
			t.Errorf("%s does not begin with its licence line", path)
		}
		if name, ok := strings.CutPrefix(path, "scenarios/"); ok {
			list, err := scenario.DecodeScenarios(path, data)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.ReplaceAll(string(list[0].Category), "_", "-"); !strings.HasPrefix(name, want) {
				t.Errorf("%s holds category %s", path, list[0].Category)
			}
		}
	}
}

// prose gives every text of the library by the place it stands in.
func prose(set *scenario.Set) map[string]string {
	texts := map[string]string{}
	for _, v := range set.Threats() {
		texts[v.ID+" description"] = v.Description
	}
	for _, v := range set.Vulnerabilities() {
		texts[v.ID+" description"] = v.Description
	}
	for _, v := range set.Sources() {
		texts[v.ID+" description"] = v.Description
	}
	for _, v := range set.EndStates() {
		texts[v.ID+" description"] = v.Description
	}
	for _, c := range set.Scenarios() {
		texts[c.ID+" title"], texts[c.ID+" event"], texts[c.ID+" consequence"] = c.Title, c.Event, c.Consequence
		if c.Notice.Record != "" {
			texts[c.ID+" record"] = c.Notice.Record
		}
		for i, s := range c.Controls {
			texts[fmt.Sprintf("%s why %d", c.ID, i+1)] = s.Why
		}
		for part, list := range map[string][]string{"step": c.Steps, "party": c.Parties, "likelihood": c.Ask.Likelihood, "consequence?": c.Ask.Consequence} {
			for i, text := range list {
				texts[fmt.Sprintf("%s %s %d", c.ID, part, i+1)] = text
			}
		}
	}
	return texts
}

// forms: length in characters, and how a text of that place looks.
var forms = []struct {
	place         *regexp.Regexp
	least, utmost int
	looks         *regexp.Regexp
}{
	{regexp.MustCompile(` description$`), 50, 230, regexp.MustCompile(`^[A-Z].*\.$`)},
	{regexp.MustCompile(` title$`), 12, 80, regexp.MustCompile(`^[A-Z0-9].*[^.!?]$`)},
	{regexp.MustCompile(` event$`), 150, 620, regexp.MustCompile(`^[A-Z].*\.$`)},
	{regexp.MustCompile(` consequence$`), 90, 420, regexp.MustCompile(`^[A-Z].*\.$`)},
	{regexp.MustCompile(` record$`), 40, 260, regexp.MustCompile(`^[A-Z].*\.$`)},
	{regexp.MustCompile(` why \d$`), 20, 130, regexp.MustCompile(`[^.!?]$`)},
	{regexp.MustCompile(` step \d$`), 20, 140, regexp.MustCompile(`^[A-Z].*\.$`)},
	{regexp.MustCompile(` party \d$`), 4, 60, regexp.MustCompile(`^[A-Z].*[^.]$`)},
	{regexp.MustCompile(` (likelihood|consequence\?) \d$`), 25, 170, regexp.MustCompile(`^[A-Z].*\?$`)},
}

func TestTextsKeepTheirForm(t *testing.T) {
	for place, text := range prose(scenario.Library()) {
		for _, f := range forms {
			if !f.place.MatchString(place) {
				continue
			}
			if n := len([]rune(text)); n < f.least || n > f.utmost {
				t.Errorf("%s has %d characters, %d to %d are meant: %.60q", place, n, f.least, f.utmost, text)
			}
			if !f.looks.MatchString(text) {
				t.Errorf("%s does not look like %s: %q", place, f.looks, text)
			}
		}
	}
}

func TestStoriesHaveTheirSentences(t *testing.T) {
	sentence := regexp.MustCompile(`[.!?]["')]?(\s|$)`)
	for _, c := range scenario.Library().Scenarios() {
		if n := len(sentence.FindAllString(c.Event, -1)); n < 2 || n > 4 {
			t.Errorf("%s: the event has %d sentences", c.ID, n)
		}
		if n := len(sentence.FindAllString(c.Consequence, -1)); n < 2 || n > 3 {
			t.Errorf("%s: the consequence has %d sentences", c.ID, n)
		}
	}
}

var statistic = regexp.MustCompile(`(?i)\d\s?(%|percent|per cent)|\b(studies show|surveys show|statistic|on average|research shows)\b|[€$£]\s?\d|\d\s?(euro|dollar|million|billion)`)

// TestNothingIsInvented: the library has no figures of frequency or loss, and
// reads like no standard.
func TestNothingIsInvented(t *testing.T) {
	for place, text := range prose(scenario.Library()) {
		if hit := statistic.FindString(text); hit != "" && !strings.HasPrefix(place, "force-of-nature") {
			t.Errorf("%s offers a statistic (%q): %q", place, hit, text)
		}
		if regexp.MustCompile(`(?i)\bshall\b`).MatchString(text) {
			t.Errorf("%s reads like a standard: %q", place, text)
		}
	}
}

// TestNoTwoTextsShareEightWords: neither with one another nor with what else the
// program says in prose.
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
	for place, text := range prose(scenario.Library()) {
		add(place, text)
	}
	files, err := filepath.Glob("../../framework/content/guidance/*/*.yaml")
	if err != nil || len(files) < 100 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tree yaml.Node
		if err := yaml.Unmarshal(data, &tree); err != nil {
			t.Fatal(err)
		}
		for _, text := range scalars(&tree) {
			add("the guidance", text)
		}
	}
	for _, c := range framework.Controls() {
		add("the controls", c.Asks)
	}
}

func scalars(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	var all []string
	for _, child := range n.Content {
		all = append(all, scalars(child)...)
	}
	return all
}

func TestTitlesAreTheirOwn(t *testing.T) {
	set := scenario.Library()
	var titles []string
	for _, c := range set.Scenarios() {
		titles = append(titles, strings.ToLower(c.Title))
	}
	for _, v := range set.Vulnerabilities() {
		titles = append(titles, strings.ToLower(v.Name))
	}
	slices.Sort(titles)
	for i := 1; i < len(titles); i++ {
		if titles[i] == titles[i-1] {
			t.Errorf("two entries are called %q", titles[i])
		}
	}
}

func ExampleSet_ByCheck() {
	for _, c := range scenario.Library().ByCheck("aws.s3-public") {
		fmt.Println(c.Title)
	}
	// Output:
	// A storage bucket is opened for a partner and stays open
}

func BenchmarkLoad(b *testing.B) {
	files := os.DirFS("content")
	for b.Loop() {
		if _, err := scenario.Load(files); err != nil {
			b.Fatal(err)
		}
	}
}

// TestTheFormInTheDocumentationIsRead: what the page tells an organisation to
// write joins the library as it stands.
func TestTheFormInTheDocumentationIsRead(t *testing.T) {
	page, err := os.ReadFile("../../docs/risk-library.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	form, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the page shows no form")
	}
	more, err := scenario.DecodeScenarios("form.yaml", []byte(form))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scenario.Library().With(more...); err != nil {
		t.Error(err)
	}
	set := scenario.Library()
	for _, want := range []string{
		fmt.Sprintf("| %d |", len(set.Scenarios())), fmt.Sprintf("| %d |", len(set.Vulnerabilities())), fmt.Sprintf("| %d |", len(set.Threats())),
		fmt.Sprintf("| %d and %d |", len(set.Sources()), len(set.EndStates())),
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not count %q", want)
		}
	}
}
