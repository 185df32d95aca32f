// SPDX-License-Identifier: Apache-2.0

package access

import (
	"slices"

	"sextant"
)

// Verb is what an actor wants to do.
type Verb string

// The verbs.
const (
	Read    Verb = "read"    // one entry, a list, its history
	Create  Verb = "create"  // a new entry
	Edit    Verb = "edit"    // fields of an entry
	Move    Verb = "move"    // a transition of a lifecycle
	Sign    Verb = "sign"    // a transition that is a sign-off
	Delete  Verb = "delete"  // leaves a tombstone
	Comment Verb = "comment" // a remark or a file beside an entry
	Export  Verb = "export"  // a file of what may be read
	Import  Verb = "import"  // many entries at once
	Collect Verb = "collect" // run a connector, evaluate checks
	Erase   Verb = "erase"   // remove content for good
	Admit   Verb = "admit"   // accounts, roles, tokens of others
	Operate Verb = "operate" // keys, backups, anchoring, settings of the installation
	Inspect Verb = "inspect" // see how the management system is set up: sources, retention, keys
)

// Verbs lists what a token's scope may name, from what changes nothing to what
// changes most.
func Verbs() []Verb {
	return []Verb{Read, Export, Inspect, Comment, Create, Edit, Move, Sign, Delete, Import, Collect, Erase, Admit, Operate}
}

// Subject is what is touched, described without knowing the register.
type Subject struct {
	Register   string
	Personal   bool     // the register is about the actor's own accounts or tokens
	People     []string // keys of the persons named in the entry's owner-like fields
	Restricted []Role   // a field's readers; nil = everyone who may read the entry
	Who        []Role   // a transition: roles that may make it
	WhoPeople  []string // a transition: persons that may make it, from the fields it names
	OpenTo     []Role   // roles the register lets create and edit beside manager and owner
	Own        bool     // everybody keeps their own entries here: the person named owns it, whatever their role
}

// May decides. It returns nil, or an Error with code Denied that says which
// role would do. now is compared with the end of time-boxed access.
//
// Rules, after DESIGN 3 and the model's `who_may_edit`: the ISMS manager and
// the persons named as owner edit; an admin manages accounts and settings but
// gains no right to approve; auditors read everything; an external auditor
// writes nothing, ever; readers read what is not restricted; a token can do no
// more than its scope.
func May(a Actor, v Verb, s Subject, now sextant.Instant) error {
	if a.Until != 0 && now >= a.Until {
		return sextant.Errorf(sextant.Denied, "access ended on %s", a.Until)
	}
	if a.Scope != nil && !slices.Contains(a.Scope, v) {
		return sextant.Errorf(sextant.Denied, "this token may not %s", v)
	}
	if len(s.Restricted) > 0 && !a.Holds(s.Restricted...) && !a.Holds(System) {
		return sextant.Errorf(sextant.Denied, "only %s may see or change this", list(s.Restricted))
	}
	if allowed(a, v, s) {
		return nil
	}
	return sextant.Errorf(sextant.Denied, "your role does not allow you to %s this", v).WithHint("%s may", list(whoMay(v, s)))
}

func allowed(a Actor, v Verb, s Subject) bool {
	switch v {
	case Read, Export:
		return a.Holds(Admin, ISMSManager, Owner, InternalAuditor, ExternalAuditor, Reader, System, Operator)
	case Create, Edit, Delete, Import:
		return a.Holds(ISMSManager, System, Operator) || a.Holds(s.OpenTo...) || isNamed(a, s.People) || isOwn(a, s)
	case Move, Sign:
		return a.Holds(s.Who...) || (a.Person != "" && slices.Contains(s.WhoPeople, a.Person))
	case Comment:
		return a.Holds(Admin, ISMSManager, Owner, InternalAuditor, Reader, System, Operator)
	case Inspect:
		return a.Holds(Admin, ISMSManager, Owner, InternalAuditor, Reader, System, Operator)
	case Collect:
		return a.Holds(Admin, ISMSManager, System, Operator)
	case Erase:
		return a.Holds(ISMSManager, Operator)
	case Admit, Operate:
		return a.Holds(Admin, Operator) || (v == Admit && s.Personal)
	}
	return false
}

// isNamed: an owner edits the entries that name them, and no others.
func isNamed(a Actor, people []string) bool {
	return a.Person != "" && a.Holds(Owner) && slices.Contains(people, a.Person)
}

// isOwn: what somebody keeps for themselves (a view of a list) needs no role
// beyond being let in; an external auditor still writes nothing.
func isOwn(a Actor, s Subject) bool {
	return s.Own && a.Person != "" && !a.Holds(ExternalAuditor) && slices.Contains(s.People, a.Person)
}

func whoMay(v Verb, s Subject) []Role {
	switch v {
	case Move, Sign:
		return s.Who
	case Admit, Operate:
		return []Role{Admin}
	case Erase:
		return []Role{ISMSManager}
	case Collect:
		return []Role{Admin, ISMSManager}
	case Inspect:
		return []Role{Admin, ISMSManager, Owner, InternalAuditor, Reader}
	}
	return append([]Role{ISMSManager, Owner}, s.OpenTo...)
}

func list(roles []Role) string {
	if len(roles) == 0 {
		return "nobody by role: a person named in the entry"
	}
	text := ""
	for i, r := range roles {
		if i > 0 {
			text += ", "
		}
		text += string(r)
	}
	return text
}
