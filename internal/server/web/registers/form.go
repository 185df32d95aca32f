// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// formView is a form that creates, edits or moves an entry.
type formView struct {
	Title, Action, Cancel, Submit string
	Version                       string
	Inputs                        []input
	AskReason, NeedsReason        bool
	AskPassword                   bool
	Reason                        string
	Error, Hint                   string
	Conflict                      []change
	Field                         string // the one field that is edited, "" = all
}

// input is one field of a form.
type input struct {
	Field   register.Field
	ID      string
	Text    string
	Error   string
	Options []option
	Whole   bool // Options are all there is to choose from
	First   bool // shown at once; the rest waits below
	Wide    bool
}

type option struct {
	Value, Label string
	Chosen       bool
}

func (in input) invalid() string {
	if in.Error != "" {
		return "true"
	}
	return "false"
}

func (in input) describedBy() string {
	ids := []string{}
	if in.Field.Help != "" {
		ids = append(ids, in.ID+"-hint")
	}
	if in.Error != "" {
		ids = append(ids, in.ID+"-err")
	}
	return strings.Join(ids, " ")
}

// boxes: a few values of which several can be chosen are boxes to tick.
func (in input) boxes() bool {
	const most = 16
	whole := in.Whole || in.Field.Kind == register.Enum
	return in.Field.Many && whole && len(in.Options) > 0 && len(in.Options) <= most
}

// later counts the fields that wait below.
func (v formView) later() (n int) {
	for _, in := range v.Inputs {
		if !in.First {
			n++
		}
	}
	return n
}

// durations are offered where one is asked for.
var durations = []string{"P1W", "P1M", "P3M", "P6M", "P12M", "P24M"}

func (in input) inputType() string {
	switch in.Field.Kind {
	case register.Date:
		return "date"
	case register.Number, register.Percent, register.Scale:
		return "number"
	}
	return "text"
}

// choices is how many entries a reference field offers before typing a key is
// the better way.
const choices = 200

// inputs draws the fields of a form with the values given.
func inputs(v *register.View, def *register.Definition, only []string, doc register.Doc, problems map[string]string) ([]input, error) {
	var list []input
	for _, f := range v.Fields(def) {
		if f.Derived || f.Kind == register.File || f.Kind == register.Rows || (only != nil && !contains(only, f.Key)) {
			continue
		}
		in := input{Field: f, ID: "f-" + f.Key, Text: inputText(f, doc), Error: problems[f.Key], Wide: f.Kind == register.Markdown || f.IsTitle}
		in.First = len(only) > 0 || f.Required || f.IsTitle || f.IsOwner || f.IsDue || in.Error != "" || (in.Text != "" && in.Text != inputText(f, register.Doc{f.Key: f.Default}))
		if err := fillOptions(v, &in, doc); err != nil {
			return nil, err
		}
		list = append(list, in)
	}
	return list, nil
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

func inputText(f register.Field, doc register.Doc) string {
	if f.Kind == register.Secret {
		return ""
	}
	if f.Many {
		return strings.Join(doc.Strings(f.Key), "\n")
	}
	return doc.Text(f.Key)
}

func fillOptions(v *register.View, in *input, doc register.Doc) error {
	f := in.Field
	chosen := doc.Strings(f.Key)
	switch {
	case f.Kind == register.Enum:
		for _, value := range f.Values {
			in.Options = append(in.Options, option{value.Name, value.Label, contains(chosen, value.Name)})
		}
	case f.Kind == register.Bool:
		in.Options = []option{{"true", "Yes", contains(chosen, "true")}, {"false", "No", contains(chosen, "false")}}
	case f.IsReference():
		return fillReferences(v, in, chosen)
	}
	return nil
}

// fillReferences offers what a reference can point at: all of it to choose
// from, or the first few hundred beside a box where there is more.
func fillReferences(v *register.View, in *input, chosen []string) error {
	f := in.Field
	if f.To == "any" {
		return nil
	}
	if _, err := v.Set().Named(f.To); err != nil {
		references, err := v.ContentReferences(f.To)
		if err != nil {
			return err
		}
		for _, reference := range references {
			in.Options = append(in.Options, option{reference, v.TitleOf(f.To, reference), contains(chosen, reference)})
		}
		in.Whole = len(in.Options) > 0
		for _, reference := range chosen {
			if in.Whole && reference != "" && !slices.Contains(references, reference) { // no longer in use, and still what stands there
				in.Options = append(in.Options, option{reference, v.TitleOf(f.To, reference), true})
			}
		}
		return nil
	}
	list, err := v.List(register.List{Register: f.To, Limit: choices, Order: titleOf(v, f.To)})
	if err != nil {
		return err
	}
	in.Whole = list.Next == ""
	for _, e := range list.Entries {
		in.Options = append(in.Options, option{e.Key, e.Title(), contains(chosen, e.Key)})
	}
	for _, key := range chosen {
		if in.Whole && !slices.ContainsFunc(in.Options, func(o option) bool { return o.Value == key }) {
			in.Options = append(in.Options, option{key, v.TitleOf(f.To, key), true})
		}
	}
	return nil
}

func titleOf(v *register.View, name string) string {
	def, err := v.Set().Named(name)
	if err != nil {
		return ""
	}
	for _, f := range v.Fields(def) {
		if f.IsTitle {
			return f.Key
		}
	}
	return ""
}

// submitted reads the fields a form sent. A field the form did not have stays;
// one it had (named in `has`) and that sent nothing is cleared: browsers send
// nothing for a list in which nothing is chosen.
func submitted(r *http.Request, def *register.Definition) map[string]any {
	values := map[string]any{}
	for _, f := range def.Fields {
		sent, ok := r.PostForm[f.Key]
		switch {
		case !ok && !contains(r.PostForm["has"], f.Key):
			continue
		case f.Kind == register.Secret && (len(sent) == 0 || sent[0] == ""):
			continue
		}
		values[f.Key] = submittedValue(f, sent)
	}
	return values
}

func submittedValue(f register.Field, sent []string) any {
	switch {
	case f.Many:
		return lines(sent)
	case len(sent) == 0:
		return nil
	}
	return sent[0]
}

func lines(sent []string) []string {
	var list []string
	for _, text := range sent {
		for line := range strings.SplitSeq(text, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				list = append(list, line)
			}
		}
	}
	return list
}

// problemsOf sorts the parts of a refusal by field.
func problemsOf(err error) (map[string]string, string, string) {
	e, ok := errors.AsType[*sextant.Error](err)
	if !ok {
		return nil, "", ""
	}
	problems := map[string]string{}
	if e.Field != "" {
		problems[e.Field] = e.Message
	}
	for _, part := range e.Parts {
		problems[part.Field] = part.Message
	}
	return problems, e.Message, e.Hint
}

func (s *section) newForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	def, err := s.Kernel.Set().Named(r.PathValue("register"))
	if err != nil {
		return err
	}
	doc := register.Doc{}
	for _, f := range def.Fields {
		if f.Default != nil {
			doc[f.Key] = f.Default
		}
		if given := r.URL.Query().Get(f.Key); given == "" && r.URL.Query().Has(f.Key) {
			delete(doc, f.Key)
		} else if given != "" {
			doc[f.Key] = given
			if f.Many {
				doc[f.Key] = severalOf(given)
			}
		}
	}
	return s.drawCreate(w, r, actor, def, doc, nil)
}

// severalOf takes the values of an address apart, which stand with commas between.
func severalOf(given string) (list []any) {
	for _, value := range strings.Split(given, ",") {
		list = append(list, value)
	}
	return list
}

func (s *section) drawCreate(w http.ResponseWriter, r *http.Request, actor access.Actor, def *register.Definition, doc register.Doc, problem error) error {
	ctx := r.Context()
	view := formView{Title: message.T(ctx, "form.new.title", page.Within(message.Mark(ctx, def.Title))), Action: "/" + def.Plural, Cancel: "/" + def.Plural, Submit: message.T(ctx, "form.create")}
	return s.drawForm(w, r, actor, view, def, nil, doc, problem)
}

func (s *section) drawForm(w http.ResponseWriter, r *http.Request, actor access.Actor, view formView, def *register.Definition, only []string, doc register.Doc, problem error) error {
	var problems map[string]string
	if problem != nil {
		if _, ok := page.StatusOf(problem); !ok {
			return problem
		}
		problems, view.Error, view.Hint = problemsOf(problem)
	}
	err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) (err error) {
		view.Inputs, err = inputs(v, def, only, doc, problems)
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		status, _ = page.StatusOf(problem)
	}
	s.DrawStatus(w, r, status, formPage(s.Page(r, actor, view.Title), view))
	return nil
}

// typed keeps what the person wrote, so that nothing has to be typed twice.
func typed(values map[string]any) register.Doc {
	doc := register.Doc{}
	for key, value := range values {
		if list, ok := value.([]string); ok {
			items := make([]any, len(list))
			for i, item := range list {
				items[i] = item
			}
			value = items
		}
		doc[key] = value
	}
	return doc
}

func (s *section) create(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	def, err := s.Kernel.Set().Named(r.PathValue("register"))
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	values := submitted(r, def)
	var e register.Entry
	err = s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) (err error) {
		e, err = tx.Create(def.Name, values, register.Note{})
		return err
	})
	if err != nil {
		return s.drawCreate(w, r, actor, def, typed(values), err)
	}
	http.Redirect(w, r, "/"+def.Plural+"/"+e.Key, http.StatusSeeOther)
	return nil
}

func (s *section) editForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	e, err := s.one(r, actor)
	if err != nil {
		return err
	}
	return s.drawEdit(w, r, actor, e, e.Doc, "", nil)
}

func (s *section) one(r *http.Request, actor access.Actor) (e register.Entry, err error) {
	err = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		e, err = v.Entry(r.PathValue("register"), r.PathValue("key"))
		return err
	})
	return e, err
}

func (s *section) drawEdit(w http.ResponseWriter, r *http.Request, actor access.Actor, e register.Entry, doc register.Doc, reason string, problem error) error {
	ctx := r.Context()
	view := formView{Title: message.T(ctx, "form.edit.title", e.Title()), Action: back(r) + "/edit", Cancel: back(r), Submit: message.T(ctx, "form.save"),
		Version: strconv.Itoa(e.Version), AskReason: true, Reason: reason, Field: first(oneField(r, e.Register))}
	if sextant.CodeOf(problem) == sextant.Conflict && formVersion(r) != e.Version {
		view.Conflict, view.Submit = s.conflict(r, actor, e, doc), message.T(ctx, "form.conflict.again")
	}
	return s.drawForm(w, r, actor, view, e.Register, oneField(r, e.Register), doc, problem)
}

// oneField narrows an edit to the field the address names (?field=owner), for
// editing in place.
func oneField(r *http.Request, def *register.Definition) []string {
	if _, known := def.Field(r.FormValue("field")); known {
		return []string{r.FormValue("field")}
	}
	return nil
}

// conflict sets what stands now beside what the person wrote.
func (s *section) conflict(r *http.Request, actor access.Actor, e register.Entry, doc register.Doc) []change {
	var list []change
	_ = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { // titles only: keys serve where they cannot be read
		for _, f := range v.Fields(e.Register) {
			if mine, sent := doc[f.Key]; sent && f.Kind != register.Secret && inputText(f, e.Doc) != inputText(f, doc) {
				list = append(list, change{f.Label, valueInWords(v, f, e.Doc[f.Key]), valueInWords(v, f, mine)})
			}
		}
		return nil
	})
	return list
}

func (s *section) edit(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	before, err := s.one(r, actor)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	values := submitted(r, before.Register)
	err = s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		_, err := tx.Edit(before.Register.Name, before.Key, formVersion(r), values, register.Note{Why: r.PostFormValue("reason")})
		return err
	})
	if err != nil {
		return s.drawEdit(w, r, actor, before, typed(values), r.PostFormValue("reason"), err)
	}
	http.Redirect(w, r, back(r), http.StatusSeeOther)
	return nil
}

func (s *section) moveForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	e, err := s.one(r, actor)
	if err != nil {
		return err
	}
	return s.drawMove(w, r, actor, e, e.Doc, nil)
}

func (s *section) transitionOf(r *http.Request, e register.Entry) (register.Transition, error) {
	for _, t := range e.Register.Lifecycle.Transitions {
		if t.Name == r.PathValue("name") && contains(t.From, e.State) {
			return t, nil
		}
	}
	return register.Transition{}, sextant.Errorf(sextant.Conflict, "%s is %s; that is not possible from there", e.Key, e.State)
}

func (s *section) drawMove(w http.ResponseWriter, r *http.Request, actor access.Actor, e register.Entry, doc register.Doc, problem error) error {
	move, err := s.transitionOf(r, e)
	if err != nil {
		return err
	}
	ctx := r.Context()
	fields := append([]string{}, move.Needs...)
	for _, key := range move.Input {
		if !contains(fields, key) {
			fields = append(fields, key)
		}
	}
	view := formView{Title: message.T(ctx, "entry.move.title", message.Mark(ctx, move.Label), e.Title()), Action: r.URL.Path, Cancel: back(r), Submit: message.Mark(ctx, move.Label),
		Version: strconv.Itoa(e.Version), AskReason: true, NeedsReason: move.NeedsReason, Reason: r.PostFormValue("reason"), AskPassword: move.Sign != ""}
	return s.drawForm(w, r, actor, view, e.Register, fields, doc, problem)
}

func (s *section) move(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	e, err := s.one(r, actor)
	if err != nil {
		return err
	}
	move, err := s.transitionOf(r, e)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	if move.Sign != "" {
		if actor, err = s.ProveAgain(r); err != nil {
			return s.drawMove(w, r, actor, e, e.Doc, err)
		}
	}
	values := submitted(r, e.Register)
	err = s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		_, err := tx.Transition(e.Register.Name, e.Key, formVersion(r), move.Name, values, register.Note{Why: r.PostFormValue("reason")})
		return err
	})
	if err != nil {
		return s.drawMove(w, r, actor, e, typed(values), err)
	}
	http.Redirect(w, r, back(r), http.StatusSeeOther)
	return nil
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func versionText(e register.Entry) string { return strconv.Itoa(e.Version) }
