// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sextant"
	"sextant/register"
)

// Normalised turns what the forms above a list send (on, op, is; col) into the
// address the list is known by; changed says that the browser is to be sent
// there.
func Normalised(r *http.Request) (to string, changed bool, err error) {
	q := r.URL.Query()
	if q.Has("on") {
		if err := applyFilter(q); err != nil {
			return "", false, err
		}
		changed = true
	}
	if q.Has("col") {
		q.Set("cols", strings.Join(q["col"], ","))
		q.Del("col")
		changed = true
	}
	return Address(r.URL.Path, q), changed, nil
}

// applyFilter replaces the filter on one field.
func applyFilter(q url.Values) error {
	field, op, values := q.Get("on"), register.Op(q.Get("op")), q["is"]
	values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
	for _, key := range []string{"on", "op", "is", "edit", "after"} {
		q.Del(key)
	}
	old, err := register.ParseFilters(q["filter"])
	if err != nil {
		return err
	}
	q.Del("filter")
	for _, f := range old {
		if f.Field != field {
			q.Add("filter", f.String())
		}
	}
	if len(values) == 0 && op != register.Empty && op != register.Filled {
		return nil
	}
	f := register.Filter{Field: field, Op: op, Values: values}.String()
	if _, err := register.ParseFilter(f); err != nil {
		return sextant.Errorf(sextant.Invalid, "that comparison is not known").At("op")
	}
	q.Add("filter", f)
	return nil
}
