// SPDX-License-Identifier: Apache-2.0

package table_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"sextant/interchange/table"
)

// wide is a register of twenty columns, as an export of one has.
func wide(rows int) table.Sheet {
	columns := []table.Column{{Key: "key", Label: "Key"}}
	for i := 1; i < 20; i++ {
		c := table.Column{Key: fmt.Sprint("field_", i), Label: fmt.Sprint("Field ", i)}
		switch i % 5 {
		case 1:
			c.Kind = table.Number
		case 2:
			c.Kind = table.Date
		case 3:
			c.Kind, c.Choices = table.Enum, []table.Choice{{Name: "open", Label: "Open"}, {Name: "closed", Label: "Closed"}}
			c.StyleByValue = map[string]table.Tone{"open": table.Fail, "closed": table.Pass}
		}
		columns = append(columns, c)
	}
	return table.Sheet{Name: "Wide", Columns: columns, Rows: func(yield func([]any, error) bool) {
		row := make([]any, len(columns))
		for n := range rows {
			for i, c := range columns {
				switch c.Kind {
				case table.Number:
					row[i] = float64(n*i) / 8
				case table.Date:
					row[i] = fmt.Sprintf("2026-%02d-%02d", n%12+1, n%28+1)
				case table.Enum:
					row[i] = []string{"open", "closed"}[n%2]
				default:
					row[i] = fmt.Sprintf("A text of some words for entry %d, field %d", n, i)
				}
			}
			if !yield(row, nil) {
				return
			}
		}
	}}
}

func BenchmarkWrite(b *testing.B) {
	for _, format := range table.Formats() {
		for _, rows := range []int{1_000, 10_000} {
			b.Run(fmt.Sprintf("%s/%dx20", format, rows), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := wide(rows).Write(io.Discard, format); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for _, format := range table.Formats() {
		var file bytes.Buffer
		if err := wide(10_000).Write(&file, format); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%s/10000x20", format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				t, err := table.Read(bytes.NewReader(file.Bytes()), table.Options{Columns: wide(0).Columns})
				if err != nil || len(t.Rows) != 10_000 {
					b.Fatal(err)
				}
			}
		})
	}
}
