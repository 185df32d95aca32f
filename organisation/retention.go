// SPDX-License-Identifier: Apache-2.0

package organisation

import (
	"cmp"
	"time"

	"sextant"
	"sextant/register"
)

// The least that mandatory records are kept: what a certification body looks
// back on.
const (
	leastTwoCycles = "P6Y"
	leastCycle     = "P3Y"
)

// checkKeeping refuses retention below the certification minimum.
func checkKeeping(o Organisation) error {
	for _, rule := range []struct{ field, period, least, word string }{
		{"keep_two_cycles", o.KeepTwoCycles, leastTwoCycles, "six years"},
		{"keep_cycle", o.KeepCycle, leastCycle, "three years"},
	} {
		if rule.period != "" && shorter(rule.period, rule.least) {
			return sextant.Errorf(sextant.Invalid, "these records are kept for at least %s", rule.word).At(rule.field).WithHint("a certification body looks back that far")
		}
	}
	return nil
}

func shorter(a, b string) bool {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return register.AddPeriod(day, a).Before(register.AddPeriod(day, b))
}

// LegalHold keeps entries from being erased, whatever retention rule or person
// asks: a dispute, an investigation, an order (A.5.28, A.5.33).
type LegalHold struct {
	Title     string   `json:"title" is:"text required title" label:"What for" help:"The case, in words that do not give it away."`
	Reason    string   `json:"reason" is:"markdown required" label:"Reason" help:"Who asked for it and on what ground."`
	Registers []string `json:"registers" is:"text" label:"Whole registers" help:"By name, such as incident. Everything in them is kept."`
	Entries   []string `json:"entries" is:"ref keep" to:"any" label:"Entries" help:"Kept with their comments, files and children."`
	Owner     string   `json:"owner" is:"person required owner keep" label:"Owner"`
	ReviewOn  string   `json:"review_on" is:"date due" label:"Review on" help:"A hold nobody looks at keeps data for ever."`
}

// LegalHolds is the register of legal holds.
var LegalHolds = register.Declare(register.Definition{
	Name: "legal_hold", Plural: "legal-holds", Prefix: "HLD", Title: "Legal hold",
	Purpose: "What may not be erased for now, and why.", Clauses: []string{"7.5.3 f)"},
	Retention: register.Permanent, Group: "settings",
	Lists: []register.Shape{{Filter: []string{"state"}, Order: "review_on"}},
	Lifecycle: register.Lifecycle{
		Initial: "in_force",
		States:  []register.State{{Name: "in_force", Label: "In force"}, {Name: "released", Label: "Released", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{{Name: "release", Label: "Release", From: []string{"in_force"}, To: "released",
			Who: []string{"isms_manager", "owner"}, NeedsReason: true}},
	},
}, func(_ register.Reader, now register.Of[LegalHold], _ *register.Of[LegalHold]) error {
	if len(now.Fields.Registers) == 0 && len(now.Fields.Entries) == 0 {
		return sextant.Errorf(sextant.Invalid, "a hold names registers or entries").At("entries")
	}
	return nil
})

// Retention reads what the organisation decided about keeping and erasing.
func Retention(tx register.Reader) (policy register.RetentionPolicy, err error) {
	all, err := Organisations.All(tx)
	if err != nil || len(all) == 0 {
		return policy, err
	}
	o := all[0].Fields
	policy.Periods = map[string]string{
		register.TwoCycles: cmp.Or(o.KeepTwoCycles, leastTwoCycles), register.Cycle: cmp.Or(o.KeepCycle, leastCycle),
		register.Contract: o.KeepContract, register.Employment: o.KeepEmployment, register.Short: o.KeepShort,
	}
	holds, err := LegalHolds.All(tx, register.Filter{Field: "state", Op: register.Is, Values: []string{"in_force"}})
	for _, h := range holds {
		policy.Holds = append(policy.Holds, register.LegalHold{Key: h.Key, Title: h.Fields.Title, Registers: h.Fields.Registers, Entries: h.Fields.Entries})
	}
	return policy, err
}
