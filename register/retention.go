// SPDX-License-Identifier: Apache-2.0

package register

import (
	"slices"
	"time"

	"sextant"
)

// The retention classes of the model, from the longest. A register names one.
const (
	Permanent  = "permanent"  // as long as the organisation is in the program
	TwoCycles  = "two_cycles" // current and previous certification cycle
	Cycle      = "cycle"      // until the next recertification has closed
	Contract   = "contract"   // end of the contract plus a limitation period
	Employment = "employment" // end of employment plus a period; then personal fields
	Short      = "short"      // then personal fields
)

var retentionClasses = []string{Permanent, TwoCycles, Cycle, Contract, Employment, Short}

// takesPersonalOnly says whether the end of a class takes personal fields only.
func takesPersonalOnly(class string) bool { return class == Employment || class == Short }

// RetentionPolicy is what an organisation decided: how long each class is kept
// (ISO 8601) after an entry was closed or deleted, and what is on hold. A class
// without a period is kept for ever.
type RetentionPolicy struct {
	Periods map[string]string
	Holds   []LegalHold
}

// LegalHold keeps entries from being erased, whatever rule or person asks.
type LegalHold struct {
	Key, Title string
	Registers  []string // by name; all their entries
	Entries    []string // by key, with what belongs to them
}

func (h LegalHold) covers(def *Definition, keys ...string) bool {
	return slices.Contains(h.Registers, def.Name) || slices.ContainsFunc(keys, func(key string) bool { return slices.Contains(h.Entries, key) })
}

// Due is an entry whose retention has ended.
type Due struct {
	Register string `json:"register"`
	Key      string `json:"key"`
	Title    string `json:"title"`
	Class    string `json:"class"`
	Ended    string `json:"ended"` // the day its keeping began to count
	Until    string `json:"until"` // the day its retention ended
	Whole    bool   `json:"whole"`
	Held     string `json:"held,omitempty"` // the legal hold that keeps it
}

func (v *View) retention() (RetentionPolicy, error) {
	if v.kernel.config.Retention == nil {
		return RetentionPolicy{}, nil
	}
	return v.kernel.config.Retention(v)
}

// notHeld refuses an erasure that a legal hold forbids. Children, comments,
// attachments and sign-offs are held with what they belong to.
func (tx *Tx) notHeld(def *Definition, key string) error {
	policy, err := tx.retention()
	if err != nil || len(policy.Holds) == 0 {
		return err
	}
	keys := []string{key}
	if row, err := tx.tx.Entry(def.Name, key, sextant.LatestSeq); err == nil {
		if e, err := def.entry(row); err == nil {
			keys = append(keys, e.Doc.Text("subject"), e.Doc.Text(def.Parent))
		}
	}
	for _, hold := range policy.Holds {
		if hold.covers(def, keys...) {
			return sextant.Errorf(sextant.Conflict, "%s is kept by the legal hold %s, %s", key, hold.Key, hold.Title).WithHint("release the hold first")
		}
	}
	return nil
}

// DueErasures lists the entries whose retention has ended: closed or deleted
// long enough ago, and not erased yet.
func (v *View) DueErasures() ([]Due, error) {
	policy, err := v.retention()
	if err != nil {
		return nil, err
	}
	var due []Due
	for _, def := range v.kernel.set.definitions {
		period := policy.Periods[def.Retention]
		if period == "" || def.Retention == Permanent {
			continue
		}
		for _, deleted := range []bool{false, true} {
			found, err := v.dueIn(def, period, deleted, policy)
			if err != nil {
				return nil, err
			}
			due = append(due, found...)
		}
	}
	return due, nil
}

func (v *View) dueIn(def *Definition, period string, deleted bool, policy RetentionPolicy) (due []Due, err error) {
	q := Query{Register: def.Name, At: sextant.LatestSeq, Deleted: deleted, Order: Order{Column: ColumnKey}, Limit: 500}
	for {
		rows, err := v.tx.List(q)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			e, err := def.entry(row)
			if err != nil {
				return nil, err
			}
			if d, ok := v.dueEntry(e, period); ok {
				for _, hold := range policy.Holds {
					if hold.covers(def, e.Key, e.Doc.Text("subject"), e.Doc.Text(def.Parent)) {
						d.Held = hold.Key
					}
				}
				due = append(due, d)
			}
		}
		if len(rows) < q.Limit {
			return due, nil
		}
		q.After = &Mark{N: rows[len(rows)-1].N}
	}
}

func (v *View) dueEntry(e Entry, period string) (Due, bool) {
	def := e.Register
	state, _ := def.Lifecycle.State(e.State)
	whole := !takesPersonalOnly(def.Retention)
	if e.Erased || !(state.Closed || e.Deleted) || len(erasedFields(def, whole)) == 0 {
		return Due{}, false
	}
	ended := e.At.Time()
	if day, err := time.Parse(time.DateOnly, e.Doc.Text(def.KeptFrom)); err == nil && day.After(ended) {
		ended = day // an end that lies ahead of the closing counts
	}
	until := AddPeriod(ended, period)
	if !until.Before(v.Now().Time()) {
		return Due{}, false
	}
	return Due{Register: def.Name, Key: e.Key, Title: e.Title(), Class: def.Retention, Ended: ended.Format(time.DateOnly), Until: until.Format(time.DateOnly), Whole: whole}, true
}

// EraseDue erases up to most entries whose retention has ended and that no hold
// keeps. It gives what it took.
func (tx *Tx) EraseDue(most int) ([]ErasureReport, error) {
	due, err := tx.DueErasures()
	if err != nil {
		return nil, err
	}
	var reports []ErasureReport
	for _, d := range due {
		if d.Held != "" || len(reports) == most {
			continue
		}
		report, err := tx.Erase(Erasure{Register: d.Register, Key: d.Key, Whole: d.Whole, Rule: "retention-" + d.Class, Reason: "kept until " + d.Until})
		if err != nil {
			return reports, err
		}
		reports = append(reports, report)
	}
	return reports, nil
}
