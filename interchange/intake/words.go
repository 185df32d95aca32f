// SPDX-License-Identifier: Apache-2.0

package intake

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"sextant/interchange/heading"
)

//go:embed words.yaml
var wordsFile []byte

// vocabulary is what people write, made comparable, to what it means.
type vocabulary struct {
	headers        heading.Vocabulary[Field]
	yesNo          map[string]string
	reasons        map[string]string
	implementation map[string]string
}

var words = sync.OnceValue(func() vocabulary {
	var file struct {
		Headers        map[string][]string `yaml:"headers"`
		YesNo          map[string][]string `yaml:"yes_no"`
		Reasons        map[string][]string `yaml:"reasons"`
		Implementation map[string][]string `yaml:"implementation"`
	}
	if err := yaml.Unmarshal(wordsFile, &file); err != nil {
		panic(err) // the embedded file is part of the program
	}
	v := vocabulary{headers: heading.Vocabulary[Field]{}, yesNo: turned(file.YesNo), reasons: turned(file.Reasons), implementation: turned(file.Implementation)}
	for _, field := range Fields() { // a word in two lists belongs to the first field
		for _, word := range file.Headers[string(field)] {
			if _, taken := v.headers[heading.Plain(word)]; !taken {
				v.headers[heading.Plain(word)] = field
			}
		}
	}
	return v
})

func turned(lists map[string][]string) map[string]string {
	out := map[string]string{}
	for meaning, list := range lists {
		for _, word := range list {
			out[heading.Plain(word)] = meaning
		}
	}
	return out
}

// headerField says which field a header names, and how surely: 0 for not at all.
func headerField(header string) (Field, int) { return words().headers.Field(header) }

// yesOrNo reads a decision: yes, no, undecided, or "" for what is none.
func yesOrNo(text string) string {
	switch strings.TrimSpace(text) {
	case "?", "??":
		return "undecided"
	case "-", "–", "—":
		return "no"
	}
	return meaning(text, words().yesNo)
}

// meaning looks a cell up: the whole of it, or the part before a remark, as in
// "No - outsourced" and "Yes (see policy)".
func meaning(text string, in map[string]string) string {
	if said, ok := in[heading.Plain(text)]; ok {
		return said
	}
	cut := strings.IndexAny(text, "-–—:;,(/\n")
	if cut <= 0 {
		return ""
	}
	return in[heading.Plain(text[:cut])]
}

// reasonsIn finds the reasons a text names, in the order of the statement, and
// whether it says more than those.
func reasonsIn(text string) (reasons []string, more bool) {
	parts := strings.Fields(heading.Plain(text))
	for at := 0; at < len(parts); {
		reason, length := "", 0
		for to := min(len(parts), at+5); to > at; to-- {
			phrase := strings.Join(parts[at:to], " ")
			if found, ok := words().reasons[phrase]; ok && (len(phrase) > 2 || alone(text, phrase)) {
				reason, length = found, to-at
				break
			}
		}
		if reason == "" {
			at, more = at+1, true
			continue
		}
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
		at += length
	}
	slices.SortFunc(reasons, func(a, b string) int { return slices.Index(reasonOrder, a) - slices.Index(reasonOrder, b) })
	return reasons, more
}

var reasonOrder = []string{"risk_assessment", "legal", "contractual", "business", "good_practice"}

// alone says whether a short mark such as L or CO stands by itself between
// separators: inside a sentence one letter is no reason.
func alone(text, mark string) bool {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;/+&|\n", r) }) {
		if heading.Plain(part) == mark {
			return true
		}
	}
	letters := strings.Fields(heading.Plain(text))
	return !slices.ContainsFunc(letters, func(s string) bool { return len(s) > 3 })
}
