// SPDX-License-Identifier: Apache-2.0

package register

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"sextant/access"
)

// Recurrence makes the next entry when one is done. The next planned date
// counts from the *planned* date, never from the day it was done, so that
// lateness does not move the plan; method and criteria are copied in and are
// frozen with the copy.
type Recurrence struct {
	Every   string   // field with the ISO 8601 period; empty there = does not recur
	Planned string   // date field the plan asked for
	Due     string   // date field now promised; the next starts with the planned date
	When    []string // states that plan the next one
	Copies  []string // fields taken over
}

// recur plans the next entry if the one just written asks for it.
func (tx *Tx) recur(e Entry, note Note) error {
	r := e.Register.Recurrence
	if r == nil || !slices.Contains(r.When, e.State) || e.Doc.Text(r.Every) == "" || e.Doc.Text(r.Planned) == "" {
		return nil
	}
	planned, err := time.Parse(time.DateOnly, e.Doc.Text(r.Planned))
	if err != nil {
		return err
	}
	next := AddPeriod(planned, e.Doc.Text(r.Every)).Format(time.DateOnly)
	doc := Doc{r.Every: e.Doc[r.Every], r.Planned: next, r.Due: next}
	for _, key := range r.Copies {
		doc[key] = e.Doc[key]
	}
	doc = Doc{}.apply(doc)
	key := ""
	if err := tx.takeKey(e.Register, &key); err != nil {
		return err
	}
	system := *tx
	system.actor = access.SystemActor(tx.actor.Organisation, "recurrence")
	note.Why = "follows " + e.Key + ", planned " + e.Doc.Text(r.Planned)
	_, err = system.save(draft{def: e.Register, key: key, doc: doc, state: e.Register.Lifecycle.Initial, verb: verbCreate, note: note})
	return err
}

var periodPart = regexp.MustCompile(`(\d+)([YMWDHS])|T`)

// AddPeriod adds an ISO 8601 duration to a time. Months keep the day where the
// month has it and take its last day where not (31 January + P1M = 28 February).
func AddPeriod(t time.Time, period string) time.Time {
	clock := false
	for _, part := range periodPart.FindAllStringSubmatch(period, -1) {
		if part[0] == "T" {
			clock = true
			continue
		}
		n, _ := strconv.Atoi(part[1])
		t = addPart(t, n, part[2][0], clock)
	}
	return t
}

func addPart(t time.Time, n int, unit byte, clock bool) time.Time {
	switch {
	case unit == 'Y':
		return addMonths(t, 12*n)
	case unit == 'M' && !clock:
		return addMonths(t, n)
	case unit == 'W':
		return t.AddDate(0, 0, 7*n)
	case unit == 'D':
		return t.AddDate(0, 0, n)
	case unit == 'H':
		return t.Add(time.Duration(n) * time.Hour)
	case unit == 'M':
		return t.Add(time.Duration(n) * time.Minute)
	}
	return t.Add(time.Duration(n) * time.Second)
}

func addMonths(t time.Time, n int) time.Time {
	firstDay := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location()).AddDate(0, n, 0)
	lastDay := firstDay.AddDate(0, 1, -1).Day()
	return firstDay.AddDate(0, 0, min(t.Day(), lastDay)-1)
}
