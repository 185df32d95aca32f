// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/evidence"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// resourceView is what the page of one resource draws.
type resourceView struct {
	evidence.Resource        // the version that stands at the moment, or stood last
	Stands            bool   // it is still seen
	Source            string // its name
	Hash              string
	Run               *evidence.Run // that saw this version first
	Population        *evidence.Population
	Versions          []version
	Results           []resultView
	Asset             *register.Entry
	Now               sextant.Instant
}

// version is one version with what changed since the one before it.
type version struct {
	evidence.Resource
	Hash string
	Diff []page.DiffLine
}

// resultView is what one check says of the resource, with how it was before.
type resultView struct {
	Check   *check.Compiled
	Result  evidence.Result
	History []evidence.Result
}

// Limits of one page.
const (
	versionsShown = 20
	resultsShown  = 10
	runsSearched  = 300
)

func (s *section) resource(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return sextant.Errorf(sextant.NotFound, "there is no resource %q", r.PathValue("id"))
	}
	var view resourceView
	if err := s.look(r, actor, func(v *seen) (err error) {
		view, err = v.resourceView(id)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, resourcePage(s.Page(r, actor, monitor.ShortKey(view.Key)), view))
	return nil
}

func (v *seen) resourceView(id int64) (view resourceView, err error) {
	thing, err := v.machine.Thing(id)
	if err != nil {
		return view, err
	}
	versions, err := v.machine.ResourceHistory(thing.Type, thing.Key, 500)
	if err != nil {
		return view, err
	}
	versions = slices.DeleteFunc(versions, func(r evidence.Resource) bool { return r.ID != id || r.From > v.At() })
	if len(versions) == 0 {
		return view, sextant.Errorf(sextant.NotFound, "there was no resource %d yet", id)
	}
	view = resourceView{Resource: versions[0], Stands: versions[0].Until == 0 || versions[0].To > v.At(), Source: v.TitleOf("source", thing.Source), Hash: hashOf(versions[0]), Now: v.Now()}
	view.Versions = versionsOf(versions)
	if err := v.readRun(&view); err != nil {
		return view, err
	}
	if view.Asset, err = v.assetOf(thing.Key); err != nil {
		return view, err
	}
	view.Results, err = v.resultsOf(id)
	return view, err
}

func hashOf(r evidence.Resource) string {
	sum := sha256.Sum256(r.Data)
	return hex.EncodeToString(sum[:])
}

func versionsOf(list []evidence.Resource) (all []version) {
	for i, r := range list[:min(len(list), versionsShown)] {
		one := version{Resource: r, Hash: hashOf(r)}
		if i+1 < len(list) {
			one.Diff = page.Diff(pretty(list[i+1].Data), pretty(r.Data))
		}
		all = append(all, one)
	}
	return all
}

// readRun finds the run that saw the shown version first, and what the newest
// one says of its population.
func (v *seen) readRun(view *resourceView) error {
	runs, err := v.machine.Runs(view.Resource.Source, v.At(), runsSearched)
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run.Seq < view.From {
			break
		}
		view.Run = &run
	}
	populations, err := v.machine.Populations(v.At())
	for _, p := range populations {
		if p.Slice == view.Slice {
			view.Population = &p
		}
	}
	return err
}

func (v *seen) assetOf(key string) (*register.Entry, error) {
	list, err := v.List(register.List{Register: "asset", Limit: 1, Filters: []register.Filter{{Field: "identifiers", Op: register.Is, Values: []string{key}}}})
	if err != nil || len(list.Entries) == 0 {
		return nil, err
	}
	return &list.Entries[0], nil
}

// resultsOf gives what every check says of a resource, what needs work first.
func (v *seen) resultsOf(id int64) (list []resultView, err error) {
	results, err := v.machine.ResultsOf(id, v.At())
	if err != nil {
		return nil, err
	}
	for _, result := range results {
		i := slices.IndexFunc(v.checks, func(c *check.Compiled) bool { return c.ID == result.Check })
		if i < 0 {
			continue
		}
		one := resultView{Check: v.checks[i], Result: result}
		if one.History, err = v.machine.ResultHistory(result.Check, id, before(v.At()), resultsShown); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	order := []check.Status{check.Fail, check.Error, check.Pass, check.NotApplicable}
	slices.SortStableFunc(list, func(a, b resultView) int {
		return cmp.Or(cmp.Compare(slices.Index(order, check.Status(a.Result.Status)), slices.Index(order, check.Status(b.Result.Status))),
			cmp.Compare(slices.Index(severities, a.Check.Severity), slices.Index(severities, b.Check.Severity)))
	})
	return list, err
}

// resourcesView is the list of types, or of the resources of one.
type resourcesView struct {
	Types    []evidence.TypeCount
	Type     string
	Contains string
	List     []evidence.Resource
	Sources  map[string]string
	Next     string
	First    string
	Now      sextant.Instant
}

const resourcesPageSize = 100

func (s *section) resources(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "monitoring.resources.title"))
	view := resourcesView{Type: p.Query.Get("type"), Contains: p.Query.Get("search"), Sources: map[string]string{}}
	if err := s.look(r, actor, func(v *seen) (err error) {
		if view.Types, err = v.machine.ResourceCounts(v.At()); err != nil || view.Type == "" {
			return err
		}
		return v.readResources(&view, p.Query.Get("after"), p.Query.Get("source"))
	}); err != nil {
		return err
	}
	if n := len(view.List); n == resourcesPageSize {
		last := view.List[n-1]
		view.Next = p.With("after", last.Source+" "+last.Key)
	}
	if p.Query.Get("after") != "" {
		view.First = p.With("after", "")
	}
	s.Draw(w, r, resourcesPage(p, view))
	return nil
}

func (v *seen) readResources(view *resourcesView, mark, source string) (err error) {
	l := evidence.ResourceList{Type: view.Type, Source: source, Contains: view.Contains, At: v.At(), Limit: resourcesPageSize}
	if of, key, found := strings.Cut(mark, " "); found {
		l.After = &evidence.Resource{Slice: evidence.Slice{Source: of}, Key: key}
	}
	view.Now = v.Now()
	view.List, err = v.machine.Resources(l)
	for _, r := range view.List {
		view.Sources[r.Source] = v.TitleOf("source", r.Source)
	}
	return err
}

// total is how many resources of the shown type there are, 0 where none is.
func (v resourcesView) total() int {
	for _, t := range v.Types {
		if t.Type == v.Type {
			return t.Count
		}
	}
	return 0
}

// byKey leads from a type and a key to the page of the resource.
func (s *section) byKey(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	path, p := "", s.Page(r, actor, "")
	if err := s.look(r, actor, func(v *seen) error {
		found, err := v.machine.Resource(r.PathValue("type"), r.PathValue("key"), v.At())
		path = resourcePath(p, found.ID)
		return err
	}); err != nil {
		return err
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
