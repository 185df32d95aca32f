// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"context"
	"strconv"

	"sextant"
	"sextant/internal/server/web/page"
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

func (s shown) filled() bool { return s.Text != "" || s.Secret || len(s.Refs) > 0 }

// hit is one entry in a short list.
type hit struct{ Key, Title, Path, State string }

func hitOf(e register.Entry) hit {
	return hit{Key: e.Key, Title: e.Title(), Path: page.Path(e), State: page.StateLabel(e.Register, e.State)}
}

// ref is one reference as a link.
type ref struct {
	Title, Path string
	Person      bool
}

// show prepares the fields the actor may see.
func (s *section) show(v *register.View, e register.Entry) []shown {
	var fields []shown
	for _, f := range v.Fields(e.Register) {
		fields = append(fields, s.showField(v, e, f))
	}
	return fields
}

func (s *section) showField(v *register.View, e register.Entry, f register.Field) shown {
	out := shown{Field: f, Text: displayText(v.Context(), f, e.Doc)}
	switch {
	case f.Kind == register.Markdown:
		out.HTML = page.Markdown(out.Text)
	case f.Kind == register.Secret:
		out.Secret, out.Text = e.Doc[f.Key] != nil, ""
	case f.Kind == register.Duration:
		out.Text = page.Duration(v.Context(), out.Text)
	case f.Kind == register.Date:
		out.Text = page.Day(out.Text)
	case f.IsReference():
		for _, key := range e.Doc.Strings(f.Key) {
			out.Refs = append(out.Refs, s.reference(v, f.To, key))
		}
	}
	return out
}

func (s *section) reference(v *register.View, kind, key string) ref {
	r := ref{Title: v.TitleOf(kind, key)}
	if def, ok := v.Set().OfKey(key); ok {
		r.Path = "/" + def.Plural + "/" + key
		r.Person = def.Name == "person"
	} else {
		r.Path = s.ContentPath(kind, key)
	}
	return r
}

// displayText is a value as people read it: labels for enumerations, yes and no.
func displayText(ctx context.Context, f register.Field, doc register.Doc) string {
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
	case register.DateTime:
		if at, err := sextant.ParseInstant(doc.Text(f.Key)); err == nil {
			return page.Moment(ctx, at)
		}
	case register.Rows:
		if rows, ok := doc[f.Key].([]any); ok {
			return strconv.Itoa(len(rows))
		}
	}
	return doc.Text(f.Key)
}
