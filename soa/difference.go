// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"fmt"
	"slices"
	"strings"

	"sextant/control"
)

// Group is what a sentence of a comparison is about.
type Group string

// The groups, in the order they are read. Evidence is not compared: it moves
// without a decision.
const (
	NowApplies     Group = "now_applies"
	NowExcluded    Group = "now_excluded"
	NowOpen        Group = "now_undecided"
	RowsChanged    Group = "rows" // a row one of the two does not have
	ReasonsChanged Group = "reasons"
	Declared       Group = "implementation"
	Worded         Group = "justification"
	Owned          Group = "owner"
	Documented     Group = "documents"
	Scoped         Group = "scope"
)

// Groups gives them.
func Groups() []Group {
	return []Group{NowApplies, NowExcluded, NowOpen, RowsChanged, ReasonsChanged, Declared, Worded, Owned, Documented, Scoped}
}

// Decides says whether a group tells of decisions; the others tell of words,
// people and papers.
func (g Group) Decides() bool { return !slices.Contains([]Group{Worded, Owned, Documented}, g) }

// Label is what people read above the sentences of a group.
func (g Group) Label() string {
	return map[Group]string{NowApplies: "Added", NowExcluded: "Excluded", NowOpen: "No longer decided", RowsChanged: "Rows", ReasonsChanged: "Reasons changed", Declared: "Implementation changed",
		Worded: "Justification reworded", Owned: "Owner changed", Documented: "Documents changed", Scoped: "Scope changed"}[g]
}

// Sentence says one difference between two statements.
type Sentence struct {
	Group Group  `json:"group"`
	ID    string `json:"control,omitempty"` // of the control, "" for the statement as a whole
	Title string `json:"title,omitempty"`
	Parts []Part `json:"-"`
	Says  string `json:"says"` // the parts as one text
	By    *Named `json:"by,omitempty"`
	At    string `json:"at,omitempty"` // when the newer row was decided
}

// Mark says how a part of a sentence is drawn.
type Mark string

// The marks; the zero value is plain text.
const (
	Strong Mark = "strong" // what it is about
	Gone   Mark = "gone"
	Come   Mark = "come"
)

// Part is a piece of a sentence.
type Part struct {
	Mark Mark
	Text string
}

func plain(format string, args ...any) Part { return Part{"", fmt.Sprintf(format, args...)} }
func gone(text string) Part                 { return Part{Gone, text} }
func come(text string) Part                 { return Part{Come, text} }

// Difference is what changed from one statement to another.
type Difference struct {
	Sentences []Sentence `json:"sentences"`
	Rows      int        `json:"rows_that_differ"`
	Of        int        `json:"rows"`
}

// Compare says in sentences what is different in a newer statement.
func Compare(before, after Captured) Difference {
	var d Difference
	if before.System.Scope != after.System.Scope {
		d.say(Scoped, CapturedRow{}, Part{Strong, "The scope statement"}, plain(" was "), gone(quoted(before.System.Scope)), plain(" and is now "), come(quoted(after.System.Scope)), plain("."))
	}
	old := map[string]CapturedRow{}
	for _, r := range before.Rows {
		old[r.Reference] = r
	}
	for _, r := range after.Rows {
		was, ok := old[r.Reference]
		delete(old, r.Reference)
		n := len(d.Sentences)
		if ok {
			d.row(was, r)
		} else {
			d.say(RowsChanged, r, Part{Strong, r.Title}, plain(" has a row now: it %s.", worded(r)))
		}
		d.Of++
		if len(d.Sentences) > n {
			d.Rows++
		}
	}
	for _, r := range before.Rows {
		if _, left := old[r.Reference]; left {
			d.say(RowsChanged, r, Part{Strong, r.Title}, plain(" has no row any more."))
			d.Rows, d.Of = d.Rows+1, d.Of+1
		}
	}
	slices.SortStableFunc(d.Sentences, func(a, b Sentence) int {
		return slices.Index(Groups(), a.Group) - slices.Index(Groups(), b.Group)
	})
	return d
}

// In gives the sentences of a group.
func (d Difference) In(g Group) (list []Sentence) {
	for _, s := range d.Sentences {
		if s.Group == g {
			list = append(list, s)
		}
	}
	return list
}

func (d *Difference) say(g Group, r CapturedRow, parts ...Part) {
	s := Sentence{Group: g, ID: r.ID, Title: r.Title, Parts: parts, By: r.DecidedBy, At: r.DecidedAt}
	for _, p := range parts {
		s.Says += p.Text
	}
	d.Sentences = append(d.Sentences, s)
}

func (d *Difference) row(was, is CapturedRow) {
	title := Part{Strong, is.Title}
	if was.Applicability != is.Applicability {
		d.decision(title, was, is)
	} else {
		d.reasons(title, was, is)
		if was.Justification != is.Justification {
			d.say(Worded, is, title, plain(" was justified by "), gone(quoted(was.Justification)), plain(" and is now by "), come(quoted(is.Justification)), plain("."))
		}
	}
	if is.Applicability != NotApplicable {
		d.declared(title, was, is)
	}
	if called(was.Owner) != called(is.Owner) {
		d.say(Owned, is, plain("The owner of "), title, plain(" changed from "), gone(called(was.Owner)), plain(" to "), come(called(is.Owner)), plain("."))
	}
	d.documents(title, was, is)
}

// decision says that a row was decided another way, and what it was before.
func (d *Difference) decision(title Part, was, is CapturedRow) {
	parts := []Part{title}
	switch is.Applicability {
	case Applicable:
		parts = append(parts, plain(" applies now."))
		if was.Applicability == NotApplicable {
			parts = append(parts, plain(" It was excluded because "), gone(quoted(was.Justification)), plain("."))
		}
		parts = append(parts, plain(" "), plain("%s: ", plural(len(is.Reasons), "Reason", "Reasons")), come(named(is.Reasons)))
		if links := titles(is.Links); links != "" {
			parts = append(parts, plain(", because of %s", links))
		}
		d.say(NowApplies, is, append(parts, plain("."))...)
	case NotApplicable:
		parts = append(parts, plain(" no longer applies: "), come(quoted(is.Justification)), plain("."))
		if len(was.Reasons) > 0 {
			parts = append(parts, plain(" %s: ", plural(len(was.Reasons), "Its reason was", "Its reasons were")), gone(named(was.Reasons)), plain("."))
		}
		d.say(NowExcluded, is, parts...)
	default:
		d.say(NowOpen, is, title, plain(" is undecided again. It was decided that it "), gone(worded(was)), plain("."))
	}
}

func worded(r CapturedRow) string {
	switch r.Applicability {
	case Applicable:
		return "applies, for " + named(r.Reasons)
	case NotApplicable:
		return "is excluded because " + quoted(r.Justification)
	}
	return "is undecided"
}

// reasons of a row that applied and still does.
func (d *Difference) reasons(title Part, was, is CapturedRow) {
	added, dropped, stay := apart(was.Reasons, is.Reasons)
	parts := []Part{title}
	if len(added) > 0 {
		parts = append(parts, plain(" is now asked for by "), come(named(added)))
		if len(dropped) == 0 {
			parts = append(parts, plain(" too, beside %s", named(stay)))
		}
	}
	if len(dropped) > 0 {
		if len(added) > 0 {
			parts = append(parts, plain(","))
		}
		parts = append(parts, plain(" no longer by "), gone(named(dropped)))
		if len(added) == 0 {
			parts = []Part{title, plain(" is no longer asked for by "), gone(named(dropped)), plain("; what stays is %s", named(stay))}
		}
	}
	if len(parts) > 1 {
		d.say(ReasonsChanged, is, append(parts, plain("."))...)
	}
	linked, unlinked, _ := apart(keysOf(was.Links), keysOf(is.Links))
	parts = []Part{title}
	if len(linked) > 0 {
		parts = append(parts, plain(" rests on "), come(titles(only(is.Links, linked))), plain(" now"))
	}
	if len(unlinked) > 0 {
		if len(linked) > 0 {
			parts = append(parts, plain(" and"))
		}
		parts = append(parts, plain(" no longer on "), gone(titles(only(was.Links, unlinked))))
		if len(linked) == 0 {
			parts = []Part{title, plain(" no longer rests on "), gone(titles(only(was.Links, unlinked)))}
		}
	}
	if len(parts) > 1 {
		d.say(ReasonsChanged, is, append(parts, plain("."))...)
	}
}

// declared compares what was declared over all units, else the units.
func (d *Difference) declared(title Part, was, is CapturedRow) {
	if a, b := standing(was.Implementation, was.PlannedOn), standing(is.Implementation, is.PlannedOn); a != b {
		d.say(Declared, is, title, plain(" went from "), gone(a), plain(" to "), come(b), plain("."))
		return
	}
	old := map[string]CapturedUnit{}
	for _, u := range was.Units {
		old[u.Unit.Key] = u
	}
	for _, u := range is.Units {
		before, ok := old[u.Unit.Key]
		a, b := standing(before.Implementation, before.PlannedOn), standing(u.Implementation, u.PlannedOn)
		delete(old, u.Unit.Key)
		switch {
		case !ok:
			d.say(Declared, is, title, plain(" is declared for %s too: ", u.Unit.Title), come(b), plain("."))
		case a != b:
			d.say(Declared, is, title, plain(" in %s went from ", u.Unit.Title), gone(a), plain(" to "), come(b), plain("."))
		}
	}
	for _, u := range was.Units {
		if _, left := old[u.Unit.Key]; left {
			d.say(Declared, is, title, plain(" is no longer declared for "), gone(u.Unit.Title), plain("."))
		}
	}
}

func standing(implementation, planned string) string {
	text := control.DeclarationLabel(implementation)
	if planned != "" && implementation != "implemented" {
		text += ", planned by " + planned
	}
	return text
}

func (d *Difference) documents(title Part, was, is CapturedRow) {
	added, dropped, _ := apart(keysOf(was.Documents), keysOf(is.Documents))
	if len(added) > 0 {
		d.say(Documented, is, title, plain(" is described by "), come(titles(only(is.Documents, added))), plain(" now."))
	}
	if len(dropped) > 0 {
		d.say(Documented, is, title, plain(" is no longer described by "), gone(titles(only(was.Documents, dropped))), plain("."))
	}
}

// apart gives what came, what went and what stayed.
func apart(was, is []string) (added, dropped, stay []string) {
	for _, x := range is {
		if slices.Contains(was, x) {
			stay = append(stay, x)
		} else {
			added = append(added, x)
		}
	}
	for _, x := range was {
		if !slices.Contains(is, x) {
			dropped = append(dropped, x)
		}
	}
	return added, dropped, stay
}

func keysOf(list []Named) (keys []string) {
	for _, n := range list {
		keys = append(keys, n.Key)
	}
	return keys
}

func only(list []Named, keys []string) (rest []Named) {
	for _, n := range list {
		if slices.Contains(keys, n.Key) {
			rest = append(rest, n)
		}
	}
	return rest
}

func titles(list []Named) string {
	var texts []string
	for _, n := range list {
		texts = append(texts, n.Key+" "+n.Title)
	}
	return joined(texts)
}

// named writes reasons as people say them.
func named(reasons []string) string {
	f, _ := Rows.Definition.Field("reasons")
	var texts []string
	for _, r := range reasons {
		texts = append(texts, strings.ToLower(f.ValueLabel(r)))
	}
	if len(texts) == 0 {
		return "no reason"
	}
	return joined(texts)
}

func joined(texts []string) string {
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " and " + texts[n-1]
	}
	return strings.Join(texts, "")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func called(n *Named) string {
	if n == nil {
		return "nobody"
	}
	return n.Title
}

func quoted(text string) string {
	if text == "" {
		return "nothing"
	}
	return "“" + strings.TrimSpace(text) + "”"
}
