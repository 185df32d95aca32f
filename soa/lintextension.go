// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"fmt"
	"slices"
	"strings"

	"sextant/framework"
	"sextant/lint"
	"sextant/organisation"
)

// The rules about what extensions add to a statement.

// extends says whether a line comes from an extension: neither from the
// standard the system is run by nor from the organisation itself.
func extends(l Line) bool { return !l.Control.IsBase() && !l.Control.IsOwn() }

// roleUndefined: an extension is on whose rows follow a role nobody has named.
func roleUndefined(w *world, a *lint.Answer) error {
	all, err := organisation.Organisations.All(w.View)
	if err != nil || len(all) == 0 {
		return err
	}
	said := map[framework.Follows]string{framework.CloudRole: all[0].Fields.CloudRole, framework.PIIRole: all[0].Fields.PIIRole}
	for _, id := range w.system.Fields.Extensions {
		s, known := framework.StandardByID(id)
		if a.Looked++; !known || s.Follows == "" || said[s.Follows] != "" && said[s.Follows] != "none" {
			continue
		}
		a.Findings = append(a.Findings, lint.Finding{Entries: []string{all[0].Key, w.system.Key}, Owner: all[0].Fields.ISMSManager, Place: "/" + all[0].Register.Plural + "/" + all[0].Key,
			Facts: fmt.Sprintf("%s is switched on in %s, and the organisation says that it has no role in %s", s.Title, w.system.Title(), strings.ToLower(s.Subject))})
	}
	return nil
}

// extensionRowsMissing gives one finding for each system.
func extensionRowsMissing(w *world, a *lint.Answer) error {
	absent, of := w.absent(func(c framework.Control) bool { return extends(Line{Known: Known{Control: c}}) })
	a.Looked += of
	if len(absent) > 0 {
		a.Findings = append(a.Findings, w.whole("%d of %d controls of extensions have no row: %s", len(absent), of, listed(absent)))
	}
	return nil
}

// baseExcluded: every control of Annex A the row stands beside is left out.
func baseExcluded(w *world, l Line) (*lint.Finding, error) {
	if l.Decision() != Applicable || len(l.Control.Related) == 0 {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	for _, line := range w.lines {
		if slices.Contains(l.Control.Related, line.Control.ID) && line.Decision() != NotApplicable {
			return nil, nil //nolint:nilnil // nothing to raise
		}
	}
	return &lint.Finding{Facts: "in, while what it builds on is left out: " + listed(l.Control.Related)}, nil
}
