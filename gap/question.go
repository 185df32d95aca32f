// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"sextant/framework"
	"sextant/register"
)

// Question is one thing a campaign can ask about: a clause, a requirement of a
// clause, a control, or a requirement of an imported framework.
type Question struct {
	Reference string // iso27001:2022/A.8.13
	Framework string // iso27001:2022, iso27018:2019, own, or the key of a library
	Chapter   string // of what is not ISO/IEC 27001: LIB-3/gv, iso27018:2019/2
	ID        string // A.8.13
	Title     string // of the clause, control or requirement
	Asks      string // what it asks: ours, the organisation's or the library's words; "" for a whole clause
	Part      string // of ISO/IEC 27001: the clause of the first level, 4 to 10, or the theme
	Guide     string // id of the guidance on it

	always  bool              // a clause: it cannot be left out
	control framework.Control // of a control
	point   string            // what mappings call a requirement of a library
}

// IsRequirement says whether it is a clause of a management system, or one of its
// requirements, which always apply.
func (q Question) IsRequirement() bool { return q.always }

// Attribute is one of the five of a control.
type Attribute struct {
	Name   string
	Values []string // every value, in the standard's order
	of     func(framework.Control) []string
}

// Attributes gives the five, with every value they can have.
func Attributes() []Attribute {
	return []Attribute{
		{"type", texts(framework.ControlTypes()), func(c framework.Control) []string { return texts(c.Types) }},
		{"property", texts(framework.Properties()), func(c framework.Control) []string { return texts(c.Properties) }},
		{"concept", texts(framework.Concepts()), func(c framework.Control) []string { return texts(c.Concepts) }},
		{"capability", texts(framework.Capabilities()), func(c framework.Control) []string { return texts(c.Capabilities) }},
		{"domain", texts(framework.Domains()), func(c framework.Control) []string { return texts(c.Domains) }},
	}
}

func texts[T ~string](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

// Attributes gives all values a control has, of all five attributes; a
// requirement has none.
func (q Question) Attributes() (values []string) {
	if q.control.ID == "" {
		return nil
	}
	for _, a := range Attributes() {
		values = append(values, a.of(q.control)...)
	}
	return values
}

// questions are all that can be asked, by reference; clauses and controls first
// in the standard's order.
var questions = sync.OnceValue(func() (index struct {
	clauses, requirements, controls []Question
	byReference                     map[string]Question
}) {
	index.byReference = map[string]Question{}
	for _, c := range framework.ISO27001().Clauses {
		if !c.Auditable() {
			continue
		}
		part, _, _ := strings.Cut(c.ID, ".")
		index.clauses = append(index.clauses, Question{Reference: framework.ControlPrefix + c.ID, Framework: framework.StandardID, ID: c.ID, Title: c.Title, Part: part, Guide: c.ID, always: true})
		for _, r := range c.Requirements {
			q := Question{Reference: framework.ControlPrefix + r.ID, Framework: framework.StandardID, ID: r.ID, Title: c.Title, Asks: r.Asks, Part: part, Guide: c.ID, always: true}
			index.requirements = append(index.requirements, q)
			index.byReference[q.Reference] = q
		}
	}
	for _, q := range index.clauses {
		index.byReference[q.Reference] = q // a requirement may bear the name of its clause; asked for the clause, it is the clause
	}
	for _, c := range framework.Controls() {
		index.controls = append(index.controls, Question{Reference: c.Reference().String(), Framework: framework.StandardID, ID: c.ID, Title: c.Title, Part: string(c.Theme), Guide: c.ID, control: c})
	}
	for _, q := range index.controls {
		index.byReference[q.Reference] = q
	}
	return index
})

// Questions gives what a campaign asks of ISO/IEC 27001 in each unit, in the
// standard's order. All gives the rest too.
func (c Campaign) Questions() []Question {
	if len(c.Frameworks)+len(c.Libraries) > 0 && !slices.Contains(c.Frameworks, framework.StandardID) {
		return nil
	}
	all := questions()
	everything := len(c.Clauses)+len(c.Themes)+len(c.Attributes) == 0
	asked := all.clauses
	if c.Detail == "requirement" {
		asked = all.requirements
	}
	var list []Question
	for _, q := range asked {
		if everything || slices.Contains(c.Clauses, q.Part) {
			list = append(list, q)
		}
	}
	for _, q := range all.controls {
		if everything || c.wants(q) {
			list = append(list, q)
		}
	}
	return list
}

// wants says whether a control is of the chosen themes and has, of every
// attribute that values were chosen of, one of these.
func (c Campaign) wants(q Question) bool {
	if len(c.Themes)+len(c.Attributes) == 0 || len(c.Themes) > 0 && !slices.Contains(c.Themes, q.Part) {
		return false
	}
	for _, a := range Attributes() {
		var chosen []string
		for _, value := range c.Attributes {
			if slices.Contains(a.Values, value) {
				chosen = append(chosen, value)
			}
		}
		has := func(value string) bool { return slices.Contains(chosen, value) }
		if len(chosen) > 0 && !slices.ContainsFunc(a.of(q.control), has) {
			return false
		}
	}
	return true
}

// digestLength is how much of a digest names an edition: enough to tell two
// apart, short enough to read out.
const digestLength = 12

// Digest names the edition of what a question is asked from: our guidance on it,
// and what it asks, in whoever's words.
func (q Question) Digest() string {
	g, _ := framework.GuidanceFor(q.Guide)
	data, err := json.Marshal(g)
	if err != nil {
		return ""
	}
	if q.Framework != framework.StandardID {
		return short([]byte(q.Title + "\n" + q.Asks))
	}
	c, _ := framework.ClauseByID(q.Guide)
	for _, r := range c.Requirements {
		data = append(data, r.Asks...)
	}
	return short(data)
}

func short(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:digestLength]
}

// Edition says from what a campaign is asked: the editions of the standards and
// libraries, and a digest of the words on all that is asked.
func (c Campaign) Edition(tx register.Reader) string {
	var from []string
	if len(c.Questions()) > 0 {
		from = append(from, "ISO/IEC 27001:2022 with "+strings.TrimPrefix(framework.Amd1, "ISO/IEC 27001:2022/"))
	}
	for _, id := range c.Frameworks {
		if id != framework.StandardID {
			from = append(from, FrameworkTitle(id))
		}
	}
	for _, key := range c.Libraries {
		from = append(from, libraryEdition(tx, key))
	}
	var all []byte
	list, err := c.All(tx)
	if err != nil {
		return strings.Join(from, ", ") // what cannot be read now is refused when its rows are laid out
	}
	for _, q := range list {
		all = append(all, q.Digest()...)
	}
	return strings.Join(from, ", ") + ", guidance " + short(all)
}
