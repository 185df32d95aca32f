// SPDX-License-Identifier: Apache-2.0

package framework_test

import (
	"testing"

	"pgregory.net/rapid"

	"sextant/framework"
)

const (
	eq  = framework.Equal
	sup = framework.Superset
	sub = framework.Subset
	cut = framework.Intersect
	rel = framework.RelatedTo
)

// TestRelationsComposeAsTheTableSays: the whole table of two hops.
func TestRelationsComposeAsTheTableSays(t *testing.T) {
	full, partly, none := framework.Full, framework.Partly, framework.None
	for pair, want := range map[[2]framework.Relation]framework.Coverage{
		{eq, eq}: full, {eq, sup}: full, {eq, sub}: partly, {eq, cut}: partly, {eq, rel}: none,
		{sup, eq}: full, {sup, sup}: full, {sup, sub}: partly, {sup, cut}: partly, {sup, rel}: none,
		{sub, eq}: partly, {sub, sup}: none, {sub, sub}: partly, {sub, cut}: none, {sub, rel}: none,
		{cut, eq}: partly, {cut, sup}: none, {cut, sub}: partly, {cut, cut}: none, {cut, rel}: none,
		{rel, eq}: none, {rel, sup}: none, {rel, sub}: none, {rel, cut}: none, {rel, rel}: none,
	} {
		if got := pair[0].Then(pair[1]).Covers(); got != want {
			t.Errorf("%s on %s gives %s, want %s", pair[0], pair[1], got, want)
		}
	}
}

// demands draws a set of what somebody asks, as bits; nobody asks for nothing.
func demands(t *rapid.T, name string) uint16 { return rapid.Uint16Range(1, 1<<10-1).Draw(t, name) }

// near draws a set that stands to another one in some relation more often than
// chance would have it.
func near(t *rapid.T, to uint16, name string) uint16 {
	other := demands(t, name)
	switch rapid.IntRange(0, 4).Draw(t, name+" is") {
	case 0:
		return to
	case 1:
		return to | other
	case 2:
		if to&other != 0 {
			return to & other
		}
	}
	return other
}

// relationOf is what an honest author would say of two sets.
func relationOf(a, b uint16) framework.Relation {
	switch {
	case a == b:
		return eq
	case a&b == b:
		return sup
	case a&b == a:
		return sub
	case a&b != 0:
		return cut
	}
	return ""
}

// TestWhatIsInferredHoldsForEverySet: over any chain of up to three honest
// mappings, full is only claimed where the source asks all the target asks, and
// partly only where they have something in common. An inference never says more
// than its pieces, whichever end is put together first.
func TestWhatIsInferredHoldsForEverySet(t *testing.T) {
	claims := map[framework.Coverage]int{}
	rapid.Check(t, func(t *rapid.T) {
		sets := []uint16{demands(t, "source")}
		for range rapid.IntRange(1, framework.MostHops).Draw(t, "hops") {
			sets = append(sets, near(t, sets[len(sets)-1], "next"))
		}
		found, vague := eq, rapid.Bool().Draw(t, "vague")
		for i := range len(sets) - 1 {
			said := relationOf(sets[i], sets[i+1])
			if said != "" && vague && rapid.Bool().Draw(t, "says less") {
				said = cut // an author may say less than is so
			}
			found = found.Then(said)
		}
		source, target := sets[0], sets[len(sets)-1]
		claims[found.Covers()]++
		switch found.Covers() {
		case framework.Full:
			if source&target != target {
				t.Fatalf("%010b is said to take in all of %010b", source, target)
			}
		case framework.Partly:
			if source&target == 0 {
				t.Fatalf("%010b is said to take in some of %010b", source, target)
			}
		}
	})
	for _, c := range []framework.Coverage{framework.None, framework.Partly, framework.Full} {
		if claims[c] == 0 {
			t.Errorf("no chain was drawn that covers %s", c)
		}
	}
}

// TestTheTableClaimsAllThatIsCertain: where two relations leave nothing, there
// are sets that have nothing in common; where they leave a part, sets of which
// the source does not take in all.
func TestTheTableClaimsAllThatIsCertain(t *testing.T) {
	less := map[framework.Relation]map[framework.Relation]framework.Coverage{}
	for a := uint16(1); a < 16; a++ {
		for b := uint16(1); b < 16; b++ {
			for c := uint16(1); c < 16; c++ {
				x, y := relationOf(a, b), relationOf(b, c)
				if x == "" || y == "" {
					continue
				}
				truth := framework.None
				switch {
				case a&c == c:
					truth = framework.Full
				case a&c != 0:
					truth = framework.Partly
				}
				if less[x] == nil {
					less[x] = map[framework.Relation]framework.Coverage{}
				}
				if seen, ok := less[x][y]; !ok || truth < seen {
					less[x][y] = truth
				}
			}
		}
	}
	for x, row := range less {
		for y, certain := range row {
			if got := x.Then(y).Covers(); got != certain {
				t.Errorf("%s on %s claims %s, certain is %s", x, y, got, certain)
			}
		}
	}
}

func TestCompositionIsAssociative(t *testing.T) {
	all := append(framework.Relations(), "")
	for _, a := range all {
		for _, b := range all {
			for _, c := range all {
				if x, y := a.Then(b).Then(c), a.Then(b.Then(c)); x != y {
					t.Errorf("(%s %s) %s is %q, %s (%s %s) is %q", a, b, c, x, a, b, c, y)
				}
			}
		}
		if a.Inverse().Inverse() != a {
			t.Errorf("%s turned round twice is %s", a, a.Inverse().Inverse())
		}
	}
}
