// SPDX-License-Identifier: Apache-2.0

package connectortest

import (
	"fmt"
	"slices"
	"time"

	"sextant/connector"
)

// Mismatches names what observations have that their type does not declare, or
// lack although it is not optional.
func Mismatches(types []connector.Type, r *Record) []string {
	declared := map[string]connector.Type{}
	for _, t := range types {
		declared[t.Name] = t
	}
	var wrong []string
	for id, o := range r.Observations {
		t, known := declared[o.Type]
		if !known {
			wrong = append(wrong, id+": the type is not declared")
			continue
		}
		if o.Key == "" || o.Account == "" || o.Region == "" || o.Kind == "" {
			wrong = append(wrong, id+": key, account, region or kind is missing")
		}
		if (t.Scope == connector.Global) != (o.Region == connector.Global) {
			wrong = append(wrong, id+": the region does not fit the scope of the type")
		}
		for _, m := range mismatch(t, o) {
			wrong = append(wrong, id+": "+m)
		}
	}
	slices.Sort(wrong)
	return wrong
}

func mismatch(t connector.Type, o connector.Observation) []string {
	var wrong []string
	unknown := o.Unknown()
	attributes := map[string]connector.Attribute{}
	for _, a := range t.Attributes {
		attributes[a.Name] = a
		_, has := o.Attributes[a.Name]
		if !has && !a.Optional && !slices.Contains(unknown, a.Name) {
			wrong = append(wrong, a.Name+" is absent, not optional and not unknown")
		}
	}
	for name, v := range o.Attributes {
		a, known := attributes[name]
		switch {
		case name == connector.ErrorsKey || name == connector.RedactedKey:
		case !known:
			wrong = append(wrong, name+" is not declared")
		case !fits(a.Type, v):
			wrong = append(wrong, fmt.Sprintf("%s is %T %v, declared as %s", name, v, v, a.Type))
		}
	}
	for _, name := range unknown {
		if _, known := attributes[name]; !known {
			wrong = append(wrong, name+" is unknown and not declared")
		}
	}
	return wrong
}

func fits(t connector.AttributeType, v any) bool {
	switch v := v.(type) {
	case string:
		if t == connector.Time {
			at, err := time.Parse(time.RFC3339Nano, v)
			return err == nil && at.Location() == time.UTC
		}
		return t == connector.Text
	case bool:
		return t == connector.Bool
	case int64, int:
		return t == connector.Int || t == connector.Number
	case float64:
		return t == connector.Number
	case []string:
		return t == connector.Texts
	case map[string]any:
		return t == connector.Object
	case []any:
		return t == connector.Ints && all[int64](v) || t == connector.Objects && all[map[string]any](v)
	}
	return false
}

func all[T any](list []any) bool {
	for _, e := range list {
		if _, is := e.(T); !is {
			return false
		}
	}
	return true
}
