// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/evidence"
	"sextant/interchange/sarif"
	"sextant/lint"
	"sextant/product"
	"sextant/register"
)

func (p *program) lintCommand() *cobra.Command {
	var asOf, rule, severity, system, format string
	var since bool
	c := &cobra.Command{Use: "lint", Short: "What an auditor would raise; exit 1 if there is something", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		if format != "text" && format != "sarif" {
			return sextant.Errorf(sextant.Invalid, "there is no format %q", format).WithHint("write text or sarif; --json prints JSON")
		}
		rules, err := chosen(rule, severity)
		if err != nil {
			return err
		}
		var verdicts []lint.Verdict
		if err := p.look(c.Context(), asOf, func(v *register.View, r evidence.Reader) (err error) {
			look := lint.Look{View: v, Evidence: r, Subject: system}
			if verdicts, err = lint.Run(look, product.Rules(), rules); err != nil || rule == "" && !since {
				return err
			}
			verdicts, err = lint.DateAll(look, product.Rules(), verdicts, time.Time{})
			return err
		}); err != nil {
			return err
		}
		if err := p.printLint(verdicts, format); err != nil {
			return err
		}
		if slices.ContainsFunc(verdicts, func(v lint.Verdict) bool { return v.Outcome() == lint.Found }) {
			return errFindings
		}
		return nil
	}}
	c.Flags().StringVar(&rule, "rule", "", "one rule, by its id; its findings are followed back to when they began")
	c.Flags().BoolVar(&since, "since", false, "follow every finding back to when it began, which takes longer")
	c.Flags().StringVar(&severity, "severity", "", "major, minor or observation: this one and what is graver")
	c.Flags().StringVar(&system, "system", "", "key of the management system, such as MS-1; all if none")
	c.Flags().StringVar(&asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	c.Flags().StringVar(&format, "format", "text", "text, or sarif for code review tools")
	return c
}

// chosen gives the rules that are asked.
func chosen(id, severity string) ([]lint.Rule, error) {
	if id != "" {
		r, known := lint.Named(id)
		if !known {
			return nil, sextant.Errorf(sextant.Invalid, "there is no rule %q", id).WithHint("sextant lint --json lists them all")
		}
		return []lint.Rule{r}, nil
	}
	if severity != "" && !slices.Contains(lint.Severities(), lint.Severity(severity)) {
		return nil, sextant.Errorf(sextant.Invalid, "there is no severity %q", severity).WithHint("write major, minor or observation")
	}
	return slices.DeleteFunc(lint.Rules(), func(r lint.Rule) bool {
		return severity != "" && !r.Severity.AtLeast(lint.Severity(severity))
	}), nil
}

func (p *program) printLint(verdicts []lint.Verdict, format string) error {
	switch {
	case format == "sarif":
		return sarif.Write(p.stdout, version, verdicts)
	case p.json:
		return p.printJSON(verdicts)
	}
	for _, v := range verdicts {
		printVerdict(p.stdout, v)
	}
	counts := map[lint.Outcome]int{}
	found := 0
	for _, v := range verdicts {
		counts[v.Outcome()]++
		found += len(v.Findings)
	}
	fmt.Fprintf(p.stdout, "%d findings by %d rules · waived only %d · cannot tell %d · clean %d\n", found, counts[lint.Found], counts[lint.Excused], counts[lint.Unknown], counts[lint.Clean])
	return nil
}

// printVerdict prints a rule that found something, or had something waived.
func printVerdict(w io.Writer, v lint.Verdict) {
	if len(v.Findings)+len(v.Waived) == 0 {
		return
	}
	fmt.Fprintf(w, "%-11s %s — %s (%s)\n", v.Rule.Severity, v.Rule.ID, v.Rule.Title, strings.Join(append(slices.Clone(v.Rule.Clauses), v.Rule.Controls...), ", "))
	if v.Changed != nil {
		fmt.Fprintf(w, "            asked here with other numbers (%s): %s\n", v.Changed.Setting, v.Changed.Reason)
	}
	for _, f := range v.Findings {
		since := ""
		if f.Since != 0 {
			since = ", since " + f.Since.Time().Format(time.DateOnly)
		}
		fmt.Fprintf(w, "            %s  %s%s\n", strings.Join(f.Entries, " "), f.Facts, since)
	}
	for _, f := range v.Waived {
		fmt.Fprintf(w, "            %s  waived until %s by %s: %s\n", strings.Join(f.Entries, " "), f.Until, f.Exception, f.Facts)
	}
	fmt.Fprintf(w, "            fix: %s\n", v.Rule.Fix)
}
