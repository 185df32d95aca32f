// SPDX-License-Identifier: Apache-2.0

// Package evidence shows what proves the plan lines, machine outcomes and
// statements of people in one list with their age, and guides a person through
// a statement of their own. What counts and until when is decided in packages
// control and monitor.
package evidence

import (
	"net/http"
	"time"

	"sextant"
	"sextant/access"
	"sextant/check"
	machine "sextant/evidence"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

type section struct {
	*page.Site
	way *monitor.Way
}

// Section gives the pages of evidence, where there are plan lines to prove.
func Section(site *page.Site, way *monitor.Way) page.Section {
	if way == nil || !site.Has("attestation") {
		return page.Section{}
	}
	s := &section{site, way}
	return page.Section{
		Items:    []page.Item{{Key: "nav.evidence", Path: "/evidence", Icon: "i-evidence", Groups: []string{"evidence"}}},
		Commands: []page.Command{{Key: "evidence.command.state", Path: "/evidence/asked", Icon: "i-seal"}, {Key: "evidence.command.stale", Path: "/evidence?filter=age%3Dgoing_stale", Icon: "i-clock"}},
		Routes: map[string]page.Serve{
			"GET /evidence":         s.list,
			"GET /evidence/export":  s.export,
			"GET /evidence/asked":   s.asked,
			"GET /evidence/new":     s.form,
			"POST /evidence":        s.state,
			"GET /attestations/new": s.guided,
		},
	}
}

// seen is what a page of this section reads from.
type seen struct {
	*register.View
	machine machine.Reader
	checks  []*check.Compiled
}

func (s *section) look(r *http.Request, actor access.Actor, fn func(*seen) error) error {
	return s.Look(r, actor, func(v *register.View, m machine.Reader) error {
		checks, err := s.way.Checks(v)
		if err != nil {
			return err
		}
		return fn(&seen{View: v, machine: m, checks: checks})
	})
}

// proving is everything that proves; shared, not to be changed.
func (v *seen) proving() ([]monitor.Proving, error) {
	return register.Recall(v.View, "evidence.proving", func() ([]monitor.Proving, sextant.Instant, error) {
		all, err := monitor.ProvingAll(v.View, v.machine, v.checks)
		return all, v.Now().Add(time.Minute), err
	})
}

// askedOf is every line people are asked about; shared, not to be changed.
func (v *seen) askedOf() ([]monitor.Asked, error) {
	return register.Recall(v.View, "evidence.asked", func() ([]monitor.Asked, sextant.Instant, error) {
		all, err := monitor.AskedAll(v.View)
		return all, 0, err
	})
}
