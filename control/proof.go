// SPDX-License-Identifier: Apache-2.0

package control

import (
	"slices"
	"strings"

	"sextant/framework"
)

// Proof is one thing that is missing before a control passes. A list of proofs
// is the answer to "what would make this green".
type Proof struct {
	// ID names the proof for as long as it is missing, so that the task that
	// brings it can be found: check/aws.rds-backup, source/XS-2,
	// IMP-3/A.8.13/restore-tested, or IMP-3/source/aws.
	ID             string
	Want           Want
	Title          string   // of the check or the source, or what the line shows
	Check          string   // id, of a check that has to pass
	Implementation string   // key, of the unit a person speaks about; "" where none is declared
	Unit           string   // its title
	Line           string   // id of the first line it proves
	Lines          []string // what the lines it proves show
	Offenders      []*Node  // resources and sources that stand in the way
	Failing        int      // how many resources fail, those not named as well
	Independent    bool     // not by the operator
}

// Want says what is wanted.
type Want string

// The wants.
const (
	Mend       Want = "mend"       // resources fail
	LookAgain  Want = "look_again" // the check could not look
	Collect    Want = "collect"    // what was seen is too old
	Connect    Want = "connect"    // a source that is expected is missing
	Hear       Want = "hear"       // no source of the unit is looked at by the checks
	Show       Want = "show"       // there was nothing to look at
	Write      Want = "write"      // no check supports the line yet
	MakeRecord Want = "record"     // something has to be done and filed
	MakeClaim  Want = "statement"  // somebody has to look and say so
	HoldAgain  Want = "hold"       // somebody looked, and it does not hold
)

// IsByPeople says whether a person brings the proof by a statement or a record.
func (p Proof) IsByPeople() bool {
	return p.Want == MakeRecord || p.Want == MakeClaim || p.Want == HoldAgain
}

// Proofs gives the fewest proofs that are missing below a node, in the order of
// the plan. A check that supports several lines, or several units, is one.
func Proofs(n *Node) []Proof {
	var list []Proof
	unit := &Node{}
	n.Walk(func(x *Node) {
		switch {
		case x.Kind == ImplementationNode:
			unit = x
		case x.Kind == LineNode && x.State != Pass:
			for _, p := range lineProofs(x, unit) {
				list = add(list, p)
			}
		}
	})
	return list
}

func add(list []Proof, p Proof) []Proof {
	i := slices.IndexFunc(list, func(have Proof) bool { return have.ID == p.ID })
	if i < 0 {
		return append(list, p)
	}
	for _, line := range p.Lines {
		if !slices.Contains(list[i].Lines, line) {
			list[i].Lines = append(list[i].Lines, line)
		}
	}
	return list
}

func lineProofs(line, unit *Node) []Proof {
	id := strings.TrimPrefix(line.ID, "line:")
	key := strings.TrimPrefix(unit.ID, "implementation:")
	if key == "none" {
		key = ""
	}
	base := Proof{ID: key + "/" + id, Title: line.Title, Implementation: key, Unit: unit.Title, Line: id, Lines: []string{line.Title}}
	planned, _ := framework.LineByID(id)
	base.Independent = planned.Independent
	var list []Proof
	for _, child := range line.Children {
		if child.State == Pass {
			continue
		}
		if child.Kind == CheckNode {
			list = append(list, checkProofs(base, child)...)
			continue
		}
		p := base
		p.Want = wantOf(planned.Form)
		if child.State == Fail {
			p.Want = HoldAgain
		}
		list = append(list, p)
	}
	if len(line.Children) == 0 {
		base.Want = wantOf(planned.Form)
		list = append(list, base)
	}
	return list
}

func wantOf(form framework.Form) Want {
	switch form {
	case framework.Record:
		return MakeRecord
	case framework.Checks:
		return Write
	}
	return MakeClaim
}

var checkWants = map[State]Want{Fail: Mend, FailInGrace: Mend, Excepted: Mend, Error: LookAgain, Stale: Collect, NoData: Show}

// checkProofs: what a check found has to be put right, and every source that is
// missing has to be heard. Where no source of the unit is looked at, one source
// serves all checks of its kind of system.
func checkProofs(p Proof, check *Node) (list []Proof) {
	id := strings.TrimPrefix(check.ID, "check:")
	for _, child := range check.Children {
		if child.Kind == SourceNode && child.State != Pass {
			list = append(list, Proof{ID: "source/" + strings.TrimPrefix(child.ID, "source:"), Want: Connect, Title: child.Title, Line: p.Line, Lines: p.Lines, Offenders: []*Node{child}})
		}
	}
	if check.State == NotAssessed {
		system, _, _ := strings.Cut(id, ".")
		return append(list, Proof{ID: p.Implementation + "/source/" + system, Want: Hear, Title: p.Unit, Implementation: p.Implementation, Unit: p.Unit, Line: p.Line, Lines: p.Lines})
	}
	if want, ok := checkWants[check.State]; ok {
		found := Proof{ID: "check/" + id, Check: id, Title: check.Title, Want: want, Line: p.Line, Lines: p.Lines}
		found.name(check)
		list = slices.Insert(list, 0, found)
	}
	return list
}

// name lists the resources that stand in the way.
func (p *Proof) name(check *Node) {
	for _, child := range check.Children {
		if child.Kind == ResourceNode && child.State != Pass {
			p.Offenders = append(p.Offenders, child)
		}
	}
	if counts, ok := check.Counts(); ok {
		p.Failing = counts.Failed + counts.Errors
	}
	p.Failing = max(p.Failing, len(p.Offenders))
}
