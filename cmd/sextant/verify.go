// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/ledger"
)

func (p *program) packageCommand() *cobra.Command {
	var out string
	c := &cobra.Command{Use: "package", Short: "Write the sealed log with its files as a package that verifies offline", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		if err := p.writeFile(out, func(w io.Writer) error { return p.prover.Package(c.Context(), actor.Organisation, w) }); err != nil {
			return err
		}
		key, err := p.prover.Key(c.Context(), actor.Organisation)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s\npublic key: %s\n", out, key.Public)
		return nil
	}}
	c.Flags().StringVarP(&out, "output", "o", "sextant-package.zip", "file to write")
	return c
}

func (p *program) verifyCommand() *cobra.Command {
	var key string
	var older []string
	c := &cobra.Command{Use: "verify [PACKAGE]", Short: "Verify a package, or the data here", Args: cobra.MaximumNArgs(1),
		Long: "Verify a package with nothing but the file, or the data as it lies here.\nGive a public key and an older checkpoint you kept elsewhere: without them a package proves only that it agrees with itself.",
		RunE: func(c *cobra.Command, args []string) error {
			trust, err := p.readTrust(key, older)
			if err != nil {
				return err
			}
			report, err := p.verified(c.Context(), args, trust)
			if err != nil {
				return err
			}
			if p.json {
				err = p.printJSON(report)
			} else {
				err = report.Write(p.stdout)
			}
			if err == nil && !report.OK() {
				return errFindings
			}
			return err
		}}
	c.Flags().StringVar(&key, "key", "", "public key you trust, or a file that holds it")
	c.Flags().StringArrayVar(&older, "checkpoint", nil, "file with an older checkpoint you kept; may be repeated")
	return c
}

func (p *program) verified(ctx context.Context, args []string, trust ledger.Trust) (*ledger.Report, error) {
	if len(args) == 0 {
		actor, err := p.opened(ctx)
		if err != nil {
			return nil, err
		}
		return p.prover.VerifyHere(ctx, actor.Organisation, trust)
	}
	f, err := os.Open(args[0])
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return ledger.Verify(ctx, f, info.Size(), trust)
}

func (p *program) readTrust(key string, older []string) (trust ledger.Trust, err error) {
	trust.PublicKey = key
	if data, err := p.readFile(key); key != "" && err == nil {
		trust.PublicKey = strings.TrimSpace(string(data))
	}
	for _, name := range older {
		data, err := p.readFile(name)
		if err != nil {
			return trust, err
		}
		trust.Checkpoints = append(trust.Checkpoints, data)
	}
	return trust, nil
}
