// SPDX-License-Identifier: Apache-2.0

package custody

import (
	"archive/zip"
	"context"
	"fmt"
	"io"

	"sextant"
)

// The members of a backup.
const (
	Data      = "data.jsonl" // every table, as Store.Dump writes it
	FilesRoot = "files/"     // then <organisation>/<sha256>
)

// Write writes everything but the master key as a zip file, while others go on
// writing. It records nothing and asks nobody.
func (c *Custody) Write(ctx context.Context, w io.Writer) error {
	archive := zip.NewWriter(w)
	data, err := archive.Create(Data)
	if err != nil {
		return err
	}
	if err := c.Store.Dump(ctx, data); err != nil {
		return err
	}
	all, err := c.Store.Organisations(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if err := c.Files.Each(o.Number, func(sum string) error { return c.writeFile(ctx, archive, o.Number, sum) }); err != nil {
			return err
		}
	}
	return archive.Close()
}

func (c *Custody) writeFile(ctx context.Context, archive *zip.Writer, org sextant.Organisation, sum string) error {
	content, err := c.Files.Open(ctx, org, sum)
	if err != nil {
		return err
	}
	defer content.Close()
	w, err := archive.Create(fmt.Sprintf("%s%d/%s", FilesRoot, org, sum))
	if err != nil {
		return err
	}
	_, err = io.Copy(w, content)
	return err
}
