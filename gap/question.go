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
)

// Question is one thing a campaign can ask about: a clause, a requirement of a
// clause, or a control.
type Question struct {
	Reference string // iso27001:2022/A.8.13
	ID        string // A.8.13
	Title     string // of the clause or control
	Asks      string // what the requirement item asks, in our words; "" for a whole clause
	Part      string // the clause of the first level, 4 to 10, or the theme
	Guide     string // id of the guidance on it

	control framework.Control // of a control
}

// IsRequirement says whether it is one of clauses 4 to 10, which always apply.
func (q Question) IsRequirement() bool { return q.control.ID == "" }

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
	if q.IsRequirement() {
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
		index.clauses = append(index.clauses, Question{Reference: framework.ControlPrefix + c.ID, ID: c.ID, Title: c.Title, Part: part, Guide: c.ID})
		for _, r := range c.Requirements {
			q := Question{Reference: framework.ControlPrefix + r.ID, ID: r.ID, Title: c.Title, Asks: r.Asks, Part: part, Guide: c.ID}
			index.requirements = append(index.requirements, q)
			index.byReference[q.Reference] = q
		}
	}
	for _, q := range index.clauses {
		index.byReference[q.Reference] = q // a requirement may bear the name of its clause; asked for the clause, it is the clause
	}
	for _, c := range framework.Controls() {
		index.controls = append(index.controls, Question{Reference: c.Reference().String(), ID: c.ID, Title: c.Title, Part: string(c.Theme), Guide: c.ID, control: c})
	}
	for _, q := range index.controls {
		index.byReference[q.Reference] = q
	}
	return index
})

// QuestionOf gives the question a stored reference names.
func QuestionOf(reference string) (Question, bool) {
	q, ok := questions().byReference[reference]
	return q, ok
}

// Questions gives what a campaign asks in each unit, in the standard's order.
func (c Campaign) Questions() []Question {
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
// and what each requirement of a clause asks.
func (q Question) Digest() string {
	g, _ := framework.GuidanceFor(q.Guide)
	data, err := json.Marshal(g)
	if err != nil {
		return ""
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

// Edition says from what a campaign is asked: the edition of the standard, and a
// digest of our guidance on all that is asked.
func (c Campaign) Edition() string {
	var all []byte
	for _, q := range c.Questions() {
		all = append(all, q.Digest()...)
	}
	return "ISO/IEC 27001:2022 with " + strings.TrimPrefix(framework.Amd1, "ISO/IEC 27001:2022/") + ", guidance " + short(all)
}
