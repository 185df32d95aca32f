// SPDX-License-Identifier: Apache-2.0

// Package schedule is what the program does by itself and when: collect each
// source on its schedule, evaluate what changed, make the moves whose day has
// come, sign checkpoints, keep the tables in shape. All of it is work of package job, so any number of replicas
// may run a schedule and each thing is done once.
//
// It decides no state of a control and reads no system: it calls those who do.
package schedule

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/internal/job"
	"sextant/internal/proof"
	"sextant/internal/store"
	"sextant/monitor"
	"sextant/register"
)

// The kinds of work.
const (
	Collect    = "collect"    // read a source; subject: its key
	Evaluate   = "evaluate"   // run the checks and settle the states
	Discover   = "discover"   // ask a source which accounts there are; subject: its key
	Checkpoint = "checkpoint" // sign the log
	Calendar   = "calendar"   // make the moves whose day has come
	Forget     = "forget"     // end what a removed source told; subject: its key
	Mail       = "mail"       // send the mail of a notice; subject: its key
)

// Store is what is needed of a database.
type Store interface {
	evidence.Store
	job.Store
	proof.Store
	Organisations(ctx context.Context) ([]store.Organisation, error)
	// Optimise keeps the database's own statistics fresh.
	Optimise(ctx context.Context) error
}

// Config of the schedule.
type Config struct {
	Store  Store
	Kernel *register.Kernel
	Prover *proof.Prover
	Way    *monitor.Way // with the organisation's own checks
	Clock  sextant.Clock
	// Ambient allows sources to use what belongs to this machine and not to the
	// organisation: its credentials and profiles, custom and local endpoints.
	// Only the operator of the installation may set it.
	Ambient bool
	// Openers make the connector of a source, by kind; nil = the product's own.
	// The demo reads its synthetic cloud through it.
	Openers map[string]Opener
	Post    Post                            // sends the mails of notices; nil = mail is not set up
	Every   time.Duration                   // how often it looks for what is due, 0 = 15 s
	Workers int                             // 0 = 4
	Poll    time.Duration                   // of the queue, 0 = 1 s
	Wait    func(attempt int) time.Duration // before work is tried again, nil = the queue's own
}

// Schedule does the work. It is safe for concurrent use.
type Schedule struct {
	config Config
	queue  *job.Queue
	tidied time.Time // of Run alone
}

// New makes a schedule with its queue.
func New(config Config) *Schedule {
	if config.Clock == nil {
		config.Clock = sextant.SystemClock
	}
	config.Every, config.Workers = cmp.Or(config.Every, 15*time.Second), cmp.Or(config.Workers, 4)
	if config.Openers == nil {
		config.Openers = openers
	}
	s := &Schedule{config: config}
	kinds := []job.Kind{
		{Name: Collect, Verb: access.Collect, Run: s.collect, Limit: 12 * time.Hour},
		{Name: Evaluate, Verb: access.Collect, Run: s.evaluate, Limit: 2 * time.Hour},
		{Name: Discover, Verb: access.Collect, Run: s.discover, Limit: time.Hour},
		{Name: Forget, Verb: access.Collect, Run: s.forget, Limit: time.Hour},
		{Name: Calendar, Verb: access.Collect, Run: s.calendar, Limit: time.Hour},
		{Name: Checkpoint, Verb: access.Collect, Run: s.checkpoint, Limit: time.Hour},
	}
	if config.Post != nil { // a process without a mail server takes no mails from those that have one
		kinds = append(kinds, job.Kind{Name: Mail, Verb: access.Collect, Run: s.mail, Limit: 5 * time.Minute, Attempts: mailAttempts})
	}
	s.queue = job.New(job.Config{Store: config.Store, Clock: config.Clock, Organisations: s.organisations, Workers: config.Workers, Poll: config.Poll, Wait: config.Wait}, kinds...)
	return s
}

// Queue gives the queue, to list and cancel.
func (s *Schedule) Queue() *job.Queue { return s.queue }

func (s *Schedule) organisations(ctx context.Context) (list []sextant.Organisation, err error) {
	all, err := s.config.Store.Organisations(ctx)
	for _, o := range all {
		list = append(list, o.Number)
	}
	return list, err
}

// Run does what is due and all work that is asked for, until ctx ends; then it
// stops what is under way. Nothing runs any more on return.
func (s *Schedule) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { s.queue.Run(ctx) })
	defer both.Wait()
	if err := s.activate(ctx); err != nil && ctx.Err() == nil {
		slog.Error("states are not derived by the rules of this program", "error", err)
	}
	tick := time.NewTicker(s.config.Every)
	defer tick.Stop()
	for {
		if err := s.look(ctx); err != nil && ctx.Err() == nil {
			slog.Error("what is due cannot be looked for", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look asks for everything that is due now.
func (s *Schedule) look(ctx context.Context) error {
	organisations, err := s.organisations(ctx)
	if err != nil {
		return err
	}
	for _, org := range organisations {
		for _, due := range []func(context.Context, sextant.Organisation) error{s.dueSources, s.dueTransitions, s.dueMoves, s.dueCheckpoint, s.dueMail} {
			if err := due(ctx, org); err != nil {
				return err
			}
		}
	}
	return s.tidy(ctx, organisations)
}

// ask writes work down for the program itself.
func (s *Schedule) ask(ctx context.Context, org sextant.Organisation, r job.Request) error {
	_, _, err := s.queue.Enqueue(ctx, access.SystemActor(org, "schedule"), r)
	return err
}
