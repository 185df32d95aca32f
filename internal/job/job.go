// SPDX-License-Identifier: Apache-2.0

// Package job does work in the background: it is written down before it
// starts, done by one runner at a time, tells how far it is, can be cancelled,
// and is tried again after a failure or when its runner died.
//
// It does not know what any work means: kinds are given to it. It keeps no
// results beside a short answer; what work makes is written where it belongs,
// under the fence of the runner that holds it. Work itself is not journalled;
// what it records is.
package job

import (
	"encoding/json"

	"sextant"
)

// State is where a piece of work stands.
type State string

// The states. Waiting and Running are open; the others are ends.
const (
	Waiting   State = "waiting"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Open says whether work is still to be done or under way.
func (s State) Open() bool { return s == Waiting || s == Running }

// Job is one piece of work of one organisation.
type Job struct {
	ID           int64                `json:"id"` // within the organisation
	Organisation sextant.Organisation `json:"-"`
	Kind         string               `json:"kind"`
	Subject      string               `json:"subject,omitempty"` // what it is about: SRC-1
	State        State                `json:"state"`
	Progress     Progress             `json:"progress"`
	Attempt      int                  `json:"attempt"` // 1 while it is tried for the first time
	RunAt        sextant.Instant      `json:"run_at"`  // not before
	Created      sextant.Instant      `json:"created"`
	Started      sextant.Instant      `json:"started"`  // of the latest attempt, 0 = never
	Finished     sextant.Instant      `json:"finished"` // 0 = open
	By           string               `json:"by"`       // who asked for it, as Actor.Name
	Cancelling   bool                 `json:"cancelling,omitempty"`
	Error        string               `json:"error,omitempty"` // of the latest attempt, fit to be shown
	Hint         string               `json:"hint,omitempty"`
	Arguments    json.RawMessage      `json:"arguments,omitempty"`
	Result       json.RawMessage      `json:"result,omitempty"`

	Once  string          `json:"-"` // idempotency key, "" = none
	Again bool            `json:"-"` // asked for once more while it ran: it waits again when it ends
	Token int64           `json:"-"` // fencing token, raised by each claim
	Lease sextant.Instant `json:"-"` // while running: until when the runner may be silent
}

// Progress is how far work is. Total 0 means that nobody can tell.
type Progress struct {
	Done     int64  `json:"done"`
	Total    int64  `json:"total"`
	Sentence string `json:"sentence,omitempty"` // what is being done, fit to be shown
}

// Fence gives what a runner shows with everything it writes for this job.
func (j Job) Fence() Fence { return Fence{j.Organisation, j.ID, j.Token} }

// Filter picks jobs; zero values pick all.
type Filter struct {
	Kind, Subject string
	States        []State
	Limit         int // 0 = 100
}
