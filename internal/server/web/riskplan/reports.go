// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"time"

	"sextant"
	"sextant/access"
	"sextant/interchange/riskreport"
	"sextant/interchange/table"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks/tabs"
	"sextant/register"
	"sextant/risk"
)

// report is a file that is written when it is asked for.
type report struct {
	name, mediaType string
	write           func(io.Writer, *register.View) error
}

const (
	pdf         = "application/pdf"
	spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// written are the reports by the last part of their address.
var written = map[string]report{
	"risk-report.pdf":     {"Risk report", pdf, riskreport.Write},
	"risk-report.xlsx":    {"Risk report", spreadsheet, func(w io.Writer, v *register.View) error { return riskreport.Sheet(w, v, table.XLSX) }},
	"treatment-plan.pdf":  {"Risk treatment plan", pdf, riskreport.WritePlan},
	"treatment-plan.xlsx": {"Risk treatment plan", spreadsheet, func(w io.Writer, v *register.View) error { return riskreport.PlanSheet(w, v, table.XLSX) }},
	"board.pdf":           {"Risks at a glance", pdf, riskreport.WriteBoard},
}

// reportsView offers the reports, as of the moment that is shown.
type reportsView struct {
	Tabs     []tabs.Tab
	Assets   []choice
	From, To string
}

func (s *section) reports(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	view := reportsView{}
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if view.Tabs, err = tabs.Of(v); err != nil {
			return err
		}
		view.From, view.To = v.Now().Time().AddDate(0, -3, 0).Format(time.DateOnly), v.Now().Time().Format(time.DateOnly)
		view.Assets, err = atRisk(v)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, reportsPage(s.Page(r, actor, message.T(r.Context(), "riskplan.reports.title")), view))
	return nil
}

// atRisk gives the assets risks are about, or recalls them.
func atRisk(v *register.View) ([]choice, error) {
	return register.Recall(v, "riskplan.assets", func() (list []choice, _ sextant.Instant, err error) {
		risks, err := risk.Risks.All(v)
		seen := map[string]bool{}
		for _, x := range risks {
			for _, key := range x.Fields.Assets {
				if !seen[key] {
					seen[key] = true
					list = append(list, choice{Key: key, Name: v.TitleOf("asset", key)})
				}
			}
		}
		return list, 0, err
	})
}

func (s *section) download(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	f, ok := written[r.PathValue("report")]
	if !ok {
		return sextant.Errorf(sextant.NotFound, "there is no report %.60q", r.PathValue("report"))
	}
	return s.send(w, r, actor, f)
}

// assetReport writes what bears on one asset.
func (s *section) assetReport(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("asset")
	if key == "" {
		key = r.URL.Query().Get("asset")
	}
	return s.send(w, r, actor, report{"Risks of " + key, pdf, func(out io.Writer, v *register.View) error { return riskreport.WriteAsset(out, v, key) }})
}

// send writes a report into memory first: it is whole or an error.
func (s *section) send(w http.ResponseWriter, r *http.Request, actor access.Actor, f report) error {
	var file bytes.Buffer
	day := ""
	if err := s.Read(r, actor, func(v *register.View) error {
		if err := access.May(actor, access.Export, access.Subject{Register: risk.Risks.Name}, v.Now()); err != nil {
			return err
		}
		day = v.Now().Time().Format(time.DateOnly)
		return f.write(&file, v)
	}); err != nil {
		return err
	}
	ending := ".pdf"
	if f.mediaType == spreadsheet {
		ending = ".xlsx"
	}
	w.Header().Set("Content-Type", f.mediaType)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": register.SafeName(f.name + " " + day + ending)}))
	_, err := file.WriteTo(w)
	return err
}

// changesView tells what stands otherwise at a later day.
type changesView struct {
	Tabs     []tabs.Tab
	From, To string
	Told     []toldGroup
	Count    int
	Troubles troubles
}

// toldGroup is what was told of one kind: a topic, of levels with the way they went.
type toldGroup struct {
	Topic string
	Open  bool // not so long that it hides the rest
	List  []toldView
}

// toldOpen is how many sentences stand open; a longer group is folded.
const toldOpen = 12

type toldView struct{ Key, Says, Path string }

func (s *section) changes(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "riskplan.changes.title"))
	q := r.URL.Query()
	view := changesView{From: q.Get("from"), To: q.Get("to")}
	var problem error
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) (err error) {
		if view.Tabs, err = tabs.Of(v); err != nil {
			return err
		}
		if err := access.May(actor, access.Read, access.Subject{Register: risk.Risks.Name}, v.Now()); err != nil {
			return err
		}
		if view.From == "" {
			view.From = v.Now().Time().AddDate(0, -3, 0).Format(time.DateOnly)
		}
		if view.To == "" {
			view.To = v.Now().Time().Format(time.DateOnly)
		}
		problem = view.tell(v)
		return nil
	}); err != nil {
		return err
	}
	said, status, err := shown(problem)
	if err != nil {
		return err
	}
	view.Troubles = said
	s.DrawStatus(w, r, status, changesPage(p, view))
	return nil
}

func (view *changesView) tell(v *register.View) error {
	then, err := until(v, view.From, "from")
	if err != nil {
		return err
	}
	now, err := until(v, view.To, "to")
	if err != nil {
		return err
	}
	if view.To < view.From {
		return sextant.Errorf(sextant.Invalid, "%s is before %s", view.To, view.From).At("to").WithHint("name the earlier day first")
	}
	told, err := risk.Differences(then, now)
	if err != nil {
		return err
	}
	view.Count = len(told)
	for _, topic := range risk.Topics() {
		for _, move := range []risk.Change{risk.Higher, risk.Lower, "", risk.NotComparable} {
			view.group(told, topic, move)
		}
	}
	return nil
}

func (view *changesView) group(told []risk.Told, topic risk.Topic, move risk.Change) {
	group := toldGroup{Topic: string(topic)}
	if move != "" {
		group.Topic += "." + string(move)
	}
	for _, x := range told {
		if x.Kind == topic && x.Move == move {
			group.List = append(group.List, toldView{x.About, x.Says, toldPath(x)})
		}
	}
	if group.Open = len(group.List) <= toldOpen; len(group.List) > 0 {
		view.Told = append(view.Told, group)
	}
}

func toldPath(x risk.Told) string {
	switch x.Kind {
	case risk.AboutCriteria:
		return criteriaPath + "/" + x.About
	case risk.AboutTreatments:
		return treatmentPath + "/" + x.About
	}
	return "/risks/" + x.About
}

// until gives the view of the end of a day; of today that of now.
func until(v *register.View, day, field string) (*register.View, error) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%.40q is no date", day).At(field).WithHint("write 2026-11-24")
	}
	end := sextant.InstantOf(t.AddDate(0, 0, 1)) - 1
	if end >= v.Now() {
		return v, nil
	}
	return v.AsOf(end)
}

// pageOf keeps the moment that is shown in the address of a report.
func pageOf(p page.Page, name string) string { return p.Link(reportPath + "/" + name) }
