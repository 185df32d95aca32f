// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"sextant"
	"sextant/interchange/table"
	"sextant/register"
)

func (s Sheet[T]) field(key string) (Field[T], error) {
	i := slices.IndexFunc(s.Fields, func(f Field[T]) bool { return f.Key == key })
	if i < 0 {
		return Field[T]{}, sextant.Errorf(sextant.Invalid, "this list has nothing called %q", key)
	}
	return s.Fields[i], nil
}

func (f Field[T]) word(value string) string {
	if f.Word == nil {
		return value
	}
	return f.Word(value)
}

func (f Field[T]) mark(value string) templ.Component {
	if f.Mark == nil {
		return templ.NopComponent
	}
	return f.Mark(value)
}

// compare sorts what has no value last, whichever way the list is turned.
func (f Field[T]) compare(a, b T, turn int) int {
	if f.Number != nil {
		x, known := f.Number(a)
		y, other := f.Number(b)
		return cmp.Or(cmp.Compare(bit(other), bit(known)), turn*cmp.Compare(x, y))
	}
	x, y := f.leading(a), f.leading(b)
	return cmp.Or(cmp.Compare(bit(x == ""), bit(y == "")), turn*f.compareTexts(x, y))
}

// leading is what a thing is sorted by: its first value.
func (f Field[T]) leading(t T) string {
	if values := f.Of(t); len(values) > 0 {
		return values[0]
	}
	return ""
}

func (f Field[T]) compareTexts(a, b string) int {
	if f.Rank != nil {
		return cmp.Compare(f.rank(a), f.rank(b))
	}
	return strings.Compare(strings.ToLower(f.word(a)), strings.ToLower(f.word(b)))
}

func (f Field[T]) rank(value string) int {
	if i := slices.Index(f.Rank, value); i >= 0 {
		return i
	}
	return len(f.Rank)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// values are those that occur, in order.
func (f Field[T]) values(rows []T) (list []string) {
	seen := map[string]bool{}
	for _, t := range rows {
		for _, value := range f.Of(t) {
			if !seen[value] {
				seen[value] = true
				list = append(list, value)
			}
		}
	}
	slices.SortFunc(list, f.compareTexts)
	return list
}

// offered are the values the editor of a filter offers.
func (f Field[T]) offered(rows []T) []string {
	if f.Every {
		return f.Rank
	}
	return f.values(rows)
}

// condition turns a filter into a test of rows. A value that can never be is
// refused, so that a mistyped one does not look like "nothing found".
func (f Field[T]) condition(filter register.Filter) (func(T) bool, error) {
	if f.Every && (filter.Op == register.Is || filter.Op == register.IsNot) {
		for _, value := range filter.Values {
			if !slices.Contains(f.Rank, value) {
				return nil, sextant.Errorf(sextant.Invalid, "%s is never %q", f.Label, value).At(f.Key).WithHint("it is one of %s", strings.Join(f.Rank, ", "))
			}
		}
	}
	has := func(t T) bool {
		return slices.ContainsFunc(f.Of(t), func(v string) bool { return slices.Contains(filter.Values, v) })
	}
	switch filter.Op {
	case register.Is:
		return has, nil
	case register.IsNot:
		return func(t T) bool { return !has(t) }, nil
	case register.Empty:
		return func(t T) bool { return len(f.Of(t)) == 0 }, nil
	case register.Filled:
		return func(t T) bool { return len(f.Of(t)) > 0 }, nil
	case register.Contains:
		part := strings.ToLower(strings.Join(filter.Values, ","))
		return func(t T) bool {
			return slices.ContainsFunc(f.Of(t), func(v string) bool { return strings.Contains(strings.ToLower(v+" "+f.word(v)), part) })
		}, nil
	}
	return f.bound(filter)
}

// bound compares numbers and dates.
func (f Field[T]) bound(filter register.Filter) (func(T) bool, error) {
	if f.Kind == table.Date {
		return f.boundDate(filter)
	}
	limit, err := strconv.ParseFloat(strings.Join(filter.Values, ","), 64)
	if err != nil || f.Number == nil {
		return nil, sextant.Errorf(sextant.Invalid, "%s is compared with a number", f.Label).At(f.Key)
	}
	meets := map[register.Op]func(float64) bool{
		register.Below: func(x float64) bool { return x < limit }, register.AtMost: func(x float64) bool { return x <= limit },
		register.Above: func(x float64) bool { return x > limit }, register.AtLeast: func(x float64) bool { return x >= limit },
	}[filter.Op]
	if meets == nil {
		return nil, sextant.Errorf(sextant.Invalid, "that comparison is not known").At(f.Key)
	}
	return func(t T) bool { x, known := f.Number(t); return known && meets(x) }, nil
}

// boundDate compares dates as texts: 2026-11-19.
func (f Field[T]) boundDate(filter register.Filter) (func(T) bool, error) {
	limit := strings.Join(filter.Values, ",")
	if _, err := time.Parse(time.DateOnly, limit); err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%s is compared with a date, such as 2026-12-31", f.Label).At(f.Key)
	}
	meets := map[register.Op]func(string) bool{
		register.Below: func(x string) bool { return x < limit }, register.AtMost: func(x string) bool { return x <= limit },
		register.Above: func(x string) bool { return x > limit }, register.AtLeast: func(x string) bool { return x >= limit },
	}[filter.Op]
	if meets == nil {
		return nil, sextant.Errorf(sextant.Invalid, "that comparison is not known").At(f.Key)
	}
	return func(t T) bool { return slices.ContainsFunc(f.Of(t), meets) }, nil
}
