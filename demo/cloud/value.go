// SPDX-License-Identifier: Apache-2.0

package cloud

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/connector"
)

// ago is a time before the present, written "35d", "5h" or "5h30m".
type ago struct{ time.Duration }

// UnmarshalYAML reads it.
func (a *ago) UnmarshalYAML(n *yaml.Node) (err error) {
	a.Duration, err = parseAgo(n.Value)
	return err
}

func parseAgo(s string) (time.Duration, error) {
	days, rest, found := strings.Cut(s, "d")
	if !found {
		return time.ParseDuration(s)
	}
	n, err := strconv.Atoi(days)
	if err != nil {
		return 0, fmt.Errorf("%q is no time before the present: write 35d or 5h30m", s)
	}
	d := time.Duration(n) * 24 * time.Hour
	if rest = strings.TrimSpace(rest); rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	return d + more, err
}

// attributes brings raw values into the shape the type declares; what is
// declared and not told is empty where it may not be absent.
func (w *World) attributes(t connector.Type, raw map[string]any, now sextant.Instant, fill *strings.Replacer) (map[string]any, error) {
	out := map[string]any{}
	for _, a := range t.Attributes {
		value, told := raw[a.Name]
		if !told {
			if !a.Optional {
				out[a.Name] = empty(a.Type)
			}
			continue
		}
		if value == nil {
			continue // told to be absent
		}
		shaped, err := w.shape(a, value, now, fill)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		out[a.Name] = shaped
	}
	for name := range raw {
		if !declares(t, name) {
			return nil, fmt.Errorf("%s is not declared", name)
		}
	}
	return out, nil
}

func declares(t connector.Type, name string) bool {
	for _, a := range t.Attributes {
		if a.Name == name {
			return true
		}
	}
	return false
}

func empty(t connector.AttributeType) any {
	switch t {
	case connector.Bool:
		return false
	case connector.Int, connector.Number:
		return int64(0)
	case connector.Texts:
		return []string{}
	case connector.Ints, connector.Objects:
		return []any{}
	case connector.Object:
		return map[string]any{}
	}
	return ""
}

func (w *World) shape(a connector.Attribute, value any, now sextant.Instant, fill *strings.Replacer) (any, error) {
	switch a.Type {
	case connector.Time:
		return w.moment(fmt.Sprint(value), now)
	case connector.Text:
		return fill.Replace(fmt.Sprint(value)), nil
	case connector.Texts:
		list, ok := value.([]any)
		out := make([]string, len(list))
		for i, v := range list {
			out[i] = fill.Replace(fmt.Sprint(v))
		}
		return out, unless(ok, a, value)
	}
	return plain(value, fill), nil
}

func unless(ok bool, a connector.Attribute, value any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%v is no %s", value, a.Type)
}

// plain turns what YAML gives into what an observation holds.
func plain(value any, fill *strings.Replacer) any {
	switch v := value.(type) {
	case int:
		return int64(v)
	case string:
		return fill.Replace(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plain(e, fill)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = plain(e, fill)
		}
		return out
	}
	return value
}

// moment reads a time of the world: "ago 35d" stands still, "in 40d" lies
// ahead, "each 24h 3h10m" is the last of what happens every day at 03:10.
func (w *World) moment(s string, now sextant.Instant) (any, error) {
	word, rest, _ := strings.Cut(s, " ")
	switch word {
	case "ago", "in":
		d, err := parseAgo(rest)
		if word == "in" {
			d = -d
		}
		return w.Present.Time().Add(-d).Truncate(time.Second).Format(time.RFC3339Nano), err
	case "each":
		every, offset, _ := strings.Cut(rest, " ")
		step, err := parseAgo(every)
		if err != nil {
			return nil, err
		}
		shift, err := parseAgo(offset)
		return now.Time().Add(-shift).Truncate(step).Add(shift).Format(time.RFC3339Nano), err
	}
	return nil, fmt.Errorf("%q is no moment of the world", s)
}
