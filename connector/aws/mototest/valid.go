// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"fmt"
	"slices"
)

// CheckInput names what is wrong with a JSON input of an operation, by the
// service's model: fields that do not exist, wrong types, unknown values.
func (m *Model) CheckInput(op string, v any) []string {
	return m.check(m.Operations[op].Input, v, op+" input")
}

// CheckOutput does the same for an answer.
func (m *Model) CheckOutput(op string, v any) []string {
	return m.check(m.Operations[op].Output, v, op+" output")
}

func (m *Model) check(ref Reference, v any, at string) []string {
	if m == nil || ref.Shape == "" { // no input at all: an empty object is one way to send it
		return nil
	}
	s := m.Shapes[ref.Shape]
	switch v := v.(type) {
	case nil:
		return nil
	case map[string]any:
		if s.Type == "map" {
			return m.checkMap(s, v, at)
		}
		return m.checkStructure(s, v, at)
	case []any:
		return m.checkList(s, v, at)
	case string:
		if s.Type != "string" && s.Type != "timestamp" && s.Type != "blob" {
			return []string{at + ": text where the model has " + s.Type}
		}
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
			return []string{fmt.Sprintf("%s: %q is not a value of the model", at, v)}
		}
	case bool:
		if s.Type != "boolean" {
			return []string{at + ": true or false where the model has " + s.Type}
		}
	default:
		if !slices.Contains([]string{"integer", "long", "float", "double", "timestamp"}, s.Type) {
			return []string{at + ": a number where the model has " + s.Type}
		}
	}
	return nil
}

func (m *Model) checkMap(s Shape, v map[string]any, at string) (wrong []string) {
	for k, e := range v {
		wrong = append(wrong, m.check(s.Value, e, at+"."+k)...)
	}
	return wrong
}

func (m *Model) checkList(s Shape, v []any, at string) (wrong []string) {
	if s.Type != "list" {
		return []string{at + ": a list where the model has " + s.Type}
	}
	for _, e := range v {
		wrong = append(wrong, m.check(s.Member, e, at+"[]")...)
	}
	return wrong
}

func (m *Model) checkStructure(s Shape, v map[string]any, at string) (wrong []string) {
	if s.Type != "structure" {
		return []string{at + ": an object where the model has " + s.Type}
	}
	members := map[string]Reference{}
	for name, ref := range s.Members {
		wire := name
		if ref.LocationName != "" {
			wire = ref.LocationName
		}
		members[wire] = ref
		if slices.Contains(s.Required, name) && ref.Location == "" && v[wire] == nil {
			wrong = append(wrong, at+"."+wire+": missing, and the model requires it")
		}
	}
	for name, e := range v {
		ref, known := members[name]
		if !known {
			wrong = append(wrong, at+"."+name+": the model has no such field")
			continue
		}
		wrong = append(wrong, m.check(ref, e, at+"."+name)...)
	}
	return wrong
}
