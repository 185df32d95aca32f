// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"encoding/json"

	"sextant"
)

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

// IsWhole says whether it was seen to its end: by the newest run, or by an
// earlier one where the newest was asked to keep what that one said.
func (p Population) IsWhole() bool {
	return p.State == "complete" || p.State == "skipped" && p.Whole != 0
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
