// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/framework"
	"sextant/gap"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/registers"
	"sextant/register"
)

// campaignView is what the page of a campaign draws: how far it is, and where
// the organisation stands.
type campaignView struct {
	Entry     register.Of[gap.Campaign]
	Label     string
	Owner     string
	Units     string
	Asks      int // questions in all units, of a planned campaign
	Result    gap.Result
	People    []personRow
	Typed     int // rows with an answer nobody took for one yet
	Mine      int // open rows of the one who looks
	Previous  string
	Radars    []radar
	Beyond    []beyondView
	MayStart  bool
	MayClose  bool
	MayImport bool
	Summary   string
	Files     []register.Rendering // report and sheet, as they were when it was closed
	Parts     registers.Parts
	Problem   page.Problem
}

// beyondView is where the organisation stands in one framework beyond ISO/IEC
// 27001.
type beyondView struct {
	gap.ByFramework
	Title  string
	Path   string            // of the framework
	Labels map[string]string // of its chapters
}

func beyondOf(v *register.View, by gap.ByFramework) beyondView {
	view := beyondView{ByFramework: by, Labels: map[string]string{}}
	for _, g := range by.Groups {
		view.Title, view.Labels[g.Name] = gap.ChapterTitle(v, g.Name)
	}
	if by.Framework != framework.OwnStandard {
		view.Path = "/frameworks/" + by.Framework
	}
	return view
}

// personRow is what one person was asked.
type personRow struct {
	Key, Name string
	Open, All int
	Due, Date string // of the first open question
	Late      bool
}

func (s *section) campaign(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawCampaign(w, r, actor, nil)
}

func (s *section) drawCampaign(w http.ResponseWriter, r *http.Request, actor access.Actor, problem error) error {
	var view campaignView
	if err := s.Look(r, actor, func(v *register.View, _ evidence.Reader) (err error) {
		if view, err = campaignOf(v, r.PathValue("campaign")); err != nil {
			return err
		}
		view.Parts, err = registers.PartsOf(s.Site, v, r, view.Entry.Entry)
		return err
	}); err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		var ok bool
		if view.Problem, ok = page.ProblemOf(problem); !ok {
			return problem
		}
		status = view.Problem.Status
	}
	s.DrawStatus(w, r, status, campaignPage(s.Page(r, actor, message.T(r.Context(), "gap.campaign.title", view.Entry.Title())), view))
	return nil
}

// opened reads a campaign the actor may read.
func opened(v *register.View, key string) (register.Of[gap.Campaign], error) {
	e, err := v.Entry(gap.Campaigns.Name, key)
	if err != nil {
		return register.Of[gap.Campaign]{}, err
	}
	return register.As[gap.Campaign](e)
}

func campaignOf(v *register.View, key string) (view campaignView, err error) {
	if view.Entry, err = opened(v, key); err != nil {
		return view, err
	}
	rows, err := gap.Rows(v, key)
	if err != nil {
		return view, err
	}
	f := view.Entry.Fields
	view.Label, view.Owner, view.Units = page.StateLabel(view.Entry.Register, view.Entry.State), person(v, f.Owner), unitNames(v, f.ScopeUnits)
	view.Result, view.Summary = gap.ResultOf(rows), page.Markdown(f.Summary)
	if view.Entry.State == gap.Planned {
		asked, err := f.All(v)
		if err != nil {
			return view, err
		}
		view.Asks = len(asked) * len(f.ScopeUnits)
	}
	for _, by := range view.Result.Beyond {
		view.Beyond = append(view.Beyond, beyondOf(v, by))
	}
	if f.Previous != "" {
		view.Previous = v.TitleOf(gap.Campaigns.Name, f.Previous)
	}
	for _, a := range rows {
		if a.State == gap.Open && a.Fields.Answer != gap.NotAssessed {
			view.Typed++
		}
		if a.State == gap.Open && a.Fields.Assignee == v.Actor().Person {
			view.Mine++
		}
	}
	if view.Files, err = v.Renderings(view.Entry.Entry); err != nil {
		return view, err
	}
	view.MayImport = access.May(v.Actor(), access.Import, access.Subject{Register: gap.Answers.Name}, v.Now()) == nil
	view.People = peopleOf(v, rows)
	view.Radars = radarsOf(v.Context(), view.Result)
	for _, t := range v.Possible(view.Entry.Entry) {
		view.MayStart = view.MayStart || t.Name == "start" && t.Refusal == nil
		view.MayClose = view.MayClose || t.Name == "close" && t.Refusal == nil
	}
	return view, nil
}

// peopleOf says what is open with whom, the most first.
func peopleOf(v *register.View, rows []register.Of[gap.Answer]) (list []personRow) {
	for _, a := range rows {
		i := slices.IndexFunc(list, func(p personRow) bool { return p.Key == a.Fields.Assignee })
		if i < 0 {
			list = append(list, personRow{Key: a.Fields.Assignee, Name: person(v, a.Fields.Assignee)})
			i = len(list) - 1
		}
		row := &list[i]
		row.All++
		if a.State != gap.Open {
			continue
		}
		row.Open++
		if due := a.Fields.DueOn; due != "" && (row.Date == "" || due < row.Date) {
			row.Date, row.Due, row.Late = due, page.Until(v.Context(), due, v.Now()), page.Overdue(due, v.Now())
		}
	}
	slices.SortStableFunc(list, func(a, b personRow) int { return b.Open - a.Open })
	return list
}

// start lays the questions out in short transactions and starts the campaign.
func (s *section) start(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("campaign")
	for left := 1; left > 0; {
		if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) (err error) {
			left, err = gap.Prepare(tx, key, gap.PrepareAtOnce)
			return err
		}); err != nil {
			return s.drawCampaign(w, r, actor, err)
		}
	}
	return s.move(w, r, actor, "start", nil)
}

func (s *section) close(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.move(w, r, actor, "close", map[string]any{"summary": r.PostFormValue("summary")})
}

func (s *section) move(w http.ResponseWriter, r *http.Request, actor access.Actor, name string, input map[string]any) error {
	key := r.PathValue("campaign")
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		_, err := tx.Transition(gap.Campaigns.Name, key, 0, name, input, register.Note{})
		return err
	}); err != nil {
		return s.drawCampaign(w, r, actor, err)
	}
	http.Redirect(w, r, path+"/"+key, http.StatusSeeOther)
	return nil
}

// takeTyped takes for answered what was typed in the table or came in a sheet,
// as far as the actor may and each says enough; the rest stays open and is named.
func (s *section) takeTyped(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("campaign")
	refused := 0
	var firstRefusal error
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		rows, err := gap.Rows(tx, key)
		if err != nil {
			return err
		}
		if !tx.MayCreate(gap.Answers.Definition) {
			return sextant.Errorf(sextant.Denied, "your role does not allow you to answer").WithHint("ask the owner of the campaign")
		}
		for _, a := range rows {
			if a.State != gap.Open || a.Fields.Answer == gap.NotAssessed {
				continue
			}
			_, err := tx.Transition(gap.Answers.Name, a.Key, a.Version, "answer", nil, register.Note{Why: "taken from the table"})
			if _, ok := page.StatusOf(err); err != nil && !ok {
				return err
			}
			if err != nil {
				refused++
				if firstRefusal == nil {
					firstRefusal = fmt.Errorf("%s: %w", a.Key, err)
				}
			}
		}
		return nil
	}); err != nil {
		return s.drawCampaign(w, r, actor, err)
	}
	if refused > 0 {
		return s.drawCampaign(w, r, actor, stillOpen(r.Context(), refused, firstRefusal))
	}
	http.Redirect(w, r, path+"/"+key, http.StatusSeeOther)
	return nil
}

func stillOpen(ctx context.Context, n int, first error) error {
	return sextant.Errorf(sextant.Invalid, "%s", message.T(ctx, "gap.typed.refused", n)).WithHint("%s", first.Error())
}
