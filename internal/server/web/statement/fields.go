// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"sextant/control"
	"sextant/framework"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/soa"
)

type field = grid.Field[soa.Line]

// sheet says what the statement shows and filters by.
func sheet(v *register.View, p page.Page, system string, lines []soa.Line, raised map[string][]string, proposed soa.Proposed) grid.Sheet[soa.Line] {
	ctx := v.Context()
	mayDecide := v.MayCreate(soa.Rows.Definition) && !p.Past()
	return grid.Sheet[soa.Line]{
		Caption: message.T(ctx, "statement.caption"), Fields: append(fields(ctx, v, p, system, mayDecide, lines, proposed), raisedField(ctx, raised), proposedField(ctx, proposed)),
		Views: []grid.Tab{{Label: message.T(ctx, "list.all")}, {Label: message.T(ctx, "statement.tab.undecided"), Filter: []string{"applicability=undecided"}}, {Label: message.T(ctx, "statement.tab.lacking"), Filter: []string{"lacks=yes"}}, {Label: message.T(ctx, "reasons.proposed"), Filter: []string{onlyProposed}},
			{Label: message.T(ctx, "statement.tab.out"), Filter: []string{"applicability=not_applicable"}}, {Label: message.T(ctx, "statement.tab.clash"), Filter: []string{"clash:filled"}}, {Label: message.T(ctx, "statement.tab.blocks"), Filter: []string{"raised=blocks"}}, {Label: message.T(ctx, "statement.tab.warns"), Filter: []string{"raised=warns"}}},
		Row: func(l soa.Line) grid.Row {
			row := grid.Row{Key: l.Control.ID, Title: l.Control.Title, Path: p.Link(path + "/" + system + "/" + l.Control.ID), Narrow: l.Row.Justification()}
			if mayDecide {
				row.Version = "1" // the form that is fetched carries the true one
			}
			return row
		},
	}
}

func cell(draw func(soa.Line) templ.Component) func(soa.Line, grid.Row) templ.Component {
	return func(l soa.Line, _ grid.Row) templ.Component { return draw(l) }
}

func fields(ctx context.Context, v *register.View, p page.Page, system string, mayDecide bool, lines []soa.Line, proposed soa.Proposed) []field {
	person := func(key string) string { return v.TitleOf("person", key) }
	back := p.With("done", "", "n", "", "refused", "")
	return []field{
		{Key: "id", Label: message.T(ctx, "controls.control"), Class: "id num fit", Rank: controlIDs(lines), Of: func(l soa.Line) []string { return []string{l.Control.ID} }, Cell: cell(func(l soa.Line) templ.Component { return grid.Data(l.Control.ID) })},
		{Key: "title", Label: message.T(ctx, "controls.name"), Class: "main-cell", Of: func(l soa.Line) []string { return []string{l.Control.Title} }, Cell: func(_ soa.Line, row grid.Row) templ.Component { return grid.Link(row) }},
		{Key: "applicability", Label: message.T(ctx, "statement.applies"), Class: "p2 fit", Few: true, Every: true, Edits: true, Rank: []string{"undecided", "applicable", "not_applicable"}, Word: decisionWord(ctx),
			Of: func(l soa.Line) []string { return []string{string(l.Decision())} }, Cell: cell(func(l soa.Line) templ.Component { return appliesCell(p, l, proposed.Of(l.Control.ID)) })},
		{Key: "reasons", Label: message.T(ctx, "statement.reasons"), Class: "p2 fit", Few: true, Every: true, Rank: reasonNames(), Word: func(s string) string { return message.Mark(ctx, reasonLabel(s)) },
			Of: func(l soa.Line) []string { return l.Row.Reasons }, Cell: cell(func(l soa.Line) templ.Component {
				return reasonsCell(system, back, l, mayDecide, proposed.Of(l.Control.ID))
			})},
		{Key: "justification", Label: message.T(ctx, "statement.justification"), Class: "p2 just", Edits: true, Of: func(l soa.Line) []string { return filled(l.Row.Justification()) }, Cell: cell(func(l soa.Line) templ.Component { return justificationCell(l) })},
		{Key: "implementation", Label: message.T(ctx, "controls.implementation"), Class: "p3 fit", Few: true, Every: true, Rank: control.Declarations(), Word: func(s string) string { return message.Mark(ctx, control.DeclarationLabel(s)) },
			Of: func(l soa.Line) []string { return []string{l.Declared.Value} }, Cell: cell(implementationCell)},
		{Key: "state", Label: message.T(ctx, "controls.evidence"), Class: "fit", Few: true, Every: true, Rank: page.StateNames(), Word: page.StateWord(ctx), Mark: stateMark, Of: stateOf, Cell: cell(evidenceCell)},
		{Key: "age", Label: message.T(ctx, "controls.age"), Class: "p4 r num fit t2", Kind: table.Date, Of: oldest, Cell: cell(func(l soa.Line) templ.Component { return ageCell(ctx, v, l) })},
		{Key: "owner", Label: message.T(ctx, "controls.owner"), Class: "p4 fit", Few: true, Word: person, Of: func(l soa.Line) []string { return l.Owners() }, Cell: cell(func(l soa.Line) templ.Component { return ownersCell(page.Names(l.Owners(), person)) })},
		{Key: "clash", Label: message.T(ctx, "statement.clash"), Few: true, Every: true, Rank: clashNames, Word: func(s string) string { return message.Mark(ctx, soa.Clash(s).Label()) }, Of: clashesOf},
		{Key: "lacks", Label: message.T(ctx, "statement.lacks"), Few: true, Every: true, Rank: []string{"yes", "no"}, Word: func(s string) string { return message.T(ctx, "controls.new."+s) }, Of: lacksOf},
		{Key: "theme", Label: message.T(ctx, "controls.theme"), Class: "p4 fit t2", Spare: true, Few: true, Every: true, Rank: themeNames(), Word: func(s string) string { return message.T(ctx, "controls.theme."+s) },
			Of: themeOf, Cell: cell(func(l soa.Line) templ.Component {
				if l.Control.Theme == "" {
					return templ.NopComponent
				}
				return grid.Data(message.T(ctx, "controls.theme."+string(l.Control.Theme)))
			})},
		{Key: "framework", Label: message.T(ctx, "controls.framework"), Class: "p4 fit t2", Spare: true, Few: true, Every: true, Rank: frameworks(lines), Word: page.FrameworkWord(ctx), Of: func(l soa.Line) []string { return []string{l.Control.Standard} },
			Cell: cell(func(l soa.Line) templ.Component { return grid.Data(page.FrameworkWord(ctx)(l.Control.Standard)) })},
	}
}

// raisedField filters by what the rules found about a row.
func raisedField(ctx context.Context, raised map[string][]string) field {
	return field{Key: "raised", Label: message.T(ctx, "statement.raised"), Few: true, Every: true, Rank: []string{"blocks", "warns"}, Word: func(s string) string { return message.T(ctx, "statement.tab."+s) },
		Of: func(l soa.Line) []string { return raised[l.Control.ID] }}
}

func reasonLabels(ctx context.Context, reasons []string) (labels []string) {
	for _, r := range reasons {
		labels = append(labels, message.Mark(ctx, reasonLabel(r)))
	}
	return labels
}

// reason is one of the five, with the letter it stands by in the grid.
type reason struct{ Name, Letter string }

// reasons in the order of their place: position tells as much as the letter.
var reasons = []reason{{"risk_assessment", "R"}, {"legal", "L"}, {"contractual", "C"}, {"business", "B"}, {"good_practice", "P"}}

func reasonNames() (names []string) {
	for _, r := range reasons {
		names = append(names, r.Name)
	}
	return names
}

func labelOf(key string) string {
	f, _ := soa.Rows.Definition.Field(key)
	return f.Label
}

func helpOf(key string) string {
	f, _ := soa.Rows.Definition.Field(key)
	return f.Help
}

func reasonLabel(name string) string {
	f, _ := soa.Rows.Definition.Field("reasons")
	return f.ValueLabel(name)
}

func decisionWord(ctx context.Context) func(string) string {
	return func(s string) string { return message.Mark(ctx, soa.Applicability(s).Label()) }
}

func filled(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

var clashNames = []string{string(soa.Unproven), string(soa.ExcludedInUse), string(soa.ApplicableUnused)}

func clashesOf(l soa.Line) (names []string) {
	for _, c := range l.Clashes {
		names = append(names, string(c))
	}
	return names
}

func lacksOf(l soa.Line) []string {
	if l.Lacks() {
		return []string{"yes"}
	}
	return []string{"no"}
}

func controlIDs(lines []soa.Line) (ids []string) {
	for _, l := range lines {
		ids = append(ids, l.Control.ID)
	}
	return ids
}

// frameworks names the standards the rows come from, the base first.
func frameworks(lines []soa.Line) (list []string) {
	for _, l := range lines {
		if !slices.Contains(list, l.Control.Standard) {
			list = append(list, l.Control.Standard)
		}
	}
	return list
}

// themeOf is the theme of one of the 93; rows beside them have none.
func themeOf(l soa.Line) []string { return filled(string(l.Control.Theme)) }

func themeNames() (names []string) {
	for _, t := range framework.Themes() {
		names = append(names, string(t))
	}
	return names
}

// stateOf is the evidence state of a control that is not left out here.
func stateOf(l soa.Line) []string {
	if l.Decision() == soa.NotApplicable {
		return nil
	}
	return []string{l.Evidence.State.String()}
}

func named(name string) control.State {
	state, _ := page.StateNamed(name)
	return state
}

func stateMark(name string) templ.Component { return page.StateIcon(named(name)) }

func oldest(l soa.Line) []string {
	if at := l.Evidence.Oldest(); at != 0 && l.Decision() != soa.NotApplicable {
		return []string{at.Time().Format(time.DateOnly)}
	}
	return nil
}

// key says which letter stands for which reason.
func key(ctx context.Context) string {
	var texts []string
	for _, r := range reasons {
		texts = append(texts, r.Letter+" "+message.Mark(ctx, reasonLabel(r.Name)))
	}
	return strings.Join(texts, " · ")
}

// clashText names what contradicts what.
func clashText(ctx context.Context, l soa.Line) string {
	var texts []string
	for _, c := range l.Clashes {
		texts = append(texts, message.Mark(ctx, c.Label()))
	}
	return strings.Join(texts, "; ")
}
