// SPDX-License-Identifier: Apache-2.0

package cloud_test

import (
	"testing"
	"time"

	"sextant"
	"sextant/check"
	"sextant/connector/aws"
	"sextant/connector/connectortest"
	"sextant/demo/cloud"
)

var present = sextant.InstantOf(time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC))

func TestObservationsHaveTheShapeTheConnectorDeclares(t *testing.T) {
	w, err := cloud.New(present)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, back := range []time.Duration{0, 6 * time.Hour, 40 * 24 * time.Hour, 330 * 24 * time.Hour} {
		for _, a := range w.Accounts {
			r, _, err := connectortest.Collect(t.Context(), a.At("SRC-1", func() sextant.Instant { return present.Add(-back) }))
			if err != nil {
				t.Fatal(err)
			}
			for _, wrong := range connectortest.Mismatches(aws.Types(), r) {
				t.Error(wrong)
			}
			if back == 0 {
				total += len(r.Observations)
			}
		}
	}
	if total < 150 {
		t.Errorf("%d resources, the story needs 150", total)
	}
}

func TestEveryCheckHasSomethingToLookAt(t *testing.T) {
	w, err := cloud.New(present)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, a := range w.Accounts {
		r, _, err := connectortest.Collect(t.Context(), a.At("SRC-1", func() sextant.Instant { return present }))
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range r.Observations {
			seen[o.Type] = true
		}
	}
	for _, c := range check.Library() {
		if !seen[c.Resource] {
			t.Errorf("%s looks at %s; nothing of it is there", c.ID, c.Resource)
		}
	}
}
