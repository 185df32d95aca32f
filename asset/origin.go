// SPDX-License-Identifier: Apache-2.0

package asset

import (
	"errors"

	"sextant/register"
)

// Standing is what is known of one property of an asset, for people.
type Standing struct {
	Property                  string
	Own, Inherited, Effective Level
	Overridden                bool     // its own value counts although what it inherits is higher
	From                      []string // keys on the way the inherited value takes: from where it is given to what stands on this asset itself
}

// ValueOf explains the value of an asset, property by property, as of the
// moment that is read.
func ValueOf(tx register.Reader, e register.Entry) ([]Standing, error) {
	list := make([]Standing, 0, len(Properties))
	for i, property := range Properties {
		w := worthOf(e.Doc, property)
		s := Standing{Property: property, Own: w.own, Inherited: w.inherited, Effective: w.effective(), Overridden: w.stands && w.inherited > w.own}
		from, err := origin(tx, e.Key, i, w.inherited)
		if err != nil {
			return nil, err
		}
		s.From = from
		list = append(list, s)
	}
	return list, nil
}

var errFound = errors.New("found")

// origin follows an inherited level up to where it is given. Of several ways it
// takes the one of the dependency that was made first.
func origin(tx register.Reader, asset string, property int, level Level) (way []string, err error) {
	seen := map[string]bool{}
	for level != NotValued && !seen[asset] {
		seen[asset] = true
		above, own, err := giver(tx, asset, property, level)
		if err != nil || above == "" {
			return way, err
		}
		way = append([]string{above}, way...)
		if own {
			return way, nil
		}
		asset = above
	}
	return way, nil
}

// giver finds an asset that passes a level on to another; own says that it is
// its own value.
func giver(tx register.Reader, asset string, property int, level Level) (above string, own bool, err error) {
	err = tx.Walk(dependencyName, func(e register.Entry) error {
		found, ok := edgeOf(&e)
		if !ok || !found.passes[property] {
			return nil
		}
		dependent, err := tx.Lookup(assetName, found.dependent)
		if err != nil {
			return err
		}
		if n := nodeOf(&dependent); n.passing(property) == level {
			above, own = found.dependent, n.worth[property].own == level
			return errFound
		}
		return nil
	}, register.Filter{Field: "supports", Op: register.Is, Values: []string{asset}})
	if errors.Is(err, errFound) {
		err = nil
	}
	return above, own, err
}

// Levels gives the levels that count of an asset, by Properties.
func Levels(e register.Entry) (levels [3]Level) {
	for i, property := range Properties {
		levels[i] = worthOf(e.Doc, property).effective()
	}
	return levels
}
