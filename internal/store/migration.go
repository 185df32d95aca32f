// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"

	"sextant"
)

//go:embed schema.sql
var kernelSchema string

//go:embed account.sql
var accountSchema string

//go:embed evidence.sql
var evidenceSchema string

//go:embed index.sql
var indexSchema string

//go:embed job.sql
var jobSchema string

// migrations are the schema's steps, forward only, one text for both stores.
func migrations(d dialect) fstest.MapFS {
	steps := []string{
		d.types.Replace(kernelSchema) + d.search + d.types.Replace(evidenceSchema) + d.types.Replace(accountSchema) + d.security(guarded...),
		d.types.Replace(jobSchema) + d.security("job"),
		`ALTER TABLE membership ADD COLUMN seen BIGINT NOT NULL DEFAULT 0;`,
		d.types.Replace(reportSchema) + d.reporting(),
		d.types.Replace(indexSchema) + d.words + d.security("entry_tag", "facet", "tagged"),
		`CREATE UNIQUE INDEX resource_count_standing ON resource_count (org, type) WHERE to_seq = 4611686018427387904;`,
		d.statistics(),
	}
	files := fstest.MapFS{}
	for i, step := range steps {
		text := "-- +goose Up\n-- +goose StatementBegin\n" + step + "\n-- +goose StatementEnd\n"
		files[fmt.Sprintf("%05d_step.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// guarded are the tables of organisations of the first step, put under
// row-level security. Later steps name their own.
var guarded = []string{"head", "tree", "entry", "entry_version", "entry_link", "entry_tag", "entry_unique", "counter", "secret", "journal", "tree_hash", "checkpoint",
	"thing", "observation", "resource", "resource_count", "population", "run", "check_id", "result", "outcome", "evaluated", "evaluated_count", "status", "settled", "tally_day"}

// security is PostgreSQL's own guard beneath the filter the store adds: a
// statement that forgets its organisation sees nothing.
func (d dialect) security(tables ...string) string {
	if !d.isPostgres() {
		return ""
	}
	text := ""
	for _, table := range tables {
		text += fmt.Sprintf(`
ALTER TABLE %[1]s ENABLE ROW LEVEL SECURITY;
ALTER TABLE %[1]s FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organisation ON %[1]s USING (org = NULLIF(current_setting('app.org', true), '')::bigint);`, table)
	}
	return text
}

func migrate(ctx context.Context, db *sql.DB, d dialect, folder string) error {
	kind := goose.DialectSQLite3
	if d.isPostgres() {
		kind = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(kind, db, migrations(d))
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return sextant.Errorf(sextant.Unavailable, "the data was written by a newer version of Sextant (schema %d, this one knows %d)", current, target).
			WithHint("start the newer version; nothing was changed")
	}
	if current == target {
		return nil
	}
	if current > 0 && folder != "" {
		if err := copyBefore(ctx, db, folder, current); err != nil {
			return err
		}
	}
	_, err = provider.Up(ctx)
	return err
}

// copyName is how copies made before a migration are called.
const copyName = "before-schema-*.db"

// copyBefore keeps the data as it was before a migration.
func copyBefore(ctx context.Context, db *sql.DB, folder string, version int64) error {
	target := filepath.Join(folder, strings.Replace(copyName, "*", fmt.Sprintf("%d-%s", version+1, time.Now().UTC().Format("20060102T150405")), 1))
	if err := copyWhole(ctx, db, target); err != nil {
		return sextant.Errorf(sextant.Unavailable, "the copy before the migration could not be made: %w", err).WithHint("free some space; nothing was changed")
	}
	return nil
}

// partName is how such a copy is called until it is whole.
const partName = "copy.part"

// copyWhole makes the copy beside and gives it its name once it is durable, so
// that half a copy is never taken for one.
func copyWhole(ctx context.Context, db *sql.DB, target string) error {
	part := filepath.Join(filepath.Dir(target), partName)
	os.Remove(part) // of a start that was killed
	defer os.Remove(part)
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return err
	}
	file, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = file.Sync()
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(part, target)
	}
	return err
}
