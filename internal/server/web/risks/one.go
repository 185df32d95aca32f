// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sextant/access"
	"sextant/control"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/registers"
	"sextant/register"
	"sextant/risk"
)

// oneView is what the page of one risk draws.
type oneView struct {
	risk.Story
	Parts       registers.Parts
	Owner       string // name
	MayAccept   string // how high the owner may accept, in words
	Broken      *brokenView
	Stages      []stageBox
	Controls    []treatingRow
	NotCounted  bool // something was declared since the judgement
	Sentence    string
	Choices     []choice // controls that could treat it too
	Steps       []string // 0 and the most steps a scale has
	Loss        *lossView
	Signs       signs
	Plans       []planRow
	Events      []event
	Moves       []register.Possible
	MayEdit     bool
	MayEvaluate bool
	MayPlan     bool
	Facts       []fact
	Problem     page.Problem
	Typed       map[string][]string // what was sent and refused
}

// brokenView says what broke an acceptance and what can be done.
type brokenView struct {
	Was      chip
	On, Why  string
	Signed   string
	Now      string
	Back     bool     // current is not above what was signed any more
	Controls []choice // those that gave something back or are not known
	Needs    string   // who may accept the level of now, where the owner may not
}

// choice is a key with its name.
type choice struct{ Key, Name string }

// stageBox is one of the four stages.
type stageBox struct {
	Key, Label  string
	Best, Worst int
	By          *risk.Yardstick
	Where       string // likelihood, consequence
	Says, Exact string
	Path        string // that judges it, "" where one may not
	Earlier     bool   // by criteria that are no longer in force
	State       string // of the acceptance
}

// treatingRow is a control that treats the risk.
type treatingRow struct {
	ID, Title, Reference, Path string
	State                      control.State
	Effect                     risk.Effect
	Declared                   string
	Now                        string
	Verdict                    risk.Verdict
}

// fact is a line of what is known about the risk.
type fact struct{ Label, Text, Path string }

func (s *section) one(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawOne(w, r, actor, r.PathValue("key"), nil)
}

// drawOne draws the page of a risk, with what was refused where its form is.
func (s *section) drawOne(w http.ResponseWriter, r *http.Request, actor access.Actor, key string, refused error) error {
	status := http.StatusOK
	var problem page.Problem
	if refused != nil {
		var ok bool
		if problem, ok = page.ProblemOf(refused); !ok {
			return refused
		}
		status = problem.Status
	}
	p := s.Page(r, actor, key)
	p.Path = path + "/" + key
	view := oneView{Problem: problem, Typed: r.PostForm}
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if view.Story, err = risk.Tell(v, key); err != nil {
			return err
		}
		if view.Parts, err = registers.PartsOf(s.Site, v, r, view.Entry); err != nil {
			return err
		}
		return view.fill(v, p)
	}); err != nil {
		return err
	}
	p.Title = view.Title()
	s.DrawStatus(w, r, status, onePage(p, view))
	return nil
}

func (view *oneView) fill(v *register.View, p page.Page) error {
	f := view.Row.Fields
	if f.Owner != "" {
		view.Owner = v.TitleOf("person", f.Owner)
	}
	view.Moves = v.Possible(view.Entry)
	view.MayEdit = v.MayEdit(view.Entry) && isOpen(view.Row) && !p.Past()
	view.MayEvaluate = v.MayCreate(risk.Evaluations.Definition) && isOpen(view.Row) && f.Owner != "" && view.InForce != nil && !p.Past()
	view.MayPlan = v.MayCreate(risk.Treatments.Definition) && isOpen(view.Row) && !p.Past()
	view.fillStages(v, p)
	view.fillControls(v, p)
	view.fillFacts(v)
	for _, fill := range []func(*register.View, page.Page) error{view.fillAuthority, view.fillSigns, view.fillPlans, view.fillBroken, view.fillLoss, view.fillEvents, view.fillChoices} {
		if err := fill(v, p); err != nil {
			return err
		}
	}
	return nil
}

// fillStages lays out where the risk stands at each stage.
func (view *oneView) fillStages(v *register.View, p page.Page) {
	ctx := v.Context()
	for _, stage := range stages {
		place := view.Places[stage]
		b := stageBox{Key: stage, Label: message.T(ctx, "risk.stage."+stage), Best: place.Level, Worst: place.Level, By: view.yardstickOf(stage)}
		b.Earlier = place.Level > 0 && place.Criteria != view.Story.Criteria && stage != risk.Residual
		if b.By != nil && place.Likelihood > 0 {
			b.Where = b.By.LikelihoodName(place.Likelihood) + ", " + b.By.ConsequenceName(place.Consequence)
		}
		if e, ok := view.Newest[stage]; ok && stage != risk.Residual {
			b.Says, b.Exact = message.T(ctx, "risk.judged", page.Day(e.Fields.EvaluatedOn), v.TitleOf("person", e.Fields.EvaluatedBy)), e.Fields.EvaluatedOn
		}
		if view.MayEvaluate && stage != risk.Residual {
			b.Path = evaluatePath(view.Key, stage)
		}
		switch stage {
		case risk.Current:
			view.fillCurrent(ctx, &b)
		case risk.Target:
			if _, judged := view.Newest[risk.Target]; !judged && place.Level > 0 {
				b.Says = message.T(ctx, "risk.target.declared")
			}
		case risk.Residual:
			view.fillSigned(v, &b)
		}
		view.Stages = append(view.Stages, b)
	}
}

func (view *oneView) fillCurrent(ctx context.Context, b *stageBox) {
	s, y := view.Span, view.Yardstick
	b.Best, b.Worst = s.Best, s.Worst
	if y == nil || s.Worst == 0 {
		return
	}
	b.Where = spanOf(ctx, y.LikelihoodName, s.BestLikelihood, s.WorstLikelihood) + ", " + spanOf(ctx, y.ConsequenceName, s.BestConsequence, s.WorstConsequence)
}

func (view *oneView) fillSigned(v *register.View, b *stageBox) {
	a := view.Signed()
	if a == nil || a.State == risk.Requested {
		return
	}
	b.State = a.State
	if b.By == nil {
		b.By = view.Yardstick
	}
	if at := a.Fields.AcceptedAt; len(at) >= 10 {
		b.Says, b.Exact = message.T(v.Context(), "risk.signed", page.Day(at[:10]), v.TitleOf("person", a.Fields.AcceptedBy)), at
	}
}

// spanOf names a stretch of a scale: "Serious to Critical".
func spanOf(ctx context.Context, name func(int) string, best, worst int) string {
	if best == worst {
		return name(worst)
	}
	return name(best) + " " + message.T(ctx, "risks.to", name(worst))
}

func (view *oneView) yardstickOf(stage string) *risk.Yardstick {
	by := view.Places[stage].Criteria
	switch {
	case by == "":
		return nil
	case by == view.Story.Criteria:
		return view.InForce
	case view.Yardstick != nil && by == view.Newest[risk.Current].Fields.Criteria:
		return view.Yardstick
	}
	return view.Editions[by]
}

// fillControls tells what each control declares and what it does now.
func (view *oneView) fillControls(v *register.View, p page.Page) {
	ctx := v.Context()
	parts := map[string]risk.Part{}
	for _, part := range view.Span.Parts {
		parts[part.Effect.Control] = part
	}
	for _, e := range view.Row.Fields.Treating {
		title := strings.TrimSpace(strings.TrimPrefix(v.TitleOf("control", e.Control), framework.IDOf(e.Control)))
		row := treatingRow{ID: framework.IDOf(e.Control), Title: title, Reference: e.Control, Path: p.Link("/controls/" + framework.IDOf(e.Control)), State: view.States[e.Control],
			Effect: e, Declared: effectText(ctx, e.LowersLikelihood, e.LowersConsequence)}
		part, counted := parts[e.Control]
		switch {
		case !counted && view.Yardstick != nil:
			row.Now, view.NotCounted = message.T(ctx, "risk.now.new"), true
		case counted:
			row.Verdict = part.Verdict
			row.Now = verdictText(ctx, part)
			if !sameEffect(e, part.Effect) {
				view.NotCounted = true
			}
		}
		view.Controls = append(view.Controls, row)
	}
	if view.Yardstick != nil && view.Span.Worst > 0 {
		view.Sentence = view.sentence(ctx)
	}
}

func sameEffect(e risk.Effect, judged risk.Considered) bool {
	return risk.Whole(e.LowersLikelihood) == risk.Whole(judged.LowersLikelihood) && risk.Whole(e.LowersConsequence) == risk.Whole(judged.LowersConsequence)
}

// effectText says "lowers likelihood by 1 step".
func effectText(ctx context.Context, likelihood, consequence *float64) string {
	if likelihood == nil && consequence == nil {
		return message.T(ctx, "risk.effect.none")
	}
	var said []string
	if n := risk.Whole(likelihood); n > 0 {
		said = append(said, message.N(ctx, "risk.effect.likelihood", n))
	}
	if n := risk.Whole(consequence); n > 0 {
		said = append(said, message.N(ctx, "risk.effect.consequence", n))
	}
	if len(said) == 0 {
		return message.T(ctx, "risk.effect.zero")
	}
	return strings.Join(said, ", ")
}

// verdictText says what a control does now about the steps it takes off.
func verdictText(ctx context.Context, part risk.Part) string {
	steps := risk.Whole(part.Effect.LowersLikelihood) + risk.Whole(part.Effect.LowersConsequence)
	if steps == 0 {
		return message.T(ctx, "risk.now.nothing")
	}
	if part.Verdict == risk.NotKnown {
		return message.T(ctx, "risk.now.not_known", steps)
	}
	return message.T(ctx, "risk.now."+string(part.Verdict))
}

// sentence adds up in words what the table says.
func (view *oneView) sentence(ctx context.Context) string {
	y, judged := view.Yardstick, view.Newest[risk.Current].Fields
	steps := map[risk.Verdict]int{}
	for _, part := range view.Span.Parts {
		steps[part.Verdict] += risk.Whole(part.Effect.LowersLikelihood) + risk.Whole(part.Effect.LowersConsequence)
	}
	said := []string{message.T(ctx, "risk.sentence.judged", y.LikelihoodName(risk.Whole(judged.Likelihood)), y.ConsequenceName(risk.Whole(judged.Consequence)))}
	for _, verdict := range []risk.Verdict{risk.Holds, risk.GivenBack, risk.NotKnown} {
		if n := steps[verdict]; n > 0 {
			said = append(said, message.N(ctx, "risk.sentence."+string(verdict), n))
		}
	}
	s := view.Span
	return strings.Join(said, " ") + " " + message.T(ctx, "risk.sentence.now", spanOf(ctx, y.LikelihoodName, s.BestLikelihood, s.WorstLikelihood), spanOf(ctx, y.ConsequenceName, s.BestConsequence, s.WorstConsequence), risk.SpanName(y, s.Best, s.Worst))
}

// fillChoices lists the controls that do not treat it yet.
func (view *oneView) fillChoices(v *register.View, _ page.Page) error {
	if !view.MayEdit {
		return nil
	}
	references, err := v.ContentReferences("control")
	for _, reference := range references {
		if !slices.ContainsFunc(view.Controls, func(c treatingRow) bool { return c.Reference == reference }) {
			view.Choices = append(view.Choices, choice{reference, v.TitleOf("control", reference)})
		}
	}
	most := 4
	if view.InForce != nil {
		most = max(len(view.InForce.Criteria.Likelihoods), len(view.InForce.Criteria.Consequences)) - 1
	}
	for n := range most + 1 {
		view.Steps = append(view.Steps, strconv.Itoa(n))
	}
	return err
}

func (view *oneView) fillFacts(v *register.View) {
	ctx, f := v.Context(), view.Row.Fields
	add := func(key, text, to string) {
		if text != "" {
			view.Facts = append(view.Facts, fact{message.T(ctx, key), text, to})
		}
	}
	add("risk.fact.state", stateWord(ctx)(view.State), "")
	add("risk.fact.options", strings.Join(page.Names(f.Options, func(o string) string { return message.Mark(ctx, label("options", o)) }), ", "), "")
	if view.InForce != nil {
		add("risk.fact.appetite", message.T(ctx, "risk.fact.appetite.is", message.Mark(ctx, label("category", f.Category)), view.InForce.LevelName(view.InForce.Acceptable(f.Category))), "")
	}
	if e, ok := view.Newest[risk.Current]; ok {
		field, _ := risk.Evaluations.Definition.Field("confidence")
		add("risk.fact.confidence", message.Mark(ctx, field.ValueLabel(e.Fields.Confidence)), "")
		add("risk.fact.judged", page.Day(e.Fields.EvaluatedOn), page.Path(e.Entry))
		if e.Fields.Assessment != "" {
			add("risk.fact.assessment", e.Fields.Assessment, "/risk-assessments/"+e.Fields.Assessment)
		}
	}
	if f.ReviewOn != "" {
		add("risk.fact.review", page.Until(ctx, f.ReviewOn, v.Now()), "")
	}
}

func (view *oneView) fillAuthority(v *register.View, _ page.Page) error {
	if view.InForce == nil || view.Row.Fields.Owner == "" {
		return nil
	}
	n, err := risk.MayAcceptUpTo(v, view.InForce, view.Row.Fields.Owner)
	view.MayAccept = message.T(v.Context(), "risk.mayaccept.none")
	if n > 0 {
		view.MayAccept = message.T(v.Context(), "risk.mayaccept", view.InForce.LevelName(n))
	}
	return err
}

// fillBroken tells what broke the acceptance that counts.
func (view *oneView) fillBroken(v *register.View, _ page.Page) error {
	a := view.Signed()
	if a == nil || a.State != risk.Broken || !isOpen(view.Row) {
		return nil
	}
	b := &brokenView{Was: chip{a.Fields.LevelName, ""}, On: page.Day(a.Fields.EndedOn), Why: a.Fields.EndedBy, Now: risk.SpanName(view.Yardstick, view.Span.Best, view.Span.Worst)}
	b.Back = view.Span.Worst > 0 && view.Span.Worst <= risk.Whole(a.Fields.Level)
	if at := a.Fields.AcceptedAt; len(at) >= 10 {
		b.Signed = page.Day(at[:10])
	}
	for _, c := range view.Controls {
		if c.Verdict == risk.GivenBack || c.Verdict == risk.NotKnown {
			b.Controls = append(b.Controls, choice{c.Path, c.ID})
		}
	}
	if view.Signs.Authority != "" {
		b.Needs = view.Signs.Authority
	}
	view.Broken = b
	return nil
}

func evaluatePath(key, stage string) string { return path + "/evaluate/" + key + "?stage=" + stage }
