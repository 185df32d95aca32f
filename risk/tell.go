// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"

	"sextant/notice"
	"sextant/register"
)

// What risk owners are told, each once. Their words stand in the message
// catalogue.
var (
	tellBroken    = notice.Declare("acceptance_broken", 1)    // because
	tellLapsed    = notice.Declare("acceptance_lapsed", 1)    // why
	tellRequested = notice.Declare("acceptance_requested", 1) // level by name
	tellProposed  = notice.Declare("treatment_proposed", 0)
)

// ended tells the one who signed that it no longer holds.
func ended(kind notice.Kind) func(*register.Tx, register.Entry) error {
	return func(tx *register.Tx, e register.Entry) error {
		return kind.Tell(tx, e.Doc.Text("accepted_by"), e.Doc.Text("risk"), e.Key, e.Doc.Text("ended_because"))
	}
}

// asked tells the risk owner that a signature is waited for. A new owner is
// another occasion.
func asked(tx *register.Tx, e register.Entry) error {
	if e.State != Requested || e.Deleted {
		return nil
	}
	owner := e.Doc.Text("accepted_by")
	if owner == "" || owner == e.Doc.Text("requested_by") {
		return nil
	}
	return tellRequested.Tell(tx, owner, e.Doc.Text("risk"), e.Key, e.Doc.Text("level_name"))
}

// askedToSign tells every risk owner of a plan that waits for them.
func askedToSign(tx *register.Tx, e register.Entry) error {
	for _, owner := range e.Doc.Strings("risk_owners") {
		if err := askToSign(tx, e, owner); err != nil {
			return err
		}
	}
	return nil
}

// askToSign tells one of them; nobody where a risk has no owner.
func askToSign(tx *register.Tx, e register.Entry, owner string) error {
	if owner == "" {
		return nil
	}
	return tellProposed.Tell(tx, owner, e.Key, fmt.Sprintf("%s, version %d", e.Key, e.Version))
}
