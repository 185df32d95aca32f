// SPDX-License-Identifier: Apache-2.0

package home

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/findings"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks"
	"sextant/internal/server/web/settings"
	"sextant/monitor"
	"sextant/register"
	"sextant/soa"
)

// homeView is what the first page draws.
type homeView struct {
	Risks    risks.Above
	Started  *settings.Progress // what is left to do before there is a state to see
	Layout   layout
	Controls []soa.Known
	Counted  []soa.Known // without those the SoA leaves out
	States   map[control.State]int
	Today    *figures // at a past moment: how it is now
	figures
	ChecksFailing int
	Heat          []heatRow
	Drifts        []monitor.Drift
	DriftDay      int // changes of the last day
	Themes        []themeRow
	Ready         readiness
	Findings      []findings.Figure
	Stale         []staleRow
	Mine          []workItem
	MineCount     int
	Next          []transition
	Sources       []sourceRow
	Missing       int // expected and not connected
	Expected      int
	Gaps          int
	Trend         trend
	Registers     []registerRow
	Start         bool // nothing is set up yet
	Now           sextant.Instant
	StaleBy       string // date up to which something counts as going stale
	checks        []*check.Compiled
	seen          machine
}

// machine is what the first page draws from observations, and from what takes much
// to read. It is the same for everybody and read once for all of them while
// nothing is recorded; rights are asked afterwards.
type machine struct {
	Gaps    int
	Days    []monitor.DayCounts
	Checked []monitor.Checked
	Drifts  []monitor.Drift

	Findings []findings.Figure
	Ready    readiness
}

// figures are the numbers of the tiles.
type figures struct{ Passing, Applicable, Failing, GoingStale int }

// staleWithin is how far ahead the first page looks for what goes stale.
const staleWithin = 14 * 24 * time.Hour

func (s *section) viewOf(v *register.View, m evidence.Reader, p page.Page) (view homeView, err error) {
	view.Now = v.Now()
	view.StaleBy = view.Now.Add(staleWithin).Time().Format(time.DateOnly)
	if view.Layout, err = layoutOf(v, p); err != nil {
		return view, err
	}
	if view.Controls, err = soa.All(v, m); err != nil {
		return view, err
	}
	if s.way != nil {
		if view.checks, err = s.way.Checks(v); err != nil {
			return view, err
		}
	}
	if view.seen, err = s.observed(&view, v, m); err != nil {
		return view, err
	}
	view.Gaps = view.seen.Gaps
	view.sum()
	if findings.MayRead(v) == nil {
		view.Findings = view.seen.Findings
	}
	if view.Layout.shows("risks") {
		if view.Risks, err = risks.AboveAppetite(v, p); err != nil {
			return view, err
		}
	}
	for _, fill := range view.fills() {
		if view.Layout.shows(fill.widget) {
			if err := fill.fn(v, m); err != nil {
				return view, err
			}
		}
	}
	return view, nil
}

// fills reads what the widgets show that are not hidden.
func (view *homeView) fills() []fill {
	return []fill{{"trend", view.fillTrend}, {"failing", view.fillFailing}, {"drift", view.fillDrift}, {"themes", view.fillThemes}, {"themes", view.fillReady}, {"stale", view.fillStale},
		{"mine", view.fillMine}, {"next", view.fillNext}, {"sources", view.fillSources}, {"registers", view.fillRegisters}}
}

type fill struct {
	widget string
	fn     func(*register.View, evidence.Reader) error
}

// sum counts the states of the controls that count.
func (view *homeView) sum() {
	view.States = map[control.State]int{}
	for _, k := range view.Controls {
		if k.Counts() {
			view.Counted = append(view.Counted, k)
			view.States[k.Evidence.State]++
		}
	}
	view.figures = figuresOf(view.Counted, view.Now)
}

func figuresOf(counted []soa.Known, now sextant.Instant) figures {
	f := figures{Applicable: len(counted)}
	for _, k := range counted {
		switch k.Evidence.State {
		case control.Pass:
			f.Passing++
		case control.Fail:
			f.Failing++
		}
		if goesStale(k, now) {
			f.GoingStale++
		}
	}
	return f
}

// goesStale says whether a statement the control rests on stops counting by the
// end of the last day the list of such controls names.
func goesStale(k soa.Known, now sextant.Instant) bool {
	at := k.Evidence.Expires()
	return at != 0 && at.Time().Format(time.DateOnly) <= now.Add(staleWithin).Time().Format(time.DateOnly)
}

// fillToday says, on a page of the past, how the figures are now.
func (view *homeView) fillToday(v *register.View) error {
	m, err := evidence.On(v)
	if err != nil {
		return err
	}
	all, err := soa.All(v, m)
	if err != nil {
		return err
	}
	now := figuresOf(slices.DeleteFunc(slices.Clone(all), func(k soa.Known) bool { return !k.Counts() }), v.Now())
	view.Today = &now
	return nil
}

// observed reads what the machines told, or recalls it.
func (s *section) observed(view *homeView, v *register.View, m evidence.Reader) (machine, error) {
	return register.Recall(v, "home.observed", func() (seen machine, until sextant.Instant, err error) {
		gaps, err := monitor.Gaps(v, m, view.checks)
		if err != nil {
			return seen, 0, err
		}
		seen.Gaps = len(gaps)
		if seen.Days, err = monitor.Days(m, view.Now.Add(-365*24*time.Hour), view.Now); err != nil {
			return seen, 0, err
		}
		if seen.Checked, err = monitor.CheckedAll(v, m, view.checks); err != nil {
			return seen, 0, err
		}
		if seen.Findings, err = findings.Figures(v, m, s.rules); err != nil {
			return seen, 0, err
		}
		if seen.Ready, err = readinessOf(v); err != nil {
			return seen, 0, err
		}
		seen.Drifts, _, err = monitor.Drifts(v, m, view.checks, nil, 2*driftShown)
		return seen, seen.until(view.Now), err
	})
}

// until is when the clock changes the first of it, and not beyond some minutes.
func (seen machine) until(now sextant.Instant) sextant.Instant {
	until := now.Add(10 * time.Minute)
	for _, c := range seen.Checked {
		if c.Until > now {
			until = min(until, c.Until)
		}
	}
	return until
}

// controlsPath is the list of controls with some filters.
func controlsPath(filters ...string) string {
	return "/controls?" + url.Values{"filter": filters}.Encode()
}

const applicable = "applicability!=not_applicable"

// themeRow is how the controls of one theme stand.
type themeRow struct {
	Theme          framework.Theme
	Number         string
	Counts         map[control.State]int
	Passing, Count int
}

func (view *homeView) fillThemes(_ *register.View, _ evidence.Reader) error {
	for i, theme := range framework.Themes() {
		row := themeRow{Theme: theme, Number: []string{"A.5", "A.6", "A.7", "A.8"}[i], Counts: map[control.State]int{}}
		for _, k := range view.Counted {
			if k.Control.Theme != theme {
				continue
			}
			row.Count++
			row.Counts[k.Evidence.State]++
		}
		row.Passing = row.Counts[control.Pass]
		view.Themes = append(view.Themes, row)
	}
	return nil
}

// staleRow is a control of which something goes stale soon.
type staleRow struct{ ID, Shows, Date string }

const rowsShown = 6

func (view *homeView) fillStale(_ *register.View, _ evidence.Reader) error {
	for _, k := range view.Counted {
		if !goesStale(k, view.Now) {
			continue
		}
		row := staleRow{ID: k.Control.ID, Shows: k.Control.Title, Date: k.Evidence.Expires().Time().Format(time.DateOnly)}
		for _, e := range control.Expiring(k.Evidence, k.Evidence.Expires()+1) {
			if !e.Gone {
				row.Shows = e.Shows
				break
			}
		}
		view.Stale = append(view.Stale, row)
	}
	slices.SortStableFunc(view.Stale, func(a, b staleRow) int { return cmp.Compare(a.Date, b.Date) })
	return nil
}

// transition is a state that changes by the clock alone.
type transition struct {
	ID, Title string
	State     control.State
	At        sextant.Instant
}

// fillNext lists the controls whose failure ceases to be softened: where grace
// or an exception ends.
func (view *homeView) fillNext(_ *register.View, _ evidence.Reader) error {
	for _, k := range view.Counted {
		if s := k.Evidence.State; (s == control.FailInGrace || s == control.Excepted) && k.Evidence.Until != 0 {
			view.Next = append(view.Next, transition{k.Control.ID, k.Control.Title, s, k.Evidence.Until})
		}
	}
	slices.SortStableFunc(view.Next, func(a, b transition) int { return cmp.Compare(a.At, b.At) })
	return nil
}

func (view *homeView) fillRegisters(v *register.View, _ evidence.Reader) (err error) {
	view.Registers, err = registersOf(v)
	return err
}

// bucket is a span of ages, in days.
type bucket struct {
	Label    string // key of its message
	From, To float64
}

var buckets = []bucket{{"home.heat.day", 0, 1}, {"home.heat.week", 1, 8}, {"home.heat.month", 8, 31}, {"home.heat.more", 31, 1e9}}

// heatRow is failing checks of one severity by age.
type heatRow struct {
	Severity check.Severity
	Level    string // of the heat ramp
	Cells    []heatCell
}

type heatCell struct {
	Count int
	Path  string
}

var heatLevels = []struct {
	severity check.Severity
	level    string
}{{check.Critical, "5"}, {check.High, "4"}, {check.Medium, "3"}, {check.Low, "2"}}

const failingStates = "state=fail,fail_in_grace"

func (view *homeView) fillFailing(_ *register.View, _ evidence.Reader) error {
	for _, h := range heatLevels {
		row := heatRow{Severity: h.severity, Level: h.level}
		for _, b := range buckets {
			cell := heatCell{Path: b.path(h.severity)}
			for _, c := range view.seen.Checked {
				age := view.Now.Time().Sub(c.FailsSince.Time()).Hours() / 24
				if c.Severity == h.severity && (c.State == control.Fail || c.State == control.FailInGrace) && age >= b.From && age < b.To {
					cell.Count++
					view.ChecksFailing++
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		view.Heat = append(view.Heat, row)
	}
	return nil
}

// path is the list of the checks a cell counts.
func (b bucket) path(s check.Severity) string {
	filters := []string{failingStates, "severity=" + string(s)}
	if b.From > 0 {
		filters = append(filters, register.Filter{Field: "since", Op: register.AtLeast, Values: []string{number(b.From)}}.String())
	}
	if b.To < 1e9 {
		filters = append(filters, register.Filter{Field: "since", Op: register.Below, Values: []string{number(b.To)}}.String())
	}
	return "/checks?" + url.Values{"filter": filters}.Encode()
}

const driftShown = 6

func (view *homeView) fillDrift(_ *register.View, _ evidence.Reader) error {
	view.Drifts = slices.DeleteFunc(slices.Clone(view.seen.Drifts), func(d monitor.Drift) bool { return d.First() })
	for _, d := range view.Drifts {
		if d.At >= view.Now.Add(-24*time.Hour) {
			view.DriftDay++
		}
	}
	view.Drifts = view.Drifts[:min(len(view.Drifts), driftShown)]
	return nil
}

// sourceRow is one source and how its newest run ended.
type sourceRow struct {
	Title, Path, State, Age, Exact string
	Failing, Complete, Ran         bool
}

func (view *homeView) fillSources(v *register.View, m evidence.Reader) error {
	sources, err := evidence.Sources.All(v)
	if err != nil {
		return err
	}
	for _, s := range sources {
		if s.State == "removed" {
			continue
		}
		row := sourceRow{Title: s.Title(), Path: page.Path(s.Entry), State: page.StateLabel(s.Register, s.State), Failing: s.State == "failing"}
		runs, err := m.Runs(s.Key, v.At(), 1)
		if err != nil {
			return err
		}
		if len(runs) > 0 {
			row.Ran, row.Complete, row.Age, row.Exact = true, runs[0].Complete, page.Age(v.Context(), runs[0].Finished, v.Now()), page.Exact(v.Context(), runs[0].Finished)
		}
		view.Sources = append(view.Sources, row)
	}
	expected, err := evidence.ExpectedSources.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"missing", "connected"}})
	for _, e := range expected {
		view.Expected++
		if e.State == "missing" {
			view.Missing++
		}
	}
	view.Start = len(sources) == 0 && view.Passing == 0
	return err
}
