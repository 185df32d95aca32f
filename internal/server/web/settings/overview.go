// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"context"
	"net/http"

	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/notice"
	"sextant/register"
)

// entry is one line of the overview: where it leads, and the one fact worth
// knowing before going there.
type entry struct {
	Key, Path, Icon string
	Fact            string
	Alarm           bool // the fact asks for something to be done
}

type group struct {
	Key     string
	Entries []entry
}

func (s *section) overview(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.may(actor, access.Inspect); err != nil {
		return err
	}
	var groups []group
	for _, part := range []func(*http.Request, access.Actor) (group, error){s.organisationGroup, s.accessGroup, s.evidenceGroup, s.keepingGroup} {
		g, err := part(r, actor)
		if err != nil {
			return err
		}
		if len(g.Entries) > 0 {
			groups = append(groups, g)
		}
	}
	s.Draw(w, r, overviewPage(s.Page(r, actor, message.T(r.Context(), "settings.title")), groups))
	return nil
}

// registerEntries lead to registers, with how many entries each has.
var registerEntries = []struct{ register, key, icon string }{
	{"management_system", "settings.systems", "i-control"},
	{"scope_unit", "settings.units", "i-branch"},
	{"person", "settings.people", "i-user"},
}

func (s *section) organisationGroup(r *http.Request, actor access.Actor) (g group, err error) {
	g.Key = "settings.group.organisation"
	err = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		if s.Has("organisation") {
			all, err := v.List(register.List{Register: "organisation", Limit: 1})
			if err != nil {
				return err
			}
			for _, e := range all.Entries {
				g.Entries = append(g.Entries, entry{Key: "settings.organisation", Path: page.Path(e), Icon: "i-home", Fact: e.Title()})
			}
		}
		for _, x := range registerEntries {
			if !s.Has(x.register) {
				continue
			}
			e, err := s.counted(v, x.register, x.key, x.icon)
			if err != nil {
				return err
			}
			g.Entries = append(g.Entries, e)
		}
		return nil
	})
	return g, err
}

func (s *section) counted(v *register.View, name, key, icon string) (entry, error) {
	def, err := v.Set().Named(name)
	if err != nil {
		return entry{}, err
	}
	n, err := v.CountOf(name)
	return entry{Key: key, Path: "/" + def.Plural, Icon: icon, Fact: page.Count(n)}, err
}

func (s *section) accessGroup(r *http.Request, actor access.Actor) (group, error) {
	g := group{Key: "settings.group.access"}
	if !s.allows(actor, access.Admit) {
		return g, nil
	}
	members, err := s.Accounts.Members(r.Context(), actor)
	if err != nil {
		return g, err
	}
	waiting, err := s.Accounts.Invitations(r.Context(), actor)
	if err != nil {
		return g, err
	}
	fact := message.N(r.Context(), "settings.members.count", len(members))
	if len(waiting) > 0 {
		fact += ", " + message.N(r.Context(), "settings.members.waiting", len(waiting))
	}
	tokens, err := s.Accounts.Tokens(r.Context(), actor)
	g.Entries = []entry{
		{Key: "settings.members", Path: "/settings/members", Icon: "i-group", Fact: fact},
		{Key: "settings.tokens", Path: "/settings/tokens", Icon: "i-key", Fact: page.Count(len(tokens))},
	}
	return g, err
}

func (s *section) evidenceGroup(r *http.Request, actor access.Actor) (g group, err error) {
	g.Key = "settings.group.evidence"
	if !s.Has("source") {
		return g, nil
	}
	err = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		all, err := v.CountOf("source")
		if err != nil {
			return err
		}
		failing, err := v.CountOf("source", register.Filter{Field: "state", Op: register.Is, Values: []string{"failing"}})
		e := entry{Key: "settings.sources", Path: "/settings/sources", Icon: "i-plug", Fact: page.Count(all)}
		if failing > 0 {
			e.Fact, e.Alarm = message.T(r.Context(), "settings.sources.failing", failing, all), true
		}
		g.Entries = append(g.Entries, e)
		return err
	})
	return g, err
}

func (s *section) keepingGroup(r *http.Request, actor access.Actor) (g group, err error) {
	g.Key = "settings.group.keeping"
	if s.Has("organisation") {
		g.Entries = append(g.Entries, entry{Key: "settings.retention", Path: "/settings/retention", Icon: "i-clock"})
	}
	if s.Log != nil {
		anchor, err := s.Log.LastAnchored(r.Context(), actor.Organisation)
		if err != nil {
			return g, err
		}
		e := entry{Key: "settings.keys", Path: "/settings/keys", Icon: "i-seal", Fact: message.T(r.Context(), "settings.keys.never"), Alarm: true}
		if anchor.Lines > 0 {
			e.Fact, e.Alarm = message.T(r.Context(), "settings.keys.last", page.Age(r.Context(), anchor.At, s.Kernel.Now())), false
		}
		g.Entries = append(g.Entries, e)
	}
	if s.Has(notice.Notices.Name) {
		mail, err := s.mailEntry(r, actor)
		if err != nil {
			return g, err
		}
		g.Entries = append(g.Entries, mail)
	}
	if s.Custody == nil || !s.allows(actor, access.Operate) {
		return g, nil
	}
	fact, alarm, err := s.lastBackup(r.Context(), actor)
	g.Entries = append(g.Entries, entry{Key: "settings.backups", Path: "/settings/backups", Icon: "i-db", Fact: fact, Alarm: alarm})
	return g, err
}

// mailEntry says whether people are told by mail, and leads to what could not
// be sent.
func (s *section) mailEntry(r *http.Request, actor access.Actor) (e entry, err error) {
	e = entry{Key: "settings.mail", Path: "/settings/mail", Icon: "i-send", Fact: message.T(r.Context(), "settings.mail.none"), Alarm: true}
	if s.Mail.Server != "" {
		e.Fact, e.Alarm = message.T(r.Context(), "settings.mail.through", s.Mail.Server), false
	}
	err = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		failed, err := v.Count(mailed(notice.Failed))
		if failed > 0 {
			e.Fact, e.Alarm = message.T(r.Context(), "settings.mail.failed", page.Count(failed)), true
		}
		return err
	})
	return e, err
}

func (s *section) lastBackup(ctx context.Context, actor access.Actor) (fact string, alarm bool, err error) {
	taken, err := s.Custody.LastBackup(ctx, actor.Organisation)
	if err != nil || taken.At == 0 {
		return message.T(ctx, "settings.backups.never"), true, err
	}
	return message.T(ctx, "settings.backups.last", page.Age(ctx, taken.At, s.Kernel.Now())), false, nil
}
