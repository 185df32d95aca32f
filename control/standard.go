// SPDX-License-Identifier: Apache-2.0

package control

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// Standard is the organisation's own words on a control, beside our guidance:
// what holds here, for everybody. It remembers the guidance it was written
// against; a newer one is shown and changes nothing of it.
type Standard struct {
	Title          string   `json:"title" is:"text derived title" label:"Standard"`
	Control        string   `json:"control" is:"ref required" to:"control" label:"Control"`
	Text           string   `json:"text" is:"markdown" label:"Our standard" help:"What holds here, in your own words: as short as it can be and still be checked."`
	Attributes     []string `json:"attributes" is:"text" label:"Own attributes" help:"One a line, as Crown jewels=yes. Names and values are those of your own attributes."`
	Owner          string   `json:"owner" is:"person required owner" label:"Owner"`
	GuidanceDigest string   `json:"guidance_digest" is:"text derived" label:"Guidance it was written against" help:"SHA-256 of its text."`
	GuidanceText   string   `json:"guidance_text" is:"markdown derived" label:"Guidance as it was"`
}

// Standards is the register of the organisation's standards, one for a control.
var Standards = register.Declare(register.Definition{
	Name: "control_standard", Plural: "control-standards", Prefix: "STD", Title: "Control standard",
	Question: "What holds here for each control, in our own words?",
	Purpose:  "The organisation's own words on a control, beside the guidance that comes with the program.",
	Clauses:  []string{"6.1.3", "7.5.1"}, Retention: "two_cycles", Group: "controls", Unique: [][]string{{"control"}},
	Derive: deriveStandard,
	Lifecycle: register.Lifecycle{
		Initial: "active",
		States:  []register.State{{Name: "active", Label: "Active"}, {Name: "retired", Label: "Retired", Closed: true}},
		Transitions: []register.Transition{
			{Name: "compare", Label: "Compared with the newest guidance", From: []string{"active"}, To: "active", Who: []string{"owner", "isms_manager"}, Sets: func(_ register.Guarding, doc register.Doc) { measure(doc) }},
			{Name: "retire", Label: "Retire", From: []string{"active"}, To: "retired", Who: []string{"owner", "isms_manager"}, NeedsReason: true},
			{Name: "reactivate", Label: "Reactivate", From: []string{"retired"}, To: "active", Who: []string{"isms_manager"}, NeedsReason: true},
		},
	},
}, checkStandard)

func deriveStandard(_ register.Reader, doc register.Doc) error {
	id := doc.Text("control")[strings.LastIndexByte(doc.Text("control"), '/')+1:]
	doc["title"] = "Our standard for " + id
	if doc.Text("guidance_digest") == "" {
		measure(doc)
	}
	return nil
}

// measure takes down the guidance of today; a control without any has none.
func measure(doc register.Doc) {
	g, ok := framework.GuidanceFor(doc.Text("control"))
	if !ok {
		return
	}
	text := GuidanceText(g)
	doc["guidance_text"], doc["guidance_digest"] = text, digest(text)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// GuidanceText writes a guidance as lines, so that two of them can be compared.
func GuidanceText(g framework.Guidance) string {
	lines := []string{g.Purpose, g.Asked, ""}
	for i, s := range g.Steps {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, s.Do), s.How)
		for _, more := range []string{s.Small, s.Large} {
			if more != "" {
				lines = append(lines, more)
			}
		}
	}
	lines = append(lines, "")
	for _, e := range g.Evidence {
		lines = append(lines, "+ "+e.Good, "- "+e.Weak)
	}
	lines = append(lines, "")
	for _, part := range [][]string{g.Interview, g.Findings, g.Maturity} {
		lines = append(lines, part...)
	}
	for _, d := range g.Documents {
		lines = append(lines, d.Name+", "+string(d.Grade))
	}
	return strings.Join(append(lines, g.Owner), "\n") + "\n"
}

// Outdated says whether the guidance has changed since a standard was written
// against it, and gives both texts. The standard itself is as it was.
func Outdated(s Standard, now framework.Guidance) (before, after string, changed bool) {
	after = GuidanceText(now)
	return s.GuidanceText, after, s.GuidanceDigest != "" && s.GuidanceDigest != digest(after)
}

// checkStandard: there is something in it, and attributes are those the
// organisation has.
func checkStandard(tx register.Reader, now register.Of[Standard], _ *register.Of[Standard]) error {
	if now.Fields.Text == "" && len(now.Fields.Attributes) == 0 {
		return sextant.Errorf(sextant.Invalid, "write what holds here, or give the control one of your own attributes").At("text")
	}
	if len(now.Fields.Attributes) == 0 {
		return nil
	}
	own, err := OwnAttributes.All(tx, active)
	if err != nil {
		return err
	}
	for _, text := range now.Fields.Attributes {
		if err := knownAttribute(own, text); err != nil {
			return err
		}
	}
	return nil
}

func knownAttribute(own []register.Of[OwnAttribute], text string) error {
	name, value, _ := strings.Cut(text, "=")
	i := slices.IndexFunc(own, func(a register.Of[OwnAttribute]) bool { return a.Fields.Name == strings.TrimSpace(name) })
	if i < 0 {
		return sextant.Errorf(sextant.Invalid, "you have no attribute %q", strings.TrimSpace(name)).At("attributes").WithHint("make it first, under own attributes")
	}
	if !slices.Contains(own[i].Fields.Values, strings.TrimSpace(value)) {
		return sextant.Errorf(sextant.Invalid, "%s is never %q", own[i].Fields.Name, strings.TrimSpace(value)).At("attributes").WithHint("it is one of %s", strings.Join(own[i].Fields.Values, ", "))
	}
	return nil
}

// ValuesOf gives a standard's values of one of the organisation's attributes.
func ValuesOf(s Standard, attribute string) (values []string) {
	for _, text := range s.Attributes {
		if name, value, ok := strings.Cut(text, "="); ok && strings.TrimSpace(name) == attribute {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return values
}
