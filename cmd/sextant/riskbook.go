// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/batch"
	"sextant/interchange/riskbook"
	"sextant/register"
	"sextant/risk"
)

func (p *program) importRisksCommand() *cobra.Command {
	var i severalImport
	o := riskbook.Options{Levels: map[riskbook.Said]int{}}
	var matches, levels []string
	c := &cobra.Command{Use: "risks FILE", Short: "Bring a whole risk register in, or one of another tool (XLSX, CSV)", Args: cobra.ExactArgs(1),
		Long: "Reads the workbook that sextant risk workbook writes, with its worksheets and columns in any order: risks, evaluations, treatments. Acceptances are not read: people sign. Or a sheet or CSV with risks of another tool, whose headers are known in eight languages or given by --map.\n\n" +
			"Likelihood and consequence of another tool become evaluations by the criteria in force, read by the number or the name of a level; a value that is no level is refused, unless --level says which one it stands for. Scores and products stay as text. A treatment option or plan becomes a draft of a treatment.\n\n" +
			"Shows first what would become of each row; writes with --yes.",
		Example: "  sextant import risks register.xlsx --yes\n  sextant import risks old.csv --map 'Was kann passieren=title' --map 'Spalte X=' --unit SU-1\n  sextant import risks old.csv --map 'Score=residual.score' --level 'likelihood:Probable=4' --consequence-type legal",
		RunE: func(c *cobra.Command, args []string) error {
			given, err := matched(matches)
			if err != nil {
				return err
			}
			if err := meant(o.Levels, levels); err != nil {
				return err
			}
			data, err := p.readLimited(args[0], riskbook.MaxBytes)
			if err != nil {
				return err
			}
			if _, err := p.opened(c.Context()); err != nil {
				return err
			}
			book, err := riskbook.Read(p.kernel.Set(), data, given)
			if err != nil {
				return err
			}
			i.File = filepath.Base(args[0])
			return p.bringSeveral(c.Context(), i, nil, func(b *batch.Batch) error { return book.Bring(b, o) })
		}}
	i.flags(c)
	c.Flags().StringArrayVar(&matches, "map", nil, "'header=field' for a header that is not known or mistaken; no field to leave the column out; repeat for more")
	c.Flags().StringArrayVar(&levels, "level", nil, "'likelihood:value=number' or 'consequence:value=number' for a value that is no level by its number or name; repeat for more")
	c.Flags().StringVar(&o.Consequence, "consequence-type", "", "what a column of consequences without a type is about, such as legal; the properties each risk touches if none")
	c.Flags().StringVar(&o.Due, "due", "", "day for treatments that have none; in a year if none")
	c.Flags().StringVar(&o.System, "system", "", "key of the management system of risks that name none; the only one if none")
	c.Flags().StringVar(&o.Unit, "unit", "", "key of the scope unit of risks that name none, such as SU-1")
	c.Flags().StringVar(&o.Owner, "owner", "", "key of the risk owner of risks that name none, or nobody who is here, such as PER-1")
	return c
}

func matched(list []string) (map[string]string, error) {
	given := map[string]string{}
	for _, m := range list {
		at := strings.LastIndexByte(m, '=')
		if at < 1 {
			return nil, sextant.Errorf(sextant.Invalid, "--map %q is not of the form 'header=field'", m)
		}
		given[m[:at]] = m[at+1:]
	}
	return given, nil
}

// meant reads which levels values stand for.
func meant(levels map[riskbook.Said]int, list []string) error {
	for _, text := range list {
		measure, rest, _ := strings.Cut(text, ":")
		at := strings.LastIndexByte(rest, '=')
		if (measure != riskbook.Likelihood && measure != riskbook.Consequence) || at < 1 {
			return sextant.Errorf(sextant.Invalid, "--level %q is not of the form 'likelihood:value=number' or 'consequence:value=number'", text)
		}
		n, err := strconv.Atoi(rest[at+1:])
		if err != nil || n < 1 {
			return sextant.Errorf(sextant.Invalid, "--level %q names no level by its number", text)
		}
		levels[riskbook.Meant(measure, rest[:at])] = n
	}
	return nil
}

func (p *program) riskBookCommand() *cobra.Command {
	var out, asOf string
	c := &cobra.Command{Use: "workbook", Short: "Write risks, evaluations, treatments and acceptances as one workbook (XLSX)", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		if out == "" {
			return sextant.Errorf(sextant.Invalid, "say where to write it").WithHint("name a file: --output risks.xlsx")
		}
		return p.writeFile(out, func(w io.Writer) error {
			return p.look(c.Context(), asOf, func(v *register.View, _ evidence.Reader) error {
				if err := access.May(v.Actor(), access.Export, access.Subject{Register: risk.Risks.Name}, v.Now()); err != nil {
					return err
				}
				return riskbook.Write(w, v)
			})
		})
	}}
	c.Flags().StringVarP(&out, "output", "o", "", "file to write")
	c.Flags().StringVar(&asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	return c
}
