// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/register"
)

// bulkView is the form that changes many entries at once.
type bulkView struct {
	Filters []string
	Search  string
	Fields  []register.Field
	Input   *input // of the field that was chosen
	Reason  string
	Report  *register.Report
	Count   string
}

// chosenFilters turns picked rows into a filter by key; all=1 takes everything
// that matches.
func chosenFilters(q url.Values) []string {
	keys := slices.DeleteFunc(slices.Clone(q["key"]), func(key string) bool { return key == "" })
	if len(keys) == 0 || q.Get("all") != "" {
		return slices.DeleteFunc(slices.Clone(q["filter"]), func(f string) bool { return f == "" })
	}
	return []string{"key=" + strings.Join(keys, ",")}
}

func (s *section) bulkForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawBulk(w, r, actor, r.URL.Query(), nil)
}

// bulkList reads which entries a form is about, and what it would write.
func bulkList(r *http.Request, q url.Values) (register.List, bulkView, error) {
	view := bulkView{Filters: chosenFilters(q), Search: q.Get("search"), Reason: q.Get("reason")}
	if len(q["key"]) > 0 && q.Get("all") == "" {
		view.Search = ""
	}
	filters, err := register.ParseFilters(view.Filters)
	return register.List{Register: r.PathValue("register"), Filters: filters, Search: view.Search}, view, err
}

func (s *section) drawBulk(w http.ResponseWriter, r *http.Request, actor access.Actor, q url.Values, report *register.Report) error {
	l, view, err := bulkList(r, q)
	if err != nil {
		return err
	}
	def, err := s.Kernel.Set().Named(l.Register)
	if err != nil {
		return err
	}
	view.Report = report
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return fillBulk(v, def, l, q, &view) }); err != nil {
		return err
	}
	s.Draw(w, r, bulkPage(s.Page(r, actor, message.T(r.Context(), "list.bulk.title")), def, view))
	return nil
}

func fillBulk(v *register.View, def *register.Definition, l register.List, q url.Values, view *bulkView) error {
	n, err := v.Count(l)
	if err != nil {
		return err
	}
	view.Count = countText(v.Context(), n)
	for _, f := range v.Fields(def) {
		if !f.Derived && f.Kind != register.File && f.Kind != register.Secret && f.Kind != register.Rows && !f.Unique {
			view.Fields = append(view.Fields, f)
		}
	}
	chosen := q.Get("field")
	if chosen == "" && len(view.Fields) > 0 {
		chosen = view.Fields[0].Key
		if owner := ownerOf(v, def); owner != "" {
			chosen = owner
		}
	}
	inputs, err := inputs(v, def, []string{chosen}, register.Doc{chosen: typedValue(q[chosen])}, nil)
	if len(inputs) > 0 {
		view.Input = &inputs[0]
	}
	return err
}

func typedValue(sent []string) any {
	if len(sent) == 1 {
		return sent[0]
	}
	list := make([]any, len(sent))
	for i, text := range sent {
		list[i] = text
	}
	return list
}

func (s *section) bulk(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	l, view, err := bulkList(r, r.PostForm)
	if err != nil {
		return err
	}
	def, err := s.Kernel.Set().Named(l.Register)
	if err != nil {
		return err
	}
	f, known := def.Field(r.PostFormValue("field"))
	if !known {
		return sextant.Errorf(sextant.Invalid, "choose a field to change").At("field")
	}
	values := map[string]any{f.Key: submittedValue(f, r.PostForm[f.Key])}
	write := r.PostFormValue("do") == "write"
	run := s.Kernel.Rehearse
	if write {
		run = s.Kernel.Write
	}
	var report register.Report
	if err := run(r.Context(), actor, func(tx *register.Tx) (err error) {
		report, err = tx.BulkEdit(l, values, register.Note{Why: view.Reason})
		return err
	}); err != nil {
		return err
	}
	if !write {
		return s.drawBulk(w, r, actor, r.PostForm, &report)
	}
	q := url.Values{"filter": view.Filters, "done": {report.Batch}, "n": {strconv.Itoa(report.Counts[register.Updated])}}
	http.Redirect(w, r, grid.Address("/"+def.Plural, q), http.StatusSeeOther)
	return nil
}

func (s *section) done(w http.ResponseWriter, r *http.Request, actor access.Actor, name string, report register.Report) error {
	def, err := s.Kernel.Set().Named(name)
	if err != nil {
		return err
	}
	s.Draw(w, r, donePage(s.Page(r, actor, message.T(r.Context(), "import.done")), def, report))
	return nil
}

func (s *section) undoBatch(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var report register.Report
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) (err error) {
		report, err = tx.UndoBatch(r.PathValue("batch"), register.Note{})
		return err
	}); err != nil {
		return err
	}
	return s.done(w, r, actor, r.PostFormValue("register"), report)
}

// mostOutcomes is how many rows of a report stand on a page.
const mostOutcomes = 500

func shownOutcomes(r register.Report) []register.Outcome {
	list := r.Sorted()
	return list[:min(len(list), mostOutcomes)]
}

func writable(r register.Report) int { return r.Counts[register.Created] + r.Counts[register.Updated] }
