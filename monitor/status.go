// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/json"
	"strings"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/register"
)

// Reading states: what stands at a position of the log is what was kept there
// (Settle), judged at the moment that is shown. Nothing is derived anew, so the
// same moment gets the same answer for ever: rules that came later do not act
// on it, and what the clock did before anybody settled is in it. Only where
// nothing was ever settled are states derived from what is recorded.

// Standing is the state of one subject without its explanation.
type Standing struct {
	Subject string          `json:"subject"`
	State   control.State   `json:"state"`
	Passed  int             `json:"passed"`
	Parts   int             `json:"parts"`
	Reason  string          `json:"reason"`
	Since   sextant.Instant `json:"since"` // since when it is exactly so
	Until   sextant.Instant `json:"until,omitempty"`
	RuleSet string          `json:"rule_set"`
}

// shown is the moment states are judged at: the view's, and never before what
// is recorded, wherever the clock went.
func shown(v *register.View, r evidence.Reader) (sextant.Instant, error) {
	if v.Moment() != 0 {
		return v.Moment(), nil
	}
	_, at, err := r.Head()
	return max(v.Now(), at), err
}

// kept is what was settled at a position, ready to be judged.
type kept struct {
	now      sextant.Instant
	settled  sextant.Seq
	observed control.Observed
}

func readKept(v *register.View, r evidence.Reader) (k kept, err error) {
	if k.now, err = shown(v, r); err != nil {
		return k, err
	}
	if k.settled, err = r.Settled(v.At()); err != nil {
		return k, err
	}
	populations, err := r.Populations(k.settled)
	k.observed = observed(populations)
	return k, err
}

// Status explains every row in use at the moment the view is of, in the order
// control.InUse gives them. One that came into use a moment ago and was not
// settled yet is not among them: see ControlStatus.
func Status(v *register.View, r evidence.Reader) ([]*control.Node, error) {
	k, err := readKept(v, r)
	if err != nil {
		return nil, err
	}
	trees, err := k.trees(v, r)
	if err != nil {
		return nil, err
	}
	rows, err := control.InUse(v)
	if err != nil {
		return nil, err
	}
	nodes := make([]*control.Node, 0, len(rows))
	for _, c := range rows {
		if tree := trees[ControlSubject+c.ID]; tree != nil {
			nodes = append(nodes, spell(v, control.Judge(trees.whole(tree), k.now, k.observed)))
		}
	}
	return nodes, nil
}

// unseen is the tree of a row that nobody has settled yet.
func unseen(c framework.Control) *control.Node {
	plan, _ := framework.PlanFor(c.ID)
	lines := make([]control.Line, len(plan.Lines))
	for i, l := range plan.Lines {
		lines[i] = control.Line{Line: l}
	}
	return control.DeriveControl(c.ID, titleOf(c), []*control.Node{undeclared(lines, control.Facts{})})
}

// ControlStatus explains one row; where it was not settled yet, by its standard
// plan, of which nothing is shown.
func ControlStatus(v *register.View, r evidence.Reader, c framework.Control) (*control.Node, error) {
	node, err := StatusOf(v, r, ControlSubject+c.ID)
	if sextant.CodeOf(err) != sextant.NotFound {
		return node, err
	}
	k, err := readKept(v, r)
	if err != nil {
		return nil, err
	}
	return spell(v, control.Judge(unseen(c), k.now, k.observed)), nil
}

// trees gives the kept trees of controls and implementations; where nothing was
// settled, what would be.
func (k kept) trees(v *register.View, r evidence.Reader) (forest, error) {
	if k.settled == 0 {
		return unsettled(v, r)
	}
	bySubject := map[string]evidence.Status{}
	for _, prefix := range []string{ControlSubject, control.Implementations.Prefix + "-"} {
		list, err := r.Statuses(prefix, v.At())
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			bySubject[s.Subject] = s
		}
	}
	return keptTrees(bySubject)
}

func unsettled(v *register.View, r evidence.Reader) (forest, error) {
	checks, err := check.InForce(v)
	if err != nil {
		return nil, err
	}
	f, err := readFacts(v, r, checks)
	if err != nil {
		return nil, err
	}
	return f.lay()
}

// StatusOf explains one subject: control/A.8.13, check/aws.root-mfa or the key
// of an implementation. NotFound where nothing of that name is derived.
func StatusOf(v *register.View, r evidence.Reader, subject string) (*control.Node, error) {
	k, err := readKept(v, r)
	if err != nil {
		return nil, err
	}
	tree, err := k.tree(v, r, subject)
	if err != nil {
		return nil, err
	}
	return spell(v, control.Judge(tree, k.now, k.observed)), nil
}

// tree gives one kept tree with its implementations in it.
func (k kept) tree(v *register.View, r evidence.Reader, subject string) (*control.Node, error) {
	trees := forest{}
	if k.settled == 0 {
		var err error
		if trees, err = unsettled(v, r); err != nil {
			return nil, err
		}
	} else if err := trees.read(r, v.At(), subject); err != nil {
		return nil, err
	}
	tree := trees[subject]
	if tree == nil {
		return nil, sextant.Errorf(sextant.NotFound, "there is no state of %s", subject)
	}
	return trees.whole(tree), nil
}

// read adds a kept tree, and those of the implementations it ends at.
func (f forest) read(r evidence.Reader, at sextant.Seq, subject string) error {
	s, found, err := r.Status(subject, at)
	if err != nil || !found {
		return err
	}
	tree := &control.Node{}
	if err := json.Unmarshal(s.Tree, tree); err != nil {
		return err
	}
	f[subject] = tree
	for _, key := range stubs(tree) {
		if err := f.read(r, at, key); err != nil {
			return err
		}
	}
	return nil
}

// States gives what stands of every subject that begins with a prefix, by
// subject: one index range, however large the trees are.
func States(v *register.View, r evidence.Reader, prefix string) ([]Standing, error) {
	k, err := readKept(v, r)
	if err != nil {
		return nil, err
	}
	if k.settled == 0 {
		return k.derived(v, r, prefix)
	}
	list, err := r.States(prefix, v.At())
	if err != nil {
		return nil, err
	}
	all := make([]Standing, len(list))
	for i, s := range list {
		if s.Due != 0 && s.Due <= k.now {
			if s, err = k.advanced(v, r, s); err != nil {
				return nil, err
			}
		}
		all[i] = standingOf(v, s)
	}
	return all, nil
}

// advanced is what the clock made of a status since it was kept.
func (k kept) advanced(v *register.View, r evidence.Reader, s evidence.Status) (evidence.Status, error) {
	tree, err := k.tree(v, r, s.Subject)
	if err != nil {
		return s, err
	}
	for _, next := range advance(s, tree, k.now, k.observed) {
		if sameStatus(s, next) {
			next.At = s.At
		}
		s = next
	}
	return s, nil
}

func standingOf(v *register.View, s evidence.Status) Standing {
	return Standing{s.Subject, control.State(s.State), s.Passed, s.Parts, Words(v, s.Reason), s.At, s.Due, s.RuleSet}
}

func (k kept) derived(v *register.View, r evidence.Reader, prefix string) (all []Standing, err error) {
	trees, err := unsettled(v, r)
	for _, subject := range keys(trees) {
		if strings.HasPrefix(subject, prefix) {
			all = append(all, standingOf(v, statusOf(subject, control.Judge(trees.whole(trees[subject]), k.now, k.observed), nil, "")))
		}
	}
	return all, err
}
