// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"slices"

	"sextant/asset"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// tree is a drawing of what stands on an asset and what it stands on, two steps
// each way, from the top down. The lists below it say the same.
type tree struct {
	Width, Height int
	Nodes         []node
	Lines         []line
	Above, Below  int // nodes drawn on either side
}

type node struct {
	X, Y  int
	Title string
	Path  string
	Self  bool
	More  bool // stands for those there is no room for
}

type line struct{ X1, Y1, X2, Y2 int }

// The geometry, in the drawing's own units.
const (
	boxWidth, boxHeight = 150, 30
	gapX, gapY          = 14, 34
	widest              = 5 // boxes in a row
	reachSteps          = 2
	titleRoom           = 20 // characters in a box
)

// grower finds the neighbours of assets on one side.
type grower struct {
	v          *register.View
	end, other string // fields of a dependency: this asset, the one beyond
}

// beyond gives the assets one step further than those of a row, each once, and
// which of them belong together.
func (g grower) beyond(row []string, seen map[string]bool) (next []string, pairs [][2]string, more int, err error) {
	for _, key := range row {
		list, err := g.v.List(register.List{Register: asset.Dependencies.Name, Limit: shown, Filters: []register.Filter{
			{Field: g.end, Op: register.Is, Values: []string{key}}, {Field: "state", Op: register.Is, Values: []string{"active"}}}})
		if err != nil {
			return nil, nil, 0, err
		}
		for _, d := range list.Entries {
			far := d.Doc.Text(g.other)
			switch {
			case slices.Contains(next, far):
			case seen[far]:
				continue
			case len(next) >= widest:
				more++
				continue
			default:
				next = append(next, far)
			}
			pairs = append(pairs, [2]string{key, far})
		}
	}
	for _, key := range next {
		seen[key] = true
	}
	return next, pairs, more, nil
}

// tier is a row of the drawing.
type tier struct {
	keys []string
	more int
}

func treeOf(v *register.View, e register.Entry) (*tree, error) {
	seen := map[string]bool{e.Key: true}
	levels := []tier{{keys: []string{e.Key}}}
	var pairs [][2]string
	t := &tree{}
	for _, g := range []grower{{v, "supports", "dependent"}, {v, "dependent", "supports"}} {
		row := []string{e.Key}
		for range reachSteps {
			next, found, more, err := g.beyond(row, seen)
			if err != nil {
				return nil, err
			}
			if len(next) == 0 {
				break
			}
			row, pairs = next, append(pairs, found...)
			if g.end == "supports" {
				levels, t.Above = append([]tier{{next, more}}, levels...), t.Above+len(next)
			} else {
				levels, t.Below = append(levels, tier{next, more}), t.Below+len(next)
			}
		}
	}
	if len(levels) == 1 {
		return nil, nil
	}
	t.lay(v, e, levels, pairs)
	return t, nil
}

// lay gives every box its place, each row in the middle.
func (t *tree) lay(v *register.View, e register.Entry, levels []tier, pairs [][2]string) {
	most := 1
	for _, l := range levels {
		most = max(most, l.boxes())
	}
	t.Width, t.Height = most*(boxWidth+gapX)-gapX, len(levels)*(boxHeight+gapY)-gapY
	at := map[string]node{}
	for i, l := range levels {
		x, y := (t.Width-l.boxes()*(boxWidth+gapX)+gapX)/2, i*(boxHeight+gapY)
		for _, key := range l.keys {
			n := node{X: x, Y: y, Title: v.TitleOf(asset.Assets.Name, key), Path: "/" + asset.Assets.Plural + "/" + key, Self: key == e.Key}
			at[key], t.Nodes = n, append(t.Nodes, n)
			x += boxWidth + gapX
		}
		if l.more > 0 {
			t.Nodes = append(t.Nodes, node{X: x, Y: y, Title: "+" + page.Count(l.more), More: true})
		}
	}
	for _, pair := range pairs {
		a, b := at[pair[0]], at[pair[1]]
		if a.Y > b.Y {
			a, b = b, a
		}
		t.Lines = append(t.Lines, line{a.X + boxWidth/2, a.Y + boxHeight, b.X + boxWidth/2, b.Y})
	}
}

func (l tier) boxes() int {
	if l.more > 0 {
		return len(l.keys) + 1
	}
	return len(l.keys)
}

// short is a title that fits into its box; the whole stands in the title element.
func (n node) short() string {
	if r := []rune(n.Title); len(r) > titleRoom {
		return string(r[:titleRoom-1]) + "…"
	}
	return n.Title
}
