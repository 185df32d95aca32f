// SPDX-License-Identifier: Apache-2.0

package access

import "sextant"

// Founding is a new organisation with its first member. It is made in one
// transaction: an organisation nobody can enter must never be.
type Founding struct {
	Organisation string   // its name
	Person       string   // name of its first person
	Email        string   // of that person, may be ""
	Account      *Account // of that person, not stored yet; nil = nobody signs in yet
	Link         string   // hash of the set-up link that is used up by it, "" = none
}

// founding are the roles of whoever sets an organisation up.
var founding = []Role{Admin, ISMSManager, Owner}

// Admission gives the first membership and what is journalled of it, once the
// store knows the numbers and the key of the person's entry.
func (f Founding) Admission(org sextant.Organisation, account int64, person string) (Membership, Event) {
	name := recordedName(account, person)
	return Membership{Organisation: org, Account: account, Roles: founding, Person: person},
		Event{By: name, What: "member_added", Subject: name, Details: map[string]any{"roles": founding}}
}
