// SPDX-License-Identifier: Apache-2.0

package home

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/evidence"
	"sextant/gap"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
	"sextant/soa"
	"sextant/task"
)

// workItem is one thing that waits for a person.
type workItem struct {
	Icon, Title, Path, Detail string
	Due, Date                 string // in words, and as a date
	Late                      bool
}

// workView is what the page of one's own work draws.
type workView struct {
	Groups []workGroup
	Count  int
}

// workGroup is work of one kind.
type workGroup struct {
	Key   string // of its message
	Items []workItem
	Count string
	All   string // address of the whole list, "" where it is all here
}

const workShown = 50

// myWork is what waits for the one who asks: tasks, statements that run out,
// what they have to sign, and where they are mentioned.
func (s *section) myWork(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "mywork.title"))
	var view workView
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) (err error) {
		if actor.Person != "" {
			view, err = s.workOf(v, m)
		}
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, myWorkPage(p, view))
	return nil
}

func (s *section) workOf(v *register.View, m evidence.Reader) (view workView, err error) {
	tasks, err := tasksOf(v, workShown)
	if err != nil {
		return view, err
	}
	n, err := v.Count(page.MyWork(v.Actor().Person))
	if err != nil {
		return view, err
	}
	view.add(workGroup{Key: "mywork.tasks", Items: tasks, Count: page.Count(n), All: tasksPath(v.Actor().Person)})
	waiting, err := waitingOf(v)
	if err != nil {
		return view, err
	}
	undecided, err := undecidedOf(v)
	if err != nil {
		return view, err
	}
	view.add(workGroup{Key: "mywork.waiting", Items: append(undecided, waiting...)})
	asked, err := askedOf(v)
	if err != nil {
		return view, err
	}
	view.add(workGroup{Key: "mywork.asked", Items: asked})
	if s.Has("implementation") && s.Has("soa_row") {
		all, err := soa.All(v, m)
		if err != nil {
			return view, err
		}
		view.add(workGroup{Key: "mywork.statements", Items: statementsOf(v, all)})
	}
	mentions, err := mentionsOf(v)
	view.add(workGroup{Key: "mywork.mentions", Items: mentions})
	return view, err
}

func (view *workView) add(g workGroup) {
	g.Count = cmp.Or(g.Count, page.Count(len(g.Items)))
	view.Count += len(g.Items)
	view.Groups = append(view.Groups, g)
}

func tasksPath(person string) string {
	l := page.MyWork(person)
	q := url.Values{"order": {l.Order}}
	for _, f := range l.Filters {
		q.Add("filter", f.String())
	}
	return "/tasks?" + q.Encode()
}

func tasksOf(v *register.View, most int) (items []workItem, err error) {
	l := page.MyWork(v.Actor().Person)
	l.Limit = most
	list, err := v.List(l)
	for _, e := range list.Entries {
		items = append(items, dated(v, workItem{Icon: "i-flag", Title: e.Title(), Path: page.Path(e), Detail: e.Key + " · " + page.StateLabel(e.Register, e.State)}, e.Due()))
	}
	return items, err
}

func dated(v *register.View, item workItem, date string) workItem {
	item.Date = date
	if date != "" {
		item.Due, item.Late = page.Until(v.Context(), date, v.Now()), page.Overdue(date, v.Now())
	}
	return item
}

// waitingOf is what the person has to sign.
func waitingOf(v *register.View) (items []workItem, err error) {
	list, err := v.Waiting(v.Actor().Person)
	for _, w := range list {
		if w.Register.Name == task.Tasks.Name {
			continue // stands among the tasks
		}
		var acts []string
		for _, t := range w.Transitions {
			acts = append(acts, message.Mark(v.Context(), t.Label))
		}
		items = append(items, dated(v, workItem{Icon: "i-seal", Title: w.Title(), Path: page.Path(w.Entry), Detail: message.Mark(v.Context(), w.Register.Title) + " · " + strings.Join(acts, ", ")}, w.Due()))
	}
	return items, err
}

// undecidedOf is what the person signed and must decide again.
func undecidedOf(v *register.View) (items []workItem, err error) {
	if _, err := v.Set().Named(risk.Acceptances.Name); err != nil {
		return nil, nil //nolint:nilerr // a program without risks asks for no decision
	}
	list, err := risk.ToDecide(v, v.Actor().Person)
	for _, r := range list {
		items = append(items, workItem{Icon: "i-seal", Title: r.Title(), Path: page.Path(r.Entry) + "#signatures", Detail: r.Key + " · " + message.T(v.Context(), "risks.decideagain"), Due: message.T(v.Context(), "mywork.acceptance."+r.Fields.Acceptance), Late: true})
	}
	return items, err
}

// askedOf is what running gap analyses ask of the person, a line a campaign.
func askedOf(v *register.View) (items []workItem, err error) {
	if _, err := v.Set().Named(gap.Answers.Name); err != nil {
		return nil, nil //nolint:nilerr // a program without gap analyses asks nothing
	}
	asked, err := gap.AskedOf(v, v.Actor().Person)
	for _, a := range asked {
		items = append(items, dated(v, workItem{Icon: "i-gap", Title: message.N(v.Context(), "mywork.asked.n", a.Open), Path: "/gap/" + a.Campaign.Key + "/focus?mine=1", Detail: a.Campaign.Title()}, a.Due))
	}
	return items, err
}

// dueWithin is how far ahead statements are asked for.
const dueWithin = 30 * 24 * time.Hour

// statementsOf are the lines of the person's implementations whose statement or
// record runs out soon, or has.
func statementsOf(v *register.View, all []soa.Known) (items []workItem) {
	person := v.Actor().Person
	for _, k := range all {
		if !k.Counts() {
			continue
		}
		for _, e := range control.Expiring(k.Evidence, v.Now().Add(dueWithin)) {
			i := slices.IndexFunc(k.Implementations, func(imp register.Of[control.Implementation]) bool { return imp.Key == e.Implementation })
			if i < 0 || k.Implementations[i].Fields.Owner != person {
				continue
			}
			item := workItem{Icon: "i-evidence", Title: e.Shows, Path: "/controls/" + k.Control.ID, Detail: k.Implementations[i].Title()}
			if e.Gone {
				item.Due, item.Late = message.T(v.Context(), "mywork.ranout"), true
			} else {
				item = dated(v, item, (e.At - sextant.Instant(time.Second/time.Microsecond)).Time().Format(time.DateOnly))
			}
			items = append(items, item)
		}
	}
	return items
}

// mentionsShown is how many remarks are listed.
const mentionsShown = 10

func mentionsOf(v *register.View) (items []workItem, err error) {
	list, err := v.List(register.List{Register: register.Comments.Name, Order: "-changed_at", Limit: mentionsShown, Filters: []register.Filter{{Field: "mentions", Op: register.Is, Values: []string{v.Actor().Person}}}})
	for _, e := range list.Entries {
		subject := e.Doc.Text("subject")
		item := workItem{Icon: "i-comment", Title: e.Doc.Text("text"), Detail: page.Who(v, e.Actor) + " · " + v.TitleOf("any", subject), Due: page.Age(v.Context(), e.At, v.Now())}
		if def, ok := v.Set().OfKey(subject); ok {
			item.Path = "/" + def.Plural + "/" + subject + "#comments"
		}
		items = append(items, item)
	}
	return items, err
}

// fillMine lists on the first page what is due first.
func (view *homeView) fillMine(v *register.View, _ evidence.Reader) error {
	if v.Actor().Person == "" || v.Moment() != 0 {
		return nil
	}
	tasks, err := tasksOf(v, workShown)
	if err != nil {
		return err
	}
	waiting, err := waitingOf(v)
	if err != nil {
		return err
	}
	undecided, err := undecidedOf(v)
	if err != nil {
		return err
	}
	asked, err := askedOf(v)
	if err != nil {
		return err
	}
	items := slices.Concat(tasks, undecided, waiting, asked, statementsOf(v, view.Controls))
	slices.SortStableFunc(items, func(a, b workItem) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Date, b.Date))
	})
	view.MineCount = len(items)
	view.Mine = items[:min(len(items), rowsShown)]
	return nil
}

// rank puts what is late first and what has no date last.
func rank(w workItem) int {
	switch {
	case w.Late:
		return 0
	case w.Date != "":
		return 1
	}
	return 2
}
