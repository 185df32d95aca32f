// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/register"
)

// Move is a state that would be another.
type Move struct {
	Control string        `json:"control"`
	Kind    control.Kind  `json:"kind"` // control, implementation or line
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	Before  control.State `json:"before"`
	After   control.State `json:"after"`
	Reason  string        `json:"reason"` // why it would be so
}

// Preview says which controls, implementations and plan lines would be in
// another state if a check were in force, saved or not; one of the same id is
// taken away first. It evaluates the check over what stands now, derives
// everything as Settle would, and keeps nothing.
func (w *Way) Preview(ctx context.Context, org sextant.Organisation, c *check.Compiled) (moves []Move, err error) {
	err = w.Store.Machine(ctx, org, func(r evidence.Reader) error {
		v, err := w.Kernel.Within(ctx, actor(org), r.Registers(), 0)
		if err != nil {
			return err
		}
		checks, err := w.Checks(v)
		if err != nil {
			return err
		}
		before, err := drawn(v, r, checks, nil)
		if err != nil {
			return err
		}
		checks = slices.DeleteFunc(slices.Clone(checks), func(x *check.Compiled) bool { return x.ID == c.ID })
		after, err := drawn(v, r, append(checks, c), func(f *facts) error { return f.suppose(ctx, c, v.Now()) })
		if err != nil {
			return err
		}
		moves = compare(before, after)
		return nil
	})
	return moves, err
}

// drawn derives and judges every control, over facts that may be supposed.
func drawn(v *register.View, r evidence.Reader, checks []*check.Compiled, suppose func(*facts) error) (map[string]*control.Node, error) {
	f, err := readFacts(v, r, checks)
	if err != nil {
		return nil, err
	}
	if suppose != nil {
		if err := suppose(f); err != nil {
			return nil, err
		}
	}
	laid, err := f.lay()
	if err != nil {
		return nil, err
	}
	populations, err := r.Populations(f.at)
	if err != nil {
		return nil, err
	}
	all := map[string]*control.Node{}
	for subject, tree := range laid {
		if tree.Kind == control.ControlNode {
			all[subject] = spell(v, control.Judge(laid.whole(tree), v.Now(), observed(populations)))
		}
	}
	return all, nil
}

// suppose puts what a check says of everything that stands among the facts.
func (f *facts) suppose(ctx context.Context, c *check.Compiled, now sextant.Instant) error {
	populations, err := f.reader.Populations(f.at)
	if err != nil {
		return err
	}
	parts := map[string]Part{}
	for source, why := range blindness(populations, c.Resource) {
		parts[source] = Part{Blind: why}
	}
	if len(parts) == 0 {
		delete(f.outcomes, c.ID) // nobody looks at the type: it would not run
		return nil
	}
	if err := f.count(ctx, c, parts, now); err != nil {
		return err
	}
	o := evidence.Outcome{Check: c.ID, Version: c.Version}
	state, body := summarise(&c.Check, parts, slices.Sorted(maps.Keys(parts)))
	body.Sources = parts
	if o.State = int(state); state == control.Fail {
		o.Since = now
	}
	f.outcomes[c.ID], f.bodies[c.ID] = o, body
	return nil
}

// count runs a check over everything that stands, by source.
func (f *facts) count(ctx context.Context, c *check.Compiled, parts map[string]Part, now sextant.Instant) error {
	const pageSize = 500
	for after := int64(0); ctx.Err() == nil; {
		page, err := f.reader.ResourcePage(c.Resource, after, pageSize, f.at)
		if err != nil {
			return err
		}
		for _, r := range page {
			var seen struct {
				Attributes map[string]any `json:"attributes"`
			}
			if err := json.Unmarshal(r.Data, &seen); err != nil {
				return fmt.Errorf("observation of %s %d: %w", r.Type, r.ID, err)
			}
			part := parts[r.Source]
			part.Counts.Add(c.Evaluate(seen.Attributes, nil, now.Time()).Status)
			parts[r.Source], after = part, r.ID
		}
		if len(page) < pageSize {
			return nil
		}
	}
	return ctx.Err()
}

// compare names the nodes that differ, by control, the outer ones first.
func compare(before, after map[string]*control.Node) (moves []Move) {
	for _, subject := range keys(after) {
		was := map[string]control.State{}
		walk(before[subject], "", func(path string, n *control.Node) { was[path] = n.State })
		walk(after[subject], "", func(path string, n *control.Node) {
			if was[path] != n.State {
				moves = append(moves, Move{Control: subject[len(ControlSubject):], Kind: n.Kind, ID: n.ID, Title: n.Title, Before: was[path], After: n.State, Reason: n.Reason})
			}
		})
	}
	return moves
}

// walk visits controls, implementations and lines with the way to them.
func walk(n *control.Node, above string, fn func(path string, n *control.Node)) {
	if n == nil || n.Kind != control.ControlNode && n.Kind != control.ImplementationNode && n.Kind != control.LineNode {
		return
	}
	path := above + "\n" + n.ID
	fn(path, n)
	for _, child := range n.Children {
		walk(child, path, fn)
	}
}
