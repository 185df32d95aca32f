// SPDX-License-Identifier: Apache-2.0

package custom

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/connector"
	"sextant/evidence"
)

// Attribute is something an expression may look at, as it was observed.
type Attribute struct {
	Path     string   `json:"path"`               // resource.tags.owner
	Type     string   `json:"type"`               // text, number, yes or no, list, map; several where it differs
	Says     string   `json:"says,omitempty"`     // what the connector says of it
	Examples []string `json:"examples,omitempty"` // a few values
	Seen     int      `json:"seen"`               // of the resources looked at, how many have it
	Of       int      `json:"of"`                 // how many were looked at
	Unread   int      `json:"unread,omitempty"`   // of how many it could not be read
}

// Limits of what is looked at and shown.
const (
	looked       = 1_000 // resources
	mostExamples = 4
	longestValue = 60
	deepest      = 3
)

var errEnough = errors.New("enough")

// Attributes gives what the resources of a type have, for completion: every
// path with its type, a few values and how many resources have it, from up to a
// thousand that stand. declared are the connector's own words for its types;
// what it declares and nobody has is among them, seen by none.
func Attributes(ctx context.Context, store evidence.Store, org sextant.Organisation, kind string, declared []connector.Type) ([]Attribute, error) {
	s := survey{found: map[string]*Attribute{}}
	for _, t := range declared {
		for _, a := range t.Attributes {
			if t.Name == kind {
				s.found["resource."+a.Name] = &Attribute{Path: "resource." + a.Name, Type: string(a.Type), Says: a.Says}
			}
		}
	}
	err := store.Machine(ctx, org, func(r evidence.Reader) error {
		err := eachResource(r, kind, sextant.LatestSeq, func(_ evidence.Resource, attributes map[string]any) error {
			if s.of == looked {
				return errEnough
			}
			s.add(attributes)
			return nil
		})
		if errors.Is(err, errEnough) {
			err = nil
		}
		return err
	})
	return s.list(), err
}

// pageSize is how many resources are read at a time.
const pageSize = 500

// eachResource gives the standing resources of a type with their attributes.
func eachResource(r evidence.Reader, kind string, at sextant.Seq, fn func(evidence.Resource, map[string]any) error) error {
	for after := int64(0); ; {
		page, err := r.ResourcePage(kind, after, pageSize, at)
		if err != nil {
			return err
		}
		for _, resource := range page {
			var observed struct {
				Attributes map[string]any `json:"attributes"`
			}
			if err := json.Unmarshal(resource.Data, &observed); err != nil {
				return fmt.Errorf("observation of %s: %w", resource.Key, err)
			}
			if err := fn(resource, observed.Attributes); err != nil {
				return err
			}
			after = resource.ID
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

type survey struct {
	of    int
	found map[string]*Attribute
}

func (s *survey) add(attributes map[string]any) {
	s.of++
	unread, _ := attributes[connector.ErrorsKey].(map[string]any)
	for name := range unread {
		s.at("resource."+name).Unread++
	}
	for name, value := range attributes {
		if name != connector.ErrorsKey && name != connector.RedactedKey {
			s.value("resource."+name, value, 1)
		}
	}
}

func (s *survey) at(path string) *Attribute {
	if s.found[path] == nil {
		s.found[path] = &Attribute{Path: path}
	}
	return s.found[path]
}

func (s *survey) value(path string, value any, depth int) {
	a := s.at(path)
	a.Seen++
	kind := kindOf(value)
	switch {
	case a.Type == "":
		a.Type = kind
	case value != nil && a.Says == "" && !strings.Contains(a.Type, kind):
		a.Type += " or " + kind
	}
	a.example(value)
	if nested, ok := value.(map[string]any); ok && depth < deepest {
		for name, inner := range nested {
			s.value(path+selector(name), inner, depth+1)
		}
	}
}

// selector writes how an expression reaches a key of a map.
func selector(name string) string {
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return fmt.Sprintf("[%q]", name)
		}
	}
	return "." + name
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "nothing"
	case bool:
		return "yes or no"
	case float64:
		return "number"
	case string:
		return "text"
	case []any:
		return "list"
	}
	return "map"
}

func (a *Attribute) example(value any) {
	if _, isMap := value.(map[string]any); isMap || value == nil || len(a.Examples) == mostExamples {
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		return // it came from JSON
	}
	shown := []rune(string(text))
	if len(shown) > longestValue {
		shown = append(shown[:longestValue], '…')
	}
	if !slices.Contains(a.Examples, string(shown)) {
		a.Examples = append(a.Examples, string(shown))
	}
}

func (s *survey) list() []Attribute {
	all := make([]Attribute, 0, len(s.found))
	for _, a := range s.found {
		a.Of = s.of
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b Attribute) int { return cmp.Compare(a.Path, b.Path) })
	return all
}
