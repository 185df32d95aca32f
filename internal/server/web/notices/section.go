// SPDX-License-Identifier: Apache-2.0

// Package notices shows a person what they were told, and lets them mark it as
// read. The register of all notices is a list like any other.
package notices

import (
	"cmp"
	"net/http"

	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/notice"
	"sextant/register"
)

type section struct{ *page.Site }

const path = "/my-notices"

// Section gives the page of one's own notices.
func Section(site *page.Site) page.Section {
	if !site.Has(notice.Notices.Name) {
		return page.Section{}
	}
	s := &section{site}
	return page.Section{
		Commands: []page.Command{{Key: "notices.title", Path: path, Icon: "i-bell"}},
		Routes: map[string]page.Serve{
			"GET " + path: s.mine, "POST " + path + "/read": s.readAll, "POST " + path + "/{notice}/read": s.read,
		},
	}
}

type view struct {
	Unread, Earlier []item
	Total           int // of the unread ones
	MayRead         bool
}

type item struct {
	page.Said
	Notice      string // its key
	When, Exact string
	Mail        string // what became of its mail, "" where none was due
	Alarm       bool
}

// shown is how many of each kind the page lists.
const shown = 100

func (s *section) mine(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "notices.title"))
	var found view
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if actor.Person == "" {
			return nil
		}
		if found.Unread, err = itemsOf(v, notice.Unread); err != nil {
			return err
		}
		if found.Earlier, err = itemsOf(v, notice.Read); err != nil {
			return err
		}
		found.Total, err = v.Count(notice.Mine(actor.Person, notice.Unread))
		return err
	}); err != nil {
		return err
	}
	found.MayRead = !p.Past()
	s.Draw(w, r, minePage(p, found))
	return nil
}

func itemsOf(v *register.View, state string) (items []item, err error) {
	l := notice.Mine(v.Actor().Person, state)
	l.Limit, l.Order = shown, "-key"
	list, err := v.List(l)
	for _, e := range list.Entries {
		n, err := register.As[notice.Notice](e)
		if err != nil {
			return nil, err
		}
		items = append(items, itemOf(v, n))
	}
	return items, err
}

func itemOf(v *register.View, n register.Of[notice.Notice]) item {
	ctx := v.Context()
	i := item{Said: page.NoticeOf(v, n), Notice: n.Key, When: page.Age(ctx, n.Created, v.Now()), Exact: page.Exact(ctx, n.Created)}
	switch n.Fields.Mail {
	case notice.Queued, notice.Sent:
		i.Mail = message.T(ctx, "notices.mail."+n.Fields.Mail)
	case notice.Failed:
		i.Mail, i.Alarm = message.T(ctx, "notices.mail.failed", n.Fields.Problem), true
	}
	return i
}

// read marks one notice, and leads to what it is about where the form says so.
func (s *section) read(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	to := path
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		n, err := notice.Notices.Get(tx, r.PathValue("notice"))
		if err != nil {
			return err
		}
		if r.PostFormValue("open") != "" {
			to = page.NoticeOf(&tx.View, n).Path
		}
		if n.State == notice.Read {
			return nil
		}
		_, err = tx.Transition(notice.Notices.Name, n.Key, 0, "read", nil, register.Note{})
		return err
	}); err != nil {
		return err
	}
	http.Redirect(w, r, cmp.Or(to, path), http.StatusSeeOther)
	return nil
}

func (s *section) readAll(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		var keys []string
		if err := tx.Each(notice.Mine(actor.Person, notice.Unread), func(e register.Entry) error { keys = append(keys, e.Key); return nil }); err != nil {
			return err
		}
		for _, key := range keys {
			if _, err := tx.Transition(notice.Notices.Name, key, 0, "read", nil, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
