// SPDX-License-Identifier: Apache-2.0

// Package table writes and reads tables as files people open in a spreadsheet:
// XLSX, CSV and JSON. It is the one mechanism behind the export and import of
// every register and behind the SoA sheet.
//
// What is written reads back unchanged: texts that look like formulas, line
// breaks, leading zeros, emoji. What strangers send is read with limits, row by
// row: a row that cannot be understood is refused with its number, the reason
// and what to do, and the other rows go on.
//
// The package knows no register and no store, decides nothing about a value
// beyond its kind, never computes a formula, never runs a macro and never opens
// a link. XLSX is written without a library, because the exactness, the fixed
// bytes and the streaming promised here are not to be had from one.
package table

import (
	"fmt"
	"slices"
	"strconv"

	"sextant"
)

// Format names a file format.
type Format string

// The formats. The zero value means "find out" on reading.
const (
	Unknown Format = ""
	XLSX    Format = "xlsx"
	CSV     Format = "csv"
	JSON    Format = "json"
)

// Formats lists what can be written and read.
func Formats() []Format { return []Format{XLSX, CSV, JSON} }

// ParseFormat accepts the name of a format as people type it.
func ParseFormat(s string) (Format, error) {
	for _, f := range Formats() {
		if fold(s) == string(f) {
			return f, nil
		}
	}
	return Unknown, sextant.Errorf(sextant.Invalid, "%q is not a table format: xlsx, csv or json", s)
}

// MediaType is the content type to serve the format under.
func (f Format) MediaType() string {
	switch f {
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case CSV:
		return "text/csv; charset=utf-8"
	case JSON:
		return "application/json"
	}
	return "application/octet-stream"
}

// Table is what was understood of a file.
type Table struct {
	Format  Format
	Sheet   string    // name of the worksheet read; empty for CSV and JSON
	Header  int       // number of the header row; 0 for JSON
	Columns []string  // keys of the known columns present, in the order of the file
	Unknown []string  // headers that belong to no known column; their cells were not read
	Rows    []Row     // rows understood, in the order of the file
	Refused []Refusal // by row, then by column
	Notes   []Note    // what a person should know: hidden rows, merged cells, the encoding guessed
}

// Has says whether the column was in the file at all. The field of a column
// that was not is left alone.
func (t *Table) Has(key string) bool { return slices.Contains(t.Columns, key) }

// Row is one row of which every present cell was understood.
type Row struct {
	// Number is the row as a spreadsheet shows it. For JSON it is the position
	// of the object, the first being 1.
	Number int
	// Cells holds values in their canonical form (see Kind). A key with nil is
	// an empty cell: an explicit clearing. A key that is missing says nothing
	// about its field.
	Cells map[string]any
}

// Refusal says why one row was not taken. A row has one for each cell refused.
type Refusal struct {
	Row    int
	Column string // key; empty where the row as a whole is meant
	Cell   string // C7; empty for JSON
	Reason string
	Fix    string // what to do about it
}

// Err gives the refusal as the error a user reads.
func (r Refusal) Err() *sextant.Error {
	where := "row " + strconv.Itoa(r.Row)
	if r.Cell != "" {
		where += ", cell " + r.Cell
	}
	e := sextant.Errorf(sextant.Invalid, "%s: %s", where, r.Reason).At(r.Column)
	e.Hint = r.Fix
	return e
}

// Note is something worth knowing that refuses nothing.
type Note struct {
	Row  int // 0 where the file is meant
	Text string
}

func (t *Table) note(row int, format string, args ...any) {
	t.Notes = append(t.Notes, Note{Row: row, Text: fmt.Sprintf(format, args...)})
}

// columnName turns 1 into A, 27 into AA.
func columnName(n int) string {
	name := ""
	for ; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

func cellName(column, row int) string { return columnName(column) + strconv.Itoa(row) }
