// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/connector"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/monitor"
	"sextant/register"
)

// history is a random one of everything that may happen to an organisation.
type history struct {
	*house
	*world
	r        *rand.Rand
	variants map[string]int // of the checks: which expression, which parameter
	off      map[string]bool
	gone     map[string]bool
	keys     map[string][]string // entries by register
	upto     map[string]map[thing]map[string]any
	said     []said
}

// said is what was answered at a moment.
type said struct {
	at       sextant.Instant
	op       string
	explain  string // as JSON
	standing string
}

// six checks, one for every aggregate and one that looks at the clock. A
// variant changes the expression, the parameter, or how long it counts.
func (h *history) build() {
	two := 2
	h.checks = nil
	for _, c := range []check.Check{
		{ID: "t.all", Resource: "t:x", Pass: "resource.flag", Aggregate: check.All, Supports: []string{"A.8.13/databases-backed-up"}},
		{ID: "t.any", Resource: "t:x", Pass: "resource.n > params.n", Aggregate: check.Any, Params: map[string]any{"n": 3}},
		{ID: "t.none", Resource: "t:y", Where: "resource.n > 0", Pass: "resource.flag", Aggregate: check.None, Supports: []string{"A.8.2/root-idle"}},
		{ID: "t.percent", Resource: "t:y", Pass: "resource.flag || resource.n == 0", Aggregate: check.Percent, Threshold: 60},
		{ID: "t.count", Resource: "t:x", Pass: "resource.n == 1", Aggregate: check.Count, Max: &two},
		{ID: "t.clock", Resource: "t:y", Pass: "hours_since(resource.made_at, now) < params.hours", Aggregate: check.All, Params: map[string]any{"hours": 400}, Supports: []string{"A.8.16/findings-not-left"}},
	} {
		if h.gone[c.ID] {
			continue
		}
		c.Title, c.Severity, c.Freshness, c.Grace, c.Reason = c.ID, check.Medium, "P2D", "P1D", `resource.name + " is not so"`
		variant := h.variants[c.ID]
		if variant&1 > 0 {
			c.Pass = "(" + c.Pass + ") && resource.n < 5"
		}
		if variant&2 > 0 {
			c.Freshness, c.Grace = "P1D", "P3D"
		}
		compiled, err := check.Compile(c)
		if err != nil {
			h.t.Fatal(err)
		}
		if variant&4 > 0 && len(c.Params) > 0 {
			name := slices.Collect(func(yield func(string) bool) {
				for k := range c.Params {
					yield(k)
				}
			})[0]
			if compiled, err = compiled.With(check.Setting{IsOn: true, Params: []check.ParamValue{{Name: name, Value: "2"}}}, h.now); err != nil {
				h.t.Fatal(err)
			}
		}
		if h.off[c.ID] {
			compiled.Off = "CS-99"
		}
		h.checks = append(h.checks, compiled)
	}
}

func newHistory(t testing.TB, open func(testing.TB) *house, seed uint64) *history {
	h := &history{house: open(t), world: newWorld(), r: rand.New(rand.NewPCG(seed, 7)), variants: map[string]int{}, off: map[string]bool{}, gone: map[string]bool{}, keys: map[string][]string{}, upto: map[string]map[thing]map[string]any{}}
	h.create("person", map[string]any{"name": "Bea", "kind": "employee"})
	h.keys["scope_unit"] = []string{"SU-1", h.create("scope_unit", map[string]any{"title": "North", "kind": "team", "is_in_scope": true, "parent": "SU-1"})}
	h.create("own_control", map[string]any{"reference": "NQ-1", "title": "Ours", "objective": "o", "description": "d", "owner": "PER-1"})
	h.keys["management_system"] = []string{h.create("management_system", map[string]any{"title": "ISMS", "scope": "All."})}
	h.edit("organisation", "ORG-1", map[string]any{"cloud_role": "customer"})
	for range 12 {
		h.world.change(h.r)
	}
	return h
}

// rows of a history: of the base, of an extension that comes and goes, and one
// of the organisation's own.
var controlsOfHistory = []string{"A.8.13", "A.8.2", "A.8.16", "CLD.9.5.2", "NQ-1"}

// step lets one thing happen and says which.
func (h *history) step() string {
	h.now += sextant.Instant(1 + h.r.IntN(1000))
	ids := []string{"t.all", "t.any", "t.none", "t.percent", "t.count", "t.clock"}
	switch n := h.r.IntN(100); {
	case n < 30:
		for range 1 + h.r.IntN(4) {
			h.world.change(h.r)
		}
		return "the world changes"
	case n < 55:
		states := []connector.State{connector.Complete, connector.Complete, connector.Complete, connector.Partial, connector.Refused, connector.Skipped}
		s, state := h.slices[h.r.IntN(4)], states[h.r.IntN(len(states))]
		h.run(h.house, s, state, h.r.IntN(4))
		return fmt.Sprintf("a %s run of %v", state, s)
	case n < 60:
		h.variants[ids[h.r.IntN(6)]] = h.r.IntN(8)
		return "a check changes"
	case n < 63:
		id := ids[h.r.IntN(6)]
		h.off[id] = !h.off[id]
		return "a check is switched"
	case n < 65:
		id := ids[h.r.IntN(6)]
		h.gone[id] = !h.gone[id]
		return "a check comes or goes"
	case n < 67:
		h.forget(h.house, fmt.Sprintf("source-%d", 1+h.r.IntN(2)))
		return "a source is forgotten"
	case n < 80:
		h.now = h.now.Add([]time.Duration{time.Minute, time.Hour, 5 * time.Hour, 30 * time.Hour, 72 * time.Hour}[h.r.IntN(5)])
		return "time goes by"
	case n < 82:
		h.now = h.now.Add(-time.Duration(h.r.IntN(120)) * time.Minute)
		recorded := h.recordedAt() // what was answered for a moment that now lies ahead again and is not recorded over is no past
		h.said = slices.DeleteFunc(h.said, func(s said) bool { return s.at > recorded && s.at >= h.now })
		return "the clock goes back"
	}
	return h.entry()
}

// entry writes to one of the registers states are derived from.
func (h *history) entry() string {
	day := func(days int) string {
		return h.now.Add(time.Duration(days) * 24 * time.Hour).Time().Format(time.DateOnly)
	}
	switch h.r.IntN(6) {
	case 0:
		c, unit := controlsOfHistory[h.r.IntN(5)], h.keys["scope_unit"][h.r.IntN(2)]
		if slices.Contains(h.keys["pairs"], c+unit) {
			return "nothing"
		}
		h.keys["pairs"] = append(h.keys["pairs"], c+unit)
		h.keys["implementation"] = append(h.keys["implementation"], h.create("implementation", map[string]any{"control": framework.ReferenceOf(c), "scope_unit": unit}))
		return "an implementation"
	case 1:
		key := h.create("exception", map[string]any{"title": "x", "control": framework.ReferenceOf(controlsOfHistory[h.r.IntN(5)]), "reason": "r", "requested_by": "PER-1", "approver": "PER-2", "starts_on": day(h.r.IntN(3) - 1), "expires_on": day(2 + h.r.IntN(4))})
		h.move("PER-1", "exception", key, "request")
		h.move("PER-2", "exception", key, "approve")
		return "an exception"
	case 2:
		key := h.create("expected_source", map[string]any{"title": "T" + day(0) + fmt.Sprint(h.now), "identifier": fmt.Sprint(h.now), "scope_units": []any{}})
		if h.r.IntN(2) == 0 {
			h.write(func(tx *register.Tx) error {
				_, err := tx.Transition("expected_source", key, 0, "connect", nil, register.Note{})
				return err
			})
		}
		return "an expected source"
	case 3:
		on := []any{}
		if h.r.IntN(2) == 0 {
			on = append(on, framework.ISO27017)
		}
		h.edit("management_system", h.keys["management_system"][0], map[string]any{"extensions": on})
		return "an extension is switched"
	}
	if len(h.keys["implementation"]) == 0 {
		return "nothing"
	}
	imp := h.keys["implementation"][h.r.IntN(len(h.keys["implementation"]))]
	if h.r.IntN(2) == 0 {
		h.create("plan_line", map[string]any{"implementation": imp, "shows": fmt.Sprint("own ", h.now), "mode": "automatic", "form": "checks", "checks": []any{"check/aws.root-mfa"}})
		return "a plan line"
	}
	line := h.create("plan_line", map[string]any{"implementation": imp, "shows": fmt.Sprint("said ", h.now), "mode": "human", "form": "statement"})
	key := h.create("attestation", map[string]any{"implementation": imp, "line": line, "looked_at": "the file", "period_from": day(-40), "period_to": day(-5), "population": "all", "result": []any{"holds", "does_not_hold"}[h.r.IntN(2)], "attested_by": "PER-1", "expires_on": day(h.r.IntN(4))})
	h.move("PER-1", "attestation", key, "attest")
	return "an attestation"
}

func TestIncrementalEqualsFullOnSQLite(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { live(t, sqliteHouse, seed, 70) })
	}
}

func TestIncrementalEqualsFullOnPostgreSQL(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { live(t, postgresHouse, 100+seed, 60) })
	}
}

// live lets a history happen. After every evaluation what is kept is compared
// with what the world itself gives, and with a recount; in the end every answer
// ever given is asked for again.
func live(t *testing.T, open func(testing.TB) *house, seed uint64, steps int) {
	h := newHistory(t, open, seed)
	for range steps {
		op := h.step()
		h.build()
		switch h.r.IntN(4) {
		case 0: // nobody looks: the program is down
		case 1:
			h.settle()
		default:
			h.evaluate()
			h.compare(op)
		}
		h.said = append(h.said, h.ask(op))
		if t.Failed() {
			return
		}
	}
	h.now = h.now.Add(500 * time.Hour)
	for i, was := range h.said {
		is := h.askAt(was.at, was.op)
		if was.explain != is.explain {
			t.Fatalf("step %d (%s): as of %s it is explained otherwise: %s", i, was.op, was.at, cmp.Diff(value(t, was.explain), value(t, is.explain)))
		}
		if was.standing != is.standing {
			t.Fatalf("step %d (%s): as of %s it stands otherwise: %s", i, was.op, was.at, cmp.Diff(value(t, was.standing), value(t, is.standing)))
		}
	}
}

// compare holds what is kept against the world as it was recorded.
func (h *history) compare(op string) {
	h.t.Helper()
	recount, err := h.way.Recount(h.t.Context(), h.org)
	if err != nil || recount.Differ > 0 {
		h.t.Fatalf("after %s: %v %s", op, err, recount)
	}
	clock := h.now.Time().Truncate(time.Hour)
	if err := h.store.Machine(h.t.Context(), h.org, func(r evidence.Reader) error {
		outcomes, err := r.Outcomes(sextant.LatestSeq)
		if err != nil {
			return err
		}
		for _, c := range h.checks {
			if c.Off == "" {
				h.compareCheck(r, c, clock, outcomes, op)
			}
		}
		return nil
	}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) compareCheck(r evidence.Reader, c *check.Compiled, clock time.Time, outcomes []evidence.Outcome, op string) {
	h.t.Helper()
	want, counts := map[string]check.Result{}, check.Counts{}
	for at, attributes := range h.recorded {
		if at.kind == c.Resource {
			result := c.Evaluate(attributes, nil, clock)
			want[at.source+" "+at.key] = result
			counts.Add(result.Status)
		}
	}
	list, err := r.Offenders(evidence.ResultList{Check: c.ID, At: sextant.LatestSeq, Limit: 10_000})
	if err != nil {
		h.t.Fatal(err)
	}
	got := map[string]check.Result{}
	for _, o := range list {
		got[o.Of.Source+" "+o.Of.Key] = check.Result{Status: check.Status(o.Status), Reason: o.Reason}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Fatalf("after %s: results of %s: %s", op, c.ID, diff)
	}
	i := slices.IndexFunc(outcomes, func(o evidence.Outcome) bool { return o.Check == c.ID })
	whole, reached := h.seen(c.Resource)
	if i < 0 {
		if reached {
			h.t.Fatalf("after %s: %s has no outcome", op, c.ID)
		}
		return
	}
	var body monitor.Body
	if err := json.Unmarshal(outcomes[i].Body, &body); err != nil {
		h.t.Fatal(err)
	}
	state := control.NoData
	if reached {
		verdict, _ := c.Summarise(counts, whole, "")
		state = map[check.Verdict]control.State{check.NothingSeen: control.NoData, check.Passes: control.Pass, check.Fails: control.Fail, check.CannotBeTold: control.Error}[verdict]
	}
	if body.Counts != counts || control.State(outcomes[i].State) != state {
		h.t.Fatalf("after %s: %s is %s %+v, want %s %+v", op, c.ID, control.State(outcomes[i].State), body, state, counts)
	}
}

// seen says whether a type was seen whole, and whether anybody looks at it.
func (h *history) seen(kind string) (whole, reached bool) {
	whole = true
	for s, state := range h.state {
		if s.Type == kind {
			reached = true
			whole = whole && (state == connector.Complete || state == connector.Skipped && h.whole[s])
		}
	}
	return whole, reached
}

// ask asks for everything now, askAt as of a moment.
func (h *history) ask(op string) said {
	answer := h.askAt(0, op)
	answer.at = max(h.recordedAt(), h.now)
	return answer
}

func (h *history) recordedAt() (at sextant.Instant) {
	if err := h.store.Machine(h.t.Context(), h.org, func(r evidence.Reader) (err error) { _, at, err = r.Head(); return err }); err != nil {
		h.t.Fatal(err)
	}
	return at
}

func (h *history) askAt(at sextant.Instant, op string) said {
	h.t.Helper()
	answer := said{at: at, op: op}
	if err := h.kernel.Read(h.t.Context(), access.SystemActor(h.org, "test"), at, func(v *register.View) error {
		r, err := evidence.On(v)
		if err != nil {
			return err
		}
		nodes, err := monitor.Status(v, r)
		if err != nil {
			return err
		}
		standing, err := monitor.States(v, r, "")
		if err != nil {
			return err
		}
		h.agree(nodes, standing)
		for i := range standing {
			standing[i].Until = 0 // later renewals move it
		}
		answer.explain, answer.standing = plain(h.t, nodes), plain(h.t, standing)
		return nil
	}); err != nil {
		h.t.Fatal(err)
	}
	return answer
}

// agree holds explanations against what lists show.
func (h *history) agree(nodes []*control.Node, standing []monitor.Standing) {
	h.t.Helper()
	states := map[string]monitor.Standing{}
	for _, s := range standing {
		states[s.Subject] = s
	}
	for _, n := range nodes {
		if s := states[strings.Replace(n.ID, "control:", "control/", 1)]; s.State != n.State || s.Reason != n.Reason || s.Passed != n.Passed {
			h.t.Fatalf("%s is explained as %s %q and listed as %s %q", n.ID, n.State, n.Reason, s.State, s.Reason)
		}
	}
}

func plain(t testing.TB, value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func value(t testing.TB, text string) (out any) {
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
