// SPDX-License-Identifier: Apache-2.0

package control

import (
	"cmp"
	"slices"
	"strings"

	"sextant"
)

// Expiry is a plan line whose statement or record stops counting, or has.
type Expiry struct {
	Implementation string // key
	Line           string // id
	Shows          string
	At             sextant.Instant
	Gone           bool // it has stopped already
}

// Expiring gives the lines below a node that rest on a statement or a record
// which stops counting before a moment, those that have stopped first, then by
// date.
func Expiring(n *Node, before sextant.Instant) (list []Expiry) {
	implementation := ""
	n.Walk(func(x *Node) {
		if x.Kind == ImplementationNode {
			implementation = strings.TrimPrefix(x.ID, "implementation:")
		}
		if x.Kind != LineNode {
			return
		}
		for _, child := range x.Children {
			if child.Kind != AttestationNode || (child.State != Stale && (child.State != Pass || child.Until >= before)) {
				continue
			}
			list = append(list, Expiry{implementation, strings.TrimPrefix(x.ID, "line:"), x.Title, child.Until, child.State == Stale})
		}
	})
	slices.SortStableFunc(list, func(a, b Expiry) int {
		if a.Gone != b.Gone {
			return map[bool]int{true: -1, false: 1}[a.Gone]
		}
		return cmp.Compare(a.At, b.At)
	})
	return list
}
