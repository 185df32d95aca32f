// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/access"
	"sextant/register"
)

//go:embed content/*.yaml
var content embed.FS

// story is one telling. Chapters put events in; tell makes them happen in the
// order of time, whatever chapter they come from.
type story struct {
	Parts
	ctx     context.Context //nolint:containedctx // a story lives as long as one call of Fill
	present sextant.Instant
	org     sextant.Organisation
	people  map[string]person // by handle
	units   map[string]string // keys by handle
	keys    map[string]string // keys of entries later events speak of, by handle
	events  []event
}

// event happens at a moment: somebody writes, or something is done by the
// program. What happens at the same moment keeps the order it was put in.
type event struct {
	at    sextant.Instant
	what  string // for errors
	do    func() error
	by    string // whoever writes, by handle
	write func(*register.Tx) error
}

// event puts in what the program does.
func (s *story) event(at sextant.Instant, what string, do func() error) {
	s.events = append(s.events, event{at: min(at, s.present), what: what, do: do})
}

// write puts in what somebody of the company writes. What one person writes at
// one moment is one transaction.
func (s *story) write(at sextant.Instant, by, what string, fn func(*register.Tx) error) {
	s.events = append(s.events, event{at: min(at, s.present), what: what, by: by, write: fn})
}

func (s *story) tell() error {
	slices.SortStableFunc(s.events, func(a, b event) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.by, b.by)) })
	for i := 0; i < len(s.events); {
		n := together(s.events[i:])
		s.Clock.set(s.events[i].at)
		if err := s.happen(s.events[i : i+n]); err != nil {
			return err
		}
		i += n
		if i == len(s.events) || s.endsDay(s.events[i-1].at, s.events[i].at) {
			if err := s.settle(); err != nil {
				return err
			}
		}
		if s.Report != nil {
			s.Report(i, len(s.events))
		}
	}
	return nil
}

// endsDay says whether states are settled between two events: at the end of a
// day, and after everything in the last two. A running installation settles
// after each write; a year of that would take too long to tell.
func (s *story) endsDay(now, next sextant.Instant) bool {
	return now > s.present.Add(-hours(48)) || now.Time().YearDay() != next.Time().YearDay()
}

// together counts the events at the head that are written in one go.
func together(events []event) int {
	n := 1
	for n < len(events) && events[0].write != nil && events[n].write != nil && events[n].at == events[0].at && events[n].by == events[0].by {
		n++
	}
	return n
}

func (s *story) happen(events []event) error {
	first := events[0]
	if first.do != nil {
		return first.failed(first.do())
	}
	return s.Kernel.Write(s.ctx, s.actor(first.by), func(tx *register.Tx) error {
		for _, e := range events {
			if err := e.failed(e.write(tx)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e event) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("demo: %s, %s: %w", e.at.Time().Format("2006-01-02 15:04"), e.what, err)
}

// when is a moment of the story as people write it down: "35d 10:20" is a time
// of day that many days back, "5h12m" counts back from the present.
type when string

func (s *story) at(w when) sextant.Instant {
	days, clock, found := strings.Cut(string(w), "d ")
	if !found {
		back, err := time.ParseDuration(string(w))
		if err != nil {
			panic("demo: " + string(w) + " is no moment of the story: write 35d 10:20 or 5h12m")
		}
		return s.present.Add(-back)
	}
	of, err := time.Parse("15:04", clock)
	var n int
	if _, scan := fmt.Sscan(days, &n); err != nil || scan != nil {
		panic("demo: " + string(w) + " is no moment of the story: write 35d 10:20 or 5h12m")
	}
	midnight := s.present.Time().Truncate(24*time.Hour).AddDate(0, 0, -n)
	return sextant.InstantOf(midnight.Add(time.Duration(of.Hour())*time.Hour + time.Duration(of.Minute())*time.Minute))
}

// date is the day that many days before the present, negative for after.
func (s *story) date(daysAgo int) string {
	return s.present.Time().AddDate(0, 0, -daysAgo).Format(time.DateOnly)
}

// actor is somebody of the company who has just proven who they are.
func (s *story) actor(handle string) access.Actor {
	if handle == "system" {
		return access.SystemActor(s.org, "collect")
	}
	p, known := s.people[handle]
	if !known || p.key == "" {
		panic("demo: nobody is called " + handle + " yet")
	}
	return access.Actor{Organisation: s.org, Name: "person:" + p.key, Email: p.Email, Person: p.key, Roles: p.Roles, Proof: access.Proof{Method: access.Password, At: s.Clock.Now()}}
}

// read decodes one file of the content strictly.
func read(name string, into any) error {
	data, err := content.ReadFile("content/" + name)
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("demo: %s: %w", name, err)
	}
	return nil
}
