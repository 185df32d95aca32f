// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sextant"
	"sextant/access"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/register"
	"sextant/register/registertest"
	"sextant/secret"
)

// office is an installation with accounts and a clock.
type office struct {
	*access.Accounts
	store *store.Store
	clock *registertest.Clock
	org   sextant.Organisation
	begin error // what the beginning of an organisation ends with
}

func newOffice(t *testing.T, s *store.Store, clock *registertest.Clock) *office {
	t.Helper()
	key, err := secret.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	o := &office{store: s, clock: clock}
	o.Accounts = access.NewAccounts(s, key, clock.Now, func(ctx context.Context, f access.Founding) (sextant.Organisation, error) {
		made, err := s.Found(ctx, f, func(sextant.Organisation, register.WriteTx) (string, error) { return "PER-1", o.begin })
		return made.Number, err
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
		if actor.Name != "person:PER-1" || actor.Email != "mara@example.org" || actor.Organisation != o.org || !actor.Holds(access.ISMSManager) || actor.Person != "PER-1" {
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

func TestManyTriesAtOnceAreAsManyTries(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		var let atomic.Int64
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() {
				_, err := o.SignIn(ctx, "mara@example.org", "not this one at all", "", fmt.Sprintf("10.0.1.%d", i))
				if sextant.CodeOf(err) != sextant.Throttled {
					let.Add(1)
				}
			})
		}
		all.Wait()
		if n := let.Load(); n != 5 {
			t.Errorf("%d of 30 tries at once were let through, not 5", n)
		}
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
		wantCode(t, o.ConfirmSecondFactor(ctx, session, secret, code()), sextant.Conflict) // a session alone exchanges none
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

func invited(t *testing.T, o *office, by access.Actor, email string, role access.Role, until sextant.Instant) (string, access.Actor) {
	t.Helper()
	link, err := o.Invite(ctx, by, email, "", []access.Role{role}, until)
	if err != nil {
		t.Fatal(err)
	}
	session, err := o.Join(ctx, link, "Somebody", goodPassword, "")
	if err != nil {
		t.Fatal(err)
	}
	actor, err := o.Session(ctx, session)
	if err != nil {
		t.Fatal(err)
	}
	return session, actor
}

func TestMembersAreKeptWithTheirLastVisitAndOneAdministratorStays(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		_, mara := signIn(t, o)
		o.clock.Move(int64(2 * time.Minute / time.Microsecond))
		_, nia := invited(t, o, mara, "nia@example.org", access.Owner, 0)
		_, err := o.Members(ctx, nia)
		wantCode(t, err, sextant.Denied)
		o.clock.Move(int64(2 * time.Minute / time.Microsecond))
		session, _ := signIn(t, o)
		o.clock.Move(int64(2 * time.Minute / time.Microsecond))
		if _, err := o.Session(ctx, session); err != nil {
			t.Fatal(err)
		}
		members, err := o.Members(ctx, mara)
		if err != nil || len(members) != 2 || members[0].Email != "mara@example.org" || members[1].Seen == 0 || members[1].Seen >= members[0].Seen {
			t.Errorf("%+v, %v", members, err)
		}
		for what, got := range map[string]error{
			"no role":          o.Admit(ctx, mara, "nia@example.org", nil, "", 0),
			"an unknown role":  o.Admit(ctx, mara, "nia@example.org", []access.Role{"king"}, "", 0),
			"operator":         o.Admit(ctx, mara, "nia@example.org", []access.Role{access.Operator}, "", 0),
			"an end that was":  o.Admit(ctx, mara, "nia@example.org", []access.Role{access.Reader}, "", 1),
			"auditor for ever": o.Admit(ctx, mara, "nia@example.org", []access.Role{access.ExternalAuditor}, "", 0),
		} {
			if sextant.CodeOf(got) != sextant.Invalid {
				t.Errorf("%s: %v", what, got)
			}
		}
		wantCode(t, o.Dismiss(ctx, mara, "mara@example.org"), sextant.Conflict)
		wantCode(t, o.Admit(ctx, mara, "mara@example.org", []access.Role{access.ISMSManager}, "", 0), sextant.Conflict)
		wantCode(t, o.Admit(ctx, mara, "mara@example.org", []access.Role{access.Admin}, "", o.clock.Now().Add(time.Hour)), sextant.Conflict)
		if err := o.Admit(ctx, mara, "nia@example.org", []access.Role{access.Admin}, "PER-2", 0); err != nil {
			t.Fatal(err)
		}
		if m, err := o.Member(ctx, mara, "nia@example.org"); err != nil || m.Person != "PER-2" || m.Roles[0] != access.Admin {
			t.Errorf("%+v, %v", m, err)
		}
		if err := o.Dismiss(ctx, nia, "mara@example.org"); err == nil {
			t.Error("a right of a request before counts")
		}
	})
}

func TestAnInvitationIsListedWithdrawnAndLeadsIntoItsOrganisation(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		_, mara := signIn(t, o)
		other, err := o.Create(ctx, "Elsewhere", "Otto", "otto@example.org", goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		link, err := o.Invite(ctx, mara, "otto@example.org", "", []access.Role{access.Reader}, 0)
		if err != nil {
			t.Fatal(err)
		}
		waiting, err := o.Invitations(ctx, mara)
		if err != nil || len(waiting) != 1 || waiting[0].Email != "otto@example.org" {
			t.Fatalf("%+v, %v", waiting, err)
		}
		for range 5 {
			_, err = o.Join(ctx, link, "", "not this one at all", "")
			wantCode(t, err, sextant.Unauthenticated)
		}
		_, err = o.Join(ctx, link, "", goodPassword, "")
		wantCode(t, err, sextant.Throttled) // an invitation is no way around the counting
		o.clock.Move(int64(time.Minute / time.Microsecond))
		session, err := o.Join(ctx, link, "", goodPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		actor, err := o.Session(ctx, session)
		if err != nil || actor.Organisation != o.org {
			t.Errorf("%+v, %v", actor, err)
		}
		places, err := o.Places(ctx, session)
		if err != nil || len(places) != 2 || places[0].Organisation != o.org || places[1].Organisation != other || !places[1].Holds(access.Admin) || places[0].Holds(access.Admin) {
			t.Errorf("%+v, %v", places, err)
		}
		second, err := o.Invite(ctx, mara, "late@example.org", "", []access.Role{access.Reader}, 0)
		if err != nil {
			t.Fatal(err)
		}
		waiting, _ = o.Invitations(ctx, mara)
		if len(waiting) != 1 {
			t.Fatalf("a used invitation is still listed: %+v", waiting)
		}
		if err := o.Withdraw(ctx, mara, waiting[0].ID()); err != nil {
			t.Fatal(err)
		}
		_, _, err = o.Invitation(ctx, second)
		wantCode(t, err, sextant.NotFound)
		wantCode(t, o.Withdraw(ctx, mara, waiting[0].ID()), sextant.NotFound)
	})
}

func TestAnAccessThatEndedIsPassedOverAtTheNextSignIn(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		_, mara := signIn(t, o)
		other, err := o.Create(ctx, "Elsewhere", "Otto", "otto@example.org", goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		session, _ := invited(t, o, mara, "otto@example.org", access.Reader, o.clock.Now().Add(time.Hour))
		o.clock.Move(int64(2 * time.Hour / time.Microsecond))
		_, err = o.Session(ctx, session)
		wantCode(t, err, sextant.Unauthenticated)
		wantCode(t, o.SwitchOrganisation(ctx, session, o.org), sextant.NotFound)
		session, err = o.SignIn(ctx, "otto@example.org", goodPassword, "", "a")
		if err != nil {
			t.Fatal(err)
		}
		if actor, err := o.Session(ctx, session); err != nil || actor.Organisation != other {
			t.Errorf("%+v, %v", actor, err)
		}
	})
}

func TestSomebodyLooksAfterTheirOwnSessionsTokensAndSecondFactor(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		here, mara := signIn(t, o)
		there, _ := signIn(t, o)
		_, nia := invited(t, o, mara, "nia@example.org", access.Owner, 0)
		open, err := o.Sessions(ctx, here)
		if err != nil || len(open) != 2 {
			t.Fatalf("%+v, %v", open, err)
		}
		for _, x := range open {
			if want := sextant.Code(""); !x.Current {
				wantCode(t, o.EndSession(ctx, here, x.ID), want)
			} else {
				wantCode(t, o.EndSession(ctx, here, x.ID), sextant.NotFound)
			}
		}
		_, err = o.Session(ctx, there)
		wantCode(t, err, sextant.Unauthenticated)

		token, err := o.MakeToken(ctx, nia, "nia@example.org", "mine", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.MakeToken(ctx, mara, "nia@example.org", "in her name", nil, 0)
		wantCode(t, err, sextant.Denied)
		_, err = o.MakeToken(ctx, nia, "nia@example.org", "odd", []access.Verb{"fly"}, 0)
		wantCode(t, err, sextant.Invalid)
		limited := nia
		limited.Scope = []access.Verb{access.Admit, access.Read}
		_, err = o.MakeToken(ctx, limited, "nia@example.org", "wider", nil, 0)
		wantCode(t, err, sextant.Denied)
		own, err := o.OwnTokens(ctx, nia)
		if err != nil || len(own) != 1 || own[0].Title != "mine" || own[0].Email != "nia@example.org" {
			t.Fatalf("%+v, %v", own, err)
		}
		if none, err := o.OwnTokens(ctx, mara); err != nil || len(none) != 0 {
			t.Errorf("%+v, %v", none, err)
		}
		_, err = o.MakeToken(ctx, mara, "mara@example.org", "hers", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		theirs, _ := o.OwnTokens(ctx, mara)
		wantCode(t, o.RevokeToken(ctx, nia, theirs[0].ID), sextant.NotFound)
		wantCode(t, o.RevokeToken(ctx, nia, own[0].ID), "")
		_, err = o.Token(ctx, token)
		wantCode(t, err, sextant.Unauthenticated)

		_, secret, err := o.BeginSecondFactor(ctx, here)
		if err != nil {
			t.Fatal(err)
		}
		code := func() string { c, _ := totp.GenerateCode(secret, o.clock.Now().Time()); return c }
		if err := o.ConfirmSecondFactor(ctx, here, secret, code()); err != nil {
			t.Fatal(err)
		}
		if me, err := o.Profile(ctx, here); err != nil || !me.SecondFactor || me.Email != "mara@example.org" {
			t.Errorf("%+v, %v", me, err)
		}
		wantCode(t, o.EndSecondFactor(ctx, here, goodPassword, "000000"), sextant.Unauthenticated)
		o.clock.Move(int64(time.Minute / time.Microsecond))
		wantCode(t, o.EndSecondFactor(ctx, here, goodPassword, code()), "")
		if me, _ := o.Profile(ctx, here); me.SecondFactor {
			t.Error("the second factor is still on")
		}
	})
}

// An organisation nobody can enter must never be: where its beginning fails,
// there is neither organisation nor account, and the set-up link stays good.
func TestAnOrganisationIsFoundedWholeOrNotAtAll(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		link, err := o.SetUpLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		o.begin = sextant.Errorf(sextant.Invalid, "the beginning is refused")
		_, err = o.SetUp(ctx, link, "Southbay", "Otto", "otto@example.org", goodPassword)
		wantCode(t, err, sextant.Invalid)
		if all, err := o.store.Organisations(ctx); err != nil || len(all) != 1 {
			t.Errorf("%d organisations, %v", len(all), err)
		}
		_, err = o.store.AccountByEmail(ctx, "otto@example.org")
		wantCode(t, err, sextant.NotFound)
		o.begin = nil
		if _, err := o.SetUp(ctx, link, "Southbay", "Mara", "mara@example.org", goodPassword); sextant.CodeOf(err) != sextant.Conflict {
			t.Errorf("an address that is taken: %v", err)
		}
		if _, err := o.SetUp(ctx, link, "Southbay", "Otto", "otto@example.org", goodPassword); err != nil {
			t.Errorf("the link was lost by a refusal: %v", err)
		}
		_, err = o.SetUp(ctx, link, "Eastbay", "Eva", "eva@example.org", goodPassword)
		wantCode(t, err, sextant.NotFound)
		all, err := o.store.Organisations(ctx)
		if err != nil || len(all) != 2 {
			t.Fatalf("%d organisations, %v", len(all), err)
		}
		members, err := o.store.Members(ctx, all[1].Number)
		if err != nil || len(members) != 1 || members[0].Person != "PER-1" || len(members[0].Roles) != 3 {
			t.Errorf("members %+v, %v", members, err)
		}
	})
}

// A link used by two at once admits one; two who join at once are two accounts.
func TestTwoWhoJoinAtOnceDoNotShareALinkOrANumber(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		operator := access.Actor{Organisation: o.org, Name: "operator:test", Roles: []access.Role{access.Operator}}
		var wg sync.WaitGroup
		var joined atomic.Int64
		for i := range 3 {
			link, err := o.Invite(ctx, operator, fmt.Sprintf("p%d@example.org", i), "", []access.Role{access.Reader}, 0)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				wg.Go(func() {
					_, err := o.Join(ctx, link, "Somebody", goodPassword, "")
					if err == nil {
						joined.Add(1)
					} else if code := sextant.CodeOf(err); code == sextant.Internal || code == sextant.Unavailable {
						t.Errorf("joining broke: %v", err)
					}
				})
			}
		}
		wg.Wait()
		members, err := o.store.Members(ctx, o.org)
		if err != nil || joined.Load() != 3 || len(members) != 4 {
			t.Errorf("%d joined, %d members, %v", joined.Load(), len(members), err)
		}
	})
}
