// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/monitor"
	"sextant/register"
)

// checkRow is what a check says, as printed.
type checkRow struct {
	Check    string         `json:"check"`
	Title    string         `json:"title"`
	Severity check.Severity `json:"severity"`
	State    string         `json:"outcome"`
	Reason   string         `json:"reason"`
	Counts   check.Counts   `json:"counts"`
	Since    string         `json:"fails_since,omitempty"`
	Failing  []failing      `json:"failing,omitempty"`
}

type failing struct {
	Resource string `json:"resource"`
	Status   string `json:"status"`
	Reason   string `json:"reason"`
}

func (p *program) checkRows(ctx context.Context, asOf string, args []string) (rows []checkRow, err error) {
	err = p.look(ctx, asOf, func(v *register.View, r evidence.Reader) error {
		outcomes, err := r.Outcomes(v.At())
		if err != nil {
			return err
		}
		checks, err := p.way.Checks(v)
		if err != nil {
			return err
		}
		for _, c := range checks {
			if !matchesCheck(c.ID, args) {
				continue
			}
			row, err := rowOf(v, r, c, outcomes)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err == nil && len(rows) == 0 {
		err = sextant.Errorf(sextant.NotFound, "there is no check %q", args[0])
	}
	return rows, err
}

func rowOf(v *register.View, r evidence.Reader, c *check.Compiled, outcomes []evidence.Outcome) (checkRow, error) {
	row := checkRow{Check: c.ID, Title: c.Title, Severity: c.Severity, State: "not_run"}
	i := slices.IndexFunc(outcomes, func(o evidence.Outcome) bool { return o.Check == c.ID })
	if i < 0 {
		return row, nil
	}
	var body monitor.Body
	if err := json.Unmarshal(outcomes[i].Body, &body); err != nil {
		return row, err
	}
	row.State, row.Reason, row.Counts, row.Since = control.State(outcomes[i].State).String(), body.Reason, body.Counts, outcomes[i].Since.String()
	results, err := r.Results(c.ID, v.At(), 1000, int(check.Fail), int(check.Error))
	if err != nil {
		return row, err
	}
	for _, result := range results {
		thing, err := r.Thing(result.Resource)
		if err != nil {
			return row, err
		}
		row.Failing = append(row.Failing, failing{thing.Key, check.Status(result.Status).String(), result.Reason})
	}
	return row, nil
}

// look reads registers and machine data at one moment.
func (p *program) look(ctx context.Context, asOf string, fn func(*register.View, evidence.Reader) error) error {
	var at sextant.Instant
	if asOf != "" {
		var err error
		if at, err = sextant.ParseAsOf(asOf); err != nil {
			return err
		}
	}
	actor, err := p.openedOrNew(ctx)
	if err != nil {
		return err
	}
	return p.kernel.Read(ctx, actor, at, func(v *register.View) error {
		r, err := evidence.On(v)
		if err != nil {
			return err
		}
		return fn(v, r)
	})
}

func (p *program) statusCommand() *cobra.Command {
	var asOf, theme, attribute string
	c := &cobra.Command{Use: "status [CONTROL]", Short: "What the evidence shows of each control, and why", Args: cobra.MaximumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
		var nodes []*control.Node
		if err := p.look(c.Context(), asOf, func(v *register.View, r evidence.Reader) (err error) {
			nodes, err = monitor.Status(v, r)
			return err
		}); err != nil {
			return err
		}
		nodes = slices.DeleteFunc(nodes, func(n *control.Node) bool { return !wanted(n, args, theme, attribute) })
		if len(nodes) == 0 {
			return sextant.Errorf(sextant.Invalid, "no control is meant by that").WithHint("write A.8.13, --theme technological, or --attribute with a value such as preventive")
		}
		if p.json {
			return p.printJSON(nodes)
		}
		if len(args) == 1 {
			printTree(p.stdout, nodes[0], 0)
			return nil
		}
		return p.printStatus(nodes)
	}}
	c.Flags().StringVar(&asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	c.Flags().StringVar(&theme, "theme", "", "organizational, people, physical or technological")
	c.Flags().StringVar(&attribute, "attribute", "", "controls with this attribute value")
	return c
}

func wanted(n *control.Node, args []string, theme, attribute string) bool {
	id := strings.TrimPrefix(n.ID, "control:")
	c, _ := framework.ControlByID(id)
	if len(args) == 1 && args[0] != id {
		return false
	}
	if theme != "" && !strings.EqualFold(string(c.Theme), theme) {
		return false
	}
	return attribute == "" || slices.ContainsFunc(attributeValues(c), func(v string) bool { return strings.EqualFold(strings.TrimPrefix(v, "#"), attribute) })
}

// attributeValues gives all values of the five attributes of a control.
func attributeValues(c framework.Control) []string {
	data, err := json.Marshal(c)
	if err != nil {
		return nil
	}
	var fields map[string]any
	if json.Unmarshal(data, &fields) != nil {
		return nil
	}
	var values []string
	for _, field := range fields {
		if list, ok := field.([]any); ok {
			for _, item := range list {
				values = append(values, fmt.Sprint(item))
			}
		}
	}
	return values
}

func (p *program) printStatus(nodes []*control.Node) error {
	counts := map[control.State]int{}
	var rows [][]string
	for _, n := range nodes {
		counts[n.State]++
		passed, lines := n.Lines()
		rows = append(rows, []string{strings.TrimPrefix(n.ID, "control:"), n.Title, n.State.Label(), fmt.Sprintf("%d of %d", passed, lines), n.Reason})
	}
	if err := p.table([]string{"CONTROL", "TITLE", "EVIDENCE", "LINES", "WHY"}, rows); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "\npassing evidence: %d of %d controls", counts[control.Pass], len(nodes))
	for _, state := range control.WorstFirst {
		if counts[state] > 0 {
			fmt.Fprintf(p.stdout, " · %s %d", state.Label(), counts[state])
		}
	}
	fmt.Fprintln(p.stdout)
	return nil
}

func printTree(w io.Writer, n *control.Node, depth int) {
	fmt.Fprintf(w, "%s%-14s %s", strings.Repeat("  ", depth), n.State.Label(), n.Title)
	if n.Reason != "" {
		fmt.Fprintf(w, " — %s", n.Reason)
	}
	fmt.Fprintln(w)
	for _, child := range n.Children {
		printTree(w, child, depth+1)
	}
}
