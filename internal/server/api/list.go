// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// listOf reads a list request from the URL: filter (repeated), order, after,
// limit, search, parent.
func listOf(r *http.Request) (register.List, error) {
	q := r.URL.Query()
	filters, err := register.ParseFilters(q["filter"])
	return register.List{
		Register: r.PathValue("register"), Filters: filters, Parent: q.Get("parent"),
		Search: q.Get("search"), Order: q.Get("order"), After: q.Get("after"), Limit: limit(r),
	}, err
}

// listBody is one page; Count is exact up to register.CountLimit, and Counted
// says "1,000+" beyond it.
type listBody struct {
	Entries []entryBody `json:"entries"`
	Next    string      `json:"next,omitempty"`
	Count   *int        `json:"count,omitempty"`
	More    bool        `json:"count_is_more,omitempty"`
}

func (a *api) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	l, err := listOf(r)
	if err != nil {
		return err
	}
	return a.view(r, actor, func(v *register.View) error {
		page, err := v.List(l)
		if err != nil {
			return err
		}
		out := listBody{Entries: []entryBody{}, Next: page.Next}
		for _, e := range page.Entries {
			out.Entries = append(out.Entries, body(v, e))
		}
		if r.URL.Query().Has("count") {
			n, err := v.Count(l)
			if err != nil {
				return err
			}
			out.More = n > register.CountLimit
			n = min(n, register.CountLimit)
			out.Count = &n
		}
		return writeJSON(w, http.StatusOK, out)
	})
}

func (a *api) groups(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	l, err := listOf(r)
	if err != nil {
		return err
	}
	by := r.URL.Query().Get("by")
	if by == "" {
		return sextant.Errorf(sextant.Invalid, "say which field to group by").At("by")
	}
	return a.view(r, actor, func(v *register.View) error {
		groups, err := v.Groups(l, by)
		if err != nil {
			return err
		}
		type group struct {
			Value string `json:"value"`
			Count int    `json:"count"`
		}
		out := struct {
			Groups []group `json:"groups"`
		}{[]group{}}
		for _, g := range groups {
			out.Groups = append(out.Groups, group(g))
		}
		return writeJSON(w, http.StatusOK, out)
	})
}

func (a *api) search(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return a.view(r, actor, func(v *register.View) error {
		entries, err := v.Find(r.URL.Query().Get("q"), limit(r))
		if err != nil {
			return err
		}
		out := listBody{Entries: []entryBody{}}
		for _, e := range entries {
			out.Entries = append(out.Entries, body(v, e))
		}
		return writeJSON(w, http.StatusOK, out)
	})
}

// bulkBody changes every entry of a list.
type bulkBody struct {
	Filter []string       `json:"filter"`
	Search string         `json:"search"`
	Fields map[string]any `json:"fields"`
	Reason string         `json:"reason"`
	DryRun bool           `json:"dry_run"`
	Accept bool           `json:"accept_refused"` // go on although some entries refuse
}

func (a *api) bulk(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var in bulkBody
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	filters, err := register.ParseFilters(in.Filter)
	if err != nil {
		return err
	}
	l := register.List{Register: r.PathValue("register"), Filters: filters, Search: in.Search}
	return a.batch(w, r, actor, in.DryRun, in.Accept, func(tx *register.Tx) (register.Report, error) {
		return tx.BulkEdit(l, in.Fields, register.Note{Why: in.Reason})
	})
}

func (a *api) undoBatch(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return a.batch(w, r, actor, false, true, func(tx *register.Tx) (register.Report, error) {
		return tx.UndoBatch(r.PathValue("batch"), register.Note{})
	})
}

// batch runs a change of many entries: a dry run changes nothing; a real one
// with refusals the client did not accept changes nothing either.
func (a *api) batch(w http.ResponseWriter, r *http.Request, actor access.Actor, dry, accept bool, fn func(*register.Tx) (register.Report, error)) error {
	var report register.Report
	run := a.Kernel.Write
	if dry {
		run = a.Kernel.Rehearse
	}
	status := http.StatusOK
	err := run(r.Context(), actor, func(tx *register.Tx) (err error) {
		if report, err = fn(tx); err != nil {
			return err
		}
		if n := report.Counts[register.Refused]; n > 0 && !accept && !dry {
			return refusedRows{n}
		}
		return nil
	})
	if _, ok := err.(refusedRows); ok { //nolint:errorlint // made just above, never wrapped
		status, err = http.StatusConflict, nil
	}
	if err != nil {
		return err
	}
	return writeJSON(w, status, report)
}

// refusedRows takes the whole back until the client accepts the refusals.
type refusedRows struct{ n int }

func (refusedRows) Error() string { return "rows were refused" }
