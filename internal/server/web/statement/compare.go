// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"sextant/access"
	"sextant/evidence"
	sheets "sextant/interchange/statement"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/soa"
)

// compareView is what changed from one version to another.
type compareView struct {
	System          string
	Choices         []choiceView
	From, To        string // numbers, "draft" for what stands
	Before, After   sideView
	Groups          []groupView
	Difference      soa.Difference
	Figures         []figureView
	Words           bool // also what does not decide: wording, owners, documents
	Other           int  // sentences that are left away without them
	ToggleWordsPath string
}

type choiceView struct{ Value, Label string }

type sideView struct {
	Name, State, Who string
	Counts           soa.Counts
}

type groupView struct {
	Label     string
	Sentences []soa.Sentence
}

type figureView struct {
	Label   string
	Was, Is int
}

func comparePath(system string, from, to int) string {
	return fmt.Sprintf("%s/compare?system=%s&from=%d&to=%d", path, system, from, to)
}

func (s *section) compare(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "compare.nav"))
	view := compareView{From: p.Query.Get("from"), To: p.Query.Get("to"), Words: p.Query.Get("show") == "all"}
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		var of listView
		if err := of.choose(p, v); err != nil {
			return err
		}
		view.System = of.System
		return view.fill(s, v, m)
	}); err != nil {
		return err
	}
	view.ToggleWordsPath = p.With("show", map[bool]string{true: "", false: "all"}[view.Words])
	s.Draw(w, r, comparePage(p, view))
	return nil
}

func (view *compareView) fill(s *section, v *register.View, m evidence.Reader) error {
	list, err := soa.EditionsOf(v, view.System)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.State != soa.Draft {
			number := strconv.Itoa(e.Fields.No())
			view.Choices = append(view.Choices, choiceView{number, message.T(v.Context(), "version.name", e.Fields.No())})
		}
	}
	if len(view.Choices) == 0 {
		return nil
	}
	if view.From == "" {
		view.From = view.Choices[0].Value
	}
	if view.To == "" || (len(list) > 0 && list[0].State == soa.Draft && view.To == strconv.Itoa(list[0].Fields.No())) {
		view.To = soa.Draft
	}
	before, err := sheets.Stated(v, m, s.Kernel.Blobs(), view.System, view.From)
	if err != nil {
		return err
	}
	after, err := sheets.Stated(v, m, s.Kernel.Blobs(), view.System, view.To)
	if err != nil {
		return err
	}
	view.draw(v, before, after)
	return nil
}

func (view *compareView) draw(v *register.View, before, after soa.Captured) {
	ctx := v.Context()
	view.Before, view.After, view.Difference = side(v, before), side(v, after), soa.Compare(before, after)
	for _, g := range soa.Groups() {
		sentences := view.Difference.In(g)
		switch {
		case len(sentences) == 0:
		case !g.Decides() && !view.Words:
			view.Other += len(sentences)
		default:
			view.Groups = append(view.Groups, groupView{message.Mark(ctx, g.Label()), sentences})
		}
	}
	declared := func(c soa.Captured, value string) (n int) {
		for _, r := range c.Rows {
			if r.Applicability == soa.Applicable && r.Implementation == value {
				n++
			}
		}
		return n
	}
	view.Figures = []figureView{{message.T(ctx, "compare.apply"), view.Before.Counts.Applying, view.After.Counts.Applying}, {message.T(ctx, "compare.out"), view.Before.Counts.Out, view.After.Counts.Out},
		{message.T(ctx, "statement.tab.undecided"), view.Before.Counts.Undecided, view.After.Counts.Undecided}}
	for _, value := range []string{"implemented", "partly", "planned", "not_started"} {
		view.Figures = append(view.Figures, figureView{message.T(ctx, "controls.declared."+value), declared(before, value), declared(after, value)})
	}
}

func side(v *register.View, c soa.Captured) sideView {
	ctx := v.Context()
	view := sideView{Name: message.T(ctx, "compare.now"), Counts: c.Counts()}
	if c.Version == nil {
		return view
	}
	view.Name = message.T(ctx, "version.name", c.Version.Number)
	state := c.Version.State
	if e, err := soa.Editions.Get(v, c.Version.Key); err == nil {
		state = e.State // that of today: what was reviewed was signed since
	}
	known, _ := soa.Editions.Lifecycle.State(state)
	view.State = message.Mark(ctx, known.Label)
	if c.Version.Author != nil {
		view.Who = c.Version.Author.Title
	}
	return view
}

// decidedWhen is the day a sentence's row was decided.
func decidedWhen(ctx context.Context, s soa.Sentence) string { return momentOf(ctx, s.At, page.DayOf) }

func who(s soa.Sentence) string {
	if s.By == nil {
		return ""
	}
	return s.By.Title
}
