// SPDX-License-Identifier: Apache-2.0

// Package editor is where an organisation writes a check of its own and sees
// what it says before it counts: over what stands now and stood then, over its
// samples, and what it would move. Nothing of a try is kept; what makes a check
// ready is decided in package custom.
package editor

import (
	"sextant/connector"
	"sextant/internal/server/web/page"
	"sextant/monitor"
)

type section struct {
	*page.Site
	way   *monitor.Way
	types []connector.Type
}

// Section gives the editor, where own checks can be kept. types are what the
// connectors declare, for completion.
func Section(site *page.Site, way *monitor.Way, types []connector.Type) page.Section {
	if way == nil || !site.Has("custom_check") {
		return page.Section{}
	}
	s := &section{site, way, types}
	return page.Section{
		Commands: []page.Command{{Key: "editor.command.new", Path: "/checks/new", Icon: "i-plus"}},
		Routes: map[string]page.Serve{
			"GET /checks/new":        s.begin,
			"GET /checks/{id}/edit":  s.open,
			"GET /checks/attributes": s.attributes,
			"POST /checks/editor":    s.act,
		},
	}
}
