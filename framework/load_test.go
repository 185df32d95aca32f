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

// BenchmarkLoadGuidance reads the guidance on one control, as the first page that
// shows it does.
func BenchmarkLoadGuidance(b *testing.B) {
	for b.Loop() {
		if _, err := loadGuidance("content/guidance/controls/A.5.1.yaml"); err != nil {
			b.Fatal(err)
		}
	}
}
