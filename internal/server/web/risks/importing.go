// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"bytes"
	"cmp"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/interchange/batch"
	"sextant/interchange/entries"
	"sextant/interchange/monarc"
	"sextant/interchange/riskbook"
	"sextant/interchange/riskfile"
	"sextant/interchange/table"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
)

// mostUpload caps the files of an import together.
const mostUpload = monarc.MaxBytes

// importView is the import of a file about risks: the file, what it is and holds,
// what a person chose, and what would become of each row.
type importView struct {
	Files    []page.Upload
	File     *riskfile.File // nil before one was recognised
	Options  riskfile.Options
	Systems  []choice
	Units    []choice
	People   []choice
	Types    []choice // of consequence, of the criteria in force
	Criteria string   // key of those; "" = none
	Scales   map[string][]choice
	Seen     []riskbook.Seen
	Report   *batch.Report
	Written  bool
	Problem  page.Problem
}

func (s *section) mayImport(actor access.Actor) error {
	return access.May(actor, access.Import, access.Subject{Register: risk.Risks.Name}, s.Kernel.Now())
}

func (s *section) importForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.mayImport(actor); err != nil {
		return err
	}
	s.drawImport(w, r, actor, importView{})
	return nil
}

func (s *section) drawImport(w http.ResponseWriter, r *http.Request, actor access.Actor, view importView) {
	p := s.Page(r, actor, message.T(r.Context(), "riskimport.title"))
	s.DrawStatus(w, r, cmp.Or(view.Problem.Status, http.StatusOK), importPage(p, s.Kernel.Set(), view))
}

// importFile takes files, or those that wait with other choices; it shows what
// would happen, writes it, or gives the report. Rights are checked before a file
// is kept.
func (s *section) importFile(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.mayImport(actor); err != nil {
		return err
	}
	var view importView
	files, err := s.Received(w, r, actor, "file", mostUpload)
	if err == nil {
		view.Files = files
		err = s.judgeFile(r, actor, &view)
	}
	if err != nil {
		var ours bool
		if view.Problem, ours = page.ProblemOf(err); !ours {
			return err
		}
		view.Report, view.Written = nil, false
	} else if r.PostFormValue("do") == "report" {
		return sendImportReport(w, view)
	}
	s.drawImport(w, r, actor, view)
	return nil
}

// judgeFile reads the files by the choices of the form and tries or writes them.
func (s *section) judgeFile(r *http.Request, actor access.Actor, view *importView) error {
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return view.choose(v, r) }); err != nil {
		return err
	}
	var refused error
	view.File, refused = riskfile.Open(s.Kernel.Set(), view.given(), view.Options)
	if view.File == nil {
		return refused
	}
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return view.measured(v) }); err != nil || refused != nil {
		return cmp.Or(refused, err)
	}
	write := r.PostFormValue("do") == "write"
	report, err := batch.Bring(r.Context(), s.Kernel, actor, batch.Options{File: view.name(), Dry: !write, Without: true}, func(b *batch.Batch) error {
		if err := view.File.Bring(b); err != nil {
			return err
		}
		return remember(b.Tx, view.File.Corrections(), view.Options.Levels)
	})
	if err != nil {
		return err
	}
	view.Report, view.Written = &report, report.Written
	return nil
}

func (view importView) given() (files []monarc.File) {
	for _, f := range view.Files {
		files = append(files, monarc.File{Name: f.Name, Data: f.Content})
	}
	return files
}

// name of the import: of its file, or of the first of several.
func (view importView) name() string {
	if n := len(view.Files) - 1; n > 0 {
		return view.Files[0].Name + " and " + strconv.Itoa(n) + " more"
	}
	return view.Files[0].Name
}

// choose reads what the form says; where it says nothing yet, what is meant where
// there is one only, and what the person chose before for such a sheet.
func (view *importView) choose(v *register.View, r *http.Request) error {
	form := r.PostForm
	o := &view.Options
	o.Language, o.Licence, o.Scenarios, o.Catalogue = form.Get("language"), strings.TrimSpace(form.Get("licence")), form.Get("scenarios") != "", strings.TrimSpace(form.Get("catalogue"))
	o.System, o.Unit, o.Owner, o.Due, o.Consequence = form.Get("system"), form.Get("unit"), form.Get("owner"), form.Get("due"), form.Get("consequence")
	o.Levels = meantIn(form)
	if sheet, header := form.Get("sheet"), form.Get("header"); form.Has("sheet") {
		o.Sheet = sheet
		o.Header, _ = strconv.Atoi(header) // none is found again
		if sheet == form.Get("was_sheet") && header == form.Get("was_header") {
			o.Columns = map[string]string{}
			for key, chosen := range form {
				if letter, is := strings.CutPrefix(key, "col-"); is {
					o.Columns[letter] = chosen[0]
				}
			}
		}
	}
	if err := view.list(v); err != nil || form.Has("looked") {
		return err
	}
	if len(view.Systems) > 0 {
		o.System = view.Systems[0].Key
	}
	if len(view.Units) > 0 {
		o.Unit = view.Units[0].Key
	}
	var err error
	o.Remembered, o.Levels, err = remembered(v)
	return err
}

// meantIn reads what values of a sheet mean.
func meantIn(form url.Values) map[riskbook.Said]int {
	levels := map[riskbook.Said]int{}
	for key, said := range form {
		measure, _, is := strings.Cut(strings.TrimPrefix(key, "said-"), "-")
		if !is || !strings.HasPrefix(key, "said-") {
			continue
		}
		if n, err := strconv.Atoi(form.Get("level-" + strings.TrimPrefix(key, "said-"))); err == nil && n > 0 {
			levels[riskbook.Meant(measure, said[0])] = n
		}
	}
	return levels
}

// list names what there is to choose; the unit that is part of no other comes
// first.
func (view *importView) list(v *register.View) error {
	systems, err := organisation.ManagementSystems.All(v, active)
	if err != nil {
		return err
	}
	for _, x := range systems {
		view.Systems = append(view.Systems, choice{x.Key, x.Title()})
	}
	units, err := organisation.ScopeUnits.All(v, active)
	if err != nil {
		return err
	}
	slices.SortStableFunc(units, func(a, b register.Of[organisation.ScopeUnit]) int {
		return cmp.Compare(min(len(a.Fields.Parent), 1), min(len(b.Fields.Parent), 1))
	})
	for _, x := range units {
		view.Units = append(view.Units, choice{x.Key, x.Title()})
	}
	people, err := organisation.Persons.All(v, active)
	for _, x := range people {
		view.People = append(view.People, choice{x.Key, x.Title()})
	}
	slices.SortFunc(view.People, func(a, b choice) int { return strings.Compare(a.Name, b.Name) })
	return err
}

var active = register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}

// measured reads what the values of a sheet are read as by the criteria in force.
func (view *importView) measured(v *register.View) (err error) {
	if view.File.Kind != riskfile.Sheet {
		return nil
	}
	c, err := risk.InForce(v, view.Options.System)
	if sextant.CodeOf(err) == sextant.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	view.Criteria, view.Scales = c.Key, map[string][]choice{}
	add := func(measure string, i int, name string) {
		view.Scales[measure] = append(view.Scales[measure], choice{strconv.Itoa(i + 1), strconv.Itoa(i+1) + " " + name})
	}
	for i, l := range c.Fields.Likelihoods {
		add(riskbook.Likelihood, i, l.Name)
	}
	for i, l := range c.Fields.Consequences {
		add(riskbook.Consequence, i, l.Name)
	}
	f, _ := risk.CriteriaEditions.Definition.Field("consequence_types")
	for _, name := range c.Fields.ConsequenceTypes {
		view.Types = append(view.Types, choice{name, message.Mark(v.Context(), f.ValueLabel(name))})
	}
	view.Seen, err = view.File.Seen(v, view.Options.System)
	return err
}

// meant says whether a person said what a value means.
func (view importView) meant(s riskbook.Seen) bool { return view.Options.Levels[s.Said] > 0 }

// asks says whether a value asks for a level: it is none by itself, or a person
// said which.
func (view importView) asks(s riskbook.Seen) bool {
	return view.meant(s) || s.Level == 0 && !s.Open
}

// unread says whether a value asks for a level: then values stand first.
func (view importView) unread() bool { return slices.ContainsFunc(view.Seen, view.asks) }

// writable is how many rows would be written.
func (view importView) writable() int {
	if view.Report == nil {
		return 0
	}
	return view.Report.Count(register.Created) + view.Report.Count(register.Updated)
}

// mostRows is how many rows of a register stand on the page; the report that is
// downloaded has all of them.
const mostRows = 200

// shownOf gives the rows of a register that stand on the page: the refused ones,
// which stand apart, or the others.
func shownOf(part batch.Part, refused bool) (list []register.Outcome, all int) {
	for _, o := range part.Sorted() {
		if (o.Fate == register.Refused) == refused {
			if all++; all <= mostRows {
				list = append(list, o)
			}
		}
	}
	return list, all
}

// sendImportReport gives what would become of each row as a workbook.
func sendImportReport(w http.ResponseWriter, view importView) error {
	var sheets []table.Sheet
	for _, part := range view.Report.Parts {
		sheets = append(sheets, entries.ReportSheet(part.Titles, view.name(), part.Report))
	}
	if len(sheets) == 0 {
		sheets = append(sheets, entries.ReportSheet("Report", view.name(), register.Report{}))
	}
	var out bytes.Buffer
	if err := table.WriteSeveral(&out, sheets...); err != nil {
		return err
	}
	return sendXLSX(w, &out, "import-report.xlsx")
}

func sendXLSX(w http.ResponseWriter, out *bytes.Buffer, name string) error {
	w.Header().Set("Content-Type", table.XLSX.MediaType())
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, err := out.WriteTo(w)
	return err
}

// workbook gives the whole register as a file that the import reads back.
func (s *section) workbook(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var out bytes.Buffer
	if err := s.Read(r, actor, func(v *register.View) error {
		if err := access.May(actor, access.Export, access.Subject{Register: risk.Risks.Name}, v.Now()); err != nil {
			return err
		}
		return riskbook.Write(&out, v)
	}); err != nil {
		return err
	}
	return sendXLSX(w, &out, "risks.xlsx")
}

// What a person put columns and values to is remembered as a saved view of the
// page: the next sheet of the same tool begins with it.

// mostRemembered is how much of a saved view there is room for, in characters.
const mostRemembered = 1_000

func rememberedView(tx register.Reader) (register.Of[register.SavedView], bool, error) {
	kept, err := register.SavedViews.All(tx, register.Filter{Field: "page", Op: register.Is, Values: []string{importPath}}, register.Filter{Field: "owner", Op: register.Is, Values: []string{tx.Actor().Person}})
	if err != nil || len(kept) == 0 || tx.Actor().Person == "" {
		return register.Of[register.SavedView]{}, false, err
	}
	return kept[0], true, nil
}

// remembered gives columns by header, and levels by value.
func remembered(tx register.Reader) (columns map[string]string, levels map[riskbook.Said]int, err error) {
	columns, levels = map[string]string{}, map[riskbook.Said]int{}
	view, ok, err := rememberedView(tx)
	if err != nil || !ok {
		return columns, levels, err
	}
	q, err := url.ParseQuery(view.Fields.Query)
	if err != nil {
		return columns, levels, nil //nolint:nilerr // what somebody typed there is no reason to refuse a file
	}
	for key, value := range q {
		if header, is := strings.CutPrefix(key, "column:"); is {
			columns[header] = value[0]
		}
		measure, said, is := strings.Cut(key, ":")
		if n, err := strconv.Atoi(value[0]); is && err == nil && measure != "column" {
			levels[riskbook.Meant(measure, said)] = n
		}
	}
	return columns, levels, nil
}

// remember keeps what was corrected, beside what was kept before.
func remember(tx *register.Tx, columns map[string]string, levels map[riskbook.Said]int) error {
	if tx.Actor().Person == "" || len(columns)+len(levels) == 0 {
		return nil
	}
	view, ok, err := rememberedView(tx)
	if err != nil {
		return err
	}
	q := url.Values{}
	for header, field := range columns {
		q.Set("column:"+header, field)
	}
	for said, n := range levels {
		q.Set(said.Measure+":"+said.Value, strconv.Itoa(n))
	}
	before, _ := url.ParseQuery(view.Fields.Query) // what cannot be read is written anew
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if next := url.Values(maps.Clone(q)); !q.Has(key) {
			next.Set(key, before.Get(key))
			if len(next.Encode()) <= mostRemembered {
				q = next
			}
		}
	}
	query := q.Encode()
	if len(query) > mostRemembered || query == view.Fields.Query {
		return nil
	}
	if ok {
		_, err = register.SavedViews.Edit(tx, view.Key, register.Note{}, func(f *register.SavedView) { f.Query = query })
		return err
	}
	_, err = register.SavedViews.Create(tx, register.SavedView{Title: message.T(tx.Context(), "riskimport.remembered"), Page: importPath, Query: query, Owner: tx.Actor().Person}, register.Note{})
	return err
}
