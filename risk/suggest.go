// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"
	"strings"

	"sextant/access"
	"sextant/asset"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk/scenario"
)

// DeclinedSuggestion is one that somebody looked at and left. It does not come
// back for what failed then, only for something else.
type DeclinedSuggestion struct {
	Title      string   `json:"title" is:"text derived title" label:"Suggestion"`
	Scenario   string   `json:"scenario" is:"ref required keep" to:"scenario" label:"Scenario"`
	Check      string   `json:"check" is:"ref required keep" to:"check" label:"Check"`
	Resources  []string `json:"resources" is:"text" label:"Found then"`
	Reason     string   `json:"reason" is:"markdown required" label:"Why it is no risk here"`
	DeclinedBy string   `json:"declined_by" is:"person owner keep" label:"Declined by"`
}

// Declines is the register of declined suggestions. Retiring one brings the
// suggestion back.
var Declines = register.Declare[DeclinedSuggestion](register.Definition{
	Name: "declined_suggestion", Plural: "declined-suggestions", Prefix: "DSG", Title: "Declined suggestion",
	Question: "Which suggested risks did we leave out, and why?",
	Purpose:  "Risks that a failing check suggested and somebody declined, with the reason.",
	Clauses:  []string{"6.1.2 c)"}, Retention: "cycle", Group: "risks", OpenTo: []access.Role{access.Owner}, Lifecycle: register.Living(nil, "declined_by", "isms_manager"),
	Derive: func(_ register.Reader, doc register.Doc) error {
		c, _ := scenario.Library().Scenario(strings.TrimPrefix(doc.Text("scenario"), "scenario/"))
		doc["title"] = c.Title + " (" + strings.TrimPrefix(doc.Text("check"), check.Prefix) + ")"
		return nil
	},
}, nil)

// Suggestion is a scenario of the library that a failing check says is open, and
// that the register of risks does not have.
type Suggestion struct {
	Scenario  scenario.Scenario
	Check     string                            // id of the check
	Resources []string                          // keys of what fails and was not declined, some of them
	More      bool                              // there are further ones
	Declined  []register.Of[DeclinedSuggestion] // for other resources, before
	Assets    []register.Of[asset.Asset]        // that what fails is, or is in
	Unit      string                            // where it could happen: that of the assets, "" where none is known
	Owner     string                            // who answers for that unit; "" where nobody does
}

// suggestedFrom is how many failing resources are read at a time, and lookedAt how
// many at most to find one nobody declined.
const suggestedFrom, lookedAt = 50, 1000

// Suggestions gives them in the order of the library. Only what fails suggests: a
// check that cannot tell says nothing about a risk. A resource somebody declined a
// scenario for does not suggest it again.
func Suggestions(v *register.View, m evidence.Reader) (list []Suggestion, err error) {
	outcomes, err := m.Outcomes(v.At())
	if err != nil {
		return nil, err
	}
	taken, err := takenScenarios(v)
	if err != nil {
		return nil, err
	}
	declined, err := Declines.All(v, inState("active"))
	if err != nil {
		return nil, err
	}
	for _, o := range outcomes {
		if s := control.State(o.State); s != control.Fail && s != control.FailInGrace {
			continue
		}
		for _, c := range scenario.Library().ByCheck(o.Check) {
			if taken["scenario/"+c.ID] {
				continue
			}
			s := Suggestion{Scenario: c, Check: o.Check}
			if err := s.look(v, m, declined); err != nil {
				return nil, err
			}
			if len(s.Resources) > 0 {
				list = append(list, s)
			}
		}
	}
	return list, placed(v, list)
}

// look reads what fails and was not declined.
func (s *Suggestion) look(v *register.View, m evidence.Reader, all []register.Of[DeclinedSuggestion]) error {
	s.Declined = slices.DeleteFunc(slices.Clone(all), func(d register.Of[DeclinedSuggestion]) bool {
		return d.Fields.Scenario != "scenario/"+s.Scenario.ID || d.Fields.Check != check.Prefix+s.Check
	})
	known := map[string]bool{}
	for _, d := range s.Declined {
		for _, key := range d.Fields.Resources {
			known[key] = true
		}
	}
	var after *evidence.Result
	for looked := 0; looked < lookedAt && len(s.Resources) == 0; looked += suggestedFrom {
		some, err := m.Offenders(evidence.ResultList{Check: s.Check, At: v.At(), Statuses: []int{int(check.Fail)}, Limit: suggestedFrom, After: after})
		if err != nil || len(some) == 0 {
			return err
		}
		for i := range some {
			if after = &some[i].Result; !known[some[i].Of.Key] {
				s.Resources = append(s.Resources, some[i].Of.Key)
			}
		}
		if s.More = len(some) == suggestedFrom; !s.More {
			return nil
		}
	}
	return nil
}

// placed says of each what is known of where it could happen.
func placed(v *register.View, list []Suggestion) error {
	if len(list) == 0 {
		return nil
	}
	assets, err := asset.Assets.All(v, inState("active", "proposed"))
	if err != nil {
		return err
	}
	for i := range list {
		s := &list[i]
		s.Assets = slices.DeleteFunc(slices.Clone(assets), func(a register.Of[asset.Asset]) bool { return !s.bearsOn(a.Fields) })
		if len(s.Assets) == 0 {
			continue
		}
		s.Unit = s.Assets[0].Fields.ScopeUnits[0]
		unit, err := organisation.ScopeUnits.Get(v, s.Unit)
		if err != nil {
			return err
		}
		s.Owner = unit.Fields.Owner
	}
	return nil
}

// bearsOn says whether what fails is an asset, or is in it, as a bucket is in an
// account: an identifier of the asset is the key of the resource, or a part of it.
func (s Suggestion) bearsOn(a asset.Asset) bool {
	return slices.ContainsFunc(s.Resources, func(key string) bool {
		parts := strings.FieldsFunc(key, func(r rune) bool { return r == ':' || r == '/' })
		return slices.ContainsFunc(a.Identifiers, func(id string) bool { return id == key || slices.Contains(parts, id) })
	})
}

func takenScenarios(v *register.View) (map[string]bool, error) {
	taken := map[string]bool{}
	risks, err := all[Risk](v, riskName)
	for _, r := range risks {
		for _, ref := range r.Fields.Scenarios {
			taken[ref] = true
		}
	}
	return taken, err
}
