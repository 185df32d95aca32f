// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/internal/server/web/message"
	"sextant/register"
	"sextant/risk"
)

// question is what an indicator counts: entries of a register that meet filters.
type question struct {
	Label   string // what people call it
	Saved   bool   // a view somebody shared
	Path    string // the list with exactly that count
	counted *register.Definition
	filters []string // as in an address; onDay stands for the day that is counted
}

// onDay stands in a filter for the day it is asked on: what is late in May is
// held against a day in May.
const onDay = "{day}"

// on gives the filters as they are on a day.
func (q question) on(day time.Time) ([]register.Filter, error) {
	texts := slices.Clone(q.filters)
	for i := range texts {
		texts[i] = strings.ReplaceAll(texts[i], onDay, day.Format(time.DateOnly))
	}
	return register.ParseFilters(texts)
}

func (q question) count(v *register.View, day time.Time) (int, error) {
	filters, err := q.on(day)
	if err != nil {
		return 0, err
	}
	return v.CountOf(q.counted.Name, filters...)
}

// indicator is a question with its answers, the newest last.
type indicator struct {
	question
	Months []month
}

type month struct {
	Month time.Time
	Count int
}

// Now is the newest count.
func (i indicator) Now() int { return i.Months[len(i.Months)-1].Count }

// Before is the count a month is compared with: that of the end of the month
// before; the same as now where there is no earlier one.
func (i indicator) Before() int { return i.Months[max(0, len(i.Months)-2)].Count }

const monthsShown = 12

// lists are the pages whose shared views are indicators.
var lists = []*register.Definition{risk.Risks.Definition, risk.Treatments.Definition, risk.Acceptances.Definition, risk.Assessments.Definition, risk.Opportunities.Definition, risk.Evaluations.Definition}

// standing are the indicators that come with the program.
func standing(v *register.View) []question {
	ask := func(label string, def *register.Definition, filters ...string) question {
		query := url.Values{}
		for _, f := range filters {
			query.Add("filter", strings.ReplaceAll(f, onDay, v.Now().Time().Format(time.DateOnly)))
		}
		return question{Label: message.T(v.Context(), label), Path: "/" + def.Plural + "?" + query.Encode(), counted: def, filters: filters}
	}
	return []question{
		ask("indicators.above", risk.Risks.Definition, "appetite=above,may_be_above", open),
		ask("indicators.broken", risk.Risks.Definition, "acceptance=broken,lapsed", open),
		ask("indicators.unjudged", risk.Risks.Definition, "state=identified"),
		ask("indicators.earlier", risk.Risks.Definition, "yardstick=earlier", open),
		ask("indicators.review", risk.Risks.Definition, "review_on<"+onDay, open),
		ask("indicators.overdue", risk.Treatments.Definition, "due_on<"+onDay, "state=draft,proposed,approved,in_progress"),
	}
}

// open is what the list of risks shows unless it is asked for states.
var open = "state=" + strings.Join(risk.OpenStates(), ",")

// shared are the views of those lists that everybody was offered.
func shared(v *register.View) (questions []question, err error) {
	saved, err := register.SavedViews.All(v)
	if err != nil {
		return nil, err
	}
	for _, s := range saved {
		i := slices.IndexFunc(lists, func(d *register.Definition) bool { return "/"+d.Plural == s.Fields.Page })
		if !s.Fields.Shared || i < 0 {
			continue
		}
		query, err := url.ParseQuery(s.Fields.Query)
		if err != nil {
			continue // of an address nobody can follow, nothing can be counted
		}
		filters, err := register.ParseFilters(query["filter"])
		if err != nil {
			continue
		}
		texts := query["filter"]
		if lists[i] == risk.Risks.Definition && !slices.ContainsFunc(filters, func(f register.Filter) bool { return f.Field == "state" }) {
			texts = append(texts, open)
		}
		questions = append(questions, question{Label: s.Fields.Title, Saved: true, Path: s.Fields.Page + "?" + s.Fields.Query, counted: lists[i], filters: texts})
	}
	slices.SortStableFunc(questions, func(a, b question) int { return strings.Compare(a.Label, b.Label) })
	return questions, nil
}

// indicatorsOf counts each question now and at the end of the months before.
func indicatorsOf(v *register.View) (list []indicator, err error) {
	questions, err := shared(v)
	if err != nil {
		return nil, err
	}
	for _, q := range append(standing(v), questions...) {
		months, err := register.Recall(v, fmt.Sprint("indicators ", q.counted.Name, q.filters), func() ([]month, sextant.Instant, error) { return monthsOf(v, q) })
		if err != nil {
			return nil, err
		}
		list = append(list, indicator{q, months})
	}
	return list, nil
}

func monthsOf(v *register.View, q question) (list []month, until sextant.Instant, err error) {
	now := v.Now().Time()
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for i := monthsShown - 1; i > 0; i-- {
		end := first.AddDate(0, 1-i, 0).Add(-time.Second)
		then, err := v.AsOf(sextant.InstantOf(end))
		if err != nil {
			return nil, 0, err
		}
		any, err := then.CountOf(q.counted.Name)
		if err != nil {
			return nil, 0, err
		}
		if any == 0 && len(list) == 0 {
			continue // before the register began
		}
		n, err := q.count(then, end)
		if err != nil {
			return nil, 0, err
		}
		list = append(list, month{end, n})
	}
	n, err := q.count(v, now)
	// Dates in filters are compared with today's, so that the count holds to the
	// end of the day.
	tomorrow := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, time.UTC)
	return append(list, month{now, n}), sextant.InstantOf(tomorrow), err
}

// line gives the points of the curve in a box, from the first month to now.
func (i indicator) line(width, height float64) string {
	top := 1
	for _, m := range i.Months {
		top = max(top, m.Count)
	}
	var points []string
	for n, m := range i.Months {
		x := width
		if len(i.Months) > 1 {
			x = width * float64(n) / float64(len(i.Months)-1)
		}
		points = append(points, fmt.Sprintf("%.1f,%.1f", x, height-height*float64(m.Count)/float64(top)))
	}
	return strings.Join(points, " ")
}
