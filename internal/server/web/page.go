// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/register"
)

// page is what the frame of every page needs.
type page struct {
	Title   string
	Path    string
	Query   url.Values
	Nav     []navGroup
	Actor   access.Actor
	Who     string
	Org     string
	Moment  sextant.Instant // 0 = now
	Version string
	Wide    bool
}

type navGroup struct {
	Name  string
	Items []navItem
}

type navItem struct {
	Label, Path, Icon string
	Current           bool
}

// navGroups is the order of the navigation. A group appears when it has a
// register, a register when it is declared.
var navGroups = []struct{ name, icon string }{
	{"controls", "i-control"}, {"evidence", "i-evidence"}, {"monitoring", "i-monitor"}, {"programme", "i-prog"}, {"settings", "i-settings"},
}

func (s *server) page(r *http.Request, actor access.Actor, title string) page {
	at, _ := sextant.ParseInstant(r.URL.Query().Get("as_of"))
	p := page{Title: title, Path: r.URL.Path, Query: r.URL.Query(), Actor: actor, Moment: at, Version: s.Version, Who: actor.Name, Org: s.orgName(r, actor)}
	for _, group := range navGroups {
		g := navGroup{Name: group.name}
		for _, def := range s.Kernel.Set().All() {
			if def.Group == group.name {
				g.Items = append(g.Items, navItem{Label: def.Titles, Path: "/" + def.Plural, Icon: group.icon,
					Current: p.Path == "/"+def.Plural || strings.HasPrefix(p.Path, "/"+def.Plural+"/")})
			}
		}
		if len(g.Items) > 0 {
			p.Nav = append(p.Nav, g)
		}
	}
	return p
}

// link keeps the as-of moment on the way to another page.
func (p page) link(path string) string {
	if p.Moment == 0 {
		return path
	}
	return path + "?as_of=" + url.QueryEscape(p.Query.Get("as_of"))
}

// with gives this page's address with some parameters changed; "" removes one.
func (p page) with(changes ...string) string {
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

func (p page) past() bool { return p.Moment != 0 }

func initials(name string) string {
	name = strings.TrimPrefix(name, "account:")
	out := ""
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == ' ' || r == '@' || r == ':' || r == '-' }) {
		if len(out) < 2 {
			out += strings.ToUpper(string([]rune(part)[0]))
		}
	}
	return out
}

// hue spreads people over the nine avatar colours, always the same for one name.
func hue(name string) string {
	sum := 0
	for _, r := range name {
		sum += int(r)
	}
	return string(rune('0' + sum%9))
}

func moment(at sextant.Instant) string { return at.Time().Format("2 Jan 2006 15:04") }
func exact(at sextant.Instant) string  { return at.Time().Format("2006-01-02T15:04:05Z") }

// relative says how long ago, short; the exact instant stands in the title.
func relative(at, now sextant.Instant) string {
	d := now.Time().Sub(at.Time())
	switch {
	case d.Minutes() < 1:
		return "now"
	case d.Hours() < 1:
		return plural(int(d.Minutes()), "min")
	case d.Hours() < 48:
		return plural(int(d.Hours()), "h")
	case d.Hours() < 24*60:
		return plural(int(d.Hours()/24), "d")
	}
	return at.Time().Format("2 Jan 2006")
}

func t(ctx context.Context, key string, args ...any) string { return message.T(ctx, key, args...) }

// l passes a label of a declaration through the reader's language.
func l(ctx context.Context, text string) string { return message.Mark(ctx, text) }

func stateLabel(def *register.Definition, name string) string {
	if state, ok := def.Lifecycle.State(name); ok && state.Label != "" {
		return state.Label
	}
	return name
}
