// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"

	"sextant/access"
	"sextant/migration"
	"sextant/register"
)

// ForMigration gives what a sheet of 2013 says as package migration takes it.
func (r Result) ForMigration(o Options) migration.Sheet {
	s := migration.Sheet{File: o.File, Digest: o.Digest, Reason: o.Reason, Owner: o.Owner, Unit: o.Unit}
	for _, row := range r.Rows {
		s.Said = append(s.Said, row.Said)
	}
	return s
}

// Propose makes proposals out of a sheet of the 2013 edition, or shows with dry
// what would become of each row. Rows that could not be read are in the report.
func Propose(ctx context.Context, k *register.Kernel, actor access.Actor, system string, r Result, o Options, dry bool) (report migration.Report, err error) {
	run := k.Write
	if dry {
		run, o.Content = k.Rehearse, nil
	}
	kept, err := keep(ctx, k, actor, system, o)
	if err != nil {
		return report, err
	}
	err = run(ctx, actor, func(tx *register.Tx) (err error) {
		if report, err = migration.Propose(tx, system, r.ForMigration(o)); err != nil {
			return err
		}
		report.Report = Complete(report.Report, r)
		return kept(tx, report.Report)
	})
	return report, err
}
