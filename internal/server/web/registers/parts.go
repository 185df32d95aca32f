// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"net/http"
	"slices"

	"sextant/access"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// Parts are the parts of the page every entry has, for a section that tells the
// story of its entries on a page of its own. Forms in it send to the addresses
// every entry has, which lead back to that page.
type Parts struct{ view entryView }

// PartsOf reads them for an entry, at the moment the view is of.
func PartsOf(site *page.Site, v *register.View, r *http.Request, e register.Entry) (Parts, error) {
	s := &section{site}
	view := entryView{Def: e.Register, Entry: e, Fields: s.show(v, e), FilesKept: s.Kernel.Blobs() != nil, MayEdit: v.MayEdit(e),
		MayComment: access.May(v.Actor(), access.Comment, access.Subject{}, v.Now()) == nil}
	if err := s.fillHistory(v, &view, r); err != nil {
		return Parts{}, err
	}
	err := s.fillBeside(v, &view, r)
	return Parts{view}, err
}

// Path is where forms about the entry send to, and Version what they carry.
func (x Parts) Path() string { return x.view.path() }

// Version is the one that is shown.
func (x Parts) Version() string { return x.view.VersionText() }

// named are the shown fields with these keys, in this order.
func (x Parts) named(keys []string) (fields []shown) {
	for _, key := range keys {
		if i := slices.IndexFunc(x.view.Fields, func(s shown) bool { return s.Field.Key == key }); i >= 0 {
			fields = append(fields, x.view.Fields[i])
		}
	}
	return fields
}
