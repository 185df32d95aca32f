// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	sheets "sextant/interchange/statement"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/views"
	"sextant/lint"
	"sextant/migration"
	"sextant/organisation"
	"sextant/register"
	"sextant/soa"
)

// listView is what the statement draws.
type listView struct {
	grid.Drawn[soa.Line]
	Systems          []systemView
	System, Title    string // key and title of the one that is shown
	Org              string
	Applying, Out    int
	Undecided, Clash int
	Lacking          int
	MayMake          bool // a management system, where there is none
	MayImport        bool
	Proposals        bool // an old statement was read
	Moment           string
	Open             *formView    // the row beside the list, if one is open
	Line             soa.Line     // of the open row
	Version          *versionView // the newest, nil where there is none
	Waiting          int          // rows for which something is proposed
	Takeable         int          // proposals for what is shown that are taken in one go
	OnlyProposed     bool         // no other rows are shown
	ShowProposed     string       // address that shows them
	MayTake          bool
	Taken            *takenView // what was just taken
	Make             string     // path of the form of the next version, "" where none can be made
}

// systemView is one management system to choose.
type systemView struct {
	Key, Title, Path string
	Current          bool
}

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "statement.title"))
	var view listView
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) (err error) {
		view, err = s.listOf(p, v, m)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

func (s *section) listOf(p page.Page, v *register.View, m evidence.Reader) (view listView, err error) {
	view.Org, view.Moment = p.Org, page.Moment(v.Context(), v.Now())
	if err := view.choose(p, v); err != nil || view.System == "" {
		return view, err
	}
	if err := view.elsewhere(v); err != nil {
		return view, err
	}
	lines, err := soa.Statement(v, m, view.System)
	if err != nil {
		return view, err
	}
	view.count(lines)
	raised, err := raisedBy(v, m, view.System)
	if err != nil {
		return view, err
	}
	proposed, err := s.proposed(v, m, view.System)
	if err != nil {
		return view, err
	}
	if view.Drawn, err = sheet(v, p, view.System, lines, raised, proposed).Draw(v.Context(), p, lines); err != nil {
		return view, err
	}
	view.propose(v, p, proposed)
	if err := view.newest(v, p); err != nil {
		return view, err
	}
	view.Tools.Say = message.T(v.Context(), "statement.say", view.Applying, view.Out, view.Undecided)
	view.Tools.SaveView = views.SavePath(v, p)
	saved, err := views.Saved(v, p)
	view.Tools.Views = append(view.Tools.Views, saved...)
	if err != nil {
		return view, err
	}
	return view, view.open(p, v, lines, proposed)
}

// newest names the newest version, and says whether the next may be drafted.
func (view *listView) newest(v *register.View, p page.Page) error {
	list, err := soa.EditionsOf(v, view.System)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		e := versionOf(v, list[0])
		view.Version = &e
	}
	view.Make = makePath(v, view.System, list)
	return nil
}

// raisedBy says of each control, by id, whether a rule finds what blocks a
// review of the statement, or what warns.
func raisedBy(v *register.View, m evidence.Reader, system string) (map[string][]string, error) {
	return register.Recall(v, "soa.raised."+system, func() (map[string][]string, sextant.Instant, error) {
		raised, err := soa.RaisedIn(v, m, system)
		by := map[string][]string{}
		for name, verdicts := range map[string][]lint.Verdict{"blocks": raised.Blockers, "warns": raised.Warnings} {
			for _, verdict := range verdicts {
				for _, f := range verdict.Findings {
					if id := soa.About(f); !slices.Contains(by[id], name) {
						by[id] = append(by[id], name)
					}
				}
			}
		}
		return by, v.Now().Add(time.Hour), err
	})
}

// elsewhere says whether sheets may be imported and proposals wait.
func (view *listView) elsewhere(v *register.View) error {
	view.MayImport = mayImport(v.Actor(), v.Now()) == nil
	list, err := v.List(register.List{Register: migration.Proposals.Name, Limit: 1, Filters: []register.Filter{{Field: "management_system", Op: register.Is, Values: []string{view.System}}}})
	view.Proposals = len(list.Entries) > 0
	return err
}

// open fills the drawer for the control the address names (?in=A.8.13).
func (view *listView) open(p page.Page, v *register.View, lines []soa.Line, proposed soa.Proposed) error {
	i := slices.IndexFunc(lines, func(l soa.Line) bool { return l.Control.ID == p.Query.Get("in") })
	if i < 0 {
		return nil
	}
	view.Line = lines[i]
	view.Open = &formView{Control: view.Line.Control, System: view.System, Back: p.With("in", "")}
	view.Open.Proposed = rowProposals(v, p, view.Line.Row, view.System, view.Line.Control.ID, proposed)
	return view.Open.fill(v)
}

// propose says what the records speak for, over all rows and of those shown.
func (view *listView) propose(v *register.View, p page.Page, proposed soa.Proposed) {
	rows := map[string]bool{}
	for _, one := range proposed.Open {
		rows[one.Control.ID] = true
	}
	view.Waiting, view.Takeable = len(rows), len(takeable(proposed, view.Rows))
	view.OnlyProposed = slices.Contains(p.Query["filter"], onlyProposed)
	view.ShowProposed = p.Link(grid.Address(path, url.Values{"system": {view.System}, "filter": {onlyProposed}}))
	view.MayTake = v.MayCreate(soa.Rows.Definition)
	view.Taken = takenOf(v.Context(), p.Query)
}

// onlyProposed filters the rows for which something is proposed.
const onlyProposed = "proposed:filled"

// choose finds the management system the address names, the first without one.
func (view *listView) choose(p page.Page, v *register.View) error {
	all, err := organisation.ManagementSystems.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	view.MayMake = v.MayCreate(organisation.ManagementSystems.Definition)
	for i, s := range all {
		current := p.Query.Get("system") == s.Key || p.Query.Get("system") == "" && i == 0
		if current {
			view.System, view.Title = s.Key, s.Title()
		}
		view.Systems = append(view.Systems, systemView{s.Key, s.Title(), p.Link(path + "?system=" + s.Key), current})
	}
	return err
}

func (view *listView) count(lines []soa.Line) {
	for _, l := range lines {
		switch l.Decision() {
		case soa.Applicable:
			view.Applying++
		case soa.NotApplicable:
			view.Out++
		default:
			view.Undecided++
		}
		if len(l.Clashes) > 0 {
			view.Clash++
		}
		if l.Lacks() {
			view.Lacking++
		}
	}
}

// export writes the whole statement: one with rows left away is none.
func (s *section) export(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	format, err := sheets.ParseFormat(r.URL.Query().Get("format"))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	var name string
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		if err := access.May(actor, access.Export, access.Subject{Register: soa.Rows.Name}, v.Now()); err != nil {
			return err
		}
		c, err := sheets.Current(v, m, r.URL.Query().Get("system"))
		if err != nil {
			return err
		}
		name = format.FileName(c)
		return sheets.Write(&out, c, format)
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", format.MediaType())
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	_, err = out.WriteTo(w)
	return err
}
