// SPDX-License-Identifier: Apache-2.0

package control_test

import (
	"slices"
	"testing"
	"time"

	"sextant"
	"sextant/control"
	"sextant/register"
)

func TestAControlIsAsFarAsTheUnitThatIsLeastFar(t *testing.T) {
	imp := func(value, planned, owner string) register.Of[control.Implementation] {
		return register.Of[control.Implementation]{Fields: control.Implementation{Implementation: value, PlannedOn: planned, Owner: owner}}
	}
	for name, c := range map[string]struct {
		of   []register.Of[control.Implementation]
		want control.Declaration
	}{
		"nothing declared": {nil, control.Declaration{Value: control.NotDeclared}},
		"one unit":         {[]register.Of[control.Implementation]{imp("implemented", "", "PER-1")}, control.Declaration{Value: "implemented", Owners: []string{"PER-1"}}},
		"two units, one planned": {[]register.Of[control.Implementation]{imp("implemented", "2026-01-01", "PER-1"), imp("planned", "2026-12-20", "PER-1"), imp("partly", "2026-12-01", "PER-2")},
			control.Declaration{Value: "planned", PlannedOn: "2026-12-20", Owners: []string{"PER-1", "PER-2"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := control.Declared(c.of)
			if got.Value != c.want.Value || got.PlannedOn != c.want.PlannedOn || !slices.Equal(got.Owners, c.want.Owners) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
	for _, value := range control.Declarations() {
		if control.DeclarationLabel(value) == "" {
			t.Errorf("%s has no label", value)
		}
	}
}

func TestANodeIsAsOldAsTheOldestItRestsOn(t *testing.T) {
	seen := sextant.InstantOf(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))
	n := &control.Node{Kind: control.ControlNode, Children: []*control.Node{
		{Kind: control.LineNode, State: control.Pass, Children: []*control.Node{{Kind: control.CheckNode, Inputs: map[string]any{"observed": seen.Add(time.Hour).String()}}}},
		{Kind: control.LineNode, State: control.Stale, Children: []*control.Node{{Kind: control.AttestationNode, Inputs: map[string]any{"period_to": "2026-06-30"}}}},
		{Kind: control.LineNode},
	}}
	if got, want := n.Oldest(), sextant.InstantOf(time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)); got != want {
		t.Errorf("oldest is %s, want %s", got, want)
	}
	if got := (&control.Node{}).Oldest(); got != 0 {
		t.Errorf("what rests on nothing is %s old", got)
	}
	if passed, all := n.Lines(); passed != 1 || all != 3 {
		t.Errorf("%d of %d lines", passed, all)
	}
}
