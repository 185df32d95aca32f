// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"sextant"
	"sextant/check"
	"sextant/demo/cloud"
	"sextant/evidence"
	"sextant/monitor"
	"sextant/register"
	"sextant/risk"
)

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
func hours(n int) time.Duration   { return time.Duration(n) * time.Hour }

// source is one connected account of the cloud.
type source struct {
	Account, Title, Schedule string
	Owner, Approver          string
	Units                    []string
	Edits                    []edit
	Moves                    []step
}

// edit is a change somebody made to an entry, with the reason they gave.
type edit struct {
	When when
	By   string
	Why  string
	Set  map[string]any
}

// collecting connects the sources and runs them: weekly at first, daily for the
// last two months, hourly in the last day.
func (s *story) collecting() error {
	var told struct {
		Sources  []source
		Expected []expected
	}
	if err := read("sources.yaml", &told); err != nil {
		return err
	}
	for i, src := range told.Sources {
		s.connect(src, s.World.Accounts[i])
	}
	for _, x := range told.Expected {
		s.expect(x)
	}
	for _, at := range s.runs() {
		s.event(at, "collect", s.collect)
	}
	return nil
}

// runs are the moments of collection.
func (s *story) runs() []sextant.Instant {
	var list []sextant.Instant
	for h := 0; h < 24; h++ {
		list = append(list, s.present.Add(-hours(h)))
	}
	morning := s.present.Add(-hours(24)).Time().Truncate(24 * time.Hour).Add(hours(4))
	for day := 0; day < 60; day++ {
		list = append(list, sextant.InstantOf(morning.AddDate(0, 0, -day)))
	}
	for week := 1; week <= 39; week++ {
		list = append(list, sextant.InstantOf(morning.AddDate(0, 0, -59-7*week)))
	}
	return list
}

// connect puts a source into the register a day before its first run.
func (s *story) connect(src source, account *cloud.Account) {
	first := s.present.Add(-account.Since)
	s.write(first.Add(-hours(20)), "system", "source "+src.Title, func(tx *register.Tx) error {
		e, err := tx.Create("source", map[string]any{"title": "AWS " + src.Title, "connector": "aws", "account": src.Account, "role_arn": "arn:aws:iam::" + src.Account + ":role/SextantReadOnly",
			"external_id": "sextant-northquay-" + src.Account[:4], "regions": account.Regions, "scope_units": s.unitKeys(src.Units), "schedule": src.Schedule,
			"owner": s.people[src.Owner].key, "approved_by": s.people[src.Approver].key}, register.Note{Why: "read-only role agreed with the owner of the account"})
		s.keys[src.Title] = e.Key
		return err
	})
	s.write(first, "system", "connect "+src.Title, func(tx *register.Tx) error {
		key := s.keys[src.Title]
		if _, err := tx.Transition("source", key, 0, "connect", nil, register.Note{Why: "read account " + src.Account + " as arn:aws:sts::" + src.Account + ":assumed-role/SextantReadOnly/sextant"}); err != nil {
			return err
		}
		e, err := tx.Create("expected_source", map[string]any{"title": "AWS account " + src.Title, "connector": "aws", "identifier": src.Account, "found_by": "organisation_api", "scope_units": s.unitKeys(src.Units), "source": key}, register.Note{Why: "named by the organisation " + key + " belongs to"})
		if err == nil {
			_, err = tx.Transition("expected_source", e.Key, 0, "connect", nil, register.Note{Why: "read by " + key})
		}
		return err
	})
	s.changes("source", src.Title, src.Edits, src.Moves)
}

// changes puts the edits and steps of an entry in, by its handle.
func (s *story) changes(name, handle string, edits []edit, moves []step) {
	for _, e := range edits {
		s.write(s.at(e.When), e.By, "edit "+handle, func(tx *register.Tx) error {
			_, err := tx.Edit(name, s.keys[handle], 0, s.resolve(e.Set), register.Note{Why: e.Why})
			return err
		})
	}
	for _, m := range moves {
		s.write(s.at(m.When), m.By, m.Name+" "+handle, func(tx *register.Tx) error {
			_, err := tx.Transition(name, s.keys[handle], 0, m.Name, s.resolve(m.Set), register.Note{Why: m.Reason})
			return err
		})
	}
}

// resolve fills handles and days into values as the content writes them:
// "@priya" is a person, "#orders" an entry, "%platform" a unit, "~12" the day
// twelve days ago and "~-12" the one in twelve days.
func (s *story) resolve(values map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range values {
		out[key] = s.resolveOne(value)
	}
	return out
}

func (s *story) resolveOne(value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = s.resolveOne(e)
		}
		return list
	case map[string]any:
		return s.resolve(v)
	case string:
		return s.resolveText(v)
	}
	return value
}

func (s *story) resolveText(v string) string {
	if v == "" {
		return v
	}
	key, rest := "", v[1:]
	switch v[0] {
	case '@':
		key = s.people[rest].key
	case '#':
		key = s.keys[rest]
	case '%':
		key = s.units[rest]
	case '~':
		var days int
		if _, err := fmt.Sscan(rest, &days); err == nil {
			return s.date(days)
		}
		return v
	default:
		return v
	}
	if key == "" {
		panic("demo: " + v + " is not there yet")
	}
	return key
}

// expected is an account that ought to be connected.
type expected struct {
	Title, Identifier string
	Found             when
	FoundBy           string `yaml:"found_by"`
	Units             []string
	Edits             []edit
	Moves             []step
}

func (s *story) expect(x expected) {
	s.write(s.at(x.Found), "system", "expect "+x.Title, func(tx *register.Tx) error {
		e, err := tx.Create("expected_source", map[string]any{"title": x.Title, "connector": "aws", "identifier": x.Identifier, "found_by": x.FoundBy, "scope_units": s.unitKeys(x.Units)}, register.Note{Why: "found in the organisation's list of accounts"})
		s.keys[x.Title] = e.Key
		return err
	})
	s.changes("expected_source", x.Title, x.Edits, x.Moves)
}

// collect runs every source that is connected, then evaluates. One step of the
// story is one transaction: nobody waits for the lock yet, and a year must fit
// into seconds.
func (s *story) collect() error {
	now := s.Clock.Now()
	return s.Store.Record(s.ctx, s.org, func(w evidence.Writer) error {
		held := &held{Store: s.Store, w: w}
		for _, a := range s.World.Accounts {
			if now < s.present.Add(-a.Since) {
				continue
			}
			key := s.keys[a.Title]
			if _, err := monitor.Collect(s.ctx, &monitor.Recorder{Store: held, Organisation: s.org, Source: key}, a.At(key, s.Clock.Now)); err != nil {
				return err
			}
		}
		_, err := monitor.Evaluate(s.ctx, held, s.org, check.Library(), now)
		return err
	})
}

// settle keeps the states of the controls as intervals, and has the risks follow
// where one opened: nothing else moves them in this story but what people write.
func (s *story) settle() error {
	if s.org == 0 {
		return nil
	}
	opened, err := (&monitor.Way{Kernel: s.Kernel, Store: s.Store}).Settle(s.ctx, s.org)
	if err != nil || opened == 0 {
		return err
	}
	return risk.FollowStates(s.ctx, s.Kernel, s.org)
}

// held lets everything of one step write in one transaction.
type held struct {
	evidence.Store
	one sync.Mutex // an evaluation reads while it writes, a transaction does one thing at a time
	w   evidence.Writer
}

// Machine implements evidence.Store.
func (h *held) Machine(_ context.Context, _ sextant.Organisation, fn func(evidence.Reader) error) error {
	h.one.Lock()
	defer h.one.Unlock()
	return fn(h.w)
}

// Record implements evidence.Store.
func (h *held) Record(_ context.Context, _ sextant.Organisation, fn func(evidence.Writer) error) error {
	h.one.Lock()
	defer h.one.Unlock()
	return fn(h.w)
}
