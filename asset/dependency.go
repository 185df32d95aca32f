// SPDX-License-Identifier: Apache-2.0

package asset

import (
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Dependency says that one asset stands on another, and which of its values the
// other one inherits for that.
type Dependency struct {
	Title      string   `json:"title" is:"text derived title" label:"Dependency"`
	Dependent  string   `json:"dependent" is:"ref required" to:"asset" label:"Asset" help:"The one that needs the other."`
	Supports   string   `json:"supports" is:"ref required" to:"asset" label:"Stands on" help:"The one that is needed. It inherits the value of the first."`
	Properties []string `json:"properties" is:"enum required" values:"confidentiality=Confidentiality,integrity=Integrity,availability=Availability" default:"confidentiality,integrity,availability" label:"Passes on" help:"A copy that can take over at once may not pass on availability."`
	Note       string   `json:"note" is:"text" label:"Note" help:"What it is needed for; and why not everything passes on, where it does not."`
	Origin     string   `json:"origin" is:"enum" values:"typed=Typed,discovered=Discovered,import=Import" default:"typed" label:"Origin"`
}

const dependencyName = "asset_dependency"

// Dependencies is the register of what stands on what. Together they have no
// circle.
var Dependencies = register.Declare(register.Definition{
	Name: dependencyName, Plural: "asset-dependencies", Prefix: "DEP", Title: "Dependency", Titles: "Asset dependencies",
	Question: "Which asset stands on which?",
	Purpose:  "What an asset needs to do its work. What is needed inherits the value of what needs it, down to the last machine.",
	Clauses:  []string{"6.1.2 c)", "8.2"}, Retention: "cycle", Parent: "dependent", Unique: [][]string{{"dependent", "supports"}},
	OpenTo: []access.Role{access.Owner},
	Derive: nameDependency, Settle: settle, Lifecycle: register.Living(nil, "isms_manager"),
}, checkDependency)

// nameDependency calls it by its two ends.
func nameDependency(tx register.Reader, doc register.Doc) error {
	title := ""
	for _, end := range []string{"dependent", "supports"} {
		e, err := tx.Lookup(assetName, doc.Text(end))
		if sextant.CodeOf(err) == sextant.NotFound {
			return nil // refused with its field by the reference check that follows
		}
		if err != nil {
			return err
		}
		if title != "" {
			title += " → "
		}
		title += e.Title()
	}
	doc["title"] = title
	return nil
}

// checkDependency refuses what would close a circle, naming it
// (asset_dependency.r1).
func checkDependency(tx register.Reader, now register.Of[Dependency], _ *register.Of[Dependency]) error {
	f := now.Fields
	if f.Dependent == f.Supports {
		return sextant.Errorf(sextant.Invalid, "an asset does not stand on itself").At("supports")
	}
	if len(f.Properties) < len(Properties) && f.Note == "" {
		return sextant.Errorf(sextant.Invalid, "say why not everything passes on").At("note")
	}
	if now.State != active {
		return nil
	}
	g, err := graphOf(tx)
	if err != nil {
		return err
	}
	path, err := g.path(f.Supports, f.Dependent, now.Key)
	if err != nil || path == nil {
		return err
	}
	names := make([]string, 0, len(path)+1)
	for _, key := range append([]string{f.Dependent}, path...) {
		e, err := tx.Lookup(assetName, key)
		if err != nil {
			return err
		}
		names = append(names, key+" "+e.Title())
	}
	return sextant.Errorf(sextant.Invalid, "this would close a circle: %s", strings.Join(names, " → ")).At("supports").
		WithHint("an asset cannot stand on what stands on it; change one of these dependencies first")
}

const active = "active"

// edge is a dependency that is in force.
type edge struct {
	key, dependent, supports string
	passes                   [3]bool // by Properties
}

// edgeOf reads a dependency; ok is false for one that is not in force.
func edgeOf(e *register.Entry) (found edge, ok bool) {
	if e == nil || e.State != active {
		return edge{}, false
	}
	found = edge{key: e.Key, dependent: e.Doc.Text("dependent"), supports: e.Doc.Text("supports")}
	passes := e.Doc.Strings("properties")
	for i, property := range Properties {
		found.passes[i] = slices.Contains(passes, property)
	}
	return found, true
}
