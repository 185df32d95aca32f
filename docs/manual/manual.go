// SPDX-License-Identifier: Apache-2.0

// Package manual is the handbook for the people who use Sextant: Markdown files
// beside this one, read in the program at /help and in version control alike.
// It explains; it decides nothing.
package manual

import (
	"cmp"
	"embed"
	"slices"
	"strings"
	"sync"
)

//go:embed *.md
var files embed.FS

// Chapter is one page of the handbook.
type Chapter struct {
	Name  string // of the file, and in the address
	Title string // its first heading
	Text  string // Markdown below that heading
}

// order of the chapters; a file that is not named stands behind, by name.
var order = []string{"start", "states", "controls", "statements", "assets", "documents", "monitoring", "lists", "entries", "soa", "soa-import", "gap", "risks", "risk-plan", "risk-exchange", "libraries", "lint", "sources-aws", "people", "notices", "past", "proof", "keyboard", "command-line"}

var chapters = sync.OnceValue(func() []Chapter {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the embedded folder is part of the program
	}
	var list []Chapter
	for _, e := range entries {
		data, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err) // likewise
		}
		title, text, _ := strings.Cut(strings.TrimPrefix(string(data), "# "), "\n")
		list = append(list, Chapter{Name: strings.TrimSuffix(e.Name(), ".md"), Title: title, Text: strings.TrimSpace(text)})
	}
	slices.SortFunc(list, func(a, b Chapter) int { return cmp.Or(place(a)-place(b), cmp.Compare(a.Name, b.Name)) })
	return list
})

func place(c Chapter) int {
	if i := slices.Index(order, c.Name); i >= 0 {
		return i
	}
	return len(order)
}

// Chapters gives the handbook in reading order.
func Chapters() []Chapter { return slices.Clone(chapters()) }

// Find gives a chapter by its name.
func Find(name string) (Chapter, bool) {
	i := slices.IndexFunc(chapters(), func(c Chapter) bool { return c.Name == name })
	if i < 0 {
		return Chapter{}, false
	}
	return chapters()[i], true
}
