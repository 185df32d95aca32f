// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/registers"
	"sextant/internal/server/web/risks/tabs"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
)

// criteriaView is one edition of criteria, or the way to the first one.
type criteriaView struct {
	Tabs      []tabs.Tab
	System    string
	Systems   []choice // where there are several
	Edition   *editionView
	History   []historyRow
	MayMake   bool
	Open      *historyRow // the edition that is on its way
	Templates []templateView
	Currency  string
	Revenue   string
	Parts     registers.Parts // of the edition, where there is one
	Troubles  troubles
}

// editionView is an edition told in words.
type editionView struct {
	Key, Title, State, Label string
	Number                   int
	Version                  int
	Change, When             string // HTML
	Fields                   risk.Criteria
	Rows                     []rowView // of the matrix, the likeliest first
	Scale                    []string  // names of consequences
	Types                    []typeView
	Levels                   []gradeView
	Accept                   levelView
	Appetites                []appetiteView
	Loss                     string
	Every                    string
	Rule                     string
	Method                   string
	Author, Approver         string
	Approved                 string
	Steps                    []stepView
	MayEdit                  bool
	Preview                  *risk.Preview
	Waits                    string // for whom
	Record                   string // the page with all fields
	entry                    register.Entry
}

type rowView struct {
	Name  string
	N     int
	Cells []cellView
}

type cellView struct {
	Level levelView
	Above bool // above what is acceptable in general
	Says  string
}

// typeView says what each level of consequence means for one type.
type typeView struct {
	Label    string
	Meanings []string // by level
}

type gradeView struct {
	Level              levelView
	Meaning, MayAccept string
	For, Every         string
	Acceptable, Named  bool
	Who                []string // people who may accept it beside
}

type appetiteView struct {
	Category string
	UpTo     levelView
}

type historyRow struct {
	Key, State, Label, Change string
	Number                    int
	Author, Approver          string
	Approved                  string
	Shown                     bool
}

// templateView is a template to begin from.
type templateView struct {
	Size   int
	Levels []string
	Chosen bool
}

func (s *section) criteria(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawCriteria(w, r, actor, "", nil)
}

func (s *section) edition(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawCriteria(w, r, actor, r.PathValue("criteria"), nil)
}

// drawCriteria shows an edition, "" for the one in force.
func (s *section) drawCriteria(w http.ResponseWriter, r *http.Request, actor access.Actor, key string, problem error) error {
	p := s.Page(r, actor, message.T(r.Context(), "riskplan.criteria.title"))
	var view criteriaView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if view, err = criteriaOf(v, key, r.FormValue("system")); err != nil || view.Edition == nil {
			return err
		}
		view.Parts, err = registers.PartsOf(s.Site, v, r, view.Edition.entry)
		return err
	}); err != nil {
		return err
	}
	said, status, err := shown(problem)
	if err != nil {
		return err
	}
	view.Troubles = said
	if problem != nil {
		view.Currency, view.Revenue = r.PostFormValue("currency"), r.PostFormValue("revenue")
	}
	if view.Edition != nil && key != "" {
		p.Title = view.Edition.Title
	}
	s.DrawStatus(w, r, status, criteriaPage(p, view))
	return nil
}

func criteriaOf(v *register.View, key, system string) (view criteriaView, err error) {
	if view.Tabs, err = tabs.Of(v); err != nil {
		return view, err
	}
	var shown *register.Of[risk.Criteria]
	if key != "" {
		c, err := readEdition(v, key)
		if err != nil {
			return view, err
		}
		shown, system = &c, c.Fields.ManagementSystem
	}
	if err := view.systems(v, system); err != nil || view.System == "" {
		return view, err
	}
	editions, err := risk.Editions(v, view.System)
	if err != nil {
		return view, err
	}
	if shown == nil {
		shown = newest(editions)
	}
	for _, e := range editions {
		row := historyOf(v, e)
		row.Shown = shown != nil && shown.Key == e.Key
		view.History = append(view.History, row)
		if e.State == risk.Draft || e.State == risk.InReview {
			view.Open = &view.History[len(view.History)-1]
		}
	}
	if view.Open != nil {
		open := *view.Open
		view.Open = &open
	}
	view.MayMake = view.Open == nil && v.Moment() == 0 && v.MayCreate(risk.CriteriaEditions.Definition)
	if shown == nil {
		view.Templates, view.Currency = templates(), "EUR"
		return view, nil
	}
	view.Edition, err = editionOf(v, *shown)
	return view, err
}

func readEdition(v *register.View, key string) (register.Of[risk.Criteria], error) {
	e, err := v.Entry(risk.CriteriaEditions.Name, key)
	if err != nil {
		return register.Of[risk.Criteria]{}, err
	}
	return register.As[risk.Criteria](e)
}

// newest gives the edition in force, else the newest one.
func newest(editions []register.Of[risk.Criteria]) *register.Of[risk.Criteria] {
	for i, e := range editions {
		if e.State == risk.Approved {
			return &editions[i]
		}
	}
	if len(editions) > 0 {
		return &editions[0]
	}
	return nil
}

// systems chooses the management system: the one asked for, or the first.
func (view *criteriaView) systems(v *register.View, asked string) error {
	list, err := v.Select("management_system")
	if err != nil {
		return err
	}
	for _, e := range list {
		if view.System == "" || e.Key == asked {
			view.System = e.Key
		}
	}
	for _, e := range list {
		view.Systems = append(view.Systems, choice{e.Key, e.Title(), e.Key == view.System})
	}
	return nil
}

func historyOf(v *register.View, e register.Of[risk.Criteria]) historyRow {
	return historyRow{Key: e.Key, State: e.State, Label: page.StateLabel(e.Register, e.State), Change: page.Markdown(e.Fields.ChangeSummary), Number: risk.Whole(e.Fields.Number),
		Author: person(v, e.Fields.Author), Approver: person(v, e.Fields.Approver), Approved: dayOf(e.Fields.ApprovedAt)}
}

func dayOf(moment string) string {
	day, _, _ := strings.Cut(moment, "T")
	return page.Day(day)
}

func templates() (list []templateView) {
	for _, size := range risk.Sizes() {
		t := templateView{Size: size, Chosen: size == risk.Sizes()[0]}
		for _, l := range risk.Template(size, "", 0).Levels {
			t.Levels = append(t.Levels, l.Name)
		}
		list = append(list, t)
	}
	return list
}

func editionOf(v *register.View, e register.Of[risk.Criteria]) (*editionView, error) {
	ctx, c := v.Context(), e.Fields
	y, err := risk.NewYardstick(c)
	if err != nil {
		return nil, err
	}
	view := &editionView{Key: e.Key, Title: e.Title(), State: e.State, Label: page.StateLabel(e.Register, e.State), Number: risk.Whole(c.Number), Version: e.Version,
		Change: page.Markdown(c.ChangeSummary), When: page.Markdown(c.AssessWhen), Fields: c, Accept: levelOf(c, risk.Whole(c.AcceptUpTo)), Every: page.Duration(ctx, c.AssessEvery),
		Rule: message.T(ctx, "riskplan.rule."+c.Rule), Author: person(v, c.Author), Approver: person(v, c.Approver), Approved: dayOf(c.ApprovedAt), MayEdit: e.State == risk.Draft && v.Moment() == 0 && v.MayEdit(e.Entry),
		Record: page.RecordPath(e.Entry), entry: e.Entry}
	if c.Method != "" {
		view.Method = v.TitleOf("document", c.Method)
	}
	view.matrix(ctx, y)
	view.types(ctx)
	view.grades(ctx, v)
	for _, a := range c.Appetites {
		view.Appetites = append(view.Appetites, appetiteView{label(ctx, labels("appetites", "category"), a.Category), levelOf(c, risk.Whole(a.UpTo))})
	}
	if c.AppetiteLoss != "" && c.AppetiteChance != nil {
		view.Loss = message.T(ctx, "riskplan.loss.says", moneyText(c.AppetiteLoss), number(c.AppetiteChance))
	}
	if view.Steps, err = editionSteps(v, e); err != nil {
		return view, err
	}
	view.waits(ctx)
	if e.State == risk.Draft || e.State == risk.InReview {
		p, err := risk.PreviewOf(v, e.Key, c)
		if sextant.CodeOf(err) == sextant.NotFound {
			return view, nil
		}
		view.Preview = &p
		return view, err
	}
	return view, nil
}

func (view *editionView) matrix(ctx context.Context, y *risk.Yardstick) {
	c := view.Fields
	for _, k := range c.Consequences {
		view.Scale = append(view.Scale, k.Name)
	}
	for l := len(c.Likelihoods); l >= 1; l-- {
		row := rowView{Name: c.Likelihoods[l-1].Name, N: l}
		for k := range c.Consequences {
			lv := levelOf(c, y.Level(l, k+1))
			row.Cells = append(row.Cells, cellView{lv, lv.N > risk.Whole(c.AcceptUpTo), message.T(ctx, "riskplan.cell", row.Name, c.Consequences[k].Name, lv.Name)})
		}
		view.Rows = append(view.Rows, row)
	}
}

func (view *editionView) types(ctx context.Context) {
	for _, name := range view.Fields.ConsequenceTypes {
		t := typeView{Label: label(ctx, labels("consequence_types", ""), name), Meanings: make([]string, len(view.Fields.Consequences))}
		some := false
		for _, d := range view.Fields.Definitions {
			if d.Type == name && risk.Whole(d.Level) <= len(t.Meanings) {
				t.Meanings[risk.Whole(d.Level)-1], some = d.Meaning, true
			}
		}
		if !some {
			t.Meanings = nil
		}
		view.Types = append(view.Types, t)
	}
}

// grades lists the levels of risk, the highest first.
func (view *editionView) grades(ctx context.Context, v *register.View) {
	c := view.Fields
	for i := len(c.Levels) - 1; i >= 0; i-- {
		l := c.Levels[i]
		g := gradeView{Level: levelOf(c, i+1), Meaning: l.Meaning, MayAccept: label(ctx, labels("levels", "may_accept"), l.MayAccept), For: page.Duration(ctx, l.AcceptedFor), Every: page.Duration(ctx, l.ReviewEvery), Acceptable: i+1 <= risk.Whole(c.AcceptUpTo)}
		if g.Named = l.MayAccept == "named"; g.Named {
			for _, a := range c.Authorities {
				if risk.Whole(a.UpTo) >= i+1 {
					g.Who = append(g.Who, person(v, a.Person))
				}
			}
		}
		if l.MayAccept == "nobody" {
			g.For = ""
		}
		view.Levels = append(view.Levels, g)
	}
}

// editionSteps offers the moves; the approver is chosen among top management.
func editionSteps(v *register.View, e register.Of[risk.Criteria]) ([]stepView, error) {
	list := steps(v, e.Entry)
	for i := range list {
		switch list[i].Name {
		case "submit":
			top, err := organisation.TopManagement(v)
			if err != nil {
				return nil, err
			}
			list[i].Lead = message.T(v.Context(), "riskplan.submit.lead")
			list[i].Asks[0].Choices = []choice{}
			for _, key := range top {
				if key != e.Fields.Author {
					list[i].Asks[0].Choices = append(list[i].Asks[0].Choices, choice{key, person(v, key), key == e.Fields.Approver})
				}
			}
		case "approve":
			list[i].Lead = message.T(v.Context(), "riskplan.approve.lead")
		}
	}
	return list, nil
}

func (view *editionView) waits(ctx context.Context) {
	switch view.State {
	case risk.Draft:
		view.Waits = message.T(ctx, "riskplan.draft.lead", view.Author)
	case risk.InReview:
		view.Waits = message.T(ctx, "riskplan.review.lead", view.Approver)
	case risk.Approved:
		view.Waits = message.T(ctx, "riskplan.inforce.lead", view.Approver, view.Approved)
	default:
		view.Waits = message.T(ctx, "riskplan.superseded.lead", view.Approver, view.Approved)
	}
}

// begin makes the first edition from a template, or the next one as a copy of
// the one in force.
func (s *section) begin(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var key string
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		c, err := beginning(tx, r)
		if err != nil {
			return err
		}
		e, err := tx.Create(risk.CriteriaEditions.Name, values(c), register.Note{})
		key = e.Key
		return err
	})
	if err != nil {
		return s.drawCriteria(w, r, actor, "", err)
	}
	http.Redirect(w, r, criteriaPath+"/"+key+"/edit", http.StatusSeeOther)
	return nil
}

func beginning(tx *register.Tx, r *http.Request) (risk.Criteria, error) {
	system := r.PostFormValue("system")
	c, err := risk.InForce(tx, system)
	next := c.Fields
	if r.PostFormValue("from") == "template" || sextant.CodeOf(err) == sextant.NotFound {
		next, err = fromTemplate(r)
	}
	if err != nil {
		return next, err
	}
	next.ManagementSystem, next.Author, next.Number, next.Title, next.ApprovedAt, next.Replaced = system, tx.Actor().Person, nil, "", "", nil
	if c.Key != "" {
		next.ChangeSummary = message.T(r.Context(), "riskplan.change.begin", c.Title())
	}
	if next.Approver == next.Author {
		next.Approver = ""
	}
	return next, nil
}

func fromTemplate(r *http.Request) (c risk.Criteria, err error) {
	size, _ := strconv.Atoi(r.PostFormValue("size")) // another one gives the first template
	currency, revenue := strings.ToUpper(strings.TrimSpace(r.PostFormValue("currency"))), 0.0
	if text := strings.NewReplacer(" ", "", ",", "", "_", "").Replace(r.PostFormValue("revenue")); text != "" {
		if revenue, err = strconv.ParseFloat(text, 64); err != nil || revenue < 0 || revenue > 1e13 {
			return c, sextant.Errorf(sextant.Invalid, "%.40q is no yearly revenue", text).At("revenue").WithHint("write a whole number, or leave it empty: then consequences have no amounts")
		}
	}
	if revenue > 0 && len(currency) != 3 {
		return c, sextant.Errorf(sextant.Invalid, "name the currency by its three letters").At("currency").WithHint("such as EUR")
	}
	return risk.Template(size, currency, revenue), nil
}

func (s *section) moveEdition(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("criteria")
	if err := s.step(r, actor, risk.CriteriaEditions.Definition, key); err != nil {
		return s.drawCriteria(w, r, actor, key, err)
	}
	http.Redirect(w, r, criteriaPath+"/"+key, http.StatusSeeOther)
	return nil
}
