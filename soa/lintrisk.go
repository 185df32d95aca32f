// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"maps"
	"slices"

	"sextant/framework"
	"sextant/lint"
	"sextant/register"
	"sextant/risk"
)

// The rules that hold a statement against the risks (6.1.3 b to d).

// fromRisks are rules about risks that a version of a statement is held to as
// well: it is not frozen over a plan nobody signed, and an open risk that nothing
// is done about is worth a question.
var fromRisks = []string{"treatment-plan-not-approved", "treatment-missing"}

// statementConditions are those a version is reviewed by.
func statementConditions() lint.Conditions {
	conditions, risks := Conditions(), risk.Conditions()
	for _, id := range fromRisks {
		conditions[id] = risks[id]
	}
	return conditions
}

// treated gives the open risks of the management system by control.
func (w *world) treated() (map[string][]register.Of[risk.Risk], error) {
	all, err := lint.Once(w.Look, "soa.treated", func() (map[string][]register.Of[risk.Risk], error) { return risk.Treated(w.View) })
	if err != nil {
		return nil, err
	}
	mine := maps.Clone(all)
	for c, list := range mine {
		mine[c] = slices.DeleteFunc(slices.Clone(list), func(r register.Of[risk.Risk]) bool { return r.Fields.ManagementSystem != w.system.Key })
		if len(mine[c]) == 0 {
			delete(mine, c)
		}
	}
	return mine, nil
}

// excludedButTreated: what is left out treats a risk.
func excludedButTreated(w *world, l Line) (*lint.Finding, error) {
	treated, err := w.treated()
	if err != nil || len(treated[l.Row.Control]) == 0 {
		return nil, err
	}
	keys, names := risksNamed(treated[l.Row.Control])
	return &lint.Finding{Entries: keys, Facts: "left out, while it treats " + listed(names)}, nil
}

func risksNamed(risks []register.Of[risk.Risk]) (keys, names []string) {
	for _, r := range risks {
		keys, names = append(keys, r.Key), append(names, r.Title())
	}
	return keys, names
}

// controlWithoutRisk: run at a cost for business or good practice only, and no
// risk names it.
func controlWithoutRisk(w *world, l Line) (*lint.Finding, error) {
	treated, err := w.treated()
	if err != nil || len(treated) == 0 || len(treated[l.Row.Control]) > 0 || len(l.Implementations) == 0 {
		return nil, err
	}
	if slices.ContainsFunc(l.Row.Reasons, func(r string) bool { return r != "business" && r != "good_practice" }) || slices.Contains(l.Control.Capabilities, framework.Capability("Governance")) {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	return &lint.Finding{Facts: "in place for business or good practice only, and no risk names it"}, nil
}

// noRiskBehind says whether 'risk assessment' is given and no open risk names the
// control. Where no risk names any control, the register is what is missing.
func (w *world) noRiskBehind(l Line) (bool, error) {
	if !slices.Contains(l.Row.Reasons, "risk_assessment") {
		return false, nil
	}
	treated, err := w.treated()
	return len(treated) > 0 && len(treated[l.Row.Control]) == 0, err
}
