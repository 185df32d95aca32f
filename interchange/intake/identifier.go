// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"regexp"
	"strconv"
	"strings"
)

// ident is an id as it stands in a cell: A.5.1, 5.1, A 5.1.1 Policies.
type ident struct {
	lettered bool  // it has the A of Annex A
	numbers  []int // two or three; one for a section
	rest     string
}

var (
	numbered = regexp.MustCompile(`(?is)^\W*(?:(?:ISO(?:\s*/?\s*IEC)?\s*)?2700[12](?:\s*:\s*20\d\d)?\W*)?(?:(?:annex|annexe|anhang|bijlage|anexo|allegato|bilaga|control|kontrolle)\s+)?(A)?[\s.\-_]*(\d{1,2})((?:\s?[.,]\s?\d{1,2}){0,2})(?:[.):]|\b)(.*)$`)
	numbers  = regexp.MustCompile(`\d+`)
)

func identOf(text string) (ident, bool) {
	m := numbered.FindStringSubmatch(text)
	if m == nil || len(m[4]) > 0 && m[4][0] >= '0' && m[4][0] <= '9' {
		return ident{}, false
	}
	id := ident{lettered: m[1] != "", rest: strings.Trim(m[4], " \t\r\n.:-–—)")}
	for _, n := range append([]string{m[2]}, numbers.FindAllString(m[3], -1)...) {
		number, _ := strconv.Atoi(n)
		id.numbers = append(id.numbers, number)
	}
	return id, true
}

// ids says whether the text is a control's id, as opposed to a section's.
func isID(text string) bool {
	id, ok := identOf(text)
	return ok && len(id.numbers) > 1 && id.numbers[0] > 3 && id.numbers[0] < 19
}

// String writes an id the way the standards do: A.5.1.
func (id ident) String() string {
	var b strings.Builder
	b.WriteByte('A')
	for _, n := range id.numbers {
		b.WriteByte('.')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}
