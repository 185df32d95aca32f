// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"

	"sextant/access"
	"sextant/register"
)

// Discussion is what people said about an entry, and the form that adds to it.
type Discussion struct {
	path   string // of the entry
	said   []remark
	mayAdd bool
}

// remark is one comment.
type remark struct {
	who, when, exact, html string
	mentions               []named
}

// named is a person a comment addresses.
type named struct{ title, path string }

// discussed is how many comments a page shows.
const discussed = 200

// DiscussionOn gives the comments on an entry at the moment of the view, the
// voided ones left away.
func DiscussionOn(v *register.View, e register.Entry) (Discussion, error) {
	d := Discussion{path: Path(e), mayAdd: v.Moment() == 0 && access.May(v.Actor(), access.Comment, access.Subject{}, v.Now()) == nil}
	list, err := v.List(register.List{Register: register.Comments.Name, Limit: discussed,
		Filters: []register.Filter{{Field: "subject", Op: register.Is, Values: []string{e.Key}}, {Field: "state", Op: register.Is, Values: []string{"recorded"}}}})
	for _, e := range list.Entries {
		d.said = append(d.said, remarkOf(v, e))
	}
	return d, err
}

func remarkOf(v *register.View, e register.Entry) remark {
	r := remark{who: Who(v, e.Actor), when: Age(v.Context(), e.At, v.Now()), exact: Exact(v.Context(), e.At), html: Markdown(e.Doc.Text("text"))}
	if author := e.Doc.Text("author"); author != "" {
		r.who = v.TitleOf("person", author)
	}
	for _, key := range e.Doc.Strings("mentions") {
		m := named{title: v.TitleOf("person", key)}
		if def, ok := v.Set().OfKey(key); ok {
			m.path = "/" + def.Plural + "/" + key
		}
		r.mentions = append(r.mentions, m)
	}
	return r
}

// Count is the number beside the heading.
func (d Discussion) Count() string { return fmt.Sprint(len(d.said)) }
