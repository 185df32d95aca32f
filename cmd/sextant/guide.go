// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/framework"
)

func (p *program) guideCommand() *cobra.Command {
	return &cobra.Command{Use: "guide [ID]", Short: "What a clause or control asks, how to do it and what shows it", Args: cobra.MaximumNArgs(1), RunE: func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return p.printGuided()
		}
		g, ok := framework.GuidanceFor(args[0])
		if c, row := framework.ControlByID(args[0]); !ok && row {
			return p.printRow(c)
		}
		if !ok {
			return sextant.Errorf(sextant.NotFound, "there is no guidance on %.40q", args[0]).WithHint("name a clause such as 6.1.3 or a control such as A.8.13")
		}
		if p.json {
			return p.printJSON(g)
		}
		printGuidance(p.stdout, g)
		return nil
	}}
}

// printRow prints what there is on a row beside Annex A: one sentence, its short
// plan, and what it stands beside.
func (p *program) printRow(c framework.Control) error {
	plan, _ := framework.PlanFor(c.ID)
	if p.json {
		return p.printJSON(map[string]any{"id": c.ID, "reference": c.Reference().String(), "title": c.Title, "asks": c.Asks, "roles": c.Roles, "related": c.Related, "plan": plan.Lines, "uncertain": c.Uncertain})
	}
	s, _ := framework.StandardByID(c.Standard)
	fmt.Fprintf(p.stdout, "%s  %s\n\n", c.ID, c.Title)
	paragraph(p.stdout, "", c.Asks)
	paragraph(p.stdout, "", s.Title+", "+c.Section+".")
	if c.Uncertain != "" {
		paragraph(p.stdout, "", c.Uncertain)
	}
	var lines, related []string
	for _, l := range plan.Lines {
		lines = append(lines, l.ID+": "+l.Shows+" "+l.Evidence)
	}
	for _, id := range c.Related {
		related = append(related, id+" "+titleOf(id))
	}
	bullets(p.stdout, "What shows it", lines)
	if len(related) > 0 {
		bullets(p.stdout, "Stands beside", related)
	}
	return nil
}

func (p *program) printGuided() error {
	ids := framework.Guided()
	if p.json {
		return p.printJSON(ids)
	}
	var rows [][]string
	for _, id := range ids {
		g, _ := framework.GuidanceFor(id)
		rows = append(rows, []string{id, titleOf(id), g.Owner})
	}
	return p.table([]string{"ID", "TITLE", "TYPICAL OWNER"}, rows)
}

// titleOf names a clause or a control.
func titleOf(id string) string {
	if c, ok := framework.ControlByID(id); ok {
		return c.Title
	}
	c, _ := framework.ClauseByID(id)
	return c.Title
}

func printGuidance(w io.Writer, g framework.Guidance) {
	fmt.Fprintf(w, "%s  %s\n\n", g.ID, titleOf(g.ID))
	paragraph(w, "", g.Purpose)
	heading(w, "What is asked")
	paragraph(w, "", g.Asked)
	printItems(w, g)
	printSteps(w, g.Steps)
	printSought(w, g.Evidence)
	bullets(w, "Questions", g.Interview)
	bullets(w, "What auditors find", g.Findings)
	bullets(w, "Maturity (our scale; part of no state)", g.Maturity)
	var papers []string
	for _, d := range g.Documents {
		papers = append(papers, d.Name+" ("+strings.ReplaceAll(string(d.Grade), "_", " ")+")")
	}
	bullets(w, "Documented information", papers)
	bullets(w, "Typical owner", []string{g.Owner})
	bullets(w, "Related", relations(g.Related))
}

// printItems explains the requirement items of a clause, in its order.
func printItems(w io.Writer, g framework.Guidance) {
	c, _ := framework.ClauseByID(g.ID)
	for _, r := range c.Requirements {
		paragraph(w, "  ", r.ID+": "+g.Requirements[r.ID])
	}
}

func printSteps(w io.Writer, steps []framework.Step) {
	heading(w, "How to do it")
	for i, s := range steps {
		paragraph(w, "", fmt.Sprintf("%d. %s", i+1, s.Do))
		paragraph(w, "   ", s.How)
		if s.Small != "" {
			paragraph(w, "   ", "Small company: "+s.Small)
		}
		if s.Large != "" {
			paragraph(w, "   ", "Large company: "+s.Large)
		}
	}
}

func printSought(w io.Writer, evidence []framework.Sought) {
	heading(w, "What shows it")
	for _, s := range evidence {
		shows := s.For
		if l, ok := framework.LineByID(s.Line); ok {
			shows = l.ID + ": " + l.Shows
		}
		paragraph(w, "", "- "+shows)
		paragraph(w, "  ", "good: "+s.Good)
		paragraph(w, "  ", "weak: "+s.Weak)
	}
}

func relations(r framework.Related) []string {
	var lines []string
	for _, id := range slices.Concat(r.Clauses, r.Controls) {
		lines = append(lines, id+" "+titleOf(id))
	}
	for _, id := range r.Threats {
		t, _ := framework.ThreatByID(id)
		lines = append(lines, id+" "+t.Name+" (threat)")
	}
	return lines
}

func heading(w io.Writer, text string) { fmt.Fprintf(w, "\n%s\n", text) }

func bullets(w io.Writer, title string, texts []string) {
	heading(w, title)
	for _, text := range texts {
		paragraph(w, "", "- "+text)
	}
}

// paragraph wraps a text at 96 characters, which fits a terminal beside a log.
func paragraph(w io.Writer, indent, text string) {
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line) > len(indent) && len([]rune(line))+1+len([]rune(word)) > 96 {
			fmt.Fprintln(w, line)
			line = indent
		}
		if len(line) > len(indent) {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(w, line)
}
