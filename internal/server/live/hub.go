// SPDX-License-Identifier: Apache-2.0

// Package live tells open pages that something they show has changed, as
// server-sent events. It sends no content: a page asks again for what it shows,
// with the rights it has. It works beside any number of replicas, because it
// looks at the log and not at who wrote.
package live

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/store"
)

// Source is where the news comes from.
type Source interface {
	// Moved tells what was written after a position, and whether jobs changed.
	Moved(ctx context.Context, org sextant.Organisation, since sextant.Seq, jobs int64) (store.Movement, error)
	// Watch calls fn after each commit of this process.
	Watch(fn func(sextant.Organisation)) (end func())
}

// Config of the hub. The zero durations and bounds are sensible.
type Config struct {
	Source Source
	// Present tells who a session belongs to, without keeping it awake.
	Present func(ctx context.Context, session string) (access.Actor, error)
	Cookie  string // that carries the session

	Every      time.Duration // how often other replicas' writes are looked for, 0 = 1 s
	Gap        time.Duration // between two events of a stream, 0 = 500 ms
	Heartbeat  time.Duration // 0 = 20 s
	PerAccount int           // streams at once, 0 = 12
	Whole      int           // streams of this process, 0 = 2,000
}

// Hub hands the news of each organisation to its streams. It is safe for
// concurrent use; Run must run for news to come.
type Hub struct {
	config  Config
	wake    chan struct{}
	stopped chan struct{}

	mu       sync.Mutex // guards what follows
	places   map[sextant.Organisation]*place
	accounts map[int64]int // by id: a name is one organisation's own
	whole    int
}

// place is one organisation somebody listens to.
type place struct {
	seq     sextant.Seq
	jobs    int64
	streams map[*stream]struct{}
}

// New makes a hub.
func New(config Config) *Hub {
	config.Every, config.Gap, config.Heartbeat = cmp.Or(config.Every, time.Second), cmp.Or(config.Gap, 500*time.Millisecond), cmp.Or(config.Heartbeat, 20*time.Second)
	config.PerAccount, config.Whole = cmp.Or(config.PerAccount, 12), cmp.Or(config.Whole, 2000)
	return &Hub{config: config, wake: make(chan struct{}, 1), stopped: make(chan struct{}), places: map[sextant.Organisation]*place{}, accounts: map[int64]int{}}
}

// Run looks for news until ctx ends; then every stream ends too.
func (h *Hub) Run(ctx context.Context) {
	defer close(h.stopped)
	defer h.config.Source.Watch(h.signal)()
	tick := time.NewTicker(h.config.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-h.wake:
		}
		for _, org := range h.listened() {
			if err := h.look(ctx, org); err != nil && ctx.Err() == nil {
				slog.Warn("no news can be read", "organisation", org, "error", err)
			}
		}
		select { // what comes meanwhile goes out together
		case <-ctx.Done():
		case <-time.After(h.config.Gap):
		}
	}
}

func (h *Hub) signal(sextant.Organisation) {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *Hub) listened() []sextant.Organisation {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]sextant.Organisation, 0, len(h.places))
	for org := range h.places {
		list = append(list, org)
	}
	return list
}

// look reads what an organisation wrote since the last look and hands it on.
func (h *Hub) look(ctx context.Context, org sextant.Organisation) error {
	h.mu.Lock()
	p, listened := h.places[org]
	if !listened {
		h.mu.Unlock()
		return nil
	}
	seq, jobs := p.seq, p.jobs
	h.mu.Unlock()
	for {
		m, err := h.config.Source.Moved(ctx, org, seq, jobs)
		if err != nil {
			return err
		}
		seq, jobs = m.Seq, m.Jobs
		h.mu.Lock()
		p.seq, p.jobs = seq, jobs
		for s := range p.streams {
			s.hear(m)
		}
		h.mu.Unlock()
		if !m.More {
			return nil
		}
	}
}

// join adds a stream. Errors: Throttled where the account or the process has
// too many.
func (h *Hub) join(ctx context.Context, actor access.Actor, s *stream) error {
	// The first listener of an organisation begins where its log stands.
	now, err := h.config.Source.Moved(ctx, actor.Organisation, sextant.LatestSeq, 0)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.accounts[actor.Account] >= h.config.PerAccount || h.whole >= h.config.Whole {
		return sextant.Errorf(sextant.Throttled, "too many pages listen at once").WithHint("close some; a page without it shows news when it is loaded again")
	}
	p := h.places[actor.Organisation]
	if p == nil {
		p = &place{seq: now.Seq, jobs: now.Jobs, streams: map[*stream]struct{}{}}
		h.places[actor.Organisation] = p
	}
	s.seq, s.jobs = p.seq, p.jobs
	p.streams[s] = struct{}{}
	h.accounts[actor.Account]++
	h.whole++
	return nil
}

func (h *Hub) leave(actor access.Actor, s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.places[actor.Organisation]
	delete(p.streams, s)
	if len(p.streams) == 0 {
		delete(h.places, actor.Organisation)
	}
	if h.accounts[actor.Account]--; h.accounts[actor.Account] == 0 {
		delete(h.accounts, actor.Account)
	}
	h.whole--
}
