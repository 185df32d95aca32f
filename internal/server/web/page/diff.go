// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"strings"
)

// DiffLine is one line of a comparison; Mark is "+", "−" or " ".
type DiffLine struct {
	Number     int
	Mark, Text string
}

// Class is how the line is drawn.
func (l DiffLine) Class() string { return map[string]string{"+": "ins", "−": "del"}[l.Mark] }

// equalShown is how many equal lines stand around a change.
const equalShown = 2

// mostDiffed bounds the work of a comparison, which grows with the product of
// the lines.
const mostDiffed = 2000

// Diff compares two texts line by line by their longest common subsequence and
// keeps what changed with a little around it.
func Diff(before, after string) []DiffLine {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	if len(a) > mostDiffed || len(b) > mostDiffed {
		return []DiffLine{{Mark: " ", Text: fmt.Sprintf("%d → %d", len(a), len(b))}}
	}
	return around(walk(a, b, common(a, b)))
}

// common gives, for every pair of suffixes, the length of their longest common
// subsequence.
func common(a, b []string) [][]int32 {
	lengths := make([][]int32, len(a)+1)
	lengths[len(a)] = make([]int32, len(b)+1)
	for i := len(a) - 1; i >= 0; i-- {
		lengths[i] = make([]int32, len(b)+1)
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	return lengths
}

func walk(a, b []string, lengths [][]int32) (all []DiffLine) {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, DiffLine{j + 1, " ", b[j]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && lengths[i+1][j] >= lengths[i][j+1]:
			all = append(all, DiffLine{i + 1, "−", a[i]})
			i++
		default:
			all = append(all, DiffLine{j + 1, "+", b[j]})
			j++
		}
	}
	return all
}

// around leaves out equal lines far from a change.
func around(all []DiffLine) (kept []DiffLine) {
	near := make([]bool, len(all))
	for i, l := range all {
		if l.Mark == " " {
			continue
		}
		for k := max(0, i-equalShown); k <= min(len(all)-1, i+equalShown); k++ {
			near[k] = true
		}
	}
	for i, l := range all {
		switch {
		case near[i]:
			kept = append(kept, l)
		case i > 0 && near[i-1]:
			kept = append(kept, DiffLine{Mark: " ", Text: "…"})
		}
	}
	return kept
}
