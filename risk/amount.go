// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"strconv"
	"strings"
)

// Amount is a sum of money as registers keep it: "1200.50 EUR".
type Amount struct {
	Value    float64
	Currency string
}

// ParseAmount reads what a register keeps; what is none is zero without a
// currency.
func ParseAmount(text string) Amount {
	number, currency, _ := strings.Cut(text, " ")
	value, _ := strconv.ParseFloat(number, 64)
	return Amount{value, currency}
}

// String is the amount as registers keep it, to the cent.
func (a Amount) String() string {
	if a.Currency == "" {
		return ""
	}
	return strconv.FormatFloat(a.Value, 'f', 2, 64) + " " + a.Currency
}
