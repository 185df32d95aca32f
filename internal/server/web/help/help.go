// SPDX-License-Identifier: Apache-2.0

// Package help shows the handbook inside the program.
package help

import (
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/docs/manual"
	"sextant/internal/server/web/page"
)

type section struct{ *page.Site }

// Section gives the handbook.
func Section(site *page.Site) page.Section {
	s := &section{site}
	return page.Section{
		Items:    []page.Item{{Key: "nav.help", Path: "/help", Icon: "i-doc"}},
		Commands: []page.Command{{Key: "help.keys", Path: "/help/keyboard", Icon: "i-key"}},
		Routes:   map[string]page.Serve{"GET /help": s.first, "GET /help/{chapter}": s.chapter},
	}
}

func (s *section) first(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.draw(w, r, actor, manual.Chapters()[0])
}

func (s *section) chapter(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	c, ok := manual.Find(r.PathValue("chapter"))
	if !ok {
		return sextant.Errorf(sextant.NotFound, "the handbook has no chapter %q", r.PathValue("chapter"))
	}
	return s.draw(w, r, actor, c)
}

func (s *section) draw(w http.ResponseWriter, r *http.Request, actor access.Actor, c manual.Chapter) error {
	s.Draw(w, r, chapterPage(s.Page(r, actor, c.Title), c, page.Markdown(c.Text)))
	return nil
}
