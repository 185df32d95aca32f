// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/evidence"
	"sextant/framework"
	"sextant/register"
)

// Exclusion stands among the reasons for what speaks for leaving a control out.
const Exclusion = "exclusion"

// goodPractice asks for nothing: it stands only where no other reason does.
const goodPractice = "good_practice"

// Ground is one thing on record that speaks for a reason of a row, or for
// leaving its control out.
type Ground struct {
	Control string `json:"control"`          // its stored reference
	Reason  string `json:"reason"`           // one of Row.Reasons, or Exclusion
	Entry   string `json:"entry,omitempty"`  // key of what it rests on; "" where that is no entry
	Why     string `json:"why"`              // one sentence, which the row takes over as its justification
	Within  bool   `json:"within,omitempty"` // speaks only where nothing else asks for the control

	Instead []string `json:"-"` // keys of entries that back the reason as well: a row that links one says it already
}

// Proposer gives the grounds a package knows for the rows of a management
// system's statement, at the moment the readers are of. It reads and writes
// nothing. A sentence changes only when what it rests on does: what was declined
// is known again by it, so it names no age, no count of days and no state that
// comes and goes.
type Proposer func(v *register.View, r evidence.Reader, system string) ([]Ground, error)

// Proposal is a reason the records speak for and the statement does not give. It
// changes nothing until a person takes it.
type Proposal struct {
	Control framework.Control
	Reason  string
	Grounds []Ground
}

// Why is what speaks for it, in sentences.
func (p Proposal) Why() string {
	var texts []string
	for _, g := range p.Grounds {
		texts = append(texts, g.Why)
	}
	return strings.Join(texts, " ")
}

// Excludes says whether it proposes to leave the control out.
func (p Proposal) Excludes() bool { return p.Reason == Exclusion }

// Proposed is what is proposed for a statement.
type Proposed struct {
	Open     []Proposal // in the order of the rows, then of the reasons
	Declined []Proposal // what somebody declined and what speaks for it still
}

// Of gives the open proposals for a row, by the id of its control.
func (p Proposed) Of(id string) []Proposal { return of(p.Open, id) }

// DeclinedOf gives those declined.
func (p Proposed) DeclinedOf(id string) []Proposal { return of(p.Declined, id) }

func of(list []Proposal, id string) (found []Proposal) {
	for _, p := range list {
		if p.Control.ID == id {
			found = append(found, p)
		}
	}
	return found
}

// Propose asks every proposer what speaks for which reason, and leaves away what
// the statement says already, what was declined, and whatever speaks for a
// control that was decided to be left out: that is a finding, not a proposal.
func Propose(v *register.View, r evidence.Reader, system string, proposers []Proposer) (Proposed, error) {
	return register.Recall(v, "soa.proposed."+system, func() (Proposed, sextant.Instant, error) {
		p, err := propose(v, r, system, proposers)
		return p, v.Now().Add(time.Hour), err // a duty begins to bind by the clock alone
	})
}

func propose(v *register.View, r evidence.Reader, system string, proposers []Proposer) (p Proposed, err error) {
	lines, err := Statement(v, r, system)
	if err != nil {
		return p, err
	}
	grounds := map[string][]Ground{}
	for _, proposer := range proposers {
		found, err := proposer(v, r, system)
		if err != nil {
			return p, err
		}
		for _, g := range found {
			grounds[g.Control] = append(grounds[g.Control], g)
		}
	}
	declined, err := declinedIn(v, system)
	if err != nil {
		return p, err
	}
	for _, line := range lines {
		if line.Decision() != NotApplicable {
			p.add(line, grounds[line.Row.Control], declined)
		}
	}
	return p, nil
}

// add sorts the grounds of one row: which are open, which were declined.
func (p *Proposed) add(line Line, grounds []Ground, declined map[declinedKey]bool) {
	open, refused := map[string][]Ground{}, map[string][]Ground{}
	asked := len(line.Row.Reasons) > 0 // by something that is no mere practice
	for _, g := range grounds {
		switch {
		case line.says(g):
		case declined[declinedKey{g.Control, g.Reason, g.Entry, g.Why}]:
			refused[g.Reason] = append(refused[g.Reason], g)
		default:
			open[g.Reason] = append(open[g.Reason], g)
			asked = asked || !g.Within
		}
	}
	for _, reason := range proposable() {
		if list := slices.DeleteFunc(open[reason], func(g Ground) bool { return g.Within && asked }); len(list) > 0 {
			p.Open = append(p.Open, Proposal{line.Control, reason, list})
			asked = asked || reason != Exclusion
		}
		if len(refused[reason]) > 0 {
			p.Declined = append(p.Declined, Proposal{line.Control, reason, refused[reason]})
		}
	}
}

// says: the row gives the reason already, with what it rests on.
func (l Line) says(g Ground) bool {
	linked := func(key string) bool { return slices.Contains(l.Row.ReasonLinks, key) }
	return slices.Contains(l.Row.Reasons, g.Reason) && (g.Entry == "" || !backs(g.Reason) || linked(g.Entry) || slices.ContainsFunc(g.Instead, linked))
}

// backs says whether a reason rests on an entry that the row links. Good
// practice rests on nothing, and a row that links what shows the control at work
// would keep that from being deleted.
func backs(reason string) bool { return reason != goodPractice && reason != Exclusion }

// proposable are the reasons in the order they stand in everywhere, and the
// exclusion last.
func proposable() (names []string) {
	f, _ := Rows.Definition.Field("reasons")
	for _, value := range f.Values {
		names = append(names, value.Name)
	}
	return append(names, Exclusion)
}

// FindProposal gives what is proposed for a reason of a row now; Conflict where
// nothing is any more.
func (p Proposed) FindProposal(id, reason string) (Proposal, error) {
	for _, one := range p.Of(id) {
		if one.Reason == reason {
			return one, nil
		}
	}
	return Proposal{}, sextant.Errorf(sextant.Conflict, "nothing of that kind is proposed for %s now", id).WithHint("look at the row again: it was decided, or what spoke for it is gone")
}
