// SPDX-License-Identifier: Apache-2.0

package register

import (
	"maps"
	"slices"

	"sextant"
	"sextant/access"
)

// Desired is one entry as a YAML document in version control wants it.
type Desired struct {
	Register string
	Key      string
	File     string // where it stands, for messages: "isms/assets.yaml:12"
	Values   map[string]any
}

// Step is one thing apply would do.
type Step struct {
	Action   string         `json:"action"` // create, update, delete, keep
	Register string         `json:"register"`
	Key      string         `json:"key"`
	Title    string         `json:"title,omitempty"`
	File     string         `json:"file,omitempty"`
	Changes  []Difference   `json:"changes,omitempty"`
	Refusal  *sextant.Error `json:"refusal,omitempty"`
}

// Apply makes entries what the documents want, on behalf of a manager ("git").
// Entries the manager applied before and no document names any more are
// deleted only with prune; otherwise they are reported as kept. Run it in
// Kernel.Rehearse for the plan: it shows the drift between documents and
// entries and changes nothing.
//
// Any refusal makes the whole apply fail with all refusals, so that nothing is
// half applied; the steps are returned as well.
func (tx *Tx) Apply(manager string, wanted []Desired, prune bool) ([]Step, error) {
	note := Note{Why: "applied by " + manager, Batch: NewBatch()}
	var steps []Step
	named := map[string]bool{}
	for _, d := range wanted {
		if named[d.Key] {
			return steps, sextant.Errorf(sextant.Conflict, "%s is described twice, the second time in %s", d.Key, d.File)
		}
		named[d.Key] = true
		step, err := tx.applyOne(manager, d, note)
		if err != nil {
			return steps, err
		}
		steps = append(steps, step)
	}
	rest, err := tx.prune(manager, named, prune, note)
	steps = append(steps, rest...)
	if err != nil {
		return steps, err
	}
	return steps, refusedSteps(steps)
}

func refusedSteps(steps []Step) error {
	var parts []sextant.Error
	for _, s := range steps {
		if s.Refusal != nil {
			part := *s.Refusal
			part.Message = s.File + " " + s.Key + ": " + part.Message
			parts = append(parts, part)
		}
	}
	return refusals(parts)
}

func (tx *Tx) applyOne(manager string, d Desired, note Note) (Step, error) {
	step := Step{Action: "update", Register: d.Register, Key: d.Key, File: d.File}
	def, err := tx.kernel.set.Named(d.Register)
	if err != nil {
		return step, refusedAt(&step, err)
	}
	step.Register = def.Name
	if d.Key == "" {
		return step, refusedAt(&step, sextant.Errorf(sextant.Invalid, "no key").WithHint("YAML identifies entries by key: write key: %s-1", def.Prefix))
	}
	values := maps.Clone(d.Values)
	before, err := tx.Lookup(def.Name, d.Key)
	if sextant.CodeOf(err) == sextant.NotFound {
		step.Action = "create"
		after, err := tx.CreateAs(def.Name, d.Key, values, note)
		step.Title, step.Changes = d.Key, def.differences(Doc{}, after.Doc)
		return step, tx.manage(&step, err, manager)
	}
	if err != nil {
		return step, err
	}
	whole := before
	before = tx.visible(before)
	for _, f := range def.Fields {
		if _, given := values[f.Key]; !given && !f.Derived && f.Kind != Secret && tx.maySee(f) {
			values[f.Key] = f.Default
		}
	}
	if tx.derivesTheSame(whole, values) {
		step.Action, step.Title = "keep", before.Title()
		return step, tx.manage(&step, nil, manager)
	}
	after, err := tx.Edit(def.Name, d.Key, 0, values, note)
	if err == nil && after.Version == before.Version {
		step.Action = "keep"
	}
	step.Title, step.Changes = before.Title(), def.differences(before.Doc, after.Doc)
	return step, tx.manage(&step, err, manager)
}

// derivesTheSame says whether values give the entry as it stands once what they
// leave out is derived: a field that fills itself is no drift.
func (tx *Tx) derivesTheSame(e Entry, values map[string]any) bool {
	patch, err := tx.parse(e.Register, values)
	if err != nil || e.Register.Derive == nil {
		return false
	}
	next := e.Doc.apply(patch)
	return e.Register.Derive(&tx.View, next) == nil && next.equal(e.Doc)
}

func refusedAt(step *Step, err error) error {
	report := newReport("")
	if err := report.refuse(Outcome{}, err); err != nil {
		return err
	}
	step.Refusal, step.Changes = report.Outcomes[0].Refusal, nil
	return nil
}

// manage remembers who manages an entry, in a journalled record of its own.
func (tx *Tx) manage(step *Step, err error, manager string) error {
	if err != nil {
		return refusedAt(step, err)
	}
	holder, err := tx.w.Holder(managedRegister, Tag{step.Key, manager})
	if err != nil || holder != "" {
		return err
	}
	return tx.markManaged(step.Key, manager)
}

func (tx *Tx) prune(manager string, named map[string]bool, prune bool, note Note) ([]Step, error) {
	managed, err := tx.ManagedBy(manager)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, key := range managed {
		if named[key] {
			continue
		}
		def, ok := tx.kernel.set.OfKey(key)
		if !ok {
			continue
		}
		step := Step{Action: "keep", Register: def.Name, Key: key}
		if prune {
			step.Action = "delete"
			if err := tx.Delete(def.Name, key, 0, note); err != nil {
				if err := refusedAt(&step, err); err != nil {
					return steps, err
				}
			}
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// managedRegister is where the names of managers stand: entries of the kernel's
// own, in no set, so that they appear in no list.
const managedRegister = "managed"

// managed declares as much of it as tags are made by.
var managed = &Definition{Name: managedRegister, Schema: 1, Fields: []Field{{Key: "manager", Kind: Enum}}, index: map[string]int{"manager": 0}}

func (tx *Tx) markManaged(key, manager string) error {
	data, err := Doc{"entry": key, "manager": manager}.encode()
	if err != nil {
		return err
	}
	change := Change{
		Row: Row{Register: managedRegister, Key: key, Version: 1, Schema: 1, State: manager, To: sextant.LatestSeq,
			At: tx.Now(), Created: tx.Now(), Actor: tx.actor.Name, Title: key, Data: data},
		Tags:   managed.tags(manager, Doc{"manager": manager}),
		Unique: []Tag{{key, manager}},
	}
	if err := tx.journal(&change, draft{verb: verbCreate}); err != nil {
		return err
	}
	return tx.w.Write(change)
}

// ManagedBy lists the keys of the entries a manager applied that still stand.
func (v *View) ManagedBy(manager string) ([]string, error) {
	if err := access.May(v.actor, access.Read, access.Subject{}, v.kernel.Now()); err != nil {
		return nil, err
	}
	rows, err := v.tx.List(Query{Register: managedRegister, At: v.seq, Limit: 100_000,
		Conditions: []Condition{{Column: ColumnTag, Field: "manager", Op: Is, Values: []string{manager}}}})
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, row := range rows {
		def, ok := v.kernel.set.OfKey(row.Key)
		if !ok {
			continue
		}
		if _, err := v.Lookup(def.Name, row.Key); err == nil {
			keys = append(keys, row.Key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}
