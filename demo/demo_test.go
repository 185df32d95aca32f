// SPDX-License-Identifier: Apache-2.0

package demo_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/demo"
	"sextant/demo/cloud"
	"sextant/evidence"
	"sextant/internal/blob"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/monitor"
	"sextant/product"
	"sextant/register"
	"sextant/risk"
	"sextant/secret"
)

var present = sextant.InstantOf(time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC))

// company is a demo in a store of its own.
type company struct {
	kernel   *register.Kernel
	accounts *access.Accounts
	way      *monitor.Way
	store    *store.Store
	actor    access.Actor
}

func told(t *testing.T, config store.Config) company {
	t.Helper()
	clock := &demo.Clock{}
	config.Clock = clock.Now
	s, err := store.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	folder, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := secret.Open(t.TempDir() + "/key")
	if err != nil {
		t.Fatal(err)
	}
	kernel := register.New(s, product.Registers(), register.Config{Clock: clock.Now, Blobs: folder, Sealer: key, Functions: product.Functions(), Renderers: product.Renderers()})
	accounts := access.NewAccounts(s, key, clock.Now, func(ctx context.Context, f access.Founding) (sextant.Organisation, error) {
		org, _, err := product.Begin(ctx, s, kernel, f)
		return org, err
	})
	world, err := cloud.New(present)
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(t.Context(), demo.Parts{World: world, Store: s, Kernel: kernel, Accounts: accounts, Clock: clock}); err != nil {
		t.Fatal(err)
	}
	return company{kernel, accounts, product.Way(kernel, s), s, access.SystemActor(1, "test")}
}

// A year takes its time to be told, so it is told once for all that is asked.
func TestTheStory(t *testing.T) {
	one := told(t, store.Config{Folder: t.TempDir()})
	t.Run("it holds what pages need", one.holdsWhatPagesNeed)
	t.Run("it holds risks in every stage", one.risksInEveryStage)
	t.Run("its current risk follows the evidence", one.currentRiskFollows)
	t.Run("everybody signs in", one.everybodySignsIn)
	t.Run("equal presents give equal companies, here on PostgreSQL", one.equalOnPostgreSQL)
}

func (c company) holdsWhatPagesNeed(t *testing.T) {
	states := c.states(t)
	for _, state := range []control.State{control.Pass, control.Fail, control.Error, control.Stale, control.FailInGrace, control.Excepted, control.Partial, control.NotAssessed} {
		if states[state] == 0 {
			t.Errorf("no control is %s: %v", state.Label(), states)
		}
	}
	if states[control.Pass] < 30 {
		t.Errorf("%d controls pass; the story has a third of them", states[control.Pass])
	}
	for register, least := range map[string]int{"person": 14, "scope_unit": 5, "asset": 40, "implementation": 93, "soa_row": 93, "attestation": 150, "task": 35, "exception": 5, "source": 3, "comment": 10, "attachment": 3, "sign_off": 150, "risk_criteria": 2, "risk": 41, "risk_evaluation": 110, "risk_assessment": 3, "treatment": 17, "acceptance": 10, "isms_opportunity": 5, "risk_scenario": 3} {
		if n := c.count(t, register); n < least {
			t.Errorf("%d of %s, the story has at least %d", n, register, least)
		}
	}
}

// risksInEveryStage: pages about risks find each stage of a risk, a treatment and
// a signature at least once.
func (c company) risksInEveryStage(t *testing.T) {
	for name, states := range map[string][]string{
		"risk":            {risk.Identified, risk.Evaluated, risk.Acceptable, risk.Treating, risk.Monitored, risk.Closed, risk.Rejected},
		"treatment":       {risk.Planned, risk.Proposed, risk.Agreed, risk.InProgress, risk.Done, risk.Verified, risk.Refused},
		"acceptance":      {risk.Requested, risk.Accepted, risk.Broken, risk.Lapsed, risk.Declined},
		"risk_criteria":   {risk.Approved, risk.Superseded},
		"risk_assessment": {risk.ToCome, risk.Approved},
	} {
		there := map[string]int{}
		c.each(t, name, func(e register.Entry) { there[e.State]++ })
		for _, state := range states {
			if there[state] == 0 {
				t.Errorf("no %s is %s: %v", name, state, there)
			}
		}
	}
}

// currentRiskFollows: evidence lets some controls hold, has some give back what
// they took off, and leaves some unknown; nothing is behind.
func (c company) currentRiskFollows(t *testing.T) {
	broken, gives, spans := 0, 0, 0
	c.each(t, "risk", func(e register.Entry) {
		r, err := register.As[risk.Risk](e)
		if err != nil {
			t.Fatal(err)
		}
		if r.Fields.Acceptance == risk.Broken {
			broken++
		}
		if strings.Contains(r.Fields.Because, "does not work") || strings.Contains(r.Fields.Because, "do not work") {
			gives++
		}
		if r.Fields.BestLevel != nil && *r.Fields.BestLevel < *r.Fields.CurrentLevel {
			spans++
		}
	})
	if broken != 2 || gives < 3 || spans < 5 {
		t.Errorf("%d acceptances are broken, want 2; %d risks have a control that does not work, %d are not known exactly", broken, gives, spans)
	}
	err := c.kernel.Read(t.Context(), c.actor, 0, func(v *register.View) error {
		behind, err := risk.Behind(v)
		if len(behind) > 0 {
			t.Errorf("%v are kept as something else than follows from what is recorded", behind)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (c company) everybodySignsIn(t *testing.T) {
	for _, l := range demo.Logins() {
		session, err := c.accounts.SignIn(t.Context(), l.Email, demo.Password, "", "test")
		if err != nil {
			t.Errorf("%s: %v", l.Email, err)
			continue
		}
		if actor, err := c.accounts.Session(t.Context(), session); err != nil || actor.Person == "" {
			t.Errorf("%s is nobody: %+v, %v", l.Email, actor, err)
		}
	}
}

// states counts the controls by what the evidence shows at the present of the
// story.
func (c company) states(t *testing.T) map[control.State]int {
	t.Helper()
	counts := map[control.State]int{}
	err := c.store.Machine(t.Context(), 1, func(r evidence.Reader) error {
		list, err := r.Statuses("control/", sextant.LatestSeq)
		for _, s := range list {
			counts[control.State(s.State)]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func (c company) count(t *testing.T, name string) (n int) {
	t.Helper()
	err := c.kernel.Read(t.Context(), c.actor, 0, func(v *register.View) (err error) {
		n, err = v.CountOf(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (c company) equalOnPostgreSQL(t *testing.T) {
	database := testserver.PostgreSQL(t)
	other := told(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner})
	for _, name := range []string{"person", "asset", "implementation", "soa_row", "attestation", "task", "exception", "source", "expected_source", "comment", "attachment", "risk", "risk_evaluation", "risk_assessment", "treatment", "acceptance"} {
		a, b := c.entries(t, name), other.entries(t, name)
		if !slices.Equal(a, b) {
			t.Errorf("%s differ: %s", name, firstDifference(a, b))
		}
	}
	if a, b := c.states(t), other.states(t); a[control.Pass] != b[control.Pass] || a[control.Fail] != b[control.Fail] {
		t.Errorf("states differ: %v and %v", a, b)
	}
}

func (c company) entries(t *testing.T, name string) (list []string) {
	t.Helper()
	c.each(t, name, func(e register.Entry) {
		data, err := json.Marshal(e.Doc)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e.Key+" "+e.State+" "+e.Actor+" "+string(data))
	})
	return list
}

func (c company) each(t *testing.T, name string, fn func(register.Entry)) {
	t.Helper()
	err := c.kernel.Read(t.Context(), c.actor, 0, func(v *register.View) error {
		entries, err := v.Select(name)
		for _, e := range entries {
			fn(e)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func firstDifference(a, b []string) string {
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return a[i] + "\n" + b[min(i, len(b)-1)]
		}
	}
	return "one is longer"
}
