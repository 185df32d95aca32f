// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"sextant/access"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks/promised"
	"sextant/internal/server/web/risks/tabs"
	"sextant/register"
	"sextant/risk"
)

// signatureRow is one signature of the list.
type signatureRow struct {
	risk.Signature
	Name string // of who signs
}

// mineView is a signature that waits for the one who looks.
type mineView struct {
	Kind, Title, Path  string
	Action             string // address its form is sent to
	Version            string
	Risks              []choice
	Level              levelView // what is signed
	Now                levelView // current, worst
	Reason, Conditions string    // HTML
	Promised           []promised.Row
	AskedBy, Until     string
	Steps              []stepView
}

type signaturesView struct {
	grid.Drawn[signatureRow]
	Tabs     []tabs.Tab
	Mine     []mineView
	None     bool
	Unsigned int // open risks without a signature under their residual
	Several  int // that the one who looks can sign or not, all on one page
	Troubles troubles
}

func (s *section) signatureList(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	return s.drawSignatures(w, r, actor, nil)
}

func (s *section) drawSignatures(w http.ResponseWriter, r *http.Request, actor access.Actor, problem error) error {
	p := s.Page(r, actor, message.T(r.Context(), "riskplan.signed.title"))
	var view signaturesView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = signaturesOf(p, v)
		return err
	}); err != nil {
		return err
	}
	said, status, err := shown(problem)
	if err != nil {
		return err
	}
	view.Troubles = said
	s.DrawStatus(w, r, status, signaturesPage(p, view))
	return nil
}

func signaturesOf(p page.Page, v *register.View) (view signaturesView, err error) {
	if view.Tabs, err = tabs.Of(v); err != nil {
		return view, err
	}
	rows, err := signatureRows(v)
	if err != nil {
		return view, err
	}
	view.None = len(rows) == 0
	for _, row := range rows {
		if row.State != risk.SignatureWaits || row.Person != v.Actor().Person || row.Person == "" {
			continue
		}
		mine, err := mineOf(v, p, row)
		if err != nil {
			return view, err
		}
		view.Mine = append(view.Mine, mine)
		if row.Kind == risk.OfPlan {
			view.Several++
		}
	}
	risks, err := v.Select(risk.Risks.Name, register.Filter{Field: "state", Op: register.Is, Values: risk.OpenStates()})
	for _, r := range risks {
		a := r.Doc.Text("acceptance")
		if a == "" || a == "none" {
			view.Unsigned++
		}
		if a != risk.Accepted && r.Owner() != "" && r.Owner() == v.Actor().Person {
			view.Several++
		}
	}
	if err != nil {
		return view, err
	}
	view.Drawn, err = signatureSheet(v, p).Draw(v.Context(), p, rows)
	return view, err
}

func signatureRows(v *register.View) ([]signatureRow, error) {
	if err := access.May(v.Actor(), access.Read, access.Subject{Register: risk.Acceptances.Name}, v.Now()); err != nil {
		return nil, err
	}
	list, err := risk.Signatures(v)
	rows := make([]signatureRow, len(list))
	for i, s := range list {
		rows[i] = signatureRow{s, person(v, s.Person)}
	}
	return rows, err
}

func mineOf(v *register.View, p page.Page, row signatureRow) (mine mineView, err error) {
	e := row.Subject
	mine = mineView{Kind: row.Kind, Title: e.Title(), Version: count(e.Version), Steps: steps(v, e, "return"), Until: page.Day(row.Until)}
	criteria := map[string]risk.Criteria{}
	for _, key := range row.Risks {
		r, err := risk.Risks.Get(v, key)
		if err != nil {
			return mine, err
		}
		if r.Fields.Owner != v.Actor().Person {
			continue // somebody else signs for it
		}
		mine.Risks = append(mine.Risks, choice{Key: key, Name: r.Title()})
		c, known := criteria[r.Fields.Criteria]
		if !known && r.Fields.Criteria != "" {
			edition, err := risk.CriteriaEditions.Get(v, r.Fields.Criteria)
			if err != nil {
				return mine, err
			}
			c, criteria[r.Fields.Criteria] = edition.Fields, edition.Fields
		}
		if at := risk.Whole(r.Fields.CurrentLevel); at > mine.Now.N {
			mine.Now = levelOf(c, at)
		}
		if row.Kind == risk.OfResidual {
			level, _ := e.Doc["level"].(float64)
			mine.Level = levelOf(c, int(level))
		}
	}
	if row.Kind == risk.OfPlan {
		mine.Path, mine.Action = treatmentPath+"/"+e.Key, treatmentPath+"/"+e.Key
		mine.Reason, mine.AskedBy = page.Markdown(e.Doc.Text("option_reason")), person(v, e.Doc.Text("owner"))
	} else {
		a, err := register.As[risk.Acceptance](e)
		if err != nil {
			return mine, err
		}
		if mine.Promised, err = promised.Of(v, p, a); err != nil {
			return mine, err
		}
		mine.Path, mine.Action = "/acceptances/"+e.Key, signaturePath+"/"+e.Key
		mine.Reason, mine.Conditions, mine.AskedBy = page.Markdown(e.Doc.Text("reason")), page.Markdown(e.Doc.Text("conditions")), person(v, e.Doc.Text("requested_by"))
	}
	return mine, nil
}

func signatureSheet(v *register.View, p page.Page) grid.Sheet[signatureRow] {
	ctx := v.Context()
	who := func(key string) string { return person(v, key) }
	state := func(name string) string { return message.T(ctx, "riskplan.signed.state."+name) }
	kind := func(name string) string { return message.T(ctx, "riskplan.signed.kind."+name) }
	views := []grid.Tab{{Label: message.T(ctx, "list.all")}}
	ranks := []string{}
	for _, st := range risk.SignatureStates() {
		ranks = append(ranks, string(st))
		views = append(views, grid.Tab{Label: state(string(st)), Filter: []string{"state=" + string(st)}})
	}
	path := func(s signatureRow) string {
		if s.Kind == risk.OfPlan {
			return p.Link(treatmentPath + "/" + s.Subject.Key)
		}
		return p.Link("/acceptances/" + s.Subject.Key)
	}
	return grid.Sheet[signatureRow]{
		Caption: message.T(ctx, "riskplan.signed"), Views: views,
		Row: func(s signatureRow) grid.Row {
			return grid.Row{Key: s.Subject.Key + "-" + s.Person, Title: s.Subject.Title(), Path: path(s), Narrow: s.Name + " · " + state(string(s.State))}
		},
		Fields: []grid.Field[signatureRow]{
			{Key: "entry", Label: message.T(ctx, "riskplan.signed.key"), Class: "id num fit", Of: func(s signatureRow) []string { return []string{s.Subject.Key} }, Cell: func(s signatureRow, _ grid.Row) templ.Component { return grid.Data(s.Subject.Key) }},
			{Key: "title", Label: message.T(ctx, "riskplan.signed.what"), Class: "main-cell", Of: func(s signatureRow) []string { return []string{s.Subject.Title()} }, Cell: func(_ signatureRow, r grid.Row) templ.Component { return grid.Link(r) }},
			{Key: "kind", Label: message.T(ctx, "riskplan.signed.kind"), Class: "p3 fit t2", Few: true, Every: true, Rank: []string{risk.OfPlan, risk.OfResidual}, Word: kind, Of: func(s signatureRow) []string { return []string{s.Kind} },
				Cell: func(s signatureRow, _ grid.Row) templ.Component { return grid.Data(kind(s.Kind)) }},
			{Key: "person", Label: message.T(ctx, "riskplan.signed.who"), Class: "p2 fit", Few: true, Word: who, Of: func(s signatureRow) []string {
				return slices.DeleteFunc([]string{s.Person}, func(k string) bool { return k == "" })
			},
				Cell: func(s signatureRow, _ grid.Row) templ.Component { return page.Avatar(s.Name) }},
			{Key: "risks", Label: message.T(ctx, "riskplan.risk"), Class: "p4 fit num", Of: func(s signatureRow) []string { return s.Risks }, Cell: func(s signatureRow, _ grid.Row) templ.Component { return grid.Data(strings.Join(s.Risks, ", ")) }},
			{Key: "level", Label: message.T(ctx, "riskplan.level"), Class: "p3 fit", Of: func(s signatureRow) []string {
				return slices.DeleteFunc([]string{s.Level}, func(k string) bool { return k == "" })
			}, Cell: func(s signatureRow, _ grid.Row) templ.Component { return grid.Data(s.Level) }},
			{Key: "until", Label: message.T(ctx, "riskplan.signed.until"), Class: "p3 fit num", Kind: table.Date, Of: func(s signatureRow) []string {
				return slices.DeleteFunc([]string{s.Until}, func(k string) bool { return k == "" })
			},
				Cell: func(s signatureRow, _ grid.Row) templ.Component { return grid.Data(page.Day(s.Until)) }},
			{Key: "state", Label: message.T(ctx, "riskplan.state"), Class: "p2 fit", Few: true, Every: true, Rank: ranks, Word: state, Of: func(s signatureRow) []string { return []string{string(s.State)} },
				Cell: func(s signatureRow, _ grid.Row) templ.Component { return signatureState(s) }},
			{Key: "because", Label: message.T(ctx, "riskplan.signed.because"), Class: "p4 t2 beside", Of: func(s signatureRow) []string {
				return slices.DeleteFunc([]string{s.Because}, func(k string) bool { return k == "" })
			},
				Cell: func(s signatureRow, _ grid.Row) templ.Component { return grid.Data(s.Because) }},
		},
	}
}

// signResidual accepts or refuses what the one who looks was asked to accept.
func (s *section) signResidual(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.step(r, actor, risk.Acceptances.Definition, r.PathValue("acceptance")); err != nil {
		return s.drawSignatures(w, r, actor, err)
	}
	http.Redirect(w, r, signaturePath, http.StatusSeeOther)
	return nil
}

func (s *section) exportSignatures(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.Read(r, actor, func(v *register.View) error {
		if err := access.May(actor, access.Export, access.Subject{Register: risk.Acceptances.Name}, v.Now()); err != nil {
			return err
		}
		rows, err := signatureRows(v)
		if err != nil {
			return err
		}
		p := page.Page{Path: signaturePath, Query: r.URL.Query()}
		return signatureSheet(v, p).Send(w, p, rows, grid.Stamp{Name: "risk-signatures", At: v.Now(), By: actor.Name})
	})
}
