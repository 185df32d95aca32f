// SPDX-License-Identifier: Apache-2.0

package intake_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"sextant/evidence"
	"sextant/interchange/intake"
	"sextant/product/producttest"
	"sextant/register"
)

// The sample can be imported as it is; the file is kept with the report on its
// rows, and a try keeps nothing.
func TestTheSampleIsWrittenAndKeptWithItsReport(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		var sample bytes.Buffer
		must(t, intake.Sample("The owner", h.Clock()).WriteXLSX(&sample))
		read := o.read(t, sample.Bytes())
		options := intake.Options{File: "sample.xlsx", Unit: "SU-1", Content: sample.Bytes()}
		if tried := o.bring(t, read, options, true); tried.Counts[register.Refused] > 0 || tried.Counts[register.Created] != 4 {
			t.Fatalf("the sample: %v", fates(tried))
		}
		if kept := o.kept(t); len(kept) > 0 {
			t.Errorf("a try kept %d files", len(kept))
		}
		o.bring(t, read, options, false)
		rows := o.rows(t)
		if len(rows) != 4 || rows["A.7.6"].ExclusionJustification == "" || len(rows["A.5.1"].Reasons) != 2 || len(o.declared(t)) != 3 {
			t.Errorf("written: %+v, %d declared", rows, len(o.declared(t)))
		}
		kept := o.kept(t)
		if !bytes.Equal(kept["sample.xlsx"], sample.Bytes()) {
			t.Error("the file is not kept as it was")
		}
		report := kept["Report on sample.xlsx"]
		if !strings.HasPrefix(string(report), "PK") || len(kept) != 2 {
			t.Errorf("%d files are kept", len(kept))
		}
	})
}

// kept gives the files beside the management system, by name.
func (o office) kept(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	o.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		all, err := register.Attachments.All(v, register.Filter{Field: "subject", Op: register.Is, Values: []string{o.system}})
		for _, a := range all {
			sum, _ := a.Fields.File["sha256"].(string)
			content, err := o.Kernel.Blobs().Open(t.Context(), o.Org, sum)
			if err != nil {
				return err
			}
			defer content.Close()
			if files[a.Fields.Title], err = io.ReadAll(content); err != nil {
				return err
			}
		}
		return err
	})
	return files
}
