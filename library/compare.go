// SPDX-License-Identifier: Apache-2.0

package library

import (
	"cmp"
	"encoding/json"
	"slices"
)

// Difference is what one version of a library has and another has not.
type Difference struct {
	Added     int      `json:"added"`
	Removed   int      `json:"removed"`
	Changed   int      `json:"changed"`
	Unchanged int      `json:"unchanged"`
	Changes   []Change `json:"changes"` // added, removed and changed, in the order of the newer, what is gone last
}

// Change is one item that differs.
type Change struct {
	Fate   Fate     `json:"fate"`
	What   string   `json:"what"` // node, mapping, reference_control, threat, risk_matrix
	ID     string   `json:"id"`   // urn, or what it is known by
	Title  string   `json:"title"`
	Fields []string `json:"fields,omitempty"` // of a changed one, by key
}

// Fate says how an item differs.
type Fate string

// The fates.
const (
	Added   Fate = "added"
	Removed Fate = "removed"
	Changed Fate = "changed"
)

// Compare says how the newer of two versions differs. Items are matched by urn,
// by id where they have none. Where a node stands is no change of it as long as
// its parent is the same.
func Compare(older, newer *Content) *Difference {
	before, after := items(older), items(newer)
	d := &Difference{}
	known := make(map[string]item, len(before))
	for _, i := range before {
		known[i.key()] = i
	}
	for _, now := range after {
		was, ok := known[now.key()]
		delete(known, now.key())
		switch fields := now.differs(was); {
		case !ok:
			d.Added++
			d.Changes = append(d.Changes, Change{Added, now.what, now.id, now.title, nil})
		case len(fields) > 0:
			d.Changed++
			d.Changes = append(d.Changes, Change{Changed, now.what, now.id, now.title, fields})
		default:
			d.Unchanged++
		}
	}
	for _, was := range before {
		if _, gone := known[was.key()]; gone {
			delete(known, was.key())
			d.Removed++
			d.Changes = append(d.Changes, Change{Removed, was.what, was.id, was.title, nil})
		}
	}
	return d
}

// item is one thing with its fields as they are kept.
type item struct {
	what, id, title string
	value           any
}

func (i item) key() string { return i.what + " " + i.id }

func items(c *Content) (list []item) {
	for _, f := range c.Frameworks {
		urns := map[string]string{}
		for _, n := range f.Nodes {
			urns[n.ID] = cmp.Or(n.URN, n.ID)
			id := urns[n.ID]
			n.Parent = urns[n.Parent]
			title := n.Title()
			n.ID, n.Depth = "", 0
			list = append(list, item{"node", id, title, n})
		}
	}
	for _, s := range c.Mappings {
		for _, m := range s.Mappings {
			list = append(list, item{"mapping", s.URN + " " + m.Source + " → " + m.Target, m.Source + " → " + m.Target, m})
		}
	}
	for _, k := range c.Controls {
		id := cmp.Or(k.URN, k.ID)
		k.ID = ""
		list = append(list, item{"reference_control", id, cmp.Or(k.Name, k.RefID, id), k})
	}
	for _, t := range c.Threats {
		id := cmp.Or(t.URN, t.ID)
		t.ID = ""
		list = append(list, item{"threat", id, cmp.Or(t.Name, t.RefID, id), t})
	}
	for _, m := range c.Matrices {
		list = append(list, item{"risk_matrix", cmp.Or(m.URN, m.Name), m.Name, m})
	}
	return list
}

// differs names the fields that differ.
func (i item) differs(was item) (fields []string) {
	if was.value == nil {
		return nil
	}
	now, before := encoded(i.value), encoded(was.value)
	if string(now) == string(before) {
		return nil
	}
	a, b := fieldsOf(now), fieldsOf(before)
	for key, value := range a {
		if string(value) != string(b[key]) {
			fields = append(fields, key)
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			fields = append(fields, key)
		}
	}
	slices.Sort(fields)
	return fields
}

func encoded(value any) []byte {
	data, _ := json.Marshal(value) // structs of texts always can be
	return data
}

func fieldsOf(data []byte) (fields map[string]json.RawMessage) {
	_ = json.Unmarshal(data, &fields) // it was just made
	return fields
}
