// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"sextant"
)

// totpStep is the length of a time step (RFC 6238).
const totpStep = 30

// issuer is the name an authenticator shows.
const issuer = "Sextant"

// BeginSecondFactor gives a fresh secret for an authenticator, as a URL it can
// scan. It counts only once ConfirmSecondFactor saw a code.
func (a *Accounts) BeginSecondFactor(ctx context.Context, token string) (address, secret string, err error) {
	session, err := a.session(ctx, token)
	if err != nil {
		return "", "", err
	}
	account, err := a.store.Account(ctx, session.Account)
	if err != nil {
		return "", "", err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: account.Email, Period: totpStep, Algorithm: otp.AlgorithmSHA1, Digits: otp.DigitsSix})
	if err != nil {
		return "", "", err
	}
	return key.URL(), key.Secret(), nil
}

// SecondFactorURL gives the URL an authenticator scans for a secret that was
// begun before.
func SecondFactorURL(email, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {issuer}, "period": {strconv.Itoa(totpStep)}, "algorithm": {"SHA1"}, "digits": {"6"}}
	return (&url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + email, RawQuery: q.Encode()}).String()
}

// ConfirmSecondFactor turns the second factor on: secret is the one given by
// BeginSecondFactor, code one that an authenticator showed for it. One that is on
// is not exchanged: EndSecondFactor asks for both factors, and a session alone
// must not do what it refuses.
func (a *Accounts) ConfirmSecondFactor(ctx context.Context, token, secret, code string) error {
	session, err := a.session(ctx, token)
	if err != nil {
		return err
	}
	account, err := a.store.Account(ctx, session.Account)
	if err != nil {
		return err
	}
	if account.TOTP != nil {
		return sextant.Errorf(sextant.Conflict, "the second factor is on already").At("code").WithHint("turn it off first, with password and code")
	}
	step, ok := a.stepOf(secret, code)
	if !ok {
		return sextant.Errorf(sextant.Invalid, "the code is not right").At("code").WithHint("look at the clock of the device, then use the next code")
	}
	if account.TOTP, err = a.sealer.Seal(sextant.Instance, handle(account.ID), []byte(secret)); err != nil {
		return err
	}
	account.TOTPLast = step
	return a.decide(ctx, session, account, "second_factor_on")
}

// EndSecondFactor turns the second factor off, for somebody who proves both
// factors once more. Every other session ends.
func (a *Accounts) EndSecondFactor(ctx context.Context, token, password, code string) error {
	if err := a.Reauthenticate(ctx, token, password, code); err != nil {
		return err
	}
	session, err := a.session(ctx, token)
	if err != nil {
		return err
	}
	account, err := a.store.Account(ctx, session.Account)
	if err != nil {
		return err
	}
	account.TOTP, account.TOTPLast = nil, 0
	return a.decide(ctx, session, account, "second_factor_off")
}

// decide writes what the account of a session changed about itself, with a line
// in the log of the organisation it is signed in to, and ends its other sessions.
func (a *Accounts) decide(ctx context.Context, session Session, account Account, what string) error {
	name := a.named(ctx, session.Organisation, account.ID)
	if err := a.store.ChangeAccount(ctx, account, session.Organisation, Event{By: name, What: what, Subject: name}); err != nil {
		return err
	}
	return a.store.RemoveSessions(ctx, account.ID, session.Hash)
}

// ResetSecondFactor takes the second factor of a member who lost their device,
// and ends their sessions. Only somebody at the machine's shell does this: an
// administrator who could would need one factor only to become anybody.
func (a *Accounts) ResetSecondFactor(ctx context.Context, actor Actor, email string) error {
	account, err := a.atShell(ctx, actor, email)
	if err != nil {
		return err
	}
	account.TOTP, account.TOTPLast = nil, 0
	return a.decideFor(ctx, actor, account, "second_factor_reset")
}

// ResetPassword sets a member's password, and ends their sessions; at the
// machine's shell only.
func (a *Accounts) ResetPassword(ctx context.Context, actor Actor, email, password string) error {
	account, err := a.atShell(ctx, actor, email)
	if err != nil {
		return err
	}
	if err := checkPassword(password, account.Email); err != nil {
		return err
	}
	account.Hash = hashPassword(password)
	return a.decideFor(ctx, actor, account, "password_reset")
}

func (a *Accounts) decideFor(ctx context.Context, actor Actor, account Account, what string) error {
	if err := a.store.ChangeAccount(ctx, account, actor.Organisation, Event{By: actor.Name, What: what, Subject: a.named(ctx, actor.Organisation, account.ID)}); err != nil {
		return err
	}
	return a.store.RemoveSessions(ctx, account.ID, "")
}

func (a *Accounts) atShell(ctx context.Context, actor Actor, email string) (Account, error) {
	if !actor.Holds(Operator) {
		return Account{}, sextant.Errorf(sextant.Denied, "this is done at the machine's shell only").WithHint("run: sextant user")
	}
	return a.member(ctx, actor.Organisation, email)
}

// checkCode accepts a code of the last, this or the next step, each once.
func (a *Accounts) checkCode(ctx context.Context, account *Account, code string) error {
	secret, err := a.sealer.Open(sextant.Instance, handle(account.ID), account.TOTP)
	if err != nil {
		return err
	}
	step, ok := a.stepOf(string(secret), code)
	if !ok || step <= account.TOTPLast {
		return wrong()
	}
	account.TOTPLast = step
	return a.store.UpdateAccount(ctx, *account)
}

func (a *Accounts) stepOf(secret, code string) (int64, bool) {
	now := a.clock().Time()
	for _, shift := range []int{0, -1, 1} {
		at := now.Add(time.Duration(shift*totpStep) * time.Second)
		ok, err := totp.ValidateCustom(code, secret, at, totp.ValidateOpts{Period: totpStep, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			return at.Unix() / totpStep, true
		}
	}
	return 0, false
}
