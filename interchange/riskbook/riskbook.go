// SPDX-License-Identifier: Apache-2.0

// Package riskbook exchanges a whole risk register as one workbook: risks, their
// evaluations, treatments and acceptances on a worksheet each. Acceptances are
// written for reading only: people sign. It also takes registers of other tools
// as CSV or XLSX, whose columns are matched by their headers in eight languages
// or as a person says.
package riskbook

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"sextant"
	"sextant/interchange/batch"
	"sextant/interchange/entries"
	"sextant/interchange/table"
	"sextant/register"
	"sextant/risk"
)

// MaxBytes is the largest file that is read.
const MaxBytes = 32 << 20

// read are the registers whose worksheets come in, in the order in which one
// names another; acceptances stand behind and are only written.
func read() []string { return []string{risk.Risks.Name, risk.Evaluations.Name, risk.Treatments.Name} }

// Write writes the registers the actor may read, as they are or were.
func Write(w io.Writer, v *register.View) error {
	var lists []register.List
	for _, name := range append(read(), risk.Acceptances.Name) {
		lists = append(lists, register.List{Register: name})
	}
	return entries.Book(w, v, lists...)
}

// Book is a file that was read.
type Book struct {
	sheets   map[string]entries.File // by register, of a workbook of this program
	matching *Matching               // of another tool's sheet, nil for our own
	rows     []row                   // likewise
	refused  []refusedRow
	Notes    []string
}

// Rows counts what was read for each register, refused rows too; of another tool's
// sheet all are risks.
func (b *Book) Rows() map[string]int {
	if b.matching != nil {
		return map[string]int{risk.Risks.Name: len(b.rows) + len(b.refused)}
	}
	count := map[string]int{}
	for name, file := range b.sheets {
		count[name] = len(file.Rows) + len(file.Refused)
	}
	return count
}

// Read reads a workbook as Write makes one, its worksheets and columns in any
// order; a list of risks as it is exported; or the sheet or CSV of another tool,
// by the columns Propose finds. matches say "header" to "field" for columns that
// are not known or mistaken, "" to leave one out. A file that holds no risk is
// refused with what to do; a row that cannot be read is reported by Bring.
func Read(set *register.Set, data []byte, matches map[string]string) (*Book, error) {
	f, err := Open(set, data)
	if err != nil {
		return nil, err
	}
	if f.Own() {
		return f.ReadOwn(matches)
	}
	m, err := f.Propose()
	if err != nil {
		return nil, err
	}
	for _, header := range slices.Sorted(maps.Keys(matches)) {
		if err := m.Match(header, matches[header]); err != nil {
			return nil, err
		}
	}
	return f.Take(m)
}

// ReadOwn reads a file this program wrote, with matches as in Read.
func (f *File) ReadOwn(matches map[string]string) (*Book, error) {
	b := &Book{sheets: map[string]entries.File{}}
	for _, name := range read() {
		def, err := f.set.Named(name)
		if err != nil {
			return nil, err
		}
		o := table.Options{Limits: table.Limits{File: MaxBytes}}
		sheet := f.worksheet(def)
		if name == risk.Risks.Name {
			if o.Aliases, err = aliases(def, matches); err != nil {
				return nil, err
			}
			if sheet == "" && f.own != unnamed {
				sheet = f.own
			}
		} else if sheet == "" {
			continue
		}
		o.Sheet = sheet
		file, err := entries.ReadAs(bytes.NewReader(f.data), def, o)
		if err != nil {
			return nil, err
		}
		b.sheets[name] = file
		b.Notes = append(b.Notes, notes(file, sheet != "")...)
	}
	return b, nil
}

// worksheet of a register, "" where there is none.
func (f *File) worksheet(def *register.Definition) string {
	if f.book == nil {
		return ""
	}
	i := slices.IndexFunc(f.book.Grids, func(g table.Grid) bool {
		return strings.EqualFold(g.Name, def.Titles) || strings.EqualFold(g.Name, def.Plural)
	})
	if i < 0 {
		return ""
	}
	return f.book.Grids[i].Name
}

// aliases are headers that are known beside our own.
func aliases(def *register.Definition, matches map[string]string) (map[string]string, error) {
	all := map[string]string{}
	for header, field := range matches {
		if f, ok := def.Field(field); field != "" && (!ok || f.Derived) {
			return nil, sextant.Errorf(sextant.Invalid, "%q is no field of a risk that can be imported", field).At("map")
		}
		all[header] = field
	}
	return all, nil
}

// notes of one worksheet; that the others are there is no news.
func notes(file entries.File, ours bool) (list []string) {
	for _, n := range file.Notes {
		if !ours || !strings.HasPrefix(n, "not read: the other worksheets") {
			list = append(list, n)
		}
	}
	if len(file.Unknown) > 0 {
		list = append(list, "columns that mean nothing here: "+strings.Join(file.Unknown, ", "))
	}
	return list
}

// Options are what a person decides of rows that leave it open.
type Options struct {
	System      string       // key of the management system of risks that name none; "" = the only one
	Unit        string       // key of the scope unit of risks that name none
	Owner       string       // key of the risk owner of risks that name none, or somebody who is not here
	Consequence string       // type a column of consequences without one is about; "" = the properties each risk touches
	Due         string       // day for treatments that have none; "" = in a year
	Levels      map[Said]int // what values mean that are no level by number or name
}

// Bring brings the worksheets in, in one batch. An evaluation or treatment may
// name its risk by key, by its title or by its id elsewhere.
func (b *Book) Bring(in *batch.Batch, o Options) error {
	for _, note := range b.Notes {
		in.Say(note)
	}
	if b.matching != nil {
		return b.bringOthers(in, o)
	}
	for _, name := range read() {
		file, ok := b.sheets[name]
		if !ok {
			continue
		}
		rows := file.Rows
		var err error
		if name == risk.Risks.Name {
			rows, err = complete(in, rows, o)
		} else {
			rows, err = resolved(in, name, rows)
		}
		if err != nil {
			return err
		}
		if _, err := in.Import(name, rows); err != nil {
			return err
		}
		for _, r := range file.Refused {
			if err := in.Refuse(name, r.Row, "", r.Err()); err != nil {
				return err
			}
		}
	}
	return nil
}

// complete fills in what a new risk must have and other tools do not know.
func complete(in *batch.Batch, rows []register.Incoming, o Options) ([]register.Incoming, error) {
	known, err := byOther(in)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		if id, _ := row.Values["external_id"].(string); row.Key == "" && id != "" {
			rows[i].Key = known.ids[folded(id)]
		}
		if rows[i].Key != "" {
			if _, err := in.Lookup(risk.Risks.Name, rows[i].Key); err == nil {
				continue
			}
		}
		begin(row.Values, o)
	}
	return rows, nil
}

// begin gives a new risk what it must have and other tools do not know.
func begin(values map[string]any, o Options) {
	for field, value := range map[string]string{"scope_units": o.Unit, "owner": o.Owner, "management_system": o.System} {
		if value != "" && (values[field] == nil || values[field] == "") {
			values[field] = value
		}
	}
	if values["properties"] == nil {
		values["properties"] = []string{"confidentiality", "integrity", "availability"}
	}
	if values["assets"] == nil && values["approach"] == nil {
		values["approach"] = "event"
		if values["risk_source"] == nil && values["scenarios"] == nil {
			values["risk_source"] = "Not stated in the file."
		}
	}
	if values["origin"] == nil {
		values["origin"] = "import"
	}
}

// called finds risks by what else than their key may name them, in small letters;
// "" for what two have.
type called struct{ ids, titles map[string]string }

func byOther(in *batch.Batch) (called, error) {
	risks, err := risk.Risks.All(in)
	known := called{map[string]string{}, map[string]string{}}
	for _, r := range risks {
		for text, names := range map[string]map[string]string{r.Fields.ExternalID: known.ids, r.Title(): known.titles} {
			text = folded(text)
			if other, taken := names[text]; taken && other != r.Key {
				names[text] = ""
			} else {
				names[text] = r.Key
			}
		}
	}
	return known, err
}

func folded(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// find gives the key of the risk a text names, the text itself where none does.
func (c called) find(text string) string {
	return cmp.Or(c.ids[folded(text)], c.titles[folded(text)], text)
}

// resolved puts keys where rows name risks otherwise. What is not found stays,
// and the register refuses the row by it.
func resolved(in *batch.Batch, name string, rows []register.Incoming) ([]register.Incoming, error) {
	known, err := byOther(in)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if one, ok := row.Values["risk"].(string); ok && name == risk.Evaluations.Name {
			row.Values["risk"] = known.find(one)
		}
		if many, ok := row.Values["risks"].([]string); ok {
			for i := range many {
				many[i] = known.find(many[i])
			}
		}
	}
	return rows, nil
}
