// SPDX-License-Identifier: Apache-2.0

package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"

	"sextant"
)

// archive is the ZIP file an XLSX file is, opened with limits.
type archive struct {
	parts  map[string]*zip.File // by name in lower case: programs differ in case
	limits Limits
	left   int64 // bytes that may still be unpacked
	count  int   // elements read so far
}

// ratioFrom is the unpacked size below which the ratio does not matter: small
// parts of blanks compress to nothing in honest files too.
const ratioFrom = 1 << 20

func openArchive(data []byte, limits Limits) (*archive, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, damaged(err)
	}
	if len(z.File) > limits.Parts {
		return nil, sextant.Errorf(sextant.TooLarge, "the spreadsheet holds %d files; %d is the most", len(z.File), limits.Parts)
	}
	a := &archive{parts: map[string]*zip.File{}, limits: limits, left: limits.Unpacked}
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if f.Flags&1 != 0 {
			return nil, wrongFile("a ZIP archive protected with a password", "remove the password and import it again")
		}
		if a.parts[name] != nil {
			return nil, damaged(errors.New("it holds the part " + clip(name, 80) + " twice"))
		}
		a.parts[name] = f
	}
	return a, a.recognise()
}

// recognise refuses what is no XLSX file, by name, and anything with macros.
func (a *archive) recognise() error {
	switch {
	case a.has("mimetype"):
		return wrongFile("an OpenDocument file (.ods)", saveAsXLSX)
	case a.has("xl/workbook.bin"):
		return wrongFile("a binary Excel workbook (.xlsb)", saveAsXLSX)
	case a.has("word/document.xml"):
		return wrongFile("a Word document", "copy the table into a spreadsheet and save it as .xlsx")
	case a.has("ppt/presentation.xml"):
		return wrongFile("a presentation", "copy the table into a spreadsheet and save it as .xlsx")
	case a.has("index/document.iwa"):
		return wrongFile("an Apple Numbers document", "choose File, Export to, Excel in Numbers, and import that file")
	case !a.has("[content_types].xml"):
		return wrongFile("a ZIP archive", "unpack it and import the spreadsheet inside")
	}
	return a.refuseMacros()
}

func (a *archive) refuseMacros() error {
	macros := sextant.Errorf(sextant.Invalid, "the spreadsheet contains macros; such files are not read").
		WithHint("choose Save as, Excel workbook (.xlsx) without macros, and import that file")
	for name := range a.parts {
		if strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "xl/macrosheets/") {
			return macros
		}
	}
	found := false
	err := a.elements("[content_types].xml", func(_ string, attr func(string) string) error {
		kind := strings.ToLower(attr("ContentType"))
		found = found || strings.Contains(kind, "macroenabled") || strings.Contains(kind, "vbaproject")
		return nil
	})
	if err == nil && found {
		return macros
	}
	return err
}

func (a *archive) has(name string) bool { return a.parts[strings.ToLower(name)] != nil }

// open gives a part's content, unpacked no further than the limits allow.
func (a *archive) open(name string) (io.ReadCloser, error) {
	f := a.parts[strings.ToLower(name)]
	if f == nil {
		return nil, damaged(errors.New("the part " + clip(name, 80) + " is missing"))
	}
	r, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	most := max(ratioFrom, a.limits.Ratio*int64(min(f.CompressedSize64, 1<<40)))
	return &unpacking{ReadCloser: r, archive: a, name: name, left: most}, nil
}

type unpacking struct {
	io.ReadCloser
	archive *archive
	name    string
	left    int64 // before the ratio is exceeded
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	u.left -= int64(n)
	u.archive.left -= int64(n)
	switch {
	case u.archive.left < 0:
		return 0, sextant.Errorf(sextant.TooLarge, "the spreadsheet unpacks to more than %d bytes", u.archive.limits.Unpacked).WithHint("split it into several files")
	case u.left < 0:
		return 0, sextant.Errorf(sextant.TooLarge, "the part %s unpacks to more than %d times its size; this looks like an attack", clip(u.name, 80), u.archive.limits.Ratio).
			WithHint("open the file in a spreadsheet program and save it again")
	}
	return n, err
}

// damaged wraps what is wrong inside a file; limits keep their own message.
func damaged(err error) error {
	if _, ours := errors.AsType[*sextant.Error](err); ours {
		return err
	}
	return sextant.Errorf(sextant.Invalid, "the spreadsheet is damaged: %w", err).
		WithHint("open it in a spreadsheet program, save it again, and import that file")
}
