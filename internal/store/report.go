// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"sextant"
	"sextant/register"
)

//go:embed report.sql
var reportSchema string

// bound is the organisation of the role that looks. It is in the policy, so that
// the owner's views may read at all, and in each view, so that no setting of the
// session (app.org is anybody's to set) widens it.
const bound = `org = (SELECT r.org FROM report_role r WHERE r.role = session_user)`

// reporting lets the owner's views show a role the rows of the organisation it
// is bound to. The role itself has no right to any table.
func (d dialect) reporting() string {
	if !d.isPostgres() {
		return ""
	}
	return `
CREATE SCHEMA report;
CREATE POLICY reporting ON entry FOR SELECT TO CURRENT_USER USING (` + bound + `);`
}

// viewHead are the columns every view begins with.
func (d dialect) viewHead() string {
	moment := "strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', %[1]s/1000000, 'unixepoch') AS %[2]s"
	if d.isPostgres() {
		moment = "to_timestamp(%[1]s/1000000.0) AS %[2]s"
	}
	return "key, version, state, title, owner, due, " + fmt.Sprintf(moment, "created", "created") + ", " + fmt.Sprintf(moment, "at", "changed") + ", actor AS changed_by"
}

// refreshViews makes the views what the declarations say. It runs as the owner
// of the tables. What has not changed is not touched.
func refreshViews(ctx context.Context, db *sql.DB, d dialect, views []register.ReportView) error {
	wanted := map[string]string{}
	if d.isPostgres() {
		for _, v := range views {
			wanted["report."+strings.Trim(columnName(v.Register), `"`)] = viewText(d, v, bound+" AND register='"+v.Register+"' AND deleted=0")
		}
		return refreshPostgres(ctx, db, wanted)
	}
	organisations, err := numbers(ctx, db)
	if err != nil {
		return err
	}
	for _, org := range organisations {
		for _, v := range views {
			wanted[fmt.Sprintf("report_%d_%s", org, strings.Trim(columnName(v.Register), `"`))] = viewText(d, v, fmt.Sprintf("org=%d AND register='%s' AND deleted=0", org, v.Register))
		}
	}
	return refreshSQLite(ctx, db, wanted)
}

func numbers(ctx context.Context, db *sql.DB) (list []sextant.Organisation, err error) {
	rows, err := db.QueryContext(ctx, `SELECT org FROM organisation ORDER BY org`)
	err = each(rows, err, func() error {
		var org sextant.Organisation
		err := rows.Scan(&org)
		list = append(list, org)
		return err
	})
	return list, err
}

func viewText(d dialect, v register.ReportView, where string) string {
	text := "SELECT " + d.viewHead()
	for _, c := range v.Columns {
		text += ", " + d.reportColumn(c) + ` AS ` + columnName(c.Key)
	}
	return text + " FROM entry WHERE " + where
}

var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// columnName is a field's key as it may stand in SQL. The standard columns keep
// their names: a field that shares one is called field_….
func columnName(key string) string {
	if !fieldName.MatchString(key) {
		panic("store: " + key + " is no field") // fields are declared, never typed
	}
	if strings.Contains(" key version state title owner due created changed changed_by ", " "+key+" ") {
		return `"field_` + key + `"`
	}
	return `"` + key + `"`
}

func (d dialect) reportColumn(c register.ReportColumn) string {
	value := "data->>" + quoted(c.Key)
	switch {
	case c.Kind == register.ReportNumber:
		return "CAST(" + value + " AS NUMERIC)"
	case c.Kind == register.ReportBoolean && d.isPostgres():
		return "CAST(" + value + " AS BOOLEAN)"
	case c.Kind == register.ReportJSON:
		return "data->" + quoted(c.Key)
	}
	return value
}

// refreshPostgres keeps each view's text as its comment, to be compared.
func refreshPostgres(ctx context.Context, db *sql.DB, wanted map[string]string) error {
	rows, err := db.QueryContext(ctx, `SELECT 'report.' || c.relname, COALESCE(obj_description(c.oid, 'pg_class'), '') FROM pg_class c JOIN pg_namespace n ON n.oid=c.relnamespace WHERE n.nspname='report' AND c.relkind='v'`)
	return replaceViews(ctx, db, rows, err, wanted, func(name, text string) []string {
		return []string{"CREATE VIEW " + name + " WITH (security_barrier) AS " + text, "COMMENT ON VIEW " + name + " IS '" + strings.ReplaceAll(text, "'", "''") + "'",
			"DO $$ DECLARE r TEXT; BEGIN FOR r IN SELECT role FROM report_role LOOP EXECUTE format('GRANT SELECT ON " + name + " TO %I', r); END LOOP; END $$"}
	})
}

func refreshSQLite(ctx context.Context, db *sql.DB, wanted map[string]string) error {
	rows, err := db.QueryContext(ctx, `SELECT name, sql FROM sqlite_master WHERE type='view' AND name LIKE 'report#_%' ESCAPE '#'`)
	for name, text := range wanted {
		wanted[name] = "CREATE VIEW " + name + " AS " + text
	}
	return replaceViews(ctx, db, rows, err, wanted, func(_, text string) []string { return []string{text} })
}

func replaceViews(ctx context.Context, db *sql.DB, rows *sql.Rows, err error, wanted map[string]string, create func(name, text string) []string) error {
	var statements []string
	err = each(rows, err, func() error {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return err
		}
		if wanted[name] == text {
			delete(wanted, name)
		} else {
			statements = append(statements, "DROP VIEW "+name)
		}
		return nil
	})
	if err != nil {
		return unavailable(err, "the reporting views cannot be read")
	}
	for name, text := range wanted {
		statements = append(statements, create(name, text)...)
	}
	if len(statements) == 0 {
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return unavailable(err, "the reporting views cannot be made")
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return unavailable(err, "the reporting views cannot be made")
		}
	}
	return unavailable(tx.Commit(), "the reporting views cannot be made")
}

var roleName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$-]{0,62}$`)

// BindReporting lets a PostgreSQL role read the reporting views of one
// organisation, and nothing else; org 0 takes the right away. It needs the
// owner's URL. The binding is a line of the organisation's log.
func (s *Store) BindReporting(ctx context.Context, org sextant.Organisation, role, by string) error {
	if !s.dialect.isPostgres() {
		return sextant.Errorf(sextant.Invalid, "SQLite has no roles: whoever can read the file can read all of it").
			WithHint("give a reporting tool a copy of the file, or use PostgreSQL; the views are called report_<organisation>_<register>")
	}
	if !roleName.MatchString(role) {
		return sextant.Errorf(sextant.Invalid, "%q is no name of a role", role)
	}
	owner, err := openPgx(s.ownerURL)
	if err != nil {
		return unavailable(err, "PostgreSQL cannot be used")
	}
	defer owner.Close()
	if err := bindReporting(ctx, owner, org, role); err != nil {
		return err
	}
	return s.Update(ctx, org, func(w register.WriteTx) error {
		_, err := w.Append(register.Record{Kind: "reporting", Line: fmt.Appendf(nil, `{"by":%q,"what":"reporting_role_bound","role":%q}`, by, role)})
		return err
	})
}

func bindReporting(ctx context.Context, owner *sql.DB, org sextant.Organisation, role string) error {
	var power bool
	err := owner.QueryRowContext(ctx, `SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname=$1`, role).Scan(&power)
	if err != nil {
		return sextant.Errorf(sextant.NotFound, "PostgreSQL has no role %s: %w", role, err).WithHint("an administrator makes it: CREATE ROLE %s LOGIN PASSWORD '…'", role)
	}
	if power {
		return sextant.Errorf(sextant.Denied, "the role %s is a superuser or has BYPASSRLS: nothing could bind it", role)
	}
	if _, err := owner.ExecContext(ctx, `INSERT INTO report_role (role, org) VALUES ($1,$2) ON CONFLICT (role) DO UPDATE SET org=excluded.org`, role, int64(org)); err != nil {
		return unavailable(err, "the role was not bound")
	}
	for _, statement := range []string{`GRANT USAGE ON SCHEMA report TO "%s"`, `GRANT SELECT ON ALL TABLES IN SCHEMA report TO "%s"`} {
		if _, err := owner.ExecContext(ctx, fmt.Sprintf(statement, role)); err != nil {
			return unavailable(err, "the role was not bound")
		}
	}
	return nil
}

// grant gives the role the program runs as its rights, and takes them from
// everybody else: a role of another purpose in the same database sees nothing.
func grant(ctx context.Context, owner *sql.DB, role string) error {
	for _, statement := range []string{
		`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC`,
		`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "` + strings.ReplaceAll(role, `"`, `""`) + `"`,
		`REVOKE ALL ON report_role FROM "` + strings.ReplaceAll(role, `"`, `""`) + `"`,
	} {
		if _, err := owner.ExecContext(ctx, statement); err != nil {
			return unavailable(err, "the owner's URL does not own the tables")
		}
	}
	return nil
}
