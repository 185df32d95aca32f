// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// entryView is what the page of one entry draws.
type entryView struct {
	Def           *register.Definition
	Entry         register.Entry
	ChangedBy     string
	Fields        []shown
	Moves         []register.Possible
	From          []ref // what points here; what it points at stands in its fields
	Children      []childView
	Revisions     []revisionView
	MoreRevisions string
	Said          page.Discussion
	Files         []fileView
	FilesKept     bool
	MayEdit       bool
	MayComment    bool
	Panel         func(page.Page) templ.Component // nil for most registers
}

type childView struct {
	Def   *register.Definition
	Count string
	Hits  []hit
}

// fileView is a file beside an entry; a picture is shown.
type fileView struct {
	Title, Path, Size string
	Picture           bool
	Version           string // that the program wrote it from, "" for what somebody added
}

type revisionView struct {
	Icon, Who, When, Exact, Why string
	AsOf                        string // the entry's page as it was then
	Version                     int
	VersionText, UndoPath       string
	StateFrom, StateTo          string
	Changes                     []change
}

// change is one field of a revision in words.
type change struct{ Label, Before, After string }

// FileCount is the number shown beside the heading.
func (v entryView) FileCount() string { return fmt.Sprint(len(v.Files)) }

// VersionText goes into forms, so that a change in between is noticed.
func (v entryView) VersionText() string { return versionText(v.Entry) }

// path is the entry's own page; forms on it and in the drawer send there.
func (v entryView) path() string { return page.Path(v.Entry) }

// known are the fields that hold something, unknown the rest: they stand apart,
// so that an entry reads as what is known of it.
func (v entryView) known(known bool) (fields []shown) {
	for _, f := range v.Fields {
		if f.filled() == known {
			fields = append(fields, f)
		}
	}
	return fields
}

// editable fields are changed in place.
func (v entryView) editable(p page.Page, f register.Field) bool {
	return v.MayEdit && !p.Past() && !f.Derived && f.Kind != register.File && f.Kind != register.Rows && !v.Def.Lifecycle.Freezes(v.Entry.State, f.Key)
}

const revisionsShown = 20

// entry draws the page every entry has, or leads to the one its register has for
// it, at the moment that is asked for.
func (s *section) entry(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var view entryView
	home := ""
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if home, err = s.homeOf(v, r); err == nil && home == "" {
			view, err = s.entryView(v, r, r.PathValue("register"), r.PathValue("key"))
		}
		return err
	}); err != nil {
		return err
	}
	if home != "" {
		http.Redirect(w, r, home, http.StatusSeeOther)
		return nil
	}
	s.Draw(w, r, entryPage(s.Page(r, actor, view.Entry.Title()), view))
	return nil
}

// homeOf is the page of its own of the entry that is asked for, "" where it has
// none, or its record is asked for.
func (s *section) homeOf(v *register.View, r *http.Request) (string, error) {
	def, err := v.Set().Named(r.PathValue("register"))
	if err != nil || page.IsRecord(r) {
		return "", err
	}
	to := s.Home(def.Name, r.PathValue("key"))
	if to == "" {
		return "", nil
	}
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	_, err = v.Entry(def.Name, r.PathValue("key"))
	return to, err
}

func (s *section) entryView(v *register.View, r *http.Request, name, key string) (entryView, error) {
	e, err := v.Entry(name, key)
	if err != nil {
		return entryView{}, err
	}
	view := entryView{Def: e.Register, Entry: e, ChangedBy: page.Who(v, e.Actor), Fields: s.show(v, e), Moves: v.Possible(e), FilesKept: s.Kernel.Blobs() != nil,
		MayEdit: v.MayEdit(e), MayComment: access.May(v.Actor(), access.Comment, access.Subject{}, v.Now()) == nil}
	for _, fill := range []func(*register.View, *entryView, *http.Request) error{s.fillPanel, s.fillLinks, s.fillChildren, s.fillHistory, s.fillBeside} {
		if err := fill(v, &view, r); err != nil {
			return view, err
		}
	}
	return view, nil
}

// fillPanel takes what a panel shows out of what every entry shows.
func (s *section) fillPanel(v *register.View, view *entryView, _ *http.Request) (err error) {
	panel, ok := s.Panel(view.Def.Name)
	if !ok {
		return nil
	}
	view.Fields = slices.DeleteFunc(view.Fields, func(f shown) bool { return slices.Contains(panel.Fields, f.Field.Key) })
	view.Panel, err = panel.Draw(v, view.Entry)
	return err
}

func (s *section) fillLinks(v *register.View, view *entryView, _ *http.Request) error {
	from, err := v.BackLinks(view.Entry)
	for _, link := range from {
		if link.FromRegister == "comment" || link.FromRegister == "attachment" || isChild(v, view.Def, link.FromRegister) {
			continue
		}
		view.From = append(view.From, s.reference(v, link.FromRegister, link.FromKey))
	}
	return err
}

func isChild(v *register.View, def *register.Definition, name string) bool {
	for _, child := range v.Set().Children(def.Name) {
		if child.Name == name {
			return true
		}
	}
	return false
}

func (s *section) fillChildren(v *register.View, view *entryView, _ *http.Request) error {
	panel, _ := s.Panel(view.Def.Name)
	for _, def := range v.Set().Children(view.Def.Name) {
		if slices.Contains(panel.Children, def.Name) {
			continue
		}
		l := register.List{Register: def.Name, Parent: view.Entry.Key, Limit: 100}
		list, err := v.List(l)
		if err != nil {
			return err
		}
		n, err := v.Count(l)
		if err != nil {
			return err
		}
		child := childView{Def: def, Count: page.Count(n)}
		for _, e := range list.Entries {
			child.Hits = append(child.Hits, hitOf(e))
		}
		view.Children = append(view.Children, child)
	}
	return nil
}

func (s *section) fillHistory(v *register.View, view *entryView, r *http.Request) error {
	before, _ := strconv.Atoi(r.URL.Query().Get("before"))
	revisions, err := v.History(view.Def.Name, view.Entry.Key, before, revisionsShown)
	if err != nil {
		return err
	}
	for _, rev := range revisions {
		view.Revisions = append(view.Revisions, revisionOf(v, view.Def, rev))
	}
	if n := len(revisions); n == revisionsShown && revisions[n-1].Version > 1 {
		view.MoreRevisions = page.Path(view.Entry) + "?before=" + strconv.Itoa(revisions[n-1].Version) + "#history"
	}
	return nil
}

func revisionOf(v *register.View, def *register.Definition, rev register.Revision) revisionView {
	out := revisionView{Icon: "i-edit", Who: page.Who(v, rev.Actor), AsOf: page.Path(rev.Entry) + "?as_of=" + url.QueryEscape(rev.At.String()), When: page.Age(v.Context(), rev.At, v.Now()), Exact: page.Exact(v.Context(), rev.At), Why: rev.Why,
		Version: rev.Version, VersionText: strconv.Itoa(rev.Version), UndoPath: "/" + def.Plural + "/" + rev.Key + "/undo"}
	if rev.Version == 1 {
		out.Icon = "i-plus"
	}
	if rev.StateFrom != "" {
		out.Icon, out.StateFrom, out.StateTo = "i-arrow", page.StateLabel(def, rev.StateFrom), page.StateLabel(def, rev.State)
	}
	for _, d := range rev.Changes {
		f, _ := def.Field(d.Field)
		c := change{Label: d.Label, Before: valueInWords(v, f, d.Before), After: valueInWords(v, f, d.After)}
		if c.After == "" {
			c.After = "–"
		}
		out.Changes = append(out.Changes, c)
	}
	return out
}

func valueInWords(v *register.View, f register.Field, value any) string {
	doc := register.Doc{f.Key: value}
	if value == nil {
		return ""
	}
	if f.Kind == register.Secret {
		return "•••"
	}
	if f.IsReference() {
		text := ""
		for i, key := range doc.Strings(f.Key) {
			if i > 0 {
				text += ", "
			}
			text += v.TitleOf(f.To, key)
		}
		return text
	}
	text := displayText(v.Context(), f, doc)
	if runes := []rune(text); len(runes) > 300 {
		return string(runes[:300]) + "…"
	}
	return text
}

func (s *section) fillBeside(v *register.View, view *entryView, _ *http.Request) error {
	var err error
	if view.Said, err = page.DiscussionOn(v, view.Entry); err != nil {
		return err
	}
	files, err := v.List(register.List{Register: "attachment", Limit: 200, Filters: []register.Filter{{Field: "subject", Op: register.Is, Values: []string{view.Entry.Key}},
		{Field: "state", Op: register.Is, Values: []string{"recorded", "kept"}}}}) // kept are those a transition rendered
	for _, e := range files.Entries {
		view.Files = append(view.Files, fileOf(e))
	}
	return err
}

// pictures are the types a browser draws without running anything.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

func fileOf(e register.Entry) fileView {
	f := fileView{Title: e.Title(), Path: "/api/v1/attachments/" + e.Key + "/file", Version: e.Doc.Text("rendering")}
	if object, ok := e.Doc["file"].(map[string]any); ok {
		kind, _ := object["type"].(string)
		f.Picture = slices.Contains(pictures, kind)
		if size, ok := object["size"].(float64); ok {
			f.Size = bytesText(size)
		}
	}
	return f
}

func bytesText(n float64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%.0f B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.0f KB", n/(1<<10))
	}
	return fmt.Sprintf("%.1f MB", n/(1<<20))
}

// back is the page of the entry a form was on.
func back(r *http.Request) string {
	return "/" + url.PathEscape(r.PathValue("register")) + "/" + url.PathEscape(r.PathValue("key"))
}

func (s *section) change(w http.ResponseWriter, r *http.Request, actor access.Actor, to string, fn func(*register.Tx) error) error {
	if err := s.Kernel.Write(r.Context(), actor, fn); err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *section) remove(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.change(w, r, actor, "/"+r.PathValue("register"), func(tx *register.Tx) error {
		return tx.Delete(r.PathValue("register"), r.PathValue("key"), formVersion(r), register.Note{Why: r.PostFormValue("reason")})
	})
}

func (s *section) undo(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	to, err := strconv.Atoi(r.PostFormValue("to"))
	if err != nil {
		return sextant.Errorf(sextant.Invalid, "say which version to go back to")
	}
	return s.change(w, r, actor, back(r), func(tx *register.Tx) error {
		_, err := tx.Undo(r.PathValue("register"), r.PathValue("key"), 0, to, register.Note{})
		return err
	})
}

func (s *section) comment(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.change(w, r, actor, back(r)+"#comments", func(tx *register.Tx) error {
		if _, err := tx.Entry(r.PathValue("register"), r.PathValue("key")); err != nil {
			return err
		}
		mentions, err := tx.Mentioned(r.PostFormValue("text"))
		if err != nil {
			return err
		}
		_, err = tx.Create("comment", map[string]any{"subject": r.PathValue("key"), "text": r.PostFormValue("text"), "author": actor.Person, "mentions": mentions}, register.Note{})
		return err
	})
}

func formVersion(r *http.Request) int {
	n, _ := strconv.Atoi(r.PostFormValue("version"))
	return n
}
