// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/evidence"
	"sextant/interchange/statement"
	"sextant/lint"
	"sextant/organisation"
	"sextant/register"
	"sextant/soa"
)

// soaFlags are what every command about a statement takes.
type soaFlags struct{ system, asOf string }

func (p *program) soaCommand() *cobra.Command {
	c := &cobra.Command{Use: "soa", Short: "Statement of Applicability and its versions"}
	flags := &soaFlags{}
	c.PersistentFlags().StringVar(&flags.system, "system", "", "key of the management system, such as MS-1; the first one if none")
	for _, sub := range []*cobra.Command{p.soaList(flags), p.soaShow(flags), p.soaDraft(flags), p.soaReview(flags), p.soaDiff(flags), p.soaExport(flags), p.soaPropose(flags), p.soaTake(flags), p.soaDecline(flags)} {
		c.AddCommand(sub)
	}
	return c
}

func (f *soaFlags) past(c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&f.asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	return c
}

// systemOf gives the management system that is meant.
func systemOf(v register.Reader, key string) (string, error) {
	if key != "" {
		_, err := organisation.ManagementSystems.Get(v, key)
		return key, err
	}
	all, err := organisation.ManagementSystems.All(v)
	if err == nil && len(all) == 0 {
		err = sextant.Errorf(sextant.NotFound, "there is no management system yet").WithHint("make one: sextant apply, or the page Management systems")
	}
	if err != nil {
		return "", err
	}
	return all[0].Key, nil
}

// versionRow is a version of the statement, as printed.
type versionRow struct {
	Version  int    `json:"version"`
	Key      string `json:"key"`
	State    string `json:"state"`
	AsOf     string `json:"as_of,omitempty"`
	Author   string `json:"author"`
	Reviewer string `json:"reviewer,omitempty"`
	Approver string `json:"approver,omitempty"`
	Approved string `json:"approved,omitempty"`
	Change   string `json:"change_summary"`
}

func (p *program) soaList(flags *soaFlags) *cobra.Command {
	return flags.past(&cobra.Command{Use: "list", Short: "The versions of the statement, the newest first", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		rows := []versionRow{}
		if err := p.look(c.Context(), flags.asOf, func(v *register.View, _ evidence.Reader) error {
			system, err := systemOf(v, flags.system)
			if err != nil {
				return err
			}
			list, err := soa.EditionsOf(v, system)
			for _, e := range list {
				f := e.Fields
				rows = append(rows, versionRow{f.No(), e.Key, e.State, f.StatusAsOf, v.TitleOf("person", f.Author), title(v, f.Reviewer), title(v, f.Approver), f.ApprovedAt, f.ChangeSummary})
			}
			return err
		}); err != nil {
			return err
		}
		if p.json {
			return p.printJSON(rows)
		}
		var table [][]string
		for _, r := range rows {
			table = append(table, []string{strconv.Itoa(r.Version), r.Key, r.State, r.Author, r.Reviewer, r.Approver, day(r.Approved), r.Change})
		}
		return p.table([]string{"VERSION", "KEY", "STATE", "AUTHOR", "REVIEWER", "APPROVER", "APPROVED", "WHAT CHANGED"}, table)
	}})
}

func title(v *register.View, person string) string {
	if person == "" {
		return ""
	}
	return v.TitleOf("person", person)
}

func day(moment string) string {
	date, _, _ := strings.Cut(moment, "T")
	return date
}

// stated gives the statement of a version as it was captured, of what stands
// where version is "" or draft.
func (p *program) stated(ctx context.Context, flags *soaFlags, version string) (c soa.Captured, err error) {
	err = p.look(ctx, flags.asOf, func(v *register.View, r evidence.Reader) error {
		system, err := systemOf(v, flags.system)
		if err != nil {
			return err
		}
		c, err = statement.Stated(v, r, p.kernel.Blobs(), system, version)
		return err
	})
	return c, err
}

func (p *program) soaShow(flags *soaFlags) *cobra.Command {
	return flags.past(&cobra.Command{Use: "show [VERSION]", Short: "What a version of the statement says, control by control; without one what stands", Args: cobra.MaximumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
		captured, err := p.stated(c.Context(), flags, strings.Join(args, ""))
		if err != nil {
			return err
		}
		if p.json {
			return p.printJSON(captured)
		}
		var rows [][]string
		for _, r := range captured.Rows {
			state := ""
			if r.Evidence != nil {
				state = r.Evidence.Label
			}
			rows = append(rows, []string{r.ID, r.Title, r.Applicability.Label(), strings.Join(r.Reasons, ", "), r.Implementation, state, r.Justification})
		}
		if err := p.table([]string{"CONTROL", "TITLE", "APPLIES", "REASONS", "IMPLEMENTATION", "EVIDENCE", "JUSTIFICATION"}, rows); err != nil {
			return err
		}
		n := captured.Counts()
		fmt.Fprintf(p.stdout, "\n%d apply, %d excluded, %d undecided, as of %s\n", n.Applying, n.Out, n.Undecided, captured.At)
		return nil
	}})
}

func (p *program) soaDraft(flags *soaFlags) *cobra.Command {
	var change, author, reviewer, approver, reviewOn string
	c := &cobra.Command{Use: "draft", Short: "Begin the next version of the statement", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		actor, err := p.openedOrNew(c.Context())
		if err != nil {
			return err
		}
		return p.kernel.Write(c.Context(), actor, func(tx *register.Tx) error {
			system, err := systemOf(tx, flags.system)
			if err != nil {
				return err
			}
			e, err := tx.Create(soa.Editions.Name, map[string]any{"management_system": system, "change_summary": change, "author": author, "reviewer": reviewer, "approver": approver, "review_on": reviewOn}, register.Note{})
			if err == nil {
				fmt.Fprintf(p.stdout, "%s: %s\n", e.Key, e.Title())
			}
			return err
		})
	}}
	c.Flags().StringVar(&change, "change", "", "what changed since the version before, and why")
	c.Flags().StringVar(&author, "author", "", "key of the person who wrote it")
	c.Flags().StringVar(&reviewer, "reviewer", "", "key of the person who reviews it, not the author")
	c.Flags().StringVar(&approver, "approver", "", "key of the person of top management who signs it")
	c.Flags().StringVar(&reviewOn, "review-on", "", "the day it is reviewed next")
	return c
}

func (p *program) soaDiff(flags *soaFlags) *cobra.Command {
	return flags.past(&cobra.Command{Use: "diff VERSION [VERSION]", Short: "What changed from one version to another, in sentences; without a second one up to what stands", Args: cobra.RangeArgs(1, 2), RunE: func(c *cobra.Command, args []string) error {
		before, err := p.stated(c.Context(), flags, args[0])
		if err != nil {
			return err
		}
		after, err := p.stated(c.Context(), flags, strings.Join(args[1:], ""))
		if err != nil {
			return err
		}
		d := soa.Compare(before, after)
		if p.json {
			return p.printJSON(d)
		}
		for _, g := range soa.Groups() {
			list := d.In(g)
			if len(list) == 0 {
				continue
			}
			fmt.Fprintf(p.stdout, "%s (%d)\n", g.Label(), len(list))
			for _, s := range list {
				fmt.Fprintf(p.stdout, "  %-8s %s\n", s.ID, s.Says)
			}
		}
		fmt.Fprintf(p.stdout, "%d of %d rows differ. Evidence is not compared: it moves without a decision.\n", d.Rows, d.Of)
		return nil
	}})
}

func (p *program) soaExport(flags *soaFlags) *cobra.Command {
	var format, out, version string
	c := flags.past(&cobra.Command{Use: "export", Short: "The statement as a file; a version exactly as it was reviewed and signed", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		f, err := statement.ParseFormat(format)
		if err != nil {
			return err
		}
		write := func(w io.Writer) error {
			return p.look(c.Context(), flags.asOf, func(v *register.View, r evidence.Reader) error {
				system, err := systemOf(v, flags.system)
				if err != nil && (version != "" || flags.system != "") {
					return err
				}
				return statement.Export(w, v, r, p.kernel.Blobs(), system, version, f)
			})
		}
		if out == "" || out == "-" {
			return write(p.stdout)
		}
		return p.writeFile(out, write)
	}})
	c.Flags().StringVar(&format, "format", "xlsx", "xlsx, pdf, csv, json or oscal")
	c.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output if none")
	c.Flags().StringVar(&version, "edition", "", "number of the version; what stands if none")
	return c
}

// raisedRow is a finding about the statement, as printed.
type raisedRow struct {
	Blocks   bool   `json:"blocks"`
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	About    string `json:"about"`
	Facts    string `json:"facts"`
	Place    string `json:"place"`
}

func (p *program) soaReview(flags *soaFlags) *cobra.Command {
	return flags.past(&cobra.Command{Use: "review", Short: "What stands in the way of a review, and what else an auditor would ask; the reviewer signs on the page", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		rows := []raisedRow{}
		var blockers int
		if err := p.look(c.Context(), flags.asOf, func(v *register.View, r evidence.Reader) error {
			system, err := systemOf(v, flags.system)
			if err != nil {
				return err
			}
			raised, err := soa.RaisedIn(v, r, system)
			blockers = soa.Count(raised.Blockers)
			rows = append(raisedRows(raised.Blockers, true), raisedRows(raised.Warnings, false)...)
			return err
		}); err != nil {
			return err
		}
		if p.json {
			if err := p.printJSON(rows); err != nil {
				return err
			}
		} else if err := p.printRaised(rows, blockers); err != nil {
			return err
		}
		if blockers > 0 {
			return errFindings
		}
		return nil
	}})
}

func raisedRows(verdicts []lint.Verdict, blocks bool) []raisedRow {
	rows := []raisedRow{}
	for _, v := range verdicts {
		for _, f := range v.Findings {
			rows = append(rows, raisedRow{blocks, v.Rule.ID, string(v.Rule.Severity), soa.About(f), f.Facts, f.Place})
		}
	}
	return rows
}

func (p *program) printRaised(rows []raisedRow, blockers int) error {
	var table [][]string
	for _, r := range rows {
		word := "warns"
		if r.Blocks {
			word = "blocks"
		}
		table = append(table, []string{word, r.Rule, r.Severity, r.About, r.Facts})
	}
	if err := p.table([]string{"", "RULE", "SEVERITY", "ABOUT", "FOUND"}, table); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "\n%d in the way of a review, %d warnings\n", blockers, len(rows)-blockers)
	return nil
}
