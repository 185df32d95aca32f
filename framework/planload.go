// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"sextant"
)

var (
	lineID   = regexp.MustCompile(`^([0-9]{5}:A(?:\.[1-9][0-9]?){2,3}|CLD(?:\.[1-9][0-9]?){3}|A\.[5-8]\.[1-9][0-9]?)/[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	duration = regexp.MustCompile(`^P[1-9][0-9]?[0-9]?[DWMY]$`)
	kind     = regexp.MustCompile(`^[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$`)
)

func loadPlans() (map[string]Plan, error) {
	files, err := fs.Glob(content, "content/evidence-plans/*.yaml")
	if err != nil {
		return nil, err
	}
	all, seen := map[string]Plan{}, map[string]bool{}
	for _, file := range files {
		var read struct {
			Lines []Line `yaml:"lines"`
		}
		if err := readContent(file, &read); err != nil {
			return nil, err
		}
		for _, l := range read.Lines {
			if problem := l.problem(); problem != "" || seen[l.ID] {
				return nil, sextant.Errorf(sextant.Invalid, "%s: line %q: %s", file, l.ID, problem+repeated(seen[l.ID])).
					WithHint("correct the line; an id, once given out, is never used for something else")
			}
			seen[l.ID] = true
			l.Control, _, _ = strings.Cut(l.ID, "/")
			p := all[l.Control]
			all[l.Control] = Plan{Control: l.Control, Lines: append(p.Lines, l)}
		}
	}
	return all, nil
}

func repeated(seen bool) string {
	if seen {
		return " the id is there twice"
	}
	return ""
}

// problem says what a line lacks or has too much of; "" where it is sound.
func (l Line) problem() string {
	match := lineID.FindStringSubmatch(l.ID)
	switch {
	case match == nil:
		return "an id is a control, a slash and words with hyphens, as in A.8.13/restore-tested"
	case !isRow(match[1]):
		return "there is no such control"
	case l.Shows == "" || l.Mode == "" || l.Form == "":
		return "shows, mode and form are needed"
	case l.Form == Checks:
		return l.checksProblem()
	case l.Mode == Automatic || len(l.Population) > 0:
		return "a record or statement is assisted or human and has no population of resources"
	case l.Evidence == "":
		return "evidence says what is filed or looked at"
	case l.Form == Record && (!duration.MatchString(l.Period) || l.Expires != ""):
		return "a record has a period such as P6M, and no expiry"
	case l.Form == Attested && (!duration.MatchString(l.Expires) || l.Period != ""):
		return "a statement has an expiry such as P12M, and no period"
	}
	return ""
}

func (l Line) checksProblem() string {
	switch {
	case len(l.Population) == 0 || !allKinds(l.Population):
		return "checks look at a population, such as aws:rds_instance"
	case l.Mode != Automatic || l.Period != "" || l.Expires != "" || l.Evidence != "" || l.Independent:
		return "checks are automatic and have no evidence, period, expiry or signer"
	}
	return ""
}

func allKinds(list []string) bool {
	return !slices.ContainsFunc(list, func(k string) bool { return !kind.MatchString(k) })
}

func isControl(id string) bool { _, ok := controls().byID[id]; return ok }

func isRow(id string) bool { _, ok := ControlByID(id); return ok }
