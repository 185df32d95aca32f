// SPDX-License-Identifier: Apache-2.0

package register

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
)

// Filter is one condition on a field, or on one of the names every register
// has: key, state, changed_at, changed_by.
type Filter struct {
	Field  string   `json:"field"`
	Op     Op       `json:"op"`
	Values []string `json:"values"`
}

// List asks for entries of one register.
type List struct {
	Register string
	Filters  []Filter
	Parent   string // of a child register
	Search   string // words, all of them; only for the present
	Order    string // field key; "-" before it turns the order round; "" = by key
	After    string // cursor of the page before
	Limit    int    // 0 = 50; at most 500
}

// Page is one page of a list.
type Page struct {
	Entries []Entry `json:"entries"`
	Next    string  `json:"next,omitempty"` // cursor; "" on the last page
}

const (
	defaultPage = 50
	largestPage = 500
)

// List gives one page. Filters on fields the actor may not see are Denied.
func (v *View) List(l List) (Page, error) {
	def, query, err := v.query(l)
	if err != nil {
		return Page{}, err
	}
	limit := l.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	query.Limit = min(limit, largestPage) + 1
	rows, err := v.tx.List(query)
	if err != nil {
		return Page{}, err
	}
	page := Page{Entries: make([]Entry, 0, len(rows))}
	for _, row := range rows[:min(len(rows), query.Limit-1)] {
		e, err := def.entry(row)
		if err != nil {
			return Page{}, err
		}
		page.Entries = append(page.Entries, v.visible(e))
	}
	v.await(page.Entries)
	if len(rows) == query.Limit {
		page.Next = cursor(l.Order, page.Entries[len(page.Entries)-1].Mark(query.Order))
	}
	return page, nil
}

// Each gives every entry of a list, page by page, until fn fails.
func (v *View) Each(l List, fn func(Entry) error) error {
	l.Limit = largestPage
	for {
		page, err := v.List(l)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if err := fn(e); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		l.After = page.Next
	}
}

// CountLimit is the largest count given exactly; beyond it pages say "1,000+".
const CountLimit = 1000

// Count gives the number of entries of a list; more than CountLimit comes back
// as CountLimit+1.
func (v *View) Count(l List) (int, error) {
	l.After = ""
	_, query, err := v.query(l)
	if err != nil {
		return 0, err
	}
	return v.tx.Count(query, CountLimit)
}

// Groups counts the entries of a list by the value of a field, most first.
func (v *View) Groups(l List, by string) ([]Group, error) {
	def, query, err := v.query(l)
	if err != nil {
		return nil, err
	}
	condition, err := v.condition(def, Filter{Field: by, Op: Filled})
	if err != nil {
		return nil, err
	}
	column := condition.Column
	if column == ColumnState {
		column = ColumnTag
	}
	return v.tx.Groups(query, column, condition.Field, largestPage)
}

func (v *View) query(l List) (*Definition, Query, error) {
	def, err := v.readable(l.Register)
	if err != nil {
		return nil, Query{}, err
	}
	q := Query{Register: def.Name, At: v.seq, Search: l.Search}
	if l.Search != "" && v.seq != sextant.LatestSeq {
		return nil, q, sextant.Errorf(sextant.Invalid, "full-text search works for now only, not for a past moment").WithHint("filter by a field instead")
	}
	for _, filter := range l.Filters {
		condition, err := v.condition(def, filter)
		if err != nil {
			return nil, q, err
		}
		q.Conditions = append(q.Conditions, condition)
	}
	if l.Parent != "" {
		q.Conditions = append(q.Conditions, Condition{Column: ColumnTag, Field: def.Parent, Op: Is, Values: []string{l.Parent}})
	}
	if q.Order, err = v.order(def, l.Order); err != nil {
		return nil, q, err
	}
	if q.Conditions, err = v.positive(def, q.Conditions); err != nil {
		return nil, q, err
	}
	q.Index = def.promised(q.Conditions, strings.TrimPrefix(l.Order, "-"))
	q.After, err = readCursor(l.Order, l.After)
	return def, q, err
}

// system are the names every register has beside its fields.
var system = map[string]Column{"key": ColumnKey, "state": ColumnState, "changed_at": ColumnChanged, "changed_by": ColumnActor}

func (v *View) condition(def *Definition, filter Filter) (Condition, error) {
	if column, ok := system[filter.Field]; ok {
		return systemCondition(column, filter)
	}
	f, ok := def.Field(filter.Field)
	if !ok {
		return Condition{}, sextant.Errorf(sextant.Invalid, "%s has no field %q to filter by", def.Name, filter.Field)
	}
	if !v.maySee(f) {
		return Condition{}, access.May(v.actor, access.Read, access.Subject{Restricted: f.Readers}, v.kernel.Now())
	}
	values, err := f.filterValues(filter)
	return Condition{Column: f.column(), Field: f.Key, Op: filter.Op, Values: values, Single: !f.Many}, err
}

// positive says "none of these" of a field with one value as "one of the
// others", which an index can answer.
func (v *View) positive(def *Definition, conditions []Condition) ([]Condition, error) {
	for i, c := range conditions {
		if c.Op != IsNot || !c.Single || (c.Column != ColumnTag && c.Column != ColumnState) {
			continue
		}
		all, err := v.tx.Values(def.Name, c.Field, mostBranches+len(c.Values)+1)
		if err != nil {
			return nil, err
		}
		others := slices.DeleteFunc(all, func(value string) bool { return slices.Contains(c.Values, value) })
		if len(others) > 0 && len(others) <= mostBranches {
			conditions[i].Op, conditions[i].Values = Is, others
		}
	}
	return conditions, nil
}

func systemCondition(column Column, filter Filter) (Condition, error) {
	c := Condition{Column: column, Field: filter.Field, Op: filter.Op, Values: slices.Clone(filter.Values), Single: true}
	if column == ColumnChanged {
		for i, text := range c.Values {
			at, err := sextant.ParseInstant(text)
			if err != nil {
				return c, err
			}
			c.Values[i] = strconv.FormatInt(int64(at), 10)
		}
	}
	return c, nil
}

// filterValues checks the values of a filter as strictly as input, so that a
// mistyped value is refused and does not look like "nothing found".
func (f Field) filterValues(filter Filter) ([]string, error) {
	needs := filter.Op != Empty && filter.Op != Filled
	if needs && len(filter.Values) == 0 {
		return nil, f.refuse("the filter has no value")
	}
	values := make([]string, 0, len(filter.Values))
	for _, text := range filter.Values {
		if !needs || filter.Op == Contains || f.Kind == File || f.Kind == Secret || f.Kind == Rows {
			values = append(values, text)
			continue
		}
		one := f
		one.Many = false
		value, err := one.Parse(text)
		if err != nil {
			return nil, err
		}
		if f.IsScore {
			value = float64(score(value))
		}
		text := valueText(value)
		if f.isTagged() {
			text = clip(text)
		}
		values = append(values, text)
	}
	return values, nil
}

func (v *View) order(def *Definition, text string) (Order, error) {
	var o Order
	key := text
	if len(text) > 0 && text[0] == '-' {
		o.Descending, key = true, text[1:]
	}
	if key == "" {
		o.Column = ColumnKey
		return o, nil
	}
	if column, ok := system[key]; ok {
		o.Column = column
		if column == ColumnState {
			o = Order{Column: ColumnTag, Field: key, Descending: o.Descending}
		}
		return o, nil
	}
	f, ok := def.Field(key)
	if !ok || !v.maySee(f) {
		return o, sextant.Errorf(sextant.Invalid, "%s cannot be ordered by %q", def.Name, key)
	}
	if f.Many {
		return o, sextant.Errorf(sextant.Invalid, "%q has many values and gives no order", key)
	}
	o.Column, o.Field = f.column(), f.Key
	if f.isOrdered() {
		o.Column, o.Field = ColumnTag, Shape{Order: key}.name()
	}
	return o, nil
}

type cursorForm struct {
	Order string `json:"o"`
	Value string `json:"v"`
	N     int64  `json:"n"`
}

func cursor(order string, m Mark) string {
	data, _ := json.Marshal(cursorForm{order, m.Value, m.N})
	return base64.RawURLEncoding.EncodeToString(data)
}

func readCursor(order, text string) (*Mark, error) {
	if text == "" {
		return nil, nil
	}
	var c cursorForm
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil || c.Order != order {
		return nil, sextant.Errorf(sextant.Invalid, "the page mark does not belong to this list").WithHint("start from the first page").At("after")
	}
	return &Mark{Value: c.Value, N: c.N}, nil
}

// Select gives all entries that meet the filters, whatever the actor may see;
// for rules. It refuses to read more than a rule may reasonably need.
func (v *View) Select(register string, filters ...Filter) ([]Entry, error) {
	const most = 20_000
	var entries []Entry
	err := v.Walk(register, func(e Entry) error {
		if len(entries) == most {
			return sextant.Errorf(sextant.TooLarge, "there are more than %d entries of %s, which is more than a rule reads", most, register)
		}
		entries = append(entries, e)
		return nil
	}, filters...)
	return entries, err
}

// Walk gives every entry that meets the filters, whatever the actor may see,
// until fn fails.
func (v *View) Walk(register string, fn func(Entry) error, filters ...Filter) error {
	all := *v
	all.actor = access.SystemActor(v.actor.Organisation, "rule")
	return all.Each(List{Register: register, Filters: filters}, fn)
}

// CountOf counts like Select reads, up to CountLimit+1.
func (v *View) CountOf(register string, filters ...Filter) (int, error) {
	all := *v
	all.actor = access.SystemActor(v.actor.Organisation, "rule")
	return all.Count(List{Register: register, Filters: filters})
}
