// SPDX-License-Identifier: Apache-2.0

package control

import (
	"slices"
	"strings"

	"sextant/framework"
	"sextant/organisation"
	"sextant/register"
)

// InUse gives the rows the organisation works with at the moment of the reader:
// the 93 controls of Annex A always and first, the rows its management systems
// add by their standard and extensions, as far as they ask something of its
// roles, then its own controls by their id. What nobody switched on is not
// among them.
func InUse(tx register.Reader) ([]framework.Control, error) {
	systems, err := organisation.ManagementSystems.All(tx, active)
	if err != nil {
		return nil, err
	}
	roles, err := organisation.Roles(tx)
	if err != nil {
		return nil, err
	}
	var on []string
	for _, s := range systems {
		on = append(on, s.Fields.Extensions...)
		if s.Fields.Standard != framework.StandardID {
			on = append(on, s.Fields.Standard)
		}
	}
	return withOwn(tx, framework.RowsFor(framework.StandardID, inOrder(on), roles))
}

// RowsOf gives the rows of the statement of one management system; for "" those
// of an organisation that has none yet.
func RowsOf(tx register.Reader, system string) ([]framework.Control, error) {
	base, extensions := framework.StandardID, []string(nil)
	if system != "" {
		e, err := tx.Lookup(organisation.ManagementSystems.Name, system)
		if err != nil {
			return nil, err
		}
		base, extensions = e.Doc.Text("standard"), e.Doc.Strings("extensions")
	}
	roles, err := organisation.Roles(tx)
	if err != nil {
		return nil, err
	}
	return withOwn(tx, framework.RowsFor(base, inOrder(extensions), roles))
}

// inOrder puts extensions in the order the standards stand in.
func inOrder(on []string) []string {
	return slices.DeleteFunc(framework.Extensions(), func(s string) bool { return !slices.Contains(on, s) })
}

func withOwn(tx register.Reader, rows []framework.Control) ([]framework.Control, error) {
	own, err := OwnControls.All(tx, active)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(own, func(a, b register.Of[OwnControl]) int { return byNumber(a.Fields.Reference, b.Fields.Reference) })
	for _, o := range own {
		rows = append(rows, asRow(o))
	}
	return rows, nil
}

// byNumber puts NQ-9 before NQ-10.
func byNumber(a, b string) int {
	x, y := strings.FieldsFunc(a, apart), strings.FieldsFunc(b, apart)
	for i := range min(len(x), len(y)) {
		if d := len(x[i]) - len(y[i]); d != 0 && i > 0 {
			return d
		}
		if d := strings.Compare(x[i], y[i]); d != 0 {
			return d
		}
	}
	return len(x) - len(y)
}

func apart(r rune) bool { return r == '-' || r == '.' }

// Find gives a row by its id or stored reference: of any standard whether it is
// switched on or not, or one of the organisation's own in any state.
func Find(tx register.Reader, id string) (framework.Control, bool, error) {
	if c, ok := framework.ControlByID(id); ok {
		return c, true, nil
	}
	return ownByReference(tx, strings.TrimPrefix(id, framework.OwnStandard+"/"))
}

// IsInUse says whether a row is among those the organisation works with.
func IsInUse(tx register.Reader, c framework.Control) (bool, error) {
	if c.IsBase() {
		return true, nil
	}
	rows, err := InUse(tx)
	return slices.ContainsFunc(rows, func(r framework.Control) bool { return r.ID == c.ID }), err
}
