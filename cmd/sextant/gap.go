// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/evidence"
	"sextant/gap"
	"sextant/interchange/gapreport"
	"sextant/interchange/table"
	"sextant/register"
)

// gapRow is a campaign as printed.
type gapRow struct {
	Key      string         `json:"key"`
	Title    string         `json:"title"`
	State    string         `json:"state"`
	Due      string         `json:"due_on"`
	All      int            `json:"questions"`
	Open     int            `json:"open"`
	Proposed int            `json:"proposed"`
	Answers  map[string]int `json:"answers"`
}

func (p *program) gapCommand() *cobra.Command {
	c := &cobra.Command{Use: "gap", Short: "Gap analyses: where the organisation stands, and what is missing"}
	asOf := c.PersistentFlags().String("as-of", "", "read a past moment, RFC 3339 or a date")
	c.AddCommand(
		&cobra.Command{Use: "list", Short: "All campaigns", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return p.gapList(c.Context(), *asOf) }},
		&cobra.Command{Use: "show CAMPAIGN", Short: "Every question of a campaign with its answer", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error { return p.gapShow(c.Context(), *asOf, args[0]) }},
		&cobra.Command{Use: "result CAMPAIGN", Short: "Readiness by clause, theme and attribute", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error { return p.gapResult(c.Context(), *asOf, args[0]) }},
		&cobra.Command{Use: "diff EARLIER LATER", Short: "What stands otherwise, and why", Args: cobra.ExactArgs(2), RunE: func(c *cobra.Command, args []string) error { return p.gapDiff(c.Context(), *asOf, args[0], args[1]) }},
		p.gapExport(asOf))
	return c
}

func (p *program) gapList(ctx context.Context, asOf string) error {
	list := []gapRow{}
	if err := p.look(ctx, asOf, func(v *register.View, _ evidence.Reader) error {
		all, err := gap.Campaigns.All(v)
		for _, c := range all {
			rows, err := gap.Rows(v, c.Key)
			if err != nil {
				return err
			}
			t := gap.TallyOf(rows)
			list = append(list, gapRow{c.Key, c.Title(), c.State, c.Fields.DueOn, t.All, t.Open, t.Proposed, t.By})
		}
		return err
	}); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(list)
	}
	var rows [][]string
	for _, r := range list {
		rows = append(rows, []string{r.Key, r.Title, r.State, r.Due, fmt.Sprintf("%d of %d", r.All-r.Open, r.All), strconv.Itoa(r.Proposed)})
	}
	return p.table([]string{"KEY", "CAMPAIGN", "STATE", "DUE", "ANSWERED", "PROPOSED"}, rows)
}

// answerRow is an answer as printed.
type answerRow struct {
	Key         string `json:"key"`
	Reference   string `json:"reference"`
	Title       string `json:"title"`
	Unit        string `json:"unit"`
	State       string `json:"state"`
	Answer      string `json:"answer"`
	Proposed    string `json:"proposed,omitempty"`
	Maturity    *int   `json:"maturity"`
	Observation string `json:"observation,omitempty"`
}

func (p *program) gapShow(ctx context.Context, asOf, key string) error {
	list := []answerRow{}
	if err := p.look(ctx, asOf, func(v *register.View, _ evidence.Reader) error {
		rows, err := gap.Rows(v, key)
		for _, a := range rows {
			list = append(list, answerRow{a.Key, a.Fields.Reference, a.Title(), v.TitleOf("scope_unit", a.Fields.ScopeUnit), a.State, a.Fields.Answer, a.Fields.Proposed, whole(a.Fields.Maturity), a.Fields.Observation})
		}
		return err
	}); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(list)
	}
	var rows [][]string
	for _, a := range list {
		level := ""
		if a.Maturity != nil {
			level = strconv.Itoa(*a.Maturity)
		}
		rows = append(rows, []string{a.Key, a.Title, a.Unit, a.State, gap.Label("answer", a.Answer), level, gap.Label("proposed", a.Proposed)})
	}
	return p.table([]string{"KEY", "QUESTION", "UNIT", "STATE", "ANSWER", "MATURITY", "PROPOSED"}, rows)
}

func whole(level *float64) *int {
	if level == nil {
		return nil
	}
	n := int(*level)
	return &n
}

// groupRow counts the rows of one clause, theme or attribute value.
type groupRow struct {
	By       string         `json:"by"`
	Name     string         `json:"name"`
	Met      int            `json:"met"`
	Asked    int            `json:"asked"`
	Open     int            `json:"open"`
	Proposed int            `json:"proposed"`
	Answers  map[string]int `json:"answers"`
	Middle   *int           `json:"middle_maturity"`
}

func groupRows(r gap.Result) []groupRow {
	list := []groupRow{}
	add := func(by string, groups []gap.Group) {
		for _, g := range groups {
			row := groupRow{By: by, Name: g.Name, Open: g.Tally.Open, Proposed: g.Tally.Proposed, Answers: g.Tally.By}
			row.Met, row.Asked = g.Tally.Ready()
			if level, ok := g.Tally.Median(); ok {
				row.Middle = &level
			}
			list = append(list, row)
		}
	}
	add("clause", r.Clauses)
	add("theme", r.Themes)
	for _, by := range r.Beyond {
		add("framework", []gap.Group{{Name: by.Framework, Tally: by.Tally}})
		add("chapter", by.Groups)
	}
	for _, by := range r.Attributes {
		add(by.Name, by.Groups)
	}
	return list
}

func (p *program) gapResult(ctx context.Context, asOf, key string) error {
	var list []groupRow
	if err := p.look(ctx, asOf, func(v *register.View, _ evidence.Reader) error {
		rows, err := gap.Rows(v, key)
		list = groupRows(gap.ResultOf(rows))
		return err
	}); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(list)
	}
	var rows [][]string
	for _, g := range list {
		middle := "-"
		if g.Middle != nil {
			middle = strconv.Itoa(*g.Middle)
		}
		rows = append(rows, []string{g.By, g.Name, fmt.Sprintf("%d of %d", g.Met, g.Asked), strconv.Itoa(g.Open), strconv.Itoa(g.Proposed), middle})
	}
	return p.table([]string{"BY", "VALUE", "MET", "OPEN", "PROPOSED", "MIDDLE MATURITY"}, rows)
}

// differenceRow is a difference as printed.
type differenceRow struct {
	Reference string      `json:"reference"`
	Unit      string      `json:"unit"`
	Before    string      `json:"before"`
	After     string      `json:"after"`
	Causes    []gap.Cause `json:"causes"`
}

func (p *program) gapDiff(ctx context.Context, asOf, earlier, later string) error {
	list := []differenceRow{}
	if err := p.look(ctx, asOf, func(v *register.View, _ evidence.Reader) error {
		before, err := gap.Rows(v, earlier)
		if err != nil {
			return err
		}
		after, err := gap.Rows(v, later)
		for _, d := range gap.Compare(before, after) {
			list = append(list, differenceRow{d.Reference, d.Unit, standsAs(d.Before), standsAs(d.After), d.Causes})
		}
		return err
	}); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(list)
	}
	var rows [][]string
	for _, d := range list {
		var causes []string
		for _, c := range d.Causes {
			causes = append(causes, string(c))
		}
		rows = append(rows, []string{d.Reference, d.Unit, cmp.Or(d.Before, "-"), cmp.Or(d.After, "-"), strings.Join(causes, ", ")})
	}
	return p.table([]string{"QUESTION", "UNIT", "BEFORE", "NOW", "CAUSE"}, rows)
}

func standsAs(a *register.Of[gap.Answer]) string {
	if a == nil {
		return ""
	}
	answer, level := gap.Stands(*a)
	if level < 0 {
		return answer
	}
	return answer + " " + strconv.Itoa(level)
}

func (p *program) gapExport(asOf *string) *cobra.Command {
	var format, out string
	c := &cobra.Command{Use: "export CAMPAIGN", Short: "The report of a campaign as PDF, or its answers as a sheet", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		write := func(w io.Writer) error {
			return p.look(c.Context(), *asOf, func(v *register.View, _ evidence.Reader) error { return exportGap(w, v, args[0], format) })
		}
		if out == "" || out == "-" {
			return write(p.stdout)
		}
		return p.writeFile(out, write)
	}}
	c.Flags().StringVar(&format, "format", "pdf", "pdf, xlsx, csv or json")
	c.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output if none")
	return c
}

func exportGap(w io.Writer, v *register.View, key, format string) error {
	c, err := gap.Campaigns.Get(v, key)
	if err != nil {
		return err
	}
	if format == "pdf" {
		return gapreport.Write(w, v, c)
	}
	f, err := table.ParseFormat(format)
	if err != nil {
		return sextant.Errorf(sextant.Invalid, "%q is none of pdf, xlsx, csv and json", format).At("format")
	}
	return gapreport.Sheet(w, v, c, f)
}
