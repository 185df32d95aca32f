// SPDX-License-Identifier: Apache-2.0

package oscal

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// Markup is text with a little formatting: Markdown in JSON and YAML, elements
// of HTML in XML, which are read as Markdown. A place for a parameter is
// {{ insert: param, ID }} in both.
type Markup string

// UnmarshalXML reads the elements within as Markdown.
func (m *Markup) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var w markdown
	err := w.within(d, start)
	*m = Markup(w.text())
	return err
}

// UnmarshalXML reads a guideline, which is its prose.
func (g *Guideline) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	return g.Prose.UnmarshalXML(d, start)
}

// markdown writes elements of HTML as Markdown. White space is that of the
// elements: what stands between them is none.
type markdown struct {
	b      []byte
	lists  []string // the mark of each open list
	asIs   bool     // within pre
	spaced bool     // a space waits for the next word
}

func (w *markdown) text() string { return strings.TrimSpace(string(w.b)) }

func (w *markdown) add(text string) { w.b = append(w.b, text...) }

// within reads up to the end of an element that was begun.
func (w *markdown) within(d *xml.Decoder, start xml.StartElement) error {
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.CharData:
			w.words(string(t))
		case xml.StartElement:
			w.begin(t)
			if err := w.within(d, t); err != nil {
				return err
			}
			w.end(t)
		case xml.EndElement:
			return nil
		}
	}
}

func (w *markdown) words(text string) {
	if w.asIs {
		w.add(text)
		return
	}
	for i, word := range strings.Fields(text) {
		if i > 0 || w.spaced || strings.TrimLeft(text, " \t\r\n") != text {
			w.space()
		}
		w.spaced = false
		w.add(word)
	}
	w.spaced = strings.TrimRight(text, " \t\r\n") != text
}

// space parts words, but no word from the beginning of a line or a mark.
func (w *markdown) space() {
	if n := len(w.b); n > 0 && w.b[n-1] != '\n' && w.b[n-1] != ' ' {
		w.add(" ")
	}
}

// mark writes a sign right before or after a word.
func (w *markdown) mark(sign string, before bool) {
	if before && w.spaced {
		w.space()
		w.spaced = false
	}
	w.add(sign)
}

func (w *markdown) paragraph() { w.endLine("\n\n") }

func (w *markdown) line() {
	if n := len(w.b); n == 0 || w.b[n-1] != '\n' {
		w.endLine("\n")
	}
}

func (w *markdown) endLine(with string) {
	w.b = bytes.TrimRight(w.b, " \n")
	if len(w.b) > 0 {
		w.add(with)
	}
	w.spaced = false
}

var signs = map[string]string{"em": "*", "i": "*", "strong": "**", "b": "**", "code": "`", "q": `"`}

func (w *markdown) begin(t xml.StartElement) {
	name := t.Name.Local
	switch {
	case signs[name] != "" && !w.asIs:
		w.mark(signs[name], true)
	case name == "p", name == "table", name == "blockquote":
		if len(w.lists) == 0 {
			w.paragraph()
		}
	case len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6':
		w.paragraph()
		w.add(strings.Repeat("#", int(name[1]-'0')) + " ")
	case name == "ul", name == "ol":
		if len(w.lists) == 0 {
			w.paragraph()
		}
		w.lists = append(w.lists, map[string]string{"ul": "- ", "ol": "1. "}[name])
	case name == "li":
		w.line()
		if n := len(w.lists); n > 0 {
			w.add(strings.Repeat("   ", n-1) + w.lists[n-1])
		}
	case name == "tr":
		w.line()
		w.add("|")
	case name == "td", name == "th":
		w.add(" ")
	case name == "pre":
		w.paragraph()
		w.add("```\n")
		w.asIs = true
	case name == "br":
		w.line()
	case name == "a":
		w.mark("[", true)
	case name == "insert":
		w.mark("{{ insert: "+attribute(t, "type")+", "+attribute(t, "id-ref")+" }}", true)
	}
}

func (w *markdown) end(t xml.StartElement) {
	name := t.Name.Local
	switch {
	case signs[name] != "" && !w.asIs:
		w.mark(signs[name], false)
	case name == "p", name == "table", name == "blockquote", len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6':
		if len(w.lists) == 0 {
			w.paragraph()
		}
	case name == "ul", name == "ol":
		if n := len(w.lists); n > 0 {
			w.lists = w.lists[:n-1]
		}
		if len(w.lists) == 0 {
			w.paragraph()
		}
	case name == "td", name == "th":
		w.add(" |")
		w.spaced = false
	case name == "pre":
		w.asIs = false
		w.add("\n```")
		w.paragraph()
	case name == "a":
		w.mark("]("+attribute(t, "href")+")", false)
	}
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
