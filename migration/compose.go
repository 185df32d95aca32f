// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"cmp"
	"slices"
	"strings"

	"sextant/soa"
)

// compose makes the proposal out of what was said about the predecessors. Where
// they agree it says what they say; where they do not it says nothing: the least
// or the most of several is no answer. Reasons add up, texts stand below each
// other under the ids they came from.
func (p *Proposal) compose() {
	applies := agreed(p.Old, func(o Old) string { return settled(o.Applicability) })
	p.Applicability = cmp.Or(applies, string(soa.Undecided))
	p.Reasons, p.Justification, p.Implementation, p.PlannedOn, p.How, p.Owner = nil, "", "", "", "", ""
	if applies == "" && len(p.Old) > 0 && slices.Contains(p.Conflicts, OfApplicability) {
		return
	}
	p.Justification = beside(p.Old, func(o Old) string { return o.Justification })
	p.Owner = agreed(p.Old, func(o Old) string { return o.Person })
	if applies == string(soa.NotApplicable) {
		return
	}
	for _, o := range p.Old {
		for _, reason := range o.Reasons {
			if !slices.Contains(p.Reasons, reason) {
				p.Reasons = append(p.Reasons, reason)
			}
		}
	}
	p.Implementation = agreed(p.Old, func(o Old) string { return o.Implementation })
	p.PlannedOn = agreed(p.Old, func(o Old) string { return o.PlannedOn })
	p.How = beside(p.Old, func(o Old) string { return cmp.Or(o.How, o.Remarks) })
}

// conflicts names what predecessors do not agree on.
func conflicts(predecessors []string, old []Old) (names []string) {
	differ := func(of func(Old) string) bool {
		said := map[string]bool{}
		for _, o := range old {
			if text := of(o); text != "" {
				said[text] = true
			}
		}
		return len(said) > 1
	}
	if differ(func(o Old) string { return settled(o.Applicability) }) {
		names = append(names, OfApplicability)
	}
	if differ(func(o Old) string { return o.Implementation }) {
		names = append(names, OfImplementation)
	}
	if differ(func(o Old) string { return o.PlannedOn }) {
		names = append(names, OfDates)
	}
	for _, id := range predecessors {
		if !slices.ContainsFunc(old, func(o Old) bool { return o.Control == id }) {
			return append(names, Missing)
		}
	}
	return names
}

// settled is a decision, "" for none.
func settled(applicability string) string {
	if applicability == string(soa.Undecided) {
		return ""
	}
	return applicability
}

// agreed gives what all that say something say, "" where two differ.
func agreed(old []Old, of func(Old) string) string {
	said := ""
	for _, o := range old {
		text := of(o)
		if text == "" {
			continue
		}
		if said != "" && said != text {
			return ""
		}
		said = text
	}
	return said
}

// beside puts texts below each other, each under the id it came from; one that
// all have stands once.
func beside(old []Old, of func(Old) string) string {
	var texts []string
	for _, o := range old {
		if text := strings.TrimSpace(of(o)); text != "" {
			texts = append(texts, o.Control+": "+text)
		}
	}
	if len(texts) == 0 {
		return ""
	}
	if len(old) == 1 || len(texts) == len(old) && agreed(old, of) != "" {
		_, text, _ := strings.Cut(texts[0], ": ")
		return text
	}
	return strings.Join(texts, "\n\n")
}
