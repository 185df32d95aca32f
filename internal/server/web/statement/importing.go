// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"sextant"
	"sextant/access"
	"sextant/framework"
	"sextant/interchange/entries"
	"sextant/interchange/intake"
	"sextant/interchange/table"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/organisation"
	"sextant/register"
	"sextant/soa"
)

const (
	importPath = path + "/import"
	samplePath = importPath + "/sample"
)

// importView is the import of a sheet made elsewhere: the file, how it is read,
// and what would become of each row.
type importView struct {
	Systems []choice
	System  string
	page.Upload
	Sheets        []string
	Matching      intake.Matching
	Options       intake.Options
	People, Units []choice
	Report        *register.Report
	Proposals     map[framework.Change]int
	Notes         []string
	Written       bool
	Problem       page.Problem
	Status        int
}

// choice is a thing to choose by its key.
type choice struct{ Key, Name string }

func (v importView) edition2013() bool { return v.Matching.Edition == intake.Edition2013 }

func (v importView) writable() int {
	if v.Report == nil {
		return 0
	}
	return v.Report.Counts[register.Created] + v.Report.Counts[register.Updated]
}

// mostShown is how many rows a page shows; the report that is downloaded has
// all of them.
const mostShown = 300

func (v importView) shown() []register.Outcome {
	list := v.Report.Sorted()
	return list[:min(len(list), mostShown)]
}

func (s *section) importForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := mayImport(actor, s.Kernel.Now()); err != nil {
		return err
	}
	view := importView{System: r.URL.Query().Get("system")}
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return view.fill(v) }); err != nil {
		return err
	}
	s.drawImport(w, r, actor, view)
	return nil
}

func mayImport(actor access.Actor, now sextant.Instant) error {
	return access.May(actor, access.Import, access.Subject{Register: soa.Rows.Name}, now)
}

func (s *section) drawImport(w http.ResponseWriter, r *http.Request, actor access.Actor, view importView) {
	p := s.Page(r, actor, message.T(r.Context(), "intake.title"))
	s.DrawStatus(w, r, cmp.Or(view.Status, http.StatusOK), importPage(p, view))
}

// fill names what there is to choose; the first system and the unit that covers
// all are what is meant where nothing was chosen.
func (view *importView) fill(v *register.View) error {
	systems, err := organisation.ManagementSystems.All(v, standing)
	if err != nil {
		return err
	}
	for _, x := range systems {
		view.Systems = append(view.Systems, choice{x.Key, x.Title()})
		view.System = cmp.Or(view.System, x.Key)
	}
	units, err := organisation.ScopeUnits.All(v, standing)
	if err != nil {
		return err
	}
	for _, x := range units {
		view.Units = append(view.Units, choice{x.Key, x.Title()})
	}
	people, err := organisation.Persons.All(v, standing)
	for _, x := range people {
		view.People = append(view.People, choice{x.Key, x.Title()})
	}
	return err
}

var standing = register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}

// wholeUnit is the unit that is part of no other, where there is one only.
func wholeUnit(v *register.View) (string, error) {
	units, err := organisation.ScopeUnits.All(v, standing)
	found := ""
	for _, u := range units {
		if u.Fields.Parent == "" && u.Fields.IsInScope {
			if found != "" {
				return "", err
			}
			found = u.Key
		}
	}
	return found, err
}

// importSheet takes a file, or one that waits with another matching; it shows
// what would happen, writes it, or gives the report.
func (s *section) importSheet(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := mayImport(actor, s.Kernel.Now()); err != nil {
		return err
	}
	view, err := s.received(w, r, actor)
	if err != nil {
		return err
	}
	do := r.PostFormValue("do")
	err = s.judge(r, actor, &view, do != "write")
	switch {
	case err != nil:
		problem, ours := page.ProblemOf(err)
		if !ours {
			return err
		}
		view.Problem, view.Report = problem, nil
		view.Status, _ = page.StatusOf(err)
	case do == "report":
		return sendReport(w, view)
	case do == "write" && view.edition2013():
		http.Redirect(w, r, proposalsPath+"?"+url.Values{"system": {view.System}, "done": {view.Report.Batch}, "n": {strconv.Itoa(view.writable())}}.Encode(), http.StatusSeeOther)
		return nil
	case do == "write":
		view.Written = true
	}
	s.drawImport(w, r, actor, view)
	return nil
}

// received gives the file of a request, and what else it says.
func (s *section) received(w http.ResponseWriter, r *http.Request, actor access.Actor) (view importView, err error) {
	files, err := s.Received(w, r, actor, "file", intake.MaxBytes)
	if err != nil {
		return view, err
	}
	view.Upload, view.System = files[0], r.PostFormValue("system")
	sum := sha256.Sum256(view.Content)
	view.Options = intake.Options{File: view.Name, Content: view.Content, Digest: hex.EncodeToString(sum[:]), Reason: r.PostFormValue("default_reason"), Unit: r.PostFormValue("unit"), Owner: r.PostFormValue("default_owner")}
	return view, nil
}

// judge reads the file by the matching of the form, or by the one that is
// proposed, and tries or writes it.
func (s *section) judge(r *http.Request, actor access.Actor, view *importView, dry bool) error {
	var ground intake.Ground
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) (err error) {
		if err = view.fill(v); err != nil {
			return err
		}
		if view.System == "" {
			return sextant.Errorf(sextant.Invalid, "there is no management system yet").WithHint("make one first: a statement belongs to one")
		}
		if _, err = v.Entry("management_system", view.System); err != nil {
			return err
		}
		if view.Options.Unit == "" && !r.PostForm.Has("unit") {
			if view.Options.Unit, err = wholeUnit(v); err != nil {
				return err
			}
		}
		ground, err = intake.GroundOf(v, view.System)
		return err
	}); err != nil {
		return err
	}
	if err := intake.KnowsReason(view.Options.Reason); err != nil {
		return err
	}
	file, err := intake.Open(bytes.NewReader(view.Content))
	if err != nil {
		return err
	}
	view.Sheets = file.Sheets()
	if view.Matching, err = matchingOf(r, file); err != nil {
		return err
	}
	result, err := file.Take(view.Matching, ground)
	if err != nil {
		return err
	}
	view.Notes = result.Notes
	var report register.Report
	if view.edition2013() {
		made, err := intake.Propose(r.Context(), s.Kernel, actor, view.System, result, view.Options, dry)
		if err != nil {
			return err
		}
		report, view.Proposals = made.Report, made.Proposals
	} else if report, err = intake.Bring(r.Context(), s.Kernel, actor, view.System, result, view.Options, dry); err != nil {
		return err
	}
	view.Report = &report
	return nil
}

// matchingOf is what the form says, over what is proposed. Another worksheet or
// header row has columns of its own.
func matchingOf(r *http.Request, file *intake.File) (m intake.Matching, err error) {
	header, _ := strconv.Atoi(r.PostFormValue("header"))
	sheet := r.PostFormValue("sheet")
	if !r.PostForm.Has("edition") {
		return file.Propose()
	}
	if m, err = file.ProposeFor(sheet, header); err != nil {
		return m, err
	}
	m.Edition = intake.Edition(r.PostFormValue("edition"))
	if sheet != r.PostFormValue("was_sheet") || r.PostFormValue("header") != r.PostFormValue("was_header") {
		return m, nil
	}
	for i, c := range m.Columns {
		if chosen, ok := r.PostForm["col-"+c.Letter]; ok {
			m.Columns[i].Field = intake.Field(chosen[0])
		}
	}
	return m, nil
}

// sendReport gives what would become of each row as a file: the sheet's owner
// mends it there.
func sendReport(w http.ResponseWriter, view importView) error {
	return sendXLSX(w, entries.ReportSheet("Report", view.Name, *view.Report), "import-report.xlsx")
}

// sample gives a sheet as it may look, to fill in or to try with.
func (s *section) sample(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := mayImport(actor, s.Kernel.Now()); err != nil {
		return err
	}
	var owner string
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		if actor.Person != "" {
			owner = v.TitleOf("person", actor.Person)
		}
		return nil
	}); err != nil {
		return err
	}
	return sendXLSX(w, intake.Sample(owner, s.Kernel.Now()), "statement-sample.xlsx")
}

func sendXLSX(w http.ResponseWriter, sheet table.Sheet, name string) error {
	var out bytes.Buffer
	if err := sheet.WriteXLSX(&out); err != nil {
		return err
	}
	w.Header().Set("Content-Type", table.XLSX.MediaType())
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, err := out.WriteTo(w)
	return err
}
