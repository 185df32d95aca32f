// SPDX-License-Identifier: Apache-2.0

// Package find answers "where is it?": the search over entries, content, pages
// and commands. The command palette is the same page, taken in part by a script;
// the menu of all pages is what narrow screens open.
package find

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

type section struct{ *page.Site }

// Section gives search and menu.
func Section(site *page.Site) page.Section {
	s := &section{site}
	return page.Section{Routes: map[string]page.Serve{"GET /search": s.search, "GET /menu": s.menu}}
}

// hit is one thing that was found.
type hit struct{ Key, Title, Path, Kind, Icon string }

// group is hits of one sort.
type group struct {
	Label string
	Hits  []hit
}

// Limits of what one answer shows.
const (
	mostEntries = 30
	mostContent = 12
)

func (s *section) search(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	words := strings.TrimSpace(r.URL.Query().Get("q"))
	var groups []group
	err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) (err error) {
		groups, err = s.found(v, words)
		return err
	})
	if err != nil {
		return err
	}
	s.Draw(w, r, searchPage(s.Page(r, actor, message.T(r.Context(), "search.title")), words, groups))
	return nil
}

// found gives what the words mean. A sign in front narrows: > commands only,
// @ people only, # keys and ids only.
func (s *section) found(v *register.View, words string) ([]group, error) {
	ctx := v.Context()
	pages, commands := s.pages(v, words), s.commands(v, words)
	if rest, ok := strings.CutPrefix(words, ">"); ok {
		return kept(group{message.T(ctx, "search.commands"), s.commands(v, strings.TrimSpace(rest))}), nil
	}
	if rest, ok := strings.CutPrefix(words, "@"); ok {
		people, err := s.entries(v, strings.TrimSpace(rest), "person")
		return kept(group{message.T(ctx, "search.people"), people}), err
	}
	words = strings.TrimPrefix(words, "#")
	entries, err := s.entries(v, words, "")
	if err != nil {
		return nil, err
	}
	content, err := s.content(v, words)
	if err != nil {
		return nil, err
	}
	return kept(group{message.T(ctx, "search.key"), s.byKey(v, words)}, group{message.T(ctx, "search.pages"), pages}, group{message.T(ctx, "search.commands"), commands},
		group{message.T(ctx, "search.content"), content}, group{message.T(ctx, "search.entries"), entries}), nil
}

func kept(groups ...group) []group {
	return slices.DeleteFunc(groups, func(g group) bool { return len(g.Hits) == 0 })
}

// byKey is the one entry that has exactly this key.
func (s *section) byKey(v *register.View, words string) []hit {
	key := strings.ToUpper(words)
	def, ok := v.Set().OfKey(key)
	if !ok {
		return nil
	}
	e, err := v.Entry(def.Name, key)
	if err != nil {
		return nil
	}
	return []hit{entryHit(v.Context(), e)}
}

func entryHit(ctx context.Context, e register.Entry) hit {
	return hit{Key: e.Key, Title: e.Title(), Path: page.Path(e), Kind: message.Mark(ctx, e.Register.Title), Icon: "i-doc"}
}

// pages are the entries of the navigation and the registers.
func (s *section) pages(v *register.View, words string) (hits []hit) {
	ctx := v.Context()
	for _, section := range s.Sections {
		for _, item := range section.Items {
			allowed := item.Needs == "" || access.May(v.Actor(), item.Needs, access.Subject{}, v.Now()) == nil
			if label := message.T(ctx, item.Key); allowed && has(label, words) {
				hits = append(hits, hit{Title: label, Path: item.Path, Kind: message.T(ctx, "search.page"), Icon: item.Icon})
			}
		}
	}
	for _, def := range s.Kernel.Set().All() {
		if label := message.Mark(ctx, def.Titles); def.Group != "" && has(label, words) {
			hits = append(hits, hit{Title: label, Path: "/" + def.Plural, Kind: message.T(ctx, "search.register"), Icon: "i-grid"})
		}
	}
	return hits
}

// commands are what the actor may do: those of the sections, and a new entry of
// each register.
func (s *section) commands(v *register.View, words string) (hits []hit) {
	ctx := v.Context()
	for _, section := range s.Sections {
		for _, c := range section.Commands {
			allowed := c.Needs == "" || access.May(v.Actor(), c.Needs, access.Subject{}, v.Now()) == nil
			if label := message.T(ctx, c.Key); allowed && has(label, words) {
				hits = append(hits, hit{Title: label, Path: c.Path, Kind: message.T(ctx, "search.command"), Icon: c.Icon})
			}
		}
	}
	for _, def := range v.Set().All() {
		label := message.T(ctx, "form.new.title", page.Within(message.Mark(ctx, def.Title)))
		if def.Group != "" && v.MayCreate(def) && words != "" && has(label, words) {
			hits = append(hits, hit{Title: label, Path: "/" + def.Plural + "/new", Kind: message.T(ctx, "search.command"), Icon: "i-plus"})
		}
	}
	return hits
}

// content is what references point at that is no register: controls, checks.
func (s *section) content(v *register.View, words string) (hits []hit, err error) {
	if words == "" {
		return nil, nil
	}
	for _, kind := range v.Set().ContentKinds() {
		references, err := v.ContentReferences(kind)
		if err != nil {
			return nil, err
		}
		for _, reference := range references {
			path, title := s.ContentPath(kind, reference), v.TitleOf(kind, reference)
			if path != "" && len(hits) < mostContent && has(title, words) {
				hits = append(hits, hit{Title: title, Path: path, Kind: message.T(v.Context(), "search.kind."+kind), Icon: "i-" + kind})
			}
		}
	}
	return hits, nil
}

func (s *section) entries(v *register.View, words, only string) (hits []hit, err error) {
	if words == "" {
		return nil, nil
	}
	entries, err := v.Find(words, mostEntries)
	if sextant.CodeOf(err) == sextant.Invalid {
		return nil, nil
	}
	for _, e := range entries {
		if only == "" || e.Register.Name == only {
			hits = append(hits, entryHit(v.Context(), e))
		}
	}
	return hits, err
}

// has says whether a label holds every word, in any order and case.
func has(label, words string) bool {
	label = strings.ToLower(label)
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		if !strings.Contains(label, word) {
			return false
		}
	}
	return true
}

// menu lists every page and command, for narrow screens and for the curious.
func (s *section) menu(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var groups []group
	err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		groups = kept(group{message.T(r.Context(), "search.pages"), s.pages(v, "")}, group{message.T(r.Context(), "search.commands"), s.commands(v, "")})
		return nil
	})
	if err != nil {
		return err
	}
	s.Draw(w, r, menuPage(s.Page(r, actor, message.T(r.Context(), "menu.title")), groups))
	return nil
}
