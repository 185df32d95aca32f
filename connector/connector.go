// SPDX-License-Identifier: Apache-2.0

// Package connector is the contract between Sextant and the systems it reads:
// what a connector yields (observations), how it tells whether it saw
// everything (populations), and what it writes down about a run (the manifest).
//
// A connector reads and normalises. It judges nothing, stores nothing and never
// writes to the system it reads. What it could not read it says: a population
// that is not complete, or an attribute named under ErrorsKey. Neither may ever
// be taken for "there is none".
package connector

import (
	"context"
)

// Connector reads one configured source. It is made by a Kind's Open.
type Connector interface {
	// Name is the registered name of its kind, for example "aws".
	Name() string
	// Version changes whenever the same answer of the outside system could
	// give other observations.
	Version() string
	// Types lists every resource type the connector may observe, with its
	// attributes.
	Types() []Type
	// Collect reads the source once and hands everything to sink. It returns
	// when no call to sink is under way or will follow. The manifest is valid
	// even beside an error. The error is not nil only when the run was cut
	// short: by ctx, or because sink refused something; what the outside
	// system refused is in the manifest. Collect may be called again, but not
	// twice at the same time.
	Collect(ctx context.Context, sink Sink) (Manifest, error)
}

// Permissions is implemented by connectors that can print the exact rights they
// need, in the form the outside system takes (for AWS: an IAM policy).
type Permissions interface {
	Permissions() ([]byte, error)
}

// Discoverer is implemented by connectors that can ask the outside system which
// accounts exist, so that an account that is not connected is a visible gap.
type Discoverer interface {
	Discover(ctx context.Context) ([]Expected, error)
}

// Expected is an account, project or tenant that ought to have a source.
type Expected struct {
	Connector  string `json:"connector"`
	Identifier string `json:"identifier"` // account id, tenant or domain
	Title      string `json:"title"`
	State      string `json:"state"` // in the outside system's words, for example ACTIVE
}

// Sink receives a run as it happens. A connector never calls it from two
// goroutines at once. It must not keep more than one page in memory, so a slow
// sink slows the run. An error from Observe or Complete ends the run.
type Sink interface {
	// Observe takes one observation. Observations of several populations may
	// come interleaved; within a run a (Type, Key) comes at most once.
	Observe(ctx context.Context, o Observation) error
	// Complete takes a population's outcome: exactly once per population, after
	// its last observation. It is called even when ctx of the run was
	// cancelled, with a context that is not.
	Complete(ctx context.Context, p Population) error
	// Progress tells how far the run is. It must return quickly.
	Progress(p Progress)
}

// Progress is how far a run is.
type Progress struct {
	Slice              // what was just begun or ended
	State        State `json:"state"` // Running at the begin
	Done         int   `json:"done"`  // populations ended
	Total        int   `json:"total"` // populations known so far; it can still grow
	Observations int64 `json:"observations"`
	Requests     int64 `json:"requests"`
}

// Slice names a population: the resources of one type in one region of one
// account. Region is "global" for types that belong to no region, and AnyRegion
// when the list of regions itself could not be read.
type Slice struct {
	Type    string `json:"type"`
	Account string `json:"account"`
	Region  string `json:"region"`
}

// The regions that are none.
const (
	Global    = "global"
	AnyRegion = "*"
)

// State says how much of a population was seen.
type State string

// The states of a population. Only Complete allows a consumer to conclude that
// a resource it knew and did not see again is gone. After any other state it
// must neither delete nor close what was not seen, and results over the
// population are an error, never a pass and never a fail.
const (
	NotReached State = "not_reached" // the run ended before it was begun
	Running    State = "running"     // in Progress only, never in a manifest
	Complete   State = "complete"    // every resource was listed; single attributes may be unknown
	Skipped    State = "skipped"     // the caller asked to keep what an earlier run said
	Partial    State = "partial"     // some pages were read, then it failed
	Failed     State = "failed"      // nothing could be read
	Refused    State = "denied"      // nothing could be read for want of a right
)

// Population is what a run saw of one slice.
type Population struct {
	Slice
	State   State     `json:"state"`
	Count   int       `json:"count"`            // observations handed over
	Unknown int       `json:"unknown"`          // of those, how many name an attribute that could not be read
	Pages   int       `json:"pages"`            // answers of listing calls read to the end
	Errors  []Failure `json:"errors,omitempty"` // what kept it from being complete, and what made attributes unknown
}

// Cause is the kind of reason a call gave no answer.
type Cause string

// The causes. The zero value is an answer nobody has a name for.
const (
	Unclear      Cause = "unclear"
	Denied       Cause = "denied"        // the identity lacks the right
	Unauthentic  Cause = "unauthentic"   // credentials wrong or missing
	Expired      Cause = "expired"       // credentials were right once
	Throttled    Cause = "throttled"     // still too many requests after waiting
	Unreachable  Cause = "unreachable"   // no connection
	Blocked      Cause = "blocked"       // our own dialer refused the address
	TimedOut     Cause = "timeout"       //
	Cut          Cause = "cut"           // the answer ended too early
	Malformed    Cause = "malformed"     // the answer is not what the interface promises
	TooLarge     Cause = "too_large"     // the answer is over our limit
	RepeatedPage Cause = "repeated_page" // the same page token came twice
	ServerError  Cause = "server_error"  // the outside system failed
	RegionOff    Cause = "region_off"    // the region is disabled or does not exist
	NotReady     Cause = "not_ready"     // the outside system has not prepared the answer yet
	OtherAccount Cause = "other_account" // the credentials belong to another account than configured
	Cancelled    Cause = "cancelled"     // the run was stopped
)

// Failure names a call that gave no answer. It holds nothing that changes from
// run to run (no request id, no time), so equal failures are equal.
type Failure struct {
	Call     string `json:"call"` // for example iam:GetAccountSummary
	Account  string `json:"account"`
	Region   string `json:"region"`
	Resource string `json:"resource,omitempty"` // the first resource concerned, where the call is per resource
	Cause    Cause  `json:"cause"`
	Code     string `json:"code,omitempty"` // in the outside system's words
	Message  string `json:"message"`
	Hint     string `json:"hint"`
	Times    int    `json:"times"` // how often it happened in this population
}

func (f Failure) Error() string {
	where := f.Account + " " + f.Region
	if f.Resource != "" {
		where += " " + f.Resource
	}
	return f.Call + " in " + where + ": " + string(f.Cause) + ": " + f.Message
}

// Kind of evidence an observation is.
type Kind string

// The kinds of evidence.
const (
	Configuration Kind = "configuration" // a resource as it was at the moment of reading
	LogExtract    Kind = "log_extract"   // events of a period
	Report        Kind = "report"        // a file the outside system makes itself
)
