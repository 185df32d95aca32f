// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/framework"
	"sextant/risk/quantity"
)

func (p *program) riskCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "risk", Short: "Signing, reports of risks, previews of criteria, and computing with ranges"}
	cmd.AddCommand(p.simulateCommand())
	cmd.AddCommand(p.criteriaCommand())
	cmd.AddCommand(p.reportCommands()...)
	cmd.AddCommand(p.riskBookCommand())
	cmd.AddCommand(p.whatIfCommand())
	cmd.AddCommand(p.signRisksCommand())
	return cmd
}

// portfolio is the file that is simulated.
type portfolio struct {
	Currency   string               `yaml:"currency"`
	Scenarios  []quantity.Scenario  `yaml:"scenarios"`
	Treatments []quantity.Treatment `yaml:"treatments"`
}

// simulated is what --json prints.
type simulated struct {
	quantity.Result
	Currency  string            `json:"currency,omitempty"`
	Quantiles []quantile        `json:"quantiles"`
	Curve     []quantity.Point  `json:"curve"`
	Effects   []quantity.Effect `json:"effects,omitempty"`
}

type quantile struct {
	Share     float64         `json:"share"`
	Loss      quantity.Amount `json:"loss"`
	Shortfall float64         `json:"shortfall"`
}

const riskExample = `currency: EUR
scenarios:
  - id: lost laptop
    frequency: {shape: lognormal, low: 1, high: 6}          # p5 and p95, times a year
    loss: {shape: triangular, low: 800, mode: 1500, high: 9000}
treatments:
  - {id: disk encryption, scenario: lost laptop, cost: 2000, loss: {shape: triangular, low: 600, mode: 900, high: 2000}}`

func (p *program) simulateCommand() *cobra.Command {
	settings := quantity.Settings{}
	cmd := &cobra.Command{Use: "simulate FILE", Short: "Annual loss of scenarios by Monte Carlo, and what treatments would save", Example: riskExample, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			const most = 4 << 20
			data, err := p.readLimited(args[0], most)
			if err != nil {
				return err
			}
			var file portfolio
			if err := framework.Decode(args[0], data, &file); err != nil {
				return err
			}
			out, err := simulateFile(cmd.Context(), file, settings)
			if err != nil {
				return err
			}
			if p.json {
				return p.printJSON(out)
			}
			return p.printSimulated(out)
		}}
	cmd.Flags().IntVar(&settings.Trials, "trials", 100_000, "years that are played")
	cmd.Flags().Uint64Var(&settings.Seed, "seed", 1, "equal seeds give equal results")
	return cmd
}

func simulateFile(ctx context.Context, file portfolio, settings quantity.Settings) (out simulated, err error) {
	out.Currency = file.Currency
	if out.Result, err = quantity.Simulate(ctx, file.Scenarios, settings); err != nil {
		return out, err
	}
	for _, share := range []float64{0.5, 0.9, 0.95, 0.99} {
		out.Quantiles = append(out.Quantiles, quantile{share, out.Quantile(share), out.Result.Shortfall(share)})
	}
	out.Curve = out.Result.Curve(40)
	for _, t := range file.Treatments {
		if t.ID == "" {
			return out, sextant.Errorf(sextant.Invalid, "a treatment has no id").At("treatments")
		}
		e, err := quantity.Try(ctx, file.Scenarios, out.Result, t)
		if err != nil {
			return out, err
		}
		out.Effects = append(out.Effects, e)
	}
	return out, nil
}

func (p *program) printSimulated(s simulated) error {
	currency := ""
	if s.Currency != "" {
		currency = " in " + s.Currency
	}
	fmt.Fprintf(p.stdout, "Annual loss%s: %s on average (chance moves this by about %s), %d years played with seed %d\n\n",
		currency, amount(s.Mean), amount(2*s.MeanError), s.Settings.Trials, s.Settings.Seed)
	var rows [][]string
	for _, q := range s.Quantiles {
		rows = append(rows, []string{share(q.Share), amount(q.Loss.Value), amount(q.Loss.From) + " to " + amount(q.Loss.To), amount(q.Shortfall)})
	}
	if err := p.table([]string{"OF THE YEARS", "LOSE AT MOST", "95 % BAND", "THE OTHERS LOSE ON AVERAGE"}, rows); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout)
	rows = nil
	for _, c := range s.Scenarios {
		rows = append(rows, []string{c.ID, amount(c.Mean), amount(c.Expected), share(c.Share), share(c.Drives), share(c.Happens)})
	}
	if err := p.table([]string{"SCENARIO", "A YEAR", "CLOSED FORM", "OF THE MEAN", "OF THE SPREAD", "HAPPENS IN"}, rows); err != nil {
		return err
	}
	return p.printEffects(s.Effects)
}

func (p *program) printEffects(effects []quantity.Effect) error {
	if len(effects) == 0 {
		return nil
	}
	fmt.Fprintln(p.stdout)
	var rows [][]string
	for _, e := range effects {
		rows = append(rows, []string{e.ID, amount(e.Cost), amount(e.Saves), amount(e.Tail), fmt.Sprintf("%+.0f %%", 100*e.Returns)})
	}
	return p.table([]string{"TREATMENT", "COSTS A YEAR", "SAVES A YEAR", "SAVES IN THE WORST OF 20", "RETURN"}, rows)
}

// amount writes a whole number with spaces between thousands.
func amount(v float64) string {
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	sign, digits := digits[:len(digits)-len(strings.TrimPrefix(digits, "-"))], strings.TrimPrefix(digits, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + " " + digits[i:]
	}
	return sign + digits
}

func share(v float64) string { return strconv.FormatFloat(100*v, 'f', 1, 64) + " %" }
