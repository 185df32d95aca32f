// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// document is a policy document: identity policy, trust policy or bucket
// policy. Names in it are compared without case, as AWS does.
type document struct {
	raw        map[string]any
	statements []statement
}

type statement struct {
	allow      bool
	actions    []string
	notActions bool // NotAction stands in place of Action
	resources  []string
	principals map[string][]string // kind (AWS, Service, Federated, CanonicalUser) to names; Principal "*" is AWS "*"
	conditions []condition
}

type condition struct {
	operator string // lower case, with its prefix and suffix
	key      string // lower case
	values   []string
}

// mostDocument is over AWS's largest policy, a bucket's of 20 KB.
const mostDocument = 128 << 10

// parseEscaped reads a document as IAM sends it, percent-encoded.
func parseEscaped(text string) (*document, error) {
	plain, err := url.PathUnescape(text)
	if err != nil {
		return nil, fmt.Errorf("the policy document is not percent-encoded: %w", err)
	}
	return parseDocument(plain)
}

// parseDocument reads a policy document in JSON. What it cannot make sense of
// is an error: half a policy says nothing.
func parseDocument(text string) (*document, error) {
	if len(text) > mostDocument {
		return nil, fmt.Errorf("the policy document is longer than %d bytes", mostDocument)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	d := &document{}
	if err := dec.Decode(&d.raw); err != nil {
		return nil, fmt.Errorf("the policy document is no JSON object: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the policy document")
	}
	if d.raw == nil {
		return nil, errors.New("the policy document is null")
	}
	d.raw = numbers(d.raw).(map[string]any)
	for _, v := range oneOrMany(member(d.raw, "Statement")) {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, errors.New("a statement of the policy document is no object")
		}
		s, err := parseStatement(m)
		if err != nil {
			return nil, fmt.Errorf("statement %d of the policy document: %w", len(d.statements)+1, err)
		}
		d.statements = append(d.statements, s)
	}
	return d, nil
}

// numbers keeps numbers as they are written.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}

func parseStatement(m map[string]any) (statement, error) {
	var s statement
	switch effect, _ := member(m, "Effect").(string); strings.ToLower(effect) {
	case "allow":
		s.allow = true
	case "deny":
	default:
		return s, fmt.Errorf("Effect is %q, neither Allow nor Deny", effect)
	}
	var err error
	read := func(name string) []string {
		all, e := stringsOf(member(m, name))
		if e != nil {
			err = fmt.Errorf("%s: %w", name, e)
		}
		return all
	}
	s.actions, s.resources = read("Action"), read("Resource")
	s.notActions = member(m, "NotAction") != nil
	if err == nil {
		s.principals, err = parsePrincipals(member(m, "Principal"))
	}
	if err == nil {
		s.conditions, err = parseConditions(member(m, "Condition"))
	}
	return s, err
}

func parsePrincipals(v any) (map[string][]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		if v != "*" {
			return nil, fmt.Errorf("Principal is %q, neither * nor an object", shorten(v))
		}
		return map[string][]string{"aws": {"*"}}, nil
	case map[string]any:
		all := map[string][]string{}
		for kind, names := range v {
			list, err := stringsOf(names)
			if err != nil {
				return nil, fmt.Errorf("Principal %s: %w", shorten(kind), err)
			}
			all[strings.ToLower(kind)] = append(all[strings.ToLower(kind)], list...)
		}
		return all, nil
	}
	return nil, errors.New("Principal is neither * nor an object")
}

func parseConditions(v any) ([]condition, error) {
	if v == nil {
		return nil, nil
	}
	operators, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("Condition is no object")
	}
	var all []condition
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys, ok := operators[operator].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("Condition %s is no object", shorten(operator))
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			values, err := stringsOf(keys[key])
			if err != nil {
				return nil, fmt.Errorf("Condition %s %s: %w", shorten(operator), shorten(key), err)
			}
			all = append(all, condition{strings.ToLower(operator), strings.ToLower(key), values})
		}
	}
	return all, nil
}

func member(m map[string]any, name string) any {
	if v, ok := m[name]; ok {
		return v
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if strings.EqualFold(k, name) {
			return m[k]
		}
	}
	return nil
}

func oneOrMany(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func stringsOf(v any) ([]string, error) {
	var all []string
	for _, e := range oneOrMany(v) {
		switch e := e.(type) {
		case string:
			all = append(all, e)
		case bool:
			all = append(all, fmt.Sprint(e))
		default:
			return nil, errors.New("it is neither text nor a list of texts")
		}
	}
	return all, nil
}
