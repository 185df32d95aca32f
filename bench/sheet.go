// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"

	"sextant/evidence"
	"sextant/interchange/entries"
	"sextant/interchange/statement"
	"sextant/interchange/table"
	"sextant/register"
)

// sheets measure exports of exactly the filtered view: 50 rows at the small
// size, 5,000 at the large one.
func (b *bench) sheets() error {
	for name, format := range map[string]table.Format{"export of one owner's entries as XLSX": table.XLSX, "export of one owner's entries as CSV": table.CSV} {
		if err := b.row(name, none, 20, func(int) error {
			return b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error {
				return entries.Export(io.Discard, v, list("", is("owner", "PER-3")), format)
			})
		}); err != nil {
			return err
		}
	}
	return b.statements()
}

// statements measure the Statement of Applicability of what stands, captured and
// written.
func (b *bench) statements() error {
	for format, budget := range map[statement.Format]string{statement.PDF: "500", statement.XLSX: "100"} {
		if err := b.row("Statement of Applicability as "+format.Label(), budget, 20, func(int) error {
			return b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error {
				r, err := evidence.On(v)
				if err != nil {
					return err
				}
				c, err := statement.Current(v, r, "")
				if err != nil {
					return err
				}
				return statement.Write(io.Discard, c, format)
			})
		}); err != nil {
			return err
		}
	}
	return nil
}
