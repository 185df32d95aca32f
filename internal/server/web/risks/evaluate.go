// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
	"sextant/risk/scenario"
)

// judgeView is the form that judges one stage of a risk.
type judgeView struct {
	risk.Story
	Owner       string
	Stage       string
	Stages      []stageLink
	Likelihoods []rung
	Types       []typeRow
	Level       chip // of what is chosen; no name where something is missing
	Above       bool
	Limit       string
	Lookup      string // likelihood rows from the lowest, for the script
	Names       string // of the levels, for the script
	Heats       string
	Confidences []register.Value
	Shapes      []register.Value
	Currency    string
	Assessments []choice // rounds that run
	Controls    []treatingRow
	Ask         scenario.Questions
	Typed       url.Values
	Problems    map[string]string // by field
	Whole       string
	Next        bool // another risk waits to be judged
}

// rung is one level of a scale to choose.
type rung struct {
	Value, Name, Definition, Range string
	Chosen                         bool
}

// typeRow is the scale of one type of consequence.
type typeRow struct {
	Key, Label string
	Levels     []rung
	None       bool // not chosen
	Suggested  bool // the risk touches it
}

// evaluateForm asks nothing that would be refused: a risk without an owner leads
// to its page, which asks for one.
func (s *section) evaluateForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("risk")
	owner := ""
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		if !v.MayCreate(risk.Evaluations.Definition) {
			return sextant.Errorf(sextant.Denied, "risks are evaluated by their owners, the ISMS manager and administrators")
		}
		of, err := risk.Risks.Get(v, key)
		owner = of.Fields.Owner
		return err
	}); err != nil {
		return err
	}
	if owner == "" {
		http.Redirect(w, r, path+"/"+key, http.StatusSeeOther)
		return nil
	}
	return s.drawJudge(w, r, actor, nil)
}

func (s *section) drawJudge(w http.ResponseWriter, r *http.Request, actor access.Actor, refused error) error {
	status, view := http.StatusOK, judgeView{Problems: map[string]string{}}
	if refused != nil {
		var ok bool
		if status, ok = page.StatusOf(refused); !ok {
			return refused
		}
		view.Problems, view.Whole = problemsOf(refused)
	}
	key := r.PathValue("risk")
	p := s.Page(r, actor, key)
	p.Path = path + "/evaluate/" + key
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) (err error) {
		if view.Story, err = risk.Tell(v, key); err != nil {
			return err
		}
		return view.fill(v, r)
	}); err != nil {
		return err
	}
	p.Title = message.T(r.Context(), "judge.title."+view.Stage, view.Title())
	s.DrawStatus(w, r, status, judgePage(p, view))
	return nil
}

// problemsOf sorts the parts of a refusal by field.
func problemsOf(err error) (problems map[string]string, whole string) {
	problems = map[string]string{}
	e, ok := errors.AsType[*sextant.Error](err)
	if !ok {
		return problems, ""
	}
	for _, part := range append([]sextant.Error{*e}, e.Parts...) {
		text := strings.TrimSpace(part.Message + " " + part.Hint)
		switch {
		case part.Field != "":
			problems[part.Field] = text
		case whole == "":
			whole = text
		}
	}
	return problems, whole
}

// asked are the fields of the form that say what is wrong beside them.
var asked = []string{"likelihood", "consequences", "rationale", "confidence", "frequency_shape", "frequency_low", "frequency_mode", "frequency_high", "loss_shape", "loss_low", "loss_mode", "loss_high", "assessment"}

// Rest is what is wrong and stands beside no field.
func (view judgeView) Rest() string {
	said := []string{}
	if view.Whole != "" {
		said = append(said, view.Whole)
	}
	for field, text := range view.Problems {
		if !slices.Contains(asked, field) {
			said = append(said, text)
		}
	}
	return strings.Join(said, " ")
}

func (view *judgeView) fill(v *register.View, r *http.Request) error {
	ctx := v.Context()
	if view.InForce == nil {
		return sextant.Errorf(sextant.Conflict, "no risk criteria are in force").WithHint("approve risk criteria first: a level means something only by an approved scale")
	}
	if view.Row.Fields.Owner != "" {
		view.Owner = v.TitleOf("person", view.Row.Fields.Owner)
	}
	view.Stage, view.Typed = stageOf(r.FormValue("stage")), r.PostForm
	if r.Method == http.MethodGet {
		view.Typed = view.before(r.URL.Query().Get("assessment"))
	}
	for _, stage := range stages {
		view.Stages = append(view.Stages, stageLink{message.T(ctx, "judge.stage."+stage), evaluatePath(view.Key, stage), stage == view.Stage})
	}
	for _, name := range []struct {
		of *[]register.Value
		is string
	}{{&view.Confidences, "confidence"}, {&view.Shapes, "frequency_shape"}} {
		f, _ := risk.Evaluations.Definition.Field(name.is)
		*name.of = f.Values
	}
	view.scales(ctx)
	view.lookUp()
	for _, e := range view.Row.Fields.Treating {
		view.Controls = append(view.Controls, treatingRow{ID: v.TitleOf("control", e.Control), Reference: e.Control, State: view.States[e.Control], Declared: effectText(ctx, e.LowersLikelihood, e.LowersConsequence)})
	}
	for _, reference := range view.Row.Fields.Scenarios {
		if s, ok := scenario.Library().Scenario(strings.TrimPrefix(reference, scenarioPrefix)); ok {
			view.Ask.Likelihood, view.Ask.Consequence = append(view.Ask.Likelihood, s.Ask.Likelihood...), append(view.Ask.Consequence, s.Ask.Consequence...)
		}
	}
	running, err := risk.Assessments.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{risk.Running}})
	if err != nil {
		return err
	}
	for _, a := range running {
		view.Assessments = append(view.Assessments, choice{a.Key, a.Key + " " + a.Title()})
	}
	next, err := nextToJudge(v, view.Key)
	view.Next = next != ""
	return err
}

// before begins with the last judgement of the stage, and where there is none
// with that of the stage it is nearest to. The reason is always a new one.
func (view *judgeView) before(assessment string) url.Values {
	values := url.Values{"confidence": {"medium"}, "assessment": {assessment}}
	nearest := map[string][]string{risk.Inherent: {risk.Inherent}, risk.Current: {risk.Current}, risk.Target: {risk.Target, risk.Current}, risk.Residual: {risk.Residual, risk.Target, risk.Current}}
	for _, stage := range nearest[view.Stage] {
		e, ok := view.Newest[stage]
		if !ok || e.Fields.Criteria != view.Story.Criteria {
			continue
		}
		f := e.Fields
		if f.Likelihood != nil {
			values.Set("likelihood", strconv.Itoa(risk.Whole(f.Likelihood)))
		}
		for _, c := range f.Consequences {
			values.Set("consequence."+c.Type, strconv.Itoa(risk.Whole(c.Level)))
		}
		values.Set("confidence", f.Confidence)
		view.quantitiesBefore(f, values)
		break
	}
	return values
}

func (view *judgeView) quantitiesBefore(f risk.Evaluation, values url.Values) {
	values.Set("frequency_shape", f.FrequencyShape)
	values.Set("loss_shape", f.LossShape)
	for key, n := range map[string]*float64{"frequency_low": f.FrequencyLow, "frequency_mode": f.FrequencyMode, "frequency_high": f.FrequencyHigh} {
		if n != nil {
			values.Set(key, strconv.FormatFloat(*n, 'f', -1, 64))
		}
	}
	for key, amount := range map[string]string{"loss_low": f.LossLow, "loss_mode": f.LossMode, "loss_high": f.LossHigh} {
		if a := risk.ParseAmount(amount); a.Currency != "" {
			values.Set(key, strconv.FormatFloat(a.Value, 'f', -1, 64))
			values.Set("currency", a.Currency)
		}
	}
}

// scales lays out the levels to choose from, with what each means here.
func (view *judgeView) scales(ctx context.Context) {
	c := view.InForce.Criteria
	for i := len(c.Likelihoods); i > 0; i-- {
		l := c.Likelihoods[i-1]
		x := rung{Value: strconv.Itoa(i), Name: l.Name, Definition: l.Definition, Chosen: view.Typed.Get("likelihood") == strconv.Itoa(i)}
		if l.From != nil && l.To != nil {
			x.Range = message.T(ctx, "judge.times", plain(*l.From), plain(*l.To))
		}
		view.Likelihoods = append(view.Likelihoods, x)
	}
	meanings := map[string]string{}
	for _, d := range c.Definitions {
		meanings[d.Type+" "+strconv.Itoa(risk.Whole(d.Level))] = d.Meaning
	}
	field, _ := risk.CriteriaEditions.Definition.Field("consequence_types")
	for _, kind := range c.ConsequenceTypes {
		row := typeRow{Key: kind, Label: message.Mark(ctx, field.ValueLabel(kind)), Suggested: slices.Contains(view.Row.Fields.Properties, kind)}
		chosen := view.Typed.Get("consequence." + kind)
		row.None = chosen == ""
		for i, k := range c.Consequences {
			x := rung{Value: strconv.Itoa(i + 1), Name: k.Name, Definition: k.Definition, Chosen: chosen == strconv.Itoa(i+1)}
			if own := meanings[kind+" "+x.Value]; own != "" {
				x.Definition = own
			}
			if k.From != "" {
				from, to := risk.ParseAmount(k.From), risk.ParseAmount(k.To)
				x.Range = page.Money(from.Value, from.Currency) + " – " + page.Money(to.Value, to.Currency)
				view.Currency = from.Currency
			}
			row.Levels = append(row.Levels, x)
		}
		view.Types = append(view.Types, row)
	}
	slices.SortStableFunc(view.Types, func(a, b typeRow) int { return rank(b) - rank(a) })
	if typed := view.Typed.Get("currency"); typed != "" {
		view.Currency = typed
	}
	if view.Currency == "" {
		view.Currency = "EUR"
	}
}

// rank puts what is chosen or touched first.
func rank(t typeRow) int {
	if t.Suggested || !t.None {
		return 1
	}
	return 0
}

// lookUp finds the level of what is chosen now, and writes the matrix down for
// the script that does the same as one chooses.
func (view *judgeView) lookUp() {
	y := view.InForce
	likelihood, _ := strconv.Atoi(view.Typed.Get("likelihood"))
	worst := 0
	for _, t := range view.Types {
		n, _ := strconv.Atoi(view.Typed.Get("consequence." + t.Key))
		worst = max(worst, n)
	}
	if level := y.Level(likelihood, worst); level > 0 {
		view.Level, view.Above = chipOf(y, level), level > y.Acceptable(view.Row.Fields.Category)
	}
	view.Limit = strconv.Itoa(y.Acceptable(view.Row.Fields.Category))
	var rows, names, heats []string
	for l := range y.Criteria.Likelihoods {
		var row []string
		for c := range y.Criteria.Consequences {
			row = append(row, strconv.Itoa(y.Level(l+1, c+1)))
		}
		rows = append(rows, strings.Join(row, " "))
	}
	for n := range y.Criteria.Levels {
		names, heats = append(names, y.LevelName(n+1)), append(heats, chipOf(y, n+1).Heat)
	}
	view.Lookup, view.Names, view.Heats = strings.Join(rows, ";"), strings.Join(names, ";"), strings.Join(heats, ";")
}

func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// evaluate records a judgement. With do=look it only shows the level; with
// do=next it goes on to the next risk nobody judged.
func (s *section) evaluate(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("risk")
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	if r.PostFormValue("do") == "look" {
		return s.drawJudge(w, r, actor, nil)
	}
	values := judgement(r.PostForm)
	values["risk"] = key
	next := ""
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		if _, err := tx.Create(risk.Evaluations.Name, values, register.Note{}); err != nil {
			return err
		}
		var err error
		next, err = nextToJudge(&tx.View, key)
		return err
	})
	if err != nil {
		return s.drawJudge(w, r, actor, err)
	}
	to := path + "/" + key
	if r.PostFormValue("do") == "next" && next != "" {
		to = evaluatePath(next, risk.Current)
		if round := r.PostFormValue("assessment"); round != "" {
			to += "&assessment=" + url.QueryEscape(round)
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// judgement reads what the form sent; what was left empty is not known.
func judgement(form url.Values) map[string]any {
	values := map[string]any{}
	for _, key := range []string{"stage", "likelihood", "rationale", "confidence", "assessment", "frequency_shape", "frequency_low", "frequency_mode", "frequency_high", "loss_shape"} {
		if text := strings.TrimSpace(form.Get(key)); text != "" {
			values[key] = text
		}
	}
	for _, key := range []string{"loss_low", "loss_mode", "loss_high"} {
		if text := strings.TrimSpace(form.Get(key)); text != "" {
			values[key] = text + " " + strings.ToUpper(strings.TrimSpace(form.Get("currency")))
		}
	}
	var rows []any
	for key := range form {
		kind, ok := strings.CutPrefix(key, "consequence.")
		if level := form.Get(key); ok && level != "" {
			rows = append(rows, map[string]any{"type": kind, "level": level})
		}
	}
	slices.SortFunc(rows, func(a, b any) int {
		return strings.Compare(a.(map[string]any)["type"].(string), b.(map[string]any)["type"].(string))
	})
	if len(rows) > 0 {
		values["consequences"] = rows
	}
	return values
}

// nextToJudge is the first risk after one that has an owner and was not judged;
// "" where there is none.
func nextToJudge(v *register.View, after string) (string, error) {
	open, err := risk.Risks.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{risk.Identified}}, register.Filter{Field: "owner", Op: register.Filled})
	first := ""
	at := keyNumber(after)
	for _, r := range open {
		switch {
		case r.Key == after:
		case keyNumber(r.Key) > at:
			return r.Key, err
		case first == "":
			first = r.Key
		}
	}
	return first, err
}

// keyNumber orders keys as they were given.
func keyNumber(key string) int {
	n, _ := strconv.Atoi(key[strings.LastIndex(key, "-")+1:])
	return n
}
