// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"net/http"
	"time"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/evidence"
	"sextant/internal/server/web/message"
	"sextant/monitor"
	"sextant/register"
)

// overviewView is what the first page of the section draws.
type overviewView struct {
	All     []monitor.Checked
	Urgent  []monitor.Checked // those that do not pass, capped
	Open    int               // how many do not
	Drifts  []monitor.Drift
	Recent  []monitor.Change // of the last day
	Gaps    int
	Last    *evidence.Run
	Now     sextant.Instant
	Sources int
	Trend   []monitor.DayCounts
}

// urgentShown is how many checks the first page lists.
const (
	urgentShown = 14
	driftShown  = 8
	trendDays   = 30
)

func (s *section) overview(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "monitoring.title"))
	var view overviewView
	if err := s.look(r, actor, func(v *seen) (err error) {
		view, err = v.overview()
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, overviewPage(p, view))
	return nil
}

// overview is the same for everybody who looks within a minute.
func (v *seen) overview() (overviewView, error) {
	view, err := register.Recall(v.View, "monitoring.overview", func() (overviewView, sextant.Instant, error) {
		view, err := v.readOverview()
		return view, v.Now().Add(aMinute), err
	})
	view.Now = v.Now()
	return view, err
}

func (v *seen) readOverview() (view overviewView, err error) {
	view.Now = v.Now()
	if view.All, err = v.checked(); err != nil {
		return view, err
	}
	sources := map[string]bool{}
	for _, c := range view.All {
		if needsWork(c.State) {
			view.Open++
			if len(view.Urgent) < urgentShown {
				view.Urgent = append(view.Urgent, c)
			}
		}
		for _, key := range c.Sources {
			sources[key] = true
		}
	}
	view.Sources = len(sources)
	if view.Drifts, _, err = monitor.Drifts(v.View, v.machine, v.checks, nil, driftShown); err != nil {
		return view, err
	}
	if view.Recent, err = v.recent(view.Now.Add(-24 * time.Hour)); err != nil {
		return view, err
	}
	if view.Trend, err = monitor.Days(v.machine, view.Now.Add(-trendDays*24*time.Hour), view.Now); err != nil {
		return view, err
	}
	gaps, err := monitor.Gaps(v.View, v.machine, v.checks)
	if err != nil {
		return view, err
	}
	view.Gaps = len(gaps)
	runs, err := v.machine.Runs("", v.At(), 1)
	if len(runs) > 0 {
		view.Last = &runs[0]
	}
	return view, err
}

// needsWork leaves out what passes, wholly or where we look.
func needsWork(s control.State) bool { return s != control.Pass && s != control.Partial }

// mostRecent bounds how many changes of a day are counted.
const mostRecent = 100

// recent gives the changes of the checks' states since a moment, first ones
// left out.
func (v *seen) recent(since sextant.Instant) (list []monitor.Change, err error) {
	changes, err := monitor.Changes(v.View, v.machine, monitor.CheckSubject, nil, mostRecent)
	for _, c := range changes {
		if c.At >= since && !c.First() {
			list = append(list, c)
		}
	}
	return list, err
}

func (o overviewView) worse() (n int) {
	for _, c := range o.Recent {
		if c.Worse() {
			n++
		}
	}
	return n
}

func (o overviewView) oldest() (at sextant.Instant) {
	for _, c := range o.All {
		if (c.State == control.Fail || c.State == control.FailInGrace) && (at == 0 || c.FailsSince < at) {
			at = c.FailsSince
		}
	}
	return at
}

func (o overviewView) count(states ...control.State) int { return group(states).count(o.All) }

func (o overviewView) critical() (n int) {
	for _, c := range o.All {
		if c.Severity == "critical" && (c.State == control.Fail || c.State == control.FailInGrace) {
			n++
		}
	}
	return n
}

// trend counts checks in some states for each of the last days.
func (o overviewView) trend(states ...control.State) (values []float64) {
	for _, d := range o.Trend {
		n := 0
		for _, of := range d.Checks {
			for _, s := range states {
				n += of[s.String()]
			}
		}
		values = append(values, float64(n))
	}
	return values
}
