// SPDX-License-Identifier: Apache-2.0

package crosswalk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"sextant/access"
	"sextant/control"
	"sextant/crosswalk"
	"sextant/evidence"
	"sextant/framework"
	"sextant/interchange/cisoassistant"
	"sextant/library"
	"sextant/product/producttest"
	"sextant/register"
)

// harbour is a framework of two requirements; its urns are written in mixed
// letters, as some files of the field have them.
const harbour = `
urn: urn:q:library:harbour
name: Harbour rules
version: 2
provider: The harbour master
copyright: CC BY 4.0
objects:
  framework:
    urn: urn:q:framework:harbour
    requirement_nodes:
    - {urn: 'urn:q:req:1', ref_id: '1', name: Coming in, assessable: false, depth: 1}
    - {urn: 'urn:q:Req:1.1', ref_id: '1.1', name: Copies of the log, assessable: true, depth: 2, parent_urn: 'urn:q:req:1'}
    - {urn: 'urn:q:req:1.2', ref_id: '1.2', name: Pilots, assessable: true, depth: 2, parent_urn: 'urn:q:req:1'}
    - {urn: 'urn:q:req:1.3', ref_id: '1.3', name: Flags, assessable: true, depth: 2, parent_urn: 'urn:q:req:1'}
`

// toBase maps pairs of a requirement of the harbour, a kind and one of ISO/IEC
// 27001, as CISO Assistant numbers it.
func toBase(name, strength string, triples ...string) string {
	text := "urn: urn:q:library:" + name + "\nname: " + name + "\nversion: 1\nprovider: Somebody\ncopyright: CC0\nobjects:\n  requirement_mapping_sets:\n  - urn: urn:q:set:" + name +
		"\n    name: Harbour to ISO\n    source_framework_urn: urn:q:framework:harbour\n    target_framework_urn: urn:intuitem:risk:framework:iso27001-2022\n    requirement_mappings:\n"
	for i := 0; i+2 < len(triples); i += 3 {
		text += fmt.Sprintf("    - {source_requirement_urn: 'urn:q:req:%s', target_requirement_urn: 'URN:intuitem:risk:req_node:iso27001-2022:%s', relationship: %s, strength_of_relationship: %s, rationale: Read side by side}\n", triples[i], triples[i+2], triples[i+1], strength)
	}
	return text
}

func manager(h *producttest.House) access.Actor {
	return access.Actor{Organisation: h.Org, Name: "account:mara", Person: h.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
}

func take(t *testing.T, h *producttest.House, text string) string {
	t.Helper()
	c, r, err := cisoassistant.Read("rules.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := library.Take(context.Background(), h.Kernel, manager(h), library.Came("rules.yaml", []byte(text), c, r), register.Note{})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func imported(states map[string]control.State) crosswalk.Board {
	return crosswalk.Board{Sources: []crosswalk.Source{crosswalk.Imported{}}, Standing: func(*register.View, evidence.Reader) (map[string]control.State, error) { return states, nil }}
}

// known is what a framework's page would say of each requirement, by its number.
func known(t *testing.T, h *producttest.House, b crosswalk.Board, id string) map[string]crosswalk.Inferred {
	t.Helper()
	found := map[string]crosswalk.Inferred{}
	h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
		states, err := b.At(v, r)
		if err != nil {
			return err
		}
		tree, err := b.Tree(v, id)
		if err != nil {
			return err
		}
		points, err := b.Asking(v, id)
		if err != nil || len(points) != tree.Asking {
			t.Errorf("%d of %d requirements can be asked about, %v", len(points), tree.Asking, err)
		}
		var walk func([]framework.Node)
		walk = func(nodes []framework.Node) {
			for _, n := range nodes {
				if n.Asks {
					found[n.ID] = states.Of(n.Point())
				}
				walk(n.Children)
			}
		}
		walk(tree.Nodes)
		return nil
	})
	return found
}

func TestAnImportedMappingCarriesEvidenceToAnImportedFramework(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		board := imported(map[string]control.State{"iso27001:2022/A.8.13": control.Pass, "iso27001:2022/A.5.19": control.Fail, "iso27001:2022/A.5.2": control.Pass})
		key := take(t, h, harbour)
		if x := known(t, h, board, key)["1.1"]; x.State != control.NotAssessed || len(x.Paths) > 0 {
			t.Errorf("without a mapping 1.1 is %+v", x)
		}
		mapped := take(t, h, toBase("Mapping", "90", "1.1", "subset", "a.8.13", "1.2", "equal", "A.5.19", "1.3", "intersect", "a.5.2", "1.3", "related", "4.1", "1.1", "equal", "annex-a"))
		now := known(t, h, board, key)
		for number, want := range map[string]control.State{"1.1": control.Pass, "1.2": control.Fail, "1.3": control.Partial} {
			if now[number].State != want {
				t.Errorf("%s is %s, want %s", number, now[number].State, want)
			}
		}
		hop := now["1.1"].Paths[0].Hops[0]
		if hop.From != "iso27001:2022/A.8.13" || hop.Kind != framework.Superset || hop.Strength != "90" || hop.Rationale != "Read side by side" || hop.Set.Library != mapped || hop.Set.Licence != "CC0" || !strings.Contains(hop.Set.Source, "Somebody") {
			t.Errorf("the path says %+v of %+v", hop, hop.Set)
		}
		if beside := now["1.3"].Beside; len(beside) != 1 || beside[0].From != "iso27001:2022/4.1" {
			t.Errorf("beside 1.3 stand %+v", beside)
		}
		if now["1.1"].Contested {
			t.Error("one source alone is contested")
		}
	})
}

func TestImportedSourcesThatDisagreeAreContested(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	board := imported(map[string]control.State{"iso27001:2022/A.8.13": control.Pass, "iso27001:2022/A.8.14": control.Pass})
	key := take(t, h, harbour)
	take(t, h, toBase("First", "1", "1.1", "equal", "a.8.13", "1.2", "equal", "a.8.14", "1.3", "equal", "a.8.13"))
	second := take(t, h, toBase("Second", "1", "1.1", "not_related", "a.8.13", "1.2", "equal", "a.8.14", "1.3", "related", "a.8.13"))
	now := known(t, h, board, key)
	if x := now["1.1"]; x.State != control.Pass || !x.Contested || len(x.Paths) != 1 {
		t.Errorf("1.1, which one source says has nothing to do with it: %+v", x)
	} else if against := x.Paths[0].Hops[0].Against; len(against) != 1 || against[0].Kind != framework.Unrelated || against[0].Set.Library != second {
		t.Errorf("against it stand %+v", against)
	}
	if x := now["1.2"]; x.Contested || len(x.Paths) != 1 || len(x.Paths[0].Hops[0].Also) != 1 {
		t.Errorf("1.2, on which both agree: %+v", x)
	}
	if x := now["1.3"]; x.Contested || len(x.Paths) != 1 {
		t.Errorf("1.3, which one only wants to be read: %+v", x)
	}
}

func TestWhatIsRetiredLeadsNowhere(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		board := imported(map[string]control.State{"iso27001:2022/A.8.13": control.Pass})
		key, mapped := take(t, h, harbour), take(t, h, toBase("Mapping", "1", "1.1", "equal", "a.8.13"))
		if x := known(t, h, board, key)["1.1"]; x.State != control.Pass {
			t.Fatalf("1.1 is %s", x.State)
		}
		if err := h.Kernel.Write(t.Context(), manager(h), func(tx *register.Tx) error {
			_, err := tx.Transition(library.Libraries.Name, mapped, 0, "retire", nil, register.Note{Why: "not ours"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if x := known(t, h, board, key)["1.1"]; x.State != control.NotAssessed || len(x.Paths) > 0 {
			t.Errorf("after the mapping is retired: %+v", x)
		}
	})
}

// TestAFrameworkThatIsNotHereCanStandBetween: two mappings name the same
// requirement by the same urn, so they meet in it whether or not somebody
// imported its text.
func TestAFrameworkThatIsNotHereCanStandBetween(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	board := imported(map[string]control.State{"iso27001:2022/A.8.13": control.Pass})
	key := take(t, h, harbour)
	take(t, h, strings.ReplaceAll(toBase("River to ISO", "1", "9", "subset", "a.8.13"), "urn:q:req:", "urn:q:river:"))
	bridge := strings.ReplaceAll(toBase("Harbour to river", "1", "1.2", "equal", "9"), "URN:intuitem:risk:req_node:iso27001-2022:", "urn:q:river:")
	take(t, h, bridge)
	x := known(t, h, board, key)["1.2"]
	if x.State != control.Pass || len(x.Paths) != 1 || len(x.Paths[0].Hops) != 2 || x.Paths[0].Hops[1].From != "urn:q:river:9" {
		t.Errorf("by way of what is not here: %+v", x)
	}
}
