// SPDX-License-Identifier: Apache-2.0

package control_test

import (
	"testing"

	"sextant/control"
	"sextant/framework"
	"sextant/register"
)

func TestAStatementBeginsWithTheDatesThePlanAsksFor(t *testing.T) {
	for name, c := range map[string]struct {
		line              framework.Line
		from, to, expires string
	}{
		"a statement holds as long as the plan says": {framework.Line{Form: framework.Attested, Expires: "P6M"}, "2026-05-22", "2026-11-19", "2027-05-19"},
		"a record is needed again after its period":  {framework.Line{Form: framework.Record, Period: "P1M", Expires: "P9M"}, "2026-10-20", "2026-11-19", "2026-12-19"},
		"a year where the plan does not say":         {framework.Line{Form: framework.Attested}, "2025-11-19", "2026-11-19", "2027-11-19"},
	} {
		from, to, expires := control.Expected(c.line, now)
		if from != c.from || to != c.to || expires != c.expires {
			t.Errorf("%s: %s to %s, expires %s", name, from, to, expires)
		}
	}
}

func TestTheWorstConclusionSpeaksForAControl(t *testing.T) {
	imp := func(effect, on string) register.Of[control.Implementation] {
		return register.Of[control.Implementation]{Fields: control.Implementation{Effectiveness: effect, ConcludedOn: on, ConcludedBy: "PER-1"}}
	}
	c, ok := control.Concluded([]register.Of[control.Implementation]{imp("effective", "2026-01-01"), imp("", ""), imp("partly_effective", "2026-05-12"), imp("partly_effective", "2026-03-12")})
	if !ok || c.Value != "partly_effective" || c.On != "2026-03-12" {
		t.Errorf("concluded %+v, %v", c, ok)
	}
	if _, ok := control.Concluded([]register.Of[control.Implementation]{imp("", "")}); ok {
		t.Error("nobody concluded anything")
	}
}
