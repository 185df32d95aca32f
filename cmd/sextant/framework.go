// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sextant/crosswalk"
	"sextant/evidence"
	"sextant/framework"
	"sextant/product"
	"sextant/register"
)

// frameworkRow is one framework of the list.
type frameworkRow struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Subject  string `json:"subject"`
	Asking   int    `json:"requirements"`
	Licence  string `json:"licence,omitempty"`
	Imported bool   `json:"imported,omitempty"`
}

// requirementRow is one requirement with what is known of it.
type requirementRow struct {
	ID        string             `json:"id"`
	Reference string             `json:"reference"`
	Title     string             `json:"title,omitempty"`
	Asks      string             `json:"asks,omitempty"`
	State     string             `json:"state"`
	Own       bool               `json:"own_evidence"`
	Coverage  framework.Coverage `json:"coverage"`
	Contested bool               `json:"contested,omitempty"`
	Paths     []pathRow          `json:"paths,omitempty"`
}

// pathRow is one way an inference took.
type pathRow struct {
	State    string             `json:"state"`
	Coverage framework.Coverage `json:"coverage"`
	Hops     []hopRow           `json:"hops"`
}

type hopRow struct {
	From    string             `json:"from"`
	Kind    framework.Relation `json:"kind"`
	To      string             `json:"to"`
	Set     string             `json:"mapping"`
	Licence string             `json:"licence"`
}

func (p *program) frameworkCommand() *cobra.Command {
	var asOf string
	list := &cobra.Command{Use: "list", Short: "The standards on board and what mappings lead to", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		var rows []frameworkRow
		if err := p.look(c.Context(), asOf, func(v *register.View, _ evidence.Reader) error {
			trees, err := product.Frameworks().Trees(v)
			for _, t := range trees {
				rows = append(rows, frameworkRow{t.ID, t.Title, t.Subject, t.Asking, t.Licence, t.Imported})
			}
			return err
		}); err != nil {
			return err
		}
		return p.printFrameworks(rows)
	}}
	show := &cobra.Command{Use: "show ID", Short: "What one framework asks, and what the evidence shows of it", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		var rows []requirementRow
		if err := p.look(c.Context(), asOf, func(v *register.View, r evidence.Reader) error {
			board := product.Frameworks()
			t, err := board.Tree(v, args[0])
			if err != nil {
				return err
			}
			states, err := board.At(v, r)
			if err == nil {
				rows = requirementRows(rows, t.Nodes, states)
			}
			return err
		}); err != nil {
			return err
		}
		return p.printRequirements(rows)
	}}
	c := &cobra.Command{Use: "framework", Short: "Frameworks: what they ask, and what the evidence shows of them"}
	for _, sub := range []*cobra.Command{list, show} {
		sub.Flags().StringVar(&asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
		c.AddCommand(sub)
	}
	return c
}

func (p *program) printFrameworks(rows []frameworkRow) error {
	if p.json {
		return p.printJSON(rows)
	}
	var table [][]string
	for _, r := range rows {
		table = append(table, []string{r.ID, r.Title, r.Subject, fmt.Sprint(r.Asking), r.Licence})
	}
	return p.table([]string{"ID", "FRAMEWORK", "SUBJECT", "REQUIREMENTS", "LICENCE OF THE MAPPING"}, table)
}

func requirementRows(rows []requirementRow, nodes []framework.Node, states *crosswalk.States) []requirementRow {
	for _, n := range nodes {
		if n.Asks {
			rows = append(rows, requirementOf(n, states.Of(n.Point())))
		}
		rows = requirementRows(rows, n.Children, states)
	}
	return rows
}

func requirementOf(n framework.Node, x crosswalk.Inferred) requirementRow {
	row := requirementRow{ID: n.ID, Reference: n.Reference, Title: n.Title, Asks: n.Text, State: x.State.String(), Own: x.Own, Coverage: x.Coverage, Contested: x.Contested}
	for _, way := range x.Paths {
		path := pathRow{State: way.State.String(), Coverage: way.Coverage}
		for _, h := range way.Hops {
			path.Hops = append(path.Hops, hopRow{h.From, h.Kind, h.To, h.Set.ID, h.Set.Licence})
		}
		row.Paths = append(row.Paths, path)
	}
	return row
}

func (p *program) printRequirements(rows []requirementRow) error {
	if p.json {
		return p.printJSON(rows)
	}
	var table [][]string
	for _, r := range rows {
		title, state := r.Title, r.State
		if title == "" {
			title = r.Asks
		}
		table = append(table, []string{r.ID, title, strings.ReplaceAll(state, "_", " "), knownBy(r)})
	}
	return p.table([]string{"NUMBER", "REQUIREMENT", "EVIDENCE", "BY"}, table)
}

// knownBy says in a few words by what a requirement stands as it does.
func knownBy(r requirementRow) string {
	switch {
	case r.Own:
		return "own evidence"
	case len(r.Paths) == 0:
		return ""
	}
	var hops []string
	for _, h := range r.Paths[0].Hops {
		hops = append(hops, framework.IDOf(h.From)+" ("+string(h.Kind)+")")
	}
	text := strings.Join(hops, " > ")
	if more := len(r.Paths) - 1; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}
