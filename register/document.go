// SPDX-License-Identifier: Apache-2.0

package register

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"

	"sextant"
)

// Doc is an entry's fields by stable key, in the JSON forms Kind documents. An
// absent key means "not known". Only the kernel and generic code (API, pages,
// import) handle a Doc; domain code uses the typed struct.
type Doc map[string]any

// encode gives the bytes that are stored and sealed. Keys are sorted, so equal
// documents give equal bytes.
func (d Doc) encode() ([]byte, error) {
	var buffer bytes.Buffer
	enc := json.NewEncoder(&buffer)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any(d)); err != nil {
		return nil, fmt.Errorf("encode document: %w", err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

func decodeDoc(data []byte) (Doc, error) {
	doc := Doc{}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("decode document: %w", err)
	}
	return doc, nil
}

// Clone copies the document one level deep: values are never changed in place.
func (d Doc) Clone() Doc { return maps.Clone(d) }

// Text gives a value as text: "" for what is not known, lists joined by commas.
func (d Doc) Text(key string) string { return valueText(d[key]) }

// Strings gives a many-valued field, or one value as a list of one.
func (d Doc) Strings(key string) []string { return valueStrings(d[key]) }

func valueStrings(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		texts := make([]string, 0, len(v))
		for _, item := range v {
			texts = append(texts, valueText(item))
		}
		return texts
	}
	return []string{valueText(value)}
}

func valueText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		text := ""
		for i, item := range v {
			if i > 0 {
				text += ", "
			}
			text += valueText(item)
		}
		return text
	case map[string]any:
		if name, ok := v["name"].(string); ok {
			return name
		}
		if _, ok := v["handle"]; ok {
			return "•••"
		}
	}
	data, _ := json.Marshal(value)
	return string(data)
}

// apply lays a patch over a copy of the document: nil removes a field, what the
// patch does not name stays.
func (d Doc) apply(patch Doc) Doc {
	next := d.Clone()
	for key, value := range patch {
		if value == nil {
			delete(next, key)
		} else {
			next[key] = value
		}
	}
	return next
}

func (d Doc) equal(other Doc) bool {
	return reflect.DeepEqual(map[string]any(d), map[string]any(other))
}

// score is the promoted number, fixed point x1000.
func score(value any) int64 {
	n, _ := value.(float64)
	return int64(math.Round(n * 1000))
}

// decodeInto fills a domain struct from a document.
func decodeInto(doc Doc, into any) error {
	data, err := doc.encode()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("document does not fit %T: %w", into, err)
	}
	return nil
}

// docOf turns a domain struct into the patch that writes all its declared
// fields; zero values become "not known".
func docOf(def *Definition, fields any) (Doc, error) {
	data, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", def.Name, err)
	}
	raw := map[string]any{}
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("encode %s: %w", def.Name, err)
	}
	for _, f := range def.Fields {
		if v, ok := raw[f.Key]; ok && isBlank(v) && f.Kind != Bool {
			raw[f.Key] = nil
		}
	}
	return Doc(raw), nil
}

func isBlank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// Difference is one field that changed between two versions.
type Difference struct {
	Field         string `json:"field"`
	Label         string `json:"label"`
	Before, After any
}

func (def *Definition) differences(before, after Doc) []Difference {
	var diffs []Difference
	for _, f := range def.Fields {
		if !reflect.DeepEqual(before[f.Key], after[f.Key]) {
			diffs = append(diffs, Difference{Field: f.Key, Label: f.Label, Before: before[f.Key], After: after[f.Key]})
		}
	}
	return diffs
}

// checkKnown refuses keys that no field has; it is asked after upcasting, so a
// document of an older schema passes.
func (def *Definition) checkKnown(doc Doc) error {
	for _, key := range slices.Sorted(maps.Keys(doc)) {
		if _, ok := def.Field(key); !ok {
			return sextant.Errorf(sextant.Invalid, "%s has no such field", def.Name).At(key)
		}
	}
	return nil
}
