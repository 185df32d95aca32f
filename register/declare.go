// SPDX-License-Identifier: Apache-2.0

package register

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sextant/access"
)

// fieldsOf reads the fields of a register from the tags of its struct:
//
//	Owner string `json:"owner" is:"person required owner" label:"Owner" help:"who answers for it"`
//
// `json` is the stable key. `is` starts with the kind and goes on with flags:
//
//	required unique personal derived      as in Field
//	title owner due score                 the promoted column the field fills
//	names                                 persons in it count as owners of the entry
//	ranked                                an enumeration whose values stand from low to high
//	keep detach                           what a reference does when its target goes (default: restrict)
//
// `values` lists an enumeration ("open=Open, done=Done") or a scale ("0..5"),
// `to` the register a reference points at, `default` the value of a new entry,
// `readers` the roles that may see it. A slice type makes the field many-valued;
// a secret is declared as any.
//
// A mistake in a declaration is a defect of the program, so it panics at start.
func fieldsOf(t reflect.Type) []Field {
	var fields []Field
	for sf := range t.Fields() {
		if sf.Anonymous {
			fields = append(fields, fieldsOf(sf.Type)...)
			continue
		}
		if is := sf.Tag.Get("is"); is != "" {
			fields = append(fields, fieldOf(t.Name(), sf, is))
		}
	}
	return fields
}

func fieldOf(owner string, sf reflect.StructField, is string) Field {
	key, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
	defect := func(what string) {
		panic(fmt.Sprintf("register: field %s.%s: %s", owner, sf.Name, what))
	}
	if key == "" {
		defect("no json tag: it is the field's stable key")
	}
	words := strings.Fields(is)
	f := Field{
		Key: key, Kind: Kind(words[0]), Help: sf.Tag.Get("help"), To: sf.Tag.Get("to"),
		Label: sf.Tag.Get("label"), Many: sf.Type.Kind() == reflect.Slice && Kind(words[0]) != Rows,
	}
	if f.Label == "" {
		f.Label = humanise(key)
	}
	for _, flag := range words[1:] {
		if !f.set(flag) {
			defect("unknown flag " + flag)
		}
	}
	if f.Kind == Person {
		f.To = "person"
	}
	if f.Kind == Secret && sf.Type.Kind() != reflect.Interface {
		defect("a secret is declared as any: what a document holds of it is a handle, and text only on its way in")
	}
	if f.Kind == Rows {
		f.Fields = fieldsOf(sf.Type.Elem())
	}
	f.Values, f.Min, f.Max = valuesOf(sf.Tag.Get("values"))
	f.Readers = readersOf(sf.Tag.Get("readers"))
	if problem := f.problem(); problem != "" {
		defect(problem)
	}
	if text, ok := sf.Tag.Lookup("default"); ok {
		value, err := f.Parse(text)
		if err != nil {
			defect("default: " + err.Error())
		}
		f.Default = value
	}
	return f
}

func (f *Field) set(flag string) bool {
	switch flag {
	case "required":
		f.Required = true
	case "unique":
		f.Unique = true
	case "personal":
		f.Personal = true
	case "derived":
		f.Derived = true
	case "ranked":
		f.Ranked = true
	case "names":
		f.Names = true
	case "title":
		f.IsTitle = true
	case "owner":
		f.IsOwner, f.Names = true, true
	case "due":
		f.IsDue = true
	case "score":
		f.IsScore = true
	case string(Keep), string(Detach):
		f.OnDelete = OnDelete(flag)
	default:
		return false
	}
	return true
}

var kinds = []Kind{Text, Markdown, Enum, Date, DateTime, Money, Number, Percent, Bool, Person, Ref, File, Duration, Scale, Secret, Rows}

func (f Field) problem() string {
	switch {
	case !slices.Contains(kinds, f.Kind):
		return "unknown kind " + string(f.Kind)
	case f.Kind == Enum && len(f.Values) == 0:
		return "an enumeration needs values"
	case f.Ranked && (f.Kind != Enum || f.Many):
		return "only an enumeration of one value is ranked"
	case f.Kind == Scale && f.Max <= f.Min:
		return "a scale needs values:\"0..5\""
	case f.Kind == Ref && f.To == "":
		return "a reference needs to:\"register\""
	case f.Kind == Rows && len(f.Fields) == 0:
		return "rows need a struct with fields"
	case len(f.Readers) > 0 && (f.IsTitle || f.IsOwner || f.IsDue || f.IsScore):
		return "a field some may not see cannot be title, owner, due or score: lists show those to everyone"
	case f.Unique && (f.Kind == Rows || f.Kind == File || f.Kind == Secret):
		return string(f.Kind) + " cannot be unique"
	}
	return ""
}

// valuesOf reads "a=Label A, b" or "0..5".
func valuesOf(tag string) (values []Value, low, high float64) {
	if from, to, ok := strings.Cut(tag, ".."); ok {
		low, _ = strconv.ParseFloat(from, 64)
		high, _ = strconv.ParseFloat(to, 64)
		return nil, low, high
	}
	for part := range strings.SplitSeq(tag, ",") {
		name, label, given := strings.Cut(strings.TrimSpace(part), "=")
		if name == "" {
			continue
		}
		if !given {
			label = humanise(name)
		}
		values = append(values, Value{Name: name, Label: label})
	}
	return values, 0, 0
}

func readersOf(tag string) []access.Role {
	var roles []access.Role
	for part := range strings.SplitSeq(tag, ",") {
		if part = strings.TrimSpace(part); part != "" {
			role, err := access.ParseRole(part)
			if err != nil {
				panic("register: readers: " + err.Error())
			}
			roles = append(roles, role)
		}
	}
	return roles
}
