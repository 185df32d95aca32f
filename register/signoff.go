// SPDX-License-Identifier: Apache-2.0

package register

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"sextant"
	"sextant/access"
)

// SignOff is one person's decision on one exact version of one entry. It is
// written by transitions only and is the proof behind every "approved"
// (7.5.2 c).
type SignOff struct {
	Subject        string  `json:"subject" is:"ref required keep" to:"any" label:"Subject"`
	SubjectTitle   string  `json:"subject_title" is:"text title" label:"What was signed"`
	SubjectVersion float64 `json:"subject_version" is:"number required" label:"Version"`
	SubjectHash    string  `json:"subject_hash" is:"text required" label:"Hash" help:"SHA-256 of the frozen rendering"`
	Decision       string  `json:"decision" is:"enum required" values:"approve,reject,accept,acknowledge,review,attest,close" label:"Decision"`
	ActingAs       string  `json:"acting_as" is:"text required" label:"Acting as"`
	Person         string  `json:"person" is:"person required owner keep" label:"Person"`
	Reason         string  `json:"reason" is:"markdown" label:"Reason"`
	Authentication string  `json:"authentication" is:"text required" label:"Authentication"`
	Frozen         string  `json:"frozen" is:"markdown" label:"Frozen rendering" help:"the exact bytes that were signed, for ever"`
}

// SignOffs is the register of sign-offs.
var SignOffs = Declare[SignOff](Definition{
	Name: "sign_off", Plural: "sign-offs", Prefix: "SGN", Title: "Sign-off", Titles: "Sign-offs",
	Purpose:   "Who decided what on which version, and how they proved who they were.",
	Clauses:   []string{"7.5.2 c)", "6.1.3 f)"},
	WrittenBy: access.System, Retention: "permanent",
	Lifecycle: Lifecycle{Initial: "recorded", States: []State{{Name: "recorded", Label: "Recorded", Closed: true, Freeze: &Freeze{}}}},
}, nil)

// signOff records the decision on the version a transition just wrote.
func (tx *Tx) signOff(e Entry, t Transition, note Note) error {
	frozen, err := tx.Frozen(e)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(frozen)
	values, err := docOf(SignOffs.Definition, SignOff{
		Subject: e.Key, SubjectTitle: string(t.Sign) + ": " + e.Title(), SubjectVersion: float64(e.Version),
		SubjectHash: hex.EncodeToString(sum[:]), Decision: string(t.Sign), ActingAs: joined(t.Who),
		Person: tx.actor.Person, Reason: note.Why, Authentication: string(tx.actor.Proof.Method), Frozen: string(frozen),
	})
	if err != nil {
		return err
	}
	key := ""
	if err := tx.takeKey(SignOffs.Definition, &key); err != nil {
		return err
	}
	_, err = tx.save(draft{def: SignOffs.Definition, key: key, doc: Doc{}.apply(values), state: "recorded", verb: verbCreate, note: note, sign: t.Sign})
	return err
}

// frozenForm is the rendering that is signed: the entry with the titles of what
// it points at, the files it was rendered into, and its children, as they were.
type frozenForm struct {
	Register string                 `json:"register"`
	Key      string                 `json:"key"`
	Version  int                    `json:"version"`
	State    string                 `json:"state"`
	Fields   map[string]frozenField `json:"fields"`
	Files    []frozenFile           `json:"files,omitempty"`
	Children []frozenForm           `json:"children,omitempty"`
}

type frozenField struct {
	Label  string   `json:"label"`
	Value  any      `json:"value"`
	Titles []string `json:"titles,omitempty"`
}

// Frozen renders an entry with its children as it stands in this view. Once
// signed, the bytes are kept with the sign-off: they do not change when what
// lies beneath changes, nor after an upgrade.
func (v *View) Frozen(e Entry) ([]byte, error) {
	form, err := v.frozen(e)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(form)
	if err != nil {
		return nil, fmt.Errorf("freeze %s: %w", e.Key, err)
	}
	return data, nil
}

func (v *View) frozen(e Entry) (frozenForm, error) {
	form := frozenForm{Register: e.Register.Name, Key: e.Key, Version: e.Version, State: e.State, Fields: map[string]frozenField{}}
	for _, f := range e.Register.Fields {
		value, known := e.Doc[f.Key]
		if !known || f.Kind == Secret || len(f.Readers) > 0 {
			continue
		}
		ff := frozenField{Label: f.Label, Value: value}
		if f.IsReference() && !v.isPersonal(f.To) {
			for _, key := range e.Doc.Strings(f.Key) {
				ff.Titles = append(ff.Titles, v.TitleOf(f.To, key))
			}
		}
		form.Fields[f.Key] = ff
	}
	var err error
	if form.Files, err = v.frozenFiles(e); err != nil {
		return form, err
	}
	for _, child := range v.kernel.set.Children(e.Register.Name) {
		entries, err := v.Select(child.Name, Filter{Field: child.Parent, Op: Is, Values: []string{e.Key}})
		if err != nil {
			return form, err
		}
		for _, c := range entries {
			sub, err := v.frozen(c)
			if err != nil {
				return form, err
			}
			form.Children = append(form.Children, sub)
		}
	}
	return form, nil
}

// isPersonal says whether the entries of a register are called by personal
// data. Such names are not frozen: what is signed names people by key, and
// reading it looks up what they were called when it was signed. So the rendering
// never changes, and an erasure needs to touch only the person's own entry.
func (v *View) isPersonal(register string) bool {
	def := v.kernel.set.byName[register]
	return register == "any" || (def != nil && def.titleField().Personal)
}

// SignedRendering gives what a sign-off was made on, with the names people had
// then. The kept bytes must have the hash that was signed.
func (v *View) SignedRendering(signOffKey string) ([]byte, error) {
	e, err := v.Entry(SignOffs.Name, signOffKey)
	if err != nil {
		return nil, err
	}
	if e.Erased {
		return nil, sextant.Errorf(sextant.NotFound, "what was signed by %s was erased", signOffKey).WithHint("the log says under which rule, by whom and when: sextant verify")
	}
	frozen := []byte(e.Doc.Text("frozen"))
	if sum := sha256.Sum256(frozen); hex.EncodeToString(sum[:]) != e.Doc.Text("subject_hash") {
		return nil, sextant.Errorf(sextant.Conflict, "the kept rendering of %s does not have the hash that was signed", signOffKey).WithHint("run: sextant verify")
	}
	var form frozenForm
	if err := json.Unmarshal(frozen, &form); err != nil {
		return nil, fmt.Errorf("rendering of %s: %w", signOffKey, err)
	}
	v.nameThen(&form, e.Seq)
	return json.Marshal(form)
}

// nameThen adds what people were called at a position of the log.
func (v *View) nameThen(form *frozenForm, at sextant.Seq) {
	def := v.kernel.set.byName[form.Register]
	for key, ff := range form.Fields {
		if def == nil {
			return // a register that is no more: what was signed stands as it is
		}
		if f, ok := def.Field(key); ok && f.IsReference() && len(ff.Titles) == 0 {
			for _, reference := range valueStrings(ff.Value) {
				ff.Titles = append(ff.Titles, v.titleAt(reference, at))
			}
			form.Fields[key] = ff
		}
	}
	for i := range form.Children {
		v.nameThen(&form.Children[i], at)
	}
}

// titleAt names an entry as it was called at a position.
func (v *View) titleAt(reference string, at sextant.Seq) string {
	if def, ok := v.kernel.set.OfKey(reference); ok {
		if row, err := v.tx.Entry(def.Name, reference, at); err == nil {
			return row.Title
		}
	}
	return reference
}
