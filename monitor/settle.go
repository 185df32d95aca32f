// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/register"
)

// Settle derives the state of every check, implementation and control from what
// is recorded now, and keeps what changed. It gives how many intervals opened.
//
// An interval opens only when something a reader would see changes: state,
// reason, counts or a node of the tree. What changed by the clock alone since
// the last time is kept first, each at its own moment, so that a gap in which
// nobody settled is in the record. New rules act from now on: what stood keeps
// the tree it was drawn with. Idempotent; called after evaluations, after writes
// to the registers states are derived from (Written), when the program starts,
// and when Due has come. What follows from states (Way.Then) is brought up to
// date after it.
func (w *Way) Settle(ctx context.Context, org sextant.Organisation) (opened int, err error) {
	if opened, err = w.settle(ctx, org); err != nil || w.Then == nil {
		return opened, err
	}
	return opened, w.Then(ctx, w.Kernel, org)
}

func (w *Way) settle(ctx context.Context, org sextant.Organisation) (opened int, err error) {
	idle := false
	if err := w.Store.Machine(ctx, org, func(r evidence.Reader) error {
		s, err := w.settling(ctx, org, r, w.Kernel.Now())
		idle = err == nil && s.idle()
		return err
	}); err != nil || idle {
		return 0, err
	}
	err = w.Store.Record(ctx, org, func(tx evidence.Writer) error {
		s, err := w.settling(ctx, org, tx, tx.Now())
		if err != nil {
			return err
		}
		opened = len(s.steps)
		return s.keep(tx)
	})
	return opened, err
}

// Due is the next moment at which a state changes by the clock alone, 0 if none
// does: a job settles then. It may lie in the past.
func (w *Way) Due(ctx context.Context, org sextant.Organisation) (due sextant.Instant, err error) {
	err = w.Store.Machine(ctx, org, func(r evidence.Reader) error { due, err = r.Due(); return err })
	return due, err
}

// step is an interval that opens, or, without a tree, a subject that ends.
type step struct {
	evidence.Status
	ends bool
}

// settling compares what is derived with what stands.
type settling struct {
	now         sextant.Instant
	rules       string
	checks      []*check.Compiled
	standing    map[string]evidence.Status
	before      map[string]control.State   // of the subjects before the steps
	kept        map[string]sextant.Instant // when what stands is due, as it will be after the steps
	settledUpto sextant.Seq
	head        sextant.Seq
	steps       []step
	due         map[string]sextant.Instant // of what stands on, where it moved
}

func (s *settling) idle() bool {
	return len(s.steps) == 0 && len(s.due) == 0 && s.settledUpto == s.head
}

func (w *Way) settling(ctx context.Context, org sextant.Organisation, r evidence.Reader, now sextant.Instant) (s *settling, err error) {
	v, err := w.Kernel.Within(ctx, actor(org), r.Registers(), 0)
	if err != nil {
		return nil, err
	}
	s = &settling{now: now, standing: map[string]evidence.Status{}, before: map[string]control.State{}, kept: map[string]sextant.Instant{}, due: map[string]sextant.Instant{}}
	if err := s.read(r); err != nil {
		return nil, err
	}
	if s.checks, err = w.Checks(v); err != nil {
		return nil, err
	}
	if s.rules, err = ruleSet(s.checks); err != nil {
		return nil, err
	}
	if err := s.lapse(r); err != nil {
		return nil, err
	}
	return s, s.derive(v, r)
}

func (s *settling) read(r evidence.Reader) (err error) {
	recorded := sextant.Instant(0)
	if s.head, recorded, err = r.Head(); err != nil {
		return err
	}
	s.now = max(s.now, recorded) // never before what is recorded, wherever the clock went
	if s.settledUpto, err = r.Settled(sextant.LatestSeq); err != nil {
		return err
	}
	list, err := r.Statuses("", sextant.LatestSeq)
	for _, status := range list {
		s.standing[status.Subject], s.before[status.Subject], s.kept[status.Subject] = status, control.State(status.State), status.Due
	}
	return err
}

// lapse finds what the clock alone did to what stands, up to now.
func (s *settling) lapse(r evidence.Reader) error {
	overdue := slices.DeleteFunc(keys(s.standing), func(subject string) bool {
		due := s.standing[subject].Due
		return due == 0 || due > s.now
	})
	if len(overdue) == 0 {
		return nil
	}
	kept, err := keptTrees(s.standing)
	if err != nil {
		return err
	}
	populations, err := r.Populations(s.settledUpto)
	if err != nil {
		return err
	}
	for _, subject := range overdue {
		for _, next := range advance(s.standing[subject], kept.whole(kept[subject]), s.now, observed(populations)) {
			if !sameStatus(s.standing[subject], next) {
				s.steps, s.kept[subject] = append(s.steps, step{Status: next}), next.Due
			}
			s.standing[subject] = next
		}
	}
	return nil
}

// advance gives what the clock alone makes of a status up to a moment, one for
// every moment at which something may have changed.
func advance(s evidence.Status, tree *control.Node, upto sextant.Instant, seen control.Observed) (list []evidence.Status) {
	for due := s.Due; due != 0 && due <= upto; due = s.Due {
		s = statusOf(s.Subject, control.Judge(tree, due, seen), s.Tree, s.RuleSet)
		s.At = due
		list = append(list, s)
	}
	return list
}

// derive draws everything anew and keeps what differs from what stands.
func (s *settling) derive(v *register.View, r evidence.Reader) error {
	facts, err := readFacts(v, r, s.checks)
	if err != nil {
		return err
	}
	laid, err := facts.lay()
	if err != nil {
		return err
	}
	populations, err := r.Populations(sextant.LatestSeq)
	if err != nil {
		return err
	}
	for _, subject := range keys(laid) {
		tree, err := json.Marshal(laid[subject])
		if err != nil {
			return err
		}
		next := statusOf(subject, control.Judge(laid.whole(laid[subject]), s.now, observed(populations)), tree, s.rules)
		next.At = s.now
		s.compare(next)
	}
	for _, subject := range keys(s.standing) {
		if laid[subject] == nil {
			s.steps = append(s.steps, step{Status: evidence.Status{Subject: subject, At: s.now}, ends: true})
		}
	}
	return nil
}

func (s *settling) compare(next evidence.Status) {
	last, known := s.standing[next.Subject]
	switch {
	case !known || !sameStatus(last, next) || string(last.Tree) != string(next.Tree) || program(last.RuleSet) != program(next.RuleSet):
		s.steps = append(s.steps, step{Status: next})
	case s.kept[next.Subject] != next.Due:
		s.due[next.Subject] = next.Due
	}
}

// program is the number of the program's own rules in the name of a rule set.
func program(rules string) string {
	number, _, _ := strings.Cut(rules, ".")
	return number
}

// sameStatus says whether a reader of a list would see no difference.
func sameStatus(a, b evidence.Status) bool {
	return a.State == b.State && a.Passed == b.Passed && a.Parts == b.Parts && a.Reason == b.Reason
}

// statusOf is what is kept beside the tree of a judged node.
func statusOf(subject string, n *control.Node, tree json.RawMessage, rules string) evidence.Status {
	s := evidence.Status{Subject: subject, State: int(n.State), Passed: n.Passed, Parts: n.Parts, Reason: n.Reason, Due: n.Until, RuleSet: rules, Tree: tree}
	if n.Kind == control.CheckNode {
		s.Passed, s.Parts = countsOf(n)
	}
	return s
}

// countsOf gives how many resources pass, of those a check applies to.
func countsOf(n *control.Node) (passed, parts int) {
	var c control.Counts
	data, err := json.Marshal(n.Inputs["counts"])
	if err == nil && json.Unmarshal(data, &c) == nil {
		return c.Passed, c.Population - c.NotApplicable
	}
	return 0, 0
}

// keptTrees decodes the trees of statuses.
func keptTrees(list map[string]evidence.Status) (forest, error) {
	all := forest{}
	for subject, s := range list {
		n := &control.Node{}
		if err := json.Unmarshal(s.Tree, n); err != nil {
			return nil, err
		}
		all[subject] = n
	}
	return all, nil
}

// sealedStatus is what the journal keeps of a state.
type sealedStatus struct {
	Subject string        `json:"subject"`
	State   control.State `json:"state"`
	Passed  int           `json:"passed"`
	Parts   int           `json:"parts"`
	Reason  string        `json:"reason"`
	Ends    bool          `json:"ends,omitempty"`
	Tree    string        `json:"tree,omitempty"` // SHA-256
}

// keep writes the steps in the order of their moments, one line for each moment.
func (s *settling) keep(w evidence.Writer) error {
	slices.SortStableFunc(s.steps, func(a, b step) int { return cmp.Compare(a.At, b.At) })
	for rest := s.steps; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].At == rest[0].At {
			n++
		}
		if err := s.keepMoment(w, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	if len(s.steps) == 0 && s.settledUpto != s.head { // so that what was answered before is not changed by it
		if _, err := w.Seal("settled", map[string]any{"upto": s.head}); err != nil {
			return err
		}
	}
	for _, subject := range keys(s.due) {
		if err := w.PutDue(subject, s.due[subject]); err != nil {
			return err
		}
	}
	if err := s.keepDays(w); err != nil {
		return err
	}
	return w.PutSettled()
}

func (s *settling) keepMoment(w evidence.Writer, steps []step) error {
	line := struct {
		At     sextant.Instant `json:"at"`
		Rules  string          `json:"rules"`
		States []sealedStatus  `json:"states"`
	}{At: steps[0].At, Rules: s.rules}
	for _, x := range steps {
		sum := sha256.Sum256(x.Tree)
		line.States = append(line.States, sealedStatus{x.Subject, control.State(x.State), x.Passed, x.Parts, x.Reason, x.ends, hex.EncodeToString(sum[:])})
	}
	seq, err := w.Seal("status", line)
	if err != nil {
		return err
	}
	for _, x := range steps {
		if x.ends {
			err = w.CloseStatus(seq, x.Subject, x.At)
		} else {
			err = w.PutStatus(seq, x.Status)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
