// SPDX-License-Identifier: Apache-2.0

package monarc

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sextant"
)

// Analysis is a risk analysis as MONARC exports it.
type Analysis struct {
	File            string
	Version         string // of MONARC
	Language        string
	Catalogue       *Catalogue
	Instances       []Instance // parents before children
	Risks           []Risk
	Operational     []OperationalRisk
	Recommendations []Recommendation
	Scales          Scales
	Evaluated       bool // it was exported with its judgements
	several         bool // texts are in several languages
}

// notSaid is what MONARC writes for a value nobody has given.
const notSaid = -1

// Instance is an asset of the analysis: a kind of asset at a place in its tree.
type Instance struct {
	ID, Parent  string // by the place in the tree, so that the same analysis gives the same ids
	Name, Label string
	Type        string // UUID of the kind of asset
	Impact      [3]int // what a loss of C, I and A means; notSaid where nobody said
	Inherited   [3]bool
}

// Risk is one triple at one instance, judged.
type Risk struct {
	ID, Instance                           string
	Threat, Vulnerability                  string // UUIDs
	ThreatRate, VulnerabilityRate, Reduced int    // as MONARC has them; notSaid for none
	Highest, Target                        int    // of the products MONARC computes; notSaid for none
	Kind                                   int
	Comment, After, Context, Owner         string
	Recommendations                        []string // UUIDs
}

// OperationalRisk is a risk without threat and vulnerability.
type OperationalRisk struct {
	ID, Instance                        string
	Code, Label, Description            string
	Inherent, Net, Target               [2]int // probability and what MONARC computes of it; notSaid for none
	Impacts                             []string
	Kind                                int
	Comment, Mitigation, Context, Owner string
	Recommendations                     []string
}

// Recommendation is a measure that is planned.
type Recommendation struct {
	UUID, Code, Description, Comment, Responsible, Due, Set string
	Importance                                              int
}

// Counts are what the analysis holds, as an independent count finds it.
type Counts struct {
	AssetTypes       int `json:"asset_types"`
	Threats          int `json:"threats"`
	Vulnerabilities  int `json:"vulnerabilities"`
	Triples          int `json:"triples"`
	Instances        int `json:"instances"`
	InformationRisks int `json:"information_risks"`
	Rated            int `json:"rated"`
	OperationalRisks int `json:"operational_risks"`
	Recommendations  int `json:"recommendations"`
}

// Counts counts the analysis.
func (a *Analysis) Counts() Counts {
	c := a.Catalogue
	n := Counts{len(c.Assets), len(c.Threats), len(c.Vulnerabilities), len(c.Triples), len(a.Instances), len(a.Risks), 0, len(a.Operational), len(a.Recommendations)}
	for _, r := range a.Risks {
		if r.ThreatRate > notSaid && r.VulnerabilityRate > notSaid {
			n.Rated++
		}
	}
	return n
}

// Languages are those an analysis may be read in: its own, or the four of those
// before 2.13.
func (a *Analysis) Languages() []string {
	if a.several {
		return slices.Clone(languages)
	}
	return []string{a.Language}
}

// languages of MONARC before 2.13, by the number at the end of a name.
var languages = []string{"FR", "EN", "DE", "NL"}

// Read reads an analysis exported as JSON by any MONARC from 2.8 on: those
// before 2.13 have every text in up to four languages, of which language is
// taken ("" = English). An error is Invalid or TooLarge.
func Read(name string, data []byte, language string) (*Analysis, error) {
	top, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	kind := top.get("type").text()
	if kind != "anr" || !top.has("instances") {
		what := "it is no analysis of MONARC"
		if kind != "" && kind != "anr" {
			what = fmt.Sprintf("it holds one %s, not a whole analysis", clip(oneLine(kind), 40))
		}
		return nil, sextant.Errorf(sextant.Invalid, "%s: %s", name, what).WithHint("export the analysis as a whole, as JSON and without a password")
	}
	r := &reader{a: &Analysis{File: name, Version: top.get("monarc_version").text(), Evaluated: top.get("withEval", "with_eval").yes(),
		Catalogue: &Catalogue{Left: map[string]int{}, Languages: map[string]int{}}},
		assets: map[string]int{}, threats: map[string]int{}, weaknesses: map[string]int{}, triples: map[string]int{}, recommended: map[string]int{}, themes: map[string]string{}, places: map[string]int{}}
	if err := r.speak(top, language); err != nil {
		return nil, err
	}
	r.knowledge(top.get("knowledgeBase"))
	for _, i := range top.get("instances").items() {
		if err := r.instance(i, "", 0); err != nil {
			return nil, err
		}
	}
	r.a.Scales = r.scales(top)
	r.leave(top)
	if len(r.a.Instances) == 0 && len(r.a.Catalogue.Threats) == 0 {
		return nil, sextant.Errorf(sextant.Invalid, "%s holds no asset and no knowledge base", name).WithHint("export the analysis with its knowledge base or its assets")
	}
	return r.a, r.a.Catalogue.check()
}

type reader struct {
	a                                                 *Analysis
	suffix                                            string // of the names of texts, "" where there is one language
	assets, threats, weaknesses, triples, recommended map[string]int
	themes                                            map[string]string
	places                                            map[string]int // how often a place in the tree was met
}

// speak settles the language.
func (r *reader) speak(top node, language string) error {
	language = strings.ToUpper(language)
	if of := strings.ToUpper(top.get("languageCode").text()); of != "" {
		if language != "" && language != of {
			return sextant.Errorf(sextant.Invalid, "%s is in %s only", r.a.File, clip(of, 10)).At("language")
		}
		r.a.Language = clip(of, 10)
		return nil
	}
	i := slices.Index(languages, cmp.Or(language, "EN"))
	if i < 0 {
		return sextant.Errorf(sextant.Invalid, "there is no text in %q", language).At("language").WithHint("an analysis of this age has EN, FR, DE and NL")
	}
	r.a.Language, r.suffix, r.a.several = languages[i], strconv.Itoa(i+1), true
	return nil
}

// said gives a text in the language, or in any other that has it.
func (r *reader) said(n node, name string) string {
	if r.suffix == "" || n.has(name) {
		return n.get(name).text()
	}
	text := n.get(name + r.suffix).text()
	for i := 1; i <= len(languages) && text == ""; i++ {
		text = n.get(name + strconv.Itoa(i)).text()
	}
	return text
}

func (r *reader) object(n node) (Object, bool) {
	o := Object{UUID: n.get("uuid").text(), Code: clip(oneLine(n.get("code").text()), 100), Label: clip(oneLine(r.said(n, "label")), 300), Description: r.said(n, "description"), Language: r.a.Language, file: r.a.File}
	return o, o.UUID != "" && len(o.UUID) <= 100 && o.Label != ""
}

func (r *reader) knowledge(n node) {
	for _, a := range n.get("assets").items() {
		r.asset(a)
	}
	for _, t := range n.get("threats").items() {
		r.threat(t)
	}
	for _, v := range n.get("vulnerabilities").items() {
		r.weakness(v)
	}
	for _, t := range n.get("informationRisks").items() {
		r.triple(t)
	}
	for _, set := range n.get("recommendationSets").items() {
		for _, rec := range set.get("recommendations").items() {
			r.recommendation(rec, r.said(set, "label"))
		}
	}
}

func (r *reader) asset(n node) {
	o, ok := r.object(n)
	if _, again := r.assets[o.UUID]; ok && !again {
		r.assets[o.UUID] = len(r.a.Catalogue.Assets)
		r.a.Catalogue.Assets = append(r.a.Catalogue.Assets, AssetType{Object: o, Primary: n.get("type").number(2) == 1})
	}
}

func (r *reader) threat(n node) {
	o, ok := r.object(n)
	if _, again := r.threats[o.UUID]; !ok || again {
		return
	}
	theme := n.get("theme")
	r.threats[o.UUID] = len(r.a.Catalogue.Threats)
	r.a.Catalogue.Threats = append(r.a.Catalogue.Threats, Threat{Object: o, Theme: cmp.Or(r.said(theme, "label"), r.themes[theme.text()]),
		Confidentiality: n.get("confidentiality", "c").yes(), Integrity: n.get("integrity", "i").yes(), Availability: n.get("availability", "a", "d").yes()})
}

func (r *reader) weakness(n node) {
	o, ok := r.object(n)
	if _, again := r.weaknesses[o.UUID]; ok && !again {
		r.weaknesses[o.UUID] = len(r.a.Catalogue.Vulnerabilities)
		r.a.Catalogue.Vulnerabilities = append(r.a.Catalogue.Vulnerabilities, Vulnerability{o})
	}
}

func (r *reader) triple(n node) {
	t := Triple{UUID: n.get("uuid").text(), Asset: uuidIn(n.get("asset")), Threat: uuidIn(n.get("threat")), Vulnerability: uuidIn(n.get("vulnerability")), file: r.a.File}
	if _, again := r.triples[t.UUID]; again || t.UUID == "" || len(t.UUID) > 100 || t.Threat == "" || t.Vulnerability == "" {
		return
	}
	r.triples[t.UUID] = len(r.a.Catalogue.Triples)
	r.a.Catalogue.Triples = append(r.a.Catalogue.Triples, t)
}

func (r *reader) recommendation(n node, set string) (uuid string) {
	rec := Recommendation{UUID: n.get("uuid").text(), Code: oneLine(n.get("code").text()), Description: r.said(n, "description"), Comment: n.get("comment").text(),
		Responsible: oneLine(n.get("responsible", "responsable").text()), Due: day(n.get("duedate")), Importance: n.get("importance").number(0),
		Set: cmp.Or(r.said(n.get("recommendationSet"), "label"), set)}
	if rec.UUID == "" || len(rec.UUID) > 100 || rec.Code == "" && rec.Description == "" {
		return ""
	}
	if _, again := r.recommended[rec.UUID]; !again {
		r.recommended[rec.UUID] = len(r.a.Recommendations)
		r.a.Recommendations = append(r.a.Recommendations, rec)
	}
	return rec.UUID
}

// day reads a date as text or as PHP writes one.
func day(n node) string {
	text := cmp.Or(n.text(), n.get("date").text())
	if len(text) >= 10 {
		if _, err := sextant.ParseAsOf(text[:10]); err == nil {
			return text[:10]
		}
	}
	return ""
}

// instance takes an asset of the tree with its risks and what is below it.
func (r *reader) instance(n node, parent string, depth int) error {
	if depth > maxDepth || len(r.a.Instances) >= MaxObjects || len(r.a.Risks)+len(r.a.Operational) >= MaxObjects {
		return sextant.Errorf(sextant.TooLarge, "%s holds more than %d assets or risks", r.a.File, MaxObjects)
	}
	said := n
	if old := n.get("instance"); old.isObject() {
		said = old
		r.oldKnowledge(n)
	}
	i := Instance{Parent: parent, Name: clip(oneLine(cmp.Or(r.said(said, "name"), r.said(said, "label"))), 300), Label: oneLine(r.said(said, "label"))}
	if own := n.get("asset"); own.isObject() {
		r.asset(own)
	}
	i.Type = uuidIn(said.get("asset"))
	object := cmp.Or(uuidIn(said.get("object")), uuidIn(n.get("object")), i.Name)
	i.ID = r.place("instance", parent, object)
	for p, names := range [3][2]string{{"confidentiality", "c"}, {"integrity", "i"}, {"availability", "d"}} {
		i.Impact[p] = said.get(names[0], names[1]).number(notSaid)
		i.Inherited[p] = said.get([]string{"isConfidentialityInherited", "isIntegrityInherited", "isAvailabilityInherited"}[p], names[1]+"h").yes()
	}
	r.a.Instances = append(r.a.Instances, i)
	for _, risk := range n.get("instanceRisks", "risks").items() {
		r.risk(n, risk, i)
	}
	for _, risk := range n.get("operationalInstanceRisks", "risksop").items() {
		r.operational(n, risk, i)
	}
	for _, child := range n.get("children").items() {
		if err := r.instance(child, i.ID, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// place names a thing by where it stands, so that another export of the same
// analysis gives it the same name.
func (r *reader) place(parts ...string) string {
	key := strings.Join(parts, "\x00")
	if r.places[key]++; r.places[key] > 1 {
		key += "\x00" + strconv.Itoa(r.places[key])
	}
	sum := sha256.Sum256([]byte(key))
	return "monarc:" + hex.EncodeToString(sum[:10])
}

// oldKnowledge takes what an instance before 2.13 carries with it.
func (r *reader) oldKnowledge(n node) {
	r.oldObject(n.get("object"), 0)
	for _, t := range n.get("threats").items() {
		r.threat(t)
	}
	for _, v := range n.get("vuls").items() {
		r.weakness(v)
	}
	for _, t := range n.get("amvs").items() {
		r.triple(t)
	}
	sets := map[string]string{}
	for _, set := range n.get("recSets").items() {
		sets[set.get("uuid").text()] = r.said(set, "label")
	}
	for _, rec := range n.get("recs").items() {
		r.recommendation(rec, sets[rec.get("recommandationSet").text()])
	}
}

func (r *reader) oldObject(n node, depth int) {
	of := n.get("asset")
	for _, t := range of.get("themes").items() {
		r.themes[t.get("id").text()] = r.said(t, "label")
	}
	if own := of.get("asset"); own.isObject() {
		r.asset(own)
	}
	for _, t := range of.get("threats").items() {
		r.threat(t)
	}
	for _, v := range of.get("vuls").items() {
		r.weakness(v)
	}
	for _, t := range of.get("amvs").items() {
		r.triple(t)
	}
	for _, child := range n.get("children").items() {
		r.oldObject(child, depth+1)
	}
}

func (r *reader) risk(in, n node, i Instance) {
	if t := n.get("threat"); t.isObject() {
		r.threat(t)
	}
	if v := n.get("vulnerability"); v.isObject() {
		r.weakness(v)
	}
	if t := n.get("informationRisk"); t.has("threat") {
		r.triple(t)
	}
	risk := Risk{Instance: i.ID, Threat: uuidIn(n.get("threat")), Vulnerability: uuidIn(n.get("vulnerability")),
		ThreatRate: n.get("threatRate").number(notSaid), VulnerabilityRate: n.get("vulnerabilityRate").number(notSaid), Reduced: n.get("reductionAmount").number(0),
		Highest: n.get("cacheMaxRisk").number(notSaid), Target: n.get("cacheTargetedRisk").number(notSaid), Kind: n.get("kindOfMeasure").number(0),
		Comment: n.get("comment").text(), After: n.get("commentAfter").text(), Context: n.get("context").text(), Owner: oneLine(n.get("riskOwner").text())}
	risk.ID = r.place("risk", i.ID, risk.Threat, risk.Vulnerability)
	risk.Recommendations = r.recommendedFor(in.get("recos"), n)
	r.a.Risks = append(r.a.Risks, risk)
}

// recommendedFor gives what is recommended for a risk: with the risk, or by its
// number beside all risks of the instance.
func (r *reader) recommendedFor(beside, n node) (uuids []string) {
	list := n.get("recommendations").items()
	if len(list) == 0 {
		list = beside.get(n.get("id").text()).items()
	}
	for _, rec := range list {
		if uuid := r.recommendation(rec, ""); uuid != "" && !slices.Contains(uuids, uuid) {
			uuids = append(uuids, uuid)
		}
	}
	return uuids
}

func (r *reader) operational(in, n node, i Instance) {
	o := OperationalRisk{Instance: i.ID, Code: oneLine(n.get("riskCacheCode").text()), Label: clip(oneLine(r.said(n, "riskCacheLabel")), 300), Description: r.said(n, "riskCacheDescription"),
		Kind: n.get("kindOfMeasure").number(0), Comment: n.get("comment").text(), Mitigation: n.get("mitigation").text(), Context: n.get("context").text(), Owner: oneLine(n.get("riskOwner").text())}
	for stage, into := range map[string]*[2]int{"Brut": &o.Inherent, "Net": &o.Net, "Targeted": &o.Target} {
		into[0], into[1] = n.get(strings.ToLower(stage)+"Prob").number(notSaid), n.get("cache"+stage+"Risk").number(notSaid)
	}
	for _, s := range n.get("operationalInstanceRiskScales").items() {
		if net := s.get("netValue").number(notSaid); net > notSaid {
			o.Impacts = append(o.Impacts, strconv.Itoa(net))
		}
	}
	o.ID = r.place("operational", i.ID, cmp.Or(o.Label, o.Code))
	o.Recommendations = r.recommendedFor(in.get("recosop"), n)
	r.a.Operational = append(r.a.Operational, o)
}

// leave counts what an analysis holds beside its risks.
func (r *reader) leave(top node) {
	left := r.a.Catalogue.Left
	for what, list := range map[string]node{"statement row": top.get("soas"), "interview": top.get("interviews"), "record of processing": top.get("gdprRecords", "records"), "referential": node{cmp.Or[any](top.get("knowledgeBase").get("referentials").value, top.get("referentials").value)}} {
		if n := len(list.items()); n > 0 {
			left[what] = n
		}
	}
}
