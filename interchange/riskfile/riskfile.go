// SPDX-License-Identifier: Apache-2.0

// Package riskfile tells which kind of file about risks somebody has, what it
// holds, and brings it in by the package that knows it: an analysis of MONARC,
// objects of MOSP, a workbook of this program, or the sheet of another tool. It
// reads none of them by itself.
package riskfile

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"sextant"
	"sextant/interchange/batch"
	"sextant/interchange/monarc"
	"sextant/interchange/riskbook"
	"sextant/register"
	"sextant/risk"
)

// Kind is what a file is.
type Kind string

// The kinds.
const (
	Analysis Kind = "analysis" // of MONARC
	Objects  Kind = "objects"  // of MOSP
	Workbook Kind = "workbook" // of this program
	Sheet    Kind = "sheet"    // of another tool
)

// Options are what a person decides of a file. What does not concern its kind is
// passed over.
type Options struct {
	Language string // of an analysis or objects; "" = English, or the language there is most of
	monarc.Options
	Consequence string                // see riskbook.Options
	Levels      map[riskbook.Said]int // likewise
	Sheet       string                // worksheet of another tool's file, "" = the one that fits best
	Header      int                   // row its header ends in, 0 = found
	Remembered  map[string]string     // by header: what a person put such columns to before
	Columns     map[string]string     // by letter: what a person puts the columns of that worksheet to
}

// File is a file that was recognised and read.
type File struct {
	Kind     Kind
	Sheets   []string          // worksheets of another tool's file
	Proposed riskbook.Matching // of the one that is read, as it is guessed
	Matching riskbook.Matching // and as a person has it
	analysis *monarc.Analysis
	objects  *monarc.Catalogue
	book     *riskbook.Book
	o        Options
}

// Count is how many of a thing a file holds. What is the name of a register, or a
// word for what has none.
type Count struct {
	What  string
	Count int
}

// Open recognises files by their content and reads them. Several are taken only
// of objects. An error says what they are instead and what to do; one about the
// columns comes with the file, whose matching a person may then correct.
func Open(set *register.Set, files []monarc.File, o Options) (*File, error) {
	holds := make([]monarc.Holds, len(files))
	for i, f := range files {
		if !isJSON(f.Data) {
			continue
		}
		var err error
		if holds[i], err = monarc.Recognise(f); err != nil {
			return nil, err
		}
	}
	f := &File{o: o}
	switch {
	case len(files) == 0:
		return nil, sextant.Errorf(sextant.Invalid, "no file was sent").At("file").WithHint("choose a file first")
	case !slices.ContainsFunc(holds, func(h monarc.Holds) bool { return h != monarc.SomeObject }):
		return f.unless(f.readObjects(files))
	case len(files) > 1:
		odd := files[slices.IndexFunc(holds, func(h monarc.Holds) bool { return h != monarc.SomeObject })]
		return nil, sextant.Errorf(sextant.Invalid, "%s is no object of MOSP, and only those are taken several at once", odd.Name).At("file").WithHint("import it by itself")
	case holds[0] == monarc.AnAnalysis:
		return f.unless(f.readAnalysis(files[0]))
	}
	return f.unless(f.readBook(set, files[0]))
}

// unless gives no file where it could not be read, but for a sheet whose matching
// can be corrected.
func (f *File) unless(err error) (*File, error) {
	if err != nil && f.Matching.Columns == nil {
		return nil, err
	}
	return f, err
}

func isJSON(data []byte) bool {
	first := bytes.TrimLeft(data[:min(len(data), 4096)], " \t\r\n\ufeff")
	return len(first) > 0 && (first[0] == '{' || first[0] == '[')
}

func (f *File) readObjects(files []monarc.File) (err error) {
	f.Kind, f.o.Catalogue = Objects, cmp.Or(f.o.Catalogue, "MOSP")
	f.objects, err = monarc.ReadObjects(files, f.o.Language)
	return err
}

func (f *File) readAnalysis(file monarc.File) (err error) {
	f.Kind, f.o.Catalogue = Analysis, cmp.Or(f.o.Catalogue, "MONARC")
	f.analysis, err = monarc.Read(file.Name, file.Data, f.o.Language)
	return err
}

func (f *File) readBook(set *register.Set, file monarc.File) error {
	opened, err := riskbook.Open(set, file.Data)
	if err != nil {
		return err
	}
	if opened.Own() {
		f.Kind = Workbook
		f.book, err = opened.ReadOwn(nil)
		return err
	}
	f.Kind, f.Sheets = Sheet, opened.Sheets()
	if f.o.Sheet == "" && f.o.Header == 0 {
		f.Proposed, err = opened.Propose()
	} else {
		f.Proposed, err = opened.ProposeFor(f.o.Sheet, f.o.Header)
	}
	if err != nil {
		return err
	}
	f.Matching = f.Proposed
	f.Matching.Columns = slices.Clone(f.Proposed.Columns)
	for i, c := range f.Matching.Columns {
		name, known := f.o.Columns[c.Letter]
		if !known {
			continue
		}
		if f.Matching.Columns[i].Field, err = riskbook.ParseField(name); err != nil {
			return err
		}
	}
	for _, header := range slices.Sorted(maps.Keys(f.o.Remembered)) {
		if slices.ContainsFunc(f.Matching.Columns, func(c riskbook.Column) bool { return c.Header == header }) {
			if err := f.Matching.Match(header, f.o.Remembered[header]); err != nil {
				return err
			}
		}
	}
	f.book, err = opened.Take(f.Matching)
	return err
}

// Bring brings the file in, in one batch.
func (f *File) Bring(b *batch.Batch) error {
	switch f.Kind {
	case Analysis:
		return f.analysis.Bring(b, f.o.Options)
	case Objects:
		return f.objects.Objects(b, f.o.Options)
	}
	return f.book.Bring(b, f.bookOptions())
}

func (f *File) bookOptions() riskbook.Options {
	return riskbook.Options{System: f.o.System, Unit: f.o.Unit, Owner: f.o.Owner, Due: f.o.Due, Consequence: f.o.Consequence, Levels: f.o.Levels}
}

// Counts says what the file holds.
func (f *File) Counts() (list []Count) {
	add := func(what string, n int) {
		if n > 0 {
			list = append(list, Count{what, n})
		}
	}
	switch f.Kind {
	case Analysis:
		n := f.analysis.Counts()
		add("asset", n.Instances)
		add("asset_type", n.AssetTypes)
		add(risk.Threats.Name, n.Threats)
		add(risk.Vulnerabilities.Name, n.Vulnerabilities)
		add("triple", n.Triples)
		add("information_risk", n.InformationRisks)
		add("rated", n.Rated)
		add("operational_risk", n.OperationalRisks)
		add("recommendation", n.Recommendations)
	case Objects:
		add(risk.Threats.Name, len(f.objects.Threats))
		add(risk.Vulnerabilities.Name, len(f.objects.Vulnerabilities))
		add("asset_type", len(f.objects.Assets))
		add("triple", len(f.objects.Triples))
	default:
		if f.book == nil {
			return nil
		}
		rows := f.book.Rows()
		for _, name := range []string{risk.Risks.Name, risk.Evaluations.Name, risk.Treatments.Name} {
			add(name, rows[name])
		}
	}
	return list
}

// Languages counts the objects in each language there is, 0 where the file has all
// its texts in each; the one that is read is given beside. None of a sheet.
func (f *File) Languages() (all []Count, read string) {
	switch f.Kind {
	case Analysis:
		for _, language := range f.analysis.Languages() {
			all = append(all, Count{What: language})
		}
		return all, f.analysis.Language
	case Objects:
		for _, language := range slices.Sorted(maps.Keys(f.objects.Languages)) {
			all = append(all, Count{language, f.objects.Languages[language]})
		}
		return all, f.objects.Language()
	}
	return nil, ""
}

// Licences counts objects by the licence they keep, "" for those that state none.
func (f *File) Licences() (list []Count) {
	if f.Kind != Objects {
		return nil
	}
	count := f.objects.Licences("")
	for _, licence := range slices.Sorted(maps.Keys(count)) {
		list = append(list, Count{licence, count[licence]})
	}
	return list
}

// Seen lists the values of a sheet that judge, and what they are read as by the
// criteria in force of a management system.
func (f *File) Seen(tx register.Reader, system string) ([]riskbook.Seen, error) {
	if f.book == nil || f.Kind != Sheet {
		return nil, nil
	}
	return f.book.Seen(tx, system, f.bookOptions())
}

// Corrections gives the columns a person put to something else than was guessed,
// by their headers: what is remembered for the next sheet.
func (f *File) Corrections() map[string]string {
	list := map[string]string{}
	for i, c := range f.Matching.Columns {
		if i < len(f.Proposed.Columns) && c.Field != f.Proposed.Columns[i].Field && strings.TrimSpace(c.Header) != "" {
			list[c.Header] = string(c.Field)
		}
	}
	return list
}
