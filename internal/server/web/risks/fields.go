// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
)

// field is a property of a risk in the list. Its key is that of the register
// where the register has it, so that one filter means one thing everywhere.
type field = grid.Field[risk.Row]

// fielder makes the fields of a list at a stage.
type fielder struct {
	lens
	ctx   context.Context
	v     *register.View
	p     page.Page
	scale *risk.Yardstick // names the levels to filter by; nil where no criteria are in force
}

func (f fielder) sheet() grid.Sheet[risk.Row] {
	return grid.Sheet[risk.Row]{
		Caption: message.T(f.ctx, "nav.risks"), Fields: slices.Concat(f.columns(), f.spare(), f.atStage()), Order: "-current_level", Views: f.tabs(),
		Row: func(r risk.Row) grid.Row {
			return grid.Row{Key: r.Key, Title: r.Title(), Path: f.p.Link(path + "/" + r.Key), Narrow: f.narrow(r)}
		},
	}
}

// tabs are the built-in views. The first holds every risk that is not over.
func (f fielder) tabs() []grid.Tab {
	tab := func(key string, filters ...string) grid.Tab {
		return grid.Tab{Label: message.T(f.ctx, key), Filter: filters}
	}
	list := []grid.Tab{tab("risks.view.open"), tab("risks.view.above", aboveAppetite), tab("risks.view.broken", filter("acceptance", risk.Broken)), tab("risks.view.unjudged", filter("state", risk.Identified)), tab("risks.view.acceptable", filter("state", risk.Acceptable))}
	if person := f.v.Actor().Person; person != "" {
		list = append(list, tab("list.mine", filter("owner", person)))
	}
	return list
}

// aboveAppetite are risks that are, or may be, higher than what is acceptable.
var aboveAppetite = filter("appetite", "above", "may_be_above")

func (f fielder) narrow(r risk.Row) string {
	words := []string{label("category", r.Fields.Category)}
	if r.Fields.Owner != "" {
		words = append(words, f.person(r.Fields.Owner))
	}
	return strings.Join(words, " · ")
}

func (f fielder) person(key string) string { return f.v.TitleOf("person", key) }

func (f fielder) columns() []field {
	return []field{
		{Key: "risk", Label: f.say("risk"), Class: "id num fit", Of: one(func(r risk.Row) string { return r.Key }), Cell: data(func(r risk.Row) string { return r.Key })},
		{Key: "title", Label: f.say("title"), Class: "main-cell", Of: one(risk.Row.Title), Cell: func(_ risk.Row, row grid.Row) templ.Component { return grid.Link(row) }},
		f.enum("category", "p3 fit t2", false, func(r risk.Row) []string { return texts(r.Fields.Category) }),
		f.level("current_level", "fit", false, func(r risk.Row) int { return risk.Whole(r.Fields.CurrentLevel) }, func(r risk.Row) templ.Component {
			return spanCell(f.yardstick(r, risk.Current), risk.Whole(r.Fields.BestLevel), risk.Whole(r.Fields.CurrentLevel), unjudged(f.ctx, r))
		}),
		{Key: "movement", Label: f.say("movement"), Class: "p2 fit", Of: nothing, Number: f.toGo, Cell: cell(func(r risk.Row) templ.Component { return f.moveCell(r) })},
		f.level("accepted_level", "p2 fit", false, func(r risk.Row) int { return risk.Whole(r.Fields.AcceptedLevel) }, func(r risk.Row) templ.Component {
			return signedCell(f.yardstick(r, risk.Residual), risk.Whole(r.Fields.AcceptedLevel), r.Fields.Acceptance)
		}),
		{Key: "owner", Label: f.say("owner"), Class: "p3 fit", Few: true, Word: f.person, Of: func(r risk.Row) []string { return texts(r.Fields.Owner) },
			Cell: func(r risk.Row, _ grid.Row) templ.Component { return ownerCell(f.nameOf(r.Fields.Owner)) }},
		f.enum("options", "p4 fit t2", false, func(r risk.Row) []string { return r.Fields.Options }),
		{Key: "state", Label: f.say("state"), Class: "p4 fit", Few: true, Every: true, Rank: stateNames(), Word: stateWord(f.ctx), Of: one(func(r risk.Row) string { return r.State }),
			Cell: func(r risk.Row, row grid.Row) templ.Component { return stateCell(r, row.Path) }},
	}
}

// nameOf resolves while the view is open.
func (f fielder) nameOf(person string) string {
	if person == "" {
		return ""
	}
	return f.person(person)
}

func (f fielder) spare() []field {
	title := func(kind string) func(string) string {
		return func(key string) string { return f.v.TitleOf(kind, key) }
	}
	list := []field{
		f.enum("appetite", "p4 fit", true, func(r risk.Row) []string { return texts(r.Fields.Appetite) }),
		f.enum("acceptance", "p4 fit", true, func(r risk.Row) []string { return texts(r.Fields.Acceptance) }),
		f.enum("yardstick", "p4 fit t2", true, func(r risk.Row) []string { return texts(r.Fields.Yardstick) }),
		f.enum("properties", "p4 fit t2", true, func(r risk.Row) []string { return r.Fields.Properties }),
		f.enum("approach", "p4 fit t2", true, func(r risk.Row) []string { return texts(r.Fields.Approach) }),
		f.enum("origin", "p4 fit t2", true, func(r risk.Row) []string { return texts(r.Fields.Origin) }),
		f.level("inherent_level", "p4 fit", true, func(r risk.Row) int { return risk.Whole(r.Fields.InherentLevel) }, nil),
		f.level("target_level", "p4 fit", true, func(r risk.Row) int { return risk.Whole(r.Fields.TargetLevel) }, nil),
		{Key: "because", Label: f.say("because"), Class: "p4 beside", Spare: true, Of: func(r risk.Row) []string { return texts(r.Fields.Because) }, Cell: data(func(r risk.Row) string { return r.Fields.Because })},
		{Key: "expected_loss", Label: f.say("expected_loss"), Class: "p4 r num fit", Spare: true, Kind: table.Number, Of: func(r risk.Row) []string { return texts(r.Fields.ExpectedLoss) }, Number: loss,
			Cell: data(func(r risk.Row) string { return moneyText(r.Fields.ExpectedLoss) })},
	}
	for _, date := range []struct {
		key string
		of  func(risk.Row) string
	}{{"evaluated_on", func(r risk.Row) string { return r.Fields.EvaluatedOn }}, {"review_on", func(r risk.Row) string { return r.Fields.ReviewOn }}} {
		list = append(list, field{Key: date.key, Label: f.say(date.key), Class: "p4 r num fit t2", Spare: true, Kind: table.Date, Of: func(r risk.Row) []string { return texts(date.of(r)) },
			Cell: data(func(r risk.Row) string { return page.Day(date.of(r)) })})
	}
	for _, ref := range []struct {
		key, kind string
		of        func(risk.Row) []string
	}{
		{"scope_units", "scope_unit", func(r risk.Row) []string { return r.Fields.ScopeUnits }}, {"assets", "asset", func(r risk.Row) []string { return r.Fields.Assets }},
		{"controls", "control", func(r risk.Row) []string { return r.Fields.Controls }}, {"scenarios", "scenario", func(r risk.Row) []string { return r.Fields.Scenarios }},
		{"management_system", "management_system", func(r risk.Row) []string { return texts(r.Fields.ManagementSystem) }},
	} {
		list = append(list, field{Key: ref.key, Label: f.say(ref.key), Class: "p4 fit t2", Spare: true, Few: true, Word: title(ref.kind), Of: ref.of, Cell: data(func(r risk.Row) string {
			return strings.Join(page.Names(ref.of(r), title(ref.kind)), ", ")
		})})
	}
	return list
}

// atStage are the places the matrix counts by.
func (f fielder) atStage() []field {
	names := func(name func(*risk.Yardstick, int) string) func(string) string {
		return func(value string) string {
			n, _ := strconv.Atoi(value)
			if f.scale == nil {
				return value
			}
			return strings.TrimSpace(value + " " + name(f.scale, n))
		}
	}
	return []field{
		{Key: "likelihood", Label: f.say("likelihood"), Few: true, Word: names((*risk.Yardstick).LikelihoodName), Of: func(r risk.Row) []string { return digits(f.place(r).Likelihood) }, Number: known(func(r risk.Row) int { return f.place(r).Likelihood })},
		{Key: "consequence", Label: f.say("consequence"), Few: true, Word: names((*risk.Yardstick).ConsequenceName), Of: func(r risk.Row) []string { return digits(f.place(r).Consequence) }, Number: known(func(r risk.Row) int { return f.place(r).Consequence })},
		{Key: "level", Label: f.say("level." + f.stage), Few: true, Word: names((*risk.Yardstick).LevelName), Of: func(r risk.Row) []string { return digits(f.place(r).Level) }, Number: known(func(r risk.Row) int { return f.place(r).Level })},
		{Key: "place", Label: f.say("place"), Few: true, Every: true, Rank: []string{inMatrix, earlier, noLevel}, Word: func(value string) string { return message.T(f.ctx, "risks.place."+value) },
			Of: one(f.standing)},
	}
}

// say names a column: as the register does, or from the catalogue.
func (f fielder) say(key string) string {
	if d, ok := risk.Risks.Definition.Field(key); ok && key != "likelihood" && key != "consequence" {
		return message.Mark(f.ctx, d.Label)
	}
	return message.T(f.ctx, "risks.col."+key)
}

func (f fielder) enum(key, class string, spare bool, of func(risk.Row) []string) field {
	word := func(value string) string { return message.Mark(f.ctx, label(key, value)) }
	return field{Key: key, Label: f.say(key), Class: class, Spare: spare, Few: true, Every: true, Rank: valuesOf(key), Word: word, Of: of,
		Cell: data(func(r risk.Row) string { return strings.Join(page.Names(of(r), word), ", ") })}
}

// level is a property that is a level of risk. Numbers compare; names are those
// of the criteria each was judged by.
func (f fielder) level(key, class string, spare bool, of func(risk.Row) int, draw func(risk.Row) templ.Component) field {
	stage := map[string]string{"inherent_level": risk.Inherent, "target_level": risk.Target, "accepted_level": risk.Residual, "current_level": risk.Current}[key]
	if draw == nil {
		draw = func(r risk.Row) templ.Component {
			return spanCell(f.yardstick(r, stage), of(r), of(r), "–")
		}
	}
	return field{Key: key, Label: f.say(key), Class: class, Spare: spare, Number: known(of), Of: func(r risk.Row) []string { return digits(of(r)) },
		Out: func(r risk.Row) any { return chipOf(f.yardstick(r, stage), of(r)).Name }, Cell: cell(draw)}
}

// toGo is how many levels are left to the target.
func (f fielder) toGo(r risk.Row) (float64, bool) {
	m := f.moveOf(r)
	return float64(m.Worst - m.Target), m.Worst > 0 && m.Target > 0
}

func (f fielder) moveCell(r risk.Row) templ.Component {
	m := f.moveOf(r)
	if m.Worst == 0 {
		return grid.Data("–")
	}
	y := f.yardstick(r, risk.Current)
	m.Says = moveSays(f.ctx, y, m)
	return movement(m)
}

// moveSays tells a movement in words.
func moveSays(ctx context.Context, y *risk.Yardstick, m move) string {
	name := func(key string, level int) string {
		if level == 0 {
			return message.T(ctx, "risks.move."+key+".none")
		}
		return message.T(ctx, "risks.move."+key, y.LevelName(level))
	}
	return message.T(ctx, "risks.move.all", name("inherent", m.Inherent), message.T(ctx, "risks.move.current", risk.SpanName(y, m.Best, m.Worst)), name("target", m.Target), name("signed", m.Signed))
}

func label(key, value string) string {
	f, _ := risk.Risks.Definition.Field(key)
	return f.ValueLabel(value)
}

func valuesOf(key string) (names []string) {
	f, _ := risk.Risks.Definition.Field(key)
	for _, v := range f.Values {
		names = append(names, v.Name)
	}
	return names
}

func stateNames() (names []string) {
	for _, s := range risk.Risks.Lifecycle.States {
		names = append(names, s.Name)
	}
	return names
}

func stateWord(ctx context.Context) func(string) string {
	return func(name string) string { return message.Mark(ctx, page.StateLabel(risk.Risks.Definition, name)) }
}

// stageWord is the state as it fits into a column.
func stageWord(ctx context.Context, state string) string {
	switch state {
	case risk.Acceptable, risk.NoLevel:
		return message.T(ctx, "risks.stage.short."+state)
	}
	return stateWord(ctx)(state)
}

// unjudged says why a risk has no level.
func unjudged(ctx context.Context, r risk.Row) string {
	switch {
	case r.Fields.EvaluatedOn != "":
		return message.T(ctx, "risks.inmoney")
	case r.Fields.Owner == "":
		return message.T(ctx, "risks.noowner")
	}
	return message.T(ctx, "risks.unjudged")
}

func nothing(risk.Row) []string { return nil }

func one(of func(risk.Row) string) func(risk.Row) []string {
	return func(r risk.Row) []string { return []string{of(r)} }
}

func texts(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

func digits(n int) []string {
	if n == 0 {
		return nil
	}
	return []string{strconv.Itoa(n)}
}

func known(of func(risk.Row) int) func(risk.Row) (float64, bool) {
	return func(r risk.Row) (float64, bool) { n := of(r); return float64(n), n > 0 }
}

func loss(r risk.Row) (float64, bool) {
	a := risk.ParseAmount(r.Fields.ExpectedLoss)
	return a.Value, r.Fields.ExpectedLoss != ""
}

func cell(draw func(risk.Row) templ.Component) func(risk.Row, grid.Row) templ.Component {
	return func(r risk.Row, _ grid.Row) templ.Component { return draw(r) }
}

func data(text func(risk.Row) string) func(risk.Row, grid.Row) templ.Component {
	return func(r risk.Row, _ grid.Row) templ.Component { return grid.Data(text(r)) }
}
