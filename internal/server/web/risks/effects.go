// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"net/http"
	"slices"
	"strconv"

	"sextant"
	"sextant/access"
	"sextant/register"
	"sextant/risk"
)

// effects writes which controls treat a risk, and what each takes off. A later
// judgement counts on it; those made before stay as they are.
func (s *section) effects(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("risk")
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	rows, err := effectRows(r.PostForm)
	if err == nil {
		version, _ := strconv.Atoi(r.PostFormValue("version"))
		err = s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
			_, err := tx.Edit(risk.Risks.Name, key, version, map[string]any{"treating": rows}, register.Note{})
			return err
		})
	}
	if err != nil {
		return s.drawOne(w, r, actor, key, err)
	}
	http.Redirect(w, r, path+"/"+key+"#controls", http.StatusSeeOther)
	return nil
}

// effectRows reads the rows of the form; a row without a control is none.
func effectRows(form map[string][]string) (rows []any, err error) {
	likelihood, consequence, why := form["lowers_likelihood"], form["lowers_consequence"], form["why"]
	for i, control := range form["control"] {
		if control == "" {
			continue
		}
		if i >= len(likelihood) || i >= len(consequence) {
			return nil, sextant.Errorf(sextant.Invalid, "the form lacks the steps of %s", control)
		}
		if slices.Contains([]string{likelihood[i], consequence[i]}, "remove") {
			continue
		}
		row := map[string]any{"control": control}
		if i < len(why) && why[i] != "" {
			row["why"] = why[i]
		}
		for name, text := range map[string]string{"lowers_likelihood": likelihood[i], "lowers_consequence": consequence[i]} {
			if text != "" {
				row[name] = text
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
