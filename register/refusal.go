// SPDX-License-Identifier: Apache-2.0

package register

import (
	"cmp"
	"errors"
	"slices"

	"sextant"
)

// refusals joins what was refused about one entry into one error, in the order
// of field keys so that the same input always gives the same text. nil if
// nothing was.
func refusals(parts []sextant.Error) error {
	if len(parts) == 0 {
		return nil
	}
	slices.SortFunc(parts, func(a, b sextant.Error) int { return cmp.Compare(a.Field, b.Field) })
	if len(parts) == 1 {
		return &parts[0]
	}
	e := sextant.Errorf(sextant.Invalid, "%d fields cannot be accepted", len(parts))
	e.Parts = parts
	return e
}

func asRefusal(err error, key string) sextant.Error {
	if e, ok := errors.AsType[*sextant.Error](err); ok {
		part := *e
		part.Field = cmp.Or(part.Field, key)
		return part
	}
	return *sextant.Errorf(sextant.Invalid, "%w", err).At(key)
}
