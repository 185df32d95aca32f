// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"sextant"
	"sextant/control"
	"sextant/evidence"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// operatedView is how the control stood over a period.
type operatedView struct {
	From, To string // dates, as the form sends them
	Known    bool
	Title    string // the finding, for those who do not see the stripe
	Says     string
	Parts    []stripePart
	Marks    []stripeMark
}

// stripePart is a time in one state, on a line of stripeWidth units.
type stripePart struct {
	State    control.State
	X, Width float64
	Title    string
}

type stripeMark struct {
	X    float64
	Text string
}

const stripeWidth = 745.0

// fillOperated reads the period of the address (?from=2026-01-01&to=…), the last
// twelve months without one.
func (view *controlView) fillOperated(v *register.View, m evidence.Reader, p page.Page) error {
	to := day(p.Query.Get("to"), v.Now().Time()).AddDate(0, 0, 1)
	if to.After(v.Now().Time()) {
		to = v.Now().Time()
	}
	from := day(p.Query.Get("from"), to.AddDate(-1, 0, 0))
	if !from.Before(to) {
		return sextant.Errorf(sextant.Invalid, "the period ends before it starts").At("to")
	}
	o, err := monitor.Operated(v, m, monitor.ControlSubject+view.Control.ID, sextant.InstantOf(from), sextant.InstantOf(to))
	if err != nil {
		return err
	}
	view.Operated = drawOperated(v.Context(), o)
	view.Operated.From, view.Operated.To = from.Format(time.DateOnly), to.Format(time.DateOnly)
	if n := len(o.Spans); n > 0 && p.Query.Get("to") == "" {
		view.Since = o.Spans[n-1].From
	}
	return nil
}

func day(text string, otherwise time.Time) time.Time {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t
	}
	return otherwise
}

func drawOperated(ctx context.Context, o monitor.Operation) operatedView {
	view := operatedView{Known: o.Known > 0}
	place := func(at sextant.Instant) float64 { return stripeWidth * float64(at-o.From) / float64(o.To-o.From) }
	for _, s := range o.Spans {
		x := place(s.From)
		view.Parts = append(view.Parts, stripePart{s.State, x, max(place(s.To)-x-1, 0.8), message.T(ctx, "control.operated.span", message.Mark(ctx, s.State.Label()), page.Moment(ctx, s.From), page.Moment(ctx, s.To))})
	}
	view.Marks = marks(o.From.Time(), o.To.Time(), place)
	view.Says = shares(ctx, o)
	view.Title = message.T(ctx, "control.operated.title", view.Says)
	return view
}

// marks name the months, or every other one where there is no room.
func marks(from, to time.Time, place func(sextant.Instant) float64) (list []stripeMark) {
	months := int(to.Sub(from).Hours()/24/30) + 1
	step := max(1, months/6)
	for t := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC); t.Before(to); t = t.AddDate(0, step, 0) {
		if t.Before(from) {
			t = t.AddDate(0, 1-step, 0)
			continue
		}
		if x := place(sextant.InstantOf(t)); x < stripeWidth-30 {
			list = append(list, stripeMark{x, page.MonthLabel(t)})
		}
	}
	return list
}

// shares says in one line how long the control was in each state, its longest
// failure, and how the population grew.
func shares(ctx context.Context, o monitor.Operation) string {
	if o.Known == 0 {
		return ""
	}
	states := slices.Clone(page.States)
	slices.SortStableFunc(states, func(a, b control.State) int { return cmp.Compare(o.Shares[b], o.Shares[a]) })
	var parts []string
	for _, s := range states {
		if o.Shares[s] > 0 {
			parts = append(parts, message.T(ctx, "control.operated.share", message.Mark(ctx, s.Label()), percent(o.Share(s))))
		}
	}
	text := strings.Join(parts, ", ")
	if length := o.Longest.To.Time().Sub(o.Longest.From.Time()); length > 0 {
		text += " · " + message.T(ctx, "control.operated.longest", duration(ctx, length), page.DayOf(ctx, o.Longest.From))
	} else {
		text += " · " + message.T(ctx, "control.operated.nofailure")
	}
	for _, g := range o.Growth {
		text += " · " + message.T(ctx, "control.operated.growth", strings.ReplaceAll(afterColon(g.Type), "_", " "), g.From, g.To)
	}
	return text
}

func afterColon(kind string) string {
	if _, name, ok := strings.Cut(kind, ":"); ok {
		return name
	}
	return kind
}

// percent rounds down, so that a hundred means all of it, and shows that little
// is not nothing.
func percent(share float64) string {
	n := int(100 * share)
	switch {
	case n == 0:
		return "< 1"
	case n < 100:
		return strconv.Itoa(n)
	}
	return "100"
}

func duration(ctx context.Context, d time.Duration) string {
	if d < 48*time.Hour {
		return message.T(ctx, "age.hours", int(d.Hours()))
	}
	return message.T(ctx, "age.days", int(d.Hours()/24))
}
