// SPDX-License-Identifier: Apache-2.0

package access

import "context"

// Present tells who is signed in like Session, without keeping the session
// awake: for what runs beside the pages while nobody touches them.
func (a *Accounts) Present(ctx context.Context, token string) (Actor, error) {
	session, err := a.session(ctx, token)
	if err != nil {
		return Actor{}, err
	}
	return a.actor(ctx, session.Organisation, session.Account, session.Proof, nil)
}
