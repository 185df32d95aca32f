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

// event happens at a moment. What happens at the same moment keeps the order it
// was put in.
type event struct {
	at   sextant.Instant
	what string // for errors
	do   func() error
}

func (s *story) event(at sextant.Instant, what string, do func() error) {
	s.events = append(s.events, event{min(at, s.present), what, do})
}

func (s *story) tell() error {
	slices.SortStableFunc(s.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	for i, e := range s.events {
		s.Clock.set(e.at)
		if err := e.do(); err != nil {
			return fmt.Errorf("demo: %s, %s: %w", e.at.Time().Format("2006-01-02 15:04"), e.what, err)
		}
		if s.Report != nil {
			s.Report(i+1, len(s.events))
		}
	}
	return nil
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

// as writes as somebody of the company who has just proven who they are.
func (s *story) as(handle string, fn func(*register.Tx) error) error {
	return s.Kernel.Write(s.ctx, s.actor(handle), fn)
}

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
