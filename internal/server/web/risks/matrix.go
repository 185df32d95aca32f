// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
)

// matrixView is the criteria in force as a grid of counts.
type matrixView struct {
	Criteria, Path, Title string // of the criteria
	Approved              string
	Limit                 chip // the highest level that may stand
	Consequences          []scaleName
	Rows                  []matrixRow // the likeliest first
	Stages                []stageLink
	Systems               []stageLink // of management systems, where there are several
	Levels                []levelCount
	Apart                 []apart
	Wide                  bool // more columns than have room for words
}

type matrixRow struct {
	Likelihood scaleName
	Cells      []matrixCell
}

// scaleName is a level of a scale: its number and name.
type scaleName struct{ Number, Name, Definition string }

type matrixCell struct {
	chip
	Level        int
	Count        int
	Path         string
	Above, Shown bool // higher than what is acceptable; filtered by now
	Says         string
}

// stageLink turns the page to another stage or management system.
type stageLink struct {
	Label, Path string
	Current     bool
}

// levelCount is how many risks of the matrix have a level.
type levelCount struct {
	chip
	Number string
	Count  int
	Path   string
}

// apart is a count of risks that are not in the matrix, and why.
type apart struct {
	Says, Path string
	Count      int
}

// system chooses the management system whose matrix is shown: the one asked for,
// else the first that has criteria in force; "" for none.
func (l lens) system(asked string) (string, []string) {
	var with []string
	for system := range l.InForce {
		with = append(with, system)
	}
	slices.Sort(with)
	switch {
	case len(with) == 0:
		return "", nil
	case slices.Contains(with, asked):
		return asked, with
	}
	return with[0], with
}

// matrixOf counts the open risks of a management system at a stage.
func (l lens) matrixOf(v *register.View, p page.Page, system string, systems []string) (*matrixView, error) {
	criteria, err := risk.CriteriaEditions.Get(v, l.InForce[system])
	if err != nil {
		return nil, err
	}
	ctx, y := v.Context(), l.Yardsticks[criteria.Key]
	view := &matrixView{Criteria: criteria.Key, Path: criteriaPath + "/" + criteria.Key, Title: criteria.Title(), Limit: chipOf(y, risk.Whole(y.Criteria.AcceptUpTo)), Wide: len(y.Criteria.Consequences) > 6}
	if at := criteria.Fields.ApprovedAt; len(at) >= 10 {
		view.Approved = page.Day(at[:10])
	}
	m := counter{lens: l, ctx: ctx, p: p, y: y, system: system, several: len(systems) > 1}
	m.count()
	for _, c := range y.Criteria.Consequences {
		view.Consequences = append(view.Consequences, scaleName{strconv.Itoa(risk.Whole(c.Level)), c.Name, c.Definition})
	}
	for n := len(y.Criteria.Likelihoods); n > 0; n-- {
		view.Rows = append(view.Rows, m.row(n))
	}
	view.Levels, view.Apart = m.levels(), m.apart(ctx)
	for _, stage := range stages {
		view.Stages = append(view.Stages, stageLink{message.T(ctx, "risks.stage."+stage), p.Link(m.path(stage)), stage == l.stage})
	}
	if m.several {
		for _, key := range systems {
			view.Systems = append(view.Systems, stageLink{v.TitleOf("management_system", key), p.With("system", key, "filter", "", "after", ""), key == system})
		}
	}
	return view, nil
}

// counter counts what stands where.
type counter struct {
	lens
	ctx       context.Context
	p         page.Page
	y         *risk.Yardstick
	system    string
	several   bool
	cells     map[[2]int]int
	byLevel   map[int]int
	standings map[string]int
}

func (m *counter) count() {
	m.cells, m.byLevel, m.standings = map[[2]int]int{}, map[int]int{}, map[string]int{}
	for _, r := range m.Risks {
		if !isOpen(r) || r.Fields.ManagementSystem != m.system && m.several {
			continue
		}
		standing := m.standing(r)
		m.standings[standing]++
		if standing == inMatrix {
			place := m.place(r)
			m.cells[[2]int{place.Likelihood, place.Consequence}]++
			m.byLevel[place.Level]++
		}
	}
}

// path is the list of what meets the filters at a stage.
func (m *counter) path(stage string, filters ...string) string {
	q := url.Values{}
	if stage != risk.Current {
		q.Set("stage", stage)
	}
	if m.several {
		q.Set("system", m.system)
		if len(filters) > 0 {
			filters = append(filters, filter("management_system", m.system))
		}
	}
	if len(filters) > 0 {
		q["filter"] = filters
	}
	return grid.Address(path, q)
}

func (m *counter) row(likelihood int) matrixRow {
	l := m.y.Criteria.Likelihoods[likelihood-1]
	row := matrixRow{Likelihood: scaleName{strconv.Itoa(likelihood), l.Name, l.Definition}}
	shown := m.p.Query["filter"]
	for consequence := 1; consequence <= len(m.y.Criteria.Consequences); consequence++ {
		level := m.y.Level(likelihood, consequence)
		filters := []string{filter("likelihood", strconv.Itoa(likelihood)), filter("consequence", strconv.Itoa(consequence)), filter("place", inMatrix)}
		c := matrixCell{chip: chipOf(m.y, level), Level: level, Count: m.cells[[2]int{likelihood, consequence}], Above: level > risk.Whole(m.y.Criteria.AcceptUpTo)}
		c.Shown = slices.Contains(shown, filters[0]) && slices.Contains(shown, filters[1])
		c.Path = m.p.Link(m.path(m.stage, filters...))
		c.Says = message.T(m.ctx, "risks.cell", l.Name, m.y.ConsequenceName(consequence), c.Name, c.Count)
		row.Cells = append(row.Cells, c)
	}
	return row
}

// levels counts by level, the highest first.
func (m *counter) levels() (list []levelCount) {
	for n := len(m.y.Criteria.Levels); n > 0; n-- {
		list = append(list, levelCount{chipOf(m.y, n), strconv.Itoa(n), m.byLevel[n], m.p.Link(m.path(m.stage, filter("level", strconv.Itoa(n)), filter("place", inMatrix)))})
	}
	return list
}

// apart counts what the matrix does not show.
func (m *counter) apart(ctx context.Context) (list []apart) {
	for _, standing := range []string{earlier, noLevel} {
		if n := m.standings[standing]; n > 0 {
			key := "risks.apart." + standing
			if standing == noLevel {
				key += "." + m.stage
			}
			list = append(list, apart{message.N(ctx, key, n), m.p.Link(m.path(m.stage, filter("place", standing))), n})
		}
	}
	return list
}
