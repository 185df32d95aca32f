// SPDX-License-Identifier: Apache-2.0

package entries

import (
	"fmt"
	"io"

	"sextant"
	"sextant/interchange/table"
	"sextant/register"
)

// File is a spreadsheet that was read: the rows that can be judged, those that
// could not even be read, and what a person should know about it.
type File struct {
	Rows    []register.Incoming
	Refused []table.Refusal
	Notes   []string
	Unknown []string // headers that belong to no field
}

// Read reads a file of entries. It fails only when the file as a whole cannot
// be used; a row that cannot be read is in Refused.
func Read(r io.Reader, def *register.Definition, format table.Format) (File, error) {
	return ReadAs(r, def, table.Options{Format: format})
}

// ReadAs is Read with more to say of the file: the worksheet, further headers.
func ReadAs(r io.Reader, def *register.Definition, o table.Options) (File, error) {
	o.Columns = columns(def, def.Fields, true, true)
	read, err := table.Read(r, o)
	if err != nil {
		return File{}, err
	}
	file := File{Refused: read.Refused, Unknown: read.Unknown}
	for _, row := range read.Rows {
		if in, refused := incoming(def, row); refused != nil {
			file.Refused = append(file.Refused, *refused)
		} else {
			file.Rows = append(file.Rows, in)
		}
	}
	for _, note := range read.Notes {
		text := note.Text
		if note.Row > 0 {
			text = fmt.Sprintf("row %d: %s", note.Row, text)
		}
		file.Notes = append(file.Notes, text)
	}
	return file, nil
}

func incoming(def *register.Definition, row table.Row) (register.Incoming, *table.Refusal) {
	in := register.Incoming{Row: row.Number, Values: map[string]any{}}
	for key, value := range row.Cells {
		if f, ok := def.Field(key); ok && f.Kind == register.Rows && value != nil {
			text, _ := value.(string)
			rows, err := rowsOf(f, text)
			if err != nil {
				return in, &table.Refusal{Row: row.Number, Column: key, Reason: err.Error(), Fix: rowsHelp(f)}
			}
			value = rows
		}
		switch key {
		case keyColumn:
			in.Key, _ = value.(string)
		case stateColumn:
			in.State, _ = value.(string)
		default:
			in.Values[key] = value
		}
	}
	return in, nil
}

// Import brings a file's rows into its register and reports each row's fate,
// the unreadable ones among them.
func Import(tx *register.Tx, def *register.Definition, file File, note register.Note) (register.Report, error) {
	report, err := tx.Import(def.Name, file.Rows, note)
	if err != nil {
		return report, err
	}
	for _, refused := range file.Refused {
		report.Counts[register.Refused]++
		report.Outcomes = append(report.Outcomes, register.Outcome{Row: refused.Row, Fate: register.Refused,
			Refusal: sextant.Errorf(sextant.Invalid, "%s", refused.Reason).At(refused.Column).WithHint("%s", refused.Fix)})
	}
	return report, nil
}

// Value reads a cell of a sheet that others made as a field would. more are
// further words for its values, by value.
func Value(b *table.Book, f register.Field, of table.Cell, more map[string][]string) (any, error) {
	c := columnOf(f)
	for i, choice := range c.Choices {
		c.Choices[i].Aliases = more[choice.Name]
	}
	value, err := b.Value(c, of)
	if text, _ := value.(string); err == nil && f.Kind == register.Rows && text != "" {
		return rowsOf(f, text)
	}
	return value, err
}
