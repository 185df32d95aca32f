// SPDX-License-Identifier: Apache-2.0

package risk

import "sextant/register"

// The registers of this package follow from each other, so their rules read
// them by name: a declaration cannot name another one that names it.

func get[T any](tx register.Reader, name, key string) (register.Of[T], error) {
	e, err := tx.Lookup(name, key)
	if err != nil {
		return register.Of[T]{}, err
	}
	return register.As[T](e)
}

func all[T any](tx register.Reader, name string, filters ...register.Filter) ([]register.Of[T], error) {
	entries, err := tx.Select(name, filters...)
	if err != nil {
		return nil, err
	}
	list := make([]register.Of[T], len(entries))
	for i, e := range entries {
		if list[i], err = register.As[T](e); err != nil {
			return nil, err
		}
	}
	return list, nil
}
