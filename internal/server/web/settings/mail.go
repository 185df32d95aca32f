// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"net/http"
	"net/url"

	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/notice"
	"sextant/register"
)

// mailView is how people are told outside the program.
type mailView struct {
	Mail
	Counts []mailCount
}

type mailCount struct {
	Label, Path string
	Count       int
}

// mailed are the notices whose mail stands so.
func mailed(how string) register.List {
	return register.List{Register: notice.Notices.Name, Filters: []register.Filter{{Field: "mail", Op: register.Is, Values: []string{how}}}}
}

func (s *section) mail(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.may(actor, access.Inspect); err != nil {
		return err
	}
	view := mailView{Mail: s.Mail}
	if err := s.Read(r, actor, func(v *register.View) error {
		f, _ := notice.Notices.Field("mail")
		for _, value := range f.Values {
			n, err := v.Count(mailed(value.Name))
			if err != nil {
				return err
			}
			view.Counts = append(view.Counts, mailCount{Label: message.Mark(r.Context(), value.Label), Count: n,
				Path: "/" + notice.Notices.Plural + "?" + url.Values{"filter": {"mail=" + value.Name}}.Encode()})
		}
		return nil
	}); err != nil {
		return err
	}
	s.Draw(w, r, mailPage(s.Page(r, actor, message.T(r.Context(), "settings.mail")), view))
	return nil
}

// shownCount is a count as people read it.
func (c mailCount) shownCount() string { return page.Count(c.Count) }
