// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/gap"
	"sextant/interchange/intake"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// importView is an earlier assessment on its way beside the questions: the file,
// how it is read, and what would become of each row.
type importView struct {
	Campaign     register.Of[gap.Campaign]
	Units        []choice
	Unit         string
	Name, Stored string // the file, and where it waits
	Matching     intake.Matching
	Report       *register.Report
	Notes        []string
	Written      bool
	Problem      page.Problem
	Status       int
}

// assessed are the fields that say something in an assessment.
var assessed = []intake.Field{intake.Control, intake.Title, intake.Implementation, intake.Remarks, intake.How, intake.Applicable, intake.Justification}

// mostRows is how many rows of a report stand on the page, the refused ones
// first.
const mostRows = 300

func (v importView) shown() []register.Outcome {
	list := intake.Sorted(*v.Report)
	return list[:min(len(list), mostRows)]
}

func (v importView) path() string { return path + "/" + v.Campaign.Key + "/import" }

func (s *section) importForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var view importView
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return view.fill(v, r.PathValue("campaign")) }); err != nil {
		return err
	}
	if err := access.May(actor, access.Import, access.Subject{Register: gap.Answers.Name}, s.Kernel.Now()); err != nil {
		return err
	}
	s.drawImport(w, r, actor, view)
	return nil
}

func (view *importView) fill(v *register.View, campaign string) (err error) {
	if view.Campaign, err = opened(v, campaign); err != nil {
		return err
	}
	for _, key := range view.Campaign.Fields.ScopeUnits {
		view.Units = append(view.Units, choice{key, v.TitleOf("scope_unit", key)})
	}
	view.Unit = cmp.Or(view.Unit, view.Campaign.Fields.ScopeUnits[0])
	return nil
}

func (s *section) drawImport(w http.ResponseWriter, r *http.Request, actor access.Actor, view importView) {
	p := s.Page(r, actor, message.T(r.Context(), "gap.import.title"))
	s.DrawStatus(w, r, cmp.Or(view.Status, http.StatusOK), importPage(p, view))
}

// importSheet takes a file, or one that waits with another matching; it shows
// what would happen, or writes it.
func (s *section) importSheet(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := access.May(actor, access.Import, access.Subject{Register: gap.Answers.Name}, s.Kernel.Now()); err != nil {
		return err
	}
	view, content, err := s.received(w, r, actor)
	if err != nil {
		return err
	}
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return view.fill(v, r.PathValue("campaign")) }); err != nil {
		return err
	}
	write := r.PostFormValue("do") == "write"
	err = s.assess(r, actor, content, &view, !write)
	if err != nil {
		problem, ours := page.ProblemOf(err)
		if !ours {
			return err
		}
		view.Problem, view.Report = problem, nil
		view.Status, _ = page.StatusOf(err)
	}
	view.Written = write && err == nil
	s.drawImport(w, r, actor, view)
	return nil
}

// received gives the file of a request: one that was just sent, which is kept
// for the tries to come, or one that waits.
func (s *section) received(w http.ResponseWriter, r *http.Request, actor access.Actor) (view importView, content []byte, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, intake.MaxBytes+(1<<20))
	part, header, err := r.FormFile("file")
	switch {
	case err == nil:
		defer part.Close()
		view.Name = header.Filename
		if content, err = io.ReadAll(part); err != nil {
			return view, nil, badUpload(err)
		}
		view.Stored, _, err = s.Kernel.Blobs().Put(r.Context(), actor.Organisation, bytes.NewReader(content))
	case r.PostFormValue("stored") != "":
		view.Name, view.Stored = r.PostFormValue("name"), r.PostFormValue("stored")
		content, err = s.waiting(r.Context(), actor, view.Stored)
	default:
		err = badUpload(err)
	}
	view.Unit = r.PostFormValue("unit")
	return view, content, err
}

func (s *section) waiting(ctx context.Context, actor access.Actor, stored string) ([]byte, error) {
	kept, err := s.Kernel.Blobs().Open(ctx, actor.Organisation, stored)
	if err != nil {
		return nil, sextant.Errorf(sextant.NotFound, "the file is no longer here").WithHint("choose it again")
	}
	defer kept.Close()
	return io.ReadAll(io.LimitReader(kept, intake.MaxBytes+1))
}

func badUpload(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return sextant.Errorf(sextant.TooLarge, "the file is larger than %d MiB", intake.MaxBytes>>20)
	}
	return sextant.Errorf(sextant.Invalid, "no file was sent").At("file").WithHint("choose a file first")
}

// assess reads the file by the matching of the form, or by the one that is
// proposed, and tries or writes it.
func (s *section) assess(r *http.Request, actor access.Actor, content []byte, view *importView, dry bool) error {
	file, err := intake.Open(bytes.NewReader(content))
	if err != nil {
		return err
	}
	if view.Matching, err = file.Propose(); err != nil {
		return err
	}
	for i, c := range view.Matching.Columns {
		if chosen, ok := r.PostForm["col-"+c.Letter]; ok {
			view.Matching.Columns[i].Field = intake.Field(chosen[0])
		} else if !slices.Contains(assessed, c.Field) {
			view.Matching.Columns[i].Field = ""
		}
	}
	var result intake.Result
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		ground, err := intake.GroundFor(v)
		if err == nil {
			result, err = file.Take(view.Matching, ground)
		}
		return err
	}); err != nil {
		return err
	}
	view.Notes = result.Notes
	sum := sha256.Sum256(content)
	report, err := intake.Assess(r.Context(), s.Kernel, actor, view.Campaign.Key, view.Unit, result, intake.Options{File: view.Name, Digest: hex.EncodeToString(sum[:])}, dry)
	if err == nil {
		view.Report = &report
	}
	return err
}

// exampleOf shows what stands in a column.
func exampleOf(c intake.Column) string {
	return strings.Join(c.Examples[:min(2, len(c.Examples))], " · ")
}
