// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"sextant"
)

// totpStep is the length of a time step (RFC 6238).
const totpStep = 30

// BeginSecondFactor gives a fresh secret for an authenticator, as a URL it can
// scan. It counts only once ConfirmSecondFactor saw a code.
func (a *Accounts) BeginSecondFactor(ctx context.Context, token string) (url, secret string, err error) {
	session, err := a.session(ctx, token)
	if err != nil {
		return "", "", err
	}
	account, err := a.store.Account(ctx, session.Account)
	if err != nil {
		return "", "", err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Sextant", AccountName: account.Email, Period: totpStep, Algorithm: otp.AlgorithmSHA1, Digits: otp.DigitsSix})
	if err != nil {
		return "", "", err
	}
	return key.URL(), key.Secret(), nil
}

// ConfirmSecondFactor turns the second factor on: secret is the one given by
// BeginSecondFactor, code one that an authenticator showed for it.
func (a *Accounts) ConfirmSecondFactor(ctx context.Context, token, secret, code string) error {
	session, err := a.session(ctx, token)
	if err != nil {
		return err
	}
	account, err := a.store.Account(ctx, session.Account)
	if err != nil {
		return err
	}
	step, ok := a.stepOf(secret, code)
	if !ok {
		return sextant.Errorf(sextant.Invalid, "the code is not right").At("code").WithHint("look at the clock of the device, then use the next code")
	}
	if account.TOTP, err = a.sealer.Seal(sextant.Instance, handle(account.ID), []byte(secret)); err != nil {
		return err
	}
	account.TOTPLast = step
	if err := a.store.UpdateAccount(ctx, account); err != nil {
		return err
	}
	return a.store.RemoveSessions(ctx, account.ID, session.Hash)
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
	if err := a.store.UpdateAccount(ctx, account); err != nil {
		return err
	}
	return a.store.RemoveSessions(ctx, account.ID, session.Hash)
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
