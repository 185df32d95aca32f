// SPDX-License-Identifier: Apache-2.0

package libraries

import (
	"bytes"
	"cmp"
	"net/http"
	"regexp"

	"sextant"
	"sextant/access"
	"sextant/interchange/cisoassistant"
	"sextant/interchange/oscal"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/library"
	"sextant/register"
)

// maxUpload caps both files of an import together.
const maxUpload = 2 * oscal.MaxBytes

// importView is the import page, after a dry run with what would come in.
type importView struct {
	In           *library.Incoming
	Prospect     library.Prospect
	File, Beside page.Upload
	Error, Hint  string
	Status       int // of the answer, 0 = 200
}

func (s *section) importForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawImport(w, r, actor, importView{})
}

func (s *section) drawImport(w http.ResponseWriter, r *http.Request, actor access.Actor, view importView) error {
	if err := s.refuseImport(actor); err != nil {
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "library.import"))
	p.Path = path + "/import"
	s.DrawStatus(w, r, cmp.Or(view.Status, http.StatusOK), importPage(p, view))
	return nil
}

// importTry reads the file and shows what it would bring. It is kept until it is
// confirmed, where it can be taken over.
func (s *section) importTry(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.refuseImport(actor); err != nil {
		return err
	}
	view, err := s.tried(w, r, actor)
	if err != nil {
		if _, ok := page.StatusOf(err); !ok {
			return err
		}
		view.Status, view.Error, view.Hint = page.Explain(err)
		view.In = nil
	}
	return s.drawImport(w, r, actor, view)
}

func (s *section) tried(w http.ResponseWriter, r *http.Request, actor access.Actor) (view importView, err error) {
	sent, err := page.Sent(w, r, "file", maxUpload)
	if err != nil {
		return view, err
	}
	view.File = sent[0]
	if sent, err := page.Sent(w, r, "beside", maxUpload); err == nil {
		view.Beside = sent[0]
	}
	in, err := read(view.File, view.Beside)
	if err != nil {
		return view, err
	}
	view.In = &in
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) (err error) {
		view.Prospect, err = library.Look(v, in)
		return err
	}); err != nil || view.Prospect.Same != "" {
		return view, err
	}
	for _, f := range []*page.Upload{&view.File, &view.Beside} {
		if f.Name == "" {
			continue
		}
		if err := s.Keep(r.Context(), actor, f); err != nil {
			return view, err
		}
	}
	return view, nil
}

func (s *section) refuseImport(actor access.Actor) error {
	return access.May(actor, access.Import, access.Subject{Register: library.Libraries.Name}, s.Kernel.Now())
}

func (s *section) importWrite(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.refuseImport(actor); err != nil {
		return err
	}
	file, err := s.kept(r, actor, "")
	if err != nil {
		return err
	}
	beside, err := s.kept(r, actor, "beside_")
	if err != nil {
		return err
	}
	in, err := read(file, beside)
	if err != nil {
		return err
	}
	key, _, err := library.Take(r.Context(), s.Kernel, actor, in, register.Note{Why: r.PostFormValue("reason")})
	if err != nil {
		return err
	}
	http.Redirect(w, r, path+"/"+key+"/browse", http.StatusSeeOther)
	return nil
}

// kept gives a file back that was sent for the dry run; the second one may be
// missing.
func (s *section) kept(r *http.Request, actor access.Actor, prefix string) (page.Upload, error) {
	if err := r.ParseForm(); err != nil {
		return page.Upload{}, sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	if r.PostFormValue(prefix+"stored") == "" {
		r.PostForm.Del(prefix + "stored")
	}
	list, err := s.Waiting(r, actor, prefix, maxUpload)
	switch {
	case err != nil || len(list) > 0:
		return append(list, page.Upload{})[0], err
	case prefix == "":
		return page.Upload{}, sextant.Errorf(sextant.NotFound, "the file is no longer here").WithHint("choose it again")
	}
	return page.Upload{}, nil
}

var oscalTop = regexp.MustCompile(`(?m)^\s*"?(catalog|profile)"?\s*:`)

// read reads a library in whichever format it is: the bytes tell.
func read(file, beside page.Upload) (in library.Incoming, err error) {
	first := bytes.TrimLeft(file.Content, " \t\r\n\uFEFF")
	if len(first) == 0 || first[0] != '{' && first[0] != '<' && !oscalTop.Match(first[:min(len(first), 4096)]) {
		content, report, err := cisoassistant.Read(file.Name, file.Content)
		return library.Came(file.Name, file.Content, content, report), err
	}
	d, err := oscal.Read(file.Name, file.Content)
	if err != nil {
		return in, err
	}
	report := &library.Report{}
	if d.Catalog != nil {
		return library.Came(file.Name, file.Content, oscal.Content(d.Catalog, library.OSCALCatalog, report), report), nil
	}
	if beside.Name == "" {
		return in, sextant.Errorf(sextant.Invalid, "%s is a profile: it chooses out of a catalog", file.Name).At("beside").WithHint("choose the catalog as the second file")
	}
	source, err := oscal.Read(beside.Name, beside.Content)
	if err != nil {
		return in, err
	}
	catalog, err := oscal.Resolve(d.Profile, []oscal.Beside{{Name: beside.Name, Document: source}}, report)
	if err != nil {
		return in, err
	}
	return library.Came(file.Name, file.Content, oscal.Content(catalog, library.OSCALProfile, report), report), nil
}
