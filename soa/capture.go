// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/document"
	"sextant/evidence"
	"sextant/framework"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
)

// captureForm names the form of a captured statement. Its fields are only ever
// added to: what was written by an older program is read by a newer one.
const captureForm = "sextant-statement/1"

// Captured is a whole statement at one moment, as plain values and words: what
// is written into the files of a version, compared and exported. Nothing in it
// refers to what may change later; people and entries stand in it by key and as
// they were called then.
type Captured struct {
	Form         string        `json:"form"`
	Organisation string        `json:"organisation"`
	Standard     string        `json:"standard"` // what its rows come from, the base with its amendment
	System       System        `json:"management_system"`
	Version      *Version      `json:"version,omitempty"`  // nil: what stands, not a version
	Versions     []Version     `json:"versions,omitempty"` // those before it, the oldest first
	At           string        `json:"as_of"`
	Zone         string        `json:"time_zone,omitempty"` // of the organisation then; "" = UTC
	Rows         []CapturedRow `json:"rows"`
	Findings     []Remark      `json:"findings,omitempty"` // of a version: what the rules found in it then
}

// Remark is a finding of lint as it was worded.
type Remark struct {
	Rule     string `json:"rule"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	Blocks   bool   `json:"blocks,omitempty"`
	About    string `json:"about"`
	Facts    string `json:"facts"`
}

// System is the management system whose statement it is.
type System struct {
	Key        string `json:"key"`
	Title      string `json:"title"`
	Scope      string `json:"scope"`
	Boundaries string `json:"boundaries,omitempty"`
	Interfaces string `json:"interfaces,omitempty"`
}

// Version says of an edition who made it what.
type Version struct {
	Key        string `json:"key"`
	Number     int    `json:"number"`
	State      string `json:"state"`
	Change     string `json:"change_summary"`
	Author     *Named `json:"author,omitempty"`
	Reviewer   *Named `json:"reviewer,omitempty"`
	Approver   *Named `json:"approver,omitempty"`
	ReviewOn   string `json:"review_on,omitempty"`
	ApprovedAt string `json:"approved_at,omitempty"`
}

// Named is an entry with what it was called.
type Named struct {
	Key   string `json:"key"`
	Title string `json:"title"`
}

// CapturedRow is one control as the statement says it.
type CapturedRow struct {
	Reference      string            `json:"reference"`
	ID             string            `json:"id"`
	Title          string            `json:"title"`
	Framework      string            `json:"framework"` // the standard its row comes from
	Section        string            `json:"section"`   // the theme of it, or the standard
	Applicability  Applicability     `json:"applicability"`
	Reasons        []string          `json:"reasons,omitempty"`
	Links          []Named           `json:"reason_links,omitempty"`
	Justification  string            `json:"justification,omitempty"`
	Implementation string            `json:"implementation"` // over all units, the least advanced
	PlannedOn      string            `json:"planned_on,omitempty"`
	Units          []CapturedUnit    `json:"units,omitempty"`
	Evidence       *CapturedEvidence `json:"evidence,omitempty"` // nil: left out, none is asked for
	Owner          *Named            `json:"owner,omitempty"`
	Documents      []Named           `json:"documents,omitempty"`
	Risks          []Named           `json:"treated_risks,omitempty"` // open ones the control treats, or is planned to
	Clashes        []Clash           `json:"contradictions,omitempty"`
	Row            string            `json:"row,omitempty"` // key and version of the entry that holds the decision
	RowVersion     int               `json:"row_version,omitempty"`
	DecidedBy      *Named            `json:"decided_by,omitempty"`
	DecidedAt      string            `json:"decided_at,omitempty"`
}

// CapturedUnit is what was declared in one scope unit.
type CapturedUnit struct {
	Key            string `json:"key"`
	Unit           Named  `json:"unit"`
	Implementation string `json:"implementation"`
	PlannedOn      string `json:"planned_on,omitempty"`
	How            string `json:"how,omitempty"`
	Owner          *Named `json:"owner,omitempty"`
}

// CapturedEvidence is what the evidence showed.
type CapturedEvidence struct {
	State      string `json:"state"`
	Label      string `json:"label"`
	Passed     int    `json:"lines_passed"`
	Lines      int    `json:"lines"`
	Oldest     string `json:"rests_on,omitempty"`
	FreshUntil string `json:"fresh_until,omitempty"`
	Reason     string `json:"reason,omitempty"`
}

// Encode gives the canonical bytes: the same statement gives the same.
func (c Captured) Encode() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(c); err != nil {
		return nil, fmt.Errorf("encode the statement: %w", err)
	}
	return out.Bytes(), nil
}

// ReadCaptured reads what Encode wrote.
func ReadCaptured(data []byte) (c Captured, err error) {
	if err := json.Unmarshal(data, &c); err != nil {
		return c, fmt.Errorf("read the kept statement: %w", err)
	}
	if c.Form != captureForm {
		return c, sextant.Errorf(sextant.Unavailable, "the kept statement has the form %q, which this program does not know", c.Form).WithHint("read it with the program that wrote it, or a newer one")
	}
	return c, nil
}

// Counts are how many controls were decided how.
type Counts struct{ Applying, Out, Undecided int }

// Counts the rows.
func (c Captured) Counts() (n Counts) {
	for _, r := range c.Rows {
		switch r.Applicability {
		case Applicable:
			n.Applying++
		case NotApplicable:
			n.Out++
		default:
			n.Undecided++
		}
	}
	return n
}

// Capture takes down the statement of a management system at the moment the two
// readers are of, as the version e where one is given.
func Capture(v *register.View, r evidence.Reader, system string, e *register.Of[Edition]) (Captured, error) {
	c := Captured{Form: captureForm, At: v.Now().String()}
	lines, err := Statement(v, r, system)
	if err != nil {
		return c, err
	}
	if err := c.head(v, system, e); err != nil {
		return c, err
	}
	c.Standard = standardsOf(lines)
	documents, err := documentsOf(v)
	if err != nil {
		return c, err
	}
	treated, err := risk.Treated(v)
	if err != nil {
		return c, err
	}
	for _, l := range lines {
		row := captureRow(v, l, documents[l.Row.Control])
		for _, r := range treated[l.Row.Control] {
			if r.Fields.ManagementSystem == system {
				row.Risks = append(row.Risks, Named{r.Key, r.Title()})
			}
		}
		c.Rows = append(c.Rows, row)
	}
	if e != nil {
		err = c.remark(v, r, system)
	}
	return c, err
}

func (c *Captured) remark(v *register.View, r evidence.Reader, system string) error {
	raised, err := RaisedIn(v, r, system)
	for _, verdict := range append(raised.Blockers, raised.Warnings...) {
		for _, f := range verdict.Findings {
			c.Findings = append(c.Findings, Remark{verdict.Rule.ID, verdict.Rule.Title, string(verdict.Rule.Severity), blocks(verdict.Rule), About(f), f.Facts})
		}
	}
	return err
}

func (c *Captured) head(v *register.View, system string, e *register.Of[Edition]) error {
	all, err := organisation.Organisations.All(v)
	if err != nil {
		return err
	}
	if len(all) > 0 {
		c.Organisation, c.Zone = all[0].Fields.LegalName, all[0].Fields.TimeZone
	}
	if system == "" {
		return nil
	}
	ms, err := organisation.ManagementSystems.Get(v, system)
	if err != nil {
		return err
	}
	f := ms.Fields
	c.System = System{Key: ms.Key, Title: f.Title, Scope: f.Scope, Boundaries: f.Boundaries, Interfaces: f.Interfaces}
	if e == nil {
		return nil
	}
	this := versionOf(v, *e)
	c.Version = &this
	if e.Fields.StatusAsOf != "" {
		c.At = e.Fields.StatusAsOf
	}
	others, err := EditionsOf(v, system)
	for _, other := range others {
		if other.Key != e.Key {
			c.Versions = append([]Version{versionOf(v, other)}, c.Versions...)
		}
	}
	return err
}

func versionOf(v *register.View, e register.Of[Edition]) Version {
	f := e.Fields
	return Version{Key: e.Key, Number: e.Fields.No(), State: e.State, Change: f.ChangeSummary, Author: person(v, f.Author), Reviewer: person(v, f.Reviewer), Approver: person(v, f.Approver),
		ReviewOn: f.ReviewOn, ApprovedAt: f.ApprovedAt}
}

func person(v *register.View, key string) *Named {
	if key == "" {
		return nil
	}
	return &Named{key, v.TitleOf("person", key)}
}

func captureRow(v *register.View, l Line, documents []Named) CapturedRow {
	row := CapturedRow{Reference: l.Row.Control, ID: l.Control.ID, Title: l.Control.Title, Framework: frameworkOf(l), Section: section(l), Applicability: l.Decision(), Reasons: l.Row.Reasons,
		Justification: l.Row.Justification(), Implementation: l.Declared.Value, PlannedOn: l.PlannedOn(), Owner: person(v, l.Row.Owner), Clashes: l.Clashes}
	for _, key := range l.Row.ReasonLinks {
		row.Links = append(row.Links, Named{key, v.TitleOf("any", key)})
	}
	row.Documents = documents
	for _, key := range l.Row.Documents {
		if d := (Named{key, v.TitleOf("document", key)}); !has(row.Documents, d) {
			row.Documents = append(row.Documents[:len(row.Documents):len(row.Documents)], d)
		}
	}
	for _, imp := range l.Implementations {
		f := imp.Fields
		row.Units = append(row.Units, CapturedUnit{imp.Key, Named{f.ScopeUnit, v.TitleOf("scope_unit", f.ScopeUnit)}, f.Implementation, f.PlannedOn, f.How, person(v, f.Owner)})
	}
	if l.Entry != nil {
		row.Row, row.RowVersion, row.DecidedAt = l.Entry.Key, l.Entry.Version, l.Entry.At.Time().Format(time.RFC3339)
		row.DecidedBy = &Named{l.Entry.Actor, v.Who(l.Entry.Actor)}
	}
	row.Evidence = captureEvidence(l)
	return row
}

// frameworkOf names the standard a row comes from.
func frameworkOf(l Line) string {
	if s, ok := framework.StandardByID(l.Control.Standard); ok {
		return s.Title
	}
	return "Own controls"
}

// standardsOf names what the rows come from; the base with its amendment.
func standardsOf(lines []Line) string {
	var names []string
	for _, l := range lines {
		name := frameworkOf(l)
		if l.Control.IsBase() {
			name += " with Amd 1:2024"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func section(l Line) string {
	if i := slices.Index(framework.Themes(), l.Control.Theme); i >= 0 && l.Control.IsBase() {
		return []string{"A.5 Organizational", "A.6 People", "A.7 Physical", "A.8 Technological"}[i]
	}
	return frameworkOf(l)
}

func has(list []Named, n Named) bool {
	for _, other := range list {
		if other.Key == n.Key {
			return true
		}
	}
	return false
}

func captureEvidence(l Line) *CapturedEvidence {
	if l.Decision() == NotApplicable {
		return nil
	}
	e := &CapturedEvidence{State: l.Evidence.State.String(), Label: l.Evidence.State.Label(), Reason: l.Evidence.Reason, Oldest: second(l.Evidence.Oldest()), FreshUntil: second(l.Evidence.Until)}
	e.Passed, e.Lines = l.Evidence.Lines()
	return e
}

func second(at sextant.Instant) string {
	if at == 0 || at == sextant.Forever {
		return ""
	}
	return at.Time().Format(time.RFC3339)
}

// documentsOf gives the documents in force or on their way that name a control.
func documentsOf(v *register.View) (map[string][]Named, error) {
	all, err := document.Documents.All(v, active)
	by := map[string][]Named{}
	for _, d := range all {
		for _, c := range d.Fields.Controls {
			by[c] = append(by[c], Named{d.Key, d.Fields.Reference + " " + d.Fields.Title})
		}
	}
	return by, err
}
