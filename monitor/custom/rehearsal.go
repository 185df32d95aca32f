// SPDX-License-Identifier: Apache-2.0

package custom

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"sextant"
	"sextant/check"
	"sextant/evidence"
)

// Rehearsal is what a check says, or would have said, of everything that stood
// at a moment. Nothing of it is kept.
type Rehearsal struct {
	At      sextant.Instant `json:"at"`
	Seq     sextant.Seq     `json:"seq"`
	Verdict check.Verdict   `json:"verdict"`
	Reason  string          `json:"reason"`
	Counts  check.Counts    `json:"counts"`
	Rows    []Said          `json:"rows"`            // the worst first, mostRows at most
	Whole   bool            `json:"whole"`           // every population of the type had been seen to its end
	Blind   string          `json:"blind,omitempty"` // what was not seen
}

// Said is what the check says of one resource.
type Said struct {
	Resource int64  `json:"resource"` // its id
	Key      string `json:"key"`
	Account  string `json:"account"`
	Region   string `json:"region"`
	check.Result
}

// mostRows is how many resources a rehearsal names; the counts say how many
// there are.
const mostRows = 200

// Rehearse runs a check, saved or not, over what is stored: as it stands for the
// moment 0, else as it stood then. It costs one reading of the type.
func Rehearse(ctx context.Context, store evidence.Store, org sextant.Organisation, c *check.Compiled, at, now sextant.Instant) (r Rehearsal, err error) {
	r = Rehearsal{At: cmp.Or(at, now), Seq: sextant.LatestSeq, Whole: true}
	err = store.Machine(ctx, org, func(reader evidence.Reader) (err error) {
		if at != 0 {
			if r.Seq, err = reader.SeqAt(at); err != nil {
				return err
			}
		}
		if err = r.look(reader, c.Resource); err != nil {
			return err
		}
		if err = eachResource(reader, c.Resource, r.Seq, func(resource evidence.Resource, attributes map[string]any) error {
			r.add(resource, c.Evaluate(attributes, nil, r.At.Time()))
			return ctx.Err()
		}); err != nil {
			return err
		}
		r.sort()
		return r.name(reader)
	})
	r.Verdict, r.Reason = c.Summarise(r.Counts, r.Whole, r.Blind)
	return r, err
}

// name says which resources the rows are about.
func (r *Rehearsal) name(reader evidence.Reader) error {
	for i, row := range r.Rows {
		thing, err := reader.Thing(row.Resource)
		if err != nil {
			return err
		}
		r.Rows[i].Key, r.Rows[i].Account, r.Rows[i].Region = thing.Key, thing.Account, thing.Region
	}
	return nil
}

// look finds out whether the type had been seen whole.
func (r *Rehearsal) look(reader evidence.Reader, kind string) error {
	populations, err := reader.Populations(r.Seq)
	seen := false
	for _, p := range populations {
		if p.Type != kind {
			continue
		}
		seen = true
		if p.State != "complete" && (p.State != "skipped" || p.Whole == 0) {
			r.Whole, r.Blind = false, fmt.Sprintf("%s of %s in %s is %s", p.Type, p.Account, p.Region, p.State)
		}
	}
	if !seen {
		r.Whole, r.Blind = false, "no source had looked at "+kind
	}
	return err
}

func (r *Rehearsal) add(resource evidence.Resource, result check.Result) {
	r.Counts.Add(result.Status)
	r.Rows = append(r.Rows, Said{Resource: resource.ID, Result: result})
	if len(r.Rows) > 20*mostRows {
		r.sort()
	}
}

// worst orders statuses as a reader wants them.
var worst = map[check.Status]int{check.Fail: 0, check.Error: 1, check.Pass: 2, check.NotApplicable: 3}

func (r *Rehearsal) sort() {
	slices.SortStableFunc(r.Rows, func(a, b Said) int {
		return cmp.Or(cmp.Compare(worst[a.Status], worst[b.Status]), cmp.Compare(a.Resource, b.Resource))
	})
	r.Rows = r.Rows[:min(len(r.Rows), mostRows)]
}
