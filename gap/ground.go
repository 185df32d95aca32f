// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sextant/evidence"
	"sextant/framework"
	"sextant/register"
	"sextant/soa"
)

// Grounds is what answers say about the rows of a statement (soa.Proposer): what
// was found in use, or is to be put in place by an action, is practised; what
// does not apply in any unit that was asked speaks for leaving it out. Of a
// control and a unit the newest campaign speaks. An answer is somebody's
// judgement and asks for nothing, so it speaks only where nothing else does.
func Grounds(v *register.View, _ evidence.Reader, _ string) ([]soa.Ground, error) {
	campaigns, err := Campaigns.All(v)
	if err != nil {
		return nil, err
	}
	by := map[string]register.Of[Campaign]{}
	for _, c := range campaigns {
		if c.State == Running || c.State == Closed {
			by[c.Key] = c
		}
	}
	answers, err := Answers.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{Answered, Reviewed}})
	return groundsOf(v, by, newestOf(answers, by)), err
}

// newestOf gives the standing answers about controls, by control: of each unit
// that of the campaign that began last.
func newestOf(answers []register.Of[Answer], by map[string]register.Of[Campaign]) map[string][]register.Of[Answer] {
	newest := map[[2]string]register.Of[Answer]{}
	for _, a := range answers {
		c, standing := by[a.Fields.Campaign]
		if _, isControl := framework.ControlByID(a.Fields.Reference); !standing || !isControl {
			continue
		}
		place := placeOf(a)
		before, known := newest[place]
		if !known || cmp.Or(cmp.Compare(by[before.Fields.Campaign].Fields.StartsOn, c.Fields.StartsOn), cmp.Compare(len(before.Key), len(a.Key)), cmp.Compare(before.Key, a.Key)) < 0 {
			newest[place] = a
		}
	}
	standing := map[string][]register.Of[Answer]{}
	for _, a := range answers { // in their order, so that the same answers give the same sentences
		if newest[placeOf(a)].Key == a.Key {
			standing[a.Fields.Reference] = append(standing[a.Fields.Reference], a)
		}
	}
	return standing
}

func groundsOf(v *register.View, by map[string]register.Of[Campaign], standing map[string][]register.Of[Answer]) (list []soa.Ground) {
	for _, reference := range slices.Sorted(maps.Keys(standing)) {
		answers := standing[reference]
		var out []soa.Ground
		for _, a := range answers {
			if a.Fields.Answer == NotApplicable {
				out = append(out, soa.Ground{Control: reference, Reason: soa.Exclusion, Entry: a.Key, Within: true, Why: sentence(a.Fields.NotApplicableReason)})
			} else if says := found(a.Fields); says != "" {
				list = append(list, soa.Ground{Control: reference, Reason: "good_practice", Entry: a.Key, Within: true,
					Why: fmt.Sprintf("The gap analysis %q %s %s.", by[a.Fields.Campaign].Title(), says, v.TitleOf("scope_unit", a.Fields.ScopeUnit))})
			}
		}
		if len(out) == len(answers) {
			list = append(list, out...)
		}
	}
	return list
}

// found is what an answer says of a control that is wanted.
func found(a Answer) string {
	switch {
	case a.Answer == Met:
		return "found it in use in"
	case a.Answer == Partly:
		return "found it in use in part in"
	case a.Answer == NotMet && len(a.Actions) > 0:
		return "planned actions to put it in place in"
	}
	return ""
}

// sentence ends a text that somebody typed as one.
func sentence(text string) string { return strings.TrimRight(strings.TrimSpace(text), ".") + "." }
