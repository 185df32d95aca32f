// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/interchange/batch"
	"sextant/interchange/monarc"
	"sextant/register"
)

// severalImport are the flags of an import into several registers.
type severalImport struct {
	batch.Options
	yes, rows bool
}

func (i *severalImport) flags(c *cobra.Command) {
	c.Flags().BoolVar(&i.yes, "yes", false, "write it; without, only what it would do is shown")
	c.Flags().BoolVar(&i.Without, "accept-refused", false, "write the other rows although some are refused")
	c.Flags().BoolVar(&i.rows, "rows", false, "show each row's fate, not only the refused ones")
	c.Flags().StringVar(&i.Reason, "reason", "", "kept with every version")
}

// bringSeveral runs an import into several registers and prints what became of
// its rows.
func (p *program) bringSeveral(ctx context.Context, i severalImport, counts any, fn func(*batch.Batch) error) error {
	actor, err := p.opened(ctx)
	if err != nil {
		return err
	}
	i.Dry = !i.yes
	report, err := batch.Bring(ctx, p.kernel, actor, i.Options, fn)
	if err != nil {
		return err
	}
	if err := p.printSeveral(report, i, counts); err != nil {
		return err
	}
	if report.Count(register.Refused) > 0 && !report.Written {
		return errFindings
	}
	return nil
}

func (p *program) printSeveral(report batch.Report, i severalImport, counts any) error {
	if p.json {
		return p.printJSON(struct {
			batch.Report
			Counts any `json:"counts,omitempty"`
		}{report, counts})
	}
	var rows, fates [][]string
	for _, part := range report.Parts {
		n := part.Counts
		rows = append(rows, []string{part.Register, fmt.Sprint(n[register.Created]), fmt.Sprint(n[register.Updated]), fmt.Sprint(n[register.Unchanged]), fmt.Sprint(n[register.Refused])})
		for _, o := range part.Outcomes {
			what := o.Title
			if o.Refusal != nil {
				what = said(o)
			}
			if i.rows || o.Refusal != nil {
				fates = append(fates, []string{part.Register, fmt.Sprint(o.Row), o.Key, string(o.Fate), what})
			}
		}
	}
	if len(fates) > 0 {
		if err := p.table([]string{"REGISTER", "ROW", "KEY", "FATE", ""}, fates); err != nil {
			return err
		}
	}
	if err := p.table([]string{"REGISTER", "CREATED", "UPDATED", "UNCHANGED", "REFUSED"}, rows); err != nil {
		return err
	}
	for _, note := range report.Notes {
		fmt.Fprintln(p.stdout, "note: "+note)
	}
	switch {
	case report.Written:
		fmt.Fprintf(p.stdout, "Written (batch %s).\n", report.Batch)
	case !i.yes:
		fmt.Fprintln(p.stdout, "Nothing was written. Run it again with --yes.")
	default:
		fmt.Fprintln(p.stderr, "Nothing was written: rows are refused. Mend them, or go on without them by --accept-refused.")
	}
	return nil
}

// said is why a row is refused, with what it is about.
func said(o register.Outcome) string {
	why := o.Refusal.Error()
	if o.Title == "" || strings.Contains(why, o.Title) {
		return why
	}
	return o.Title + ": " + why
}

func (p *program) importMospCommand() *cobra.Command {
	var i severalImport
	var o monarc.Options
	var language string
	c := &cobra.Command{Use: "mosp PATH…", Short: "Take over threats and vulnerabilities of MOSP (JSON)", Args: cobra.MinimumNArgs(1),
		Long: "Takes over objects of MONARC's sharing platform: files of one object each, lists, or answers of its API, and folders of such files. Threats and vulnerabilities become entries that keep their id, language and licence; triples say which threat uses which vulnerability of which kind of asset.\n\n" +
			"Each object is in one language, and a run takes one. Shows first what would come in; writes with --yes.",
		Example: "  sextant import mosp threats/ vulnerabilities/ risks/ assets/ --language DE --licence CC0-1.0 --yes",
		RunE: func(c *cobra.Command, args []string) error {
			files, err := p.readObjects(args)
			if err != nil {
				return err
			}
			objects, err := monarc.ReadObjects(files, language)
			if err != nil {
				return err
			}
			i.File = filepath.Base(args[0])
			return p.bringSeveral(c.Context(), i, nil, func(b *batch.Batch) error { return objects.Objects(b, o) })
		}}
	i.flags(c)
	c.Flags().StringVar(&language, "language", "", "two letters, such as DE; English if none")
	catalogueFlags(c, &o, "MOSP")
	return c
}

func catalogueFlags(c *cobra.Command, o *monarc.Options, name string) {
	c.Flags().StringVar(&o.Catalogue, "catalogue", name, "the name kept with what comes in")
	c.Flags().StringVar(&o.Licence, "licence", "", "licence of what states none, such as CC0-1.0")
	c.Flags().BoolVar(&o.Scenarios, "scenarios", false, "make a scenario of every triple of asset, threat and vulnerability")
}

// most files and bytes of objects in one run.
const (
	mostObjectFiles = 20_000
	mostObjectBytes = 256 << 20
)

func (p *program) readObjects(paths []string) (files []monarc.File, err error) {
	size := 0
	for _, path := range paths {
		names, err := p.shell.Find(path, ".json")
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, sextant.Errorf(sextant.Invalid, "there is no .json file in %s", path)
		}
		for _, name := range names {
			data, err := p.readLimited(name, monarc.MaxBytes)
			if err != nil {
				return nil, err
			}
			if size += len(data); size > mostObjectBytes || len(files) == mostObjectFiles {
				return nil, sextant.Errorf(sextant.TooLarge, "these are more than %d files or %d MiB", mostObjectFiles, mostObjectBytes>>20).WithHint("import one folder at a time")
			}
			files = append(files, monarc.File{Name: name, Data: data})
		}
	}
	return files, nil
}

func (p *program) importMonarcCommand() *cobra.Command {
	var i severalImport
	var o monarc.Options
	var language string
	c := &cobra.Command{Use: "monarc FILE", Short: "Take over a risk analysis of MONARC (JSON)", Args: cobra.ExactArgs(1),
		Long: "Takes over an analysis exported by MONARC as JSON without a password: its knowledge base, its assets and what stands on what, its risks with what was judged there as text, its recommendations as drafts of treatments, and its scales as a draft of risk criteria.\n\n" +
			"Risks are evaluated only where the criteria in force are those of the analysis; the report says so. Imported again, it brings up to date what came before. Shows first what would come in; writes with --yes.",
		RunE: func(c *cobra.Command, args []string) error {
			data, err := p.readLimited(args[0], monarc.MaxBytes)
			if err != nil {
				return err
			}
			a, err := monarc.Read(filepath.Base(args[0]), data, language)
			if err != nil {
				return err
			}
			i.File = filepath.Base(args[0])
			if !p.json {
				if err := p.printAnalysis(a); err != nil {
					return err
				}
			}
			return p.bringSeveral(c.Context(), i, a.Counts(), func(b *batch.Batch) error { return a.Bring(b, o) })
		}}
	i.flags(c)
	c.Flags().StringVar(&language, "language", "", "EN, FR, DE or NL, for analyses that have several; English if none")
	catalogueFlags(c, &o, "MONARC")
	c.Flags().StringVar(&o.System, "system", "", "key of the management system; the only one if none")
	c.Flags().StringVar(&o.Unit, "unit", "", "key of the scope unit assets and risks belong to; the only one if none")
	c.Flags().StringVar(&o.Owner, "owner", "", "key of the person who owns risks and treatments where the analysis names nobody known here")
	c.Flags().StringVar(&o.Due, "due", "", "day for recommendations that have none; in a year if none")
	return c
}

func (p *program) printAnalysis(a *monarc.Analysis) error {
	n := a.Counts()
	fmt.Fprintf(p.stdout, "Analysis of MONARC %s, in %s\n", a.Version, a.Language)
	return p.table([]string{"WHAT", "COUNT"}, [][]string{{"assets", fmt.Sprint(n.Instances)}, {"kinds of asset", fmt.Sprint(n.AssetTypes)}, {"threats", fmt.Sprint(n.Threats)}, {"vulnerabilities", fmt.Sprint(n.Vulnerabilities)},
		{"triples", fmt.Sprint(n.Triples)}, {"information risks", fmt.Sprint(n.InformationRisks)}, {"of them judged", fmt.Sprint(n.Rated)}, {"operational risks", fmt.Sprint(n.OperationalRisks)}, {"recommendations", fmt.Sprint(n.Recommendations)}})
}
