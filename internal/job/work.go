// SPDX-License-Identifier: Apache-2.0

package job

import (
	"encoding/json"
	"fmt"
	"sync"

	"sextant/access"
)

// Work is one attempt at a job, as the one who does it sees it.
type Work struct {
	Job Job

	mu       sync.Mutex
	progress Progress
	result   json.RawMessage
}

// Actor is the program, working for the job's organisation.
func (w *Work) Actor() access.Actor { return access.SystemActor(w.Job.Organisation, w.Job.Kind) }

// Arguments reads what the work was asked with.
func (w *Work) Arguments(into any) error {
	if len(w.Job.Arguments) == 0 {
		return nil
	}
	if err := json.Unmarshal(w.Job.Arguments, into); err != nil {
		return fmt.Errorf("arguments of %s %d: %w", w.Job.Kind, w.Job.ID, err)
	}
	return nil
}

// Progress says how far it is. It is cheap: what is said last before each beat
// is kept.
func (w *Work) Progress(done, total int64, sentence string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.progress = Progress{done, total, sentence}
}

// Result keeps a short answer with the job.
func (w *Work) Result(v any) error {
	data, err := json.Marshal(v)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result = data
	return err
}

func (w *Work) told() (Progress, json.RawMessage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.progress, w.result
}
