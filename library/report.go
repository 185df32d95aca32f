// SPDX-License-Identifier: Apache-2.0

package library

import (
	"cmp"
	"fmt"
	"slices"
)

// Report says what a reader met that is not as the format has it: what was left
// out, and what was taken although something is wrong with it.
type Report struct{ Remarks []Remark }

// Remark is one kind of such a thing, with how often it was met.
type Remark struct {
	Code     Code     `json:"what"`
	Count    int      `json:"count"`
	Left     bool     `json:"left_out"` // false: it was taken all the same
	Examples []string `json:"examples"` // up to mostExamples
}

// Code names a kind of remark. Its words are in the message catalogue and in Says.
type Code string

// The remarks.
const (
	UnknownObject    Code = "unknown_object"    // a part of the library of which nothing is made here
	UnknownField     Code = "unknown_field"     // a field that is not read
	NotAsExpected    Code = "not_as_expected"   // an item that is no mapping of names to values
	DuplicateURN     Code = "duplicate_urn"     // a second item with the same urn
	MissingURN       Code = "missing_urn"       // an item without one
	MissingParent    Code = "missing_parent"    // a node whose parent is not in the file
	ParentLoop       Code = "parent_loop"       // a node that is its own ancestor
	MissingRefID     Code = "missing_ref_id"    // an assessable node without an id people read
	DepthDiffers     Code = "depth_differs"     // the depth is missing or is not that of the tree
	MissingEnd       Code = "missing_end"       // a mapping with one end only
	DanglingEnd      Code = "dangling_end"      // a mapping to or from a requirement that is not there
	FrameworkAbsent  Code = "framework_absent"  // a mapping set whose framework is not here
	DuplicatePair    Code = "duplicate_pair"    // the same two requirements again
	UnknownKind      Code = "unknown_kind"      // a relationship the format does not have
	StrengthOut      Code = "strength_out"      // a strength that is no number from 0 to 100
	UnknownReference Code = "unknown_reference" // a reference control or threat that is not in the file
	GridOut          Code = "grid_out"          // a cell of a risk matrix that names no level
	NotResolved      Code = "not_resolved"      // an import of a profile whose source is not at hand
	NotChosen        Code = "not_chosen"        // an id a profile names and the catalog does not have
	NotAltered       Code = "not_altered"       // an alteration of a profile that is not made
)

var sayings = map[Code]string{
	UnknownObject: "parts of which nothing is made", UnknownField: "fields that are not read", NotAsExpected: "items that are no mapping of names to values",
	DuplicateURN: "items whose urn stands already", MissingURN: "items without a urn", MissingParent: "nodes whose parent is not in the file", ParentLoop: "nodes that are their own ancestor",
	MissingRefID: "requirements without a reference id", DepthDiffers: "nodes whose depth is missing or not that of the tree", MissingEnd: "mappings with one end only",
	DanglingEnd: "mappings to a requirement that is not there", FrameworkAbsent: "mapping sets whose framework is not here", DuplicatePair: "pairs of requirements that stand twice",
	UnknownKind: "mappings of an unknown relationship, taken as related", StrengthOut: "strengths that are no number from 0 to 100", UnknownReference: "references to a control or threat that is not in the file",
	GridOut: "cells of a risk matrix that name no level", NotResolved: "imports whose source is not at hand", NotChosen: "ids the catalog does not have", NotAltered: "alterations that are not made",
}

// Says is what the remark means, to follow its count.
func (c Code) Says() string { return sayings[c] }

// mostExamples is how many examples of each kind are kept, and longestExample
// how many characters of each.
const (
	mostExamples   = 5
	longestExample = 120
)

// Left notes something that was left out.
func (r *Report) Left(code Code, example string) { r.note(code, true, example) }

// Took notes something that was taken although it is not as the format has it.
func (r *Report) Took(code Code, example string) { r.note(code, false, example) }

func (r *Report) note(code Code, left bool, example string) {
	i := slices.IndexFunc(r.Remarks, func(k Remark) bool { return k.Code == code && k.Left == left })
	if i < 0 {
		i = len(r.Remarks)
		r.Remarks = append(r.Remarks, Remark{Code: code, Left: left})
	}
	r.Remarks[i].Count++
	if runes := []rune(example); len(runes) > longestExample {
		example = string(runes[:longestExample-1]) + "…"
	}
	if len(r.Remarks[i].Examples) < mostExamples && !slices.Contains(r.Remarks[i].Examples, example) {
		r.Remarks[i].Examples = append(r.Remarks[i].Examples, example)
	}
}

// Count says how often something was met.
func (r *Report) Count(code Code) (n int) {
	for _, k := range r.Remarks {
		if k.Code == code {
			n += k.Count
		}
	}
	return n
}

// Sorted gives the remarks: what was left out first, then the most frequent.
func (r *Report) Sorted() []Remark {
	list := slices.Clone(r.Remarks)
	slices.SortFunc(list, func(a, b Remark) int {
		if a.Left != b.Left {
			if a.Left {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
	return list
}

func (k Remark) String() string {
	word := "taken"
	if k.Left {
		word = "left out"
	}
	return fmt.Sprintf("%d %s (%s)", k.Count, k.Code.Says(), word)
}
