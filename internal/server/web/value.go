// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"sextant/register"
)

// shown is one field with its value ready to be drawn.
type shown struct {
	Field  register.Field
	Text   string // plain text of the value, "" for not known
	HTML   string // sanitised Markdown, for markdown fields
	Refs   []ref
	Secret bool // a secret that is set
}

// ref is one reference as a link.
type ref struct{ Title, Path string }

// show prepares the fields the actor may see.
func show(v *register.View, e register.Entry) []shown {
	var fields []shown
	for _, f := range v.Fields(e.Register) {
		fields = append(fields, showField(v, e, f))
	}
	return fields
}

func showField(v *register.View, e register.Entry, f register.Field) shown {
	s := shown{Field: f, Text: displayText(f, e.Doc)}
	switch {
	case f.Kind == register.Markdown:
		s.HTML = renderMarkdown(s.Text)
	case f.Kind == register.Secret:
		s.Secret, s.Text = e.Doc[f.Key] != nil, ""
	case f.IsReference():
		for _, key := range e.Doc.Strings(f.Key) {
			s.Refs = append(s.Refs, reference(v, f.To, key))
		}
	}
	return s
}

func reference(v *register.View, kind, key string) ref {
	r := ref{Title: v.TitleOf(kind, key)}
	if def, ok := v.Set().OfKey(key); ok {
		r.Path = "/" + def.Plural + "/" + key
	}
	return r
}

// displayText is a value as people read it: labels for enumerations, yes and no.
func displayText(f register.Field, doc register.Doc) string {
	switch f.Kind {
	case register.Enum:
		text := ""
		for i, name := range doc.Strings(f.Key) {
			if i > 0 {
				text += ", "
			}
			text += f.ValueLabel(name)
		}
		return text
	case register.Bool:
		switch doc[f.Key] {
		case true:
			return "Yes"
		case false:
			return "No"
		}
		return ""
	case register.Rows:
		if rows, ok := doc[f.Key].([]any); ok {
			return strconv.Itoa(len(rows))
		}
	}
	return doc.Text(f.Key)
}

var (
	markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough))
	policy   = markdownPolicy()
)

// markdownPolicy lets through text, lists, tables and plain links. No class, id,
// style, handler or htmx attribute survives, and no image is fetched.
func markdownPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "hr", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
}

func renderMarkdown(text string) string {
	if text == "" {
		return ""
	}
	var out bytes.Buffer
	if err := markdown.Convert([]byte(text), &out); err != nil {
		return ""
	}
	return policy.Sanitize(out.String())
}

func plural(n int, unit string) string { return fmt.Sprintf("%d %s", n, unit) }
