// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"testing"

	"sextant/register"
	"sextant/register/registertest"
)

func BenchmarkFill(b *testing.B) {
	for name, open := range map[string]func(testing.TB) registertest.Opened{"sqlite": openSQLite, "pg": openPostgreSQL} {
		b.Run(name, func(b *testing.B) {
			k := registertest.NewBench(b, open(b), "x")
			b.ResetTimer()
			for r := range b.N {
				k.Write(b, k.Manager(), func(tx *register.Tx) error {
					for i := range 2000 {
						values := map[string]any{"name": fmt.Sprintf("pump %d %d", r, i), "kind": []string{"bilge", "feed"}[i%2], "keeper": k.Ada, "approver": k.Ben,
							"service_on": fmt.Sprintf("20%02d-03-01", i%90), "litres": i % 700, "critical": i%5 == 0, "uses": []any{[]string{"deck", "engine", "cargo"}[i%3]}}
						if _, err := tx.Create("pump", values, register.Note{}); err != nil {
							return err
						}
					}
					return nil
				})
			}
		})
	}
}

// BenchmarkFirstImport fills an empty database with 5,000 entries in one
// transaction and changes each in another: nothing was counted before.
func BenchmarkFirstImport(b *testing.B) {
	for name, open := range map[string]func(testing.TB) registertest.Opened{"sqlite": openSQLite, "pg": openPostgreSQL} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				k := registertest.NewBench(b, open(b), "x")
				b.StartTimer()
				var keys []string
				k.Write(b, k.Manager(), func(tx *register.Tx) error {
					for i := range 5000 {
						e, err := tx.Create("pump", map[string]any{"name": fmt.Sprintf("pump %d", i), "kind": "feed", "keeper": k.Ada, "uses": []any{"deck"}}, register.Note{})
						if err != nil {
							return err
						}
						keys = append(keys, e.Key)
					}
					return nil
				})
				k.Write(b, k.Manager(), func(tx *register.Tx) error {
					for i, key := range keys {
						if _, err := tx.Edit("pump", key, 0, map[string]any{"litres": i}, register.Note{}); err != nil {
							return err
						}
					}
					return nil
				})
			}
		})
	}
}
