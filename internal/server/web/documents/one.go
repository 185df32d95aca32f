// SPDX-License-Identifier: Apache-2.0

package documents

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/document"
	"sextant/internal/server/download"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// oneView is the page of one document.
type oneView struct {
	Doc        register.Of[document.Document]
	Path       string
	Shown      *editionView // nil where nothing is written
	Editions   []editionView
	Moves      []register.Possible // of the edition on its way
	Way        *editionView
	Owner      string
	Approver   string
	Audience   []string
	Fulfils    []named
	Controls   []named
	From       []named
	Reviews    []reviewView
	Files      []fileView
	Events     []eventView
	Until      string
	Overdue    bool
	Newer      int // version of the template that came out since, 0 = none
	Open       []string
	MayWrite   bool
	MayEdit    bool
	MayReview  bool
	MayComment bool
}

type named struct{ ID, Title, Path string }

// editionView is one edition, ready to be drawn.
type editionView struct {
	register.Of[document.Version]
	HTML, Author, Approver, Approved, Exact string
	State, Path, Difference                 string
	Files                                   []fileView // kept renderings, and the file it is
	Current                                 bool       // the one that is shown
}

type fileView struct{ Title, Path string }

type reviewView struct{ Title, Path, Who, On, Outcome, State string }

type eventView struct{ Who, What, When, Exact, Why string }

func (s *section) one(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var view oneView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = s.viewOf(v, r.PathValue("key"), r.URL.Query().Get("edition"))
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, onePage(s.Page(r, actor, view.Doc.Title()), view))
	return nil
}

func (s *section) viewOf(v *register.View, key, edition string) (view oneView, err error) {
	if _, err := v.Entry("document", key); err != nil {
		return view, err
	}
	if view.Doc, err = document.Documents.Get(v, key); err != nil {
		return view, err
	}
	f := view.Doc.Fields
	view.Path = path + "/" + key
	view.Owner, view.Approver = v.TitleOf("person", f.Owner), v.TitleOf("person", f.Approver)
	view.Until = page.Until(v.Context(), f.NextReviewOn, v.Now())
	view.Overdue = view.Doc.State == "active" && f.NextReviewOn != "" && page.Overdue(f.NextReviewOn, v.Now())
	view.MayEdit = v.MayEdit(view.Doc.Entry)
	view.MayReview = f.CurrentVersion != "" && v.MayCreate(document.Reviews.Definition)
	view.MayComment = v.Moment() == 0 && access.May(v.Actor(), access.Comment, access.Subject{}, v.Now()) == nil
	for _, unit := range f.Audience {
		view.Audience = append(view.Audience, v.TitleOf("scope_unit", unit))
	}
	for _, reference := range f.Fulfils {
		view.Fulfils = append(view.Fulfils, named{last(reference), v.TitleOf("requirement", reference), s.ContentPath("requirement", reference)})
	}
	for _, reference := range f.Controls {
		view.Controls = append(view.Controls, named{last(reference), v.TitleOf("control", reference), s.ContentPath("control", reference)})
	}
	for _, fill := range []func(*register.View) error{func(v *register.View) error { return view.fillEditions(v, edition) }, view.fillReviews, view.fillLinks, view.fillFiles, view.fillEvents} {
		if err := fill(v); err != nil {
			return view, err
		}
	}
	return view, nil
}

func last(reference string) string { return reference[strings.LastIndexByte(reference, '/')+1:] }

// fillEditions lists the editions, the newest first, and chooses the one to
// read: that of the address, else the one in force, else the newest.
func (view *oneView) fillEditions(v *register.View, asked string) error {
	all, err := document.Editions(v, view.Doc.Key)
	if err != nil {
		return err
	}
	show := cmp.Or(asked, view.Doc.Fields.CurrentVersion)
	if show == "" && len(all) > 0 {
		show = all[0].Key
	}
	for i, e := range all {
		x, err := view.editionOf(v, e)
		if err != nil {
			return err
		}
		if i+1 < len(all) {
			x.Difference = view.Path + "/difference?from=" + all[i+1].Key + "&to=" + e.Key
		}
		if x.Current = e.Key == show; x.Current {
			x.HTML = page.Markdown(e.Fields.Body)
		}
		view.Editions = append(view.Editions, x)
	}
	view.choose(v)
	if asked != "" && view.Shown == nil {
		return sextant.Errorf(sextant.NotFound, "%s has no edition %q", view.Doc.Key, asked)
	}
	return nil
}

func (view *oneView) choose(v *register.View) {
	mayCreate := v.MayCreate(document.Versions.Definition)
	view.MayWrite = mayCreate
	for i := range view.Editions {
		e := &view.Editions[i]
		if e.Current {
			view.Shown = e
			if newer, ok := document.Newer(e.Fields, document.Templates()); ok {
				view.Newer = newer.Version
			}
		}
		if e.Of.State == "draft" || e.Of.State == "in_review" || e.Of.State == "approved" {
			view.Way, view.Moves, view.Open = e, v.Possible(e.Entry), document.Unresolved(e.Fields.Body)
			view.MayWrite = e.Of.State == "draft" && v.MayEdit(e.Entry)
		}
	}
}

func (view *oneView) editionOf(v *register.View, e register.Of[document.Version]) (editionView, error) {
	x := editionView{Of: e, Author: v.TitleOf("person", e.Fields.Author), State: page.StateLabel(e.Register, e.State), Path: view.Path + "?edition=" + e.Key}
	if at, err := sextant.ParseInstant(e.Fields.ApprovedAt); err == nil {
		x.Approver, x.Approved, x.Exact = v.TitleOf("person", e.Fields.Approver), page.DayOf(v.Context(), at), page.Exact(v.Context(), at)
	}
	if e.Fields.File != nil {
		name, _ := e.Fields.File["name"].(string)
		x.Files = append(x.Files, fileView{name, "/document-versions/" + e.Key + "/file"})
	}
	kept, err := v.Renderings(e.Entry)
	for _, k := range kept {
		x.Files = append(x.Files, fileView{k.Name, "/api/v1/attachments/" + k.Key + "/file"})
	}
	return x, err
}

func (view *oneView) fillReviews(v *register.View) error {
	all, err := document.Reviews.All(v, register.Filter{Field: "document", Op: register.Is, Values: []string{view.Doc.Key}})
	f, _ := document.Reviews.Definition.Field("outcome")
	for _, r := range slices.Backward(all) {
		view.Reviews = append(view.Reviews, reviewView{r.Title(), page.Path(r.Entry), v.TitleOf("person", r.Fields.Reviewer), page.Day(r.Fields.DoneOn), f.ValueLabel(r.Fields.Outcome), page.StateLabel(r.Register, r.State)})
	}
	return err
}

// fillLinks lists what refers to the document from elsewhere.
func (view *oneView) fillLinks(v *register.View) error {
	links, err := v.BackLinks(view.Doc.Entry)
	seen := map[string]bool{}
	for _, l := range links {
		if slices.Contains([]string{"document_version", "document_review", "comment", "attachment", "sign_off"}, l.FromRegister) || seen[l.FromKey] {
			continue
		}
		seen[l.FromKey] = true
		def, err := v.Set().Named(l.FromRegister)
		if err != nil {
			return err
		}
		view.From = append(view.From, named{l.FromKey, v.TitleOf(l.FromRegister, l.FromKey), "/" + def.Plural + "/" + l.FromKey})
	}
	return err
}

func (view *oneView) fillFiles(v *register.View) error {
	files, err := register.Attachments.All(v, register.Filter{Field: "subject", Op: register.Is, Values: []string{view.Doc.Key}}, register.Filter{Field: "state", Op: register.Is, Values: []string{"recorded"}})
	for _, f := range files {
		view.Files = append(view.Files, fileView{f.Title(), "/api/v1/attachments/" + f.Key + "/file"})
	}
	return err
}

// eventsShown is how many changes of the document's entry stand on its page.
const eventsShown = 8

func (view *oneView) fillEvents(v *register.View) error {
	revisions, err := v.History("document", view.Doc.Key, 0, eventsShown)
	for _, rev := range revisions {
		var what []string
		for _, c := range rev.Changes {
			what = append(what, message.Mark(v.Context(), c.Label))
		}
		if rev.StateFrom != "" {
			what = append(what, page.StateLabel(rev.Register, rev.State))
		}
		e := eventView{Who: page.Who(v, rev.Actor), What: strings.Join(what, ", "), When: page.Age(v.Context(), rev.At, v.Now()), Exact: page.Exact(v.Context(), rev.At), Why: rev.Why}
		if rev.Version == 1 {
			e.What = message.T(v.Context(), "documents.begun")
		}
		view.Events = append(view.Events, e)
	}
	return err
}

// file gives the uploaded file of an edition, never to be run or shown inline.
func (s *section) file(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var object map[string]any
	if err := s.Read(r, actor, func(v *register.View) error {
		e, err := v.Entry("document_version", r.PathValue("key"))
		object, _ = e.Doc["file"].(map[string]any)
		return err
	}); err != nil {
		return err
	}
	if object == nil {
		return sextant.Errorf(sextant.NotFound, "this edition is no file")
	}
	return download.Kept(w, r, s.Kernel, actor, object)
}
