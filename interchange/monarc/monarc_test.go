// SPDX-License-Identifier: Apache-2.0

package monarc_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/batch"
	"sextant/interchange/monarc"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func analysis(t *testing.T, name, language string) *monarc.Analysis {
	t.Helper()
	a, err := monarc.Read(name, file(t, name), language)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func objects(t *testing.T, language string, names ...string) *monarc.Catalogue {
	t.Helper()
	var files []monarc.File
	for _, name := range names {
		files = append(files, monarc.File{Name: name, Data: file(t, name)})
	}
	c, err := monarc.ReadObjects(files, language)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnAnalysisReadsTheSameFromEitherFormat(t *testing.T) {
	want := monarc.Counts{AssetTypes: 2, Threats: 2, Vulnerabilities: 2, Triples: 2, Instances: 2, InformationRisks: 3, Rated: 2, OperationalRisks: 1, Recommendations: 2}
	newer, older := analysis(t, "analysis-2.13.json", ""), analysis(t, "analysis-2.12.json", "")
	if newer.Counts() != want || older.Counts() != want {
		t.Errorf("2.13 has %+v, 2.12 has %+v", newer.Counts(), older.Counts())
	}
	if !reflect.DeepEqual(newer.Instances, older.Instances) || !reflect.DeepEqual(newer.Risks, older.Risks) {
		t.Errorf("the assets or risks differ:\n%+v\n%+v", newer.Risks, older.Risks)
	}
	if !reflect.DeepEqual(newer.Scales, older.Scales) {
		t.Errorf("the scales differ:\n%+v\n%+v", newer.Scales, older.Scales)
	}
	for i, r := range newer.Recommendations {
		if o := older.Recommendations[i]; o.UUID != r.UUID || o.Due != r.Due || o.Responsible != r.Responsible || o.Set != r.Set {
			t.Errorf("recommendation %+v became %+v", r, o)
		}
	}
	if french := analysis(t, "analysis-2.12.json", "fr").Catalogue.Threats; french[0].Label != "Tempête" || french[1].Label != "Boat key is taken" {
		t.Errorf("in French: %+v", french)
	}
}

// Every pair of likelihood and impact has the level MONARC computes for every
// pair of threat and vulnerability it stands for.
func TestCriteriaLookUpWhatMonarcComputes(t *testing.T) {
	s := analysis(t, "analysis-2.13.json", "").Scales
	for _, thresholds := range [][2]int{{8, 27}, {1, 2}, {5, 60}, {30, 40}} {
		s.Low, s.High = thresholds[0], thresholds[1]
		c, err := s.Criteria("MS-1", "PER-1", "harbour.json")
		if err != nil {
			t.Fatal(thresholds, err)
		}
		y, err := risk.NewYardstick(c)
		if err != nil {
			t.Fatal(thresholds, err)
		}
		found := 0
		for threat := 0; threat <= 4; threat++ {
			for weak := 0; weak <= 5; weak++ {
				for impact := 0; impact <= 4; impact++ {
					want, product := 3, threat*weak*impact
					if product <= thresholds[1] {
						want = 2
					}
					if product <= thresholds[0] {
						want = 1
					}
					if got := y.Level(monarc.Likelihood(s, threat, weak), impact+1); got != want {
						t.Errorf("%v: threat %d, vulnerability %d, impact %d: level %d, want %d", thresholds, threat, weak, impact, got, want)
					}
					found++
				}
			}
		}
		if found != 5*6*5 {
			t.Fatal(found)
		}
	}
	s.Low, s.High = 9, 9
	if _, err := s.Criteria("MS-1", "PER-1", "x"); err == nil {
		t.Error("thresholds that are no thresholds gave criteria")
	}
}

type desk struct {
	*producttest.House
	manager access.Actor
	system  string
}

func newDesk(t *testing.T, h *producttest.House) desk {
	person := h.People[access.ISMSManager]
	return desk{h, access.Actor{Organisation: h.Org, Name: "person:" + person, Person: person, Roles: []access.Role{access.ISMSManager}}, h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key}
}

func (d desk) bring(t *testing.T, dry bool, fn func(*batch.Batch) error) batch.Report {
	t.Helper()
	report, err := batch.Bring(t.Context(), d.Kernel, d.manager, batch.Options{File: "harbour.json", Dry: dry}, fn)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func counts(t *testing.T, r batch.Report, name string, created, updated, unchanged, refused int) {
	t.Helper()
	n := r.Part(name).Counts
	if n[register.Created] != created || n[register.Updated] != updated || n[register.Unchanged] != unchanged || n[register.Refused] != refused {
		t.Errorf("%s: %v, want %d created, %d updated, %d unchanged, %d refused: %+v", name, n, created, updated, unchanged, refused, r.Part(name).Outcomes)
	}
}

func says(t *testing.T, r batch.Report, words string) {
	t.Helper()
	if !strings.Contains(strings.Join(r.Notes, "\n"), words) {
		t.Errorf("nobody is told %q: %q", words, r.Notes)
	}
}

func (d desk) all(t *testing.T, name string) (list []register.Entry) {
	t.Helper()
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		list, err = v.Select(name)
		return err
	})
	return list
}

func TestAnAnalysisIsJudgedOnlyByItsOwnCriteria(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		a := analysis(t, "analysis-2.13.json", "")
		o := monarc.Options{Catalogue: "MONARC", Owner: d.manager.Person}
		bring := func(b *batch.Batch) error { return a.Bring(b, o) }
		if dry := d.bring(t, true, bring); dry.Written || len(d.all(t, "risk")) != 0 {
			t.Fatal("a dry run wrote something")
		}
		first := d.bring(t, false, bring)
		counts(t, first, "asset", 2, 0, 0, 0)
		counts(t, first, "asset_dependency", 1, 0, 0, 0)
		counts(t, first, "risk", 4, 0, 0, 0)
		counts(t, first, "treatment", 1, 0, 0, 0)
		counts(t, first, "risk_criteria", 1, 0, 0, 0)
		counts(t, first, "risk_evaluation", 0, 0, 0, 0)
		says(t, first, "2 judged risks are not evaluated: the criteria in force are not those of the analysis")
		says(t, first, "nobody here is called Harbour master, Nobody Here")
		says(t, first, "1 recommendations are for no risk")
		theft := d.all(t, "risk")[0]
		if title, words := theft.Title(), theft.Doc.Text("description"); title != "Boat key is taken, Key hook: Keys hang on an open hook" || !strings.Contains(words, "Threat: 3") || !strings.Contains(words, "Highest product of the three: 36") || theft.State != risk.Identified {
			t.Errorf("%s is %s: %s", title, theft.State, words)
		}
		if office := d.all(t, "asset")[0]; office.Doc.Text("confidentiality") != "high" || office.Doc.Text("kind") != "primary" {
			t.Errorf("the office is %v", office.Doc)
		}

		d.approve(t, d.all(t, "risk_criteria")[0].Key)
		second := d.bring(t, false, bring)
		counts(t, second, "risk_evaluation", 3, 0, 0, 0)
		counts(t, second, "risk", 0, 0, 4, 0)
		counts(t, second, "risk_criteria", 0, 0, 1, 0)
		theft = d.all(t, "risk")[0]
		if theft.Doc.Text("judged_level") != "3" || theft.Doc.Text("target_level") != "2" {
			t.Errorf("36 is level %s and 9 is level %s; they are above 27 and above 8", theft.Doc.Text("judged_level"), theft.Doc.Text("target_level"))
		}
		third := d.bring(t, false, bring)
		if n := third.Count(register.Created) + third.Count(register.Updated); n != 0 {
			t.Errorf("the same again wrote %d: %+v", n, third.Parts)
		}
	})
}

// approve puts criteria in force, by somebody of top management.
func (d desk) approve(t *testing.T, key string) {
	t.Helper()
	top := access.Actor{Organisation: d.Org, Name: "person:PER-1", Person: "PER-1", Roles: []access.Role{access.Admin}, Proof: access.Proof{Method: access.Password, At: d.Clock()}}
	for _, step := range []struct {
		actor access.Actor
		move  string
		input map[string]any
	}{{d.manager, "submit", map[string]any{"approver": "PER-1"}}, {top, "approve", nil}} {
		if err := d.Kernel.Write(t.Context(), step.actor, func(tx *register.Tx) error {
			_, err := tx.Transition("risk_criteria", key, 0, step.move, step.input, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestObjectsComeInOneLanguageWithTheirLicence(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		english := objects(t, "", "mosp-answer.json", "mosp-list.json")
		o := monarc.Options{Catalogue: "MOSP", Licence: "CC0-1.0", Scenarios: true}
		r := d.bring(t, false, func(b *batch.Batch) error { return english.Objects(b, o) })
		counts(t, r, "threat", 2, 0, 0, 0)
		counts(t, r, "vulnerability", 2, 0, 0, 0)
		counts(t, r, "risk_scenario", 1, 0, 0, 0)
		says(t, r, "1 of 2 triples name a threat or vulnerability that is neither in the files")
		says(t, r, "1 objects in DE are left")
		says(t, r, "left out: referential (1)")
		says(t, r, "licence of 1 objects: CC-BY-4.0")
		theft, hook := d.all(t, "threat")[0], d.all(t, "vulnerability")[0]
		if theft.Doc.Text("licence") != "CC-BY-4.0" || theft.Doc.Text("language") != "EN" || theft.Doc.Text("external_id") != "t-theft" || theft.Doc.Text("category") != "human" || strings.Join(theft.Doc.Strings("properties"), " ") != "confidentiality availability" {
			t.Errorf("the theft is %v", theft.Doc)
		}
		if hook.Doc.Text("licence") != "CC0-1.0" || hook.Doc.Strings("threats")[0] != theft.Key || hook.Doc.Strings("asset_types")[0] != "Premises / hooks" || hook.Doc.Text("category") != "site" {
			t.Errorf("the hook is %v", hook.Doc)
		}
		german := objects(t, "de", "mosp-list.json")
		r = d.bring(t, false, func(b *batch.Batch) error { return german.Objects(b, o) })
		counts(t, r, "threat", 1, 0, 0, 0)
		if list := d.all(t, "threat"); len(list) != 3 || list[2].Doc.Text("language") != "DE" || list[2].Doc.Text("external_id") != "t-theft" {
			t.Errorf("in German: %v", list)
		}
		r = d.bring(t, false, func(b *batch.Batch) error { return english.Objects(b, o) })
		if n := r.Count(register.Created) + r.Count(register.Updated); n != 0 {
			t.Errorf("the same again wrote %d", n)
		}
	})
}

func TestObjectsThatCannotBeTakenAreNamed(t *testing.T) {
	c := objects(t, "", "mosp-refused.json")
	var said []string
	for _, r := range c.Refused {
		said = append(said, r.File+": "+r.Reason)
	}
	for i, want := range []string{"object 1: it has no uuid", "object 2: it has no label", "object 4: t-storm in EN differs from the one in mosp-refused.json, object 3", "object 5: a triple names", "object 6: it is no object", "object 7: it is no object of MOSP"} {
		if i >= len(said) || !strings.Contains(said[i], want) {
			t.Errorf("refusal %d is not %q: %q", i+1, want, said)
		}
	}
	if nested := objects(t, "", "mosp-object.json"); len(nested.Threats) != 1 || len(nested.Vulnerabilities) != 1 || len(nested.Triples) != 1 || nested.Left["library object"] != 1 {
		t.Errorf("the library object gave %+v", nested)
	}
}

func TestWhatIsNoAnalysisIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		data, says string
		code       sextant.Code
	}{
		"encrypted":    {"U2FsdGVkX1", "is no JSON", sextant.Invalid},
		"one instance": {`{"type":"instance","monarc_version":"2.12"}`, "it holds one instance, not a whole analysis", sextant.Invalid},
		"another":      {`[]`, "it is no analysis", sextant.Invalid},
		"empty":        {`{"type":"anr","monarc_version":"2.13","instances":[]}`, "holds no asset", sextant.Invalid},
		"deep":         {strings.Repeat("[", 300), "nested deeper", sextant.TooLarge},
		"many":         {"[" + strings.Repeat("1,", 4_000_001) + "1]", "values", sextant.TooLarge},
	} {
		_, err := monarc.Read(name, []byte(c.data), "")
		if sextant.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := monarc.Read("x", file(t, "analysis-2.13.json"), "FR"); err == nil || !strings.Contains(err.Error(), "EN only") {
		t.Error(err)
	}
	if _, err := monarc.ReadObjects([]monarc.File{{Name: "a.json", Data: file(t, "analysis-2.13.json")}}, ""); err == nil || !strings.Contains(err.Error(), "is an analysis") {
		t.Error(err)
	}
}
