// SPDX-License-Identifier: Apache-2.0

package monarc

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/asset"
	"sextant/interchange/batch"
	"sextant/interchange/heading"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
)

// Bring brings an analysis in: its knowledge base, its assets and what stands on
// what, its risks with what was said of them there, its recommendations as
// drafts of treatments, and its scales as a draft of criteria. Risks are judged
// only where the criteria in force are those of the analysis; where they are
// not, that is said.
func (a *Analysis) Bring(b *batch.Batch, o Options) error {
	in := &analysed{bringing: bringing{Batch: b, o: o, c: a.Catalogue}, a: a, assets: map[string]string{}, risks: map[string]string{}}
	if err := in.ground(); err != nil {
		return err
	}
	for _, step := range []func() error{in.catalogue, in.bringAssets, in.bringDependencies, in.bringRisks, in.bringTreatments, in.bringCriteria, in.bringEvaluations} {
		if err := step(); err != nil {
			return err
		}
	}
	in.tell()
	return nil
}

type analysed struct {
	bringing
	a             *Analysis
	people        heading.Index     // by name, address and key
	me            string            // who stands in where nobody is known
	assets, risks map[string]string // ids of the analysis, to keys
	places        map[string]Instance
	judged        []judgement
	strangers     map[string]bool // names that are nobody here
}

// ground settles unit and system, which every asset and risk needs.
func (in *analysed) ground() (err error) {
	if in.o.Unit, err = organisation.UnitMeant(in, in.o.Unit); err != nil {
		return err
	}
	if in.o.System, err = organisation.SystemMeant(in, in.o.System); err != nil {
		return err
	}
	people, err := organisation.Callings(in)
	if err != nil {
		return err
	}
	in.people, in.strangers, in.places = heading.Index{}, map[string]bool{}, map[string]Instance{}
	for _, p := range people {
		for _, name := range p.By {
			in.people.Place(name, p.Key)
		}
	}
	if in.o.Owner != "" && in.person(in.o.Owner) == "" {
		return sextant.Errorf(sextant.Invalid, "there is no person %q", in.o.Owner).At("owner")
	}
	in.me = cmp.Or(in.person(in.o.Owner), in.Actor().Person)
	return nil
}

func (in *analysed) person(text string) string { return in.people.Find(text) }

// known finds a person the analysis names; who is not here is told once.
func (in *analysed) known(text string) string {
	if text == "" {
		return ""
	}
	key := in.person(text)
	if key == "" {
		in.strangers[text] = true
	}
	return key
}

var values = []string{"", "low", "moderate", "high", "very_high"}

func (in *analysed) bringAssets() error {
	before, err := asset.Assets.All(in)
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, e := range before {
		for _, id := range e.Fields.Identifiers {
			known[id] = e.Key
		}
	}
	var rows []register.Incoming
	for i, at := range in.a.Instances {
		in.places[at.ID] = at
		if key := known[at.ID]; key != "" {
			in.assets[at.ID] = key
			if err := in.Keep(asset.Assets.Name, i+1, key, at.Name); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, register.Incoming{Row: i + 1, Values: in.assetOf(at)})
	}
	keys, err := in.Import(asset.Assets.Name, rows)
	for row, key := range keys {
		in.assets[in.a.Instances[row-1].ID] = key
	}
	return err
}

func (in *analysed) assetOf(at Instance) map[string]any {
	kind := in.types[at.Type]
	_, of := kindOf(kind.Code)
	fields := map[string]any{"title": cmp.Or(at.Name, kind.Label, "Asset without a name"), "kind": "supporting", "type": of, "identifiers": []string{at.ID},
		"scope_units": []string{in.o.Unit}, "origin": "import"}
	if kind.Primary {
		fields["kind"] = "primary"
	}
	var notes []string
	if kind.Label != "" {
		notes = append(notes, "Kind of asset in MONARC: "+kind.Label)
	}
	if at.Label != "" && at.Label != at.Name {
		notes = append(notes, at.Label)
	}
	for p, impact := range at.Impact {
		if impact < 1 || at.Inherited[p] {
			continue
		}
		notes = append(notes, fmt.Sprintf("Impact of a loss of %s in MONARC: %d of %d", touched[p], impact, in.a.Scales.Impact.Max))
		if in.a.Scales.Impact.Max == len(values)-1 {
			fields[touched[p]] = values[impact]
		}
	}
	fields["notes"] = strings.Join(notes, "\n\n")
	return fields
}

// bringDependencies: an asset stands on what is below it in the tree, and that
// inherits its value.
func (in *analysed) bringDependencies() error {
	before, err := asset.Dependencies.All(in)
	if err != nil {
		return err
	}
	known := map[[2]string]string{}
	for _, d := range before {
		known[[2]string{d.Fields.Dependent, d.Fields.Supports}] = d.Key
	}
	var rows []register.Incoming
	for i, at := range in.a.Instances {
		above, below := in.assets[at.Parent], in.assets[at.ID]
		switch key := known[[2]string{above, below}]; {
		case above == "" || below == "":
		case key != "":
			if err := in.Keep(asset.Dependencies.Name, i+1, key, at.Name); err != nil {
				return err
			}
		default:
			rows = append(rows, register.Incoming{Row: i + 1, Values: map[string]any{"dependent": above, "supports": below, "origin": "import"}})
		}
	}
	_, err = in.Import(asset.Dependencies.Name, rows)
	return err
}

func (in *analysed) bringRisks() error {
	before, err := risk.Risks.All(in)
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, r := range before {
		if r.Fields.ExternalID != "" {
			known[r.Fields.ExternalID] = r.Key
		}
	}
	threats := map[string]Threat{}
	for _, t := range in.a.Catalogue.Threats {
		threats[t.UUID] = t
	}
	var rows []register.Incoming
	var ids []string
	add := func(id string, fields map[string]any) {
		ids = append(ids, id)
		row := register.Incoming{Row: len(ids), Key: known[id], Values: fields}
		if row.Key != "" { // what people made of it since stays
			row.Values = map[string]any{"description": fields["description"]}
		}
		rows = append(rows, row)
	}
	for _, r := range in.a.Risks {
		add(r.ID, in.riskOf(r, threats[r.Threat]))
	}
	for _, r := range in.a.Operational {
		add(r.ID, in.operationalOf(r))
	}
	keys, err := in.Import(risk.Risks.Name, rows)
	for row, key := range keys {
		in.risks[ids[row-1]] = key
	}
	if n := len(in.a.Operational); n > 0 {
		in.Say(fmt.Sprintf("%d operational risks are judged by scales of their own there: what was judged stays as text", n))
	}
	return err
}

// riskFields are what both kinds of risk have.
func (in *analysed) riskFields(id, instance, owner string) map[string]any {
	fields := map[string]any{"approach": "asset", "origin": "import", "external_id": id, "scope_units": []string{in.o.Unit}, "management_system": in.o.System}
	if key := in.assets[instance]; key != "" {
		fields["assets"] = []string{key}
	}
	if person := cmp.Or(in.known(owner), in.person(in.o.Owner)); person != "" {
		fields["owner"] = person
	}
	return fields
}

func (in *analysed) riskOf(r Risk, t Threat) map[string]any {
	fields := in.riskFields(r.ID, r.Instance, r.Owner)
	at := in.places[r.Instance]
	threat, weakness := in.threats.keys[name(r.Threat, in.a.Language)], in.weaknesses.keys[name(r.Vulnerability, in.a.Language)]
	title := at.Name
	if weakness != "" {
		fields["vulnerabilities"] = []string{weakness}
		title += ": " + in.TitleOf(risk.Vulnerabilities.Name, weakness)
	}
	if threat != "" {
		fields["threats"] = []string{threat}
		title = in.TitleOf(risk.Threats.Name, threat) + ", " + title
	}
	fields["title"], fields["properties"], fields["category"] = clip(title, 900), t.properties(), "cyber"
	said := lines{}
	said.number("Threat", r.ThreatRate)
	said.number("Vulnerability", r.VulnerabilityRate)
	for p, impact := range at.Impact {
		said.number("Impact of a loss of "+touched[p], impact)
	}
	said.number("Highest product of the three", r.Highest)
	said.text("Treatment", kindsOfMeasure[r.Kind])
	if r.Reduced > 0 {
		said.number("Vulnerability goes down by", r.Reduced)
		said.number("Product after treatment", r.Target)
	}
	said.rest(r.Comment, r.After, r.Context, r.Owner)
	fields["description"] = said.String()
	return fields
}

func (in *analysed) operationalOf(r OperationalRisk) map[string]any {
	fields := in.riskFields(r.ID, r.Instance, r.Owner)
	fields["title"] = clip(cmp.Or(r.Label, r.Code, "Operational risk")+", "+in.places[r.Instance].Name, 900)
	fields["properties"], fields["category"] = []string{touched[0], touched[1], touched[2]}, "continuity"
	said := lines{}
	said.text("Operational risk", r.Code)
	for i, stage := range [][2]int{r.Inherent, r.Net, r.Target} {
		name := []string{"inherent", "net", "target"}[i]
		said.number("Probability, "+name, stage[0])
		said.number("Risk, "+name, stage[1])
	}
	said.text("Net impacts", strings.Join(r.Impacts, ", "))
	said.text("Treatment", kindsOfMeasure[r.Kind])
	said.rest(r.Comment, r.Mitigation, r.Context, r.Owner)
	fields["description"] = strings.TrimSpace(r.Description + "\n\n" + said.String())
	return fields
}

// kindsOfMeasure are the options of treatment there, in words.
var kindsOfMeasure = map[int]string{1: "reduce", 2: "refuse", 3: "accept", 4: "share", 5: "none yet"}

// options of a treatment here, by the kinds there.
var options = map[int]string{1: "modify", 2: "avoid", 3: "retain", 4: "share"}

// lines is what was said of a risk there, as text.
type lines []string

func (l *lines) number(label string, n int) {
	if n > notSaid {
		*l = append(*l, fmt.Sprintf("- %s: %d", label, n))
	}
}

func (l *lines) text(label, text string) {
	if text != "" {
		*l = append(*l, "- "+label+": "+strings.ReplaceAll(text, "\n", " "))
	}
}

func (l *lines) rest(existing, after, context, owner string) {
	l.text("Existing controls", existing)
	l.text("After treatment", after)
	l.text("Context", context)
	l.text("Risk owner", owner)
}

func (l lines) String() string { return "As MONARC has it:\n\n" + strings.Join(l, "\n") }

// bringTreatments makes a draft of each recommendation that is for a risk.
func (in *analysed) bringTreatments() error {
	for_, kinds := map[string][]string{}, map[string]map[string]bool{}
	note := func(ids []string, id string, kind int) {
		for _, uuid := range ids {
			if key := in.risks[id]; key != "" && !slices.Contains(for_[uuid], key) {
				for_[uuid] = append(for_[uuid], key)
			}
			if kinds[uuid] == nil {
				kinds[uuid] = map[string]bool{}
			}
			if option := options[kind]; option != "" {
				kinds[uuid][option] = true
			}
		}
	}
	for _, r := range in.a.Risks {
		note(r.Recommendations, r.ID, r.Kind)
	}
	for _, r := range in.a.Operational {
		note(r.Recommendations, r.ID, r.Kind)
	}
	before, err := risk.Treatments.All(in)
	if err != nil {
		return err
	}
	due := cmp.Or(in.o.Due, in.Now().Time().AddDate(1, 0, 0).Format(time.DateOnly))
	var rows []register.Incoming
	loose, ownerless, dated := 0, 0, 0
	for i, rec := range in.a.Recommendations {
		owner := cmp.Or(in.known(rec.Responsible), in.me)
		at := slices.IndexFunc(before, func(t register.Of[risk.Treatment]) bool { return strings.Contains(t.Fields.OptionReason, rec.mark()) })
		switch {
		case at >= 0:
			if err := in.Keep(risk.Treatments.Name, i+1, before[at].Key, before[at].Title()); err != nil {
				return err
			}
		case len(for_[rec.UUID]) == 0:
			loose++
		case owner == "":
			ownerless++
		default:
			if rec.Due == "" {
				dated++
			}
			rows = append(rows, register.Incoming{Row: i + 1, Values: rec.treatment(for_[rec.UUID], slices.Sorted(maps.Keys(kinds[rec.UUID])), owner, cmp.Or(rec.Due, due))})
		}
	}
	for n, text := range map[*int]string{&loose: "%d recommendations are for no risk and were left out", &ownerless: "%d recommendations were left out: nobody is named who could own the treatment; name an owner", &dated: "%d recommendations have no date; their treatments are due on " + due} {
		if *n > 0 {
			in.Say(fmt.Sprintf(text, *n))
		}
	}
	_, err = in.Import(risk.Treatments.Name, rows)
	return err
}

// mark is how a treatment says which recommendation it was.
func (r Recommendation) mark() string { return "Recommendation " + r.UUID + " of MONARC" }

func (r Recommendation) treatment(risks, options []string, owner, due string) map[string]any {
	if len(options) == 0 {
		options = []string{"modify"}
	}
	title := clip(strings.Trim(oneLine(r.Code+": "+r.Description), ": "), 300)
	reason := []string{r.mark() + "."}
	for _, line := range []string{r.Description, r.Comment} {
		if line != "" {
			reason = append(reason, line)
		}
	}
	if r.Responsible != "" {
		reason = append(reason, "Responsible there: "+r.Responsible)
	}
	return map[string]any{"title": title, "risks": risks, "options": options, "option_reason": strings.Join(reason, "\n\n"), "owner": owner, "due_on": due,
		"measures": []any{map[string]any{"title": clip(oneLine(cmp.Or(r.Description, r.Code)), 900)}}}
}
