// SPDX-License-Identifier: Apache-2.0

// Package sextant holds the words every other package shares: the one error
// type, instants, the clock and the identity of an organisation. It knows no
// register, no store and no screen.
//
// # Glossary
//
// One word per thing, the same in Go, SQL, API, UI and YAML:
//
//   - requirement: one item of a framework's clauses (6.1.3 d)
//   - control: one control of Annex A or of an overlay
//   - implementation: how one control is done in one scope unit
//   - evidence plan: the lines that together show an implementation
//   - attestation: a person's dated statement that a plan line holds
//   - exception: a time-boxed permission to deviate
//   - source: a configured connector to an outside system
//   - observation: a machine-read fact about a resource over an interval
//   - check: a test as code over observations; result: what it said
//   - evidence state: derived by the program, typed by nobody
//   - state: where an entry stands in its lifecycle
//   - nonconformity: a requirement not met; a person raises it, no machine does
package sextant

import (
	"strconv"
	"time"
)

// Instant is a moment in microseconds since 1970-01-01 UTC. The zero value
// means "no moment".
type Instant int64

// Forever ends an interval that is still open. It is a number and not NULL so
// that it can stand in an index range on every store.
const Forever Instant = 1 << 62

// InstantOf converts a time, cutting what is finer than a microsecond.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time gives the instant as a UTC time.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// Add moves the instant by d.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d/time.Microsecond) }

// String writes RFC 3339 with microseconds, "" for no moment and "forever" for
// an open end.
func (i Instant) String() string {
	switch i {
	case 0:
		return ""
	case Forever:
		return "forever"
	}
	return i.Time().Format("2006-01-02T15:04:05.000000Z")
}

// ParseInstant reads RFC 3339 with any zone, or a plain date as its first
// moment in UTC.
func ParseInstant(s string) (Instant, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return InstantOf(t), nil
		}
	}
	return 0, Errorf(Invalid, "%q is not a moment: write RFC 3339 (2026-11-24T09:30:00Z) or a date (2026-11-24)", s)
}

// ParseAsOf reads the moment something is looked at. A plain date is its last
// moment in UTC: what stood on that day.
func ParseAsOf(s string) (Instant, error) {
	at, err := ParseInstant(s)
	if err == nil && len(s) == len(time.DateOnly) {
		at = at.Add(24*time.Hour) - 1
	}
	return at, err
}

// Clock tells the present moment. Tests give their own.
type Clock func() Instant

// SystemClock reads the machine's clock.
func SystemClock() Instant { return InstantOf(time.Now()) }

// Organisation identifies one organisation within an installation. Zero is the
// installation itself, whose log keeps what belongs to no organisation.
type Organisation int64

// Instance is the organisation number of the installation's own log.
const Instance Organisation = 0

func (o Organisation) String() string { return strconv.FormatInt(int64(o), 10) }

// Seq is a position in an organisation's log: 1 for the first thing recorded.
// Every as-of read resolves its moment to a Seq, so an answer once given for a
// moment never changes. LatestSeq reads the present.
type Seq int64

// LatestSeq stands for "now" wherever a Seq selects what is read, and ends
// every interval that is still open.
const LatestSeq Seq = 1 << 62
