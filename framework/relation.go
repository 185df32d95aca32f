// SPDX-License-Identifier: Apache-2.0

package framework

// Relation says how what one requirement asks stands to what another asks, taken
// as sets: in a mapping from a source to a target, Superset means the source
// asks at least all the target asks. The zero value claims nothing.
type Relation string

// The relations. RelatedTo says two are worth reading side by side and no more.
const (
	Equal     Relation = "equal"
	Superset  Relation = "superset"
	Subset    Relation = "subset"
	Intersect Relation = "intersect" // they have something in common
	RelatedTo Relation = "related"
)

// Unrelated says two have nothing in common. Imported mappings say so of pairs
// others map; nothing is inferred from it, and content on board never has it.
const Unrelated Relation = "not_related"

// Relations gives the five, what says most first.
func Relations() []Relation { return []Relation{Equal, Superset, Subset, Intersect, RelatedTo} }

// UnmarshalText refuses an unknown relation.
func (r *Relation) UnmarshalText(b []byte) error { return oneOf(r, b, Relations()) }

// Then gives what is certain of source and target when the source stands to
// something in between as r, and that to the target as next; "" where nothing
// is. Equal is neutral. Superset on superset stays one, and subset on subset;
// superset on subset or on intersect, and intersect on subset, leave something in
// common. The rest, and whatever is only related, leaves nothing: a part of a
// part can be another part (DESIGN 8).
func (r Relation) Then(next Relation) Relation {
	switch {
	case r == Equal:
		return next.claim()
	case next == Equal:
		return r.claim()
	case r == Superset && next == Superset:
		return Superset
	case r == Subset && next == Subset:
		return Subset
	case r == Superset && (next == Subset || next == Intersect), r == Intersect && next == Subset:
		return Intersect
	}
	return ""
}

// claim is the relation as far as anything can be inferred from it.
func (r Relation) claim() Relation {
	if r == RelatedTo || r == Unrelated {
		return ""
	}
	return r
}

// Disagrees says whether two statements on one pair cannot both be the last word:
// they name different relations, and neither only says that the pair is worth
// reading.
func (r Relation) Disagrees(other Relation) bool {
	return r != other && r != RelatedTo && other != RelatedTo
}

// Inverse is how the target stands to the source.
func (r Relation) Inverse() Relation {
	switch r {
	case Superset:
		return Subset
	case Subset:
		return Superset
	}
	return r
}

// Coverage is how much of a target's demand a source's demand takes in.
type Coverage int

// The coverages; the zero value claims nothing.
const (
	None   Coverage = iota
	Partly          // some of it
	Full            // all of it
)

func (c Coverage) String() string { return [...]string{"none", "partly", "full"}[c] }

// MarshalText writes the name.
func (c Coverage) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Covers gives what a relation lets one claim.
func (r Relation) Covers() Coverage {
	switch r {
	case Equal, Superset:
		return Full
	case Subset, Intersect:
		return Partly
	}
	return None
}

// MostHops is how many mappings an inference may rest on.
const MostHops = 3
