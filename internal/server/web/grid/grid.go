// SPDX-License-Identifier: Apache-2.0

// Package grid is the one table of the pages: columns to choose, sort, filter
// chips with their editor, groups, saved views, picking rows, a drawer beside.
// Everything it offers is a link or a form whose state stands in the address;
// the script adds keyboard, drawer and editing in place. It reads no data:
// a section fills it.
package grid

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"sextant/internal/server/web/page"
)

// Table is what is drawn. Sections with lists of their own fill it too.
type Table struct {
	Caption string
	Live    string // topics on which the table is drawn anew, separated by spaces
	Columns []Column
	Groups  []Group
	Pick    bool   // rows can be chosen for a change of many
	Next    string // address of the rows after these, "" on the last page
	First   string // address of the first rows, where these are not
	Count   string // how many in all, in words
}

// Column is one column. Class gives its priority: p2, p3, p4 leave narrow tables
// in that order, the rest stays.
type Column struct {
	Key, Label, Class string
	Sort              string // address that sorts by it, "" = not sortable
	Arrow             string // "up", "down" or "" as sorted now
	Field             string // key of the field its cells edit in place, "" = none
}

// Group is rows under a common head; Head nil draws none.
type Group struct {
	Head templ.Component
	Rows []Row
	More string // address of all rows of the group, "" = they are all here
}

// Row is one row; the whole of it leads to Path.
type Row struct {
	Key     string // shown in front and used to choose it
	Title   string
	Path    string
	Version string // for editing in place, "" = not editable
	Current bool
	Narrow  string // what a narrow table shows under the title
	Cells   []templ.Component
}

// Tools stand above a table.
type Tools struct {
	Views    []View
	SaveView string // address of the form that saves this view, "" = not offered
	Chips    []Chip
	Fields   []Choice // fields a filter can be made on; Path opens the editor
	Editor   *Editor  // the filter being edited
	Sorts    []Choice
	GroupBy  []Choice
	Columns  []Choice // Chosen: shown now
	Search   string   // words sought now
	MaySeek  bool     // words can be sought
	Say      string   // a line of figures beside the chips
	Hidden   url.Values
}

// View is a saved or built-in view: a tab.
type View struct {
	Label, Path, Count string
	Current            bool
	Remove             string // address that removes it, "" = built in
}

// Chip is one filter that holds now.
type Chip struct{ Field, Label, Op, Value, Edit, Remove string }

// Choice is one entry of a menu.
type Choice struct {
	Key, Label, Path string
	Chosen           bool
}

// Editor is the form that makes or changes one filter.
type Editor struct {
	Field, Label, Op, Value string
	Ops                     []Choice
	Values                  []Value // "" = typed into a box
	Input                   string  // type of the box
	Close                   string
}

// Value is one value to filter by; Mark stands before its label, nil = none.
type Value struct {
	Value, Label, Count string
	Mark                templ.Component
	Chosen              bool
}

// keep gives the parameters of an address that a form carries on, without the
// named ones.
func keep(q url.Values, but ...string) url.Values {
	kept := url.Values{}
	for key, values := range q {
		if slices.Contains(but, key) {
			continue
		}
		for _, value := range values {
			if value != "" {
				kept.Add(key, value)
			}
		}
	}
	return kept
}

// Keep gives what a form that changes some parameters of a page carries on.
func Keep(p page.Page, but ...string) url.Values {
	return keep(p.Query, append(but, "after", "edit", "in")...)
}

// Address joins a path and parameters.
func Address(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// SortBy gives the address that sorts by a key: ascending first, then the other
// way round.
func SortBy(p page.Page, key string) string {
	order := key
	if p.Query.Get("order") == key {
		order = "-" + key
	}
	return p.With("order", order, "after", "", "edit", "")
}

// Arrow says how a page is sorted by a key.
func Arrow(p page.Page, key string) string {
	switch p.Query.Get("order") {
	case key:
		return "up"
	case "-" + key:
		return "down"
	}
	return ""
}

// WithoutValue gives the address without one value of a parameter.
func WithoutValue(p page.Page, parameter, value string) string {
	q := keep(p.Query, parameter, "after", "edit")
	for _, v := range p.Query[parameter] {
		if v != value && v != "" {
			q.Add(parameter, v)
		}
	}
	return Address(p.Path, q)
}

// Split reads a parameter that lists keys: cols=title,owner.
func Split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
}

func ariaSort(arrow string) string {
	switch arrow {
	case "up":
		return "ascending"
	case "down":
		return "descending"
	}
	return "none"
}

func columnCount(t Table) int {
	n := len(t.Columns)
	if t.Pick {
		n++
	}
	return n
}
