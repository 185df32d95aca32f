// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"

	"sextant"
)

// recordedName is how an account is named in what is recorded for ever: by its
// person entry in the organisation, or by its number where it has none. Never by
// its address: sealed lines outlive the right to it. Who a person was is read
// from their entry, until that is erased.
func recordedName(account int64, person string) string {
	if person != "" {
		return "person:" + person
	}
	return fmt.Sprintf("account:%d", account)
}

// named gives the recorded name of a member.
func (a *Accounts) named(ctx context.Context, org sextant.Organisation, account int64) string {
	m, err := a.store.Membership(ctx, org, account)
	if err != nil {
		return recordedName(account, "")
	}
	return recordedName(account, m.Person)
}
