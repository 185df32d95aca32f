// SPDX-License-Identifier: Apache-2.0

// Package statement shows the Statement of Applicability: which controls apply,
// why, and what shows it. Decisions are made row by row, in place or by a plain
// form; what is declared and what the evidence shows stand beside them and are
// changed elsewhere. Its rules are those of package soa.
package statement

import (
	"maps"

	"sextant/internal/server/web/page"
	"sextant/soa"
)

type section struct {
	*page.Site
	proposers []soa.Proposer
}

const path = "/statement"

// Section gives the statement of each management system.
func Section(site *page.Site, proposers []soa.Proposer) page.Section {
	s := &section{site, proposers}
	if !site.Has("soa_row") || !site.Has("soa") || !site.Has("management_system") || !site.Has("implementation") {
		return page.Section{}
	}
	section := page.Section{
		Commands: []page.Command{{Key: "versions.title", Path: path + "/versions", Icon: "i-history"}},
		Items:    []page.Item{{Key: "nav.statement", Path: path, Icon: "i-soa", Prefix: []string{"/" + soa.Editions.Plural}}},
		Routes: map[string]page.Serve{
			"GET " + path:                             s.list,
			"GET " + path + "/versions":               s.versions,
			"GET " + versionPath("{key}"):             s.version,
			"GET " + path + "/compare":                s.compare,
			"GET " + path + "/export":                 s.export,
			"GET " + path + "/{system}/{id}":          s.form,
			"GET " + path + "/{system}/{id}/edit":     s.form,
			"POST " + path + "/{system}/{id}/edit":    s.decide,
			"POST " + path + "/{system}/{id}/reasons": s.toggle,
		},
	}
	maps.Copy(section.Routes, s.elsewhere())
	maps.Copy(section.Routes, s.reasonRoutes())
	return section
}

// elsewhere are the pages for sheets made elsewhere, and for what they propose.
func (s *section) elsewhere() map[string]page.Serve {
	if !s.Has("migration_proposal") {
		return nil
	}
	return map[string]page.Serve{
		"GET " + importPath:                     s.importForm,
		"POST " + importPath:                    s.importSheet,
		"GET " + samplePath:                     s.sample,
		"GET " + proposalsPath:                  s.proposals,
		"POST " + proposalsPath + "/confirm":    s.confirmReady,
		"POST " + proposalsPath + "/undo":       s.undoProposals,
		"GET " + proposalsPath + "/{proposal}":  s.proposal,
		"POST " + proposalsPath + "/{proposal}": s.decideProposal,
	}
}
