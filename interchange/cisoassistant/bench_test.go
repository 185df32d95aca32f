// SPDX-License-Identifier: Apache-2.0

package cisoassistant_test

import (
	"testing"

	"sextant/interchange/cisoassistant"
	"sextant/library/librarytest"
)

// BenchmarkRead6000Nodes reads a library of the largest size in the field. The
// budget is a second for the whole import.
func BenchmarkRead6000Nodes(b *testing.B) {
	data := librarytest.Generated(6_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		c, _, err := cisoassistant.Read("generated.yaml", data)
		if err != nil || c.Counts().Nodes != 6_000 {
			b.Fatal(c.Counts(), err)
		}
	}
}
