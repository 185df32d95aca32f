// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks/tabs"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
)

// draftView is the form of a draft, as it stands or as somebody is changing it.
type draftView struct {
	Tabs      []tabs.Tab
	Key       string
	Version   int
	Title     string
	Scaling   risk.Rescaling
	InForce   *risk.Criteria // the edition it will take the place of
	Cells     [][]int        // by likelihood - 1, consequence - 1
	Approvers []choice
	People    []choice
	Documents []choice
	Preview   *risk.Preview
	Unsaved   bool
	Troubles  troubles
}

// goneView asks what took the place of a level that is no longer there.
type goneView struct {
	Scale risk.Scale
	Old   int
	Name  string
	New   int
}

func (s *section) draft(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawDraft(w, r, actor, nil, nil, false)
}

// drawDraft draws the form, with what was typed where it was not saved.
func (s *section) drawDraft(w http.ResponseWriter, r *http.Request, actor access.Actor, typed *risk.Rescaling, problem error, preview bool) error {
	p := s.Page(r, actor, "")
	view := draftView{Unsaved: typed != nil}
	if err := s.Read(r, actor, func(v *register.View) error {
		return view.fill(v, r.PathValue("criteria"), typed, preview)
	}); err != nil {
		problem = firstOf(problem, err)
		if _, _, ok := troublesOf(problem); !ok || view.Key == "" {
			return err
		}
	}
	said, status, err := shown(problem)
	if err != nil {
		return err
	}
	view.Troubles = said
	p.Title = message.T(r.Context(), "riskplan.draft.title", page.Within(view.Title))
	s.DrawStatus(w, r, status, draftPage(p, view))
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (view *draftView) fill(v *register.View, key string, typed *risk.Rescaling, preview bool) error {
	e, err := readEdition(v, key)
	if err != nil {
		return err
	}
	if e.State != risk.Draft {
		return sextant.Errorf(sextant.Frozen, "%s is no draft any more", e.Title()).WithHint("make a new edition")
	}
	inForce, err := risk.InForce(v, e.Fields.ManagementSystem)
	if err == nil {
		view.InForce = &inForce.Fields
	} else if sextant.CodeOf(err) != sextant.NotFound {
		return err
	}
	view.Scaling = risk.Rescale(e.Fields, view.InForce)
	if typed != nil {
		view.Scaling = *typed
	}
	view.Key, view.Version, view.Title = e.Key, e.Version, e.Title()
	view.Cells = cellsOf(view.Scaling.Criteria)
	if err := view.choices(v, e.Fields.Author); err != nil {
		return err
	}
	if view.Tabs, err = tabs.Of(v); err != nil || !preview || view.InForce == nil {
		return err
	}
	next := view.Scaling.Done()
	next.ManagementSystem, next.Title = e.Fields.ManagementSystem, e.Title()
	p, err := risk.PreviewOf(v, e.Key, next)
	if err == nil {
		view.Preview = &p
	}
	return err
}

func (view *draftView) choices(v *register.View, author string) error {
	c := view.Scaling.Criteria
	top, err := organisation.TopManagement(v)
	if err != nil {
		return err
	}
	for _, key := range top {
		if key != author {
			view.Approvers = append(view.Approvers, choice{key, person(v, key), key == c.Approver})
		}
	}
	if view.People, err = people(v, ""); err != nil {
		return err
	}
	documents, err := v.Select("document")
	for _, d := range documents {
		view.Documents = append(view.Documents, choice{d.Key, d.Title(), d.Key == c.Method})
	}
	return err
}

// cellsOf lays the matrix out; 0 is a pair without a level.
func cellsOf(c risk.Criteria) [][]int {
	cells := make([][]int, len(c.Likelihoods))
	for l := range cells {
		cells[l] = make([]int, len(c.Consequences))
	}
	for _, cell := range c.Matrix {
		l, k := risk.Whole(cell.Likelihood), risk.Whole(cell.Consequence)
		if l >= 1 && l <= len(cells) && k >= 1 && k <= len(c.Consequences) {
			cells[l-1][k-1] = risk.Whole(cell.Level)
		}
	}
	return cells
}

// gone lists the levels of the edition in force that are no longer there.
func (view draftView) gone() (list []goneView) {
	if view.InForce == nil {
		return nil
	}
	names := map[risk.Scale][]string{}
	for _, l := range view.InForce.Likelihoods {
		names[risk.OfLikelihood] = append(names[risk.OfLikelihood], l.Name)
	}
	for _, l := range view.InForce.Consequences {
		names[risk.OfConsequence] = append(names[risk.OfConsequence], l.Name)
	}
	for _, l := range view.InForce.Levels {
		names[risk.OfLevel] = append(names[risk.OfLevel], l.Name)
	}
	for _, scale := range risk.Scales() {
		for i, name := range names[scale] {
			if now, is := view.Scaling.Gone[scale][i+1]; is {
				list = append(list, goneView{scale, i + 1, name, now})
			}
		}
	}
	return list
}

// scale gives the levels of a scale as choices.
func (view draftView) scale(scale risk.Scale, chosen int) (list []choice) {
	c := view.Scaling.Criteria
	add := func(i int, name string) {
		list = append(list, choice{strconv.Itoa(i + 1), strconv.Itoa(i+1) + " " + name, i+1 == chosen})
	}
	switch scale {
	case risk.OfLikelihood:
		for i, l := range c.Likelihoods {
			add(i, l.Name)
		}
	case risk.OfConsequence:
		for i, l := range c.Consequences {
			add(i, l.Name)
		}
	default:
		for i, l := range c.Levels {
			add(i, l.Name)
		}
	}
	return list
}

func (view draftView) was(scale risk.Scale, i int) string {
	return strconv.Itoa(view.Scaling.Was[scale][i])
}

// meaning is what a level of consequence means for a type.
func (view draftView) meaning(name string, at int) string {
	for _, d := range view.Scaling.Criteria.Definitions {
		if d.Type == name && risk.Whole(d.Level) == at {
			return d.Meaning
		}
	}
	return ""
}

func (view draftView) appetite(category string) int {
	for _, a := range view.Scaling.Criteria.Appetites {
		if a.Category == category {
			return risk.Whole(a.UpTo)
		}
	}
	return 0
}

// loss splits the amount from its currency.
func (view draftView) currency() string {
	for _, k := range view.Scaling.Criteria.Consequences {
		if _, currency, ok := strings.Cut(k.To, " "); ok {
			return currency
		}
	}
	_, currency, _ := strings.Cut(view.Scaling.Criteria.AppetiteLoss, " ")
	return currency
}

func amount(money string) string {
	value, _, _ := strings.Cut(money, " ")
	return strings.TrimSuffix(value, ".00")
}

// saveDraft does what the form asks: adds or takes away a level without saving,
// previews what is typed, or saves.
func (s *section) saveDraft(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	key, do := r.PathValue("criteria"), r.PostFormValue("do")
	typed, err := typedDraft(r.PostForm)
	if err != nil {
		return s.drawDraft(w, r, actor, &typed, err, false)
	}
	if what, rest, changes := strings.Cut(do, " "); changes {
		return s.drawDraft(w, r, actor, &typed, changeScale(&typed, what, rest), false)
	}
	if do == "preview" {
		return s.drawDraft(w, r, actor, &typed, nil, true)
	}
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		_, err := tx.Edit(risk.CriteriaEditions.Name, key, version(r), values(typed.Done()), register.Note{})
		return err
	}); err != nil {
		return s.drawDraft(w, r, actor, &typed, err, false)
	}
	http.Redirect(w, r, criteriaPath+"/"+key, http.StatusSeeOther)
	return nil
}

// changeScale reads "add likelihood 3" and "remove level 2".
func changeScale(typed *risk.Rescaling, what, rest string) error {
	name, at, _ := strings.Cut(rest, " ")
	i, err := strconv.Atoi(at)
	if err != nil || !slices.Contains(risk.Scales(), risk.Scale(name)) {
		return sextant.Errorf(sextant.Invalid, "the form asks for something that is not known")
	}
	if what == "remove" {
		return typed.Remove(risk.Scale(name), i)
	}
	return typed.Add(risk.Scale(name), i)
}

// values are the fields of criteria people may set.
func values(c risk.Criteria) map[string]any {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // a struct of texts and finite numbers
	}
	all, out := map[string]any{}, map[string]any{}
	if err := json.Unmarshal(data, &all); err != nil {
		panic(err) // just written
	}
	for _, f := range risk.CriteriaEditions.Definition.Fields {
		if !f.Derived {
			out[f.Key] = all[f.Key]
		}
	}
	return out
}

// typedDraft reads the form of a draft.
func typedDraft(form url.Values) (risk.Rescaling, error) {
	read := reading{form: form}
	currency := strings.ToUpper(strings.TrimSpace(form.Get("currency")))
	c := risk.Criteria{ManagementSystem: form.Get("management_system"), ChangeSummary: form.Get("change_summary"), ConsequenceTypes: form["consequence_types"], AcceptUpTo: read.level("accept_up_to"),
		AppetiteLoss: money(form.Get("appetite_loss"), currency), AppetiteChance: read.number("appetite_chance", form.Get("appetite_chance")), Rule: form.Get("rule"),
		AssessEvery: form.Get("assess_every"), AssessWhen: form.Get("assess_when"), Method: form.Get("method_document"), Author: form.Get("author"), Approver: form.Get("approver")}
	r := risk.Rescaling{Was: map[risk.Scale][]int{}, Gone: map[risk.Scale]map[int]int{}}
	for i, name := range form["likelihood_name"] {
		c.Likelihoods = append(c.Likelihoods, risk.Likelihood{Level: risk.Kept(i + 1), Name: strings.TrimSpace(name), Definition: strings.TrimSpace(nth(form, "likelihood_means", i)),
			From: read.rowNumber("likelihoods", i, nth(form, "likelihood_from", i)), To: read.rowNumber("likelihoods", i, nth(form, "likelihood_to", i))})
	}
	for i, name := range form["consequence_name"] {
		c.Consequences = append(c.Consequences, risk.Consequence{Level: risk.Kept(i + 1), Name: strings.TrimSpace(name), Definition: strings.TrimSpace(nth(form, "consequence_means", i)),
			From: money(nth(form, "consequence_from", i), currency), To: money(nth(form, "consequence_to", i), currency)})
	}
	for i, name := range form["level_name"] {
		c.Levels = append(c.Levels, risk.Level{Level: risk.Kept(i + 1), Name: strings.TrimSpace(name), Meaning: strings.TrimSpace(nth(form, "level_means", i)), MayAccept: nth(form, "level_may_accept", i),
			AcceptedFor: nth(form, "level_for", i), ReviewEvery: nth(form, "level_every", i)})
	}
	for l := range c.Likelihoods {
		for k := range c.Consequences {
			if text := form.Get(cellName(l+1, k+1)); text != "" {
				c.Matrix = append(c.Matrix, risk.Cell{Likelihood: risk.Kept(l + 1), Consequence: risk.Kept(k + 1), Level: read.level(cellName(l+1, k+1))})
			}
		}
	}
	typedRows(&c, form, &read)
	for _, scale := range risk.Scales() {
		r.Was[scale], r.Gone[scale] = make([]int, sizeOf(c, scale)), map[int]int{}
		for i := range r.Was[scale] {
			r.Was[scale][i], _ = strconv.Atoi(nth(form, string(scale)+"_was", i)) // 0 = new
		}
		for old := 1; old <= 12; old++ {
			if text, sent := form["gone_"+string(scale)+"_"+strconv.Itoa(old)]; sent {
				r.Gone[scale][old], _ = strconv.Atoi(text[0]) // 0 = not said
			}
		}
	}
	r.Criteria = c
	return r, read.refused
}

// typedRows reads what stands beside the scales: definitions, appetites and who
// may accept more.
func typedRows(c *risk.Criteria, form url.Values, read *reading) {
	for _, name := range c.ConsequenceTypes {
		for k := range c.Consequences {
			if text := strings.TrimSpace(form.Get(fmt.Sprintf("means_%s_%d", name, k+1))); text != "" {
				c.Definitions = append(c.Definitions, risk.Definition{Type: name, Level: risk.Kept(k + 1), Meaning: text})
			}
		}
	}
	for _, category := range labels("appetites", "category") {
		if upTo := read.level("appetite_" + category.Name); upTo != nil {
			c.Appetites = append(c.Appetites, risk.Appetite{Category: category.Name, UpTo: upTo})
		}
	}
	for i, who := range form["authority_person"] {
		if who != "" {
			upTo, _ := strconv.Atoi(nth(form, "authority_up_to", i)) // none is refused by its row
			c.Authorities = append(c.Authorities, risk.Authority{Person: who, UpTo: risk.Kept(upTo)})
		}
	}
}

func sizeOf(c risk.Criteria, scale risk.Scale) int {
	return map[risk.Scale]int{risk.OfLikelihood: len(c.Likelihoods), risk.OfConsequence: len(c.Consequences), risk.OfLevel: len(c.Levels)}[scale]
}

func cellName(likelihood, consequence int) string {
	return fmt.Sprintf("cell_%d_%d", likelihood, consequence)
}

func nth(form url.Values, key string, i int) string {
	if list := form[key]; i < len(list) {
		return list[i]
	}
	return ""
}

// money writes an amount as registers keep it; what is none is refused there.
func money(text, currency string) string {
	text = strings.NewReplacer(" ", "", ",", "").Replace(strings.TrimSpace(text))
	if text == "" {
		return ""
	}
	return strings.TrimSpace(text + " " + currency)
}

// reading reads numbers and keeps the first that is none.
type reading struct {
	form    url.Values
	refused error
}

func (r *reading) level(key string) *float64 {
	text := r.form.Get(key)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 12 {
		r.refuse(key, "%.40q is no level", text)
		return nil
	}
	return risk.Kept(n)
}

func (r *reading) number(key, text string) *float64 {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != f || f > 1e12 || f < -1e12 {
		r.refuse(key, "%.40q is no number", text)
		return nil
	}
	return &f
}

func (r *reading) rowNumber(field string, row int, text string) *float64 {
	before := r.refused
	f := r.number(field, text)
	if r.refused != before {
		r.refused = sextant.Errorf(sextant.Invalid, "row %d: %.40q is no number", row+1, text).At(field)
	}
	return f
}

func (r *reading) refuse(field, format string, args ...any) {
	if r.refused == nil {
		r.refused = sextant.Errorf(sextant.Invalid, format, args...).At(field)
	}
}

// preview is a page of its own, for a draft as it is kept and one that waits for
// approval.
func (s *section) preview(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var view previewView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if view.Tabs, err = tabs.Of(v); err != nil {
			return err
		}
		e, err := readEdition(v, r.PathValue("criteria"))
		if err != nil {
			return err
		}
		view.Key, view.Title = e.Key, e.Title()
		p, err := risk.PreviewOf(v, e.Key, e.Fields)
		if err != nil {
			return err
		}
		view.Preview, view.Before = p, v.TitleOf(risk.CriteriaEditions.Name, p.Before)
		return nil
	}); err != nil {
		return err
	}
	s.Draw(w, r, previewPage(s.Page(r, actor, message.T(r.Context(), "riskplan.preview.title", page.Within(view.Title))), view))
	return nil
}

// previewView is what another edition would move.
type previewView struct {
	Tabs       []tabs.Tab
	Key, Title string
	Before     string
	Preview    risk.Preview
}
