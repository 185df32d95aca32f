// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/internal/custody"
)

func (p *program) backupCommand() *cobra.Command {
	var out string
	c := &cobra.Command{Use: "backup", Short: "Write everything but the master key, for any store", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		if err := p.open(c.Context()); err != nil {
			return err
		}
		if err := p.writeFile(out, func(w io.Writer) error { return p.backup(c.Context(), w) }); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s\nThe master key is not in it: keep that apart, or secrets have to be set again.\n", out)
		return nil
	}}
	c.Flags().StringVarP(&out, "output", "o", "sextant-backup.zip", "file to write")
	return c
}

func (p *program) backup(ctx context.Context, w io.Writer) error {
	return p.custody.Backup(ctx, p.atShell(), w)
}

func (p *program) restoreCommand() *cobra.Command {
	return &cobra.Command{Use: "restore FILE", Short: "Restore a backup into an empty data folder or database", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		archive, err := zip.OpenReader(args[0])
		if err != nil {
			return sextant.Errorf(sextant.Invalid, "%s is no backup: %w", args[0], err)
		}
		defer archive.Close()
		if err := p.open(c.Context()); err != nil {
			return err
		}
		return p.restore(c.Context(), &archive.Reader)
	}}
}

func (p *program) restore(ctx context.Context, archive *zip.Reader) error {
	data, err := archive.Open(custody.Data)
	if err != nil {
		return sextant.Errorf(sextant.Invalid, "this is no backup: it has no %s", custody.Data)
	}
	defer data.Close()
	if err := p.store.Load(ctx, data); err != nil {
		return err
	}
	for _, f := range archive.File {
		if name, ok := strings.CutPrefix(f.Name, custody.FilesRoot); ok {
			if err := p.restoreBlob(ctx, f, name); err != nil {
				return err
			}
		}
	}
	all, err := p.store.Organisations(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if err := p.kernel.Reindex(ctx, o.Number); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stdout, "%d organisations restored\n", len(all))
	return nil
}

func (p *program) restoreBlob(ctx context.Context, f *zip.File, name string) error {
	var org sextant.Organisation
	number, sum, ok := strings.Cut(name, "/")
	if _, err := fmt.Sscanf(number, "%d", &org); !ok || err != nil {
		return sextant.Errorf(sextant.Invalid, "the backup has a file %q", f.Name)
	}
	content, err := f.Open()
	if err != nil {
		return sextant.Errorf(sextant.Invalid, "%s cannot be unpacked: %w", f.Name, err)
	}
	defer content.Close()
	got, _, err := p.blobs.Put(ctx, org, content)
	if err == nil && got != sum {
		err = errors.Join(p.blobs.Remove(ctx, org, got), sextant.Errorf(sextant.Invalid, "%s is damaged", f.Name))
	}
	return err
}
