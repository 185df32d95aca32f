// SPDX-License-Identifier: Apache-2.0

package riskreport

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/framework"
	"sextant/interchange/paper"
	"sextant/interchange/table"
	"sextant/register"
	"sextant/risk"
)

// register of risks as reports read it.
type ledger struct {
	v          *register.View
	at         sextant.Instant
	risks      []register.Of[risk.Risk] // open ones, the highest first
	editions   map[string]register.Of[risk.Criteria]
	yardsticks map[string]*risk.Yardstick
	inForce    *register.Of[risk.Criteria]
	treatments []register.Of[risk.Treatment] // that are not over, by due date
	signatures []risk.Signature
	places     map[string]map[string]risk.Place // by key of the risk and stage
}

var openRisk = register.Filter{Field: "state", Op: register.Is, Values: risk.OpenStates()}

func read(v *register.View) (l ledger, err error) {
	l = ledger{v: v, at: v.Now(), editions: map[string]register.Of[risk.Criteria]{}, yardsticks: map[string]*risk.Yardstick{}, places: map[string]map[string]risk.Place{}}
	if l.risks, err = risk.Risks.All(v, openRisk); err != nil {
		return l, err
	}
	slices.SortStableFunc(l.risks, func(a, b register.Of[risk.Risk]) int {
		return risk.Whole(b.Fields.CurrentLevel) - risk.Whole(a.Fields.CurrentLevel)
	})
	editions, err := risk.CriteriaEditions.All(v)
	if err != nil {
		return l, err
	}
	for i, e := range editions {
		l.editions[e.Key] = e
		if l.yardsticks[e.Key], err = risk.NewYardstick(e.Fields); err != nil {
			return l, err
		}
		if e.State == risk.Approved && l.inForce == nil {
			l.inForce = &editions[i]
		}
	}
	if l.treatments, err = risk.Treatments.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{risk.Planned, risk.Proposed, risk.Agreed, risk.InProgress, risk.Done}}); err != nil {
		return l, err
	}
	slices.SortStableFunc(l.treatments, func(a, b register.Of[risk.Treatment]) int {
		return strings.Compare(a.Fields.DueOn, b.Fields.DueOn)
	})
	board, err := risk.ReadBoard(v)
	if err != nil {
		return l, err
	}
	for _, r := range board.Risks {
		l.places[r.Key] = r.Places
	}
	l.signatures, err = risk.Signatures(v)
	return l, err
}

// span names where a risk stands, best to worst.
func (l ledger) span(r register.Of[risk.Risk]) string {
	return risk.SpanName(l.yardsticks[r.Fields.Criteria], risk.Whole(r.Fields.BestLevel), risk.Whole(r.Fields.CurrentLevel))
}

// level names the level of a stage, by the edition it was judged or signed by: which
// one is said where it is not that of the current risk, for the two do not compare.
func (l ledger) level(r register.Of[risk.Risk], stage string) string {
	place := l.places[r.Key][stage]
	name := l.levelName(place.Criteria, place.Level)
	if name != "" && r.Fields.Criteria != "" && place.Criteria != r.Fields.Criteria {
		name += fmt.Sprintf(" (edition %d)", risk.Whole(l.editions[place.Criteria].Fields.Number))
	}
	return name
}

// levelName names a level by an edition; "" where there is none.
func (l ledger) levelName(criteria string, level int) string {
	if y := l.yardsticks[criteria]; y != nil {
		return y.LevelName(level)
	}
	return ""
}

// byLevel counts the risks judged by the edition in force by their worst level,
// the highest first; others apart, for their levels do not compare.
func (l ledger) byLevel() (parts []paper.Part) {
	earlier, none := 0, 0
	counts := map[int]int{}
	for _, r := range l.risks {
		switch {
		case r.Fields.CurrentLevel == nil:
			none++
		case l.inForce == nil || r.Fields.Criteria != l.inForce.Key:
			earlier++
		default:
			counts[risk.Whole(r.Fields.CurrentLevel)]++
		}
	}
	if l.inForce != nil {
		for n := len(l.inForce.Fields.Levels); n >= 1; n-- {
			shade := heat(n, len(l.inForce.Fields.Levels))
			parts = append(parts, paper.Part{Label: l.inForce.Fields.Levels[n-1].Name, Count: counts[n], Heat: &shade})
		}
	}
	if earlier > 0 {
		parts = append(parts, paper.Part{Label: "By earlier criteria", Count: earlier})
	}
	if none > 0 {
		parts = append(parts, paper.Part{Label: "Not evaluated", Count: none})
	}
	return parts
}

func (l ledger) count(keep func(register.Of[risk.Risk]) bool) (n int) {
	for _, r := range l.risks {
		if keep(r) {
			n++
		}
	}
	return n
}

func above(r register.Of[risk.Risk]) bool { return r.Fields.Appetite == "above" }

func mayBeAbove(r register.Of[risk.Risk]) bool { return r.Fields.Appetite == "may_be_above" }

func broken(r register.Of[risk.Risk]) bool { return r.Fields.Acceptance == risk.Broken }

func (l ledger) overdue() (list []register.Of[risk.Treatment]) {
	today := l.at.Time().Format(time.DateOnly)
	for _, t := range l.treatments {
		if t.Fields.DueOn < today && t.State != risk.Done {
			list = append(list, t)
		}
	}
	return list
}

func (l ledger) about(title, subtitle string, landscape bool) paper.About {
	facts := []paper.Fact{{Label: "As of", Text: l.at.Time().Format("2 January 2006, 15:04 MST")}}
	if l.inForce != nil {
		facts = append(facts, paper.Fact{Label: "Measured by", Text: l.inForce.Title()})
	}
	return paper.About{Title: title, Subtitle: subtitle, Organisation: company(l.v), At: l.at, Facts: facts, Landscape: landscape}
}

// summary says in three sentences what matters.
func (l ledger) summary() string {
	waits := 0
	for _, s := range l.signatures {
		if s.State == risk.SignatureWaits {
			waits++
		}
	}
	late, breaks, over := len(l.overdue()), l.count(broken), l.count(above)
	return fmt.Sprintf("%s %s above appetite, and %d may be, as far as the evidence shows. %s %s broken. %s %s late, and %s %s missing.",
		number(over, "risk"), isAre(over), l.count(mayBeAbove), number(breaks, "acceptance"), isAre(breaks), number(late, "treatment"), isAre(late), number(waits, "signature"), isAre(waits))
}

func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func isAre(n int) string { return map[bool]string{true: "is", false: "are"}[n == 1] }

// Write writes the risk report as PDF, as of the moment the view is of.
func Write(w io.Writer, v *register.View) error {
	l, err := read(v)
	if err != nil {
		return err
	}
	p := paper.New(l.about("Risk report", number(len(l.risks), "open risk"), true))
	p.Text(l.summary())
	p.Bar(l.byLevel())
	l.matrix(p, 0.62)
	p.Note("Current risk follows the evidence of the controls that treat it and is shown at its worst. Residual accepted is what its owner signed; it does not move.")
	p.Heading(1, "Risks")
	p.Table(l.riskTable(l.risks))
	if err := l.loss(p, true); err != nil {
		return err
	}
	l.signatureTable(p)
	p.Heading(1, "Treatments that are not over")
	p.Table(l.treatmentTable())
	l.criteria(p)
	return p.Write(w)
}

func (l ledger) riskTable(risks []register.Of[risk.Risk]) paper.Table {
	category, _ := risk.Risks.Field("category")
	acceptance, _ := risk.Risks.Field("acceptance")
	appetite, _ := risk.Risks.Field("appetite")
	t := paper.Table{Columns: []paper.Column{{Title: "Risk", Share: 4.6}, {Title: "Category", Share: 1.3}, {Title: "Risk owner", Share: 1.7}, {Title: "Inherent", Share: 1.1}, {Title: "Current", Share: 1.5}, {Title: "Because", Share: 2.4}, {Title: "Appetite", Share: 1.1}, {Title: "Target", Share: 1}, {Title: "Residual accepted", Share: 1.3}, {Title: "Signature", Share: 1.2}}}
	for _, r := range risks {
		f := r.Fields
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: r.Key + " " + r.Title()}, {Text: category.ValueLabel(f.Category)}, {Text: orDash(person(l.v, f.Owner))}, {Text: orDash(l.level(r, risk.Inherent))}, {Text: orDash(l.span(r)), Bold: true},
			{Text: orDash(f.Because), Muted: true}, {Text: appetite.ValueLabel(f.Appetite)}, {Text: orDash(l.level(r, risk.Target))}, {Text: orDash(l.level(r, risk.Residual))}, {Text: acceptance.ValueLabel(f.Acceptance)}}})
	}
	return t
}

func (l ledger) signatureTable(p *paper.Paper) {
	if len(l.signatures) == 0 {
		return
	}
	p.Heading(1, "Signatures of risk owners")
	t := paper.Table{Columns: []paper.Column{{Title: "What", Share: 5}, {Title: "Signature", Share: 1.6}, {Title: "Risk owner", Share: 2}, {Title: "Level", Share: 1.3}, {Title: "State", Share: 1.2}, {Title: "Until", Share: 1.3}, {Title: "Only as long as, or why it ended", Share: 3}}}
	for _, s := range l.signatures {
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: s.Subject.Key + " " + s.Subject.Title()}, {Text: map[string]string{risk.OfPlan: "Treatment plan", risk.OfResidual: "Residual risk"}[s.Kind]}, {Text: person(l.v, s.Person)}, {Text: orDash(s.Level)},
			{Text: stateWord(s.State)}, {Text: s.Until}, {Text: orDash(cmp.Or(s.Because, l.givenOn(s))), Muted: true}}})
	}
	p.Table(t)
}

// givenOn says what an acceptance was given on, in one line; "" where on nothing.
func (l ledger) givenOn(s risk.Signature) string {
	var said []string
	if words := strings.TrimSpace(s.Subject.Doc.Text("conditions")); words != "" {
		said = append(said, strings.TrimRight(words, "."))
	}
	for _, reference := range s.Subject.Doc.Strings("holds_while") {
		said = append(said, framework.IDOf(reference)+" works")
	}
	for _, key := range s.Subject.Doc.Strings("provided") {
		said = append(said, key+" "+l.v.TitleOf("task", key)+" is done in time")
	}
	return strings.Join(said, "; ")
}

func stateWord(s risk.SignatureState) string {
	return map[risk.SignatureState]string{risk.SignatureWaits: "Waits", risk.SignatureHolds: "In force", risk.SignatureBroken: "Broken", risk.SignatureLapsed: "Lapsed", risk.SignatureRefused: "Refused"}[s]
}

func (l ledger) treatmentTable() paper.Table {
	option, _ := risk.Treatments.Field("options")
	t := paper.Table{Columns: []paper.Column{{Title: "Treatment", Share: 4}, {Title: "Risks", Share: 1.6}, {Title: "Options", Share: 1.4}, {Title: "Owner", Share: 1.8}, {Title: "Done by", Share: 1.3}, {Title: "Cost", Share: 1.8}, {Title: "State", Share: 1.4}, {Title: "Signed by", Share: 2}}}
	for _, x := range l.treatments {
		f := x.Fields
		var options []string
		for _, o := range f.Options {
			options = append(options, option.ValueLabel(o))
		}
		state, _ := x.Register.Lifecycle.State(x.State)
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: x.Key + " " + x.Title()}, {Text: strings.Join(f.Risks, ", ")}, {Text: strings.Join(options, ", ")}, {Text: person(l.v, f.Owner)}, {Text: f.DueOn}, {Text: costs(f)}, {Text: state.Label}, {Text: orDash(names(l.v, "person", f.SignedBy))}}})
	}
	return t
}

func costs(f risk.Treatment) string {
	var parts []string
	if f.CostOnce != "" {
		parts = append(parts, f.CostOnce+" once")
	}
	if f.CostYearly != "" {
		parts = append(parts, f.CostYearly+" a year")
	}
	return orDash(strings.Join(parts, ", "))
}

// criteria tells what the levels mean.
func (l ledger) criteria(p *paper.Paper) {
	if l.inForce == nil {
		return
	}
	c := l.inForce.Fields
	p.Heading(1, "What the levels mean")
	mayAccept, _ := risk.CriteriaEditions.Field("levels")
	t := paper.Table{Columns: []paper.Column{{Title: "Level", Share: 1.4}, {Title: "What is done", Share: 5}, {Title: "May be accepted by", Share: 2.4}, {Title: "Acceptable", Share: 1}}}
	for i := len(c.Levels) - 1; i >= 0; i-- {
		who := c.Levels[i].MayAccept
		for _, f := range mayAccept.Fields {
			if f.Key == "may_accept" {
				who = f.ValueLabel(who)
			}
		}
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: c.Levels[i].Name, Bold: true}, {Text: c.Levels[i].Meaning}, {Text: who}, {Text: map[bool]string{true: "yes", false: "no"}[i+1 <= risk.Whole(c.AcceptUpTo)]}}})
	}
	p.Table(t)
}

// Sheet writes the open risks, a row each.
func Sheet(w io.Writer, v *register.View, format table.Format) error {
	l, err := read(v)
	if err != nil {
		return err
	}
	category, _ := risk.Risks.Field("category")
	acceptance, _ := risk.Risks.Field("acceptance")
	appetite, _ := risk.Risks.Field("appetite")
	s := table.Sheet{Name: "Risks", Title: "Risk report", At: l.at, By: v.Actor().Name, About: []table.Line{{Label: "Measured by", Text: l.editionTitle()}, {Label: "In short", Text: l.summary()}},
		Columns: []table.Column{{Key: "key", Label: "Key", Width: 10}, {Key: "title", Label: "Risk", Width: 46}, {Key: "category", Label: "Category", Width: 14}, {Key: "owner", Label: "Risk owner", Width: 22}, {Key: "inherent", Label: "Inherent", Width: 12}, {Key: "judged", Label: "Judged", Width: 12}, {Key: "current", Label: "Current", Width: 20},
			{Key: "because", Label: "Because", Width: 34}, {Key: "appetite", Label: "Appetite", Width: 14}, {Key: "target", Label: "Target", Width: 12}, {Key: "accepted", Label: "Residual accepted", Width: 16}, {Key: "acceptance", Label: "Signature", Width: 14}, {Key: "criteria", Label: "Measured by", Width: 22}, {Key: "judged_on", Label: "Judged on", Width: 12, Kind: table.Date}, {Key: "review_on", Label: "Look at it again", Width: 12, Kind: table.Date}}}
	var rows [][]any
	for _, r := range l.risks {
		f := r.Fields
		rows = append(rows, []any{r.Key, r.Title(), category.ValueLabel(f.Category), orNil(person(v, f.Owner)), orNil(l.level(r, risk.Inherent)), orNil(l.levelName(f.Criteria, risk.Whole(f.JudgedLevel))), orNil(l.span(r)), orNil(f.Because), appetite.ValueLabel(f.Appetite), orNil(l.level(r, risk.Target)), orNil(l.level(r, risk.Residual)),
			acceptance.ValueLabel(f.Acceptance), orNil(f.Criteria), orNil(f.EvaluatedOn), orNil(f.ReviewOn)})
	}
	s.Rows = table.RowsOf(rows...)
	return s.Write(w, format)
}

func (l ledger) editionTitle() string {
	if l.inForce == nil {
		return "no criteria in force"
	}
	return l.inForce.Title()
}

// WritePlan writes the treatment plan as PDF: every treatment that is not over
// with its measures and who signed it (6.1.3 e).
func WritePlan(w io.Writer, v *register.View) error {
	l, err := read(v)
	if err != nil {
		return err
	}
	p := paper.New(l.about("Risk treatment plan", number(len(l.treatments), "treatment")+" not over", true))
	p.Table(l.treatmentTable())
	for _, t := range l.treatments {
		l.treatment(p, t)
	}
	return p.Write(w)
}

func (l ledger) treatment(p *paper.Paper, t register.Of[risk.Treatment]) {
	f := t.Fields
	p.Heading(2, t.Key+" "+t.Title())
	state, _ := t.Register.Lifecycle.State(t.State)
	p.Facts([]paper.Fact{{Label: "State", Text: state.Label}, {Label: "Risks", Text: l.riskNames(f.Risks)}, {Label: "Risk owners who sign", Text: orDash(names(l.v, "person", f.RiskOwners))}, {Label: "Signed by", Text: orDash(names(l.v, "person", f.SignedBy))}, {Label: "Compared with Annex A", Text: orDash(f.ComparedOn)}})
	p.Text(f.OptionReason)
	if f.ExpectedEffect != "" {
		p.Text(f.ExpectedEffect)
	}
	if len(f.Measures) > 0 {
		table := paper.Table{Columns: []paper.Column{{Title: "Measure", Share: 4}, {Title: "Control", Share: 3}, {Title: "Owner", Share: 2}, {Title: "Done by", Share: 1.3}, {Title: "Likelihood", Share: 1, Right: true}, {Title: "Consequence", Share: 1.1, Right: true}}}
		for _, m := range f.Measures {
			control := ""
			if m.Control != "" {
				control = l.v.TitleOf("control", m.Control)
			}
			table.Rows = append(table.Rows, paper.Row{Cells: []paper.Cell{{Text: m.Title}, {Text: orDash(control)}, {Text: person(l.v, cmp.Or(m.Owner, f.Owner))}, {Text: cmp.Or(m.DueOn, f.DueOn)}, {Text: steps(m.LowersLikelihood)}, {Text: steps(m.LowersConsequence)}}})
		}
		p.Table(table)
	}
	if f.LeftOut != "" {
		p.Note("Looked at and left out:")
		p.Text(f.LeftOut)
	}
}

func steps(n *float64) string {
	switch {
	case n == nil:
		return "not declared"
	case *n == 0:
		return "0"
	}
	return fmt.Sprintf("−%d", int(*n))
}

func (l ledger) riskNames(keys []string) string {
	list := make([]string, len(keys))
	for i, key := range keys {
		list[i] = key + " " + l.v.TitleOf(risk.Risks.Name, key)
	}
	return strings.Join(list, ", ")
}

// PlanSheet writes the treatment plan, a row for each measure.
func PlanSheet(w io.Writer, v *register.View, format table.Format) error {
	l, err := read(v)
	if err != nil {
		return err
	}
	s := table.Sheet{Name: "Treatment plan", Title: "Risk treatment plan", At: l.at, By: v.Actor().Name, About: []table.Line{{Label: "Treatments", Text: number(len(l.treatments), "treatment") + " not over"}},
		Columns: []table.Column{{Key: "key", Label: "Treatment", Width: 10}, {Key: "title", Label: "Title", Width: 36}, {Key: "risks", Label: "Risks", Width: 16}, {Key: "state", Label: "State", Width: 16}, {Key: "measure", Label: "Measure", Width: 40}, {Key: "control", Label: "Control", Width: 30}, {Key: "owner", Label: "Owner", Width: 20},
			{Key: "due", Label: "Done by", Width: 12, Kind: table.Date}, {Key: "cost", Label: "Cost", Width: 14}, {Key: "likelihood", Label: "Lowers likelihood by", Width: 10}, {Key: "consequence", Label: "Lowers consequence by", Width: 10}, {Key: "signed", Label: "Signed by", Width: 26}}}
	var rows [][]any
	for _, t := range l.treatments {
		f := t.Fields
		state, _ := t.Register.Lifecycle.State(t.State)
		measures := f.Measures
		if len(measures) == 0 {
			measures = []risk.Measure{{}}
		}
		for _, m := range measures {
			control := ""
			if m.Control != "" {
				control = v.TitleOf("control", m.Control)
			}
			rows = append(rows, []any{t.Key, t.Title(), strings.Join(f.Risks, ", "), state.Label, orNil(m.Title), orNil(control), person(v, cmp.Or(m.Owner, f.Owner)), cmp.Or(m.DueOn, f.DueOn), orNil(m.Cost), stepCell(m.LowersLikelihood), stepCell(m.LowersConsequence), orNil(names(v, "person", f.SignedBy))})
		}
	}
	s.Rows = table.RowsOf(rows...)
	return s.Write(w, format)
}

func stepCell(n *float64) any {
	if n == nil {
		return nil
	}
	return count(int(*n))
}

// What fits the page of the board: risks, and lines of each list.
const (
	mostOnBoard = 6
	mostListed  = 4
)

// WriteBoard writes one page for those who answer for the organisation: how many
// risks stand where, the highest, what is broken or late, and what they must
// decide.
func WriteBoard(w io.Writer, v *register.View) error {
	l, err := read(v)
	if err != nil {
		return err
	}
	p := paper.New(l.about("Risks at a glance", "For the board", false))
	moved, err := l.since()
	if err != nil {
		return err
	}
	p.Text(strings.TrimSpace(l.summary() + " " + moved))
	l.matrix(p, 1)
	if err := l.loss(p, false); err != nil {
		return err
	}
	p.Heading(3, "The highest risks")
	t := paper.Table{Columns: []paper.Column{{Title: "Risk", Share: 5}, {Title: "Risk owner", Share: 2}, {Title: "Current", Share: 1.7}, {Title: "Appetite", Share: 1.3}, {Title: "Signature", Share: 1.4}}}
	acceptance, _ := risk.Risks.Field("acceptance")
	appetite, _ := risk.Risks.Field("appetite")
	for _, r := range l.risks[:min(len(l.risks), mostOnBoard)] {
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: short(r.Title(), 48)}, {Text: orDash(short(person(v, r.Fields.Owner), 30))}, {Text: orDash(l.span(r)), Bold: true}, {Text: appetite.ValueLabel(r.Fields.Appetite)}, {Text: acceptance.ValueLabel(r.Fields.Acceptance)}}})
	}
	p.Table(t)
	if more := len(l.risks) - mostOnBoard; more > 0 {
		p.Note(fmt.Sprintf("And %s below.", number(more, "risk")))
	}
	l.boardLate(p)
	l.boardDecides(p)
	return p.Write(w)
}

func (l ledger) boardLate(p *paper.Paper) {
	late := l.overdue()
	if len(late) == 0 {
		return
	}
	var lines []string
	for _, x := range late {
		lines = append(lines, fmt.Sprintf("- %s: %s, was due %s", short(x.Title(), 60), short(person(l.v, x.Fields.Owner), 30), x.Fields.DueOn))
	}
	listed(p, "Late", lines)
}

func (l ledger) boardDecides(p *paper.Paper) {
	var lines []string
	for _, s := range l.signatures {
		if s.State == risk.SignatureWaits || s.State == risk.SignatureBroken || s.State == risk.SignatureLapsed {
			lines = append(lines, fmt.Sprintf("- %s: %s, %s", short(s.Subject.Title(), 60), person(l.v, s.Person), strings.ToLower(stateWord(s.State))))
		}
	}
	listed(p, "To be decided by risk owners", lines)
}

// listed writes the first lines of a list, and how many follow; nothing for none.
func listed(p *paper.Paper, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.Heading(3, title)
	p.Text(strings.Join(lines[:min(len(lines), mostListed)], "\n"))
	if more := len(lines) - mostListed; more > 0 {
		p.Note(fmt.Sprintf("And %d more.", more))
	}
}

func short(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}

// WriteAsset writes what bears on one asset as PDF: its risks, what treats them
// and what was signed. NotFound where there is no such asset.
func WriteAsset(w io.Writer, v *register.View, key string) error {
	asset, err := v.Entry("asset", key)
	if err != nil {
		return err
	}
	l, err := read(v)
	if err != nil {
		return err
	}
	l.risks = slices.DeleteFunc(l.risks, func(r register.Of[risk.Risk]) bool { return !slices.Contains(r.Fields.Assets, key) })
	about := l.about(asset.Title(), "Risks of asset "+key, true)
	if owner := person(v, asset.Owner()); owner != "" {
		about.Facts = append(about.Facts, paper.Fact{Label: "Owner of the asset", Text: owner})
	}
	p := paper.New(about)
	if len(l.risks) == 0 {
		p.Text("No open risk names this asset.")
		return p.Write(w)
	}
	p.Text(fmt.Sprintf("%s this asset.", number(len(l.risks), "open risk")+map[bool]string{true: " names", false: " name"}[len(l.risks) == 1]))
	p.Table(l.riskTable(l.risks))
	for _, r := range l.risks {
		p.Heading(2, r.Key+" "+r.Title())
		p.Text(r.Fields.Description)
		t := paper.Table{Columns: []paper.Column{{Title: "Control that treats it", Share: 4}, {Title: "Lowers likelihood", Share: 1.4, Right: true}, {Title: "Lowers consequence", Share: 1.4, Right: true}, {Title: "Why", Share: 4}}}
		for _, e := range r.Fields.Treating {
			t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: v.TitleOf("control", e.Control)}, {Text: steps(e.LowersLikelihood)}, {Text: steps(e.LowersConsequence)}, {Text: orDash(e.Why)}}})
		}
		if len(t.Rows) > 0 {
			p.Table(t)
		}
	}
	return p.Write(w)
}
