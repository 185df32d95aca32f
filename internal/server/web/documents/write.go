// SPDX-License-Identifier: Apache-2.0

package documents

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"sextant"
	"sextant/access"
	"sextant/document"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// writeView is the page an edition is written on. What was typed is in it
// whatever became of it.
type writeView struct {
	One           oneView
	Draft         string // key of the draft, "" until it is first kept
	Version       string // of the draft as it was seen
	Edition       string
	Body          string
	Summary       string
	EffectiveFrom string
	Preview       string
	Open          []string // variables not filled in
	Meaning       map[string]string
	File          string // name of the file the draft is, "" where it is a text
	Error, Hint   string
	Field         string
}

func (s *section) writeForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	view, err := s.writing(r.Context(), actor, r.PathValue("key"))
	if err != nil {
		return err
	}
	return s.drawWrite(w, r, actor, view, http.StatusOK)
}

// writing reads the draft there is, or what the next edition would begin with.
func (s *section) writing(ctx context.Context, actor access.Actor, key string) (view writeView, err error) {
	err = s.Kernel.Read(ctx, actor, 0, func(v *register.View) (err error) {
		if view.One, err = s.viewOf(v, key, ""); err != nil {
			return err
		}
		return view.begin(v)
	})
	return view, err
}

func (view *writeView) begin(v *register.View) error {
	if way := view.One.Way; way != nil {
		if way.Of.State != "draft" {
			return sextant.Errorf(sextant.Frozen, "edition %s of %s is %s and can no longer be changed", way.Fields.Edition, view.One.Doc.Fields.Title, page.StateLabel(way.Register, way.Of.State)).WithHint("whoever reviews it can return it to its author")
		}
		if !v.MayEdit(way.Entry) {
			return access.May(v.Actor(), access.Edit, access.Subject{Register: document.Versions.Name}, v.Now())
		}
		f := way.Fields
		view.Draft, view.Version, view.Edition, view.Body, view.Summary, view.EffectiveFrom = way.Key, strconv.Itoa(way.Version), f.Edition, f.Body, f.ChangeSummary, f.EffectiveFrom
		view.File, _ = f.File["name"].(string)
		return nil
	}
	if !v.MayCreate(document.Versions.Definition) {
		return access.May(v.Actor(), access.Create, access.Subject{Register: document.Versions.Name}, v.Now())
	}
	view.Edition = "1.0"
	if key := view.One.Doc.Fields.CurrentVersion; key != "" {
		current, err := document.Versions.Get(v, key)
		if err != nil {
			return err
		}
		view.Edition, view.Body = document.After(current.Fields.Edition), current.Fields.Body
	}
	return nil
}

func (s *section) drawWrite(w http.ResponseWriter, r *http.Request, actor access.Actor, view writeView, status int) error {
	view.Preview, view.Open = page.Markdown(view.Body), document.Unresolved(view.Body)
	view.Meaning = map[string]string{}
	for _, v := range document.Variables() {
		view.Meaning[v.Name] = v.Meaning
	}
	p := s.Page(r, actor, message.T(r.Context(), "documents.write.title", view.One.Doc.Fields.Title))
	s.DrawStatus(w, r, status, writePage(p, view))
	return nil
}

// write keeps a draft, shows it as it will be read, or submits it. What cannot
// be accepted comes back as it was typed.
func (s *section) write(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	view, err := s.writing(r.Context(), actor, r.PathValue("key"))
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	view.Edition, view.Summary, view.EffectiveFrom = r.PostFormValue("edition"), r.PostFormValue("change_summary"), r.PostFormValue("effective_from")
	if view.File == "" {
		view.Body = normalised(r.PostFormValue("body"))
	}
	do := r.PostFormValue("do")
	if do == "preview" {
		return s.drawWrite(w, r, actor, view, http.StatusOK)
	}
	version, _ := strconv.Atoi(r.PostFormValue("version"))
	if err := s.keep(r, actor, view, version, do == "submit", nil); err != nil {
		return s.refuse(w, r, actor, view, err)
	}
	to := view.One.Path
	if do != "submit" {
		to += "/write"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *section) refuse(w http.ResponseWriter, r *http.Request, actor access.Actor, view writeView, err error) error {
	status, ok := page.StatusOf(err)
	if !ok {
		return err
	}
	_, view.Error, view.Hint = page.Explain(err)
	return s.drawWrite(w, r, actor, view, status)
}

// normalised ends lines as the store does: a browser sends them as CR LF.
func normalised(text string) string {
	return string(bytes.ReplaceAll([]byte(text), []byte("\r\n"), []byte("\n")))
}

// keep writes the draft, which comes to be with the first words, and submits it
// in the same transaction where that is asked for.
func (s *section) keep(r *http.Request, actor access.Actor, view writeView, version int, submit bool, file map[string]any) error {
	return s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		key := view.Draft
		if key == "" {
			draft, err := document.Next(tx, view.One.Doc.Key, actor.Person, register.Note{})
			if err != nil {
				return err
			}
			key, version = draft.Key, draft.Version
		}
		values := map[string]any{"edition": view.Edition, "change_summary": view.Summary, "effective_from": view.EffectiveFrom, "body": view.Body}
		if file != nil {
			values["body"], values["file"] = nil, file
		}
		e, err := tx.Edit(document.Versions.Name, key, version, values, register.Note{})
		if err != nil || !submit {
			return err
		}
		_, err = tx.Transition(document.Versions.Name, key, e.Version, "submit", nil, register.Note{})
		return err
	})
}

// mostFile is how large an uploaded edition may be.
const mostFile = 32 << 20

// upload keeps a file as the edition, in the place of a text.
func (s *section) upload(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if s.Kernel.Blobs() == nil {
		return sextant.Errorf(sextant.Unavailable, "this installation keeps no files")
	}
	view, err := s.writing(r.Context(), actor, r.PathValue("key"))
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostFile)
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return sextant.Errorf(sextant.TooLarge, "the file cannot be taken").WithHint("at most 32 MB are taken")
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	content, head, err := r.FormFile("file")
	if err != nil {
		return s.refuse(w, r, actor, view, sextant.Errorf(sextant.Invalid, "no file was chosen").At("file"))
	}
	defer content.Close()
	view.Edition, view.Summary = r.FormValue("edition"), r.FormValue("change_summary")
	sum, size, err := s.Kernel.Blobs().Put(r.Context(), actor.Organisation, content)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(r.FormValue("version"))
	file := map[string]any{"name": register.SafeName(head.Filename), "type": "application/octet-stream", "size": float64(size), "sha256": sum}
	if err := s.keep(r, actor, view, version, false, file); err != nil {
		return s.refuse(w, r, actor, view, err)
	}
	http.Redirect(w, r, view.One.Path+"/write", http.StatusSeeOther)
	return nil
}
