// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"sextant/connector"
)

// item is one observation while it is put together.
type item struct {
	key  string
	has  map[string]any
	lost error // ends the job: not a Failure, or a cancellation
	r    *connector.Reading
}

func newItem(r *connector.Reading, key string) *item {
	return &item{key: key, has: map[string]any{}, r: r}
}

func (i *item) set(name string, v any) { i.has[name] = v }

// text sets a string that is neither missing nor empty.
func (i *item) text(name string, s *string) {
	if s != nil && *s != "" {
		i.has[name] = *s
	}
}

// time sets a moment that is not missing.
func (i *item) time(name string, t *time.Time) {
	if t != nil && !t.IsZero() {
		i.has[name] = moment(*t)
	}
}

// number sets a number that is not missing.
func (i *item) number(name string, n *int32) {
	if n != nil {
		i.has[name] = int64(*n)
	}
}

// list sets a set of strings, sorted and each once.
func (i *item) list(name string, all []string) { i.has[name] = set(all) }

// unknown notes that attributes could not be read, and why.
func (i *item) unknown(err error, names ...string) {
	f, ok := errors.AsType[connector.Failure](err)
	if !ok || f.Cause == connector.Cancelled {
		i.lost = err
		return
	}
	if f.Resource == "" {
		f.Resource = i.key
	}
	i.r.Unread(f)
	errs, _ := i.has[connector.ErrorsKey].(map[string]any)
	if errs == nil {
		errs = map[string]any{}
		i.has[connector.ErrorsKey] = errs
	}
	for _, name := range names {
		errs[name] = strings.TrimSpace(string(f.Cause) + ": " + f.Call + " " + f.Code)
	}
}

// observe hands the observation over.
func (i *item) observe(ctx context.Context) error {
	if i.lost != nil {
		return i.lost
	}
	return i.r.Observe(ctx, i.key, connector.Configuration, i.has)
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func set(all []string) []string {
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	if sorted = slices.Compact(sorted); sorted == nil {
		return []string{}
	}
	return sorted
}

// texts turns a list of AWS's string enumerations into strings.
func texts[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return out
}

// tags turns a list of AWS tags into an object.
func tags[T any](all []T, of func(T) (key, value *string)) map[string]any {
	out := map[string]any{}
	for _, t := range all {
		if key, value := of(t); key != nil {
			out[*key] = ""
			if value != nil {
				out[*key] = *value
			}
		}
	}
	return out
}
