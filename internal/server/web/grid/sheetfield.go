// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"sextant"
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

// compare sorts what has no value last, whichever way the list is turned.
func (f Field[T]) compare(a, b T, turn int) int {
	if f.Number != nil {
		x, known := f.Number(a)
		y, other := f.Number(b)
		return cmp.Or(cmp.Compare(bit(other), bit(known)), turn*cmp.Compare(x, y))
	}
	x, y := strings.Join(f.Of(a), ", "), strings.Join(f.Of(b), ", ")
	return cmp.Or(cmp.Compare(bit(x == ""), bit(y == "")), turn*f.compareTexts(x, y))
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

// condition turns a filter into a test of rows.
func (f Field[T]) condition(filter register.Filter) (func(T) bool, error) {
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

// bound compares numbers.
func (f Field[T]) bound(filter register.Filter) (func(T) bool, error) {
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
