// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/evidence"
	"sextant/internal/server/web/message"
	"sextant/monitor"
)

// runsView is what the list of runs draws.
type runsView struct {
	Runs    []evidence.Run
	Source  string            // the one that is shown, "" for all
	Sources map[string]string // names by key
	Order   []string
	More    bool
	Now     sextant.Instant
}

// runsShown is how many runs a page lists.
const runsShown = 100

func (s *section) runs(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "hear.runs.title"))
	view := runsView{Source: p.Query.Get("source"), Sources: map[string]string{}}
	before, err := strconv.ParseInt(p.Query.Get("before"), 10, 64)
	if err != nil && p.Query.Get("before") != "" {
		return sextant.Errorf(sextant.Invalid, "the page mark does not belong to this list").WithHint("start from the first page").At("before")
	}
	if err := s.look(r, actor, func(v *seen) error {
		at := v.At()
		if before > 0 {
			at = min(at, sextant.Seq(before)-1)
		}
		view.Now = v.Now()
		if err := view.name(v); err != nil {
			return err
		}
		runs, err := v.machine.Runs(view.Source, at, runsShown+1)
		view.Runs, view.More = runs[:min(len(runs), runsShown)], len(runs) > runsShown
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, runsPage(p, view))
	return nil
}

func (view *runsView) name(v *seen) error {
	list, err := evidence.Sources.All(v.View)
	for _, s := range list {
		view.Sources[s.Key], view.Order = s.Title(), append(view.Order, s.Key)
	}
	return err
}

// runView is what the page of one run draws.
type runView struct {
	evidence.Run
	Manifest connector.Manifest
	Name     string // of the source
	Types    []monitor.TypeSeen
	Failures []connector.Failure
	Changed  []changed
	More     int
	Before   *evidence.Run // of the same source
	Next     *evidence.Run
	Whole    int
	Now      sextant.Instant
}

// changed is a resource a run saw otherwise than before.
type changed struct {
	evidence.Resource
	Moves []string
}

// changedShown is how many changed resources a run names.
const changedShown = 12

func (s *section) run(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil {
		return sextant.Errorf(sextant.NotFound, "there is no run %q", r.PathValue("seq"))
	}
	var view runView
	if err := s.look(r, actor, func(v *seen) (err error) {
		view, err = v.runView(sextant.Seq(seq))
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, runPage(s.Page(r, actor, message.T(r.Context(), "hear.run.of", view.Name)), view))
	return nil
}

func (v *seen) runView(seq sextant.Seq) (view runView, err error) {
	if view.Run, err = v.machine.Run(seq); err != nil || seq > v.At() {
		if err == nil {
			err = sextant.Errorf(sextant.NotFound, "there was no run %d yet", seq)
		}
		return view, err
	}
	if err := json.Unmarshal(view.Run.Manifest, &view.Manifest); err != nil {
		return view, fmt.Errorf("manifest of run %d: %w", seq, err)
	}
	view.Name, view.Now = v.TitleOf("source", view.Source), v.Now()
	view.Types, view.Failures = monitor.ByType(view.Manifest), connector.Distinct(view.Manifest.Failures())
	for _, t := range view.Types {
		view.Whole += t.Whole
	}
	return view, v.neighbours(&view)
}

// neighbours finds the runs of the source before and after, and what changed
// since the one before.
func (v *seen) neighbours(view *runView) error {
	earlier, err := v.machine.Runs(view.Source, view.Seq, 2)
	if err != nil {
		return err
	}
	if len(earlier) == 2 {
		view.Before = &earlier[1]
	}
	later, err := v.machine.Runs(view.Source, v.At(), 200)
	for _, run := range later {
		if run.Seq > view.Seq {
			view.Next = &run
		}
	}
	if err != nil || view.Before == nil {
		return err
	}
	return v.changedIn(view)
}

// changedIn names resources of which a version of the run's source began in it.
func (v *seen) changedIn(view *runView) error {
	for _, t := range view.Types {
		ids, err := v.machine.ChangedResources(t.Type, view.Before.Seq, view.Seq)
		if err != nil {
			return err
		}
		standing, err := v.machine.ResourcesOf(t.Type, ids, view.Seq)
		if err != nil {
			return err
		}
		for _, r := range standing {
			thing, err := v.machine.Thing(r.ID)
			if err != nil {
				return err
			}
			if thing.Source != view.Source {
				continue
			}
			if len(view.Changed) == changedShown {
				view.More++
				continue
			}
			view.Changed = append(view.Changed, changed{Resource: thing})
		}
	}
	return nil
}

func took(m evidence.Run) string {
	return m.Finished.Time().Sub(m.Started.Time()).Round(100 * time.Millisecond).String()
}

// accounts of a manifest, in order.
func accounts(m connector.Manifest) (list []string) {
	for _, p := range m.Populations {
		if !slices.Contains(list, p.Account) {
			list = append(list, p.Account)
		}
	}
	return list
}

// regions of a manifest that were read, in order.
func regions(m connector.Manifest) (list []string) {
	for _, p := range m.Populations {
		if p.Region != connector.Global && p.Region != connector.AnyRegion && !slices.Contains(list, p.Region) {
			list = append(list, p.Region)
		}
	}
	slices.Sort(list)
	return list
}
