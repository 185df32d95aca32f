// SPDX-License-Identifier: Apache-2.0

package lint_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/lint"
	"sextant/product/producttest"
	"sextant/register"
)

func TestEveryRuleIsCompleteAndNothingHeuristicBlocks(t *testing.T) {
	core := 0
	for _, r := range lint.Rules() {
		if again, ok := lint.Named(r.ID); !ok || again.Title != r.Title {
			t.Errorf("%s is not found by its id", r.ID)
		}
		for name := range r.Params {
			if !strings.Contains(r.Condition+r.Why, "{"+name+"}") && name != "small" && name != "many" {
				t.Logf("%s: parameter %s is not in its words", r.ID, name)
			}
		}
		if r.Priority == 1 {
			core++
		}
	}
	if core < 20 || len(lint.Rules()) < 125 {
		t.Errorf("%d rules, %d of the first priority", len(lint.Rules()), core)
	}
	if len(lint.Blocking("soa review")) < 8 {
		t.Errorf("only %d rules stand in the way of a statement", len(lint.Blocking("soa review")))
	}
	if _, ok := lint.Named("no-such-rule"); ok {
		t.Error("a rule that is none is found")
	}
}

func TestSeveritiesAreOrdered(t *testing.T) {
	if !lint.Major.AtLeast(lint.Minor) || !lint.Minor.AtLeast(lint.Minor) || lint.Observation.AtLeast(lint.Minor) || lint.Severity("").AtLeast(lint.Observation) {
		t.Error("severities are not in order")
	}
}

// stray finds tasks whose title says so; the test's own condition.
func stray(l lint.Look) (a lint.Answer, err error) {
	all, err := l.View.Select("task")
	for _, e := range all {
		if a.Looked++; strings.Contains(e.Title(), "stray") {
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{e.Key}, Facts: e.Title(), Place: "/tasks/" + e.Key})
		}
	}
	return a, err
}

var rule = lint.Rule{ID: "task-overdue", Title: "Stray", Severity: lint.Minor, Certainty: lint.Exact}

func ask(t *testing.T, h *producttest.House, at sextant.Instant) (v lint.Verdict) {
	t.Helper()
	h.Look(t, at, func(view *register.View, m evidence.Reader) error {
		list, err := lint.Run(lint.Look{View: view, Evidence: m}, lint.Conditions{rule.ID: stray}, []lint.Rule{rule})
		if err == nil {
			v = list[0]
		}
		return err
	})
	return v
}

func newTask(t *testing.T, h *producttest.House, title string) register.Entry {
	t.Helper()
	return h.Create(t, "task", map[string]any{"title": title, "assignee": "PER-1", "due_on": "2099-01-01"})
}

func retitle(t *testing.T, h *producttest.House, key, title string) {
	t.Helper()
	h.Write(t, func(tx *register.Tx) error {
		_, err := tx.Edit("task", key, 0, map[string]any{"title": title}, register.Note{})
		return err
	})
}

func TestARuleFindsIsWaivedAndCannotTell(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		if v := ask(t, h, 0); v.Outcome() != lint.Clean || v.Looked != 0 {
			t.Fatalf("of nothing it is %s after looking at %d", v.Outcome(), v.Looked)
		}
		first, second := newTask(t, h, "a stray one"), newTask(t, h, "another stray one")
		if v := ask(t, h, 0); len(v.Findings) != 2 || v.Looked != 2 {
			t.Fatalf("found %+v", v.Findings)
		}
		waive(t, h, map[string]any{"resources": []string{first.Key}, "starts_on": day(h, 0), "expires_on": day(h, 10)})
		v := ask(t, h, 0)
		if len(v.Findings) != 1 || v.Findings[0].Entries[0] != second.Key || len(v.Waived) != 1 || v.Waived[0].Reason != "Known." || v.Waived[0].Approver != h.People[access.ISMSManager] {
			t.Errorf("one is waived: %+v, %+v", v.Findings, v.Waived)
		}
		waive(t, h, map[string]any{"starts_on": day(h, 0), "expires_on": day(h, 5)})
		if v := ask(t, h, 0); v.Outcome() != lint.Excused || len(v.Waived) != 2 {
			t.Errorf("all are waived, and it is %s", v.Outcome())
		}
		h.Later(6 * 24 * time.Hour)
		if v := ask(t, h, 0); len(v.Findings) != 1 || len(v.Waived) != 1 {
			t.Errorf("after the one that covers all ended: %d found, %d waived", len(v.Findings), len(v.Waived))
		}
		h.Look(t, 0, func(view *register.View, m evidence.Reader) error {
			list, err := lint.Run(lint.Look{View: view, Evidence: m}, nil, []lint.Rule{{ID: "x", Needs: []string{"risks"}}})
			if err == nil && (list[0].Outcome() != lint.Unknown || !strings.Contains(list[0].CannotTell, "risks")) {
				t.Errorf("a rule nobody computes is %s: %q", list[0].Outcome(), list[0].CannotTell)
			}
			return err
		})
	})
}

func day(h *producttest.House, days int) string {
	return h.Clock().Time().AddDate(0, 0, days).Format(time.DateOnly)
}

// waive has an exception on the test's rule approved by the ISMS manager.
func waive(t *testing.T, h *producttest.House, values map[string]any) {
	t.Helper()
	values["title"], values["reason"], values["rule"] = "Known", "Known.", lint.ReferencePrefix+rule.ID
	values["requested_by"], values["approver"] = h.People[access.Owner], h.People[access.ISMSManager]
	e := h.Create(t, "exception", values)
	person := h.People[access.ISMSManager]
	manager := access.Actor{Organisation: h.Org, Name: "person:" + person, Person: person, Roles: []access.Role{access.ISMSManager}, Proof: access.Proof{Method: access.Password, At: h.Clock()}}
	for _, move := range []string{"request", "approve"} {
		if err := h.Kernel.Write(t.Context(), manager, func(tx *register.Tx) error {
			_, err := tx.Transition("exception", e.Key, 0, move, nil, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever happened before: at the moment a finding is dated to it was there,
// and a second earlier it was not, unless the log began with it.
func TestAFindingIsDatedToWhenItBegan(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		random := rand.New(rand.NewPCG(4, 23))
		var tasks []string
		for range 60 {
			h.Later(time.Duration(1+random.IntN(40*24*3600)) * time.Second)
			if len(tasks) < 4 {
				tasks = append(tasks, newTask(t, h, "quiet").Key)
				continue
			}
			retitle(t, h, tasks[random.IntN(len(tasks))], []string{"quiet", "stray", "a stray thing", "still"}[random.IntN(4)])
		}
		retitle(t, h, tasks[0], "stray at the end")
		found := ask(t, h, 0).Findings
		h.Look(t, 0, func(v *register.View, m evidence.Reader) error {
			return lint.Date(lint.Look{View: v, Evidence: m}, stray, rule, found, time.Time{})
		})
		for _, f := range found {
			held := lint.Finding{}
			h.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
				held.Since, err = lint.Held(v, "task", f.Entries[0], func(e register.Entry) bool { return strings.Contains(e.Title(), "stray") })
				return err
			})
			there := func(at sextant.Instant) bool { return slices.ContainsFunc(ask(t, h, at).Findings, f.Is) }
			if f.Since == 0 || !there(f.Since) || there(f.Since.Add(-time.Second)) {
				t.Errorf("%s dated to %s: there %v, a second before %v", f.Entries[0], f.Since, there(f.Since), there(f.Since.Add(-time.Second)))
			}
			if !there(held.Since) || there(held.Since-1) {
				t.Errorf("%s held since %s: there %v, just before %v", f.Entries[0], held.Since, there(held.Since), there(held.Since-1))
			}
		}
		if len(found) == 0 {
			t.Error("nothing was found to be dated")
		}
	})
}

// A page that has no time left shows what was found; ages stay open, and nothing
// else of the finding is lost.
func TestWhatIsNotComeToInTimeHasNoAge(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		h.Later(24 * time.Hour)
		newTask(t, h, "stray")
		found := ask(t, h, 0).Findings
		dated := slices.Clone(found)
		h.Look(t, 0, func(v *register.View, m evidence.Reader) error {
			return lint.Date(lint.Look{View: v, Evidence: m}, stray, rule, dated, time.Now().Add(-time.Second))
		})
		if len(dated) != 1 || dated[0].Since != 0 || !dated[0].Is(found[0]) {
			t.Errorf("%+v", dated)
		}
	})
}
