// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensions "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

var parser = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough)).Parser()

// deepest is how far lists and quotes may stand inside each other before they
// are no longer moved in; what they say is still written.
const deepest = 6

// Text writes Markdown: paragraphs, headings, lists, quotes, tables, code and
// links, whose address is written out behind the words. Images are not fetched;
// their description is written. HTML is written as the text it is.
func (p *Paper) Text(markdown string) {
	source := []byte(strings.ReplaceAll(markdown, "\r\n", "\n"))
	w := writer{Paper: p, source: source}
	w.blocks(parser.Parse(text.NewReader(source)), 0)
	p.pdf.SetLeftMargin(p.left)
	p.pdf.SetX(p.left)
}

type writer struct {
	*Paper
	source []byte
	bold   int
	italic int
}

// indentOf is how far a level of a list stands to the right, mm.
const indentOf = 6.0

func (w *writer) blocks(parent ast.Node, depth int) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		w.block(n, depth)
	}
}

func (w *writer) block(n ast.Node, depth int) {
	w.indent(depth)
	switch n := n.(type) {
	case *ast.Heading:
		w.Heading(min(n.Level+1, 3), w.plain(n))
	case *ast.Paragraph, *ast.TextBlock:
		w.paragraph(n)
		if _, tight := n.(*ast.TextBlock); !tight {
			w.pdf.Ln(1.6)
		}
	case *ast.List:
		w.list(n, depth)
	case *ast.Blockquote:
		w.blocks(n, min(depth+1, deepest))
	case *ast.FencedCodeBlock, *ast.CodeBlock, *ast.HTMLBlock:
		w.code(n)
	case *ast.ThematicBreak:
		w.keep(6)
		w.pdf.Ln(2)
		w.rule(w.pdf.GetY(), line)
		w.pdf.Ln(3)
	case *extensions.Table:
		w.table(n)
	default:
		w.blocks(n, depth)
	}
}

func (w *writer) indent(depth int) {
	x := w.left + float64(depth)*indentOf
	w.pdf.SetLeftMargin(x)
	w.pdf.SetX(x)
}

func (w *writer) paragraph(n ast.Node) {
	w.keep(bodySize * lineOf)
	w.inlines(n)
	w.pdf.Ln(bodySize * lineOf)
}

func (w *writer) list(n *ast.List, depth int) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "•"
		if n.IsOrdered() {
			mark = fmt.Sprintf("%d.", number)
			number++
		}
		w.indent(depth)
		w.keep(2 * bodySize * lineOf)
		y := w.pdf.GetY()
		w.font("", bodySize, muted)
		w.pdf.CellFormat(indentOf, bodySize*lineOf, mark, "", 0, "R", false, 0, "")
		w.pdf.SetY(y)
		w.blocks(item, min(depth+1, deepest))
		w.pdf.Ln(0.7)
	}
	w.indent(depth)
	w.pdf.Ln(1)
}

func (w *writer) inlines(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		w.inline(n)
	}
}

func (w *writer) inline(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		w.say(string(n.Segment.Value(w.source)))
		if n.HardLineBreak() {
			w.pdf.Ln(bodySize * lineOf)
		} else if n.SoftLineBreak() {
			w.say(" ")
		}
	case *ast.String:
		w.say(string(n.Value))
	case *ast.Emphasis:
		w.emphasis(n)
	case *ast.CodeSpan:
		w.pdf.SetFont(mono, "", bodySize-0.5)
		w.pdf.SetTextColor(ink.r, ink.g, ink.b)
		w.pdf.Write(bodySize*lineOf, clean(w.plain(n)))
	case *ast.Link:
		w.inlines(n)
		if address := string(n.Destination); address != w.plain(n) {
			w.say(" (" + address + ")")
		}
	case *ast.AutoLink:
		w.say(string(n.URL(w.source)))
	case *ast.RawHTML:
		for i := range n.Segments.Len() {
			s := n.Segments.At(i)
			w.say(string(s.Value(w.source)))
		}
	default:
		w.inlines(n)
	}
}

func (w *writer) emphasis(n *ast.Emphasis) {
	level := &w.italic
	if n.Level >= 2 {
		level = &w.bold
	}
	*level++
	w.inlines(n)
	*level--
}

func (w *writer) say(words string) {
	style := ""
	if w.bold > 0 {
		style += "B"
	}
	if w.italic > 0 {
		style += "I"
	}
	w.font(style, bodySize, ink)
	w.pdf.Write(bodySize*lineOf, clean(words))
}

func (w *writer) code(n ast.Node) {
	const size = 8.0
	w.pdf.SetFont(mono, "", size)
	w.pdf.SetTextColor(ink.r, ink.g, ink.b)
	left, _, _, _ := w.pdf.GetMargins()
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		for _, text := range w.wrapped(strings.TrimRight(string(segment.Value(w.source)), "\n"), w.left+w.width-left) {
			w.keep(size * lineOf)
			w.pdf.SetFont(mono, "", size)
			w.pdf.SetX(left)
			w.pdf.CellFormat(0, size*lineOf, text, "", 2, "L", false, 0, "")
		}
	}
	w.pdf.SetX(left)
	w.pdf.Ln(2)
}

func (w *writer) table(n *extensions.Table) {
	t := Table{}
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []Cell
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			cells = append(cells, Cell{Text: w.plain(c)})
		}
		if _, head := row.(*extensions.TableHeader); head {
			for _, c := range cells {
				t.Columns = append(t.Columns, Column{Title: c.Text, Share: 1})
			}
			continue
		}
		t.Rows = append(t.Rows, Row{Cells: cells})
	}
	w.indent(0)
	w.Paper.Table(t)
}

// plain gives the words of a node without their form.
func (w *writer) plain(n ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(n.Segment.Value(w.source))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		case *ast.AutoLink:
			if entering {
				b.Write(n.URL(w.source))
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}
