// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/check"
	"sextant/evidence"
	"sextant/register"
)

// Recounted is what a full recomputation found.
type Recounted struct {
	Checks    int      `json:"checks"`
	Resources int      `json:"resources"` // evaluated anew, once for each check
	Changed   []string `json:"changed"`   // what is kept and is not so, in sentences; the first hundred
	Differ    int      `json:"differ"`    // how many there are
}

const differencesShown = 100

func (r *Recounted) differ(format string, args ...any) {
	r.Differ++
	if len(r.Changed) < differencesShown {
		r.Changed = append(r.Changed, fmt.Sprintf(format, args...))
	}
}

// Recount evaluates every check in force over every observation up to its mark,
// at the moment its mark says, and compares results and counts with what is
// kept; then the counts of resources, and the states that stand with those that
// would be derived. It changes nothing. What is not evaluated or settled yet is
// no difference of results, but one of states.
func (w *Way) Recount(ctx context.Context, org sextant.Organisation) (Recounted, error) {
	var checks []*check.Compiled
	if err := w.Kernel.Read(ctx, actor(org), 0, func(v *register.View) (err error) {
		checks, err = w.Checks(v)
		return err
	}); err != nil {
		return Recounted{}, err
	}
	r, err := Recount(ctx, w.Store, org, checks)
	if err != nil {
		return r, err
	}
	return r, w.recountStates(ctx, org, &r)
}

func (w *Way) recountStates(ctx context.Context, org sextant.Organisation, r *Recounted) error {
	return w.Store.Machine(ctx, org, func(reader evidence.Reader) error {
		s, err := w.settling(ctx, org, reader, w.Kernel.Now())
		if err != nil {
			return err
		}
		for _, x := range s.steps {
			r.differ("%s: it stands as %q and would be derived as %q", x.Subject, s.standing[x.Subject].Reason, x.Reason)
		}
		return nil
	})
}

// Recount is Way.Recount without the states. It reads one check in one
// snapshot, so that none is held for long.
func Recount(ctx context.Context, store evidence.Store, org sextant.Organisation, checks []*check.Compiled) (Recounted, error) {
	r := Recounted{Changed: []string{}}
	for _, c := range checks {
		if err := store.Machine(ctx, org, func(reader evidence.Reader) error { return r.recount(reader, c) }); err != nil {
			return r, err
		}
	}
	return r, store.Machine(ctx, org, r.recountResources)
}

// recount looks at one check. Where it is not the one that was evaluated, its
// results are not looked at before they are.
func (r *Recounted) recount(reader evidence.Reader, c *check.Compiled) error {
	marks, err := reader.Marks()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(marks, func(m evidence.Mark) bool { return m.Check == c.ID && m.Version == c.Version && m.Upto != 0 })
	if i < 0 || c.Off != "" {
		return nil
	}
	r.Checks++
	return r.recountCheck(reader, c, marks[i])
}

// recountCheck walks resources and standing results by id, side by side.
func (r *Recounted) recountCheck(reader evidence.Reader, c *check.Compiled, m evidence.Mark) error {
	t := &task{kind: c.Resource, full: true, checks: []*running{{Compiled: c, mark: m}}}
	counts := map[string]evidence.Counts{}
	for after, last := int64(0), false; !last; {
		p := &page{old: map[string]map[int64]evidence.Result{}}
		var err error
		if p.resources, err = reader.ResourcePage(c.Resource, after, pageSize, m.Upto); err != nil {
			return err
		}
		upto := int64(sextant.LatestSeq)
		if last = len(p.resources) < pageSize; !last {
			upto = p.resources[pageSize-1].ID
		}
		if err := p.readRange(reader, t, after, upto); err != nil {
			return err
		}
		if err := r.recountPage(p, c, m, counts); err != nil {
			return err
		}
		after = upto
	}
	return r.recountCounts(reader, m, counts)
}

func (r *Recounted) recountPage(p *page, c *check.Compiled, m evidence.Mark, counts map[string]evidence.Counts) error {
	for _, resource := range p.resources {
		attributes, err := attributesOf(resource)
		if err != nil {
			return err
		}
		r.Resources++
		is := c.Evaluate(attributes, nil, m.Clock.Time())
		counts[resource.Source] = count(counts[resource.Source], int(is.Status), 1)
		if was := p.old[c.ID][resource.ID]; was.Status != int(is.Status) || was.Reason != is.Reason {
			r.differ("%s of resource %d: kept is %s %q, recomputed %s %q", c.ID, resource.ID, check.Status(was.Status), was.Reason, is.Status, is.Reason)
		}
	}
	for id := range p.gone {
		r.differ("%s of resource %d: a result stands and the resource is gone", c.ID, id)
	}
	return nil
}

func (r *Recounted) recountCounts(reader evidence.Reader, m evidence.Mark, counts map[string]evidence.Counts) error {
	for source, kept := range m.Counts {
		if counts[source] != kept {
			r.differ("%s: the counts of %s are kept as %+v, recomputed %+v", m.Check, source, kept, counts[source])
		}
		delete(counts, source)
	}
	for source, n := range counts {
		r.differ("%s: %s is not counted, recomputed %+v", m.Check, source, n)
	}
	list, err := reader.OutcomeHistory(m.Check, sextant.LatestSeq, 1)
	if err != nil || len(list) == 0 {
		return err
	}
	var body Body
	if err := json.Unmarshal(list[0].Body, &body); err != nil {
		return err
	}
	for source, part := range body.Sources {
		if evidence.Counts(part.Counts) != m.Counts[source] {
			r.differ("%s: its outcome counts %+v of %s, its results %+v", m.Check, part.Counts, source, m.Counts[source])
		}
	}
	return nil
}

// recountResources counts the resources of every type one by one.
func (r *Recounted) recountResources(reader evidence.Reader) error {
	kept, err := reader.ResourceCounts(sextant.LatestSeq)
	if err != nil {
		return err
	}
	for _, c := range kept {
		n := 0
		for list := (evidence.ResourceList{Type: c.Type, At: sextant.LatestSeq, Limit: 5000}); ; {
			page, err := reader.Resources(list)
			if err != nil {
				return err
			}
			n += len(page)
			if len(page) < list.Limit {
				break
			}
			list.After = &page[len(page)-1]
		}
		if n != c.Count {
			r.differ("%s: %d resources are counted, %d stand", c.Type, c.Count, n)
		}
	}
	return nil
}

// String says it in a few lines.
func (r Recounted) String() string {
	text := fmt.Sprintf("%d checks recomputed over %d observations: ", r.Checks, r.Resources)
	if r.Differ == 0 {
		return text + "everything that is kept agrees"
	}
	return text + fmt.Sprintf("%d differences\n  ", r.Differ) + strings.Join(r.Changed, "\n  ")
}
