// SPDX-License-Identifier: Apache-2.0

// Package riskbook exchanges a whole risk register as one workbook: risks, their
// evaluations, treatments and acceptances on a worksheet each. Acceptances are
// written for reading only: people sign. It also takes registers of other tools
// as CSV or XLSX, whose columns are matched by their headers in eight languages
// or as a person says.
package riskbook

import (
	"bytes"
	_ "embed"
	"io"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

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
	sheets map[string]entries.File // by register
	Notes  []string
}

//go:embed words.yaml
var wordsFile []byte

// words are headers of other tools, to the field of a risk they stand for.
var words = sync.OnceValue(func() map[string]string {
	var lists map[string][]string
	if err := yaml.Unmarshal(wordsFile, &lists); err != nil {
		panic(err) // the embedded file is part of the program
	}
	out := map[string]string{}
	for field, list := range lists {
		for _, word := range list {
			out[word] = field
		}
	}
	return out
})

// Read reads a workbook as Write makes one, its worksheets and columns in any
// order; or a sheet or CSV with risks alone. matches say "header" to "field" for
// headers that are not known, "" to leave a column out. A file that holds no
// risk is refused with what to do; a row that cannot be read is reported by
// Bring.
func Read(set *register.Set, data []byte, matches map[string]string) (*Book, error) {
	b := &Book{sheets: map[string]entries.File{}}
	names, xlsx, err := worksheets(data)
	if err != nil {
		return nil, err
	}
	for _, name := range read() {
		def, err := set.Named(name)
		if err != nil {
			return nil, err
		}
		o := table.Options{}
		if name == risk.Risks.Name {
			if o.Aliases, err = aliases(def, matches); err != nil {
				return nil, err
			}
		}
		sheet := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, def.Titles) || strings.EqualFold(n, def.Plural) })
		switch {
		case sheet >= 0:
			o.Sheet = names[sheet]
		case name != risk.Risks.Name:
			continue
		}
		file, err := entries.ReadAs(bytes.NewReader(data), def, o)
		if err != nil {
			return nil, err
		}
		b.sheets[name] = file
		b.Notes = append(b.Notes, notes(file, xlsx && sheet >= 0)...)
	}
	return b, nil
}

func worksheets(data []byte) (names []string, xlsx bool, err error) {
	book, err := table.Open(bytes.NewReader(data), table.Limits{File: MaxBytes, Rows: 51_000})
	if err != nil {
		return nil, false, err
	}
	for _, g := range book.Grids {
		names = append(names, g.Name)
	}
	return names, book.Format == table.XLSX, nil
}

// aliases are the headers that are known beside our own.
func aliases(def *register.Definition, matches map[string]string) (map[string]string, error) {
	all := map[string]string{}
	for word, field := range words() {
		all[word] = field
	}
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
	Unit  string // key of the scope unit of risks that name none
	Owner string // key of the risk owner of risks that name none
}

// Bring brings the worksheets in, in one batch. An evaluation or treatment may
// name its risk by key, by its title or by its id elsewhere.
func (b *Book) Bring(in *batch.Batch, o Options) error {
	for _, note := range b.Notes {
		in.Say(note)
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
		if id, _ := row.Values["external_id"].(string); row.Key == "" && id != "" && known[strings.ToLower(id)] != "" {
			rows[i].Key = known[strings.ToLower(id)]
		}
		if rows[i].Key != "" {
			if _, err := in.Lookup(risk.Risks.Name, rows[i].Key); err == nil {
				continue
			}
		}
		for field, value := range map[string]string{"scope_units": o.Unit, "owner": o.Owner} {
			if value != "" && (row.Values[field] == nil || row.Values[field] == "") {
				row.Values[field] = value
			}
		}
		if row.Values["properties"] == nil {
			row.Values["properties"] = []string{"confidentiality", "integrity", "availability"}
		}
		if row.Values["assets"] == nil && row.Values["approach"] == nil {
			row.Values["approach"] = "event"
			if row.Values["risk_source"] == nil && row.Values["scenarios"] == nil {
				row.Values["risk_source"] = "Not stated in the file."
			}
		}
		if row.Values["origin"] == nil {
			row.Values["origin"] = "import"
		}
	}
	return rows, nil
}

// byOther finds risks by what else than their key may name them, in small
// letters; "" for what two have.
func byOther(in *batch.Batch) (map[string]string, error) {
	risks, err := risk.Risks.All(in)
	if err != nil {
		return nil, err
	}
	known := map[string]string{}
	for _, r := range risks {
		for _, name := range []string{r.Fields.ExternalID, r.Title()} {
			name = strings.ToLower(strings.TrimSpace(name))
			if other, taken := known[name]; taken && other != r.Key {
				known[name] = ""
			} else {
				known[name] = r.Key
			}
		}
	}
	return known, nil
}

// resolved puts keys where rows name risks otherwise. What is not found stays,
// and the register refuses the row by it.
func resolved(in *batch.Batch, name string, rows []register.Incoming) ([]register.Incoming, error) {
	known, err := byOther(in)
	if err != nil {
		return nil, err
	}
	key := func(text string) string {
		if found := known[strings.ToLower(strings.TrimSpace(text))]; found != "" {
			return found
		}
		return text
	}
	for _, row := range rows {
		if one, ok := row.Values["risk"].(string); ok && name == risk.Evaluations.Name {
			row.Values["risk"] = key(one)
		}
		if many, ok := row.Values["risks"].([]string); ok {
			for i := range many {
				many[i] = key(many[i])
			}
		}
	}
	return rows, nil
}
