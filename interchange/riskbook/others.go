// SPDX-License-Identifier: Apache-2.0

package riskbook

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/interchange/batch"
	"sextant/interchange/heading"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
	"sextant/risk/scenario"
)

// others is the sheet of another tool on its way in.
type others struct {
	*batch.Batch
	o         Options
	b         *Book
	people    heading.Index
	me        string // who judged, and who owns a treatment nobody else is named for
	system    string // of risks that name none; "" where it is not clear
	known     called
	entries   map[string]heading.Index               // by field, what it may name
	criteria  map[string]*register.Of[risk.Criteria] // by management system; nil = none in force
	keys      map[int]string                         // of the risks, by row
	plans     map[int]rowPlan                        // likewise
	strangers map[string]bool                        // names of people who are not here
	counts    map[string]int                         // of what is told in a note
}

// rowPlan is what becomes of the judgements of a row.
type rowPlan struct {
	list   []judgement
	failed []failure
}

// judgement is an evaluation that can be made.
type judgement struct {
	stage      string
	likelihood int
	rated      []any
	why        string
}

// failure is an evaluation that cannot be made, and why.
type failure struct {
	stage string
	err   error
}

func (b *Book) bringOthers(in *batch.Batch, o Options) error {
	x := &others{Batch: in, o: o, b: b, entries: map[string]heading.Index{}, criteria: map[string]*register.Of[risk.Criteria]{}, keys: map[int]string{}, plans: map[int]rowPlan{}, strangers: map[string]bool{}, counts: map[string]int{}}
	for _, step := range []func() error{x.ground, x.bringRisks, x.bringEvaluations, x.bringTreatments} {
		if err := step(); err != nil {
			return err
		}
	}
	return x.tell()
}

func (x *others) ground() error {
	people, err := organisation.Callings(x)
	if err != nil {
		return err
	}
	x.people = heading.Index{}
	for _, p := range people {
		for _, name := range p.By {
			x.people.Place(name, p.Key)
		}
	}
	if x.o.Owner != "" && x.people.Find(x.o.Owner) == "" {
		return sextant.Errorf(sextant.Invalid, "there is no person %q", x.o.Owner).At("owner")
	}
	if x.o.Consequence != "" && !slices.Contains(types(), x.o.Consequence) {
		return sextant.Errorf(sextant.Invalid, "%q is no type of consequence", x.o.Consequence).At("consequence").WithHint("one of %s", strings.Join(types(), ", "))
	}
	if x.o.Owner != "" {
		x.o.Owner = x.people.Find(x.o.Owner)
	}
	x.me = cmp.Or(x.Actor().Person, x.o.Owner)
	if x.o.Due == "" {
		x.o.Due = x.Now().Time().AddDate(1, 0, 0).Format(time.DateOnly)
	} else if _, err := time.Parse(time.DateOnly, x.o.Due); err != nil {
		return sextant.Errorf(sextant.Invalid, "%q is no day", x.o.Due).At("due").WithHint("write it as 2026-11-24")
	}
	x.system, err = organisation.SystemMeant(x, x.o.System)
	if sextant.CodeOf(err) != sextant.Invalid && err != nil {
		return err
	}
	x.known, err = byOther(x.Batch)
	return err
}

func (x *others) bringRisks() error {
	for _, r := range x.b.refused {
		if err := x.Refuse(risk.Risks.Name, r.number, r.title, r.err); err != nil {
			return err
		}
	}
	rows := make([]register.Incoming, 0, len(x.b.rows))
	for _, r := range x.b.rows {
		one, err := x.riskOf(r)
		if err != nil {
			return err
		}
		rows = append(rows, one)
	}
	keys, err := x.Import(risk.Risks.Name, rows)
	x.keys = keys
	return err
}

// riskOf is the risk of a row, with what the row says beside it as text where it
// becomes nothing else.
func (x *others) riskOf(r row) (register.Incoming, error) {
	in := register.Incoming{Row: r.number, Values: maps.Clone(r.values)}
	id, _ := r.values["external_id"].(string)
	if in.Key = x.known.ids[folded(id)]; id == "" {
		in.Key = x.known.titles[folded(r.title())]
	}
	var before register.Entry
	if in.Key != "" {
		var err error
		if before, err = x.Lookup(risk.Risks.Name, in.Key); err != nil {
			return in, err
		}
	}
	beside := slices.Clone(r.texts)
	for _, field := range slices.Sorted(maps.Keys(r.refs)) {
		found, unknown, err := x.find(field, r.refs[field])
		if err != nil {
			return in, err
		}
		if len(found) > 0 {
			in.Values[field] = found
		}
		if len(unknown) > 0 {
			beside = append(beside, said{x.header(Field(field)), strings.Join(unknown, ", ")})
		}
	}
	if owner := x.person(r.owner); owner != "" {
		in.Values["owner"] = owner
	} else if r.owner.text != "" && !undecidedWord(r.owner.text) {
		beside = append(beside, r.owner)
	}
	if r.status.text != "" {
		beside = append(beside, r.status)
		if words().closed[heading.Plain(r.status.text)] {
			x.counts["closed"]++
		}
	}
	if in.Key == "" {
		begin(in.Values, x.o)
	}
	plan, left := x.judge(r, in, before)
	x.plans[r.number] = plan
	beside = append(beside, left...)
	if len(plan.list) == 0 && r.rationale != "" {
		beside = append(beside, said{x.header(Rationale), r.rationale})
	}
	if len(beside) > 0 {
		in.Values["description"] = told(in.Values["description"], beside)
	}
	return in, nil
}

// asImported begins what a sheet says of a risk beside its fields.
const asImported = "As imported:"

func told(description any, beside []said) string {
	text, _ := description.(string)
	lines := make([]string, len(beside))
	for i, s := range beside {
		lines[i] = s.line()
	}
	return strings.TrimSpace(strings.TrimSpace(text) + "\n\n" + asImported + "\n\n" + strings.Join(lines, "\n"))
}

// header of the column that holds a field.
func (x *others) header(f Field) string {
	c, _ := x.b.matching.Of(f)
	return c.Name()
}

// person finds who a cell names; who is not here is told once.
func (x *others) person(s said) string {
	if s.text == "" || undecidedWord(s.text) {
		return ""
	}
	key := x.people.Find(s.text)
	if key == "" {
		x.strangers[s.text] = true
	}
	return key
}

// find looks for the entries a cell names, by key or title.
func (x *others) find(field string, names []string) (found, unknown []string, err error) {
	index, read := x.entries[field]
	if !read {
		if index, err = x.index(field); err != nil {
			return nil, nil, err
		}
		x.entries[field] = index
	}
	for _, name := range names {
		if key := index.Find(name); key != "" && !slices.Contains(found, key) {
			found = append(found, key)
		} else if key == "" {
			unknown = append(unknown, name)
		}
	}
	return found, unknown, nil
}

// own registers of fields that may name the library too.
var own = map[string]string{"threats": risk.Threats.Name, "vulnerabilities": risk.Vulnerabilities.Name, "scenarios": risk.Scenarios.Name}

func (x *others) index(field string) (heading.Index, error) {
	f, _ := risk.Risks.Definition.Field(field)
	index, library := heading.Index{}, scenario.Library()
	switch field {
	case "threats":
		for _, t := range library.Threats() {
			index.Place(t.ID, "threat/"+t.ID)
			index.Place(t.Name, "threat/"+t.ID)
		}
	case "vulnerabilities":
		for _, v := range library.Vulnerabilities() {
			index.Place(v.ID, "vulnerability/"+v.ID)
			index.Place(v.Name, "vulnerability/"+v.ID)
		}
	case "scenarios":
		for _, c := range library.Scenarios() {
			index.Place(c.ID, "scenario/"+c.ID)
			index.Place(c.Title, "scenario/"+c.ID)
		}
	}
	return index, x.Walk(cmp.Or(own[field], f.To), func(e register.Entry) error {
		index.Place(e.Key, e.Key)
		index.Place(e.Title(), e.Key)
		return nil
	})
}

// judge settles which judgements of a row become evaluations, and gives what
// stays text.
func (x *others) judge(r row, in register.Incoming, before register.Entry) (plan rowPlan, left []said) {
	system := x.system
	if named, _ := in.Values["management_system"].(string); named != "" {
		system = named
	} else if before.Key != "" {
		system = before.Doc.Text("management_system")
	}
	owner, _ := in.Values["owner"].(string)
	if owner == "" && before.Key != "" {
		owner = before.Owner()
	}
	for _, stage := range Stages() {
		j := r.stages[stage]
		if !j.any() {
			left = append(left, j.all()...)
			continue
		}
		made, why, err := x.judgement(r, in, j, stage, system, owner)
		switch {
		case err != nil:
			plan.failed = append(plan.failed, failure{stage, err})
			left = append(left, j.all()...)
		case made == nil:
			x.counts[why]++
			if why != open {
				left = append(left, j.all()...)
			}
		default:
			plan.list = append(plan.list, *made)
		}
	}
	return plan, left
}

// open is why nothing is judged where the cells say that nobody has yet.
const open = "open"

// judgement reads what is judged of one stage. Where nothing can be judged it says
// which of the reasons it is; err is a value off the scale.
func (x *others) judgement(r row, in register.Incoming, j judged, stage, system, owner string) (made *judgement, why string, err error) {
	c, err := x.inForce(system)
	switch {
	case err != nil:
		return nil, "", err
	case j.open():
		return nil, open, nil
	case c == nil:
		return nil, "no criteria", nil
	case owner == "":
		return nil, "no owner", nil
	case x.me == "":
		return nil, "nobody judges", nil
	}
	by := scales(*c, x.o)
	likelihood, err := by[Likelihood].read(j.likelihood.text)
	if err != nil {
		return nil, "", err
	}
	rated, err := x.rated(in, j, *c, by[Consequence])
	if err != nil {
		return nil, "", err
	}
	if likelihood == 0 || len(rated) == 0 {
		return nil, "half", nil
	}
	return &judgement{stage, likelihood, rated, x.rationale(r, j)}, "", nil
}

// inForce gives the criteria of a system, nil where none are in force.
func (x *others) inForce(system string) (*register.Of[risk.Criteria], error) {
	if c, read := x.criteria[system]; read {
		return c, nil
	}
	c, err := risk.InForce(x, system)
	if sextant.CodeOf(err) == sextant.NotFound {
		x.criteria[system] = nil
		return nil, nil
	}
	if err == nil {
		x.criteria[system] = &c
	}
	return &c, err
}

// rated reads consequences: of the types that have a column, and of the one column
// that names none.
func (x *others) rated(in register.Incoming, j judged, c register.Of[risk.Criteria], by scale) (list []any, err error) {
	add := func(kind string, level int) {
		list = append(list, map[string]any{"type": kind, "level": float64(level)})
	}
	for _, kind := range j.consequences {
		level, err := by.read(j.typed[kind].text)
		switch {
		case err != nil:
			return nil, err
		case level == 0:
		case !slices.Contains(c.Fields.ConsequenceTypes, kind):
			return nil, sextant.Errorf(sextant.Invalid, "%s is not among the types of consequence of %s", kind, c.Key).At("consequences").
				WithHint("its types are %s; match the column %q to one of them, or leave it out", strings.Join(c.Fields.ConsequenceTypes, ", "), j.typed[kind].header)
		default:
			add(kind, level)
		}
	}
	level, err := by.read(j.consequence.text)
	if err != nil || level == 0 {
		return list, err
	}
	about := x.about(in, c.Fields.ConsequenceTypes)
	if len(about) == 0 {
		return nil, sextant.Errorf(sextant.Invalid, "nothing says of which type the consequence in the column %q is", j.consequence.header).At("consequence").
			WithHint("say it: %s has %s", c.Key, strings.Join(c.Fields.ConsequenceTypes, ", "))
	}
	for _, kind := range about {
		if _, has := j.typed[kind]; !has {
			add(kind, level)
		}
	}
	return list, nil
}

// about gives the types a column of consequences without one is about: the one a
// person named, else the properties the risk touches.
func (x *others) about(in register.Incoming, known []string) []string {
	if x.o.Consequence != "" {
		return slices.DeleteFunc([]string{x.o.Consequence}, func(t string) bool { return !slices.Contains(known, t) })
	}
	x.counts["about"]++
	touched, _ := in.Values["properties"].([]string)
	if list := slices.DeleteFunc(slices.Clone(touched), func(t string) bool { return !slices.Contains(known, t) }); len(list) > 0 {
		return list
	}
	if in.Key != "" { // what is known of it here
		if e, err := x.Lookup(risk.Risks.Name, in.Key); err == nil {
			if list := slices.DeleteFunc(e.Doc.Strings("properties"), func(t string) bool { return !slices.Contains(known, t) }); len(list) > 0 {
				return list
			}
		}
	}
	if len(known) == 1 {
		return known
	}
	return nil
}

// rationale is what the judgement rests on: what the file says, as it says it.
func (x *others) rationale(r row, j judged) string {
	var parts []string
	for _, s := range j.all() {
		parts = append(parts, fmt.Sprintf("%s %q", s.header, s.text))
	}
	text := "As imported: " + strings.Join(parts, ", ") + "."
	if r.rationale != "" {
		text = r.rationale + "\n\n" + text
	}
	return text
}

func (x *others) bringEvaluations() error {
	known, err := x.recorded()
	if err != nil {
		return err
	}
	var rows []register.Incoming
	for _, r := range x.b.rows {
		key, plan := x.keys[r.number], x.plans[r.number]
		for _, f := range plan.failed {
			if err := x.Refuse(risk.Evaluations.Name, r.number, stageTitle(f.stage, r), f.err); err != nil {
				return err
			}
		}
		if key == "" {
			continue // its risk is refused
		}
		for _, j := range plan.list {
			if at := known[fmt.Sprint(key, j.stage, j.likelihood, j.rated)]; at != "" {
				if err := x.Keep(risk.Evaluations.Name, r.number, at, stageTitle(j.stage, r)); err != nil {
					return err
				}
				continue
			}
			rows = append(rows, register.Incoming{Row: r.number, Values: map[string]any{"risk": key, "stage": j.stage, "likelihood": float64(j.likelihood), "consequences": j.rated, "rationale": j.why, "confidence": "medium", "evaluated_by": x.me}})
		}
	}
	_, err = x.Import(risk.Evaluations.Name, rows)
	return err
}

func stageTitle(stage string, r row) string { return r.title() + " (" + stage + ")" }

// recorded finds judgements that were made before by what they judge.
func (x *others) recorded() (map[string]string, error) {
	known := map[string]string{}
	for _, c := range x.criteria {
		if c == nil {
			continue
		}
		list, err := risk.Evaluations.All(x, register.Filter{Field: "criteria", Op: register.Is, Values: []string{c.Key}}, register.Filter{Field: "state", Op: register.Is, Values: []string{risk.Recorded}})
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			if e.Fields.Likelihood != nil {
				rated, _ := e.Doc["consequences"].([]any)
				known[fmt.Sprint(e.Fields.Risk, e.Fields.Stage, int(*e.Fields.Likelihood), rated)] = e.Key
			}
		}
	}
	return known, nil
}

// bringTreatments makes a draft of what each row says is done about its risk;
// rows that say the same of their plan share one.
func (x *others) bringTreatments() error {
	before, err := risk.Treatments.All(x)
	if err != nil {
		return err
	}
	var rows []register.Incoming
	shared := map[string]int{}
	for _, r := range x.b.rows {
		key := x.keys[r.number]
		options, undecided := optionsIn(r.option.text)
		if key == "" || len(options) == 0 && undecidedWord(r.plan) && (undecided || r.option.text == "") {
			continue
		}
		values, err := x.treatment(r, key, options, undecided)
		if err == nil {
			err = r.dueErr
		}
		if err != nil {
			if err := x.Refuse(risk.Treatments.Name, r.number, r.title(), err); err != nil {
				return err
			}
			continue
		}
		if values == nil {
			continue
		}
		same := fmt.Sprint(values["title"], options, values["option_reason"], values["owner"], values["due_on"])
		if at, again := shared[same]; again && r.plan != "" {
			risks, _ := rows[at].Values["risks"].([]string)
			rows[at].Values["risks"] = append(risks, key)
			continue
		}
		if at := slices.IndexFunc(before, func(t register.Of[risk.Treatment]) bool {
			return t.Title() == values["title"] && slices.Contains(t.Fields.Risks, key)
		}); at >= 0 {
			if err := x.Keep(risk.Treatments.Name, r.number, before[at].Key, before[at].Title()); err != nil {
				return err
			}
			continue
		}
		shared[same] = len(rows)
		rows = append(rows, register.Incoming{Row: r.number, Values: values})
	}
	_, err = x.Import(risk.Treatments.Name, rows)
	return err
}

// treatment of a row; nil where nobody could own it.
func (x *others) treatment(r row, key string, options []string, undecided bool) (map[string]any, error) {
	if len(options) == 0 && !undecided && r.option.text != "" {
		return nil, sextant.Errorf(sextant.Invalid, "%q is no option of treatment", heading.Clip(r.option.text, heading.Longest)).At("options").
			WithHint("modify (mitigate, reduce), retain (accept), avoid or share (transfer); correct the cell, or match the column to the plan or to text")
	}
	if len(options) == 0 {
		options = []string{"modify"}
	}
	e, err := x.Lookup(risk.Risks.Name, key)
	if err != nil {
		return nil, err
	}
	owner := cmp.Or(x.person(r.planOwner), e.Owner(), x.me)
	if owner == "" {
		x.counts["ownerless"]++
		return nil, nil
	}
	if r.due == "" {
		x.counts["undated"]++
	}
	values := map[string]any{"title": heading.Clip("Treatment of "+e.Title(), 300), "risks": []string{key}, "options": options, "owner": owner, "due_on": cmp.Or(r.due, x.o.Due), "option_reason": "As imported: " + cmp.Or(r.option.text, r.plan) + "."}
	if plan := strings.TrimSpace(r.plan); !undecidedWord(plan) {
		first, _, _ := strings.Cut(plan, "\n")
		values["title"], values["option_reason"] = heading.Clip(first, longestTitle), plan
		values["measures"] = []any{map[string]any{"title": heading.Clip(strings.Join(strings.Fields(plan), " "), 900)}}
	}
	return values, nil
}

// tell adds what a person should know of the sheet as a whole.
func (x *others) tell() error {
	for _, system := range slices.Sorted(maps.Keys(x.criteria)) {
		c := x.criteria[system]
		if c == nil {
			continue
		}
		list := x.b.seen(scales(*c, x.o))
		for _, measure := range []string{Likelihood, Consequence} {
			if text := says(list, measure, c.Key); text != "" {
				x.Say(text)
			}
		}
	}
	if c, one := x.b.matching.consequence(); one && x.counts["about"] > 0 {
		x.Say(fmt.Sprintf("the column %q says of no type what its consequences are: they were taken for the properties each risk touches", c.Name()))
	}
	for _, n := range []struct{ key, text string }{
		{"no criteria", "no risk criteria are in force: %d judgements are not evaluations and stay as text. Approve criteria, and import the file again"},
		{"no owner", "%d judgements are not evaluations: their risks have no risk owner. They stay as text"},
		{"nobody judges", "%d judgements are not evaluations: nobody is named who judged; name an owner. They stay as text"},
		{"half", "%d judgements have only one of likelihood and consequence and stay as text"},
		{"closed", "%d risks are closed there. They come in open: their owners close them here, with the reason"},
		{"ownerless", "%d treatments were left out: nobody is named who could own them; name an owner"},
		{"undated", "%d treatments have no date; they are due on " + x.o.Due},
	} {
		if count := x.counts[n.key]; count > 0 {
			x.Say(fmt.Sprintf(n.text, count))
		}
	}
	if len(x.strangers) > 0 {
		names := slices.Sorted(maps.Keys(x.strangers))
		for i := range names {
			names[i] = heading.Clip(names[i], heading.Longest)
		}
		x.Say("nobody here is called " + strings.Join(names[:min(len(names), 20)], ", ") + ": the names stay as text")
	}
	if x.b.matching.Has(Score) {
		x.Say("scores of another scale are no levels here: they stay as text")
	}
	return nil
}

// consequence gives a column of consequences of no type.
func (m Matching) consequence() (Column, bool) {
	for _, stage := range Stages() {
		if c, ok := m.Of(Judged(stage, Consequence, "")); ok {
			return c, true
		}
	}
	return Column{}, false
}
