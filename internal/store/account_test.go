// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sextant"
	"sextant/access"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/register/registertest"
	"sextant/secret"
)

// office is an installation with accounts and a clock.
type office struct {
	*access.Accounts
	store *store.Store
	clock *registertest.Clock
	org   sextant.Organisation
}

func newOffice(t *testing.T, s *store.Store, clock *registertest.Clock) *office {
	t.Helper()
	key, err := secret.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	o := &office{store: s, clock: clock}
	o.Accounts = access.NewAccounts(s, key, clock.Now, func(ctx context.Context, name, _, _ string) (sextant.Organisation, string, error) {
		made, err := s.CreateOrganisation(ctx, name)
		return made.Number, "PER-1", err
	})
	if o.org, err = o.Create(context.Background(), "Northquay", "Mara", "Mara@Example.org", goodPassword); err != nil {
		t.Fatal(err)
	}
	return o
}

const goodPassword = "seven grey herons"

func onBoth(t *testing.T, test func(*testing.T, *office)) {
	t.Run("SQLite", func(t *testing.T) {
		clock := registertest.NewClock()
		s, err := store.Open(context.Background(), store.Config{Folder: t.TempDir(), Clock: clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		test(t, newOffice(t, s, clock))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		clock := registertest.NewClock()
		s, err := store.Open(context.Background(), store.Config{DatabaseURL: database.App, OwnerURL: database.Owner, Clock: clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		test(t, newOffice(t, s, clock))
	})
}

func wantCode(t *testing.T, err error, want sextant.Code) {
	t.Helper()
	if got := sextant.CodeOf(err); got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

var ctx = context.Background()

func signIn(t *testing.T, o *office) (string, access.Actor) {
	t.Helper()
	session, err := o.SignIn(ctx, "mara@example.org", goodPassword, "", "10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	actor, err := o.Session(ctx, session)
	if err != nil {
		t.Fatal(err)
	}
	return session, actor
}

func TestASessionTellsWhoIsThereUntilItEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		session, actor := signIn(t, o)
		if actor.Name != "account:mara@example.org" || actor.Organisation != o.org || !actor.Holds(access.ISMSManager) || actor.Person != "PER-1" {
			t.Errorf("actor %+v", actor)
		}
		_, err := o.Session(ctx, session+"x")
		wantCode(t, err, sextant.Unauthenticated)
		o.clock.Move(int64(13 * time.Hour / time.Microsecond))
		_, err = o.Session(ctx, session)
		wantCode(t, err, sextant.Unauthenticated)
		session, _ = signIn(t, o)
		if err := o.SignOut(ctx, session); err != nil {
			t.Fatal(err)
		}
		_, err = o.Session(ctx, session)
		wantCode(t, err, sextant.Unauthenticated)
	})
}

func TestAWrongSignInSaysTheSameWhateverIsWrong(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		_, unknown := o.SignIn(ctx, "nobody@example.org", goodPassword, "", "10.0.0.2")
		_, wrong := o.SignIn(ctx, "mara@example.org", "not this one at all", "", "10.0.0.3")
		wantCode(t, unknown, sextant.Unauthenticated)
		if unknown.Error() != wrong.Error() {
			t.Errorf("%q and %q differ", unknown, wrong)
		}
	})
}

func TestTriesAreCountedAndWaitedFor(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		for range 5 {
			_, err := o.SignIn(ctx, "mara@example.org", "not this one at all", "", "10.0.0.9")
			wantCode(t, err, sextant.Unauthenticated)
		}
		_, err := o.SignIn(ctx, "mara@example.org", goodPassword, "", "10.0.0.9")
		wantCode(t, err, sextant.Throttled)
		o.clock.Move(int64(time.Minute / time.Microsecond))
		signIn(t, o)
	})
}

func TestASecondFactorIsAskedForAndWorksOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		session, _ := signIn(t, o)
		_, secret, err := o.BeginSecondFactor(ctx, session)
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, o.ConfirmSecondFactor(ctx, session, secret, "000000"), sextant.Invalid)
		code := func() string {
			code, err := totp.GenerateCode(secret, o.clock.Now().Time())
			if err != nil {
				t.Fatal(err)
			}
			return code
		}
		if err := o.ConfirmSecondFactor(ctx, session, secret, code()); err != nil {
			t.Fatal(err)
		}
		_, err = o.SignIn(ctx, "mara@example.org", goodPassword, "", "a")
		wantCode(t, err, sextant.Unauthenticated)
		o.clock.Move(int64(time.Minute / time.Microsecond))
		once := code()
		if _, err = o.SignIn(ctx, "mara@example.org", goodPassword, once, "a"); err != nil {
			t.Fatal(err)
		}
		_, err = o.SignIn(ctx, "mara@example.org", goodPassword, once, "a")
		wantCode(t, err, sextant.Unauthenticated)
	})
}

func TestATokenActsWithinItsScopeUntilItEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		_, mara := signIn(t, o)
		token, err := o.MakeToken(ctx, mara, "mara@example.org", "ci", []access.Verb{access.Read}, time.Hour)
		if err != nil || !strings.HasPrefix(token, "sxt_") {
			t.Fatalf("%q, %v", token, err)
		}
		actor, err := o.Token(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, access.May(actor, access.Edit, access.Subject{}, o.clock.Now()), sextant.Denied)
		if err := access.May(actor, access.Read, access.Subject{}, o.clock.Now()); err != nil {
			t.Error(err)
		}
		o.clock.Move(int64(2 * time.Hour / time.Microsecond))
		_, err = o.Token(ctx, token)
		wantCode(t, err, sextant.Unauthenticated)
		_, err = o.MakeToken(ctx, mara, "mara@example.org", "for ever", nil, 2*366*24*time.Hour)
		wantCode(t, err, sextant.Invalid)
	})
}

func TestAnInvitedAuditorsAccessEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		_, mara := signIn(t, o)
		_, err := o.Invite(ctx, mara, "auditor@example.com", "", []access.Role{access.ExternalAuditor}, 0)
		wantCode(t, err, sextant.Invalid)
		link, err := o.Invite(ctx, mara, "auditor@example.com", "", []access.Role{access.ExternalAuditor}, o.clock.Now().Add(24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		session, err := o.Join(ctx, link, "Vera", "a long enough secret", "")
		if err != nil {
			t.Fatal(err)
		}
		actor, err := o.Session(ctx, session)
		if err != nil || !actor.Holds(access.ExternalAuditor) {
			t.Fatalf("%+v, %v", actor, err)
		}
		_, err = o.Invite(ctx, actor, "x@example.com", "", []access.Role{access.Reader}, 0)
		wantCode(t, err, sextant.Denied)
		_, err = o.Join(ctx, link, "Again", "a long enough secret", "")
		wantCode(t, err, sextant.NotFound)
		o.clock.Move(int64(25 * time.Hour / time.Microsecond))
		wantCode(t, access.May(actor, access.Read, access.Subject{}, o.clock.Now()), sextant.Denied)
	})
}

func TestAnotherOrganisationAndAMissingOneAreTheSame(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		other, err := o.Create(ctx, "Elsewhere", "Otto", "otto@example.org", goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		session, _ := signIn(t, o)
		theirs, missing := o.SwitchOrganisation(ctx, session, other), o.SwitchOrganisation(ctx, session, 999)
		wantCode(t, theirs, sextant.NotFound)
		if theirs.Error() != missing.Error() {
			t.Errorf("%q and %q differ", theirs, missing)
		}
	})
}

func TestASetUpLinkWorksOnceForHalfAnHour(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		link, err := o.SetUpLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.SetUp(ctx, link, "Second", "Nia", "nia@example.org", "short")
		wantCode(t, err, sextant.Invalid)
		if _, err := o.SetUp(ctx, link, "Second", "Nia", "nia@example.org", goodPassword); err != nil {
			t.Fatal(err)
		}
		_, err = o.SetUp(ctx, link, "Third", "Nia", "nia2@example.org", goodPassword)
		wantCode(t, err, sextant.NotFound)
		late, err := o.SetUpLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		o.clock.Move(int64(31 * time.Minute / time.Microsecond))
		if o.SetUpPending(ctx, late) {
			t.Error("the link is still good after 31 minutes")
		}
	})
}

func TestAChangedPasswordEndsOtherSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		here, _ := signIn(t, o)
		there, _ := signIn(t, o)
		if err := o.ChangePassword(ctx, here, goodPassword, "", "eight grey herons"); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Session(ctx, here); err != nil {
			t.Errorf("this session ended too: %v", err)
		}
		_, err := o.Session(ctx, there)
		wantCode(t, err, sextant.Unauthenticated)
	})
}
