// SPDX-License-Identifier: Apache-2.0

package register

import (
	"fmt"
	"strings"

	"sextant"
)

// Entry is one version of one entry, as an actor may see it.
type Entry struct {
	Register *Definition     `json:"-"`
	Key      string          `json:"key"`
	Version  int             `json:"version"`
	State    string          `json:"state"`
	Doc      Doc             `json:"fields"`
	At       sextant.Instant `json:"changed_at"`
	Created  sextant.Instant `json:"created_at"`
	Actor    string          `json:"changed_by"`
	Why      string          `json:"change_reason,omitempty"`
	Seq      sextant.Seq     `json:"seq"` // log position this version was recorded at
	Deleted  bool            `json:"deleted,omitempty"`
	Erased   bool            `json:"erased,omitempty"`
	Hidden   []string        `json:"hidden,omitempty"` // fields the actor may not see

	row Row
}

// Title is what a person calls the entry; its key where it has none.
func (e Entry) Title() string {
	if title := e.Doc.Text(e.Register.titleField().Key); title != "" {
		return title
	}
	return e.Key
}

// Owner is the key of the owning person, "" if none.
func (e Entry) Owner() string { return e.Doc.Text(e.Register.ownerField().Key) }

// Due is the date something is expected, "" if none.
func (e Entry) Due() string { return e.Doc.Text(e.Register.dueField().Key) }

// Mark is the entry's place in a list ordered so.
func (e Entry) Mark(o Order) Mark {
	switch o.Column {
	case ColumnTitle:
		return Mark{e.row.Title, e.row.N}
	case ColumnTag:
		return Mark{e.tagText(o.Field), e.row.N}
	case ColumnDue:
		return Mark{e.row.Due, e.row.N}
	case ColumnChanged:
		return Mark{fmt.Sprint(int64(e.row.At)), e.row.N}
	case ColumnActor:
		return Mark{e.row.Actor, e.row.N}
	case ColumnText, ColumnNumber:
		return Mark{e.Doc.Text(o.Field), e.row.N}
	}
	return Mark{"", e.row.N}
}

// tagText is the value under which the tag table keeps the entry.
func (e Entry) tagText(name string) string {
	if name == "state" {
		return e.row.State
	}
	key, isShape := strings.CutPrefix(name, shapeSign)
	if f, _ := e.Register.Field(key); isShape {
		return f.sortable(e.Doc[key])
	}
	return clip(e.Doc.Text(key))
}

// entry decodes a row, bringing an older document up to today's schema.
func (def *Definition) entry(row Row) (Entry, error) {
	doc, err := decodeDoc(row.Data)
	if err != nil {
		return Entry{}, fmt.Errorf("%s version %d: %w", row.Key, row.Version, err)
	}
	if row.Schema > def.Schema {
		return Entry{}, sextant.Errorf(sextant.Unavailable, "%s was written by a newer version of Sextant (schema %d, this one knows %d)", row.Key, row.Schema, def.Schema).
			WithHint("start the newer version")
	}
	for from := max(row.Schema, 1); from < def.Schema; from++ {
		doc = def.Upcasters[from-1](doc)
	}
	return Entry{
		Register: def, Key: row.Key, Version: row.Version, State: row.State, Doc: doc,
		At: row.At, Created: row.Created, Actor: row.Actor, Why: row.Why, Seq: row.From,
		Deleted: row.Deleted, Erased: row.Erased, row: row,
	}, nil
}
