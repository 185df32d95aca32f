// SPDX-License-Identifier: Apache-2.0

package table

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"sextant"
)

// readJSON reads an array of objects, one a row. Unlike in a spreadsheet each
// row says itself which fields it has.
func readJSON(s string, o Options) (*Table, error) {
	if !utf8.ValidString(s) {
		return nil, sextant.Errorf(sextant.Invalid, "the JSON file is not valid UTF-8").WithHint("save it as UTF-8")
	}
	r := &objects{in: newIntake(JSON, o), dec: json.NewDecoder(strings.NewReader(s)), unknown: map[string]bool{}, present: map[string]bool{}}
	r.dec.UseNumber()
	if err := r.read(); err != nil {
		if _, ours := errors.AsType[*sextant.Error](err); ours {
			return nil, err
		}
		return nil, sextant.Errorf(sextant.Invalid, "the JSON is broken at byte %d, in object %d: %w", r.dec.InputOffset(), r.row, err)
	}
	if len(r.in.table.Columns) == 0 && r.row > 0 {
		return nil, noHeader(o)
	}
	return r.in.table, nil
}

type objects struct {
	in               *intake
	dec              *json.Decoder
	row              int
	unknown, present map[string]bool
}

var errShape = sextant.Errorf(sextant.Invalid, "the JSON is not an array of objects").WithHint(`write [{"key": "value"}, …], one object a row`)

func (r *objects) read() error {
	if open, err := r.dec.Token(); err != nil || open != json.Delim('[') {
		return orShape(err)
	}
	for r.dec.More() {
		r.row++
		if err := r.in.countRow(); err != nil {
			return err
		}
		if err := r.object(); err != nil {
			return err
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return err
	}
	if _, err := r.dec.Token(); err != io.EOF {
		return sextant.Errorf(sextant.Invalid, "there is text after the end of the JSON array")
	}
	return nil
}

func orShape(err error) error {
	if err == nil {
		return errShape
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *objects) object() error {
	if open, err := r.dec.Token(); err != nil || open != json.Delim('{') {
		return orShape(err)
	}
	row := Row{Number: r.row, Cells: map[string]any{}}
	fields, refusedBefore := 0, len(r.in.table.Refused)
	for r.dec.More() {
		if fields++; fields > r.in.limits.Columns {
			return sextant.Errorf(sextant.TooLarge, "object %d has more than %d fields", r.row, r.in.limits.Columns)
		}
		name, err := r.dec.Token()
		if err != nil {
			return orShape(err)
		}
		var raw json.RawMessage
		if err := r.dec.Decode(&raw); err != nil {
			return orShape(err)
		}
		key, _ := name.(string)
		r.field(row, key, raw)
	}
	if _, err := r.dec.Token(); err != nil {
		return orShape(err)
	}
	if len(r.in.table.Refused) == refusedBefore && len(row.Cells) > 0 {
		r.in.table.Rows = append(r.in.table.Rows, row)
	}
	return nil
}

func (r *objects) field(row Row, name string, raw json.RawMessage) {
	t := r.in.table
	i, ok := r.in.known(name)
	if !ok {
		if len(r.unknown) < r.in.limits.Columns && !r.unknown[name] {
			r.unknown[name] = true
			t.Unknown = append(t.Unknown, clip(name, 200))
		}
		return
	}
	c := r.in.columns[i]
	if !r.present[c.Key] {
		r.present[c.Key] = true
		t.Columns = append(t.Columns, c.Key)
	}
	value, p := c.value(guarded(jsonCell(raw), r.in.limits))
	if _, twice := row.Cells[c.Key]; twice {
		p = refused("keep one of them", "the field stands twice in the object")
	}
	if p != nil {
		t.Refused = append(t.Refused, Refusal{Row: row.Number, Column: c.Key, Reason: p.reason, Fix: p.fix})
		return
	}
	row.Cells[c.Key] = value
}

// jsonCell reads one value. The decoder has checked the syntax.
func jsonCell(raw json.RawMessage) cell {
	switch raw[0] {
	case 'n':
		return cell{}
	case 't', 'f':
		return logicalCell(raw[0] == 't')
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return cell{shape: broken, text: "the text cannot be read"}
		}
		return cell{shape: text, text: s}
	case '[':
		var parts []string
		if json.Unmarshal(raw, &parts) != nil {
			return cell{shape: broken, text: "the list holds something else than texts"}
		}
		return cell{shape: list, list: parts}
	case '{':
		return cell{shape: broken, text: "the field holds an object, not a value"}
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return cell{shape: broken, text: "the number " + clip(string(raw), 40) + " is out of range"}
	}
	return cell{shape: number, number: f}
}

func logicalCell(b bool) cell {
	if b {
		return cell{shape: logical, number: 1}
	}
	return cell{shape: logical}
}
