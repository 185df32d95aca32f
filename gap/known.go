// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/control"
	"sextant/crosswalk"
	"sextant/document"
	"sextant/evidence"
	"sextant/framework"
	"sextant/organisation"
	"sextant/register"
	"sextant/soa"
)

// facts is what the program knows when a campaign begins.
type facts struct {
	controls map[string]soa.Known                                // by reference
	declared map[[2]string][]register.Of[control.Implementation] // by reference and unit: there, or in a part of the unit
	earlier  map[[2]string]register.Of[Answer]                   // of the campaign before, by reference and unit
	before   string                                              // its key

	documents []register.Of[document.Document] // in use
	inferred  *crosswalk.States                // of imported frameworks; nil where none is asked about
}

func factsOf(v *register.View, r evidence.Reader, c register.Of[Campaign]) (f facts, err error) {
	f = facts{controls: map[string]soa.Known{}, declared: map[[2]string][]register.Of[control.Implementation]{}, earlier: map[[2]string]register.Of[Answer]{}, before: c.Fields.Previous}
	all, err := soa.All(v, r)
	if err != nil {
		return f, err
	}
	above, err := unitsAbove(v)
	if err != nil {
		return f, err
	}
	for _, k := range all {
		reference := k.Control.Reference().String()
		f.controls[reference] = k
		for _, imp := range k.Implementations {
			for _, unit := range above(imp.Fields.ScopeUnit) {
				place := [2]string{reference, unit}
				f.declared[place] = append(f.declared[place], imp)
			}
		}
	}
	if f.documents, err = document.Documents.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}); err != nil {
		return f, err
	}
	if len(c.Fields.Libraries) > 0 {
		board := crosswalk.Board{Standing: soa.Standing, Sources: []crosswalk.Source{crosswalk.Imported{}}}
		if f.inferred, err = board.At(v, r); err != nil {
			return f, err
		}
	}
	if f.before == "" {
		return f, nil
	}
	rows, err := Answers.All(v, of(f.before))
	for _, a := range rows {
		f.earlier[[2]string{a.Fields.Reference, a.Fields.ScopeUnit}] = a
	}
	return f, err
}

// unitsAbove gives a unit with those it is a part of.
func unitsAbove(v *register.View) (func(unit string) []string, error) {
	units, err := organisation.ScopeUnits.All(v)
	parent := map[string]string{}
	for _, u := range units {
		parent[u.Key] = u.Fields.Parent
	}
	return func(unit string) (list []string) {
		for ; unit != "" && len(list) <= len(parent); unit = parent[unit] {
			list = append(list, unit)
		}
		return list
	}, err
}

// implementationsTold is how many implementations a question tells; a control
// done in more units says so in its own page.
const implementationsTold = 4

// of gives what is known about a question in a unit, what follows from it, and
// the evidence state there. The first source that says something decides what is
// proposed: a decision before a declaration, a declaration beside its evidence,
// what was answered last time where there is nothing newer.
func (f facts) of(p place) (known []any, proposed any, state any) {
	k, isControl := f.controls[p.question.Reference]
	if isControl {
		if says, from, ok := excluded(k); ok {
			known, proposed = append(known, fact("statement", from, says)), NotApplicable
		}
		if list := f.declared[[2]string{p.question.Reference, p.unit}]; len(list) > 0 {
			var states []control.State
			for i, imp := range list {
				node := nodeOf(k.Evidence, imp.Key)
				states = append(states, node.State)
				if i < implementationsTold {
					known = append(known, fact("implementation", imp.Key, declaration(imp)), fact("evidence", k.Control.Reference().String(), shown(node)))
				}
			}
			together := control.Combine(states...)
			state = together.String()
			proposed = first(proposed, judged(control.Declared(list).Value, together))
		}
	}
	if a, ok := f.earlier[[2]string{p.question.Reference, p.unit}]; ok && a.State != Open {
		known = append(known, fact("previous", a.Key, lastTime(a, f.before)))
		proposed = first(proposed, a.Fields.Answer)
	}
	for i, d := range f.written(p.question) {
		if i < documentsTold {
			known = append(known, fact("document", d.Key, edition(d)))
		}
		if d.Fields.CurrentVersion != "" {
			proposed = first(proposed, Partly)
		}
	}
	if x, ok := f.inference(p.question); ok {
		known = append(known, fact("inferred", x.Paths[0].Source(), shownElsewhere(x)))
		state = x.State.String()
		if x.State == control.Pass || x.State == control.Partial {
			proposed = first(proposed, Partly)
		}
	}
	return known, proposed, state
}

// documentsTold is how many documents a question names.
const documentsTold = 3

// written gives the documents that say they are about a question: a clause and
// its requirements by what they fulfil, a control by the controls they are about.
// What is written down is one witness of two, so it never proposes more than
// partly.
func (f facts) written(q Question) (list []register.Of[document.Document]) {
	clause := framework.ControlPrefix + q.Guide
	about := func(reference string) bool {
		return reference == q.Reference || q.IsRequirement() && (reference == clause || q.Reference == clause && strings.HasPrefix(reference, clause+" "))
	}
	for _, d := range f.documents {
		if slices.ContainsFunc(d.Fields.Fulfils, about) || slices.Contains(d.Fields.Controls, q.Reference) {
			list = append(list, d)
		}
	}
	return list
}

func edition(d register.Of[document.Document]) string {
	text := d.Fields.Reference + " " + d.Title()
	if d.Fields.CurrentVersion == "" {
		return text + ": no edition is in force"
	}
	return text + ": edition " + d.Fields.Edition + " is in force"
}

// inference is what mappings carry from the evidence of controls to a
// requirement of an imported framework.
func (f facts) inference(q Question) (x crosswalk.Inferred, ok bool) {
	if f.inferred == nil || q.point == "" {
		return x, false
	}
	x = f.inferred.Near(q.point, 2*implementationsTold)
	return x, len(x.Paths) > 0 && x.State != control.NotAssessed
}

func shownElsewhere(x crosswalk.Inferred) string {
	how := "in part"
	if x.Coverage == framework.Full {
		how = "in whole"
	}
	var from []string
	for _, p := range x.Paths {
		if id := framework.IDOf(p.Source()); !slices.Contains(from, id) && len(from) < implementationsTold {
			from = append(from, id)
		}
	}
	text := x.State.Label() + ", taken " + how + " by " + strings.Join(from, ", ")
	if x.Contested {
		text += "; sources disagree"
	}
	return text
}

func first(proposed any, answer string) any {
	if proposed == nil && answer != "" {
		return answer
	}
	return proposed
}

func fact(source, from, says string) map[string]any {
	return map[string]any{"source": source, "from": from, "says": says}
}

// excluded: every statement leaves the control out.
func excluded(k soa.Known) (says, from string, ok bool) {
	if k.Applies() != soa.NotApplicable {
		return "", "", false
	}
	d := k.Decisions[0]
	return "Left out: " + line(d.Fields.Justification()), d.Key, true
}

// nodeOf finds the part of a control's explanation that is about one
// implementation; one that shows nothing where it is not there.
func nodeOf(n *control.Node, key string) *control.Node {
	found := &control.Node{}
	if n == nil {
		return found
	}
	n.Walk(func(x *control.Node) {
		if x.ID == "implementation:"+key {
			found = x
		}
	})
	return found
}

func declaration(imp register.Of[control.Implementation]) string {
	text := control.DeclarationLabel(imp.Fields.Implementation)
	if imp.Fields.PlannedOn != "" && imp.Fields.Implementation != "implemented" {
		text += ", planned by " + imp.Fields.PlannedOn
	}
	if imp.Fields.How != "" {
		text += ": " + line(imp.Fields.How)
	}
	return text
}

func shown(n *control.Node) string {
	passed, all := n.Lines()
	text := fmt.Sprintf("%s, %d of %d lines of the plan", n.State.Label(), passed, all)
	if n.Reason != "" && n.State != control.Pass {
		text += ": " + line(n.Reason)
	}
	return text
}

// judged is what a declaration and its evidence suggest together: met only where
// both say so.
func judged(declared string, state control.State) string {
	switch {
	case declared == "implemented" && state == control.Pass:
		return Met
	case declared == "implemented" || declared == "partly":
		return Partly
	case declared == "planned" || declared == "not_started":
		return NotMet
	}
	return ""
}

func lastTime(a register.Of[Answer], campaign string) string {
	f, _ := Answers.Field("answer")
	text := f.ValueLabel(a.Fields.Answer) + " in " + campaign + ", " + a.At.Time().Format(time.DateOnly)
	if a.Fields.Maturity != nil {
		text += fmt.Sprintf(", maturity %d", int(*a.Fields.Maturity))
	}
	if a.Fields.Observation != "" {
		text += ": " + line(a.Fields.Observation)
	}
	return text
}

// longest is how much of somebody's words a fact repeats; the source has the rest.
const longest = 240

// line is the first words of a text, on one line.
func line(text string) string {
	words := []rune(strings.Join(strings.Fields(text), " "))
	if len(words) > longest {
		return strings.TrimSpace(string(words[:longest])) + "…"
	}
	return string(words)
}

// Source gives the page of what a fact comes from, "" where it has none.
func (f Fact) Page(set *register.Set) string {
	if def, ok := set.OfKey(f.From); ok {
		return "/" + def.Plural + "/" + f.From
	}
	if c, ok := framework.ControlByID(f.From); ok {
		return "/controls/" + c.ID
	}
	if strings.HasPrefix(f.From, framework.OwnStandard+"/") {
		return "/controls/" + framework.IDOf(f.From)
	}
	return ""
}

// Take answers a question with what is proposed, as the person who says so.
// Conflict where nothing is proposed.
func Take(tx *register.Tx, key string, version int) error {
	a, err := Answers.Get(tx, key)
	if err != nil {
		return err
	}
	if a.Fields.Proposed == "" {
		return sextant.Errorf(sextant.Conflict, "nothing is proposed for %s", key).WithHint("answer it yourself")
	}
	_, err = tx.Transition(answerName, key, version, "answer", a.Fields.taken(), register.Note{Why: "took what was proposed"})
	return err
}

// taken are the values of an answer that follows a proposal: what is known says
// why.
func (a Answer) taken() map[string]any {
	var says []string
	for _, f := range a.Known {
		says = append(says, f.Says)
	}
	values := map[string]any{"answer": a.Proposed}
	if a.Observation == "" {
		values["observation"] = strings.Join(says, "\n\n")
	}
	if a.Proposed == NotApplicable && a.NotApplicableReason == "" {
		values["not_applicable_reason"] = line(says[0])
	}
	return values
}
