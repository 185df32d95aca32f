// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"testing"

	"sextant/register"
	"sextant/soa"
)

func TestAControlAppliesWhereOneSystemSaysSo(t *testing.T) {
	const u, a, n = soa.Undecided, soa.Applicable, soa.NotApplicable
	for _, c := range []struct {
		decisions []soa.Applicability
		want      soa.Applicability
	}{
		{nil, u}, {[]soa.Applicability{u}, u}, {[]soa.Applicability{a}, a}, {[]soa.Applicability{n}, n},
		{[]soa.Applicability{n, a}, a}, {[]soa.Applicability{n, u}, u}, {[]soa.Applicability{n, n}, n}, {[]soa.Applicability{u, a}, a},
	} {
		var k soa.Known
		for _, d := range c.decisions {
			k.Decisions = append(k.Decisions, register.Of[soa.Row]{Fields: soa.Row{Applicability: string(d), Owner: "PER-7"}})
		}
		if got := k.Applies(); got != c.want {
			t.Errorf("%v gives %s, want %s", c.decisions, got, c.want)
		}
		if k.Counts() != (c.want != n) {
			t.Errorf("%v: counted %v", c.decisions, k.Counts())
		}
		if owners := k.Owners(); len(owners) != min(1, len(c.decisions)) {
			t.Errorf("%v: owners %v", c.decisions, owners)
		}
	}
	for _, value := range soa.Applicabilities() {
		if value.Label() == "" {
			t.Errorf("%s has no label", value)
		}
	}
}
