// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/evidence"
	"sextant/internal/job"
	"sextant/monitor"
	"sextant/register"
)

// settleSource moves a source to connected where anything was seen whole, else
// to failing with the first reason, and keeps the list of expected systems in
// step.
func (s *Schedule) settleSource(ctx context.Context, w *job.Work, m connector.Manifest, result Collected) error {
	if result.Whole > 0 {
		return s.connected(ctx, w, m)
	}
	reason := "nothing could be read"
	if failures := m.Failures(); len(failures) > 0 {
		reason = failures[0].Error()
	}
	return s.failing(ctx, w, reason)
}

// cannotOpen keeps why a source cannot even be tried, and gives the error on.
func (s *Schedule) cannotOpen(ctx context.Context, w *job.Work, err error) error {
	switch sextant.CodeOf(err) {
	case sextant.Invalid, sextant.Denied:
		if moving := s.failing(ctx, w, err.Error()); moving != nil {
			return moving
		}
	}
	return err
}

func (s *Schedule) connected(ctx context.Context, w *job.Work, m connector.Manifest) error {
	return s.config.Kernel.Write(ctx, access.SystemActor(w.Job.Organisation, Collect), func(tx *register.Tx) error {
		source, err := evidence.Sources.Get(tx, w.Job.Subject)
		if err != nil {
			return err
		}
		if slices.Contains([]string{"draft", "failing"}, source.State) {
			if _, err := tx.Transition("source", source.Key, source.Version, "connect", nil, register.Note{Why: who(m)}); err != nil {
				return err
			}
		}
		return found(tx, source, m)
	})
}

func who(m connector.Manifest) string {
	if len(m.Principals) == 0 {
		return "read"
	}
	return "read account " + m.Principals[0].Account + " as " + m.Principals[0].Identity
}

// found connects the expected systems that a run could sign in to.
func found(tx *register.Tx, source register.Of[evidence.Source], m connector.Manifest) error {
	expected, err := evidence.ExpectedSources.All(tx, register.Filter{Field: "state", Op: register.Is, Values: []string{"missing", "waived"}})
	if err != nil {
		return err
	}
	for _, e := range expected {
		signedIn := slices.ContainsFunc(m.Principals, func(p connector.Principal) bool { return p.Account == e.Fields.Identifier })
		if e.Fields.Connector != source.Fields.Connector || !signedIn {
			continue
		}
		edited, err := evidence.ExpectedSources.Edit(tx, e.Key, register.Note{Why: "it answers"}, func(f *evidence.ExpectedSource) { f.Source = source.Key })
		if err == nil {
			_, err = tx.Transition("expected_source", e.Key, edited.Version, "connect", nil, register.Note{Why: "read by " + source.Key})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Schedule) failing(ctx context.Context, w *job.Work, reason string) error {
	return s.config.Kernel.Write(ctx, access.SystemActor(w.Job.Organisation, Collect), func(tx *register.Tx) error {
		source, err := evidence.Sources.Get(tx, w.Job.Subject)
		if err != nil || !slices.Contains([]string{"draft", "connected"}, source.State) {
			return err
		}
		if _, err = tx.Transition("source", source.Key, source.Version, "fail", nil, register.Note{Why: reason}); err != nil {
			return err
		}
		return lost(tx, source.Key, source.Key+" fails: "+reason)
	})
}

// lost makes the systems that were read through a source missing again.
func lost(tx *register.Tx, source, reason string) error {
	expected, err := evidence.ExpectedSources.All(tx, register.Filter{Field: "state", Op: register.Is, Values: []string{"connected"}}, register.Filter{Field: "source", Op: register.Is, Values: []string{source}})
	for _, e := range expected {
		if err == nil {
			_, err = tx.Transition("expected_source", e.Key, e.Version, "lose", nil, register.Note{Why: reason})
		}
	}
	return err
}

// discover asks a source which accounts there are, so that one that is not
// connected is a visible gap.
func (s *Schedule) discover(ctx context.Context, w *job.Work) error {
	var asked order
	if err := w.Arguments(&asked); err != nil {
		return err
	}
	conn, source, err := s.open(ctx, w.Job.Organisation, w.Job.Subject, connector.Options{Operator: asked.Operator})
	if err != nil {
		return err
	}
	asks, ok := conn.(connector.Discoverer)
	if !ok {
		return nil
	}
	list, err := asks.Discover(ctx)
	if failure, ours := errors.AsType[connector.Failure](err); ours {
		return w.Result(map[string]string{"not_told": failure.Error()}) // outside an organisation, or without the right
	}
	if err != nil {
		return err
	}
	made := 0
	err = s.config.Kernel.Write(ctx, access.SystemActor(w.Job.Organisation, Discover), func(tx *register.Tx) error {
		made, err = expect(tx, source, list)
		return err
	})
	if err != nil {
		return err
	}
	return w.Result(map[string]int{"accounts": len(list), "new": made})
}

// expect enters the accounts nobody knew of.
func expect(tx *register.Tx, source register.Of[evidence.Source], list []connector.Expected) (made int, err error) {
	known, err := evidence.ExpectedSources.All(tx)
	if err != nil {
		return 0, err
	}
	for _, e := range list {
		if e.State != "ACTIVE" || slices.ContainsFunc(known, func(k register.Of[evidence.ExpectedSource]) bool { return k.Fields.Identifier == e.Identifier }) {
			continue
		}
		if _, err := evidence.ExpectedSources.Create(tx, evidence.ExpectedSource{Title: fmt.Sprintf("%s (%s)", e.Title, e.Identifier), Connector: e.Connector, Identifier: e.Identifier, FoundBy: "organisation_api"},
			register.Note{Why: "named by the organisation " + source.Key + " belongs to"}); err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}

// forget ends what a removed source told: it counts no more, the past keeps it.
func (s *Schedule) forget(ctx context.Context, w *job.Work) error {
	org, key := w.Job.Organisation, w.Job.Subject
	if err := monitor.Forget(ctx, s.config.Store, org, key); err != nil {
		return err
	}
	if err := s.config.Kernel.Write(ctx, access.SystemActor(org, Forget), func(tx *register.Tx) error { return lost(tx, key, key+" was removed") }); err != nil {
		return err
	}
	return s.ask(ctx, org, job.Request{Kind: Evaluate, Again: true})
}
