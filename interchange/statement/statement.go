// SPDX-License-Identifier: Apache-2.0

// Package statement writes the Statement of Applicability into files: as a sheet
// that can be filtered and read back, as a document to print and sign off, as
// OSCAL, and as the canonical form everything else is drawn from. Each control
// stands in it with what was decided, declared and derived side by side. It
// decides nothing, and it writes the whole statement: one with rows left away is
// none.
package statement

import (
	"bytes"
	"io"
	"strconv"

	"sextant"
	"sextant/evidence"
	"sextant/interchange/oscal"
	"sextant/interchange/table"
	"sextant/organisation"
	"sextant/register"
	"sextant/soa"
)

// Format is one of the files a statement is written into.
type Format string

// The formats.
const (
	XLSX  Format = "xlsx"
	PDF   Format = "pdf"
	CSV   Format = "csv"
	JSON  Format = "json" // soa.Captured, as it is compared and kept
	OSCAL Format = "oscal"
)

// Formats lists them.
func Formats() []Format { return []Format{XLSX, PDF, CSV, JSON, OSCAL} }

// ParseFormat accepts the name of a format as people type it.
func ParseFormat(s string) (Format, error) {
	for _, f := range Formats() {
		if s == string(f) {
			return f, nil
		}
	}
	return "", sextant.Errorf(sextant.Invalid, "a statement is not written as %q", s).At("format").WithHint("the formats are xlsx, pdf, csv, json and oscal")
}

// Label is what people call it.
func (f Format) Label() string {
	return map[Format]string{XLSX: "XLSX", PDF: "PDF", CSV: "CSV", JSON: "JSON", OSCAL: "OSCAL"}[f]
}

// MediaType is the content type to serve it under.
func (f Format) MediaType() string {
	switch f {
	case PDF:
		return "application/pdf"
	case OSCAL:
		return "application/oscal+json"
	}
	return table.Format(f).MediaType()
}

// FileName is what the file of a statement is called: that of a version by its
// number.
func (f Format) FileName(c soa.Captured) string {
	name := "statement-of-applicability"
	if c.Version != nil {
		name += "-" + strconv.Itoa(c.Version.Number)
	}
	if f == OSCAL {
		return name + ".oscal.json"
	}
	return name + "." + string(f)
}

// Write writes a statement.
func Write(w io.Writer, c soa.Captured, f Format) error {
	switch f {
	case PDF:
		return document(c).Write(w)
	case OSCAL:
		return oscal.Statement(w, plan(c))
	case JSON:
		data, err := c.Encode()
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	}
	return sheet(c).Write(w, table.Format(f))
}

// Current captures what stands in a management system at the moment the two
// readers are of, as the version that is being drafted where there is one; ""
// takes the first system there is.
func Current(v *register.View, r evidence.Reader, system string) (soa.Captured, error) {
	if system == "" {
		all, err := organisation.ManagementSystems.All(v)
		if err != nil {
			return soa.Captured{}, err
		}
		if len(all) > 0 {
			system = all[0].Key
		}
	}
	editions, err := soa.EditionsOf(v, system)
	if err != nil {
		return soa.Captured{}, err
	}
	if len(editions) > 0 && editions[0].State == soa.Draft {
		return soa.Capture(v, r, system, &editions[0])
	}
	return soa.Capture(v, r, system, nil)
}

// Render writes the files of a version that was reviewed: what top management
// signs and what is kept for ever. Of one that was just approved it writes the
// approval sheet (register.Renderer).
func Render(v *register.View, e register.Entry) ([]register.Rendered, error) {
	if e.State == soa.Approved {
		return renderApproval(v, e)
	}
	r, err := evidence.On(v)
	if err != nil {
		return nil, err
	}
	edition, err := soa.Editions.Get(v, e.Key)
	if err != nil {
		return nil, err
	}
	c, err := soa.Capture(v, r, edition.Fields.ManagementSystem, &edition)
	if err != nil {
		return nil, err
	}
	var files []register.Rendered
	for _, f := range Formats() {
		var out bytes.Buffer
		if err := Write(&out, c, f); err != nil {
			return nil, err
		}
		files = append(files, register.Rendered{Name: f.FileName(c), MediaType: f.MediaType(), Content: out.Bytes()})
	}
	return files, nil
}
