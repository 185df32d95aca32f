// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// pretty lays canonical JSON out in lines; what is none stays as it is.
func pretty(data []byte) string {
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return string(data)
	}
	return out.String()
}

// diffLine is one line of a comparison; Mark is "+", "−" or " ".
type diffLine struct {
	Number     int
	Mark, Text string
}

func (l diffLine) class() string { return map[string]string{"+": "ins", "−": "del"}[l.Mark] }

// equalShown is how many equal lines stand around a change.
const equalShown = 2

// mostDiffed bounds the work of a comparison, which grows with the product of
// the lines.
const mostDiffed = 2000

// diff compares two texts line by line by their longest common subsequence and
// keeps what changed with a little around it.
func diff(before, after string) []diffLine {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	if len(a) > mostDiffed || len(b) > mostDiffed {
		return []diffLine{{Mark: " ", Text: fmt.Sprintf("%d → %d", len(a), len(b))}}
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

func walk(a, b []string, lengths [][]int32) (all []diffLine) {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, diffLine{j + 1, " ", b[j]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && lengths[i+1][j] >= lengths[i][j+1]:
			all = append(all, diffLine{i + 1, "−", a[i]})
			i++
		default:
			all = append(all, diffLine{j + 1, "+", b[j]})
			j++
		}
	}
	return all
}

// around leaves out equal lines far from a change.
func around(all []diffLine) (kept []diffLine) {
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
			kept = append(kept, diffLine{Mark: " ", Text: "…"})
		}
	}
	return kept
}
