// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/notice"
	"sextant/register"
)

// Page is what the frame of every page needs.
type Page struct {
	Title      string
	Path       string // as it stands in an address: /%2Fx is a path of this site, //x is another host
	Query      url.Values
	Nav        []NavItem
	Actor      access.Actor
	Who        string // name of the person, or of the account
	Org        string
	Places     []Place         // the account's organisations, where there are several
	MyWork     int             // open tasks of the person
	Unread     int             // notices the person has not read
	Moment     sextant.Instant // 0 = now
	Seq        sextant.Seq     // position of the log the page was drawn at
	Version    string
	Assets     Assets
	Appearance Appearance
}

// NavItem is an entry of the navigation on a page.
type NavItem struct {
	Item
	Current bool
}

// Appearance is how somebody wants pages to look; the server draws it, so that
// nothing flashes.
type Appearance struct{ Theme, Density string }

// themes and densities are the values a cookie may hold.
var (
	themes    = []string{"light", "dark"}
	densities = []string{"compact"}
)

func appearanceOf(r *http.Request) (a Appearance) {
	if v := cookieOf(r, "sextant_theme"); slices.Contains(themes, v) {
		a.Theme = v
	}
	if v := cookieOf(r, "sextant_density"); slices.Contains(densities, v) {
		a.Density = v
	}
	return a
}

// Page makes the frame's data for a request.
func (s *Site) Page(r *http.Request, actor access.Actor, title string) Page {
	at, _ := AsOf(r) // a wrong one was refused where the page was read
	p := Page{Title: title, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Actor: actor, Moment: at, Version: s.Version,
		Who: cmp.Or(actor.Email, actor.Name), Assets: s.Assets, Appearance: appearanceOf(r)}
	_ = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { // a frame without names is still a frame
		s.fillFrame(v, &p)
		return nil
	})
	p.Places = s.places(r, actor)
	named := s.named(p.Path)
	for _, section := range s.Sections {
		for _, item := range section.Items {
			if item.Needs != "" && access.May(actor, item.Needs, access.Subject{}, s.Kernel.Now()) != nil {
				continue
			}
			p.Nav = append(p.Nav, NavItem{item, named == item.Path || named == "" && s.belongs(item, p.Path)})
		}
	}
	return p
}

func (s *Site) fillFrame(v *register.View, p *Page) {
	p.Org = organisationName(v)
	if seq, _, err := v.Head(); err == nil {
		p.Seq = seq
	}
	if p.Actor.Person == "" {
		return
	}
	if name := v.TitleOf("person", p.Actor.Person); name != p.Actor.Person {
		p.Who = name
	}
	if n, err := v.Count(MyWork(p.Actor.Person)); err == nil {
		p.MyWork = n
	}
	if n, err := v.Count(notice.Mine(p.Actor.Person, notice.Unread)); err == nil {
		p.Unread = n
	}
}

// MyWork is the list of what is open for a person.
func MyWork(person string) register.List {
	return register.List{Register: "task", Order: "due_on", Filters: []register.Filter{
		{Field: "state", Op: register.Is, Values: []string{"open", "in_progress"}},
		{Field: "assignee", Op: register.Is, Values: []string{person}},
	}}
}

// named gives the item of the navigation a path lies under by its own path or
// prefix, "" for none.
func (s *Site) named(path string) string {
	for _, section := range s.Sections {
		for _, item := range section.Items {
			for _, prefix := range append(item.Prefix, item.Path) {
				if path == prefix || prefix != "/" && strings.HasPrefix(path, prefix+"/") {
					return item.Path
				}
			}
		}
	}
	return ""
}

// belongs says whether a path shows a register of a group an item stands for.
func (s *Site) belongs(item Item, path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	def, err := s.Kernel.Set().Named(first)
	return err == nil && def.Group != "" && slices.Contains(item.Groups, def.Group)
}

// Link keeps the moment that is shown on the way to another page.
func (p Page) Link(path string) string {
	if p.Moment == 0 || !strings.HasPrefix(path, "/") {
		return path
	}
	path, fragment, _ := strings.Cut(path, "#")
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	path += join + "as_of=" + url.QueryEscape(p.Query.Get("as_of"))
	if fragment != "" {
		path += "#" + fragment
	}
	return path
}

// With gives this page's address with some parameters changed; "" removes one.
func (p Page) With(changes ...string) string {
	q := url.Values{}
	for k, v := range p.Query {
		q[k] = v
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			q.Del(changes[i])
		} else {
			q.Set(changes[i], changes[i+1])
		}
	}
	if len(q) == 0 {
		return p.Path
	}
	return p.Path + "?" + q.Encode()
}

// Past says whether a past moment is shown: then nothing can be edited.
func (p Page) Past() bool { return p.Moment != 0 }

// seq is where news begins for this page; "" for the past, which has none.
func (p Page) seq() string {
	if p.Past() {
		return ""
	}
	return strconv.FormatInt(int64(p.Seq), 10)
}
