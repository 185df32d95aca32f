// SPDX-License-Identifier: Apache-2.0

// Package monitoring shows what the machines found: which checks fail and what
// changed, one check with its results over time, one resource with its
// versions. It concludes nothing: the states come from package monitor.
package monitoring

import (
	"net/http"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/evidence"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

type section struct {
	*page.Site
	way *monitor.Way
}

// Section gives the pages of checks and resources, where the program has
// sources to observe with; way gives the checks in force.
func Section(site *page.Site, way *monitor.Way) page.Section {
	if way == nil || !site.Has("source") || !site.Has("check_setting") {
		return page.Section{}
	}
	s := &section{site, way}
	return page.Section{
		Items:    []page.Item{{Key: "nav.monitoring", Path: "/monitoring", Icon: "i-monitor", Groups: []string{"monitoring"}, Prefix: []string{"/checks", "/drift", "/resources"}}},
		Commands: []page.Command{{Key: "monitoring.command.failing", Path: failing.path(), Icon: "i-monitor"}, {Key: "monitoring.command.drift", Path: "/drift", Icon: "i-history"}},
		Routes: map[string]page.Serve{
			"GET /monitoring":     s.overview,
			"GET /checks":         s.checks,
			"GET /checks/export":  s.exportChecks,
			"GET /checks/{id}":    s.check,
			"GET /drift":          s.drift,
			"GET /resources":      s.resources,
			"GET /resources/{id}": s.resource,

			"GET /resources/{type}/{key...}": s.byKey,
		},
	}
}

// look reads the moment a request asks for, with the checks in force then.
func (s *section) look(r *http.Request, actor access.Actor, fn func(*seen) error) error {
	return s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		checks, err := s.way.Checks(v)
		if err != nil {
			return err
		}
		return fn(&seen{View: v, machine: m, checks: checks})
	})
}

// seen is what a page of this section reads from.
type seen struct {
	*register.View
	machine evidence.Reader
	checks  []*check.Compiled
}

// aMinute is how long an answer that depends on the clock is shared: the states
// of checks change by themselves, and nobody waits for the second.
const aMinute = time.Minute

// checked tells how every check stands; shared, not to be changed.
func (v *seen) checked() ([]monitor.Checked, error) {
	return register.Recall(v.View, "monitoring.checked", func() ([]monitor.Checked, sextant.Instant, error) {
		all, err := monitor.CheckedAll(v.View, v.machine, v.checks)
		urgentFirst(all)
		return all, v.Now().Add(aMinute), err
	})
}

// typeName is a resource type as people read it: rds_instance of aws.
func typeName(kind string) string {
	_, name, found := strings.Cut(kind, ":")
	if !found {
		return kind
	}
	return strings.ReplaceAll(name, "_", " ")
}

// service is the outside system and the first word of the type: aws rds.
func service(kind string) string {
	system, name, _ := strings.Cut(kind, ":")
	first, _, _ := strings.Cut(name, "_")
	return system + " " + first
}
