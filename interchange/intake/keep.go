// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bytes"
	"context"
	"path"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/interchange/entries"
	"sextant/interchange/table"
	"sextant/organisation"
	"sextant/register"
)

// keep puts the bytes of a file down and gives what hangs it, with the report on
// its rows, on the management system: in the transaction that writes the rows,
// so that neither is there without the other.
func keep(ctx context.Context, k *register.Kernel, actor access.Actor, system string, o Options) (func(*register.Tx, register.Report) error, error) {
	if o.Content == nil || k.Blobs() == nil {
		return func(*register.Tx, register.Report) error { return nil }, nil
	}
	sum, size, err := k.Blobs().Put(ctx, actor.Organisation, bytes.NewReader(o.Content))
	file := register.Stored{Name: o.File, MediaType: mediaType(o.File), Size: size, SHA256: sum}
	return func(tx *register.Tx, report register.Report) error {
		note := register.Note{Why: "import of " + o.File}
		if _, err := tx.Attach(organisation.ManagementSystems.Name, system, file, note); err != nil {
			return err
		}
		var out bytes.Buffer
		if err := entries.ReportSheet("Report", o.File, report).WriteXLSX(&out); err != nil {
			return err
		}
		sum, size, err := k.Blobs().Put(ctx, actor.Organisation, &out)
		if err == nil {
			_, err = tx.Attach(organisation.ManagementSystems.Name, system, register.Stored{Name: "Report on " + stem(o.File) + ".xlsx", MediaType: table.XLSX.MediaType(), Size: size, SHA256: sum}, note)
		}
		return err
	}, err
}

func stem(name string) string { return strings.TrimSuffix(path.Base(name), path.Ext(name)) }

func mediaType(name string) string {
	if strings.EqualFold(path.Ext(name), ".csv") {
		return table.CSV.MediaType()
	}
	return table.XLSX.MediaType()
}

// Sample is a sheet with every column that is read and a row of each kind. It
// can be imported as it is where owner, the name of a person, has an entry.
func Sample(owner string, now sextant.Instant) table.Sheet {
	sheet := table.Sheet{Name: "Statement of Applicability", Title: "Statement of Applicability, a sample", At: now, Columns: []table.Column{{Key: "control", Label: "Control", Width: 10}, {Key: "title", Label: "Title", Width: 36},
		{Key: "applicable", Label: "Applicable", Width: 14}, {Key: "reasons", Label: "Reasons", Width: 28}, {Key: "inclusion", Label: "Justification for inclusion", Width: 44}, {Key: "exclusion", Label: "Justification for exclusion", Width: 44},
		{Key: "implementation", Label: "Implementation", Width: 18}, {Key: "planned", Label: "Planned by", Width: 14}, {Key: "owner", Label: "Owner", Width: 22}}}
	next := now.Time().AddDate(0, 6, 0).Format("2006-01-02")
	sheet.Rows = table.RowsOf(
		[]any{"A.5.1", "Policies for information security", "yes", "Contractual, Business requirement", "Customers ask for the policy before they sign.", nil, "Implemented", nil, owner},
		[]any{"A.5.7", "Threat intelligence", "yes", "Risk assessment", "Two attacks of last year were known elsewhere a month earlier.", nil, "Planned", next, owner},
		[]any{"A.7.6", "Working in secure areas", "no", nil, nil, "There are no secure areas: nothing is kept on the premises.", nil, nil, owner},
		[]any{"A.8.13", "Information backup", "yes", "Legal; Risk assessment", "The books are kept ten years, and a lost database would end the business.", nil, "Partly implemented", next, owner},
	)
	return sheet
}
