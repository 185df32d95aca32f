// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/register"
)

// Setting is how an organisation asks a rule with other numbers than it comes
// with: fourteen days in place of thirty. It changes no severity and switches
// nothing off: for what may stand there is an exception, with an end.
type Setting struct {
	Title  string   `json:"title" is:"text derived title" label:"Rule"`
	Rule   string   `json:"rule" is:"ref required unique" to:"rule" label:"Asks"`
	Params []Number `json:"params" is:"rows required" label:"Numbers"`
	Reason string   `json:"reason" is:"markdown required" label:"Why" help:"Shown wherever the rule is, to auditors too."`
	Owner  string   `json:"owner" is:"person owner" label:"Owner"`
}

// Number gives a number of a rule another value than the rule's own.
type Number struct {
	Name  string `json:"name" is:"text required" label:"Number" help:"As the rule calls it, such as days."`
	Value string `json:"value" is:"text required" label:"Value"`
}

// Settings is the register of rule settings.
var Settings = register.Declare(register.Definition{
	Name: "rule_setting", Plural: "rule-settings", Prefix: "RS", Title: "Rule setting",
	Question: "Which rules of lint do we ask with other numbers, and why?",
	Purpose:  "Rules of lint that are asked here with other numbers than they come with, and why.",
	Clauses:  []string{"9.1"}, Retention: "cycle", Group: "settings",
	Lists:     []register.Shape{{Filter: []string{"state"}, Order: "title"}},
	Derive:    nameRuleSetting,
	Lifecycle: register.Living(nil, "isms_manager"),
}, func(_ register.Reader, now register.Of[Setting], _ *register.Of[Setting]) error {
	_, err := now.Fields.over()
	return err
})

func nameRuleSetting(_ register.Reader, doc register.Doc) error {
	doc["title"] = strings.TrimPrefix(doc.Text("rule"), ReferencePrefix)
	if r, ok := Named(doc.Text("title")); ok {
		doc["title"] = r.Title
	}
	return nil
}

// over gives the numbers of the rule under the setting. Errors name the field
// and say what the rule has.
func (s Setting) over() (map[string]float64, error) {
	r, ok := Named(strings.TrimPrefix(s.Rule, ReferencePrefix))
	if !ok {
		return nil, sextant.Errorf(sextant.Invalid, "there is no rule %q", s.Rule).At("rule")
	}
	names := slices.Sorted(maps.Keys(r.Params))
	if len(names) == 0 {
		return nil, sextant.Errorf(sextant.Invalid, "%s has no number to change", r.ID).At("rule").WithHint("what it finds can be waived by an exception")
	}
	params := maps.Clone(r.Params)
	for _, n := range s.Params {
		value, err := strconv.ParseFloat(strings.TrimSpace(n.Value), 64)
		switch {
		case !slices.Contains(names, n.Name):
			return nil, sextant.Errorf(sextant.Invalid, "%s has no number %q", r.ID, n.Name).At("params").WithHint("it has %s", strings.Join(names, ", "))
		case err != nil || math.IsNaN(value) || value < 0 || value > mostNumber:
			return nil, sextant.Errorf(sextant.Invalid, "%s: %q is no number from 0 to %d", n.Name, n.Value, int(mostNumber)).At("params")
		}
		params[n.Name] = value
	}
	return params, nil
}

// mostNumber is the highest value: a century of days.
const mostNumber = 36_500

// Changed says that an organisation asks a rule with other numbers.
type Changed struct {
	Setting string             `json:"setting"` // key
	Reason  string             `json:"reason"`
	From    map[string]float64 `json:"from"` // the rule's own numbers that were changed
}

// InForce gives the rules as an organisation asks them at the moment of a view,
// with what it changed, by id.
func InForce(v *register.View, rules []Rule) ([]Rule, map[string]Changed, error) {
	if _, err := v.Set().Named(Settings.Name); err != nil {
		return rules, nil, nil //nolint:nilerr // a program without settings changes nothing
	}
	all, err := Settings.All(v, active)
	if err != nil || len(all) == 0 {
		return rules, nil, err
	}
	rules = slices.Clone(rules)
	changed := map[string]Changed{}
	for _, s := range all {
		i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == strings.TrimPrefix(s.Fields.Rule, ReferencePrefix) })
		if i < 0 {
			continue // of a rule that is gone, or not asked
		}
		params, err := s.Fields.over()
		if err != nil {
			return nil, nil, fmt.Errorf("setting %s: %w", s.Key, err)
		}
		c := Changed{Setting: s.Key, Reason: s.Fields.Reason, From: map[string]float64{}}
		for name, own := range rules[i].Params {
			if params[name] != own {
				c.From[name] = own
			}
		}
		rules[i].Params, changed[rules[i].ID] = params, c
	}
	return rules, changed, nil
}
