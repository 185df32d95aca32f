// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"

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
	Campaign register.Of[gap.Campaign]
	Units    []choice
	Unit     string
	page.Upload
	Matching intake.Matching
	Report   *register.Report
	Notes    []string
	Written  bool
	Problem  page.Problem
	Status   int
}

// assessed are the fields that say something in an assessment.
var assessed = []intake.Field{intake.Control, intake.Title, intake.Implementation, intake.Remarks, intake.How, intake.Applicable, intake.Justification}

// mostRows is how many rows of a report stand on the page, the refused ones
// first.
const mostRows = 300

func (v importView) shown() []register.Outcome {
	list := v.Report.Sorted()
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
	files, err := s.Received(w, r, actor, "file", intake.MaxBytes)
	if err != nil {
		return err
	}
	view := importView{Upload: files[0], Unit: r.PostFormValue("unit")}
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return view.fill(v, r.PathValue("campaign")) }); err != nil {
		return err
	}
	write := r.PostFormValue("do") == "write"
	err = s.assess(r, actor, &view, !write)
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

// assess reads the file by the matching of the form, or by the one that is
// proposed, and tries or writes it.
func (s *section) assess(r *http.Request, actor access.Actor, view *importView, dry bool) error {
	file, err := intake.Open(bytes.NewReader(view.Content))
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
	sum := sha256.Sum256(view.Content)
	report, err := intake.Assess(r.Context(), s.Kernel, actor, view.Campaign.Key, view.Unit, result, intake.Options{File: view.Name, Digest: hex.EncodeToString(sum[:])}, dry)
	if err == nil {
		view.Report = &report
	}
	return err
}

// importWords are how the page speaks of rows: nothing is answered by a sheet.
func importWords(ctx context.Context) page.OutcomeWords {
	return page.OutcomeWords{What: message.T(ctx, "gap.group.part.question"), Label: func(ctx context.Context, f register.Fate) string {
		return message.T(ctx, "gap.import.fate."+string(f))
	}}
}

// assessedChoices are what a column of an assessment may hold.
func assessedChoices(ctx context.Context) []page.MatchedGroup {
	var list []page.MatchedField
	for _, f := range assessed {
		list = append(list, page.MatchedField{Name: string(f), Label: message.T(ctx, "gap.import.field."+string(f))})
	}
	return []page.MatchedGroup{{Fields: list}}
}
