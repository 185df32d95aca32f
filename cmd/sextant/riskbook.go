// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"path/filepath"
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
	var o riskbook.Options
	var matches []string
	c := &cobra.Command{Use: "risks FILE", Short: "Bring a whole risk register in, or one of another tool (XLSX, CSV)", Args: cobra.ExactArgs(1),
		Long: "Reads the workbook that sextant risk workbook writes, with its worksheets and columns in any order: risks, evaluations, treatments. Acceptances are not read: people sign. Or a sheet or CSV with risks of another tool, whose headers are known in eight languages or given by --map.\n\n" +
			"Shows first what would become of each row; writes with --yes.",
		Example: "  sextant import risks register.xlsx --yes\n  sextant import risks old.csv --map 'Was kann passieren=title' --map 'Spalte X=' --unit SU-1",
		RunE: func(c *cobra.Command, args []string) error {
			given, err := matched(matches)
			if err != nil {
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
	c.Flags().StringArrayVar(&matches, "map", nil, "'header=field' for a header that is not known; no field to leave the column out; repeat for more")
	c.Flags().StringVar(&o.Unit, "unit", "", "key of the scope unit of risks that name none, such as SU-1")
	c.Flags().StringVar(&o.Owner, "owner", "", "key of the risk owner of risks that name none, such as PER-1")
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
