// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/control"
	"sextant/crosswalk"
	"sextant/framework"
	"sextant/library"
	"sextant/register"
)

// All gives everything a campaign asks in each unit: of ISO/IEC 27001 first, then
// the rows in use of its extensions, own controls, and each library in its order.
func (c Campaign) All(tx register.Reader) ([]Question, error) {
	list := c.Questions()
	if slices.ContainsFunc(c.Frameworks, func(id string) bool { return id != framework.StandardID }) {
		rows, err := control.InUse(tx)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if q := rowQuestion(row); !row.IsBase() && slices.Contains(c.Frameworks, row.Standard) && c.takesChapter(q) {
				list = append(list, q)
			}
		}
	}
	for _, key := range c.Libraries {
		more, err := libraryQuestions(tx, key)
		if err != nil {
			return nil, err
		}
		for _, q := range more {
			if c.takesChapter(q) {
				list = append(list, q)
			}
		}
	}
	return list, nil
}

// takesChapter says whether a question is of a chosen chapter; chapters choose
// within the frameworks they are of.
func (c Campaign) takesChapter(q Question) bool {
	of := false
	for _, chapter := range c.Chapters {
		if chapter == q.Chapter {
			return true
		}
		of = of || chapter == q.Framework || strings.HasPrefix(chapter, q.Framework+"/")
	}
	return !of
}

func rowQuestion(c framework.Control) Question {
	q := Question{Reference: c.Reference().String(), Framework: c.Standard, Chapter: c.Standard, ID: c.ID, Title: c.Title, Asks: c.Asks, control: c}
	if i := slices.Index(sectionsOf(c.Standard), c.Section); i >= 0 {
		q.Chapter += "/" + strconv.Itoa(i+1)
	}
	return q
}

// sectionsOf are the headings of the rows of a standard, in its order.
func sectionsOf(standard string) (list []string) {
	for _, c := range framework.RowsOf(standard) {
		if !slices.Contains(list, c.Section) {
			list = append(list, c.Section)
		}
	}
	return list
}

// viewOf is the view behind a reader, which files are opened by.
func viewOf(tx register.Reader) (*register.View, error) {
	switch x := tx.(type) {
	case *register.View:
		return x, nil
	case *register.Tx:
		return &x.View, nil
	}
	return nil, sextant.Errorf(sextant.Unavailable, "a library cannot be opened here")
}

// opened opens the framework of a library.
func opened(tx register.Reader, key string) (l register.Of[library.Library], s *library.Shelved, err error) {
	v, err := viewOf(tx)
	if err != nil {
		return l, nil, err
	}
	if l, err = library.Libraries.Get(v, key); err != nil {
		return l, nil, err
	}
	s, err = library.Open(v, l.Fields)
	return l, s, err
}

func libraryQuestions(tx register.Reader, key string) (list []Question, err error) {
	_, s, err := opened(tx, key)
	if err != nil {
		return nil, err
	}
	for i := range s.Frameworks {
		chapter := ""
		for j := range s.Frameworks[i].Nodes {
			n := &s.Frameworks[i].Nodes[j] // parents stand before their children
			if n.Parent == "" {
				chapter = n.ID
			}
			if n.Assessable {
				list = append(list, nodeQuestion(s, key, chapter, n))
			}
		}
	}
	return list, nil
}

func nodeQuestion(s *library.Shelved, key, chapter string, n *library.Node) Question {
	q := Question{Reference: library.Reference(key, n.ID), Framework: key, Chapter: key, ID: cmp.Or(n.RefID, n.ID), Title: line(n.Name), Asks: n.Description, point: crosswalk.PointOf(s.Content, n)}
	if s.HasChildren(chapter) {
		q.Chapter += "/" + chapter
	}
	if q.Title == "" {
		q.Title, q.Asks = line(n.Description), ""
	}
	return q
}

// QuestionOf gives the question a stored reference names; ok is false where it
// names nothing that can be asked about.
func QuestionOf(tx register.Reader, reference string) (q Question, ok bool, err error) {
	if q, ok := questions().byReference[reference]; ok {
		return q, true, nil
	}
	if c, ok := framework.ControlByID(reference); ok {
		return rowQuestion(c), true, nil
	}
	if strings.HasPrefix(reference, framework.OwnStandard+"/") {
		c, found, err := control.Find(tx, reference)
		return rowQuestion(c), found, err
	}
	key, id, ok := library.ParseReference(reference)
	if !ok {
		return q, false, nil
	}
	_, s, err := opened(tx, key)
	if err != nil {
		if sextant.CodeOf(err) == sextant.NotFound {
			err = nil
		}
		return q, false, err
	}
	n, _, ok := s.Node(id)
	if !ok || !n.Assessable {
		return q, false, nil
	}
	chapter := n.ID
	if above := s.Above(id); len(above) > 0 {
		chapter = above[0].ID
	}
	return nodeQuestion(s, key, chapter, n), true, nil
}

// FrameworkTitle names a framework that is no library.
func FrameworkTitle(id string) string {
	if s, ok := framework.StandardByID(id); ok {
		return s.Title
	}
	return "Own controls"
}

func libraryEdition(tx register.Reader, key string) string {
	e, err := tx.Lookup(library.Libraries.Name, key)
	if err != nil {
		return key
	}
	if edition := e.Doc.Text("edition"); edition != "" {
		return e.Title() + ", version " + edition
	}
	return e.Title()
}

// ChapterTitle names a chapter as it is stored, with its framework.
func ChapterTitle(tx register.Reader, chapter string) (of, title string) {
	id, part, _ := strings.Cut(chapter, "/")
	if _, ok := framework.StandardByID(id); ok || id == framework.OwnStandard {
		of = FrameworkTitle(id)
		if i, err := strconv.Atoi(part); err == nil && i >= 1 && i <= len(sectionsOf(id)) {
			return of, sectionsOf(id)[i-1]
		}
		return of, of
	}
	l, s, err := opened(tx, id)
	if err != nil {
		return id, chapter
	}
	if n, _, ok := s.Node(part); ok {
		return l.Title(), n.Title()
	}
	return l.Title(), l.Title()
}
