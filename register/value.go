// SPDX-License-Identifier: Apache-2.0

package register

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sextant"
)

// Limits of what a person may type into one field.
const (
	maxText     = 1_000   // characters of one line
	maxListed   = 300     // characters of one value of a many-valued text, which is indexed
	maxMarkdown = 200_000 // characters of many lines
	maxMany     = 1_000   // values of a many-valued field
	maxRows     = 1_000   // structured rows
)

var (
	moneyForm    = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,3})? [A-Z]{3}$`)
	durationForm = regexp.MustCompile(`^P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$`)
	keyForm      = regexp.MustCompile(`^[A-Z]{1,6}-[1-9][0-9]{0,9}$`)
	contentForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9.:-]*/[A-Za-z0-9][A-Za-z0-9.#()/ -]{0,120}$`)
)

// Parse turns what a form, the API, a spreadsheet or YAML gave into the value
// the document keeps. nil and "" mean "not known" and give nil. An error names
// the field and says what would be accepted.
func (f Field) Parse(raw any) (any, error) {
	if raw == nil || raw == "" {
		return nil, nil
	}
	if f.Kind == Rows {
		return f.parseRows(raw)
	}
	if !f.Many {
		return f.parseSingle(raw)
	}
	parts := asList(raw)
	if len(parts) > maxMany {
		return nil, f.refuse("has %d values; %d is the most", len(parts), maxMany)
	}
	values := make([]any, 0, len(parts))
	for _, part := range parts {
		value, err := f.parseOne(part)
		if err != nil {
			return nil, err
		}
		if value != nil && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	if len(values) == 0 {
		return nil, nil
	}
	return values, nil
}

// parseSingle accepts a list of one for a field that holds one value.
func (f Field) parseSingle(raw any) (any, error) {
	list, isList := raw.([]any)
	if texts, ok := raw.([]string); ok {
		list, isList = asList(texts), true
	}
	switch {
	case !isList:
		return f.parseOne(raw)
	case len(list) == 0:
		return nil, nil
	case len(list) == 1:
		return f.parseOne(list[0])
	}
	return nil, f.refuse("holds one value, not %d", len(list))
}

// asList accepts a JSON array, a Go slice of strings, or text with one value a
// line or separated by commas or semicolons.
func asList(raw any) []any {
	switch v := raw.(type) {
	case []any:
		return v
	case []string:
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		return list
	case string:
		var list []any
		for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		return list
	}
	return []any{raw}
}

func (f Field) refuse(format string, args ...any) *sextant.Error {
	return sextant.Errorf(sextant.Invalid, format, args...).At(f.Key)
}

func (f Field) parseOne(raw any) (any, error) {
	switch f.Kind {
	case Number, Percent, Scale:
		return f.parseNumber(raw)
	case Bool:
		return f.parseBool(raw)
	case File, Secret:
		return f.parseObject(raw)
	}
	text, ok := asText(raw)
	if !ok {
		return nil, f.refuse("expects text, not %T", raw)
	}
	if f.Kind != Markdown {
		text = strings.TrimSpace(text)
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	return f.parseText(text)
}

func asText(raw any) (string, bool) {
	switch v := raw.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case int:
		return strconv.Itoa(v), true
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly), true
		}
		return v.Format(time.RFC3339), true
	}
	return "", false
}

func (f Field) parseText(text string) (any, error) {
	switch f.Kind {
	case Text, Markdown:
		return f.parseWords(text)
	case Enum:
		return f.parseEnum(text)
	case Date:
		if t, err := time.Parse(time.DateOnly, text); err == nil && t.Year() >= 1900 {
			return text, nil
		}
		return nil, f.refuse("%q is not a date; write 2026-11-24", text)
	case DateTime:
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return t.UTC().Format(time.RFC3339Nano), nil
		}
		return nil, f.refuse("%q is not a moment; write 2026-11-24T09:30:00Z", text)
	case Money:
		if moneyForm.MatchString(text) {
			return text, nil
		}
		return nil, f.refuse("%q is not an amount; write 1200.50 EUR", text)
	case Duration:
		if durationForm.MatchString(text) && text != "P" && !strings.HasSuffix(text, "T") {
			return text, nil
		}
		return nil, f.refuse("%q is not a duration; write P12M, P90D or PT1H", text)
	case Person, Ref:
		if keyForm.MatchString(text) || (f.To != "person" && contentForm.MatchString(text)) {
			return text, nil
		}
		return nil, f.refuse("%q is not a key; write the key of an entry, such as AST-14", text)
	}
	return nil, f.refuse("cannot be typed")
}

func (f Field) parseWords(text string) (any, error) {
	limit := maxText
	switch {
	case f.Many:
		limit = maxListed
	case f.Kind == Markdown:
		limit = maxMarkdown
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	if !utf8.ValidString(text) {
		return nil, f.refuse("is not valid UTF-8 text")
	}
	if n := utf8.RuneCountInString(text); n > limit {
		return nil, f.refuse("has %d characters; %d is the most", n, limit)
	}
	for _, r := range text {
		if (r < ' ' && (f.Kind != Markdown || (r != '\n' && r != '\t'))) || r == 0x7f {
			return nil, f.refuse("contains a control character (U+%04X)", r)
		}
	}
	return text, nil
}

func (f Field) parseEnum(text string) (any, error) {
	names := make([]string, len(f.Values))
	for i, v := range f.Values {
		if text == v.Name || strings.EqualFold(text, v.Label) {
			return v.Name, nil
		}
		names[i] = v.Name
	}
	return nil, f.refuse("%q is not one of %s", text, strings.Join(names, ", "))
}

func (f Field) parseNumber(raw any) (any, error) {
	text, ok := asText(raw)
	if !ok {
		return nil, f.refuse("expects a number, not %T", raw)
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, f.refuse("%q is not a number", text)
	}
	if f.Kind == Percent && (n < 0 || n > 100) {
		return nil, f.refuse("%v is not between 0 and 100", n)
	}
	if f.Kind == Scale && (n < f.Min || n > f.Max || n != math.Trunc(n)) {
		return nil, f.refuse("%v is not a level between %v and %v", n, f.Min, f.Max)
	}
	return n, nil
}

func (f Field) parseBool(raw any) (any, error) {
	if b, ok := raw.(bool); ok {
		return b, nil
	}
	text, _ := asText(raw)
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "yes", "1", "on":
		return true, nil
	case "false", "no", "0", "off":
		return false, nil
	}
	return nil, f.refuse("%q is neither yes nor no", text)
}

// parseObject accepts what the kernel itself wrote: a stored file or a sealed
// secret. People upload and type them through their own calls.
func (f Field) parseObject(raw any) (any, error) {
	if text, ok := raw.(string); ok && f.Kind == Secret {
		return secretInput(text), nil
	}
	object, ok := raw.(map[string]any)
	need := "sha256"
	if f.Kind == Secret {
		need = "handle"
	}
	if _, has := object[need].(string); ok && has {
		return object, nil
	}
	return nil, f.refuse("expects a stored %s", f.Kind)
}

// secretInput is a secret on its way in; it is sealed before anything is
// written and prints as dots wherever it might slip out.
type secretInput string

func (secretInput) String() string               { return "•••" }
func (secretInput) MarshalJSON() ([]byte, error) { return []byte(`"•••"`), nil }

func (f Field) parseRows(raw any) (any, error) {
	list, ok := raw.([]any)
	if !ok {
		return nil, f.refuse("expects a list of rows")
	}
	if len(list) > maxRows {
		return nil, f.refuse("has %d rows; %d is the most", len(list), maxRows)
	}
	rows := make([]any, 0, len(list))
	for i, item := range list {
		object, ok := item.(map[string]any)
		if !ok {
			return nil, f.refuse("row %d is not an object", i+1)
		}
		row, err := parseAll(f.Fields, object)
		if err != nil {
			return nil, f.refuse("row %d: %w", i+1, err)
		}
		rows = append(rows, map[string]any(row))
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows, nil
}

// parseAll parses a whole object, complaining of every field at once.
func parseAll(fields []Field, object map[string]any) (Doc, error) {
	doc := Doc{}
	var refused []sextant.Error
	for key, raw := range object {
		f, ok := field(fields, key)
		if !ok {
			refused = append(refused, *sextant.Errorf(sextant.Invalid, "no such field").At(key))
			continue
		}
		value, err := f.Parse(raw)
		if err != nil {
			refused = append(refused, asRefusal(err, key))
			continue
		}
		doc[key] = value
	}
	return doc, refusals(refused)
}
