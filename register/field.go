// SPDX-License-Identifier: Apache-2.0

package register

import (
	"slices"
	"strings"

	"sextant/access"
)

// Kind says what a field holds, how it is parsed, shown, compared and exported.
type Kind string

// The kinds. A value is kept in the document as the JSON given in brackets.
const (
	Text     Kind = "text"     // one line [string]
	Markdown Kind = "markdown" // many lines [string]
	Enum     Kind = "enum"     // one of Values [string]
	Date     Kind = "date"     // 2026-11-24 [string]
	DateTime Kind = "datetime" // RFC 3339, UTC [string]
	Money    Kind = "money"    // "1200.50 EUR" [string]
	Number   Kind = "number"   // [number]
	Percent  Kind = "percent"  // 0 to 100 [number]
	Bool     Kind = "bool"     // [true or false]; absent is "not known", never false
	Person   Kind = "person"   // key of a person entry [string]
	Ref      Kind = "ref"      // key of an entry, or a reference into content [string]
	File     Kind = "file"     // name, type, size, sha256 [object]
	Duration Kind = "duration" // ISO 8601, P12M [string]
	Scale    Kind = "scale"    // a whole level between the scale's ends [number]
	Secret   Kind = "secret"   // write-only; the document keeps a handle [object]
	Rows     Kind = "rows"     // structured rows of Field.Fields [array of objects]
)

// OnDelete is what a reference does when somebody deletes its target.
type OnDelete string

// The policies. The zero value is the careful one.
const (
	Restrict OnDelete = ""       // the target cannot be deleted
	Keep     OnDelete = "keep"   // the reference stays and shows a tombstone
	Detach   OnDelete = "detach" // the reference is removed, as a version of its own
)

// Value is one value of an enumeration.
type Value struct{ Name, Label string }

// Field is one field of a register, read from a struct tag (see Declare).
type Field struct {
	Key    string // stable for ever: in documents, API, XLSX and YAML
	Label  string // English; the source text of the message catalogue
	Help   string
	Kind   Kind
	Many   bool
	Values []Value // enum
	Ranked bool    // enum: Values stand from low to high, and sort so
	Min    float64 // scale
	Max    float64 // scale
	To     string  // ref: register, "any", or a content type such as "control"
	Fields []Field // rows

	Required bool
	Default  any
	Unique   bool // no two entries of the register hold the same value
	OnDelete OnDelete

	Personal bool          // removed when the person asks to be forgotten
	Readers  []access.Role // only these may read and change it; nil = everybody who reads the entry
	Names    bool          // a person named here counts as owner of the entry
	Derived  bool          // computed by the kernel or a transition, refused on input

	// Roles of the promoted columns.
	IsTitle, IsOwner, IsDue, IsScore bool
}

// ValueLabel is the label of an enumeration value; the name itself where it is unknown.
func (f Field) ValueLabel(name string) string {
	for _, v := range f.Values {
		if v.Name == name {
			return v.Label
		}
	}
	return name
}

// Rank is the place of an enumeration's value, from 1; 0 for what is none of
// them, and for not known.
func (f Field) Rank(name string) int {
	return slices.IndexFunc(f.Values, func(v Value) bool { return v.Name == name }) + 1
}

// IsReference says whether values are keys of other entries or of content.
func (f Field) IsReference() bool { return f.Kind == Ref || f.Kind == Person }

// isTagged fields are kept in the tag table, a row for each value and one for
// "not known": filtered, counted and, with one value, sorted by.
func (f Field) isTagged() bool {
	if f.IsTitle || f.IsDue || f.IsScore {
		return false
	}
	return f.Kind == Enum || f.Kind == Bool || f.Kind == Scale || f.IsReference() || (f.Kind == Text && f.Many)
}

// isSearched fields feed the full-text index. Restricted ones never do: a hit
// would tell what they hold.
func (f Field) isSearched() bool {
	return (f.Kind == Text || f.Kind == Markdown) && len(f.Readers) == 0
}

// column says where lists find the field.
func (f Field) column() Column {
	switch {
	case f.IsTitle:
		return ColumnTitle
	case f.IsDue:
		return ColumnDue
	case f.IsScore:
		return ColumnScore
	case f.isTagged():
		return ColumnTag
	case f.Kind == Number || f.Kind == Percent:
		return ColumnNumber
	}
	return ColumnText
}

// humanise turns a stable key into the words a person reads where no label is
// declared: "scope_units" -> "Scope units".
func humanise(key string) string {
	words := strings.ReplaceAll(key, "_", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

func field(fields []Field, key string) (Field, bool) {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Key == key })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}
