// SPDX-License-Identifier: Apache-2.0

// Package findings shows what an auditor would raise: each finding with its
// facts, since when, who puts it right and where; what somebody answers for;
// and every rule with what it said, also that it cannot tell. The rules and
// what computes them are those of package lint.
package findings

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/internal/server/web/page"
	"sextant/lint"
	"sextant/register"
)

type section struct {
	*page.Site
	conditions lint.Conditions
}

const path = "/lint"

// Section gives the pages of what was found, where something computes it.
func Section(site *page.Site, conditions lint.Conditions) page.Section {
	if len(conditions) == 0 || !site.Has("exception") || !site.Has("task") {
		return page.Section{}
	}
	s := &section{site, conditions}
	return page.Section{
		Items:    []page.Item{{Key: "nav.lint", Path: path, Icon: "i-audit"}},
		Commands: []page.Command{{Key: "lint.command.rules", Path: path + "/rules", Icon: "i-flag"}},
		Routes: map[string]page.Serve{
			"GET " + path:                    s.list,
			"GET " + path + "/export":        s.export,
			"GET " + path + "/rules":         s.rules,
			"GET " + path + "/rules/export":  s.exportRules,
			"GET " + path + "/{rule}/waive":  s.waiveForm,
			"POST " + path + "/{rule}/waive": s.waive,
			"POST " + path + "/{rule}/task":  s.makeTask,
		},
	}
}

// raised is one finding with its rule.
type raised struct {
	lint.Finding
	Rule   lint.Rule
	Waiver *lint.Waived  // nil where nobody answers for it
	Ours   *lint.Changed // nil where the rule is asked with its own numbers
	Names  []string      // of the entries
	Who    string        // name of its owner
	Count  int           // of findings of the rule
}

// key names a finding in an address.
func (x raised) key() string {
	h := fnv.New32a()
	_, _ = fmt.Fprint(h, x.Entries[:min(1, len(x.Entries))], x.Place) // never fails
	return fmt.Sprintf("%s.%08x", x.Rule.ID, h.Sum32())
}

// about is what an exception or a task names it by: its first entry.
func (x raised) about() string {
	if len(x.Entries) == 0 {
		return ""
	}
	return x.Entries[0]
}

// blocks says whether it stands in the way of something.
func (x raised) blocks() bool { return x.Waiver == nil && len(x.Rule.Blocks) > 0 }

func (x raised) standing() bool { return x.Waiver == nil }

// clause is the first clause or control a rule names.
func clause(r lint.Rule) string {
	if all := slices.Concat(r.Clauses, r.Controls); len(all) > 0 {
		return all[0]
	}
	return ""
}

// MayRead refuses who may not see what is found: whoever may read the statement
// may.
func MayRead(v *register.View) error {
	return access.May(v.Actor(), access.Read, access.Subject{Register: "soa_row"}, v.Now())
}

func (s *section) report(v *register.View, m evidence.Reader) ([]lint.Verdict, error) {
	if err := MayRead(v); err != nil {
		return nil, err
	}
	return lint.Report(v, m, s.conditions)
}

// longestDating is how long one page may take to follow findings back; what is
// left then is dated where it is opened.
const longestDating = 8 * time.Second

// dated is report with every finding followed back to when it began.
func (s *section) dated(v *register.View, m evidence.Reader) ([]lint.Verdict, error) {
	verdicts, err := s.report(v, m)
	if err != nil {
		return nil, err
	}
	return register.Recall(v, "lint.dated", func() ([]lint.Verdict, sextant.Instant, error) {
		list, err := lint.DateAll(lint.Look{View: v, Evidence: m}, s.conditions, verdicts, time.Now().Add(longestDating))
		return list, v.Now().Add(time.Hour), err
	})
}

// raisedOf gives everything found, the gravest first, then by clause.
func (s *section) raisedOf(v *register.View, m evidence.Reader) ([]raised, error) {
	verdicts, err := s.report(v, m)
	return raisedIn(v, verdicts), err
}

func raisedIn(v *register.View, verdicts []lint.Verdict) []raised {
	var list []raised
	for _, verdict := range verdicts {
		n := len(verdict.Findings) + len(verdict.Waived)
		for _, f := range verdict.Findings {
			list = append(list, raised{Finding: f, Rule: verdict.Rule, Ours: verdict.Changed, Count: n})
		}
		for _, w := range verdict.Waived {
			list = append(list, raised{Finding: w.Finding, Rule: verdict.Rule, Ours: verdict.Changed, Waiver: &w, Count: n})
		}
	}
	for i := range list {
		list[i].Names, list[i].Who = names(v, list[i].Entries), ""
		if list[i].Owner != "" {
			list[i].Who = v.TitleOf("person", list[i].Owner)
		}
	}
	slices.SortStableFunc(list, func(a, b raised) int {
		return cmp.Or(cmp.Compare(severityRank(a.Rule.Severity), severityRank(b.Rule.Severity)), cmp.Compare(clause(a.Rule), clause(b.Rule)), cmp.Compare(a.Rule.ID, b.Rule.ID))
	})
	return list
}

func severityRank(s lint.Severity) int { return slices.Index(lint.Severities(), s) }

// names gives what people call the entries and references of a finding.
func names(v *register.View, entries []string) []string {
	return page.Names(entries, func(key string) string { return v.TitleOf("any", key) })
}

// one finds a finding by its name in an address.
func (s *section) one(v *register.View, m evidence.Reader, key string) (raised, error) {
	all, err := s.raisedOf(v, m)
	if err != nil {
		return raised{}, err
	}
	i := slices.IndexFunc(all, func(x raised) bool { return x.key() == key })
	if i < 0 {
		return raised{}, sextant.Errorf(sextant.NotFound, "this is not found any more").WithHint("see the list for what is")
	}
	return all[i], nil
}
