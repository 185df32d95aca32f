// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"net/http"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/evidence"
	"sextant/monitor"
	"sextant/register"
	"sextant/risk"
)

// suggestion is a scenario that a failing check says is open.
type suggestion struct {
	Ref, Title, Path   string
	Check, CheckTitle  string
	CheckPath          string
	Resources          []string // short keys, some
	More               int
	Before             []string // why it was declined for something else
	Assets             []choice // it is about
	Owner, Unit        string   // offered
	MayTake, MayRefuse bool
}

const resourcesShown = 4

// suggestions offers to each the unit of the assets that fail and who answers for
// it; else those of the risk that was written down last.
func (s *section) suggestions(v *register.View) (list []suggestion, err error) {
	m, err := evidence.On(v)
	if err != nil {
		return nil, err
	}
	found, err := risk.Suggestions(v, m)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	owner, unit, err := lastUsed(v)
	for _, f := range found {
		x := suggestion{Ref: scenarioPrefix + f.Scenario.ID, Title: f.Scenario.Title, Path: libraryPath + "/" + f.Scenario.ID, Check: f.Check, CheckTitle: v.TitleOf("check", check.Prefix+f.Check), CheckPath: "/checks/" + f.Check,
			Owner: f.Owner, Unit: f.Unit, MayTake: v.MayCreate(risk.Risks.Definition) && v.Moment() == 0, MayRefuse: v.MayCreate(risk.Declines.Definition) && v.Moment() == 0}
		if f.Unit == "" {
			x.Owner, x.Unit = owner, unit
		}
		for _, key := range f.Resources[:min(len(f.Resources), resourcesShown)] {
			x.Resources = append(x.Resources, monitor.ShortKey(key))
		}
		for _, d := range f.Declined {
			x.Before = append(x.Before, d.Fields.Reason)
		}
		for _, a := range f.Assets {
			x.Assets = append(x.Assets, choice{a.Key, a.Title()})
		}
		x.More = max(len(f.Resources)-resourcesShown, 0)
		list = append(list, x)
	}
	return list, err
}

// lastUsed are owner and unit of the risk that was written down last.
func lastUsed(v *register.View) (owner, unit string, err error) {
	b, err := board(v)
	for _, r := range b.Risks {
		if len(r.Fields.ScopeUnits) > 0 {
			owner, unit = r.Fields.Owner, r.Fields.ScopeUnits[0] // in the order of their keys
		}
	}
	return owner, unit, err
}

// suggested takes a suggestion into the register, or declines it with a reason.
func (s *section) suggested(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	to := libraryPath + "#suggestions"
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		m, err := evidence.On(&tx.View)
		if err != nil {
			return err
		}
		found, err := risk.Suggestions(&tx.View, m)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(found, func(f risk.Suggestion) bool {
			return scenarioPrefix+f.Scenario.ID == r.PostFormValue("scenario") && f.Check == r.PostFormValue("check")
		})
		if i < 0 {
			return sextant.Errorf(sextant.Conflict, "that is not suggested any more").WithHint("the check passes now, or somebody decided it")
		}
		if r.PostFormValue("do") == "decline" {
			return decline(tx, found[i], r.PostFormValue("reason"))
		}
		made, err := takeAll(tx, []string{r.PostFormValue("scenario")}, r.PostFormValue("owner"), r.PostFormValue("unit"), r.PostForm["asset"], "suggestion")
		if err == nil {
			to = path + "/" + made[0]
		}
		return err
	})
	if err != nil {
		return s.drawLibrary(w, r, actor, err)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func decline(tx *register.Tx, s risk.Suggestion, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return sextant.Errorf(sextant.Invalid, "say why it is no risk here").At("reason")
	}
	_, err := tx.Create(risk.Declines.Name, map[string]any{"scenario": scenarioPrefix + s.Scenario.ID, "check": check.Prefix + s.Check, "resources": s.Resources, "reason": reason, "declined_by": tx.Actor().Person}, register.Note{})
	return err
}
