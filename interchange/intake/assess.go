// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"fmt"
	"strings"

	"sextant/access"
	"sextant/control"
	"sextant/gap"
	"sextant/interchange/heading"
	"sextant/migration"
	"sextant/register"
)

// Assess lays what an earlier assessment says beside the questions of a running
// campaign in one unit, or shows with dry what would become of each row. Sheets on
// the 2013 edition go by way of package migration: where predecessors do not
// agree nothing is proposed. It answers nothing. Rows that could not be read are in
// the report.
func Assess(ctx context.Context, k *register.Kernel, actor access.Actor, campaign, unit string, r Result, o Options, dry bool) (report register.Report, err error) {
	run := k.Write
	if dry {
		run = k.Rehearse
	}
	err = run(ctx, actor, func(tx *register.Tx) (err error) {
		report, err = gap.Offer(tx, campaign, unit, r.offers(o), register.Note{Why: "import of " + o.File})
		return err
	})
	return Complete(report, r), err
}

// offers gives what the sheet says of each control of 2022.
func (r Result) offers(o Options) (list []gap.Offered) {
	sheet := r.ForMigration(o)
	for i, row := range r.Rows {
		if row.LeftOut && row.Applicability == "" {
			sheet.Said[i].Applicability = "not_applicable"
		}
	}
	if r.Edition == Edition2013 {
		for _, c := range sheet.Carried() {
			list = append(list, offered(c.Control, c.Applicability, c.Implementation, c.Old))
		}
		return list
	}
	for i, row := range r.Rows {
		list = append(list, offered(row.Reference, sheet.Said[i].Applicability, row.Implementation, []migration.Old{sheet.As(sheet.Said[i])}))
	}
	return list
}

// answers are what an old assessment comes down to. A plan is no answer: what is
// planned is not met.
var answers = map[string]string{"implemented": gap.Met, "partly": gap.Partly, "planned": gap.NotMet, "not_started": gap.NotMet}

func offered(reference, applicability, implementation string, old []migration.Old) gap.Offered {
	o := gap.Offered{Row: int(old[0].Row), Reference: reference, Proposed: answers[implementation]}
	if applicability == "not_applicable" {
		o.Proposed = gap.NotApplicable
	}
	for _, said := range old {
		o.Facts = append(o.Facts, gap.Fact{Source: "assessment", From: said.Control, Says: saysOf(said)})
	}
	return o
}

// saysOf is what a row of an old assessment says, and where.
func saysOf(old migration.Old) string {
	var parts []string
	for _, field := range []struct{ key, value string }{{"applicability", old.Applicability}, {"implementation", old.Implementation}} {
		f, _ := migration.Proposals.Field(field.key)
		if field.value != "" && field.value != "applicable" {
			parts = append(parts, f.ValueLabel(field.value))
		}
	}
	for _, text := range []string{old.Justification, old.How, old.Remarks} {
		if text = strings.Join(strings.Fields(text), " "); text != "" {
			parts = append(parts, heading.Clip(text, longestSaid))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "Nothing more than that it is there")
	}
	return fmt.Sprintf("%s: %s (%s, row %d)", old.Control, strings.Join(parts, ". "), old.File, int(old.Row))
}

// longestSaid is how much of each text of an old row a fact repeats, in
// characters.
const longestSaid = 240

// GroundFor is what the assessment of a campaign is read against: the controls of
// both editions and the rows in use.
func GroundFor(tx register.Reader) (Ground, error) {
	g := Annexes()
	rows, err := control.InUse(tx)
	for _, c := range rows {
		g.Controls[Edition2022][c.ID] = Named{c.Reference().String(), c.Title}
	}
	return g, err
}
