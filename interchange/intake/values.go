// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"regexp"
	"strconv"
	"strings"

	"sextant"
	"sextant/interchange/heading"
	"sextant/migration"
)

// implementationWord reads how far a control is: one of the declared values,
// "nothing" where it is left out, or "" for what is none of them.
func implementationWord(text string) string {
	if said := meaning(text, words().implementation); said != "" {
		return said
	}
	if m := percent.FindStringSubmatch(text); m != nil {
		switch n, _ := strconv.Atoi(m[1]); {
		case n == 0:
			return "not_started"
		case n == 100:
			return "implemented"
		case n < 100:
			return "partly"
		}
	}
	return ""
}

var percent = regexp.MustCompile(`^\s*(\d{1,3})(?:[.,]0+)?\s*%\s*$`)

const (
	leaveOut    = "correct the cell, or match the column to nothing"
	correctCell = "correct the cell"
)

// decision reads whether the control applies.
func (t *rowTaker) decision() {
	applicable, said := t.text(Applicable)
	if said {
		t.said.Applicability = map[string]string{"yes": "applicable", "no": "not_applicable", "undecided": "undecided"}[yesOrNo(applicable)]
		if t.said.Applicability == "" {
			t.refuse(Applicable, "correct the cell: yes or no, in any of the usual languages", "%q does not say whether the control applies", heading.Clip(applicable, longest))
		}
	}
	excluded, said := t.text(Excluded)
	if !said {
		return
	}
	out, known := map[string]string{"yes": "not_applicable", "no": "applicable", "undecided": "undecided"}[yesOrNo(excluded)]
	switch {
	case !known:
		t.refuse(Excluded, "correct the cell: yes or no", "%q does not say whether the control is excluded", heading.Clip(excluded, longest))
	case t.said.Applicability != "" && t.said.Applicability != out:
		t.refuse(Excluded, correctCell, "the row says both that the control applies and that it is excluded")
	default:
		t.said.Applicability = out
	}
}

// reasons reads the reasons from one column, from marks, or from both.
func (t *rowTaker) reasons() {
	var found []string
	if text, said := t.text(Reasons); said {
		listed, more := reasonsIn(text)
		switch no := yesOrNo(text) == "no"; {
		case len(listed) == 0 && !no:
			t.refuse(Reasons, "write risk assessment, legal, contractual, business requirement or good practice; or match the column to Justification", "no reason is named by %q", heading.Clip(text, longest))
		case more && !no:
			t.note("its reasons were taken from %q", heading.Clip(text, longest))
		}
		found = listed
	}
	for _, field := range Fields() {
		reason := flags[field]
		if reason == "" {
			continue
		}
		if text, said := t.text(field); said && t.marked(field, text) {
			found = append(found, reason)
		}
	}
	for _, reason := range reasonOrder {
		for _, has := range found {
			if has == reason {
				t.said.Reasons = append(t.said.Reasons, reason)
				break
			}
		}
	}
}

// marked reads a mark for one reason. Words in such a column are a mark too:
// people write which law it is. What says no is none.
func (t *rowTaker) marked(field Field, text string) bool {
	switch yesOrNo(text) {
	case "no":
		return false
	case "":
		if heading.Plain(text) == "" {
			return false
		}
		if len([]rune(text)) > 3 {
			t.note("%q counts as a mark for %s and is kept nowhere", heading.Clip(text, longest), field)
		}
	}
	return true
}

// inferred decides where no column says whether a control applies: it does where
// a reason is marked, and does not where only a justification for exclusion is.
func (t *rowTaker) inferred() {
	switch {
	case t.has(Applicable) || t.has(Excluded):
	case len(t.said.Reasons) > 0:
		t.said.Applicability = "applicable"
	case t.said.Exclusion != "" && t.said.Inclusion == "":
		t.said.Applicability = "not_applicable"
	}
}

func (t *rowTaker) words() {
	t.said.Justification = t.long(Justification)
	t.said.Inclusion = t.long(Inclusion)
	t.said.Exclusion = t.long(Exclusion)
	t.said.How = t.long(How)
	t.said.Remarks = t.long(Remarks)
	for _, text := range []*string{&t.said.Inclusion, &t.said.Exclusion} {
		if p := heading.Plain(*text); p == "" || p == "n a" || p == "na" { // a dash in the other of two columns
			*text = ""
		}
	}
}

func (t *rowTaker) long(f Field) string {
	text, _ := t.text(f)
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// implementation reads how far the control is; a cell of our own export names
// state, unit and date.
func (t *rowTaker) implementation() {
	text, said := t.text(Implementation)
	if !said || heading.Plain(text) == "" {
		return
	}
	t.declared = nil
	for line := range strings.SplitSeq(text, "\n") {
		if d, ok := t.ofUnit(line); ok {
			t.declared = append(t.declared, d)
		}
	}
	if lines := strings.Count(strings.TrimSpace(text), "\n") + 1; len(t.declared) > 0 && len(t.declared) == lines {
		t.said.Implementation = t.declared[0].State
		return
	}
	t.declared = nil
	switch word := implementationWord(text); word {
	case "":
		t.refuse(Implementation, leaveOut+"; the states are not started, planned, partly and implemented", "%q is no state of implementation", heading.Clip(text, longest))
	case "nothing":
		t.said.LeftOut = yesOrNo(text) == "no"
	default:
		t.said.Implementation = word
	}
}

// ofUnit reads "Partly implemented, Whole organisation, planned by 2099-01-01".
func (t *rowTaker) ofUnit(line string) (d Declared, ok bool) {
	parts := strings.Split(strings.TrimSpace(line), ", ")
	if len(parts) < 2 {
		return d, false
	}
	if d.State = implementationWord(parts[0]); d.State == "" || d.State == "nothing" {
		return d, false
	}
	last := parts[len(parts)-1]
	if date, planned := strings.CutPrefix(last, "planned by "); planned {
		if _, err := sextant.ParseAsOf(date); err != nil {
			return d, false
		}
		d.PlannedOn, parts = date, parts[:len(parts)-1]
	}
	d.Unit, ok = t.ground.Units[heading.Plain(strings.Join(parts[1:], ", "))]
	return d, ok
}

func (t *rowTaker) planned() {
	column, matched := t.m.Of(Planned)
	if !matched {
		return
	}
	c, present := t.cell(column.At)
	if !present || c.Blank() || yesOrNo(c.Text) == "no" || implementationWord(c.Text) == "implemented" || heading.Plain(c.Text) == "" {
		return
	}
	day, err := t.file.book.Day(c)
	if err != nil {
		t.refuseErr(Planned, err)
		return
	}
	t.said.PlannedOn = day
}

// owner finds the person. In a sheet of 2013 a name that is not known here is
// kept as it stands: the person who confirms chooses.
func (t *rowTaker) owner() {
	text, said := t.text(Owner)
	if t.said.OwnerText = strings.TrimSpace(text); !said || heading.Plain(text) == "" {
		return
	}
	t.said.Owner = t.ground.People.Find(text)
	if t.said.Owner == "" && t.m.Edition == Edition2022 {
		t.refuse(Owner, t.ground.near(text)+"make the person an entry first, or match the column to nothing", "no person here is called %q", heading.Clip(text, longest))
	}
}

func (t *rowTaker) unit() {
	text, said := t.text(Unit)
	if !said || heading.Plain(text) == "" {
		return
	}
	if t.said.Unit = t.ground.Units.Find(text); t.said.Unit == "" && t.m.Edition == Edition2022 {
		t.refuse(Unit, "make the unit an entry first, or match the column to nothing", "no unit here is called %q", heading.Clip(text, longest))
	}
}

// Declared is how far a control is in one unit, as our own export writes it.
type Declared struct{ State, Unit, PlannedOn string }

// Row is a row that was understood.
type Row struct {
	migration.Said
	Reference string     // of the control: iso27001:2022/A.5.1
	Declared  []Declared // where the cell names units
	LeftOut   bool       // its state says that it does not apply, as assessments do
}
