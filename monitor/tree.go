// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
)

// The beginnings of subjects. An implementation's subject is its key.
const (
	ControlSubject = "control/" // control/A.8.13
	CheckSubject   = "check/"   // check/aws.root-mfa
)

// forest is every derived tree by subject, laid out and not judged. A control's
// tree ends at its implementations where those are subjects of their own.
type forest map[string]*control.Node

// lay derives the trees of everything.
func (f *facts) lay() (forest, error) {
	all := forest{}
	whole := map[string]control.CheckOutcome{}
	for _, c := range f.checks {
		o, err := f.outcome(c, "")
		if err != nil {
			return nil, err
		}
		whole[c.ID] = o
		all[CheckSubject+c.ID] = control.DeriveCheck(o, nil)
	}
	for _, c := range f.rows {
		if err := f.layControl(all, c, whole); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// layControl lays out one control over its implementations. Where none is
// declared yet, the standard plan stands for the whole organisation.
func (f *facts) layControl(all forest, c framework.Control, whole map[string]control.CheckOutcome) error {
	permitted := f.permittedOf(c.Reference().String())
	var stubs []*control.Node
	for _, imp := range f.implemented[c.ID] {
		lines := f.plan(c.ID, imp.Key)
		outcomes, err := f.outcomesFor(lines, imp.Fields.ScopeUnit)
		if err != nil {
			return err
		}
		all[imp.Key] = control.DeriveImplementation(imp.Key, words(imp.Key), lines, control.Facts{Checks: outcomes, Statements: f.statements[imp.Key], Permitted: permitted})
		stubs = append(stubs, stubOf(imp.Key))
	}
	if len(stubs) == 0 {
		stubs = []*control.Node{undeclared(f.plan(c.ID, ""), control.Facts{Checks: whole, Permitted: permitted})}
	}
	all[ControlSubject+c.ID] = control.DeriveControl(c.ID, titleOf(c), stubs)
	return nil
}

// undeclared is the plan of a row nobody has declared an implementation of.
func undeclared(lines []control.Line, facts control.Facts) *control.Node {
	node := control.DeriveImplementation("", "Whole organisation", lines, facts)
	node.ID, node.Link = "implementation:none", ""
	return node
}

// titleOf is what a tree calls a row: of one of the organisation's own only the
// key is kept.
func titleOf(c framework.Control) string {
	if c.IsOwn() {
		return words(c.Entry)
	}
	return c.Title
}

// outcomesFor gives the outcomes the lines rest on, over the sources of a unit.
func (f *facts) outcomesFor(lines []control.Line, unit string) (map[string]control.CheckOutcome, error) {
	all := map[string]control.CheckOutcome{}
	for _, c := range f.checks {
		for _, l := range lines {
			if !slices.Contains(l.Checks, c.ID) {
				continue
			}
			o, err := f.outcome(c, unit)
			if err != nil {
				return nil, err
			}
			all[c.ID] = o
			break
		}
	}
	return all, nil
}

const implementationPrefix = "implementation:"

// stubOf stands for an implementation whose tree is kept under its own subject.
func stubOf(key string) *control.Node {
	return &control.Node{ID: implementationPrefix + key, Kind: control.ImplementationNode}
}

// stubs gives the keys of the implementations a tree ends at.
func stubs(tree *control.Node) (all []string) {
	for _, child := range tree.Children {
		if key, ok := strings.CutPrefix(child.ID, implementationPrefix); ok && child.Kind == control.ImplementationNode && len(child.Children) == 0 && key != "none" {
			all = append(all, key)
		}
	}
	return all
}

// whole puts implementations where a tree has their stubs.
func (f forest) whole(tree *control.Node) *control.Node {
	n := *tree
	n.Children = nil
	for _, child := range tree.Children {
		key := strings.TrimPrefix(child.ID, implementationPrefix)
		if kept, ok := f[key]; ok && child.Kind == control.ImplementationNode && key != child.ID {
			child = kept
		}
		n.Children = append(n.Children, child)
	}
	return &n
}

// observed tells from populations when what a check rests on was last seen
// whole. What never was is told by the outcome.
func observed(populations []evidence.Population) control.Observed {
	return func(w control.Watch) (oldest sextant.Instant) {
		for _, p := range populations {
			if p.Type != w.Type || p.Whole == 0 || slices.Contains(w.Not, p.Source) {
				continue
			}
			if oldest == 0 || p.Whole < oldest {
				oldest = p.Whole
			}
		}
		return oldest
	}
}

// ruleSet names the rules states are derived by: the number of the program's
// own, and a digest of what it goes by as data: plans, and of each check its
// version, freshness, grace and the lines it supports.
func ruleSet(checks []*check.Compiled) (string, error) {
	data := []any{framework.Plans()}
	for _, c := range checks {
		data = append(data, c.ID, c.Version, c.Freshness, c.Grace, c.Severity, c.Supports, c.Off)
	}
	text, err := json.Marshal(data)
	sum := sha256.Sum256(text)
	return fmt.Sprintf("%d.%s", control.Rules, hex.EncodeToString(sum[:4])), err
}
