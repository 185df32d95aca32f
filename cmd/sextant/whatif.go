// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/evidence"
	"sextant/framework"
	"sextant/product"
	"sextant/register"
	"sextant/risk"
	"sextant/supposition"
)

// supposed are the words a supposition is named by.
var supposed = map[string]risk.SupposedKind{"control": risk.ControlFails, "source": risk.SourceLost, "treatment": risk.TreatmentDone}

func (p *program) whatIfCommand() *cobra.Command {
	var asOf string
	c := &cobra.Command{Use: "what-if [control|source|treatment KEY]", Short: "What would follow if a control failed, a source was lost, a treatment was done", Args: cobra.MatchAll(cobra.MaximumNArgs(2), func(_ *cobra.Command, args []string) error {
		if len(args) == 1 {
			return sextant.Errorf(sextant.Invalid, "%q of which key?", args[0]).WithHint("name what is supposed: sextant risk what-if control A.8.13")
		}
		return nil
	}),
		Long:    "Reckons from the judgements, signatures and evidence of a moment, and writes nothing. Without a supposition it lists the controls that risks rest on, those that hold most first.",
		Example: "  sextant risk what-if\n  sextant risk what-if control A.8.13\n  sextant risk what-if source SRC-1 --json",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.printSupports(c.Context(), asOf)
			}
			kind, known := supposed[args[0]]
			if !known {
				return sextant.Errorf(sextant.Invalid, "%q is nothing that can be supposed", args[0]).WithHint("say control, source or treatment")
			}
			of := args[1]
			if kind == risk.ControlFails {
				of = framework.ReferenceOf(of)
			}
			return p.printWhatIf(c.Context(), asOf, risk.Supposition{Kind: kind, Of: of})
		}}
	c.Flags().StringVar(&asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	return c
}

func (p *program) printSupports(ctx context.Context, asOf string) error {
	return p.look(ctx, asOf, func(v *register.View, _ evidence.Reader) error {
		list, err := risk.Supports(v)
		if err != nil {
			return err
		}
		if p.json {
			return p.printJSON(list)
		}
		var rows [][]string
		for _, s := range list {
			rows = append(rows, []string{s.Title, s.State.String(), strconv.Itoa(len(s.Rises)), strconv.Itoa(s.Above), strconv.Itoa(s.Breaks)})
		}
		return p.table([]string{"CONTROL", "EVIDENCE", "RISKS RISE", "NEWLY ABOVE APPETITE", "ACCEPTANCES BREAK"}, rows)
	})
}

func (p *program) printWhatIf(ctx context.Context, asOf string, s risk.Supposition) error {
	return p.look(ctx, asOf, func(v *register.View, m evidence.Reader) error {
		o, err := supposition.Suppose(v, m, product.Frameworks(), s)
		if err != nil {
			return err
		}
		if p.json {
			return p.printJSON(o)
		}
		fmt.Fprintf(p.stdout, "%s: %s and %s would stand otherwise\n", o.Title, count(len(o.Risks), "risk"), count(len(o.Controls), "control"))
		var risks, controls, rows, points [][]string
		for _, r := range o.Risks {
			risks = append(risks, []string{r.Risk, r.Title, r.Before.Name, r.After.Name, r.Breaks})
		}
		for _, c := range o.Controls {
			controls = append(controls, []string{framework.IDOf(c.Control), c.Title, c.Before.String(), c.After.String()})
		}
		for _, r := range o.Statement {
			rows = append(rows, []string{r.ID, r.Title, r.Of, rowWords[r.Says]})
		}
		for _, f := range o.Requirements {
			points = append(points, []string{f.Title, strconv.Itoa(len(f.Points))})
		}
		shown := "SHOWN OTHERWISE"
		if s.Kind == risk.TreatmentDone {
			shown += " ONCE ITS EVIDENCE PASSES"
		}
		for _, t := range []struct {
			head []string
			rows [][]string
		}{{[]string{"RISK", "", "NOW", "THEN", "BREAKS"}, risks}, {[]string{"CONTROL", "", "NOW", "THEN"}, controls}, {[]string{"ROW", "", "STATEMENT OF", "SAYS"}, rows}, {[]string{"REQUIREMENTS OF", shown}, points}} {
			if len(t.rows) == 0 {
				continue
			}
			fmt.Fprintln(p.stdout)
			if err := p.table(t.head, t.rows); err != nil {
				return err
			}
		}
		return nil
	})
}

// rowWords are what a row of the statement would say.
var rowWords = map[supposition.Saying]string{supposition.TooMuch: "implemented, without evidence that passes", supposition.TooLittle: "not implemented yet", supposition.LeftOut: "left out, or nothing decided"}

// count says how many there are of something.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
