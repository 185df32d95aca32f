// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
	"sextant/register"
	"sextant/risk"
)

// signing is what the command was asked for.
type signing struct {
	signer
	risk.Terms
	each  map[string]string // reasons by key
	write bool
}

// decision is one thing to sign, as printed.
type decision struct {
	Kind     string `json:"kind"`
	Key      string `json:"key"`
	Title    string `json:"title"`
	Level    string `json:"level,omitempty"`
	Current  string `json:"current,omitempty"` // at worst
	Appetite string `json:"appetite,omitempty"`
	Asked    bool   `json:"asked"`
	Latest   string `json:"latest,omitempty"` // it is accepted no longer than that
	Record   string `json:"record,omitempty"` // the acceptance, or the treatment, that was signed
	Why      string `json:"why,omitempty"`    // it is left out
	Hint     string `json:"hint,omitempty"`
}

// decided is what --json prints.
type decided struct {
	Written bool       `json:"written"`
	Signed  []decision `json:"signed"` // or could be, where nothing was written
	Left    []decision `json:"left_out"`
}

func (p *program) signRisksCommand() *cobra.Command {
	s := signing{}
	c := &cobra.Command{Use: "sign [KEY…]", Short: "Accept residual risks and approve treatment plans as their risk owner, several at once",
		Long: "Without --yes it lists what can be signed, at which level, and what not and why. With --yes it signs the risks and treatments that are named. " +
			"Each becomes a record of its own; what may not be signed is left out as a whole and named, and the exit code is 1 then.\n\n" +
			"What was asked for is accepted in the words it was asked in. Everything else needs --reason, or a reason of its own by --each, and --until.",
		Example: "  sextant risk sign --as priya@example.org --json\n  sextant risk sign RSK-3 RSK-7 TRT-2 --as priya@example.org --reason 'Within appetite.' --until 2027-06-30 --each 'RSK-7=Insured since May.' --yes --json",
		RunE: func(c *cobra.Command, args []string) error {
			return p.signed(c.Context(), s.signer, func(actor access.Actor) error { return p.signRisks(c.Context(), actor, args, s) })
		}}
	s.flags(c)
	c.Flags().StringVar(&s.Reason, "reason", "", "why they are accepted")
	c.Flags().StringToStringVar(&s.each, "each", nil, "KEY=reason of its own; repeat for more")
	c.Flags().StringVar(&s.Conditions, "conditions", "", "that they are accepted under")
	c.Flags().StringVar(&s.ValidUntil, "until", "", "date they are accepted until")
	c.Flags().BoolVar(&s.write, "yes", false, "sign; without it nothing is written")
	return c
}

func (p *program) signRisks(ctx context.Context, actor access.Actor, keys []string, s signing) error {
	for _, key := range slices.Sorted(maps.Keys(s.each)) {
		if !slices.Contains(keys, key) {
			return sextant.Errorf(sextant.Invalid, "there is a reason for %s, which is not among those to sign", key).At("each")
		}
	}
	out := decided{Written: s.write, Signed: []decision{}, Left: []decision{}}
	var err error
	if s.write {
		err = p.signThese(ctx, actor, keys, s, &out)
	} else {
		err = p.kernel.Read(ctx, actor, 0, func(v *register.View) error { return out.look(v, keys) })
	}
	if err != nil {
		return err
	}
	if err := p.printDecided(out); err != nil {
		return err
	}
	if len(out.Left) > 0 && (s.write || len(keys) > 0) {
		return errFindings
	}
	return nil
}

func (p *program) signThese(ctx context.Context, actor access.Actor, keys []string, s signing, out *decided) error {
	if len(keys) == 0 {
		return sextant.Errorf(sextant.Invalid, "nothing is named to sign").WithHint("name the keys; without --yes the command lists them")
	}
	picks := make([]risk.Pick, len(keys))
	for i, key := range keys {
		picks[i] = risk.Pick{Key: key, Reason: s.each[key]}
	}
	signed, err := risk.Sign(ctx, p.kernel, actor, picks, s.Terms)
	for _, one := range signed {
		out.add(one.Decision, one.Record)
	}
	return err
}

// look lists what could be signed, of the named ones where any is named.
func (out *decided) look(v *register.View, keys []string) error {
	list, err := risk.Decisions(v, v.Actor().Person)
	if err != nil {
		return err
	}
	for _, d := range list {
		if len(keys) == 0 || slices.Contains(keys, d.Key) {
			out.add(d, "")
		}
	}
	for _, key := range keys {
		if slices.ContainsFunc(list, func(d risk.Decision) bool { return d.Key == key }) {
			continue
		}
		d, err := risk.NotToSign(v, key)
		if err != nil {
			return err
		}
		out.add(d, "")
	}
	return nil
}

func (out *decided) add(d risk.Decision, record string) {
	row := decision{Kind: d.Kind, Key: d.Key, Title: d.Title, Asked: d.IsAsked(), Latest: d.Latest, Record: record}
	if d.Yardstick != nil {
		row.Level = d.Yardstick.LevelName(d.Level)
	}
	if d.Kind == risk.OfResidual && len(d.Risks) > 0 {
		f := d.Risks[0].Fields
		row.Appetite = f.Appetite
		if f.CurrentLevel != nil && d.Yardstick != nil {
			row.Current = d.Yardstick.LevelName(int(*f.CurrentLevel))
		}
	}
	if d.Refusal == nil {
		out.Signed = append(out.Signed, row)
		return
	}
	row.Why, row.Hint = d.Refusal.Message, d.Refusal.Hint
	out.Left = append(out.Left, row)
}

func (p *program) printDecided(out decided) error {
	if p.json {
		return p.printJSON(out)
	}
	head := "These can be signed:"
	if out.Written {
		head = "Signed:"
	}
	if len(out.Signed) > 0 {
		fmt.Fprintln(p.stdout, head)
		var rows [][]string
		for _, d := range out.Signed {
			rows = append(rows, []string{d.Key, d.Record, d.Level, d.Current, d.Latest, d.Title})
		}
		if err := p.table([]string{"KEY", "RECORD", "LEVEL", "CURRENT", "UNTIL AT MOST", "TITLE"}, rows); err != nil {
			return err
		}
	}
	if len(out.Left) > 0 {
		fmt.Fprintln(p.stdout, "Left out:")
		for _, d := range out.Left {
			fmt.Fprintf(p.stdout, "  %s %s: %s\n", d.Key, d.Title, strings.TrimSuffix(d.Why+" ("+d.Hint+")", " ()"))
		}
	}
	if len(out.Signed)+len(out.Left) == 0 {
		fmt.Fprintln(p.stdout, "Nothing waits for this person, and they own no open risk that is not accepted.")
	}
	return nil
}
