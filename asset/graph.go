// SPDX-License-Identifier: Apache-2.0

package asset

import (
	"slices"

	"sextant"
	"sextant/register"
)

// graph is what stands on what, read as far as it is asked for and kept for one
// transaction: an import judges ten thousand rows by one reading.
type graph struct {
	tx    register.Reader
	down  map[string][]edge // what an asset stands on, where it was read
	up    map[string][]edge // what stands on an asset, likewise
	nodes map[string]*node
	asked int
	whole bool
	seen  struct{ edges, nodes int } // writes of this transaction that are in it
}

// node is what inheritance knows of an asset.
type node struct {
	open  bool // one that was disposed of or ignored neither passes on nor inherits
	worth [3]worth
}

// atOnce is after how many questions everything is read at once.
const atOnce = 256

func graphOf(tx register.Reader) (*graph, error) {
	g, err := register.Kept(tx, "asset graph", func() (*graph, error) {
		return &graph{tx: tx, down: map[string][]edge{}, up: map[string][]edge{}, nodes: map[string]*node{}}, nil
	})
	if err == nil {
		g.absorb()
	}
	return g, err
}

// absorb brings what was read up to what the transaction wrote since.
func (g *graph) absorb() {
	changed := register.ChangedIn(g.tx, dependencyName)
	for _, c := range changed[g.seen.edges:] {
		if was, ok := edgeOf(c.Before); ok {
			drop(g.down, was.dependent, was.key)
			drop(g.up, was.supports, was.key)
		}
		if is, ok := edgeOf(c.After); ok {
			g.add(g.down, is.dependent, is)
			g.add(g.up, is.supports, is)
		}
	}
	g.seen.edges = len(changed)
	assets := register.ChangedIn(g.tx, assetName)
	for _, c := range assets[g.seen.nodes:] {
		if _, read := g.nodes[c.Key]; read || g.whole {
			g.nodes[c.Key] = nodeOf(c.After)
		}
	}
	g.seen.nodes = len(assets)
}

func drop(side map[string][]edge, asset, key string) {
	if list, read := side[asset]; read {
		side[asset] = slices.DeleteFunc(list, func(e edge) bool { return e.key == key })
	}
}

func (g *graph) add(side map[string][]edge, asset string, e edge) {
	list, read := side[asset]
	if (read || g.whole) && !slices.ContainsFunc(list, func(o edge) bool { return o.key == e.key }) {
		side[asset] = append(list, e)
	}
}

// standsOn gives the dependencies of an asset, by key.
func (g *graph) standsOn(asset string) ([]edge, error) { return g.read(g.down, "dependent", asset) }

// carries gives the dependencies on an asset.
func (g *graph) carries(asset string) ([]edge, error) { return g.read(g.up, "supports", asset) }

func (g *graph) read(side map[string][]edge, field, asset string) ([]edge, error) {
	if list, read := side[asset]; read || g.whole {
		return list, nil
	}
	if g.asked++; g.asked > atOnce {
		err := g.readAll()
		return side[asset], err
	}
	list := []edge{}
	err := g.tx.Walk(dependencyName, func(e register.Entry) error {
		if found, ok := edgeOf(&e); ok {
			list = append(list, found)
		}
		return nil
	}, register.Filter{Field: field, Op: register.Is, Values: []string{asset}})
	side[asset] = list
	return list, err
}

func (g *graph) readAll() error {
	clear(g.down)
	clear(g.up)
	if err := g.tx.Walk(dependencyName, func(e register.Entry) error {
		if found, ok := edgeOf(&e); ok {
			g.down[found.dependent] = append(g.down[found.dependent], found)
			g.up[found.supports] = append(g.up[found.supports], found)
		}
		return nil
	}); err != nil {
		return err
	}
	err := g.tx.Walk(assetName, func(e register.Entry) error {
		g.nodes[e.Key] = nodeOf(&e)
		return nil
	})
	g.whole = err == nil
	return err
}

// node gives what is known of an asset; of a deleted one, that it is gone.
func (g *graph) node(asset string) (*node, error) {
	if n := g.nodes[asset]; n != nil {
		return n, nil
	}
	e, err := g.tx.Lookup(assetName, asset)
	if sextant.CodeOf(err) == sextant.NotFound {
		return nodeOf(nil), nil
	}
	if err != nil {
		return nil, err
	}
	g.nodes[asset] = nodeOf(&e)
	return g.nodes[asset], nil
}

func nodeOf(e *register.Entry) *node {
	if e == nil {
		return &node{}
	}
	state, _ := lifecycle.State(e.State)
	n := &node{open: !state.Closed}
	for i, property := range Properties {
		n.worth[i] = worthOf(e.Doc, property)
	}
	return n
}

// passing is the level an asset gives to what it stands on.
func (n *node) passing(property int) Level {
	if !n.open {
		return NotValued
	}
	return n.worth[property].effective()
}

// path finds a way down from one asset to another, both ends in it, without
// one dependency; nil = there is none. It searches from both ends at once and
// goes on where less is to be read: an account that carries thousands stands on
// little itself.
func (g *graph) path(from, to, without string) ([]string, error) {
	below, above := newReach(from), newReach(to)
	for len(below.edge) > 0 && len(above.edge) > 0 {
		here, there, read, far := below, above, g.standsOn, func(e edge) string { return e.supports }
		if len(above.edge) < len(below.edge) {
			here, there, read, far = above, below, g.carries, func(e edge) string { return e.dependent }
		}
		met, err := here.grow(read, far, there, without)
		if err != nil {
			return nil, err
		}
		if met != "" {
			up := below.back(met)
			slices.Reverse(up)
			return append(up, above.back(met)[1:]...), nil
		}
	}
	return nil, nil
}

// reach is how far a search came from one end.
type reach struct {
	from map[string]string // asset → the one before it on the way from the end
	edge []string          // where it goes on
}

func newReach(end string) *reach { return &reach{map[string]string{end: ""}, []string{end}} }

// grow goes one step on; met is an asset the other search has been at.
func (r *reach) grow(read func(string) ([]edge, error), far func(edge) string, other *reach, without string) (met string, err error) {
	var next []string
	for _, asset := range r.edge {
		list, err := read(asset)
		if err != nil {
			return "", err
		}
		for _, e := range list {
			there := far(e)
			if _, been := r.from[there]; been || e.key == without {
				continue
			}
			r.from[there] = asset
			if _, been := other.from[there]; been {
				return there, nil
			}
			next = append(next, there)
		}
	}
	r.edge = next
	return "", nil
}

// back gives the way from an asset to the end the search came from.
func (r *reach) back(asset string) []string {
	way := []string{asset}
	for asset = r.from[asset]; asset != ""; asset = r.from[asset] {
		way = append(way, asset)
	}
	return way
}
