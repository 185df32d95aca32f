// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"sextant"
)

// Trust is what a verification may rely on from outside.
type Trust struct {
	PublicKey   string   // pinned; "" = the one that came along, which proves little
	Checkpoints [][]byte // older signed checkpoints, kept elsewhere
}

// Check verifies a log line by line as it is read, in memory that does not grow
// with the log (but for what was erased). Use: NewCheck, Take for every line,
// Close.
type Check struct {
	report   *Report
	log      string
	tree     Frontier
	anchors  []anchor
	erased   map[sextant.Seq]sextant.Seq // line -> the line that records it
	erasures map[sextant.Seq]Erasure
}

type anchor struct {
	name  string
	point Checkpoint
	given bool // from outside
	met   bool
}

// NewCheck begins a verification of a log into a report.
func NewCheck(report *Report, log string) *Check {
	report.Log = log
	report.Findings, report.Erased = []Finding{}, []Erased{}
	return &Check{report: report, log: log, erased: map[sextant.Seq]sextant.Seq{}, erasures: map[sextant.Seq]Erasure{}}
}

// Anchor adds a signed checkpoint the log must agree with.
func (c *Check) Anchor(name string, signed []byte, public string, given bool) (Checkpoint, bool) {
	point, err := OpenCheckpoint(signed, public)
	if err != nil {
		c.report.find(name, 0, "%s", err)
		return point, false
	}
	if point.Log != c.log {
		c.report.find(name, 0, "it is of another log, %s", point.Log)
		return point, false
	}
	c.anchors = append(c.anchors, anchor{name: name, point: point, given: given})
	c.meet()
	return point, true
}

// Stored adds the tree that is kept beside the log: the lines must give it.
func (c *Check) Stored(tree Frontier) {
	c.anchors = append(c.anchors, anchor{name: "the tree kept here", point: Checkpoint{Log: c.log, Size: tree.Size, Root: tree.Root()}})
	c.meet()
}

// Take checks one line; they come in order. It gives the hashes that became
// final with it, as Frontier.Append does.
func (c *Check) Take(l Line) []Hash {
	want := sextant.Seq(c.tree.Size + 1)
	where := fmt.Sprintf("line %d", l.Seq)
	if l.Seq != want {
		c.report.find(where, l.Seq, "it stands where line %d should be: deleted, inserted or out of order", want)
	}
	if l.Erased != 0 {
		c.erased[l.Seq] = l.Erased
	} else if l.Salt == nil || Commit(*l.Salt, l.Bytes) != l.Commitment {
		c.report.find(where, l.Seq, "its content is not what was committed to")
	}
	if l.Kind == ErasureKind && l.Erased == 0 {
		var e Erasure
		if err := json.Unmarshal(l.Bytes, &e); err != nil {
			c.report.find(where, l.Seq, "it records an erasure and cannot be read")
		}
		c.erasures[l.Seq] = e
	}
	final := c.tree.Append(Leaf(c.log, l.Seq, l.Kind, l.Commitment))
	c.report.Lines++
	c.meet()
	return final
}

// meet compares the tree with the checkpoints of its present size.
func (c *Check) meet() {
	for i := range c.anchors {
		a := &c.anchors[i]
		if a.met || a.point.Size != c.tree.Size {
			continue
		}
		a.met = true
		if a.point.Root != c.tree.Root() {
			c.report.find(a.name, 0, "the first %d lines are not those that were sealed: something in them was changed", a.point.Size)
		} else if a.given {
			c.report.Anchors++
		}
	}
}

// Close ends the verification: every checkpoint must have been reached, every
// erased line must be named by a sealed erasure.
func (c *Check) Close() {
	for _, a := range c.anchors {
		if !a.met {
			c.report.find(a.name, 0, "it is over %d lines and the log has %d: lines at the end are missing", a.point.Size, c.tree.Size)
		}
	}
	for _, seq := range slices.Sorted(keys(c.erased)) {
		e, ok := c.erasures[c.erased[seq]]
		if !ok || !slices.Contains(e.Seqs, seq) {
			c.report.find(fmt.Sprintf("line %d", seq), seq, "its content was removed and no sealed erasure names it")
			continue
		}
		c.report.Erased = append(c.report.Erased, Erased{Seq: seq, Rule: e.Rule, By: e.By, Person: e.Person, At: e.At})
	}
	c.report.Proven = c.report.Lines - int64(len(c.erased))
	root := c.tree.Root()
	c.report.Root = base64.StdEncoding.EncodeToString(root[:])
	c.report.conclude()
}

func keys(m map[sextant.Seq]sextant.Seq) func(func(sextant.Seq) bool) {
	return func(yield func(sextant.Seq) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
