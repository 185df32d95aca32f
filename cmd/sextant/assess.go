// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"

	"github.com/spf13/cobra"

	"sextant/gap"
	"sextant/interchange/intake"
	"sextant/register"
)

func (p *program) importGapCommand() *cobra.Command {
	var i soaImport
	c := &cobra.Command{Use: "gap CAMPAIGN FILE", Short: "Lay an earlier gap assessment beside the questions of a running campaign", Args: cobra.ExactArgs(2),
		Long: "Reads a gap assessment in XLSX or CSV, on the 2013 edition or that of 2022, and shows what becomes of each row. With --yes each row is kept beside its question as a fact, and proposes an answer where nothing newer does. Nothing is answered by it: a person takes each proposal, or answers otherwise.\n\n" +
			"Where the predecessors of a control do not agree, nothing is proposed.",
		Example: "  sextant import gap GAP-1 assessment-2022.xlsx --unit SU-1\n  sextant import gap GAP-1 old.csv --map 'Result=implementation' --yes",
		RunE:    func(c *cobra.Command, args []string) error { return p.importGap(c.Context(), args[0], args[1], i) }}
	c.Flags().StringVar(&i.edition, "edition", "", "2013 or 2022; found out from the ids if none")
	c.Flags().StringVar(&i.sheet, "sheet", "", "name of the worksheet; the one with the most controls if none")
	c.Flags().IntVar(&i.header, "header", 0, "number of the header row; found if none")
	c.Flags().StringArrayVar(&i.matches, "map", nil, "'column=field', as for import soa; repeat for more")
	c.Flags().StringVar(&i.Unit, "unit", "", "key of the unit it is about; the first of the campaign if none")
	c.Flags().BoolVar(&i.write, "yes", false, "write what is not refused; without it nothing is written")
	return c
}

func (p *program) importGap(ctx context.Context, campaign, path string, i soaImport) error {
	actor, err := p.opened(ctx)
	if err != nil {
		return err
	}
	data, err := p.readSheet(path)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	i.File, i.Digest = filepath.Base(path), hex.EncodeToString(sum[:])
	file, err := intake.Open(bytes.NewReader(data))
	if err != nil {
		return err
	}
	m, err := i.matching(file)
	if err != nil {
		return err
	}
	var result intake.Result
	if err := p.kernel.Read(ctx, actor, 0, func(v *register.View) error {
		c, err := gap.Campaigns.Get(v, campaign)
		if err != nil {
			return err
		}
		if i.Unit == "" {
			i.Unit = c.Fields.ScopeUnits[0]
		}
		ground, err := intake.GroundFor(v)
		if err == nil {
			result, err = file.Take(m, ground)
		}
		return err
	}); err != nil {
		return err
	}
	out := soaImported{File: i.File, SHA256: i.Digest, Matching: result.Matching, Unmatched: result.Unmatched(), Notes: result.Notes, Written: i.write}
	if out.Report, err = intake.Assess(ctx, p.kernel, actor, campaign, i.Unit, result, i.Options, !i.write); err != nil {
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
