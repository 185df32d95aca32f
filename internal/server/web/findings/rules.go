// SPDX-License-Identifier: Apache-2.0

package findings

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/lint"
	"sextant/register"
)

// rulesView is what the list of rules draws.
type rulesView struct {
	grid.Drawn[lint.Verdict]
	Open     *lint.Verdict
	Back     string
	MayWaive bool
	Set      string // path of the form that gives the open rule other numbers, "" where nobody may
}

func (s *section) rules(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "lint.rules"))
	view := rulesView{Back: p.With("in", "")}
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		all, err := s.report(v, m)
		if err != nil {
			return err
		}
		for i := range all {
			if all[i].Rule.ID == p.Query.Get("in") {
				view.Open = &all[i]
			}
		}
		if view.Open != nil {
			view.Set = setPath(v, *view.Open)
		}
		view.MayWaive = v.Moment() == 0 && actor.Person != "" && v.MayCreate(defOf(v, "exception"))
		view.Drawn, err = ruleSheet(v, p).Draw(v.Context(), p, all)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, rulesPage(p, view))
	return nil
}

// setPath leads to the form of the numbers of a rule, where it has some and
// somebody may change them.
func setPath(v *register.View, x lint.Verdict) string {
	def := lint.Settings.Definition
	if v.Moment() != 0 || len(x.Rule.Params) == 0 || !v.MayCreate(def) {
		return ""
	}
	if x.Changed != nil {
		return "/" + def.Plural + "/" + x.Changed.Setting + "/edit"
	}
	return "/" + def.Plural + "/new?rule=" + url.QueryEscape(lint.ReferencePrefix+x.Rule.ID)
}

// number is one number of a rule: as the organisation asks it, and the rule's own.
type number struct {
	Name, Value, Own string
	Ours             bool
}

func numbers(r lint.Rule, changed *lint.Changed) (list []number) {
	for _, name := range slices.Sorted(maps.Keys(r.Params)) {
		n := number{Name: name, Value: plain(r.Params[name]), Own: plain(r.Params[name])}
		if changed != nil {
			if own, ok := changed.From[name]; ok {
				n.Own, n.Ours = plain(own), true
			}
		}
		list = append(list, n)
	}
	return list
}

func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

var outcomes = []string{string(lint.Found), string(lint.Unknown), string(lint.Excused), string(lint.Clean)}

func ruleSheet(v *register.View, p page.Page) grid.Sheet[lint.Verdict] {
	ctx := v.Context()
	label := func(key string) string { return message.T(ctx, "lint.col."+key) }
	of := func(one func(lint.Verdict) string) func(lint.Verdict) []string {
		return func(x lint.Verdict) []string { return some(one(x)) }
	}
	views := []grid.Tab{{Label: message.T(ctx, "lint.tab.every")}}
	for _, o := range outcomes {
		views = append(views, grid.Tab{Label: message.T(ctx, "lint.outcome."+o), Filter: is("outcome", o)})
	}
	return grid.Sheet[lint.Verdict]{
		Caption: message.T(ctx, "lint.rules"), Views: views,
		Row: func(x lint.Verdict) grid.Row {
			return grid.Row{Key: x.Rule.ID, Title: x.Rule.Title, Path: p.With("in", x.Rule.ID), Narrow: message.T(ctx, "lint.outcome."+string(x.Outcome()))}
		},
		Fields: []grid.Field[lint.Verdict]{
			{Key: "title", Label: label("rule"), Class: "main-cell", Of: func(x lint.Verdict) []string { return []string{x.Rule.Title, x.Rule.ID} }, Cell: func(_ lint.Verdict, row grid.Row) templ.Component { return grid.Link(row) }},
			{Key: "outcome", Label: label("outcome"), Class: "fit", Few: true, Rank: outcomes, Every: true, Word: func(o string) string { return message.T(ctx, "lint.outcome."+o) }, Of: of(func(x lint.Verdict) string { return string(x.Outcome()) }),
				Cell: func(x lint.Verdict, _ grid.Row) templ.Component { return outcomeCell(p, x) }},
			{Key: "severity", Label: label("severity"), Class: "p2 fit", Few: true, Rank: severityNames(), Every: true, Word: severityWord(ctx), Of: of(func(x lint.Verdict) string { return string(x.Rule.Severity) }),
				Cell: func(x lint.Verdict, _ grid.Row) templ.Component { return severity(x.Rule.Severity) }},
			{Key: "clause", Label: label("clause"), Class: "p3 fit num t2", Few: true, Of: func(x lint.Verdict) []string { return x.Rule.Clauses }, Cell: func(x lint.Verdict, _ grid.Row) templ.Component { return grid.Data(clause(x.Rule)) }},
			{Key: "looked", Label: label("looked"), Class: "p3 r num fit", Kind: table.Number, Of: func(lint.Verdict) []string { return nil }, Number: func(x lint.Verdict) (float64, bool) { return float64(x.Looked), x.CannotTell == "" },
				Cell: func(x lint.Verdict, _ grid.Row) templ.Component { return lookedCell(x) }},
			{Key: "missing", Label: label("missing"), Class: "p3 missingcell t2", Of: of(func(x lint.Verdict) string { return missing(x) }), Cell: func(x lint.Verdict, _ grid.Row) templ.Component { return grid.Data(missing(x)) }},
			{Key: "group", Label: label("group"), Class: "p4 fit t2", Few: true, Spare: true, Of: of(func(x lint.Verdict) string { return x.Rule.Group }), Cell: func(x lint.Verdict, _ grid.Row) templ.Component { return grid.Data(x.Rule.Group) }},
			{Key: "numbers", Label: label("numbers"), Class: "p4 fit", Few: true, Every: true, Rank: []string{"ours", "own"}, Word: func(n string) string { return message.T(ctx, "lint.numbers."+n) }, Of: of(func(x lint.Verdict) string {
				switch {
				case x.Changed != nil:
					return "ours"
				case len(x.Rule.Params) > 0:
					return "own"
				}
				return ""
			}), Cell: func(x lint.Verdict, _ grid.Row) templ.Component { return numbersCell(x) }},
			{Key: "certainty", Label: label("certainty"), Class: "p4 fit t2", Few: true, Spare: true, Word: func(c string) string { return message.T(ctx, "lint.certainty."+c) }, Of: of(func(x lint.Verdict) string { return string(x.Rule.Certainty) }),
				Cell: func(x lint.Verdict, _ grid.Row) templ.Component {
					return grid.Data(message.T(ctx, "lint.certainty."+string(x.Rule.Certainty)))
				}},
		},
	}
}

// missing names the data a rule would look at and has not.
func missing(x lint.Verdict) string {
	if x.CannotTell != "" && len(x.Rule.Needs) == 0 {
		return x.CannotTell
	}
	return strings.Join(x.Rule.Needs, ", ")
}

// foundPath lists the findings of a rule, waived ones with them.
func foundPath(id string) string {
	return path + "?filter=" + strings.ReplaceAll(is("rule", id)[0], "=", "%3D")
}

func count(x lint.Verdict) string { return fmt.Sprint(len(x.Findings) + len(x.Waived)) }

func (s *section) exportRules(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, "")
	return s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		if err := access.May(actor, access.Export, access.Subject{}, s.Kernel.Now()); err != nil {
			return err
		}
		all, err := s.report(v, m)
		if err != nil {
			return err
		}
		return ruleSheet(v, p).Send(w, p, all, grid.Stamp{Name: "rules", At: v.Now(), By: actor.Name})
	})
}
