// SPDX-License-Identifier: Apache-2.0

// Package entries turns the entries of any register into a sheet and rows of a
// sheet into entries, from the declaration alone. It neither filters nor
// decides: the view it is given shows what the actor may see, and the kernel
// judges every row that comes in.
package entries

import (
	"slices"

	"sextant/interchange/table"
	"sextant/register"
)

// Columns that every sheet has beside the fields.
const (
	keyColumn     = "key"
	stateColumn   = "state"
	versionColumn = "version"
	changedColumn = "changed_at"
)

var kinds = map[register.Kind]table.Kind{
	register.Number: table.Number, register.Percent: table.Number, register.Scale: table.Number,
	register.Bool: table.Bool, register.Date: table.Date, register.DateTime: table.DateTime, register.Enum: table.Enum,
}

// columns gives the columns of a register; forImport leaves out what no file
// may set. Fields that hold rows have a column only where they are asked for.
func columns(def *register.Definition, fields []register.Field, forImport, rows bool) []table.Column {
	list := []table.Column{{Key: keyColumn, Label: "Key", Help: "Identifies the entry. Empty: a new one."}, stateOf(def)}
	for _, f := range fields {
		if f.Kind == register.Secret || f.Kind == register.Rows && !rows || f.Kind == register.File || (forImport && f.Derived) {
			continue
		}
		list = append(list, columnOf(f))
	}
	if !forImport {
		list = append(list, table.Column{Key: versionColumn, Label: "Version", Kind: table.Number}, table.Column{Key: changedColumn, Label: "Changed", Kind: table.DateTime})
	}
	return list
}

func stateOf(def *register.Definition) table.Column {
	c := table.Column{Key: stateColumn, Label: "State", Kind: table.Enum, Help: "Shown only: states are changed by transitions."}
	for _, s := range def.Lifecycle.States {
		c.Choices = append(c.Choices, table.Choice{Name: s.Name, Label: s.Label})
	}
	return c
}

func columnOf(f register.Field) table.Column {
	c := table.Column{Key: f.Key, Label: f.Label, Help: f.Help, Kind: kinds[f.Kind]}
	c.Many = f.Many && (c.Kind == table.Text || c.Kind == table.Enum)
	for _, v := range f.Values {
		c.Choices = append(c.Choices, table.Choice{Name: v.Name, Label: v.Label})
	}
	if f.Kind == register.Markdown {
		c.Width = 60
	}
	if f.Kind == register.Rows {
		c.Width, c.Help = 60, rowsHelp(f)
	}
	return c
}

// cell gives a field's value in the canonical form of its column.
func cell(f register.Field, c table.Column, doc register.Doc) any {
	value := doc[f.Key]
	if value == nil {
		return nil
	}
	if f.Kind == register.Rows {
		return rowsText(f, value)
	}
	if c.Many {
		return doc.Strings(f.Key)
	}
	if c.Kind == table.Number || c.Kind == table.Bool {
		return value
	}
	return doc.Text(f.Key)
}

func fieldColumns(list []table.Column, fields []register.Field) []register.Field {
	var out []register.Field
	for _, c := range list {
		if i := slices.IndexFunc(fields, func(f register.Field) bool { return f.Key == c.Key }); i >= 0 {
			out = append(out, fields[i])
		}
	}
	return out
}
