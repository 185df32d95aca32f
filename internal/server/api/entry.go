// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"net/http"
	"strconv"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// entryBody is an entry as it goes over the wire.
type entryBody struct {
	Key       string            `json:"key"`
	Register  string            `json:"register"`
	Title     string            `json:"title"`
	Version   int               `json:"version"`
	State     string            `json:"state"`
	Fields    register.Doc      `json:"fields"`
	Titles    map[string]string `json:"titles,omitempty"` // what the references are called
	Hidden    []string          `json:"hidden,omitempty"`
	ChangedAt string            `json:"changed_at"`
	ChangedBy string            `json:"changed_by"`
	CreatedAt string            `json:"created_at"`
	Reason    string            `json:"change_reason,omitempty"`
	Seq       sextant.Seq       `json:"seq"`
	Erased    bool              `json:"erased,omitempty"`
}

// writeBody is what a client sends to create or change.
type writeBody struct {
	Key    string         `json:"key"`
	Fields map[string]any `json:"fields"`
	Reason string         `json:"reason"`
}

func body(v *register.View, e register.Entry) entryBody {
	b := entryBody{Key: e.Key, Register: e.Register.Name, Title: e.Title(), Version: e.Version, State: e.State, Fields: e.Doc, Hidden: e.Hidden,
		ChangedAt: e.At.String(), ChangedBy: e.Actor, CreatedAt: e.Created.String(), Reason: e.Why, Seq: e.Seq, Erased: e.Erased}
	for _, f := range e.Register.Fields {
		if !f.IsReference() {
			continue
		}
		for _, key := range e.Doc.Strings(f.Key) {
			if b.Titles == nil {
				b.Titles = map[string]string{}
			}
			b.Titles[key] = v.TitleOf(f.To, key)
		}
	}
	b.Fields = withoutHandles(e)
	return b
}

// withoutHandles shows of a secret that it is set, and nothing else.
func withoutHandles(e register.Entry) register.Doc {
	doc := e.Doc.Clone()
	for _, f := range e.Register.Fields {
		if object, ok := doc[f.Key].(map[string]any); ok && f.Kind == register.Secret {
			doc[f.Key] = map[string]any{"set_at": object["set_at"]}
		}
	}
	return doc
}

func (a *api) get(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return a.view(r, actor, func(v *register.View) error {
		e, err := v.Entry(r.PathValue("register"), r.PathValue("key"))
		if err != nil {
			return err
		}
		return a.respond(w, http.StatusOK, v, e)
	})
}

func (a *api) respond(w http.ResponseWriter, status int, v *register.View, e register.Entry) error {
	w.Header().Set("ETag", strconv.Quote(strconv.Itoa(e.Version)))
	return writeJSON(w, status, body(v, e))
}

func (a *api) view(r *http.Request, actor access.Actor, fn func(*register.View) error) error {
	at, err := moment(r)
	if err != nil {
		return err
	}
	return a.Kernel.Read(r.Context(), actor, at, fn)
}

// write runs fn in a transaction and answers with the entry only after it is
// durable.
func (a *api) write(w http.ResponseWriter, r *http.Request, actor access.Actor, status int, fn func(*register.Tx, writeBody, int) (register.Entry, error)) error {
	var in writeBody
	if r.Method != http.MethodDelete {
		if err := readJSON(w, r, &in); err != nil {
			return err
		}
	}
	version, err := ifMatch(r)
	if err != nil {
		return err
	}
	var out entryBody
	err = a.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		e, err := fn(tx, in, version)
		if err == nil && e.Register != nil {
			out = body(&tx.View, e)
		}
		return err
	})
	if err != nil {
		return err
	}
	if out.Key == "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	w.Header().Set("ETag", strconv.Quote(strconv.Itoa(out.Version)))
	if status == http.StatusCreated {
		w.Header().Set("Location", fmt.Sprintf("/api/v1/%s/%s", r.PathValue("register"), out.Key))
	}
	return writeJSON(w, status, out)
}

func (a *api) create(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return a.write(w, r, actor, http.StatusCreated, func(tx *register.Tx, in writeBody, _ int) (register.Entry, error) {
		return tx.CreateAs(r.PathValue("register"), in.Key, in.Fields, register.Note{Why: in.Reason})
	})
}

func (a *api) edit(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return a.write(w, r, actor, http.StatusOK, func(tx *register.Tx, in writeBody, version int) (register.Entry, error) {
		return tx.Edit(r.PathValue("register"), r.PathValue("key"), version, in.Fields, register.Note{Why: in.Reason})
	})
}

func (a *api) remove(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return a.write(w, r, actor, http.StatusNoContent, func(tx *register.Tx, _ writeBody, version int) (register.Entry, error) {
		return register.Entry{}, tx.Delete(r.PathValue("register"), r.PathValue("key"), version, register.Note{Why: r.URL.Query().Get("reason")})
	})
}

func (a *api) transition(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return a.write(w, r, actor, http.StatusOK, func(tx *register.Tx, in writeBody, version int) (register.Entry, error) {
		return tx.Transition(r.PathValue("register"), r.PathValue("key"), version, r.PathValue("name"), in.Fields, register.Note{Why: in.Reason})
	})
}

func (a *api) undo(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	to, err := strconv.Atoi(r.URL.Query().Get("to"))
	if err != nil || to < 1 {
		return sextant.Errorf(sextant.Invalid, "say which version to go back to").At("to").WithHint("POST …/undo?to=3 with a JSON body, {} will do")
	}
	return a.write(w, r, actor, http.StatusOK, func(tx *register.Tx, in writeBody, version int) (register.Entry, error) {
		return tx.Undo(r.PathValue("register"), r.PathValue("key"), version, to, register.Note{Why: in.Reason})
	})
}

// revisionBody is one version with what it changed.
type revisionBody struct {
	entryBody
	StateFrom string                `json:"state_from,omitempty"`
	Changes   []register.Difference `json:"changes"`
}

func (a *api) history(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	before, _ := strconv.Atoi(r.URL.Query().Get("before"))
	return a.view(r, actor, func(v *register.View) error {
		revisions, err := v.History(r.PathValue("register"), r.PathValue("key"), before, limit(r))
		if err != nil {
			return err
		}
		out := struct {
			Versions []revisionBody `json:"versions"`
		}{[]revisionBody{}}
		for _, rev := range revisions {
			out.Versions = append(out.Versions, revisionBody{body(v, rev.Entry), rev.StateFrom, hideSecrets(rev)})
		}
		return writeJSON(w, http.StatusOK, out)
	})
}

func hideSecrets(rev register.Revision) []register.Difference {
	out := []register.Difference{}
	for _, d := range rev.Changes {
		if f, _ := rev.Register.Field(d.Field); f.Kind == register.Secret {
			d.Before, d.After = nil, "•••"
		}
		out = append(out, d)
	}
	return out
}

func (a *api) version(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	n, err := strconv.Atoi(r.PathValue("version"))
	if err != nil {
		return sextant.Errorf(sextant.NotFound, "there is no version %q", r.PathValue("version"))
	}
	return a.view(r, actor, func(v *register.View) error {
		e, err := v.Version(r.PathValue("register"), r.PathValue("key"), n)
		if err != nil {
			return err
		}
		return a.respond(w, http.StatusOK, v, e)
	})
}

// linkBody is one reference, from either side.
type linkBody struct {
	Register string `json:"register"`
	Key      string `json:"key"`
	Field    string `json:"field"`
	Title    string `json:"title"`
}

func (a *api) links(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return a.view(r, actor, func(v *register.View) error {
		e, err := v.Entry(r.PathValue("register"), r.PathValue("key"))
		if err != nil {
			return err
		}
		to, err := v.Links(e)
		if err != nil {
			return err
		}
		from, err := v.BackLinks(e)
		if err != nil {
			return err
		}
		out := map[string][]linkBody{"to": {}, "from": {}}
		for _, l := range to {
			out["to"] = append(out["to"], linkBody{l.ToRegister, l.ToKey, l.Field, v.TitleOf(l.ToRegister, l.ToKey)})
		}
		for _, l := range from {
			out["from"] = append(out["from"], linkBody{l.FromRegister, l.FromKey, l.Field, v.TitleOf(l.FromRegister, l.FromKey)})
		}
		return writeJSON(w, http.StatusOK, out)
	})
}

func limit(r *http.Request) int {
	n, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	if n <= 0 || n > 500 {
		return 50
	}
	return n
}
