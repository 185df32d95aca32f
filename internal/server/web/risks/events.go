// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"cmp"
	"slices"
	"strings"

	"sextant"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
)

// event is one thing that happened to the risk, as a sentence.
type event struct {
	At           sextant.Instant
	Icon, Mark   string
	Text, Detail string
	Path         string
	Age, Exact   string
}

const eventsShown = 16

// fillEvents tells what happened: judgements, signatures, plans and what the
// evidence did, the newest first.
func (view *oneView) fillEvents(v *register.View, _ page.Page) error {
	ctx := v.Context()
	for _, e := range view.Judged {
		stage, _ := risk.Evaluations.Definition.Field("stage")
		what := message.Mark(ctx, stage.ValueLabel(e.Fields.Stage))
		text := message.T(ctx, "risk.event.judged", v.TitleOf("person", e.Fields.EvaluatedBy), page.Within(what), e.Fields.LevelName)
		if e.Fields.Level == nil {
			text = message.T(ctx, "risk.event.judged.money", v.TitleOf("person", e.Fields.EvaluatedBy), page.Within(what))
		}
		view.Events = append(view.Events, event{At: e.At, Icon: "i-flag", Text: text, Detail: cut(e.Fields.Rationale), Path: page.Path(e.Entry)})
	}
	for _, a := range view.Acceptances {
		if err := view.moves(v, a.Entry, "risk.event.acceptance."); err != nil {
			return err
		}
	}
	for _, t := range view.Treatments {
		if err := view.moves(v, t.Entry, "risk.event.treatment."); err != nil {
			return err
		}
	}
	if err := view.ownEvents(v); err != nil {
		return err
	}
	slices.SortStableFunc(view.Events, func(a, b event) int { return cmp.Compare(b.At, a.At) })
	view.Events = view.Events[:min(len(view.Events), eventsShown)]
	for i := range view.Events {
		view.Events[i].Age, view.Events[i].Exact = page.Age(ctx, view.Events[i].At, v.Now()), page.Exact(ctx, view.Events[i].At)
	}
	return nil
}

// moves tells the states an entry came to. Moves that stay in a state, and
// states there is no sentence for, are left to the history of that entry.
func (view *oneView) moves(v *register.View, e register.Entry, key string) error {
	revisions, err := v.History(e.Register.Name, e.Key, 0, eventsShown)
	for _, r := range revisions {
		if r.Version > 1 && (r.StateFrom == "" || r.StateFrom == r.State) {
			continue
		}
		x := event{At: r.At, Icon: "i-seal", Path: page.Path(e), Detail: cut(r.Why), Text: message.T(v.Context(), key+r.State, page.Who(v, r.Actor), e.Title(), e.Doc.Text("level_name"))}
		switch {
		case strings.HasPrefix(key, "risk.event.treatment"):
			x.Icon = "i-check"
		case r.State == risk.Broken:
			x.Icon, x.Mark = "i-st-fail", "fail"
		}
		view.Events = append(view.Events, x)
	}
	return err
}

// ownEvents tells how the current level moved, and what people changed.
func (view *oneView) ownEvents(v *register.View) error {
	ctx := v.Context()
	revisions, err := v.History(risk.Risks.Name, view.Key, 0, 3*eventsShown)
	for _, r := range revisions {
		if r.Version == 1 {
			view.Events = append(view.Events, event{At: r.At, Icon: "i-plus", Text: message.T(ctx, "risk.event.new", page.Who(v, r.Actor))})
			continue
		}
		changes := func(field string) int {
			return slices.IndexFunc(r.Changes, func(d register.Difference) bool { return d.Field == field })
		}
		if i := changes("current_level"); i >= 0 && changes("judged_level") < 0 && changes("evaluated_on") < 0 {
			view.levelEvent(v, r, r.Changes[i])
			continue
		}
		if r.State != r.StateFrom && (r.State == risk.Closed || r.State == risk.Rejected || r.StateFrom == risk.Closed) {
			view.Events = append(view.Events, event{At: r.At, Icon: "i-arrow", Text: message.T(ctx, "risk.event.moved", page.Who(v, r.Actor), page.Within(stateWord(ctx)(r.State))), Detail: cut(r.Why)})
			continue
		}
		if !strings.HasPrefix(r.Actor, "system") && r.StateFrom == "" {
			view.Events = append(view.Events, event{At: r.At, Icon: "i-edit", Text: message.T(ctx, "risk.event.edited", page.Who(v, r.Actor), changed(v, r)), Detail: cut(r.Why)})
		}
	}
	return err
}

// levelEvent tells a move of the current level that a judgement did not make.
func (view *oneView) levelEvent(v *register.View, r register.Revision, d register.Difference) {
	was, _ := d.Before.(float64)
	is, _ := d.After.(float64)
	y := view.Editions[r.Doc.Text("criteria")]
	if y == nil || was == 0 || is == 0 {
		return
	}
	key, mark, icon := "risk.event.rose", "fail", "i-up"
	if is < was {
		key, mark, icon = "risk.event.fell", "", "i-down"
	}
	best, _ := r.Doc["best_level"].(float64)
	view.Events = append(view.Events, event{At: r.At, Icon: icon, Mark: mark, Text: message.T(v.Context(), key, y.LevelName(int(was)), risk.SpanName(y, int(best), int(is))), Detail: cut(r.Why)})
}

func changed(v *register.View, r register.Revision) string {
	var labels []string
	for _, d := range r.Changes {
		labels = append(labels, page.Within(message.Mark(v.Context(), d.Label)))
	}
	return strings.Join(labels, ", ")
}

// cut keeps a detail to a line or two.
func cut(text string) string {
	const most = 160
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
