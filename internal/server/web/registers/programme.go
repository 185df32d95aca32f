// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"net/http"

	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// directoryRow is one register of the directory.
type directoryRow struct {
	Def   *register.Definition
	Path  string
	Count string
}

// programme lists the registers of the management system with what they hold.
func (s *section) programme(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var rows []directoryRow
	err := s.Read(r, actor, func(v *register.View) error {
		for _, def := range v.Set().All() {
			if def.Group != "programme" {
				continue
			}
			n, err := v.Count(register.List{Register: def.Name})
			if err != nil {
				return err
			}
			rows = append(rows, directoryRow{Def: def, Path: "/" + def.Plural, Count: page.Count(n)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Draw(w, r, programmePage(s.Page(r, actor, message.T(r.Context(), "programme.title")), rows))
	return nil
}
