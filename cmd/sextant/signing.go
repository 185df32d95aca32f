// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"

	"sextant"
	"sextant/access"

	"github.com/spf13/cobra"
)

// signer says who acts in person: the account they sign in with, and whether it has a
// second factor. The operator of a machine decides for nobody.
type signer struct {
	email  string
	factor bool
}

func (s *signer) flags(c *cobra.Command) {
	c.Flags().StringVar(&s.email, "as", "", "address of the account that does it; its password is asked for, or taken from SEXTANT_PASSWORD")
	c.Flags().BoolVar(&s.factor, "second-factor", false, "the account has a second factor: ask for its code, too")
}

// signed lets somebody act who has just proved who they are. Their session ends
// with what they do.
func (p *program) signed(ctx context.Context, s signer, do func(access.Actor) error) error {
	if s.email == "" {
		return sextant.Errorf(sextant.Invalid, "nobody is named who does this").At("as").WithHint("write --as and the address they sign in with")
	}
	password, err := p.password()
	if err != nil {
		return err
	}
	code := ""
	if s.factor {
		if code, err = p.shell.Password("Code shown by the authenticator: "); err != nil {
			return err
		}
	}
	operator, err := p.opened(ctx)
	if err != nil {
		return err
	}
	session, err := p.accounts.SignIn(ctx, s.email, password, code, "local socket")
	if err != nil {
		return err
	}
	actor, err := p.accounts.Session(ctx, session)
	if err == nil && actor.Organisation != operator.Organisation {
		if err = p.accounts.SwitchOrganisation(ctx, session, operator.Organisation); err == nil {
			actor, err = p.accounts.Session(ctx, session)
		}
	}
	if err == nil {
		err = do(actor)
	}
	return cmp.Or(err, p.accounts.SignOut(ctx, session))
}
