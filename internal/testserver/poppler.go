// SPDX-License-Identifier: Apache-2.0

package testserver

import (
	"bytes"
	"os/exec"
	"testing"
)

// PDFText gives the text of a PDF as Poppler reads it, in the order it was
// written. It needs pdftotext; `make test` installs it where it may.
func PDFText(t testing.TB, pdf []byte) string {
	t.Helper()
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		Missing(t, "no pdftotext: install poppler-utils, or run make test")
	}
	read := exec.CommandContext(t.Context(), program, "-raw", "-", "-")
	read.Stdin = bytes.NewReader(pdf)
	text, err := read.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
