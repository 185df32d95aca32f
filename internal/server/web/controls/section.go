// SPDX-License-Identifier: Apache-2.0

// Package controls shows the 93 controls: what is known about each in four
// facets, why, and what is missing. It derives nothing: state and reasons come
// from the domain.
package controls

import (
	"sextant/crosswalk"
	"sextant/internal/server/web/page"
)

type section struct {
	*page.Site
	board crosswalk.Board
}

// Section gives the list of controls and the page of one. It exists where
// controls can be implemented.
func Section(site *page.Site, board crosswalk.Board) page.Section {
	s := &section{site, board}
	if !site.Has("implementation") || !site.Has("soa_row") {
		return page.Section{}
	}
	return page.Section{
		Items:   []page.Item{{Key: "nav.controls", Path: path, Icon: "i-control", Tab: true, Groups: []string{"controls"}}},
		Content: []string{"control"},
		Routes: map[string]page.Serve{
			"GET " + path:                    s.list,
			"GET " + path + "/export":        s.export,
			"GET " + path + "/{id}":          s.one,
			"GET " + path + "/{id}/guidance": s.guidance,
			"POST " + path + "/{id}/tasks":   s.makeTasks,
		},
	}
}

const path = "/controls"
