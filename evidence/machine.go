// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"encoding/json"

	"sextant"
)

// Slice names a population: the resources of one type in one region of one
// account of one source.
type Slice struct {
	Source  string `json:"source"`
	Type    string `json:"type"`
	Account string `json:"account"`
	Region  string `json:"region"`
}

// Observed is one resource as a run read it.
type Observed struct {
	Slice
	Key  string
	Hash [32]byte
	Data []byte // canonical bytes, the ones that were hashed
}

// Resource is one version of one resource: what was observed between two log
// positions. An unchanged resource stays one version, however often it is seen.
type Resource struct {
	ID int64 // of the thing, the same for all its versions
	Slice
	Key      string
	From, To sextant.Seq
	At       sextant.Instant // when this version was first seen
	Until    sextant.Instant // when it was superseded or gone, 0 while it stands
	Data     []byte
}

// Population is what the newest run that reached a slice saw of it.
type Population struct {
	Slice
	State   string // complete, partial, failed, denied, not_reached, skipped
	Count   int
	Unknown int             // of those, how many name an attribute that could not be read
	At      sextant.Instant // when the run ended it
	Whole   sextant.Instant // when it was last seen complete, 0 = never
	Run     sextant.Seq
	Errors  json.RawMessage // what kept it from being complete
}

// Run is one collection.
type Run struct {
	Seq       sextant.Seq     `json:"seq"`
	Source    string          `json:"source"`
	Connector string          `json:"connector"`
	Started   sextant.Instant `json:"started"`
	Finished  sextant.Instant `json:"finished"`
	Complete  bool            `json:"complete"`
	Manifest  json.RawMessage `json:"manifest"`
}

// Result is what a check said about one resource over an interval. Status is
// check.Status as a number.
type Result struct {
	Check    string
	Resource int64
	Status   int
	Reason   string
	Version  string // of the check
	First    bool   // on writing: no result of the check stands for the resource
	From, To sextant.Seq
	At       sextant.Instant
}

// Outcome is what a check concluded over its population, over an interval. It
// opens anew only when its body changes; the freshness of what it rests on is
// told by the populations.
type Outcome struct {
	Check    string
	Version  string
	State    int // control.State
	From, To sextant.Seq
	At       sextant.Instant // since when it has been so
	Since    sextant.Instant // since when it fails without a break, 0 if it does not
	Body     json.RawMessage // counts and reason
}

// Status is the derived state of an implementation or a control over an
// interval, with the tree that explains it.
type Status struct {
	Subject       string // IMP-12, or control/A.8.13
	State         int    // control.State
	Passed, Parts int
	From, To      sextant.Seq
	At            sextant.Instant
	Until         sextant.Instant // when it changes by itself, 0 = not
	RuleSet       string
	Tree          json.RawMessage
}

// Store keeps machine data. The organisation is bound as in register.Store.
type Store interface {
	// Machine reads at a log position in one snapshot.
	Machine(ctx context.Context, org sextant.Organisation, fn func(Reader) error) error
	// Record writes under the organisation's write lock; keep it short: no hold
	// over 200 ms.
	Record(ctx context.Context, org sextant.Organisation, fn func(Writer) error) error
}

// Reader reads machine data of one organisation; at is a log position, or
// sextant.LatestSeq.
type Reader interface {
	Head() (sextant.Seq, sextant.Instant, error)
	SeqAt(sextant.Instant) (sextant.Seq, error)
	// EachResource gives the standing resources of a type (every source), by id.
	EachResource(kind string, at sextant.Seq, fn func(Resource) error) error
	// Resource gives one; NotFound where none stands.
	Resource(kind, key string, at sextant.Seq) (Resource, error)
	// ResourceHistory gives the versions of one thing, newest first.
	ResourceHistory(kind, key string, limit int) ([]Resource, error)
	Populations(at sextant.Seq) ([]Population, error)
	// Runs gives the newest runs first; source "" = all.
	Runs(source string, at sextant.Seq, limit int) ([]Run, error)
	// Results gives the standing results of a check with one of the statuses,
	// all where none is named.
	Results(check string, at sextant.Seq, limit int, statuses ...int) ([]Result, error)
	// Thing names a resource by its id.
	Thing(id int64) (Resource, error)
	Outcomes(at sextant.Seq) ([]Outcome, error)
	Statuses(at sextant.Seq) ([]Status, error)
	// StatusHistory gives the intervals of one subject, newest first.
	StatusHistory(subject string, limit int) ([]Status, error)
	// Drift gives the newest changes of outcomes.
	Drift(at sextant.Seq, limit int) ([]Outcome, error)
}

// Writer writes machine data.
type Writer interface {
	Reader
	Now() sextant.Instant
	// Seal journals one line for a chunk of machine data and gives its position;
	// everything written after it in this transaction stands from there.
	Seal(kind string, line any) (sextant.Seq, error)
	// Observe keeps observations: a changed one closes the version before it.
	// It gives how many changed.
	Observe(from sextant.Seq, list []Observed) (changed int, err error)
	// CloseUnseen closes the versions in a slice whose keys seen does not know.
	// Only a complete population may be closed so.
	CloseUnseen(from sextant.Seq, slice Slice, seen func(key string) bool) (closed int, err error)
	PutPopulation(from sextant.Seq, p Population) error
	PutRun(r Run) error
	// PutResults replaces the standing results of (check, resource) pairs.
	PutResults(from sextant.Seq, list []Result) error
	// CloseResults ends the standing results of resources that are gone.
	CloseResults(from sextant.Seq, check string, resources []int64) error
	PutOutcome(from sextant.Seq, o Outcome) error
	PutStatus(from sextant.Seq, s Status) error
}
