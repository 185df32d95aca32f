// SPDX-License-Identifier: Apache-2.0

// Package intake reads Statements of Applicability that were made elsewhere: in
// a spreadsheet, by a consultant, in another language, with a logo above the
// header and headings between the rows. It finds the header, proposes what each
// column means, lets a person correct that, and says of every row what becomes of
// it.
//
// It guesses where a mistake shows (which column is which) and never where it
// would not (what a cell that is not understood means: such a row is refused, by
// number, with the reason). It computes no formula. It decides nothing: sheets of
// the 2022 edition become rows of a statement only when a person says so, those
// of 2013 become proposals of package migration.
package intake

import (
	"io"
	"slices"
	"strings"

	"sextant"
	"sextant/interchange/heading"
	"sextant/interchange/table"
)

// Field is what a column of a sheet may hold.
type Field string

// The fields. A sheet has reasons in one column, or a column with marks for each.
const (
	Control           Field = "control"
	Title             Field = "title"
	Applicable        Field = "applicable"
	Excluded          Field = "excluded"
	Reasons           Field = "reasons"
	ReasonRisk        Field = "reason_risk"
	ReasonLegal       Field = "reason_legal"
	ReasonContractual Field = "reason_contractual"
	ReasonBusiness    Field = "reason_business"
	ReasonPractice    Field = "reason_practice"
	Justification     Field = "justification"
	Inclusion         Field = "inclusion"
	Exclusion         Field = "exclusion"
	Implementation    Field = "implementation"
	How               Field = "how"
	Owner             Field = "owner"
	Planned           Field = "planned"
	Unit              Field = "unit"
	Remarks           Field = "remarks"
)

// Fields gives all of them, in the order people read them.
func Fields() []Field {
	return []Field{Control, Title, Applicable, Excluded, Reasons, ReasonRisk, ReasonLegal, ReasonContractual, ReasonBusiness, ReasonPractice,
		Justification, Inclusion, Exclusion, Implementation, How, Owner, Planned, Unit, Remarks}
}

// flags are the columns that hold a mark for one reason.
var flags = map[Field]string{ReasonRisk: "risk_assessment", ReasonLegal: "legal", ReasonContractual: "contractual", ReasonBusiness: "business", ReasonPractice: "good_practice"}

// Edition is that of the Annex A a sheet follows.
type Edition string

// The editions.
const (
	Edition2013 Edition = "2013"
	Edition2022 Edition = "2022"
)

// MaxBytes is the largest file that is read.
const MaxBytes = 32 << 20

// KnowsReason refuses what is no reason of a statement; "" is fine.
func KnowsReason(name string) error {
	if name == "" || slices.Contains(reasonOrder, name) {
		return nil
	}
	return sextant.Errorf(sextant.Invalid, "%q is no reason", name).At("reason").WithHint("one of %s", strings.Join(reasonOrder, ", "))
}

// File is a sheet that was opened, for as many tries at its matching as a person
// needs.
type File struct{ book *table.Book }

// Open reads a file of unknown origin. Errors say what it is and what to do;
// workbooks with macros are among what is refused.
func Open(r io.Reader) (*File, error) {
	book, err := table.Open(r, table.Limits{File: MaxBytes})
	if err != nil {
		return nil, err
	}
	return &File{book}, nil
}

// Sheets names the worksheets, hidden ones too; one without a name for CSV.
func (f *File) Sheets() (names []string) {
	for _, g := range f.book.Grids {
		names = append(names, g.Name)
	}
	return names
}

// Notes is what is worth knowing of the file as a whole.
func (f *File) notes(g *table.Grid) (texts []string) {
	for _, n := range append(slices.Clone(f.book.Notes), g.Notes...) {
		texts = append(texts, n.Text)
	}
	return texts
}

func (f *File) grid(name string) (*table.Grid, error) {
	for i := range f.book.Grids {
		if f.book.Grids[i].Name == name {
			return &f.book.Grids[i], nil
		}
	}
	return nil, sextant.Errorf(sextant.Invalid, "there is no worksheet %q", name)
}

// Matching says how a worksheet is read. Propose makes one; a person may change
// every part of it.
type Matching struct {
	Sheet   string   `json:"sheet,omitempty"`
	Header  int      `json:"header"` // number of the last header row, 0 = none
	Edition Edition  `json:"edition"`
	Columns []Column `json:"columns"`
}

// Column is one column of the worksheet that has content.
type Column = heading.Column[Field]

// Of gives the column that holds a field.
func (m Matching) Of(f Field) (Column, bool) {
	for _, c := range m.Columns {
		if c.Field == f {
			return c, true
		}
	}
	return Column{}, false
}

// Unmatched names the columns that are not imported.
func (m Matching) Unmatched() (names []string) {
	for _, c := range m.Columns {
		if c.Field == "" {
			names = append(names, c.Name())
		}
	}
	return names
}

// Match puts a column to a field, or to none with "". The column is named by its
// header or its letter. Another column that had the field loses it.
func (m *Matching) Match(column string, field Field) error {
	if field != "" && !slices.Contains(Fields(), field) {
		return sextant.Errorf(sextant.Invalid, "%q is no field of a statement", field).WithHint("the fields are %s", fieldNames())
	}
	return heading.Match(m.Columns, column, field, false)
}

// check refuses a matching nothing can be read by.
func (m Matching) check() error {
	if m.Edition != Edition2013 && m.Edition != Edition2022 {
		return sextant.Errorf(sextant.Invalid, "%q is no edition", m.Edition).At("edition").WithHint("2013 or 2022")
	}
	seen := map[Field]string{}
	for _, c := range m.Columns {
		if before := seen[c.Field]; c.Field != "" && before != "" {
			return sextant.Errorf(sextant.Invalid, "%s and %s are both matched to %s", before, c.Name(), c.Field).At("columns").WithHint("match one of them to something else")
		}
		seen[c.Field] = c.Name()
	}
	if seen[Control] == "" {
		return sextant.Errorf(sextant.Invalid, "no column holds the ids of the controls").At("columns").WithHint("match the column that says A.5.1 or 5.1 to Control; there is one such column in every statement")
	}
	return nil
}

func fieldNames() string {
	names := ""
	for _, f := range Fields() {
		names += ", " + string(f)
	}
	return names[2:]
}
