// SPDX-License-Identifier: Apache-2.0

// Package sources shows whether every system is heard: the health of each
// source, its runs with their manifests, the work that is under way, and what
// could not be seen. What counts as a gap is decided in package monitor.
package sources

import (
	"context"
	"net/http"

	"sextant/access"
	"sextant/check"
	"sextant/connector"
	"sextant/evidence"
	"sextant/internal/job"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// Work is what the pages ask of the program's own work.
type Work interface {
	// CollectNow asks for a collection; one that is under way is given.
	CollectNow(ctx context.Context, actor access.Actor, source string) (job.Job, error)
	// Test tries a source and keeps nothing.
	Test(ctx context.Context, actor access.Actor, source string) (connector.Trial, error)
	Queue() *job.Queue
}

type section struct {
	*page.Site
	way  *monitor.Way
	work Work
}

// Section gives the pages of sources, where the program has any. Without work
// nothing can be collected or tested from a page.
func Section(site *page.Site, way *monitor.Way, work Work) page.Section {
	if way == nil || !site.Has("source") || !site.Has("expected_source") {
		return page.Section{}
	}
	s := &section{site, way, work}
	section := page.Section{
		Items:    []page.Item{{Key: "nav.sources", Path: "/sources", Icon: "i-plug", Prefix: []string{"/runs", "/unseen", "/jobs", "/expected-sources"}}},
		Commands: []page.Command{{Key: "hear.command.unseen", Path: "/unseen", Icon: "i-eyeoff"}, {Key: "hear.command.runs", Path: "/runs", Icon: "i-history"}},
		Routes: map[string]page.Serve{
			"GET /sources":              s.list,
			"GET /sources/export":       s.export,
			"GET /sources/{key}/health": s.health,
			"GET /runs":                 s.runs,
			"GET /runs/{seq}":           s.run,
			"GET /unseen":               s.unseen,
			"GET /unseen/export":        s.exportUnseen,
		},
	}
	if work != nil {
		section.Commands = append(section.Commands, page.Command{Key: "hear.command.jobs", Path: "/jobs", Icon: "i-clock"})
		for pattern, serve := range map[string]page.Serve{
			"POST /sources/{key}/collect": s.collect, "POST /sources/{key}/test": s.test,
			"GET /jobs": s.jobs, "GET /jobs/{id}": s.job, "POST /jobs/{id}/cancel": s.cancel, "POST /jobs/{id}/retry": s.retry,
		} {
			section.Routes[pattern] = serve
		}
	}
	return section
}

// seen is what a page of this section reads from.
type seen struct {
	*register.View
	machine evidence.Reader
	checks  []*check.Compiled
}

func (s *section) look(r *http.Request, actor access.Actor, fn func(*seen) error) error {
	return s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		checks, err := s.way.Checks(v)
		if err != nil {
			return err
		}
		return fn(&seen{View: v, machine: m, checks: checks})
	})
}

// mayWork says whether the actor may collect and test now.
func (s *section) mayWork(actor access.Actor, p page.Page) bool {
	return s.work != nil && !p.Past() && access.May(actor, access.Collect, access.Subject{Register: "source"}, s.Kernel.Now()) == nil
}
