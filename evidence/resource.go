// SPDX-License-Identifier: Apache-2.0

package evidence

import "sextant"

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
	Data     []byte          // nil where a list does not need it
}

// ResourceList asks for a page of the resources of one type by key.
type ResourceList struct {
	Type     string
	Source   string      // "" = of every source
	Contains string      // part of the key, ASCII case folded; "" = all
	At       sextant.Seq // LatestSeq for now
	After    *Resource   // the last one of the page before, nil = from the start
	Limit    int
}

// TypeCount is how many resources of a type stand. A list of the type at the
// same position has exactly that many.
type TypeCount struct {
	Type  string `json:"type"`
	Count int    `json:"count"`
}
