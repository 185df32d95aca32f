// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks/promised"
	"sextant/internal/server/web/risks/tabs"
	"sextant/register"
	"sextant/risk"
)

// signView is what a risk owner can sign in one go, and what not.
type signView struct {
	Tabs       []tabs.Tab
	Person     bool // the account is linked to one
	May, Not   []decisionRow
	Picked     []string
	Terms      bool // something is accepted nobody asked for: it needs a reason and a day
	Reason     string
	Conditions string
	Until      string            // offered, or typed
	Latest     string            // of those that can be accepted for the longest
	Above      int               // that can be signed and are above appetite
	Own        map[string]string // reasons typed for one
	Seen       string            // position of the log
	Given      []givenRow
	Left       []givenRow // picked, and not signed
	Troubles   troubles
}

// decisionRow is one thing to sign.
type decisionRow struct {
	Key, Title, Path, Kind string
	Level, Now             levelView
	Appetite               string // in words; "" of a plan
	Risks                  []choice
	Authority              string // who may accept the level
	Latest                 string // a day, in words
	Asked                  bool
	AskedBy, Until         string
	Reason, Conditions     string // HTML, of who asked
	Promised               []promised.Row
	Says, Hint             string // why it cannot be signed
}

// givenRow is what became of one that was picked.
type givenRow struct {
	Key, Title, Record, Path, Kind string
	Level                          levelView
	Says, Hint                     string
}

// manyAtOnce is where signing looks like signing, not like deciding: a rule of
// lint (acceptance-mass-signed) says so of more.
const manyAtOnce = 10

func (s *section) signForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawSign(w, r, actor, signView{Picked: r.URL.Query()["key"]}, nil)
}

// drawSign draws what can be signed, with what was given and left out before it.
func (s *section) drawSign(w http.ResponseWriter, r *http.Request, actor access.Actor, view signView, problem error) error {
	p := s.Page(r, actor, message.T(r.Context(), "riskplan.sign.title"))
	p.Path = signPath
	if err := s.Read(r, actor, func(v *register.View) error { return view.fill(v, p) }); err != nil {
		return err
	}
	said, status, err := shown(problem)
	if err != nil {
		return err
	}
	view.Troubles = said
	s.DrawStatus(w, r, status, signPage(p, view))
	return nil
}

func (view *signView) fill(v *register.View, p page.Page) (err error) {
	if err := access.May(v.Actor(), access.Read, access.Subject{Register: risk.Acceptances.Name}, v.Now()); err != nil {
		return err
	}
	if view.Tabs, err = tabs.Of(v); err != nil {
		return err
	}
	person := v.Actor().Person
	if view.Person = person != ""; !view.Person {
		return nil
	}
	view.Seen = strconv.FormatInt(int64(p.Seq), 10)
	list, err := risk.Decisions(v, person)
	if err != nil {
		return err
	}
	shortest := ""
	for _, d := range list {
		row := decisionOf(v, d)
		if d.Asked != nil {
			if row.Promised, err = promised.Of(v, p, *d.Asked); err != nil {
				return err
			}
		}
		if d.Refusal != nil {
			view.Not = append(view.Not, row)
			continue
		}
		view.May = append(view.May, row)
		if d.Kind == risk.OfPlan {
			continue
		}
		if d.Risks[0].Fields.Appetite != "within" {
			view.Above++
		}
		if d.Asked == nil {
			view.Terms, view.Latest = true, max(view.Latest, d.Latest)
			if shortest == "" || d.Latest < shortest {
				shortest = d.Latest
			}
		}
	}
	if view.Until == "" && view.Terms {
		view.Until = min(shortest, register.AddPeriod(v.Now().Time(), "P12M").Format(time.DateOnly))
	}
	return view.notTheirs(v, list)
}

// notTheirs names what was chosen in the list of risks and is nothing this
// person can sign.
func (view *signView) notTheirs(v *register.View, list []risk.Decision) error {
	if view.Given != nil || view.Left != nil {
		return nil
	}
	for _, key := range view.Picked {
		if slices.ContainsFunc(list, func(d risk.Decision) bool { return d.Key == key }) {
			continue
		}
		d, err := risk.NotToSign(v, key)
		if err != nil {
			return err
		}
		view.Not = append(view.Not, decisionOf(v, d))
	}
	return nil
}

func decisionOf(v *register.View, d risk.Decision) decisionRow {
	row := decisionRow{Key: d.Key, Title: d.Title, Kind: d.Kind, Path: pathOf(d), Latest: page.Day(d.Latest), Level: levelAt(d.Yardstick, d.Level), Asked: d.IsAsked()}
	for _, r := range d.Risks {
		row.Risks = append(row.Risks, choice{Key: r.Key, Name: r.Title()})
		if at := risk.Whole(r.Fields.CurrentLevel); at > row.Now.N {
			row.Now = levelAt(d.Yardstick, at)
		}
	}
	if row.Level.N > 0 {
		row.Authority = message.T(v.Context(), "riskplan.sign.by."+d.Yardstick.Criteria.Levels[d.Level-1].MayAccept)
	}
	switch {
	case d.Plan != nil:
		f := d.Plan.Fields
		row.Reason, row.AskedBy, row.Until = page.Markdown(f.OptionReason), person(v, f.Owner), page.Day(f.DueOn)
	case d.Asked != nil:
		f := d.Asked.Fields
		row.Reason, row.Conditions, row.AskedBy, row.Until = page.Markdown(f.Reason), page.Markdown(f.Conditions), person(v, f.RequestedBy), page.Day(f.ValidUntil)
	}
	if d.Kind == risk.OfResidual && len(d.Risks) > 0 {
		field, _ := risk.Risks.Field("appetite")
		row.Appetite = label(v.Context(), field.Values, d.Risks[0].Fields.Appetite)
	}
	if d.Refusal != nil {
		row.Says, row.Hint = d.Refusal.Message, d.Refusal.Hint
	}
	return row
}

func levelAt(y *risk.Yardstick, level int) levelView {
	if y == nil {
		return levelView{}
	}
	return levelOf(y.Criteria, level)
}

func pathOf(d risk.Decision) string {
	if d.Kind == risk.OfPlan {
		return treatmentPath + "/" + d.Key
	}
	return "/risks/" + d.Key
}

// signSeveral signs what was picked, each by itself, after one proof of who signs.
func (s *section) signSeveral(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	view := signView{Own: map[string]string{}, Picked: r.PostForm["pick"], Reason: r.PostFormValue("reason"), Conditions: r.PostFormValue("conditions"), Until: r.PostFormValue("valid_until")}
	for _, key := range view.Picked {
		view.Own[key] = r.PostFormValue("reason." + key)
	}
	signed, err := s.signed(r, view)
	for _, one := range signed {
		row := givenOf(one)
		if one.Refusal == nil {
			view.Given = append(view.Given, row)
		} else {
			view.Left = append(view.Left, row)
		}
	}
	if err == nil {
		view.Picked, view.Own, view.Reason, view.Conditions, view.Until = nil, nil, "", "", ""
	}
	return s.drawSign(w, r, actor, view, err)
}

func (s *section) signed(r *http.Request, view signView) ([]risk.Signed, error) {
	if len(view.Picked) == 0 {
		return nil, sextant.Errorf(sextant.Invalid, "nothing was chosen").At("pick").WithHint("tick what you decided")
	}
	seen, err := strconv.ParseInt(r.PostFormValue("seen"), 10, 64)
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "the form does not say what you looked at").WithHint("open the page again")
	}
	actor, err := s.ProveAgain(r)
	if err != nil {
		return nil, err
	}
	picks := make([]risk.Pick, len(view.Picked))
	for i, key := range view.Picked {
		picks[i] = risk.Pick{Key: key, Reason: view.Own[key]}
	}
	return risk.Sign(r.Context(), s.Kernel, actor, picks, risk.Terms{Reason: view.Reason, Conditions: view.Conditions, ValidUntil: view.Until, Seen: sextant.Seq(seen)})
}

func givenOf(one risk.Signed) givenRow {
	row := givenRow{Key: one.Key, Title: one.Title, Record: one.Record, Path: pathOf(one.Decision), Kind: one.Kind, Level: levelAt(one.Yardstick, one.Level)}
	if one.Kind == risk.OfResidual && one.Record != "" {
		row.Path = "/acceptances/" + one.Record
	}
	if one.Refusal != nil {
		row.Says, row.Hint = one.Refusal.Message, one.Refusal.Hint
	}
	return row
}

func (view signView) isPicked(key string) bool { return slices.Contains(view.Picked, key) }
