// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"context"
	"strconv"
	"strings"

	"sextant/interchange/riskbook"
	"sextant/interchange/riskfile"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
)

func importTitle(ctx context.Context, v importView) string {
	switch {
	case v.Written:
		return message.N(ctx, "intake.written", v.writable())
	case v.File != nil:
		return message.T(ctx, "riskimport.what")
	}
	return message.T(ctx, "riskimport.title")
}

func importLead(ctx context.Context, v importView) string {
	switch {
	case v.Written && v.Report.Count(register.Refused) > 0:
		return message.N(ctx, "intake.written.refused", v.Report.Count(register.Refused))
	case v.Written:
		return message.T(ctx, "riskimport.written.all")
	case v.File == nil:
		return message.T(ctx, "riskimport.lead")
	}
	return message.T(ctx, "riskimport.is."+string(v.File.Kind), v.name())
}

// countLabel names what a file holds: entries of a register, or what has none.
func countLabel(ctx context.Context, set *register.Set, what string) string {
	if def, err := set.Named(what); err == nil {
		return message.Mark(ctx, def.Titles)
	}
	return message.T(ctx, "riskimport.count."+what)
}

// willText says what the button below would do with refused rows.
func willText(ctx context.Context, v importView) string {
	switch refused := v.Report.Count(register.Refused); {
	case v.writable() == 0:
		return message.T(ctx, "import.nothing")
	case refused > 0:
		return message.N(ctx, "intake.without", refused)
	}
	return message.T(ctx, "intake.all")
}

func licenceText(ctx context.Context, c riskfile.Count) string {
	if c.What == "" {
		return message.T(ctx, "riskimport.licence.none", c.Count)
	}
	return message.T(ctx, "riskimport.licence.count", c.What, c.Count)
}

// languageText names a language, with the number of its objects where that says
// something.
func languageText(c riskfile.Count) string {
	if c.Count == 0 {
		return c.What
	}
	return c.What + " (" + strconv.Itoa(c.Count) + ")"
}

// columnChoices are what a column of another tool's sheet may hold.
func columnChoices(ctx context.Context, v importView) (groups []page.MatchedGroup) {
	of := page.MatchedGroup{Label: message.T(ctx, "riskimport.group.risk")}
	for _, f := range riskbook.RiskFields() {
		of.Fields = append(of.Fields, page.MatchedField{Name: f.Key, Label: message.Mark(ctx, f.Label)})
	}
	of.Fields = append(of.Fields, page.MatchedField{Name: string(riskbook.Status), Label: message.T(ctx, "riskimport.field.status")}, page.MatchedField{Name: string(riskbook.Text), Label: message.T(ctx, "riskimport.field.text")})
	groups = append(groups, of)
	stages, _ := risk.Evaluations.Definition.Field("stage")
	for _, stage := range riskbook.Stages() {
		g := page.MatchedGroup{Label: message.Mark(ctx, stages.ValueLabel(stage))}
		add := func(measure, kind, label string) {
			g.Fields = append(g.Fields, page.MatchedField{Name: string(riskbook.Judged(stage, measure, kind)), Label: g.Label + ": " + label})
		}
		add(riskbook.Likelihood, "", message.T(ctx, "riskimport.field.likelihood"))
		add(riskbook.Consequence, "", message.T(ctx, "riskimport.field.consequence"))
		for _, t := range v.types() {
			add(riskbook.Consequence, t.Key, message.T(ctx, "riskimport.field.consequence.of", t.Name))
		}
		add(riskbook.Score, "", message.T(ctx, "riskimport.field.score"))
		groups = append(groups, g)
	}
	treated := page.MatchedGroup{Label: message.T(ctx, "riskimport.group.treatment")}
	for _, f := range []riskbook.Field{riskbook.Option, riskbook.Plan, riskbook.TreatmentOwner, riskbook.Due} {
		treated.Fields = append(treated.Fields, page.MatchedField{Name: string(f), Label: message.T(ctx, "riskimport.field."+string(f))})
	}
	judged := page.MatchedField{Name: string(riskbook.Rationale), Label: message.T(ctx, "riskimport.field.rationale")}
	groups[0].Fields = append(groups[0].Fields, judged)
	return append(groups, treated)
}

// types of consequence a column may be about: of the criteria in force, and those
// the columns name by themselves.
func (view importView) types() []choice {
	list := append([]choice{}, view.Types...)
	f, _ := risk.CriteriaEditions.Definition.Field("consequence_types")
	for _, c := range view.File.Matching.Columns {
		_, kind, typed := strings.Cut(string(c.Field), "."+riskbook.Consequence+".")
		known := false
		for _, t := range list {
			known = known || t.Key == kind
		}
		if typed && !known {
			list = append(list, choice{kind, f.ValueLabel(kind)})
		}
	}
	return list
}

// writtenTo is where what was written of a register is found.
func writtenTo(set *register.Set, name string) string {
	def, err := set.Named(name)
	if err != nil {
		return path
	}
	return "/" + def.Plural
}

// fateOrder is how columns of counts stand.
var fateOrder = []register.Fate{register.Created, register.Updated, register.Unchanged, register.Refused}

// mostSeen is how many values that are understood are listed; those that are not
// always are.
const mostSeen = 40

func measureText(ctx context.Context, s riskbook.Seen) string {
	return message.T(ctx, "riskimport.value.of", message.T(ctx, "riskimport.field."+s.Measure), s.Count)
}

func readAs(ctx context.Context, s riskbook.Seen) string {
	if s.Open {
		return message.T(ctx, "riskimport.value.open")
	}
	return strconv.Itoa(s.Level) + " " + s.Name
}
