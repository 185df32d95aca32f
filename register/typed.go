// SPDX-License-Identifier: Apache-2.0

package register

// As gives an entry with its fields as the domain's struct, where the register
// itself cannot be named: in the lifecycle it is declared with.
func As[T any](e Entry) (Of[T], error) { return typed[T](e) }

// Get reads one entry with its fields as the domain's struct.
func (r *Register[T]) Get(tx Reader, key string) (Of[T], error) {
	e, err := tx.Lookup(r.Name, key)
	if err != nil {
		return Of[T]{}, err
	}
	return typed[T](e)
}

// All reads every entry that meets the filters, ordered by key.
func (r *Register[T]) All(tx Reader, filters ...Filter) ([]Of[T], error) {
	entries, err := tx.Select(r.Name, filters...)
	if err != nil {
		return nil, err
	}
	all := make([]Of[T], len(entries))
	for i, e := range entries {
		if all[i], err = typed[T](e); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Create makes a new entry from the domain's struct.
func (r *Register[T]) Create(tx *Tx, fields T, note Note) (Of[T], error) {
	values, err := docOf(r.Definition, fields)
	if err != nil {
		return Of[T]{}, err
	}
	e, err := tx.Create(r.Name, Doc{}.apply(values), note)
	if err != nil {
		return Of[T]{}, err
	}
	return typed[T](e)
}

// Edit reads an entry, lets change alter its fields, and writes what differs.
func (r *Register[T]) Edit(tx *Tx, key string, note Note, change func(*T)) (Of[T], error) {
	before, err := r.Get(tx, key)
	if err != nil {
		return before, err
	}
	change(&before.Fields)
	values, err := docOf(r.Definition, before.Fields)
	if err != nil {
		return before, err
	}
	e, err := tx.Edit(r.Name, key, before.Version, values, note)
	if err != nil {
		return before, err
	}
	return typed[T](e)
}
