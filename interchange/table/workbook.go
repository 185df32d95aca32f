// SPDX-License-Identifier: Apache-2.0

package table

import (
	"encoding/xml"
	"errors"
	"path"
	"strconv"
	"strings"

	"sextant"
)

// workbook is what must be known of an XLSX file before a worksheet is read.
type workbook struct {
	*archive
	sheets     []worksheet
	strings    []string
	dates      []bool // by cell format: numbers in it are dates
	system1904 bool
}

type worksheet struct {
	name, part string
	hidden     bool
}

func openWorkbook(data []byte, limits Limits) (*workbook, error) {
	a, err := openArchive(data, limits)
	if err != nil {
		return nil, err
	}
	w := &workbook{archive: a}
	main := "xl/workbook.xml"
	for _, t := range a.relations("") {
		if strings.HasSuffix(t.kind, "/officeDocument") {
			main = t.part
		}
	}
	targets := a.relations(main)
	if err := w.readSheets(main, targets); err != nil {
		return nil, err
	}
	for _, t := range targets {
		switch {
		case strings.HasSuffix(t.kind, "/sharedStrings"):
			err = w.readStrings(t.part)
		case strings.HasSuffix(t.kind, "/styles"):
			err = w.readFormats(t.part)
		}
		if err != nil {
			return nil, err
		}
	}
	return w, nil
}

type relation struct{ kind, part string }

// relations of a part, by id. A missing list means none; one that cannot be
// read leaves its parts missing, which is reported where they are needed.
func (a *archive) relations(part string) map[string]relation {
	out := map[string]relation{}
	dir := path.Dir(part)
	list := path.Join(dir, "_rels", path.Base(part)+".rels")
	if part == "" {
		dir, list = ".", "_rels/.rels"
	}
	if !a.has(list) {
		return out
	}
	_ = a.elements(list, func(element string, attr func(string) string) error {
		if element != "Relationship" || attr("TargetMode") == "External" {
			return nil
		}
		target := attr("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		out[attr("Id")] = relation{attr("Type"), strings.TrimPrefix(path.Clean("/"+target), "/")}
		return nil
	})
	return out
}

func (w *workbook) readSheets(main string, targets map[string]relation) error {
	err := w.elements(main, func(element string, attr func(string) string) error {
		switch element {
		case "workbookPr":
			w.system1904 = isTrue(attr("date1904"))
		case "sheet":
			t := targets[attr("id")]
			if strings.HasSuffix(t.kind, "/worksheet") && len(w.sheets) < w.limits.Parts {
				w.sheets = append(w.sheets, worksheet{attr("name"), t.part, attr("state") == "hidden" || attr("state") == "veryHidden"})
			}
		}
		return nil
	})
	if err == nil && len(w.sheets) == 0 {
		return sextant.Errorf(sextant.Invalid, "the workbook has no worksheet").WithHint("save it again from a spreadsheet program")
	}
	return err
}

// Tables of a workbook that grow by an element of five bytes each. Excel itself
// ends at 65,490 cell formats.
const (
	maxStrings = 2_000_000
	maxFormats = 100_000
)

// readStrings reads the texts that cells refer to by number.
func (w *workbook) readStrings(part string) error {
	r, err := w.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	var b strings.Builder
	inText, phonetic := false, 0
	return w.walk(r, func(token xml.Token) error {
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "si":
				b.Reset()
			case "t":
				inText = phonetic == 0
			case "rPh":
				phonetic++
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "si":
				if len(w.strings) == maxStrings {
					return sextant.Errorf(sextant.TooLarge, "the spreadsheet holds more than %d different texts", maxStrings).WithHint("split it into several files")
				}
				w.strings = append(w.strings, unescape(b.String()))
			case "t":
				inText = false
			case "rPh":
				phonetic--
			}
		case xml.CharData:
			if inText {
				b.Write(t)
			}
		}
		return nil
	})
}

// readFormats finds out which cell formats show a number as a date.
func (w *workbook) readFormats(part string) error {
	codes := map[int]string{}
	inside := false // cellXfs, the formats cells use
	return w.elementsEnd(part, func(element string, attr func(string) string) error {
		switch element {
		case "numFmt":
			id, err := strconv.Atoi(attr("numFmtId"))
			if err != nil {
				return errors.New("a number format has no number")
			}
			codes[id] = attr("formatCode")
		case "cellXfs":
			inside = true
		case "xf":
			if !inside {
				return nil
			}
			id, _ := strconv.Atoi(attr("numFmtId")) // no number means General, 0
			code, own := codes[id]
			if len(w.dates) == maxFormats {
				return sextant.Errorf(sextant.TooLarge, "the spreadsheet holds more than %d cell formats", maxFormats).WithHint("copy the values into a new workbook")
			}
			w.dates = append(w.dates, own && showsDate(code) || !own && isBuiltInDate(id))
		}
		return nil
	}, func(element string) {
		if element == "cellXfs" {
			inside = false
		}
	})
}

// elementsEnd is elements with a call at each end.
func (a *archive) elementsEnd(name string, fn func(string, func(string) string) error, end func(string)) error {
	r, err := a.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	return a.walk(r, func(token xml.Token) error {
		switch t := token.(type) {
		case xml.StartElement:
			return fn(t.Name.Local, func(key string) string { return attribute(t, key) })
		case xml.EndElement:
			end(t.Name.Local)
		}
		return nil
	})
}

// isBuiltInDate knows the formats that have a number but no code (ECMA-376
// 18.8.30, with those of East Asian versions).
func isBuiltInDate(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
}

// showsDate says whether a format code has a part of a date outside of quotes,
// brackets and escapes.
func showsDate(code string) bool {
	section, _, _ := strings.Cut(code, ";")
	quoted, bracket, skip := false, false, false
	for _, r := range section {
		switch {
		case skip:
			skip = false
		case quoted:
			quoted = r != '"'
		case bracket:
			bracket = r != ']'
		case r == '"':
			quoted = true
		case r == '[':
			bracket = true
		case r == '\\', r == '_', r == '*':
			skip = true
		case strings.ContainsRune("ymdhsYMDHS", r):
			return true
		}
	}
	return false
}

// unescape turns _x000D_ into the character it stands for.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '_' && isEscape(s[i:]) {
			unit, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
			if err == nil && (unit < 0xd800 || unit > 0xdfff) {
				b.WriteRune(rune(unit))
				i += 6
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
