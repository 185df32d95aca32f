// SPDX-License-Identifier: Apache-2.0

package documents

import (
	"net/http"
	"strconv"

	"sextant"
	"sextant/access"
	"sextant/document"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// differenceView is two texts line by line.
type differenceView struct {
	One      oneView
	Before   string
	After    string
	From, To string // keys of the editions, "" where a template is compared
	Lines    []page.DiffLine
	Compare  string // where the author says the template was seen, "" where nobody may
}

func (s *section) difference(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "documents.difference.title"))
	var view differenceView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if view.One, err = s.viewOf(v, r.PathValue("key"), ""); err != nil {
			return err
		}
		if key := p.Query.Get("template"); key != "" {
			return view.template(v, key)
		}
		return view.editions(p.Query.Get("from"), p.Query.Get("to"))
	}); err != nil {
		return err
	}
	s.Draw(w, r, differencePage(p, view))
	return nil
}

func (view *differenceView) edition(key string) (editionView, error) {
	for _, e := range view.One.Editions {
		if e.Key == key {
			return e, nil
		}
	}
	return editionView{}, sextant.Errorf(sextant.NotFound, "%s has no edition %q", view.One.Doc.Key, key)
}

// editions compares two, the newest with the one before it where the address
// names none.
func (view *differenceView) editions(from, to string) error {
	all := view.One.Editions
	if len(all) == 0 {
		return sextant.Errorf(sextant.NotFound, "nothing of it is written yet")
	}
	if to == "" {
		to = all[0].Key
	}
	if from == "" {
		from = all[min(1, len(all)-1)].Key
	}
	before, err := view.edition(from)
	if err != nil {
		return err
	}
	after, err := view.edition(to)
	if err != nil {
		return err
	}
	view.From, view.To, view.Before, view.After = from, to, before.Fields.Edition, after.Fields.Edition
	view.Lines = page.Diff(before.Fields.Body, after.Fields.Body)
	return nil
}

// template compares the template an edition was measured against with the
// newest version of it.
func (view *differenceView) template(v *register.View, key string) error {
	e, err := view.edition(key)
	if err != nil {
		return err
	}
	newest, err := document.FindTemplate(e.Fields.Template)
	if err != nil {
		return err
	}
	view.Before, view.After = e.Fields.TemplateVersion, strconv.Itoa(newest.Version)
	view.Lines = page.Diff(e.Fields.TemplateText, newest.Text)
	for _, m := range v.Possible(e.Entry) {
		if m.Name == "compare" && m.Refusal == nil {
			view.Compare = "/document-versions/" + e.Key + "/transitions/compare"
		}
	}
	return nil
}
