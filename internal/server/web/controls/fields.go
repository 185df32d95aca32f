// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"context"
	"fmt"
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

// field is a property of a control in the list.
type field = grid.Field[soa.Known]

// sheet says what the list of controls shows and filters by.
func sheet(v *register.View, p page.Page, all []soa.Known) grid.Sheet[soa.Known] {
	ctx := v.Context()
	return grid.Sheet[soa.Known]{
		Caption: message.T(ctx, "nav.controls"), Fields: append(columns(ctx, v, all), attributes(ctx)...), Views: tabs(ctx, v.Actor().Person),
		Row: func(k soa.Known) grid.Row {
			return grid.Row{Key: k.Control.ID, Title: k.Control.Title, Path: p.Link(path + "/" + k.Control.ID), Narrow: narrow(ctx, k, func(key string) string { return v.TitleOf("person", key) })}
		},
	}
}

// needsWork are the states in which something is to be done soon.
const needsWork = "state=fail,error,stale,no_data,fail_in_grace"

func tabs(ctx context.Context, person string) []grid.Tab {
	list := []grid.Tab{{Label: message.T(ctx, "list.all")}, {Label: message.T(ctx, "controls.tab.work"), Filter: []string{needsWork}}, {Label: message.T(ctx, "controls.tab.partial"), Filter: []string{"state=partial"}}}
	if person != "" {
		list = append(list, grid.Tab{Label: message.T(ctx, "list.mine"), Filter: []string{"owner=" + person}})
	}
	return append(list, grid.Tab{Label: message.T(ctx, "controls.tab.new"), Filter: []string{"new=yes"}}, grid.Tab{Label: message.T(ctx, "controls.tab.manual"), Filter: []string{"mode!=automatic"}})
}

// cell draws a property without regard to the row's link.
func cell(draw func(soa.Known) templ.Component) func(soa.Known, grid.Row) templ.Component {
	return func(k soa.Known, _ grid.Row) templ.Component { return draw(k) }
}

func columns(ctx context.Context, v *register.View, all []soa.Known) []field {
	person := func(key string) string { return v.TitleOf("person", key) }
	return []field{
		{Key: "id", Label: message.T(ctx, "controls.control"), Class: "id num fit", Rank: controlIDs(all), Of: func(k soa.Known) []string { return []string{k.Control.ID} },
			Cell: cell(func(k soa.Known) templ.Component { return grid.Data(k.Control.ID) })},
		{Key: "title", Label: message.T(ctx, "controls.name"), Class: "main-cell", Of: func(k soa.Known) []string { return []string{k.Control.Title} },
			Cell: func(_ soa.Known, row grid.Row) templ.Component { return grid.Link(row) }},
		{Key: "state", Label: message.T(ctx, "controls.evidence"), Class: "fit", Few: true, Every: true, Rank: stateNames(), Word: stateWord(ctx), Mark: stateMark, Of: states, Cell: cell(stateCell)},
		{Key: "lines", Label: message.T(ctx, "controls.lines"), Class: "p2 fit", Of: nothing, Number: share, Out: func(k soa.Known) any { return linesText(k) }, Cell: cell(linesCell)},
		{Key: "implementation", Label: message.T(ctx, "controls.implementation"), Class: "p3 fit", Few: true, Every: true, Rank: control.Declarations(), Word: labelled(ctx, control.DeclarationLabel),
			Of: func(k soa.Known) []string { return []string{k.Declared.Value} }, Cell: cell(func(k soa.Known) templ.Component { return declaredCell(k.Declared) })},
		{Key: "owner", Label: message.T(ctx, "controls.owner"), Class: "p2 fit", Few: true, Word: person, Of: soa.Known.Owners, Cell: cell(func(k soa.Known) templ.Component { return ownersCell(page.Names(k.Owners(), person)) })},
		{Key: "mode", Label: message.T(ctx, "controls.mode"), Class: "p3 fit t2", Few: true, Every: true, Rank: modes, Word: modeWord(ctx), Of: func(k soa.Known) []string { return []string{string(k.Mode)} },
			Cell: cell(func(k soa.Known) templ.Component { return grid.Data(modeWord(ctx)(string(k.Mode))) })},
		{Key: "age", Label: message.T(ctx, "controls.age"), Class: "p4 r num fit t2", Kind: table.Date, Of: oldest, Cell: cell(func(k soa.Known) templ.Component { return ageCell(ctx, v, k) })},
		{Key: "applicability", Label: message.T(ctx, "controls.applicability"), Class: "p4 fit", Spare: true, Few: true, Every: true, Rank: applicabilities(), Word: func(s string) string { return message.Mark(ctx, soa.Applicability(s).Label()) },
			Of: func(k soa.Known) []string { return []string{string(k.Applies())} }, Cell: cell(func(k soa.Known) templ.Component { return grid.Text(k.Applies().Label()) })},
		{Key: "framework", Label: message.T(ctx, "controls.framework"), Class: "p4 fit t2", Spare: true, Few: true, Every: true, Rank: standards(all), Word: page.FrameworkWord(ctx), Of: func(k soa.Known) []string { return []string{k.Control.Standard} },
			Cell: cell(func(k soa.Known) templ.Component { return grid.Data(page.FrameworkWord(ctx)(k.Control.Standard)) })},
		{Key: "goes_stale", Label: message.T(ctx, "controls.goesstale"), Class: "p4 r num fit", Spare: true, Kind: table.Date, Of: goesStale, Cell: cell(func(k soa.Known) templ.Component { return staleCell(ctx, v, k) })},
		{Key: "missing", Label: message.T(ctx, "controls.missing"), Kind: table.Number, Of: nothing, Number: missing},
		{Key: "why", Label: message.T(ctx, "controls.why"), Class: "p3 beside", Spare: true, Of: func(k soa.Known) []string { return []string{k.Evidence.Reason} }, Cell: cell(func(k soa.Known) templ.Component { return grid.Data(k.Evidence.Reason) })},
	}
}

// nothing is the texts of a property that is a number.
func nothing(soa.Known) []string { return nil }

func linesText(k soa.Known) string {
	passed, all := k.Evidence.Lines()
	return fmt.Sprintf("%d of %d", passed, all)
}

func linesCell(k soa.Known) templ.Component {
	passed, all := k.Evidence.Lines()
	return grid.Pips(passed, all, k.Evidence.State)
}

func missing(k soa.Known) (float64, bool) {
	passed, all := k.Evidence.Lines()
	return float64(all - passed), true
}

// attributes are the theme and the five attributes of ISO/IEC 27002:2022, 4.2.
func attributes(ctx context.Context) []field {
	list := []field{{Key: "theme", Label: message.T(ctx, "controls.theme"), Class: "p4 fit t2", Spare: true, Few: true, Every: true, Rank: texts(framework.Themes()), Word: themeWord(ctx),
		Of: themeOf, Cell: cell(func(k soa.Known) templ.Component { return grid.Data(themeWord(ctx)(string(k.Control.Theme))) })}}
	for _, a := range attributeKinds {
		list = append(list, field{Key: a.key, Label: message.T(ctx, "controls.attribute."+a.key), Class: "p4 fit t2", Spare: true, Few: true, Every: true, Rank: a.all, Word: attributeWord,
			Of: func(k soa.Known) []string { return a.of(k.Control) }, Cell: cell(func(k soa.Known) templ.Component { return grid.Data(attributeWords(a.of(k.Control))) })})
	}
	return append(list, field{Key: "new", Label: message.T(ctx, "controls.new"), Few: true, Every: true, Rank: []string{"yes", "no"}, Word: func(s string) string { return message.T(ctx, "controls.new."+s) }, Of: isNew})
}

// themeOf is the theme of one of the 93; rows beside them have none.
func themeOf(k soa.Known) []string {
	if k.Control.Theme == "" {
		return nil
	}
	return []string{string(k.Control.Theme)}
}

// attributeKind is one of the five attributes.
type attributeKind struct {
	key string
	all []string
	of  func(framework.Control) []string
}

var attributeKinds = []attributeKind{
	{"type", texts(framework.ControlTypes()), func(c framework.Control) []string { return texts(c.Types) }},
	{"property", texts(framework.Properties()), func(c framework.Control) []string { return texts(c.Properties) }},
	{"concept", texts(framework.Concepts()), func(c framework.Control) []string { return texts(c.Concepts) }},
	{"capability", texts(framework.Capabilities()), func(c framework.Control) []string { return texts(c.Capabilities) }},
	{"domain", texts(framework.Domains()), func(c framework.Control) []string { return texts(c.Domains) }},
}

func texts[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func attributeWord(value string) string { return strings.ReplaceAll(value, "_", " ") }

func attributeWords(values []string) string { return attributeWord(strings.Join(values, ", ")) }

// controlIDs is the order of the rows in use: Annex A first.
func controlIDs(all []soa.Known) (ids []string) {
	for _, k := range all {
		ids = append(ids, k.Control.ID)
	}
	return ids
}

// standards names the standards rows in use come from, the base first.
func standards(all []soa.Known) (list []string) {
	for _, k := range all {
		if !slices.Contains(list, k.Control.Standard) {
			list = append(list, k.Control.Standard)
		}
	}
	return list
}

// notApplicable stands in the place of a state where the Statement of
// Applicability leaves a control out. It is no state.
const notApplicable = "not_applicable"

func states(k soa.Known) []string {
	if !k.Counts() {
		return []string{notApplicable}
	}
	return []string{k.Evidence.State.String()}
}

func stateNames() []string { return append(page.StateNames(), notApplicable) }

func stateWord(ctx context.Context) func(string) string {
	return func(name string) string {
		if s, ok := page.StateNamed(name); ok {
			return message.Mark(ctx, s.Label())
		}
		return message.T(ctx, "controls.notapplicable")
	}
}

func stateMark(name string) templ.Component {
	if s, ok := page.StateNamed(name); ok {
		return stateShape(s)
	}
	return templ.NopComponent
}

// share is how many of a hundred plan lines pass.
func share(k soa.Known) (float64, bool) {
	passed, all := k.Evidence.Lines()
	return 100 * float64(passed) / float64(max(all, 1)), all > 0
}

func applicabilities() []string { return texts(soa.Applicabilities()) }

var modes = []string{string(framework.Automatic), string(framework.Assisted), string(framework.Human)}

func modeWord(ctx context.Context) func(string) string {
	return func(mode string) string { return message.T(ctx, "controls.mode."+mode) }
}

func themeWord(ctx context.Context) func(string) string {
	return func(theme string) string {
		if theme == "" { // of rows beside Annex A
			return ""
		}
		return message.T(ctx, "controls.theme."+theme)
	}
}

func labelled(ctx context.Context, label func(string) string) func(string) string {
	return func(value string) string { return message.Mark(ctx, label(value)) }
}

func oldest(k soa.Known) []string {
	if at := k.Evidence.Oldest(); at != 0 {
		return []string{at.Time().Format(time.DateOnly)}
	}
	return nil
}

func goesStale(k soa.Known) []string {
	if !k.Counts() {
		return nil
	}
	if at := k.Evidence.Expires(); at != 0 {
		return []string{at.Time().Format(time.DateOnly)}
	}
	return nil
}

func isNew(k soa.Known) []string {
	if k.Control.New {
		return []string{"yes"}
	}
	return []string{"no"}
}

// narrow is what a narrow list keeps of the columns that leave it.
func narrow(ctx context.Context, k soa.Known, person func(string) string) string {
	text := modeWord(ctx)(string(k.Mode))
	for _, owner := range k.Owners() {
		text += " · " + person(owner)
	}
	return text
}

// summary says in one line how the listed controls stand.
func summary(ctx context.Context, list []soa.Known) string {
	passing, out := 0, 0
	for _, k := range list {
		switch {
		case !k.Counts():
			out++
		case k.Evidence.State == control.Pass:
			passing++
		}
	}
	return message.T(ctx, "controls.summary", message.N(ctx, "controls.count", len(list)), passing, out)
}
