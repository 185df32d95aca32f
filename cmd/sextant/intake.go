// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
	"sextant/framework"
	"sextant/interchange/intake"
	"sextant/migration"
	"sextant/organisation"
	"sextant/register"
)

// soaImport is one import of a Statement of Applicability made elsewhere.
type soaImport struct {
	edition, system, sheet string
	header                 int
	matches                []string
	intake.Options
	write bool
}

func (p *program) importSoaCommand() *cobra.Command {
	var i soaImport
	c := &cobra.Command{Use: "soa FILE", Short: "Bring a Statement of Applicability made elsewhere into the statement", Args: cobra.ExactArgs(1),
		Long: "Reads a Statement of Applicability in XLSX or CSV: finds the header, proposes what each column means, and shows what becomes of each row. With --yes the rows that are not refused are written, together or not at all.\n\n" +
			"A sheet on the 2013 edition becomes proposals for the rows of 2022; a person confirms them.",
		Example: "  sextant import soa soa.xlsx\n  sextant import soa old.csv --edition 2013 --map 'Zuständig=owner' --map 'Spalte F=' --reason risk_assessment --yes",
		RunE:    func(c *cobra.Command, args []string) error { return p.importSoa(c.Context(), args[0], i) }}
	c.Flags().StringVar(&i.edition, "edition", "", "2013 or 2022; found out from the ids if none")
	c.Flags().StringVar(&i.system, "system", "", "key of the management system, such as MS-1; the first one if none")
	c.Flags().StringVar(&i.sheet, "sheet", "", "name of the worksheet; the one with the most controls if none")
	c.Flags().IntVar(&i.header, "header", 0, "number of the header row; found if none")
	c.Flags().StringArrayVar(&i.matches, "map", nil, "'column=field', the column by header or letter, no field to leave it out; repeat for more. Fields: "+fieldsOfSoa())
	c.Flags().StringVar(&i.Reason, "reason", "", "reason for rows that apply and name none: risk_assessment, legal, contractual, business or good_practice; if none they are refused")
	c.Flags().StringVar(&i.Unit, "unit", "", "key of the scope unit implementations are declared for, such as SU-1; if none they are left out")
	c.Flags().StringVar(&i.Owner, "owner", "", "key of the person who declares implementations where the sheet names none, such as PER-1")
	c.Flags().BoolVar(&i.write, "yes", false, "write what is not refused; without it nothing is written")
	return c
}

func fieldsOfSoa() string {
	var names []string
	for _, f := range intake.Fields() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// soaImported is what the command prints with --json.
type soaImported struct {
	File      string                   `json:"file"`
	SHA256    string                   `json:"sha256"`
	Matching  intake.Matching          `json:"matching"`
	Unmatched []string                 `json:"unmatched"`
	Notes     []string                 `json:"notes"`
	Written   bool                     `json:"written"`
	Proposals map[framework.Change]int `json:"proposals,omitempty"`
	register.Report
}

func (p *program) importSoa(ctx context.Context, path string, i soaImport) error {
	actor, err := p.opened(ctx)
	if err != nil {
		return err
	}
	data, err := p.readSheet(path)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	i.File, i.Digest, i.Content = filepath.Base(path), hex.EncodeToString(sum[:]), data
	result, err := p.takeSoa(ctx, actor, data, &i)
	if err != nil {
		return err
	}
	out := soaImported{File: i.File, SHA256: i.Digest, Matching: result.Matching, Unmatched: result.Unmatched(), Notes: result.Notes, Written: i.write}
	if result.Edition == intake.Edition2013 {
		var made migration.Report
		made, err = intake.Propose(ctx, p.kernel, actor, i.system, result, i.Options, !i.write)
		out.Report, out.Proposals = made.Report, made.Proposals
	} else {
		out.Report, err = intake.Bring(ctx, p.kernel, actor, i.system, result, i.Options, !i.write)
	}
	if err != nil {
		return err
	}
	if err := p.printSoaImported(out); err != nil {
		return err
	}
	if out.Counts[register.Refused] > 0 {
		return errFindings
	}
	return nil
}

func (p *program) readSheet(path string) ([]byte, error) {
	f, err := p.shell.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, intake.MaxBytes+1))
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%s cannot be read: %w", path, err)
	}
	return data, nil
}

// takeSoa reads the sheet as the flags say, against the organisation's own.
func (p *program) takeSoa(ctx context.Context, actor access.Actor, data []byte, i *soaImport) (result intake.Result, err error) {
	file, err := intake.Open(bytes.NewReader(data))
	if err != nil {
		return result, err
	}
	m, err := i.matching(file)
	if err != nil {
		return result, err
	}
	err = p.kernel.Read(ctx, actor, 0, func(v *register.View) error {
		if err := i.choose(v); err != nil {
			return err
		}
		ground, err := intake.GroundOf(v, i.system)
		if err == nil {
			result, err = file.Take(m, ground)
		}
		return err
	})
	return result, err
}

func (i *soaImport) matching(file *intake.File) (m intake.Matching, err error) {
	if m, err = file.Propose(); err != nil && i.sheet == "" {
		return m, err
	}
	if i.sheet != "" || i.header > 0 {
		if i.sheet == "" {
			i.sheet = m.Sheet
		}
		if m, err = file.ProposeFor(i.sheet, i.header); err != nil {
			return m, err
		}
	}
	if i.edition != "" {
		m.Edition = intake.Edition(i.edition)
	}
	for _, match := range i.matches {
		at := strings.LastIndex(match, "=")
		if at < 0 {
			return m, sextant.Errorf(sextant.Invalid, "%q matches nothing", match).At("map").WithHint("write 'column=field'")
		}
		if err := m.Match(strings.TrimSpace(match[:at]), intake.Field(strings.TrimSpace(match[at+1:]))); err != nil {
			return m, err
		}
	}
	return m, nil
}

// choose takes the first management system where none is named, and refuses
// keys that name nothing.
func (i *soaImport) choose(v *register.View) error {
	if i.system == "" {
		all, err := organisation.ManagementSystems.All(v)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return sextant.Errorf(sextant.Invalid, "there is no management system yet").WithHint("make one first: a statement belongs to one")
		}
		i.system = all[0].Key
	}
	for name, key := range map[string]string{"management_system": i.system, "scope_unit": i.Unit, "person": i.Owner} {
		if key == "" {
			continue
		}
		if _, err := v.Entry(name, key); err != nil {
			return err
		}
	}
	return intake.KnowsReason(i.Reason)
}

func (p *program) printSoaImported(out soaImported) error {
	if p.json {
		return p.printJSON(out)
	}
	m := out.Matching
	fmt.Fprintf(p.stdout, "%s: edition %s", out.File, m.Edition)
	if m.Sheet != "" {
		fmt.Fprintf(p.stdout, ", worksheet %q", m.Sheet)
	}
	fmt.Fprintf(p.stdout, ", header in row %d\n\n", m.Header)
	var columns [][]string
	for _, c := range m.Columns {
		field := string(c.Field)
		if field == "" {
			field = "not imported"
		}
		columns = append(columns, []string{c.Letter, c.Header, field, strings.Join(c.Examples, " | ")})
	}
	if err := p.table([]string{"COLUMN", "HEADER", "FIELD", "EXAMPLES"}, columns); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout)
	if err := p.printReport(out.Report, out.Notes); err != nil {
		return err
	}
	if n := out.Proposals; n != nil {
		fmt.Fprintf(p.stdout, "proposals: %d one to one, %d merged, %d new\n", n[framework.OneToOne], n[framework.Merged], n[framework.Added])
	}
	if !out.Written {
		fmt.Fprintln(p.stderr, "Nothing was written. Look at the rows, then write them with --yes.")
	}
	return nil
}
