// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/monitor"
	"sextant/monitor/custom"
	"sextant/register"
)

// checkView is what the page of one check draws, and its drawer.
type checkView struct {
	monitor.Checked
	Node       *control.Node
	Setting    *register.Of[check.Setting]
	Params     []param
	Lines      []framework.Line
	Offenders  []evidence.Offender
	Next       string // mark of the offenders after these
	Exceptions []register.Of[control.Exception]
	Tasks      []register.Entry
	Samples    []sample
	History    []evidence.Outcome
	Tally      []tally
	Now        sextant.Instant
	MayExcept  bool
	MayTask    bool
	MaySet     bool
	Actor      string // key of the acting person
	Sourced    []string
	Own        string // key of the entry of a check of the organisation's own
}

// param is a parameter with the value of the library and the one in force.
type param struct{ Name, Default, Value string }

func (p param) Changed() bool { return p.Default != p.Value }

// sample is a sample of the check with what the expression says about it.
type sample struct {
	custom.Sample
	Data string
}

// Limits of what one page shows.
const (
	offendersShown = 50
	historyShown   = 30
	tallied        = 400
	talliedDays    = 90
)

func (s *section) check(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var view *checkView
	id := r.PathValue("id")
	after, err := readOffender(r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	if err := s.look(r, actor, func(v *seen) (err error) {
		if view, err = v.checkView(id); err != nil {
			return err
		}
		return v.fillCheck(view, after)
	}); err != nil {
		return err
	}
	s.Draw(w, r, checkPage(s.Page(r, actor, view.Title), *view))
	return nil
}

// checkView reads what the drawer shows; NotFound where there is no such check.
func (v *seen) checkView(id string) (*checkView, error) {
	i := slices.IndexFunc(v.checks, func(c *check.Compiled) bool { return c.ID == id })
	if i < 0 {
		return nil, sextant.Errorf(sextant.NotFound, "there is no check %q", id)
	}
	all, err := monitor.CheckedAll(v.View, v.machine, v.checks[i:i+1])
	if err != nil {
		return nil, err
	}
	view := &checkView{Checked: all[0], Now: v.Now(), Actor: v.Actor().Person}
	for _, line := range view.Supports {
		if l, ok := framework.LineByID(line); ok {
			view.Lines = append(view.Lines, l)
		}
	}
	for _, key := range view.Sources {
		view.Sourced = append(view.Sourced, v.TitleOf("source", key))
	}
	if v.Moment() == 0 {
		view.MayExcept, view.MayTask = v.mayCreate("exception"), v.mayCreate("task")
		view.MaySet = v.mayCreate("check_setting")
	}
	if err := v.readOffenders(view, nil); err != nil {
		return nil, err
	}
	if err := v.readOwn(view); err != nil {
		return nil, err
	}
	view.Exceptions, err = control.Exceptions.All(v.View, register.Filter{Field: "check", Op: register.Is, Values: []string{check.Prefix + id}})
	return view, err
}

// readOwn finds the entry of a check of the organisation's own.
func (v *seen) readOwn(view *checkView) error {
	if !strings.HasPrefix(view.ID, "own.") {
		return nil
	}
	own, err := custom.Checks.All(v.View, register.Filter{Field: "reference", Op: register.Is, Values: []string{view.ID}})
	if len(own) > 0 {
		view.Own = own[0].Key
	}
	return err
}

func (v *seen) mayCreate(name string) bool {
	def, err := v.Set().Named(name)
	return err == nil && v.MayCreate(def)
}

func (v *seen) readOffenders(view *checkView, after *evidence.Result) (err error) {
	view.Offenders, err = v.machine.Offenders(evidence.ResultList{Check: view.ID, At: v.At(), After: after, Limit: offendersShown, Statuses: []int{int(check.Fail), int(check.Error)}})
	if len(view.Offenders) == offendersShown {
		last := view.Offenders[offendersShown-1].Result
		view.Next = fmt.Sprintf("%d.%d", last.Status, last.Resource)
	}
	return err
}

// readOffender reads the mark of the last offender of a page.
func readOffender(text string) (*evidence.Result, error) {
	if text == "" {
		return nil, nil
	}
	status, resource, _ := strings.Cut(text, ".")
	n, err1 := strconv.Atoi(status)
	id, err2 := strconv.ParseInt(resource, 10, 64)
	if err1 != nil || err2 != nil {
		return nil, sextant.Errorf(sextant.Invalid, "the page mark does not belong to this list").WithHint("start from the first page").At("after")
	}
	return &evidence.Result{Status: n, Resource: id}, nil
}

// fillCheck reads what only the page shows.
func (v *seen) fillCheck(view *checkView, after *evidence.Result) (err error) {
	if after != nil {
		if err := v.readOffenders(view, after); err != nil {
			return err
		}
	}
	if view.Node, err = monitor.StatusOf(v.View, v.machine, monitor.CheckSubject+view.ID); err != nil && sextant.CodeOf(err) != sextant.NotFound {
		return err
	}
	if err := v.readSetting(view); err != nil {
		return err
	}
	view.Params, view.Samples = paramsOf(view.Compiled), samplesOf(view.Compiled)
	outcomes, err := v.machine.OutcomeHistory(view.ID, before(v.At()), tallied)
	if err != nil {
		return err
	}
	view.History, view.Tally = outcomes[:min(len(outcomes), historyShown)], talliesOf(outcomes, v.Now())
	tasks, err := v.List(register.List{Register: "task", Order: "due_on", Limit: 10, Filters: []register.Filter{{Field: "subject", Op: register.Is, Values: []string{check.Prefix + view.ID}}}})
	view.Tasks = tasks.Entries
	return err
}

// before turns the position of a view into the bound of histories, which leave
// it out.
func before(at sextant.Seq) sextant.Seq {
	if at == sextant.LatestSeq {
		return at
	}
	return at + 1
}

func (v *seen) readSetting(view *checkView) error {
	settings, err := check.Settings.All(v.View, register.Filter{Field: "check", Op: register.Is, Values: []string{check.Prefix + view.ID}})
	for _, s := range settings {
		if s.State == "active" {
			view.Setting = &s
		}
	}
	return err
}

// paramsOf puts the values in force beside those the check comes with.
func paramsOf(c *check.Compiled) (list []param) {
	own := c.Params
	if library, ok := check.Named(c.ID); ok {
		own = library.Params
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		list = append(list, param{name, fmt.Sprint(own[name]), fmt.Sprint(c.Params[name])})
	}
	return list
}

func samplesOf(c *check.Compiled) (list []sample) {
	of := map[check.Status][]map[string]any{check.Pass: c.Samples.Pass, check.Fail: c.Samples.Fail, check.Error: c.Samples.Error, check.NotApplicable: c.Samples.None}
	for _, tried := range custom.Try(c) {
		data, _ := json.Marshal(of[tried.Wanted][tried.Number-1]) // read from JSON or YAML: it can be written
		list = append(list, sample{tried, string(data)})
	}
	return list
}

func (v checkView) asExpected() (n int) {
	for _, s := range v.Samples {
		if s.AsWanted() {
			n++
		}
	}
	return n
}

// exceptionPath asks for an exception from the check, or from one resource.
func (v checkView) exceptionPath(resource string) string {
	q := url.Values{"check": {check.Prefix + v.ID}, "severity": {string(v.Severity)}, "title": {v.Title}, "requested_by": {v.Actor},
		"starts_on": {v.Now.Time().Format(time.DateOnly)}, "expires_on": {v.Now.Time().AddDate(0, 0, 30).Format(time.DateOnly)}}
	if resource != "" {
		q.Set("resources", resource)
		q.Set("title", v.Title+": "+monitor.ShortKey(resource))
	}
	return "/exceptions/new?" + q.Encode()
}

// taskPath makes a task of mending what the check found.
func (v checkView) taskPath(resource, reason string) string {
	title, priority := v.Title, string(v.Severity)
	if resource != "" {
		title += ": " + monitor.ShortKey(resource)
	}
	q := url.Values{"title": {title}, "kind": {"remediation"}, "subject": {check.Prefix + v.ID}, "priority": {priority}, "assignee": {v.Actor},
		"method": {strings.TrimSpace(v.Remediation)}, "due_on": {v.Now.Time().AddDate(0, 0, dueIn[v.Severity]).Format(time.DateOnly)}}
	if reason != "" {
		q.Set("criteria", reason)
	}
	return "/tasks/new?" + q.Encode()
}

// dueIn proposes in how many days something is mended.
var dueIn = map[check.Severity]int{check.Critical: 2, check.High: 7, check.Medium: 30, check.Low: 90}

func (v checkView) settingPath() string {
	if v.Setting != nil {
		return "/check-settings/" + v.Setting.Key + "/edit"
	}
	return "/check-settings/new?check=" + url.QueryEscape(check.Prefix+v.ID)
}

// excepted says whether an exception in force names a resource.
func (v checkView) excepted(resource string) *register.Of[control.Exception] {
	today := v.Now.Time().Format(time.DateOnly)
	for _, e := range v.Exceptions {
		f := e.Fields
		if e.State == "approved" && f.StartsOn <= today && today <= f.ExpiresOn && (len(f.Resources) == 0 || slices.Contains(f.Resources, resource)) {
			return &e
		}
	}
	return nil
}

func countsOf(o evidence.Outcome) check.Counts {
	var body monitor.Body
	_ = json.Unmarshal(o.Body, &body) // a body we wrote
	return body.Counts
}

func reasonOf(o evidence.Outcome) string {
	var body monitor.Body
	_ = json.Unmarshal(o.Body, &body) // a body we wrote
	return body.Reason
}

func statusState(s check.Status) control.State {
	return map[check.Status]control.State{check.Pass: control.Pass, check.Fail: control.Fail, check.Error: control.Error}[s]
}

var statusKeys = map[check.Status]string{check.Pass: "pass", check.Fail: "fail", check.Error: "error", check.NotApplicable: "none", check.NotEvaluated: "never"}

func period(d time.Duration) string {
	if d%(24*time.Hour) == 0 && d >= 24*time.Hour {
		return fmt.Sprintf("%d d", int(d.Hours()/24))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
