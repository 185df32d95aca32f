// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"fmt"
	"slices"
	"time"

	"sextant"
	"sextant/lint"
	"sextant/obligation"
	"sextant/organisation"
	"sextant/register"
)

// The rules that hold the approved edition against what changed since.

// approvedEdition gives the edition of a system that is in force, and the
// moment whose decisions are in it.
func (w *world) approvedEdition() (e register.Entry, at sextant.Instant, found bool, err error) {
	all, err := w.View.Select(editionName, ofSystem(w.system.Key), register.Filter{Field: "state", Op: register.Is, Values: []string{Approved}})
	if err != nil || len(all) == 0 {
		return e, 0, false, err
	}
	at, err = sextant.ParseInstant(all[0].Doc.Text("status_as_of"))
	// What is written with the review carries a moment within the second it names.
	return all[0], at.Add(time.Second), true, err
}

func missing(w *world, a *lint.Answer) error {
	a.Looked++
	_, _, found, err := w.approvedEdition()
	if err == nil && !found {
		a.Findings = append(a.Findings, w.whole("no version of the statement of %s is approved", w.system.Title()))
	}
	return err
}

func days(n float64) time.Duration { return time.Duration(n) * 24 * time.Hour }

// olderThanDuties: a duty began to name a control after the edition was
// reviewed, and the row in it does not show it.
func olderThanDuties(w *world, a *lint.Answer) error {
	_, at, found, err := w.approvedEdition()
	if err != nil || !found {
		return err
	}
	then, err := w.linesAt(at)
	if err != nil {
		return err
	}
	duties, err := obligation.Obligations.All(w.View, active)
	for _, o := range duties {
		if a.Looked++; !o.Fields.Binds(w.today) {
			continue
		}
		for _, c := range o.Fields.Controls {
			if shown(then[c], o.Fields.Kind) {
				continue
			}
			named, err := lint.Held(w.View, o.Register.Name, o.Key, func(e register.Entry) bool {
				return e.State == "active" && e.Doc["is_applicable"] == true && slices.Contains(e.Doc.Strings("controls"), c)
			})
			if err != nil {
				return err
			}
			if begins := named.Add(days(w.Params["days"])); named > at && w.View.Now() >= begins {
				a.Findings = append(a.Findings, w.complete(lint.Finding{Entries: []string{o.Key}, Facts: fmt.Sprintf("%s names it since %s; the approved version does not", o.Title(), named.Time().Format(time.DateOnly))}, then[c]))
			}
		}
	}
	return err
}

// linesAt gives the rows as they stood, by reference.
func (w *world) linesAt(at sextant.Instant) (map[string]Line, error) {
	v, err := w.View.AsOf(at)
	if err != nil {
		return nil, err
	}
	rows, err := Rows.All(v, active)
	if err != nil {
		return nil, err
	}
	lines, err := decided(v, w.system.Key, rows, nil)
	by := map[string]Line{}
	for _, l := range lines {
		by[l.Row.Control] = l
	}
	return by, err
}

// shown says whether a row gives the reason a duty of a kind is one for. A
// control the statement has no row for is another rule's.
func shown(l Line, kind string) bool {
	reason := "legal"
	if kind == "contract" {
		reason = "contractual"
	}
	return l.Row.Control == "" || applies(l) && slices.Contains(l.Row.Reasons, reason)
}

// boundary are the fields that say what a management system covers.
var boundary = []string{"standard", "extensions", "scope", "boundaries", "interfaces", "units_in", "units_out"}

// olderThanScope: the boundary was moved after the edition was reviewed.
func olderThanScope(w *world, a *lint.Answer) error {
	e, at, found, err := w.approvedEdition()
	if err != nil || !found {
		return err
	}
	a.Looked++
	v, err := w.View.AsOf(at)
	if err != nil {
		return err
	}
	then, err := v.Lookup(organisation.ManagementSystems.Name, w.system.Key)
	if err != nil {
		return err
	}
	moved, err := lint.Held(w.View, organisation.ManagementSystems.Name, w.system.Key, func(now register.Entry) bool {
		return slices.ContainsFunc(boundary, func(key string) bool { return !slices.Equal(now.Doc.Strings(key), then.Doc.Strings(key)) })
	})
	if begins := moved.Add(days(w.Params["days"])); err == nil && moved != 0 && w.View.Now() >= begins {
		f := w.whole("the scope was changed on %s; %s was reviewed before", moved.Time().Format(time.DateOnly), e.Title())
		a.Findings = append(a.Findings, f)
	}
	return err
}
