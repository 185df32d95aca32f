// SPDX-License-Identifier: Apache-2.0

// Package cloud is the synthetic AWS of the demo: three accounts with some 170
// resources that were born, drifted and were repaired over a year. It yields
// them as the AWS connector does, with its types, keys and populations, so that
// recorder, checks and pages meet nothing made for the demo. It reaches no
// network and knows no check.
package cloud

import (
	"context"
	"sync/atomic"
	"time"

	"sextant"
	"sextant/connector"
	"sextant/connector/aws"
)

// Account is one account of the world. It implements connector.Connector: every
// Collect yields it as it was at the clock's moment.
type Account struct {
	ID      string
	Title   string
	Regions []string
	Since   time.Duration // before the present of the world it was connected

	world     *World
	resources []resource
	denials   []denial
	skips     []skip
	source    string
	clock     sextant.Clock
	now       sextant.Instant // of the run under way
}

var _ connector.Connector = (*Account)(nil)

// At gives the account as a source reads it by a clock.
func (a *Account) At(source string, clock sextant.Clock) *Account {
	at := *a
	at.source, at.clock = source, clock
	return &at
}

// Name implements connector.Connector.
func (a *Account) Name() string { return "aws" }

// Version implements connector.Connector.
func (a *Account) Version() string { return aws.Version }

// Types implements connector.Connector.
func (a *Account) Types() []connector.Type { return aws.Types() }

// Collect implements connector.Connector. The books are kept by connector.Run,
// as for every connector; only the clock stands still and the requests are
// those the real one would make.
func (a *Account) Collect(ctx context.Context, sink connector.Sink) (connector.Manifest, error) {
	a.now = a.clock()
	var requests atomic.Int64
	began := true
	clock := func() sextant.Instant {
		if began {
			began = false
			return a.now
		}
		return a.now.Add(time.Duration(requests.Load()) * 100 * time.Millisecond)
	}
	run := connector.Begin(sink, a.Name(), a.Version(), connector.Options{Source: a.source, Clock: clock, Skip: a.skipped}, requests.Load)
	run.SignedIn(connector.Principal{Account: a.ID, Identity: "arn:aws:sts::" + a.ID + ":assumed-role/SextantReadOnly/sextant"})
	run.Read(ctx, 1, a.jobs(&requests))
	return run.Finish(ctx)
}

func (a *Account) jobs(requests *atomic.Int64) []connector.Job {
	var jobs []connector.Job
	for _, t := range a.Types() {
		kind, known := a.world.kinds[t.Name]
		if !known {
			continue
		}
		regions := a.Regions
		if t.Scope == connector.Global {
			regions = []string{connector.Global}
		}
		for _, region := range regions {
			slice := connector.Slice{Type: t.Name, Account: a.ID, Region: region}
			jobs = append(jobs, connector.Job{Slice: slice, Read: func(ctx context.Context, r *connector.Reading) error {
				return a.read(ctx, r, t, kind, slice, requests)
			}})
		}
	}
	return jobs
}

func (a *Account) read(ctx context.Context, r *connector.Reading, t connector.Type, k kind, slice connector.Slice, requests *atomic.Int64) error {
	if d, denied := a.denied(slice); denied {
		requests.Add(1)
		return d.failure(t, slice)
	}
	r.Page()
	requests.Add(int64(len(t.Calls)))
	for _, res := range a.resources {
		if res.Type != t.Name || res.region(t) != slice.Region || !res.stands(a.world.age(a.now)) {
			continue
		}
		requests.Add(1)
		key, attributes, err := a.observe(res, t, k, slice)
		if err != nil {
			return err
		}
		if err := r.Observe(ctx, key, connector.Configuration, attributes); err != nil {
			return err
		}
	}
	return nil
}

// Test implements connector.Tester.
func (a *Account) Test(ctx context.Context) (connector.Trial, error) { return connector.Try(ctx, a) }

// Permissions implements connector.Permissions: the policy of the real one.
func (a *Account) Permissions() ([]byte, error) { return aws.Policy(), nil }

// Discover implements connector.Discoverer: what the organisation lists.
func (a *Account) Discover(context.Context) ([]connector.Expected, error) {
	list := []connector.Expected{{Connector: "aws", Identifier: "771300912874", Title: "sandbox-7713", State: "ACTIVE"}, {Connector: "aws", Identifier: "221044718390", Title: "training-2210", State: "ACTIVE"}}
	for _, known := range a.world.Accounts {
		list = append(list, connector.Expected{Connector: "aws", Identifier: known.ID, Title: known.Title, State: "ACTIVE"})
	}
	return list, nil
}
