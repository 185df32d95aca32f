// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"context"
	"net/http"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	sheets "sextant/interchange/statement"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/lint"
	"sextant/organisation"
	"sextant/register"
	"sextant/soa"
)

// versionsView lists the versions of one statement.
type versionsView struct {
	System, Title string
	Systems       []systemView
	Versions      []versionView
	Make          string // path of the form of the next one, "" where none can be made
}

// versionView is one version, as far as a page shows it.
type versionView struct {
	Key, Title, State, Label string
	System                   string
	Number                   int
	Change                   string // HTML
	Author, Reviewer         string
	Approver                 string
	ReviewOn, AsOf, Approved string
	Counts                   soa.Counts
	Moves                    []moveView
	Edit                     string // path, "" where it cannot be edited
	Files                    []fileView
	Approval                 bool // there is an approval sheet among them
	Signed                   []signedView
	Said                     page.Discussion
	Cited                    []citedView
	Overtaken                []citedView // valid certificates that cite it though another version is in force
	Before                   string      // path of the comparison with the version before, "" where there is none
	Blockers, Warnings       []raisedView
	Rows                     []soa.CapturedRow // of a version that was reviewed
}

type moveView struct {
	Label, Path, Refusal string
	Signs                bool
}

type fileView struct{ Label, Name, Path, SHA256 string }

type signedView struct{ Who, What, When, Exact, Why, Path string }

type link struct{ Title, Path string }

// citedView is what cites a version.
type citedView struct {
	link
	Kind, State, Until string // of a certificate the day it ends
}

// raisedView is a finding with the place where it is put right, "" for one that
// was found then.
type raisedView struct{ About, Title, Facts, Fix, Path string }

// versionPath is the page of a version: where the kernel's forms lead back to.
func versionPath(key string) string { return "/" + soa.Editions.Plural + "/" + key }

func (s *section) versions(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "versions.title"))
	var view versionsView
	if err := s.Read(r, actor, func(v *register.View) error {
		var of listView
		if err := of.choose(p, v); err != nil {
			return err
		}
		view.System, view.Title, view.Systems = of.System, of.Title, of.Systems
		for i := range view.Systems {
			view.Systems[i].Path = p.Link(path + "/versions?system=" + view.Systems[i].Key)
		}
		list, err := soa.EditionsOf(v, view.System)
		if err != nil {
			return err
		}
		for _, e := range list {
			view.Versions = append(view.Versions, versionOf(v, e))
		}
		view.Make = makePath(v, view.System, list)
		return nil
	}); err != nil {
		return err
	}
	s.Draw(w, r, versionsPage(p, view))
	return nil
}

// makePath leads to the form of the next version, where somebody may make one
// and none is on its way.
func makePath(v *register.View, system string, list []register.Of[soa.Edition]) string {
	open := slices.ContainsFunc(list, func(e register.Of[soa.Edition]) bool { return e.State == soa.Draft || e.State == soa.Reviewed })
	if open || system == "" || v.Moment() != 0 || !v.MayCreate(soa.Editions.Definition) {
		return ""
	}
	return "/" + soa.Editions.Plural + "/new?management_system=" + system + "&author=" + v.Actor().Person
}

// versionOf gives what lists and pages show of a version.
func versionOf(v *register.View, e register.Of[soa.Edition]) versionView {
	f := e.Fields
	name := func(key string) string {
		if key == "" {
			return ""
		}
		return v.TitleOf("person", key)
	}
	state, _ := soa.Editions.Lifecycle.State(e.State)
	return versionView{Key: e.Key, Title: e.Title(), State: e.State, Label: state.Label, System: f.ManagementSystem, Number: f.No(), Change: page.Markdown(f.ChangeSummary), Author: name(f.Author),
		Reviewer: name(f.Reviewer), Approver: name(f.Approver), ReviewOn: f.ReviewOn, AsOf: momentOf(v.Context(), f.StatusAsOf, page.Moment), Approved: momentOf(v.Context(), f.ApprovedAt, page.DayOf)}
}

// momentOf draws a moment as it is stored in a field, "" for none.
func momentOf(ctx context.Context, moment string, draw func(context.Context, sextant.Instant) string) string {
	at, err := sextant.ParseInstant(moment)
	if err != nil {
		return ""
	}
	return draw(ctx, at)
}

func (s *section) version(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "versions.title"))
	var view versionView
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		if _, err := v.Entry(soa.Editions.Name, r.PathValue("key")); err != nil {
			return err
		}
		e, err := soa.Editions.Get(v, r.PathValue("key"))
		if err != nil {
			return err
		}
		view = versionOf(v, e)
		return s.fillVersion(&view, p, v, m, e)
	}); err != nil {
		return err
	}
	p.Title = view.Title
	s.Draw(w, r, versionPage(p, view))
	return nil
}

func (s *section) fillVersion(view *versionView, p page.Page, v *register.View, m evidence.Reader, e register.Of[soa.Edition]) error {
	c, err := sheets.StatedIn(v, m, s.Kernel.Blobs(), e)
	if err != nil {
		return err
	}
	view.Counts = c.Counts()
	if e.State == soa.Draft {
		raised, err := soa.RaisedIn(v, m, e.Fields.ManagementSystem)
		if err != nil {
			return err
		}
		view.Blockers, view.Warnings = raisedViews(p, raised.Blockers), raisedViews(p, raised.Warnings)
	} else {
		view.Rows = c.Rows
		view.remarked(c)
	}
	if err := view.kept(v, e); err != nil {
		return err
	}
	if err := view.linked(p, v, e); err != nil {
		return err
	}
	if view.Said, err = page.DiscussionOn(v, e.Entry); err != nil {
		return err
	}
	view.moves(v, e)
	if view.Number > 1 {
		view.Before = p.Link(comparePath(view.System, view.Number-1, view.Number))
	}
	return nil
}

func raisedViews(p page.Page, verdicts []lint.Verdict) (list []raisedView) {
	for _, verdict := range verdicts {
		for _, f := range verdict.Findings {
			list = append(list, raisedView{soa.About(f), verdict.Rule.Title, f.Facts, verdict.Rule.Fix, p.Link(f.Place)})
		}
	}
	return list
}

// remarked shows what the rules found when the version was reviewed.
func (view *versionView) remarked(c soa.Captured) {
	for _, f := range c.Findings {
		view.Warnings = append(view.Warnings, raisedView{About: f.About, Title: f.Title, Facts: f.Facts})
	}
}

func (view *versionView) kept(v *register.View, e register.Of[soa.Edition]) error {
	files, err := sheets.Kept(v, e)
	for _, f := range sheets.Formats() {
		if file, ok := files[f]; ok && e.State != soa.Draft {
			view.Files = append(view.Files, fileView{f.Label(), file.Name, "/api/v1/attachments/" + file.Key + "/file", file.SHA256})
		}
	}
	if err != nil {
		return err
	}
	sheet, found, err := sheets.ApprovalOf(v, e)
	if view.Approval = found; found {
		view.Files = append(view.Files, fileView{message.T(v.Context(), "version.approval"), sheet.Name, "/api/v1/attachments/" + sheet.Key + "/file", sheet.SHA256})
	}
	return err
}

// linked gives the signatures on a version, and what cites it.
func (view *versionView) linked(p page.Page, v *register.View, e register.Of[soa.Edition]) error {
	links, err := v.BackLinks(e.Entry)
	if err != nil {
		return err
	}
	for _, l := range links {
		switch l.FromRegister {
		case register.SignOffs.Name:
			sign, err := register.SignOffs.Get(v, l.FromKey)
			if err != nil {
				return err
			}
			f, _ := register.SignOffs.Definition.Field("decision")
			view.Signed = append(view.Signed, signedView{v.TitleOf("person", sign.Fields.Person), f.ValueLabel(sign.Fields.Decision), page.Age(v.Context(), sign.At, v.Now()), page.Exact(v.Context(), sign.At), sign.Fields.Reason, p.Link(page.Path(sign.Entry))})
		case register.Attachments.Name, register.Comments.Name:
		default:
			if from, err := v.Entry(l.FromRegister, l.FromKey); err == nil {
				view.cites(p, from)
			}
		}
	}
	return nil
}

func (view *versionView) cites(p page.Page, from register.Entry) {
	state, _ := from.Register.Lifecycle.State(from.State)
	c := citedView{link: link{from.Title(), p.Link(page.Path(from))}, Kind: from.Register.Title, State: state.Label, Until: page.Day(from.Doc.Text("valid_to"))}
	view.Cited = append(view.Cited, c)
	if from.Register.Name == organisation.Certificates.Name && from.State == organisation.CertificateValid && view.State == soa.Superseded {
		view.Overtaken = append(view.Overtaken, c)
	}
}

func (view *versionView) moves(v *register.View, e register.Of[soa.Edition]) {
	for _, m := range v.Possible(e.Entry) {
		move := moveView{Label: m.Label, Path: versionPath(e.Key) + "/transitions/" + m.Name, Signs: m.Sign != ""}
		if m.Refusal != nil {
			if move.Refusal = m.Refusal.Error(); m.Name == "return" {
				continue
			}
		}
		view.Moves = append(view.Moves, move)
	}
	if e.State == soa.Draft && v.Moment() == 0 && v.MayEdit(e.Entry) {
		view.Edit = versionPath(e.Key) + "/edit"
	}
}

func (v versionView) waits(ctx context.Context) string {
	switch v.State {
	case soa.Draft:
		return message.T(ctx, "version.draft.lead", orNobody(ctx, v.Reviewer))
	case soa.Reviewed:
		return message.T(ctx, "version.reviewed.lead", orNobody(ctx, v.Approver))
	case soa.Approved:
		return message.T(ctx, "version.approved.lead", v.Approver, v.Approved)
	}
	return message.T(ctx, "version.superseded.lead", v.Approver, v.Approved)
}

func orNobody(ctx context.Context, name string) string {
	if name == "" {
		return message.T(ctx, "version.nobody")
	}
	return name
}
