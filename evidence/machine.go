// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"

	"sextant"
	"sextant/register"
)

// Store keeps machine data. The organisation is bound as in register.Store.
type Store interface {
	// Machine reads at a log position in one snapshot.
	Machine(ctx context.Context, org sextant.Organisation, fn func(Reader) error) error
	// Record writes under the organisation's write lock; keep it short: no hold
	// over 200 ms.
	Record(ctx context.Context, org sextant.Organisation, fn func(Writer) error) error
}

// Reader reads machine data of one organisation. A position is one of its log,
// or sextant.LatestSeq. Lists come in a stable order and have no end mark: a
// page shorter than its limit is the last.
type Reader interface {
	Head() (sextant.Seq, sextant.Instant, error)
	SeqAt(sextant.Instant) (sextant.Seq, error)
	// Registers reads the registers in the same snapshot; see register.Kernel.Within.
	Registers() register.ReadTx
	ResourceReader
	ResultReader
	StatusReader
}

// ResourceReader reads what was observed.
type ResourceReader interface {
	// Resources gives one page of a type by key and source, without Data.
	Resources(ResourceList) ([]Resource, error)
	// ResourceCounts gives the number of standing resources by type, types
	// without any left out.
	ResourceCounts(at sextant.Seq) ([]TypeCount, error)
	// ResourcePage gives standing resources of a type with Data, by id, beyond
	// the id after.
	ResourcePage(kind string, after int64, limit int, at sextant.Seq) ([]Resource, error)
	// ResourcesOf gives those of the things that stand, with Data, by id.
	ResourcesOf(kind string, ids []int64, at sextant.Seq) ([]Resource, error)
	// ChangedResources gives, by id, the things of a type of which a version
	// began or ended after since and up to upto.
	ChangedResources(kind string, since, upto sextant.Seq) ([]int64, error)
	// Resource gives one; NotFound where none stands. Where several sources see
	// the same key it is that of the source that comes first.
	Resource(kind, key string, at sextant.Seq) (Resource, error)
	// ResourceHistory gives the versions of one thing, newest first.
	ResourceHistory(kind, key string, limit int) ([]Resource, error)
	// Thing names a resource by its id, standing or not, without Data.
	Thing(id int64) (Resource, error)
	// Compare gives those of the observations that differ from what stands.
	Compare([]Observed) ([]Observed, error)
	// Unseen gives, by id, the standing resources in a slice whose keys seen
	// does not know.
	Unseen(slice Slice, seen func(key string) bool) ([]int64, error)
	Populations(at sextant.Seq) ([]Population, error)
	// Runs gives the newest runs first, without their manifests; source "" = all.
	Runs(source string, at sextant.Seq, limit int) ([]Run, error)
	// Run gives the one at a position; NotFound where there is none.
	Run(seq sextant.Seq) (Run, error)
}

// ResultReader reads what the checks said.
type ResultReader interface {
	// Offenders gives standing results of a check with their resources. Failed
	// and erroneous ones are found by an index, now and as of any position.
	Offenders(ResultList) ([]Offender, error)
	// Results is Offenders of every source without the resources.
	Results(check string, at sextant.Seq, limit int, statuses ...int) ([]Result, error)
	// ResultsOf gives the standing results of one resource, by check.
	ResultsOf(resource int64, at sextant.Seq) ([]Result, error)
	// ResultHistory gives the intervals of one check over one resource that
	// began before a position (LatestSeq: all), newest first.
	ResultHistory(check string, resource int64, before sextant.Seq, limit int) ([]Result, error)
	// StandingResults gives those of a check for the things.
	StandingResults(check string, ids []int64) ([]Result, error)
	// StandingRange gives those of a check for things beyond after and up to
	// upto, by id.
	StandingRange(check string, after, upto int64, limit int) ([]Result, error)
	Outcomes(at sextant.Seq) ([]Outcome, error)
	// OutcomeHistory gives the intervals of one check that began before a
	// position, newest first.
	OutcomeHistory(check string, before sextant.Seq, limit int) ([]Outcome, error)
	// Drift gives the newest outcomes whose state differs from the one before
	// (Before), newest first, those older than before.
	Drift(before sextant.Seq, limit int) ([]Outcome, error)
	Marks() ([]Mark, error)
}

// StatusReader reads what was derived. Pages ask monitor, which adds what the
// clock adds.
type StatusReader interface {
	// Statuses gives the intervals that stood at a position, with their trees;
	// prefix as in StatusList.
	Statuses(prefix string, at sextant.Seq) ([]Status, error)
	// States is Statuses without trees.
	States(prefix string, at sextant.Seq) ([]Status, error)
	// Status gives one of them; found is false where none stood.
	Status(subject string, at sextant.Seq) (s Status, found bool, err error)
	// StatusHistory gives the intervals of one subject, newest first, without
	// their trees.
	StatusHistory(subject string, before sextant.Seq, limit int) ([]Status, error)
	// StatusBetween gives the intervals that hold in a period, by subject and
	// time, without their trees.
	StatusBetween(StatusList) ([]Status, error)
	// StatusFeed gives the changes of state, newest first, without their trees.
	StatusFeed(Feed) ([]Status, error)
	// Days gives the counted days of a kind from one up to another, and the
	// newest one before the first.
	Days(kind string, from, to int) ([]Day, error)
	// Settled is the newest position up to which states had been derived at a
	// position, 0 where none had.
	Settled(at sextant.Seq) (sextant.Seq, error)
	// Due is the earliest moment after which a standing status changes by the
	// clock alone, 0 if none does.
	Due() (sextant.Instant, error)
}

// Writer writes machine data.
type Writer interface {
	Reader
	Now() sextant.Instant
	// Seal journals one line for a chunk of machine data and gives its position;
	// everything written after it in this transaction stands from there.
	Seal(kind string, line any) (sextant.Seq, error)
	// Observe keeps observations that differ from what stands (Compare): each
	// closes the version before it.
	Observe(from sextant.Seq, list []Observed) error
	// CloseResources closes the standing versions of things that are gone, all of
	// one type and source.
	CloseResources(from sextant.Seq, kind string, ids []int64) error
	// ForgetPopulations ends those that are read no more.
	ForgetPopulations(from sextant.Seq, list []Slice) error
	PutPopulation(from sextant.Seq, p Population) error
	PutRun(r Run) error
	// PutResults replaces the standing results of (check, resource) pairs.
	PutResults(from sextant.Seq, list []Result) error
	// CloseResults ends the standing results of resources that are gone.
	CloseResults(from sextant.Seq, check string, resources []int64) error
	// PutMark keeps how far a check has come. Conflict where another writer has
	// been there since: Turn is the one that was read, 0 for none.
	PutMark(m Mark) error
	// DropMark forgets a check that is evaluated no more. Turn as in PutMark.
	DropMark(m Mark) error
	// PutOutcome opens an interval; the one before ends.
	PutOutcome(from sextant.Seq, o Outcome) error
	// CloseOutcome ends the outcome of a check that is evaluated no more.
	CloseOutcome(from sextant.Seq, check string) error
	// PutStatus opens an interval at s.At; the one before ends at that moment.
	PutStatus(from sextant.Seq, s Status) error
	// CloseStatus ends the interval of a subject that is no more.
	CloseStatus(from sextant.Seq, subject string, at sextant.Instant) error
	// PutDue moves the due moment of what stands: no new interval.
	PutDue(subject string, due sextant.Instant) error
	// PutSettled says that states are derived from everything up to here.
	PutSettled() error
	PutDay(d Day) error
}
