// SPDX-License-Identifier: Apache-2.0

package framework

import "testing"

// BenchmarkLoad reads all embedded content from its text, as the first caller does.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := loadRequirements(); err != nil {
			b.Fatal(err)
		}
		if _, err := loadControls(); err != nil {
			b.Fatal(err)
		}
		if _, err := loadPlans(); err != nil {
			b.Fatal(err)
		}
	}
}
