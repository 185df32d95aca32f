// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"net/url"

	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/views"
	"sextant/register"
)

// viewsOf are the tabs of a list: all, the states that occur, what is mine, and
// the saved views.
func viewsOf(v *register.View, p page.Page, def *register.Definition) ([]grid.View, error) {
	ctx, now := v.Context(), views.Query(p)
	all, err := v.Count(register.List{Register: def.Name})
	if err != nil {
		return nil, err
	}
	tabs := []grid.View{{Label: message.T(ctx, "list.all"), Path: p.Link(p.Path), Count: page.Count(all), Current: now == ""}}
	add := func(label string, filter register.Filter, always bool) error {
		n, err := v.Count(register.List{Register: def.Name, Filters: []register.Filter{filter}})
		if err != nil || (n == 0 && !always) {
			return err
		}
		query := url.Values{"filter": {filter.String()}}.Encode()
		tabs = append(tabs, grid.View{Label: label, Path: p.Link(p.Path + "?" + query), Count: page.Count(n), Current: now == query})
		return nil
	}
	if owner := ownerOf(v, def); owner != "" && v.Actor().Person != "" {
		if err := add(message.T(ctx, "list.mine"), register.Filter{Field: owner, Op: register.Is, Values: []string{v.Actor().Person}}, false); err != nil {
			return nil, err
		}
	}
	if len(def.Lifecycle.States) > 1 && all > 0 {
		for _, state := range def.Lifecycle.States {
			if err := add(message.Mark(ctx, state.Label), register.Filter{Field: "state", Op: register.Is, Values: []string{state.Name}}, false); err != nil {
				return nil, err
			}
		}
	}
	saved, err := views.Saved(v, p)
	return append(tabs, saved...), err
}

func ownerOf(v *register.View, def *register.Definition) string {
	for _, f := range v.Fields(def) {
		if f.IsOwner {
			return f.Key
		}
	}
	return ""
}
