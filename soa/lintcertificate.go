// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/lint"
	"sextant/organisation"
	"sextant/register"
)

// certificateMismatch: a valid certificate cites a version that was superseded
// by one with less in it, and the certification body was not told since.
func certificateMismatch(w *world, a *lint.Answer) error {
	all, err := organisation.Certificates.All(w.View, ofSystem(w.system.Key), register.Filter{Field: "state", Op: register.Is, Values: []string{organisation.CertificateValid}})
	if err != nil {
		return err
	}
	for _, c := range all {
		a.Looked++
		f, err := w.mismatchOf(c)
		if err != nil {
			return err
		}
		if f != nil {
			a.Findings = append(a.Findings, *f)
		}
	}
	return nil
}

func (w *world) mismatchOf(c register.Of[organisation.Certificate]) (*lint.Finding, error) {
	cited, err := w.View.Lookup(editionName, c.Fields.SoA) // by name: the register's own guards lead here
	if err != nil || cited.State != Superseded {
		return nil, err
	}
	e, at, found, err := w.approvedEdition()
	if err != nil || !found || c.Fields.ChangesToldOn >= e.Doc.Text("approved_at")[:len(time.DateOnly)] {
		return nil, err
	}
	then, err := sextant.ParseInstant(cited.Doc.Text("status_as_of"))
	if err != nil {
		return nil, err
	}
	less, err := w.less(then.Add(time.Second), at)
	if err != nil || len(less) == 0 {
		return nil, err
	}
	since, err := lint.Held(w.View, editionName, e.Key, func(v register.Entry) bool { return v.State == Approved })
	if err != nil {
		return nil, err
	}
	held, err := lint.Held(w.View, c.Register.Name, c.Key, func(v register.Entry) bool {
		return v.State == organisation.CertificateValid && v.Doc.Text("changes_told_on") == c.Fields.ChangesToldOn
	})
	return &lint.Finding{Entries: []string{c.Key, cited.Key, e.Key}, Facts: fmt.Sprintf("certificate %s cites version %v; in version %v %s", c.Title(), cited.Doc["number"], e.Doc["number"], strings.Join(less, "; ")),
		Since: max(since, held), Owner: c.Fields.Owner, Place: "/certificates/" + c.Key}, err
}

// less says what is in the statement at a moment and not at a later one.
func (w *world) less(before, after sextant.Instant) (less []string, err error) {
	was, err := w.linesAt(before)
	if err != nil {
		return nil, err
	}
	is, err := w.linesAt(after)
	if err != nil {
		return nil, err
	}
	var dropped []string
	for _, l := range slices.Concat(w.lines, notAmong(was, w.lines)) {
		if reference := l.Row.Control; applies(was[reference]) && !applies(is[reference]) {
			dropped = append(dropped, l.Control.ID)
		}
	}
	if n := len(dropped); n > 0 {
		less = append(less, plural(n, "a control applies no longer: ", fmt.Sprintf("%d controls apply no longer: ", n))+joined(dropped))
	}
	scope, err := w.smallerScope(before, after)
	return append(less, scope...), err
}

func (w *world) smallerScope(before, after sextant.Instant) (less []string, err error) {
	var at [2]register.Entry
	for i, moment := range []sextant.Instant{before, after} {
		v, err := w.View.AsOf(moment)
		if err != nil {
			return nil, err
		}
		if at[i], err = v.Lookup(organisation.ManagementSystems.Name, w.system.Key); err != nil {
			return nil, err
		}
	}
	_, left, _ := apart(at[0].Doc.Strings("units_in"), at[1].Doc.Strings("units_in"))
	for _, unit := range left {
		less = append(less, w.View.TitleOf("scope_unit", unit)+" is no longer inside")
	}
	if at[0].Doc.Text("scope") != at[1].Doc.Text("scope") {
		less = append(less, "the scope statement is another one")
	}
	return less, nil
}

// notAmong gives the rows that have no line any more, by reference: rows that were of an extension that is off now.
func notAmong(was map[string]Line, lines []Line) (list []Line) {
	for reference, l := range was {
		if !slices.ContainsFunc(lines, func(now Line) bool { return now.Row.Control == reference }) {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(a, b Line) int { return strings.Compare(a.Row.Control, b.Row.Control) })
	return list
}
