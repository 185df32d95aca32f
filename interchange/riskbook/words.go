// SPDX-License-Identifier: Apache-2.0

package riskbook

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"sextant/interchange/heading"
	"sextant/risk"
)

//go:embed words.yaml
var wordsFile []byte

// vocabulary is what people write, made plain, to what it means.
type vocabulary struct {
	headers                        heading.Vocabulary[Field]
	measures, stages, types, about heading.Vocabulary[string]
	options                        heading.Index
	fillers, undecided, closed     map[string]bool
	yesNo                          map[string]bool
	values                         map[string]map[string][]string // further words for values, by field and value
}

var words = sync.OnceValue(func() vocabulary {
	var file struct {
		Headers                           map[string][]string
		Judged, Stages, Types, Options    map[string][]string
		Fillers, About, Undecided, Closed []string
		YesNo                             []string `yaml:"yes_no"`
		Values                            map[string]map[string][]string
	}
	if err := yaml.Unmarshal(wordsFile, &file); err != nil {
		panic(err) // the embedded file is part of the program
	}
	v := vocabulary{headers: heading.Vocabulary[Field]{}, measures: turned(file.Judged), stages: turned(file.Stages), types: turned(file.Types), about: heading.Vocabulary[string]{},
		options: heading.Index(turned(file.Options)), fillers: set(file.Fillers), undecided: set(file.Undecided), closed: set(file.Closed), yesNo: set(file.YesNo), values: file.Values}
	for field, list := range turned(file.Headers) {
		v.headers[field] = Field(list)
	}
	for word := range set(file.About) {
		v.about[word] = word
	}
	for _, f := range risk.Risks.Definition.Fields { // our own labels go before
		if !f.Derived {
			v.headers[heading.Plain(f.Label)], v.headers[heading.Plain(f.Key)] = Field(f.Key), Field(f.Key)
		}
	}
	return v
})

func turned(lists map[string][]string) heading.Vocabulary[string] {
	out := heading.Vocabulary[string]{}
	for meaning, list := range lists {
		for _, word := range list {
			out[heading.Plain(word)] = meaning
		}
	}
	return out
}

func set(list []string) map[string]bool {
	out := map[string]bool{}
	for _, word := range list {
		out[heading.Plain(word)] = true
	}
	return out
}

// humps are where a header such as residualLikelihood parts its words.
var humps = regexp.MustCompile(`(\p{Ll})(\p{Lu})`)

// fieldOf says which field a header names, and how surely.
func fieldOf(header string) (Field, int) {
	header = humps.ReplaceAllString(header, "$1 $2")
	text := heading.Plain(header)
	if field, ok := words().headers[text]; ok {
		return field, 1000 + len(text)
	}
	if group, below, ok := strings.Cut(header, groupMark); ok {
		if f, score := fieldOf(below); f != "" && f.stage() == "" {
			return f, score // "Risk: Owner"
		}
		text = heading.Plain(group + " " + below)
	}
	return judgedField(text)
}

// judgedField reads the header of a judgement: what is judged, at which stage and,
// for a consequence, of which type.
func judgedField(text string) (Field, int) {
	w := words()
	measure, score := w.measures.Within(text)
	stage, staged := w.stages.Within(text)
	switch {
	case score == 0 && staged == 0, len(strings.Fields(text)) > longestHeader:
		return "", 0
	case score == 0 && !onlyStage(text):
		return "", 0
	case score == 0:
		measure, score = Score, staged
	case has(w.measures, text, Likelihood) && has(w.measures, text, Consequence):
		measure = Score // likelihood x impact
	case measure == Score && has(w.measures, text, Likelihood):
		measure = Likelihood // likelihood score
	case measure == Score && has(w.measures, text, Consequence):
		measure = Consequence
	}
	if _, told := w.about.Within(text); told > 0 {
		return Text, 1
	}
	if stage == "" {
		stage = risk.Current
	}
	field := Judged(stage, measure, "")
	if kind, said := w.types.Within(text); said > 0 && measure == Consequence {
		field = Judged(stage, measure, kind)
	}
	return field, score
}

const longestHeader = 14

// has says whether a text names a measure in any phrase.
func has(in heading.Vocabulary[string], text, measure string) bool {
	for phrase, of := range in {
		if of == measure && slices.Contains(strings.Fields(text), phrase) {
			return true
		}
	}
	return false
}

// onlyStage: "residual risk" is a score, "planned meetings" is not.
func onlyStage(text string) bool {
	left := 0
	for _, word := range strings.Fields(text) {
		if !words().fillers[word] && words().stages[word] == "" {
			left++
		}
	}
	return left == 0
}

// optionsIn reads options of treatment; undecided says that the cell leaves it
// open. Both are empty for what is neither.
func optionsIn(text string) (options []string, undecided bool) {
	if undecidedWord(text) {
		return nil, true
	}
	if option := words().options.Find(text); option != "" {
		return []string{option}, false
	}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;/+&|\n", r) }) {
		option := words().options.Find(part)
		if option == "" {
			return nil, false
		}
		if !slices.Contains(options, option) {
			options = append(options, option)
		}
	}
	return options, false
}

// undecidedWord says whether a cell says that nothing was judged or decided.
func undecidedWord(text string) bool { return words().undecided[heading.Plain(text)] }
