// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"encoding/json"
	"net/http"

	"sextant/access"
	"sextant/register"
)

// names lists the people a comment can address, for the script that offers them.
func (s *section) names(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	list := []string{}
	err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		found, err := v.List(register.List{Register: "person", Limit: 500, Order: titleOf(v, "person")})
		for _, e := range found.Entries {
			list = append(list, e.Title())
		}
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(list)
}
