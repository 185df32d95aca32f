// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"
	"strings"

	"sextant/access"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/register"
	"sextant/risk/scenario"
)

// DeclinedSuggestion is one that somebody looked at and left. It does not come
// back until the check finds something that was not there then.
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
	Check     string   // id of the check
	Resources []string // keys of what fails, some of them
	More      bool     // there are further ones
}

// suggestedFrom is how many failing resources of a check are looked at.
const suggestedFrom = 50

// Suggestions gives them in the order of the library. Only what fails suggests: a
// check that cannot tell says nothing about a risk.
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
			offenders, err := m.Offenders(evidence.ResultList{Check: o.Check, At: v.At(), Statuses: []int{int(check.Fail)}, Limit: suggestedFrom})
			if err != nil {
				return nil, err
			}
			for _, offender := range offenders {
				s.Resources = append(s.Resources, offender.Of.Key)
			}
			s.More = len(offenders) == suggestedFrom
			if !s.isDeclined(declined) {
				list = append(list, s)
			}
		}
	}
	return list, nil
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

// isDeclined: somebody declined it, and nothing fails that did not fail then.
func (s Suggestion) isDeclined(declined []register.Of[DeclinedSuggestion]) bool {
	for _, d := range declined {
		if d.Fields.Scenario != "scenario/"+s.Scenario.ID || d.Fields.Check != check.Prefix+s.Check {
			continue
		}
		if !slices.ContainsFunc(s.Resources, func(key string) bool { return !slices.Contains(d.Fields.Resources, key) }) {
			return true
		}
	}
	return false
}
