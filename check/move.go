// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Move is an attribute that is another than it was.
type Move struct {
	Attribute     string // backup_retention_days, tags.owner
	Before, After any    // nil = it was not there
	Unread        string // why it could not be read this time, "" where it was
}

// Moves names, of the attributes the check reads, those that differ between two
// versions of a resource, as deep as both are maps; in order of their names. A
// change of anything else moves no result of this check and is left out.
func (c *Compiled) Moves(before, after map[string]any) []Move {
	var moves []Move
	lost, had := unread(after), unread(before)
	for _, name := range c.reads {
		switch cause, now := lost[name]; {
		case now && had[name] == nil:
			moves = append(moves, Move{Attribute: name, Before: before[name], Unread: fmt.Sprint(cause)})
		case !now:
			moves = append(moves, movesOf(name, before[name], after[name])...)
		}
	}
	return moves
}

// unread names the attributes of an observation that gave no answer.
func unread(attributes map[string]any) map[string]any {
	named, _ := attributes[errorsKey].(map[string]any)
	return named
}

func movesOf(path string, before, after any) []Move {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	was, isMap := before.(map[string]any)
	is, still := after.(map[string]any)
	if !isMap || !still {
		return []Move{{Attribute: path, Before: before, After: after}}
	}
	names := maps.Clone(was)
	maps.Copy(names, is)
	var moves []Move
	for _, name := range slices.Sorted(maps.Keys(names)) {
		moves = append(moves, movesOf(path+"."+name, was[name], is[name])...)
	}
	return moves
}
