// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/risks/tabs"
	"sextant/register"
	"sextant/risk"
)

// treatmentForm is the form of what a treatment is as a whole; its measures are
// edited on its page.
type treatmentForm struct {
	Tabs      []tabs.Tab
	Key       string // "" = a new one
	Version   int
	Title     string
	Values    url.Values
	Risks     []choice
	Options   []register.Value
	People    []choice
	Contracts []choice
	Shapes    []register.Value
	Troubles  troubles
}

// formKeys are the fields of the form.
var formKeys = []string{"title", "risks", "options", "option_reason", "owner", "due_on", "cost_once", "cost_yearly", "expected_effect", "contract",
	"frequency_shape", "frequency_low", "frequency_mode", "frequency_high", "loss_shape", "loss_low", "loss_mode", "loss_high"}

var manyKeys = []string{"risks", "options"}

// newTreatment begins with the risks that were chosen on the page of one, or in
// the list of them.
func (s *section) newTreatment(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	form := url.Values{"risks": slices.Concat(r.URL.Query()["risk"], r.URL.Query()["key"]), "options": {"modify"}, "owner": {actor.Person}}
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		if !v.MayCreate(risk.Treatments.Definition) {
			return sextant.Errorf(sextant.Denied, "treatments are planned by the owners of risks, the ISMS manager and administrators")
		}
		return begun(v, form)
	}); err != nil {
		return err
	}
	return s.drawTreatmentForm(w, r, actor, "", form, nil)
}

// begun offers the day by which the criteria look at the highest of the risks
// again, and the name of a single one.
func begun(v *register.View, form url.Values) error {
	for _, key := range form["risks"] {
		r, err := risk.Risks.Get(v, key)
		if err != nil {
			return err
		}
		if day := r.Fields.ReviewOn; day > v.Now().Time().Format(time.DateOnly) && (form.Get("due_on") == "" || day < form.Get("due_on")) {
			form.Set("due_on", day)
		}
		if len(form["risks"]) == 1 {
			form.Set("title", r.Title())
		}
	}
	return nil
}

func (s *section) editTreatment(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawTreatmentForm(w, r, actor, r.PathValue("treatment"), nil, nil)
}

func (s *section) drawTreatmentForm(w http.ResponseWriter, r *http.Request, actor access.Actor, key string, typed url.Values, problem error) error {
	view := treatmentForm{Key: key, Values: typed}
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return view.fill(v) }); err != nil {
		return err
	}
	said, status, err := shown(problem)
	if err != nil {
		return err
	}
	view.Troubles = said
	title := message.T(r.Context(), "riskplan.treatment.new")
	if key != "" {
		title = message.T(r.Context(), "riskplan.treatment.edit", view.Title)
	}
	s.DrawStatus(w, r, status, treatmentFormPage(s.Page(r, actor, title), view))
	return nil
}

func (view *treatmentForm) fill(v *register.View) (err error) {
	if view.Key != "" {
		e, err := readTreatment(v, view.Key)
		if err != nil {
			return err
		}
		view.Title, view.Version = e.Title(), e.Version
		if view.Values == nil {
			view.Values = url.Values{}
			for _, key := range formKeys {
				if has(manyKeys, key) {
					view.Values[key] = e.Doc.Strings(key)
				} else {
					view.Values.Set(key, e.Doc.Text(key))
				}
			}
		}
	}
	if view.Tabs, err = tabs.Of(v); err != nil {
		return err
	}
	risks, err := v.Select(risk.Risks.Name, register.Filter{Field: "state", Op: register.Is, Values: risk.OpenStates()})
	if err != nil {
		return err
	}
	for _, r := range risks {
		view.Risks = append(view.Risks, choice{r.Key, r.Key + " " + r.Title(), has(view.Values["risks"], r.Key)})
	}
	contracts, err := v.Select("contract")
	if err != nil {
		return err
	}
	for _, c := range contracts {
		view.Contracts = append(view.Contracts, choice{c.Key, c.Title(), c.Key == view.Values.Get("contract")})
	}
	option, _ := risk.Treatments.Field("options")
	shape, _ := risk.Treatments.Field("frequency_shape")
	view.Options, view.Shapes = option.Values, shape.Values
	view.People, err = people(v, view.Values.Get("owner"))
	return err
}

func (s *section) createTreatment(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.writeTreatment(w, r, actor, "")
}

func (s *section) changeTreatment(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.writeTreatment(w, r, actor, r.PathValue("treatment"))
}

func (s *section) writeTreatment(w http.ResponseWriter, r *http.Request, actor access.Actor, key string) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	values := map[string]any{}
	for _, name := range formKeys {
		if has(manyKeys, name) {
			values[name] = anyOf(r.PostForm[name])
		} else {
			values[name] = strings.TrimSpace(r.PostForm.Get(name))
		}
	}
	to := key
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		if key != "" {
			_, err := tx.Edit(risk.Treatments.Name, key, version(r), values, register.Note{})
			return err
		}
		e, err := tx.Create(risk.Treatments.Name, values, register.Note{})
		to = e.Key
		return err
	})
	if err != nil {
		return s.drawTreatmentForm(w, r, actor, key, r.PostForm, err)
	}
	http.Redirect(w, r, treatmentPath+"/"+to, http.StatusSeeOther)
	return nil
}

func anyOf(list []string) []any {
	out := make([]any, 0, len(list))
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
