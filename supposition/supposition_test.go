// SPDX-License-Identifier: Apache-2.0

package supposition_test

import (
	"slices"
	"testing"
	"time"

	"sextant/access"
	"sextant/evidence"
	"sextant/product"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
	"sextant/supposition"
)

const (
	copies     = "own/NQ-1"
	backup     = "iso27001:2022/A.8.13"
	redundancy = "iso27001:2022/A.8.14"
	logging    = "iso27001:2022/A.8.15"
)

// decided is a house whose statement declares copies, which their evidence
// proves, and backup, plans redundancy, and decided nothing about logging.
func decided(t *testing.T, h *producttest.House) (key string) {
	t.Helper()
	system := h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key
	owner := h.People[access.Owner]
	h.Create(t, "own_control", map[string]any{"reference": "NQ-1", "title": "Copies of the orders", "objective": "o", "description": "d", "owner": owner})
	for control, stands := range map[string]string{copies: "implemented", backup: "implemented", redundancy: "planned"} {
		h.Create(t, "soa_row", map[string]any{"management_system": system, "control": control, "applicability": "applicable", "reasons": []any{"good_practice"}})
		values := map[string]any{"control": control, "scope_unit": "SU-1", "implementation": stands, "how": "Nightly.", "owner": owner}
		if stands == "planned" {
			values["planned_on"] = h.Clock().Time().AddDate(0, 2, 0).Format(time.DateOnly)
		}
		imp := h.Create(t, "implementation", values)
		if control != redundancy {
			h.Create(t, "plan_line", map[string]any{"implementation": imp.Key, "shows": "Databases keep copies", "mode": "automatic", "form": "checks", "checks": []any{"check/aws.rds-backup"}})
		}
	}
	h.Create(t, "source", map[string]any{"title": "AWS", "connector": "aws", "schedule": "P1D"})
	h.Observe(t, "SRC-1", "aws:rds_instance", map[string]map[string]any{"db:orders": producttest.Database("orders", 30)})
	asset := h.Create(t, "asset", map[string]any{"title": "Orders", "type": "database", "scope_units": []any{"SU-1"}}).Key
	of := h.Create(t, "risk", map[string]any{"title": "Orders cannot be restored", "approach": "asset", "assets": []any{asset}, "properties": []any{"availability"}, "category": "continuity", "scope_units": []any{"SU-1"}, "owner": owner}).Key
	return h.Create(t, "treatment", map[string]any{"title": "A second region", "risks": []any{of}, "options": []any{"modify"}, "option_reason": "Cheap.", "owner": owner, "due_on": h.Clock().Time().AddDate(0, 3, 0).Format(time.DateOnly),
		"measures": []any{map[string]any{"title": "Copies", "control": copies}, map[string]any{"title": "Standby", "control": redundancy}, map[string]any{"title": "Logs", "control": logging}}}).Key
}

// TestWhatFollowsReachesStatementAndRequirements: of each kind of supposition.
func TestWhatFollowsReachesStatementAndRequirements(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		plan := decided(t, h)
		for _, c := range []struct {
			supposed risk.Supposition
			says     map[string]supposition.Saying // by reference; every other row says what is
			of       string                        // a requirement that would be shown otherwise
		}{
			{risk.Supposition{Kind: risk.ControlFails, Of: copies}, map[string]supposition.Saying{copies: supposition.TooMuch}, ""},
			{risk.Supposition{Kind: risk.ControlFails, Of: backup}, nil, backup},
			{risk.Supposition{Kind: risk.SourceLost, Of: "SRC-1"}, map[string]supposition.Saying{copies: supposition.TooMuch}, backup},
			{risk.Supposition{Kind: risk.TreatmentDone, Of: plan}, map[string]supposition.Saying{redundancy: supposition.TooLittle, logging: supposition.LeftOut}, logging},
		} {
			h.Look(t, 0, func(v *register.View, m evidence.Reader) error {
				o, err := supposition.Suppose(v, m, product.Frameworks(), c.supposed)
				if err != nil {
					return err
				}
				if len(o.Statement) != len(c.says) {
					t.Errorf("%s: %+v", c.supposed.Kind, o.Statement)
				}
				for _, row := range o.Statement {
					if row.Says != c.says[row.Control] {
						t.Errorf("%s: the row of %s would be %q, want %q", c.supposed.Kind, row.Control, row.Says, c.says[row.Control])
					}
				}
				i := slices.IndexFunc(o.Requirements, func(f supposition.Framework) bool { return f.ID == "iso27001:2022" })
				if c.of != "" && (i < 0 || !slices.Contains(o.Requirements[i].Points, c.of)) {
					t.Errorf("%s: %s is not among %+v", c.supposed.Kind, c.of, o.Requirements)
				}
				return nil
			})
		}
	})
}
