// SPDX-License-Identifier: Apache-2.0

package document

import (
	"cmp"
	"slices"
	"strings"

	"sextant"
	"sextant/register"
)

// Find gives a document by its key or by the reference people cite it by,
// whatever its case. NotFound where there is none.
func Find(tx register.Reader, name string) (register.Of[Document], error) {
	all, err := Documents.All(tx)
	if err != nil {
		return register.Of[Document]{}, err
	}
	i := slices.IndexFunc(all, func(d register.Of[Document]) bool {
		return d.Key == name || strings.EqualFold(d.Fields.Reference, name)
	})
	if i < 0 {
		return register.Of[Document]{}, sextant.Errorf(sextant.NotFound, "there is no document %q", name).WithHint("name it by its key, such as DOC-3, or by its reference; sextant document list shows both")
	}
	return all[i], nil
}

// Editions gives the editions of a document, the newest first.
func Editions(tx register.Reader, document string) ([]register.Of[Version], error) {
	all, err := Versions.All(tx, register.Filter{Field: "document", Op: register.Is, Values: []string{document}})
	slices.SortStableFunc(all, func(a, b register.Of[Version]) int {
		return -cmp.Or(cmp.Compare(len(a.Key), len(b.Key)), strings.Compare(a.Key, b.Key)) // as the keys were drawn
	})
	return all, err
}

// OnItsWay gives the edition that is not in force yet: drafted, in review, or
// approved for a later day. NotFound where there is none.
func OnItsWay(tx register.Reader, document string) (register.Of[Version], error) {
	all, err := Editions(tx, document)
	for _, e := range all {
		if slices.Contains(open.Values, e.State) {
			return e, nil
		}
	}
	if err == nil {
		err = sextant.Errorf(sextant.NotFound, "no edition of %s is on its way", document).WithHint("begin the next one: sextant document draft %s", document)
	}
	return register.Of[Version]{}, err
}
