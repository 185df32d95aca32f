// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"strings"
	"sync"
)

// urnSpaces are the urns libraries of the field name requirements on board by:
// what stands before the number, in small letters, and the framework.
var urnSpaces = []struct{ prefix, framework string }{
	{"urn:intuitem:risk:req_node:iso27001-2022:", StandardID},
	{"urn:intuitem:risk:req_node:iso27001-2013:", Standard2013},
	{"urn:intuitem:risk:req_node:nist-csf-2.0:", "nist-csf:2.0"},
	{"urn:intuitem:risk:req_node:nist-sp-800-53-rev5:", "nist-sp-800-53:r5"},
	{"urn:intuitem:risk:req_node:soc2-2017-rev-2022:", "soc2:2017"},
	{"urn:intuitem:risk:req_node:annex-technical-and-methodological-requirements-nis2:", "nis2-cir:2024-2690"},
}

// numbered are the references of the frameworks of urnSpaces, by framework and
// number in small letters.
var numbered = sync.OnceValue(func() map[string]string {
	index := map[string]string{}
	var add func(framework string, nodes []Node)
	add = func(framework string, nodes []Node) {
		for _, n := range nodes {
			if n.Reference != "" {
				index[framework+"/"+strings.ToLower(n.ID)] = n.Reference
			}
			add(framework, n.Children)
		}
	}
	for _, s := range urnSpaces {
		if t, ok := TreeOf(s.framework); ok {
			add(s.framework, t.Nodes)
		}
	}
	for _, t := range MappedTrees() {
		add(t.ID, t.Nodes)
	}
	return index
})

// OfURN gives the stored reference of the requirement on board that a urn of an
// imported library names, in whatever letters. ok is false where it names none:
// then the urn is all there is to know it by.
func OfURN(urn string) (reference string, ok bool) {
	urn = strings.ToLower(urn)
	for _, s := range urnSpaces {
		if number, found := strings.CutPrefix(urn, s.prefix); found {
			reference, ok = numbered()[s.framework+"/"+number]
			return reference, ok
		}
	}
	return "", false
}

// catalogs are published OSCAL catalogs and baselines of frameworks on board: words
// in the name of the urn they get when they are imported. The numbers in OSCAL are
// no urns, so the catalog has to say whose they are.
var catalogs = []struct {
	words     []string
	framework string
}{
	{[]string{"800-53", "rev-5"}, "nist-sp-800-53:r5"},
	{[]string{"800-53", "revision-5"}, "nist-sp-800-53:r5"},
	{[]string{"nist-cybersecurity-framework-2.0"}, "nist-csf:2.0"},
}

// OfCatalog is OfURN for a number in an imported OSCAL catalog: AC-2(1) in one
// whose urn says that it is SP 800-53, revision 5.
func OfCatalog(catalog, number string) (reference string, ok bool) {
	name, oscal := strings.CutPrefix(strings.ToLower(catalog), "urn:oscal:")
	for _, c := range catalogs {
		if oscal && allIn(name, c.words) {
			reference, ok = numbered()[c.framework+"/"+strings.ToLower(number)]
			return reference, ok
		}
	}
	return "", false
}

func allIn(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
