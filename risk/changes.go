// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"
	"slices"
	"strings"

	"sextant/register"
)

// Told is one thing that stands otherwise at a later moment, as a sentence.
type Told struct {
	About string `json:"about"` // key of the risk, treatment, acceptance or edition
	Kind  Topic  `json:"kind"`
	Move  Change `json:"move,omitempty"` // of a level: higher, lower, not comparable; "" for any other
	Says  string `json:"says"`
}

// Topic groups what is told.
type Topic string

// The topics.
const (
	AboutCriteria   Topic = "criteria"
	AboutLevels     Topic = "levels"
	AboutRisks      Topic = "risks"
	AboutSignatures Topic = "signatures"
	AboutTreatments Topic = "treatments"
)

// Topics gives all, in the order they are told in.
func Topics() []Topic {
	return []Topic{AboutCriteria, AboutLevels, AboutRisks, AboutSignatures, AboutTreatments}
}

// moment is what is compared between two moments.
type moment struct {
	risks      map[string]register.Of[Risk]
	treatments map[string]register.Of[Treatment]
	criteria   map[string]register.Of[Criteria]
	yardsticks map[string]*Yardstick
	accepted   map[string]register.Of[Acceptance] // in force, by key of the risk
	order      []string                           // keys of risks and treatments
	names      func(kind, key string) string
}

func readMoment(v *register.View) (m moment, err error) {
	m = moment{risks: map[string]register.Of[Risk]{}, treatments: map[string]register.Of[Treatment]{}, criteria: map[string]register.Of[Criteria]{}, yardsticks: map[string]*Yardstick{}, accepted: map[string]register.Of[Acceptance]{}, names: v.TitleOf}
	risks, err := all[Risk](v, riskName)
	if err != nil {
		return m, err
	}
	treatments, err := all[Treatment](v, treatmentName)
	if err != nil {
		return m, err
	}
	criteria, err := all[Criteria](v, criteriaName)
	if err != nil {
		return m, err
	}
	accepted, err := all[Acceptance](v, acceptanceName, inState(Accepted))
	if err != nil {
		return m, err
	}
	for _, a := range accepted {
		m.accepted[a.Fields.Risk] = a
	}
	for _, r := range risks {
		m.risks[r.Key] = r
		m.order = append(m.order, r.Key)
	}
	for _, t := range treatments {
		m.treatments[t.Key] = t
		m.order = append(m.order, t.Key)
	}
	for _, c := range criteria {
		m.criteria[c.Key] = c
		if m.yardsticks[c.Key], err = NewYardstick(c.Fields); err != nil {
			return m, fmt.Errorf("%s: %w", c.Key, err)
		}
	}
	return m, nil
}

// Differences tells in sentences what stands otherwise at the later of two
// moments. Levels by different criteria are not compared.
func Differences(then, now *register.View) (list []Told, err error) {
	was, err := readMoment(then)
	if err != nil {
		return nil, err
	}
	is, err := readMoment(now)
	if err != nil {
		return nil, err
	}
	list = append(list, editionsTold(was, is)...)
	for _, key := range is.order {
		if r, ok := is.risks[key]; ok {
			list = append(list, riskTold(was, is, r)...)
		}
		if t, ok := is.treatments[key]; ok {
			list = append(list, treatmentTold(was, t)...)
		}
	}
	for _, key := range was.order {
		r, known := was.risks[key]
		if _, left := is.risks[key]; known && !left {
			list = append(list, Told{About: key, Kind: AboutRisks, Says: fmt.Sprintf("%s %s was deleted.", key, r.Title())})
		}
	}
	slices.SortStableFunc(list, func(a, b Told) int { return slices.Index(Topics(), a.Kind) - slices.Index(Topics(), b.Kind) })
	return list, nil
}

func editionsTold(was, is moment) (list []Told) {
	for _, c := range is.criteria {
		if c.State == Approved && was.criteria[c.Key].State != Approved {
			list = append(list, Told{About: c.Key, Kind: AboutCriteria, Says: fmt.Sprintf("%s came into force.", c.Title())})
		}
	}
	slices.SortFunc(list, func(a, b Told) int { return strings.Compare(a.About, b.About) })
	return list
}

func riskTold(was, is moment, r register.Of[Risk]) (list []Told) {
	old, known := was.risks[r.Key]
	name := r.Key + " " + r.Title()
	tell := func(kind Topic, format string, args ...any) {
		list = append(list, Told{About: r.Key, Kind: kind, Says: name + " " + fmt.Sprintf(format, args...)})
	}
	level := is.level(r)
	if !known {
		switch {
		case r.State == Rejected:
			tell(AboutRisks, "is new, and was rejected.")
		case r.State == Closed:
			tell(AboutRisks, "is new, and was closed.")
		case level == "":
			tell(AboutRisks, "is new and not evaluated yet.")
		default:
			tell(AboutRisks, "is new; it is %s.", level)
		}
		return list
	}
	if isOver(r.State) != isOver(old.State) {
		if isOver(r.State) {
			tell(AboutRisks, "was closed.")
		} else {
			tell(AboutRisks, "was opened again.")
		}
	}
	if levelTold(was, is, old, r, tell); len(list) > 0 && list[len(list)-1].Kind == AboutLevels {
		list[len(list)-1].Move = levelMove(old, r)
	}
	if r.Fields.Owner != old.Fields.Owner {
		switch {
		case r.Fields.Owner == "":
			tell(AboutRisks, "has no risk owner any more.")
		case old.Fields.Owner == "":
			tell(AboutRisks, "is owned by %s.", is.names("person", r.Fields.Owner))
		default:
			tell(AboutRisks, "went from %s to %s.", was.names("person", old.Fields.Owner), is.names("person", r.Fields.Owner))
		}
	}
	if a, b := was.signed(old), is.signed(r); a != b {
		tell(AboutSignatures, "%s.", b.says())
	}
	return list
}

func isOver(state string) bool { return state == Closed || state == Rejected }

func levelTold(was, is moment, old, r register.Of[Risk], tell func(Topic, string, ...any)) {
	a, b := was.level(old), is.level(r)
	because := ""
	if r.Fields.Because != "" {
		because = ": " + r.Fields.Because
	}
	switch from, to := Whole(old.Fields.CurrentLevel), Whole(r.Fields.CurrentLevel); {
	case a == b && old.Fields.Criteria == r.Fields.Criteria:
	case a == "" && b == "":
	case a == "":
		tell(AboutLevels, "was evaluated; it is %s.", b)
	case b == "":
		tell(AboutLevels, "is not evaluated any more; it was %s.", a)
	case old.Fields.Criteria != r.Fields.Criteria:
		tell(AboutLevels, "was %s and is %s by other criteria; the two do not compare.", a, b)
	case to > from:
		tell(AboutLevels, "rose: %s before, %s now%s.", a, b, because)
	case to < from:
		tell(AboutLevels, "came down: %s before, %s now%s.", a, b, because)
	default:
		tell(AboutLevels, "is known differently: %s before, %s now%s.", a, b, because)
	}
}

// levelMove says which way a level went; "" where it was or is not known.
func levelMove(old, r register.Of[Risk]) Change {
	switch from, to := Whole(old.Fields.CurrentLevel), Whole(r.Fields.CurrentLevel); {
	case from == 0 || to == 0:
		return ""
	case old.Fields.Criteria != r.Fields.Criteria:
		return NotComparable
	case to > from:
		return Higher
	case to < from:
		return Lower
	}
	return ""
}

// level names the span a risk stands at.
func (m moment) level(r register.Of[Risk]) string {
	return SpanName(m.yardsticks[r.Fields.Criteria], Whole(r.Fields.BestLevel), Whole(r.Fields.CurrentLevel))
}

// signature is what stands under the residual of a risk.
type signature struct {
	State string
	Key   string // of the acceptance in force: another one is another decision
	Level string
}

// signed gives the one that counts.
func (m moment) signed(r register.Of[Risk]) signature {
	s := signature{State: r.Fields.Acceptance}
	if a, ok := m.accepted[r.Key]; ok && s.State == Accepted {
		s.Key, s.Level = a.Key, a.Fields.LevelName
	}
	return s
}

func (s signature) says() string {
	switch s.State {
	case Accepted:
		return "has its residual risk accepted at " + s.Level
	case Broken:
		return "rose above what its owner accepted; the acceptance is broken"
	case Lapsed:
		return "is no longer accepted; the acceptance lapsed"
	case Requested:
		return "waits for its owner to accept the residual risk"
	}
	return "has no signature under its residual risk"
}

func treatmentTold(was moment, t register.Of[Treatment]) (list []Told) {
	old, known := was.treatments[t.Key]
	name := t.Key + " " + t.Title()
	if !known {
		return []Told{{About: t.Key, Kind: AboutTreatments, Says: fmt.Sprintf("%s is new, for %s.", name, strings.Join(t.Fields.Risks, ", "))}}
	}
	if t.State != old.State {
		state, _ := t.Register.Lifecycle.State(t.State)
		list = append(list, Told{About: t.Key, Kind: AboutTreatments, Says: fmt.Sprintf("%s: %s.", name, strings.ToLower(state.Label))})
	}
	if t.Fields.DueOn != old.Fields.DueOn {
		list = append(list, Told{About: t.Key, Kind: AboutTreatments, Says: fmt.Sprintf("%s is due on %s instead of %s.", name, t.Fields.DueOn, old.Fields.DueOn)})
	}
	return list
}
