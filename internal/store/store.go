// SPDX-License-Identifier: Apache-2.0

// Package store keeps everything in SQLite or PostgreSQL. All SQL of the
// product is here. It knows rows, intervals and the journal; it knows no
// register, no right and no rule.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib" // and driver "pgx"
	_ "modernc.org/sqlite"           // driver "sqlite"

	"sextant"
	"sextant/register"
)

// Config says where the data is: in a folder, or in PostgreSQL.
type Config struct {
	Folder      string // SQLite: the data folder
	DatabaseURL string // PostgreSQL, as a role that owns nothing
	OwnerURL    string // PostgreSQL, as the owner of the tables; for migrations
	Clock       sextant.Clock
	Views       []register.ReportView // for reporting tools; nil = none are made

	// Readers is how many read at once, 0 = as the processors suggest. Who holds a
	// connection and asks for another waits for ever once all are held: tests set 1,
	// where such a call never comes back, and not only under load.
	Readers int
}

// Store implements register.Store. It is safe for concurrent use.
type Store struct {
	dialect dialect
	writer  *sql.DB
	readers *sql.DB
	clock   sextant.Clock
	lock    *folderLock
	folder  string // of SQLite
	views   []register.ReportView

	ownerURL string // of PostgreSQL

	written, read *prepared // SQLite: statements kept for the writer and the readers

	integrate chan struct{} // PostgreSQL: something waits to be sealed
	stop      context.CancelFunc
	stopped   sync.WaitGroup

	watching sync.Mutex // guards watchers
	watchers []*func(sextant.Organisation)
}

var _ register.Store = (*Store)(nil)

// readTimeout ends a read that holds a snapshot too long.
const readTimeout = 30 * time.Second

// Open opens the data, bringing its tables up to this version. Errors:
// Unavailable with what to do, when another process has the folder, the disk is
// full, or the data was written by a newer version.
func Open(ctx context.Context, config Config) (*Store, error) {
	if config.Clock == nil {
		config.Clock = sextant.SystemClock
	}
	if config.DatabaseURL != "" {
		return openPostgres(ctx, config)
	}
	return openSQLite(ctx, config)
}

const (
	writerPragmas = "_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=cache_size(-32768)&_pragma=journal_size_limit(67108864)"
	readerPragmas = "_pragma=query_only(1)&_pragma=busy_timeout(10000)&_pragma=cache_size(-8192)"
)

// limit bounds how many read at once.
func (c Config) limit(readers *sql.DB, usual int) {
	n := cmp.Or(c.Readers, usual)
	readers.SetMaxOpenConns(n)
	readers.SetMaxIdleConns(n)
}

func openSQLite(ctx context.Context, config Config) (*Store, error) {
	s := &Store{dialect: sqlite, clock: config.Clock, folder: config.Folder, views: config.Views}
	var err error
	if s.lock, err = lockFolder(ctx, config.Folder); err != nil {
		return nil, err
	}
	source := "file:" + config.Folder + "/sextant.db?"
	if s.writer, err = sql.Open("sqlite", source+writerPragmas); err == nil {
		s.writer.SetMaxOpenConns(1)
		if err = migrate(ctx, s.writer, s.dialect, config.Folder); err == nil {
			err = refreshViews(ctx, s.writer, s.dialect, s.views)
		}
		if err == nil {
			s.readers, err = sql.Open("sqlite", source+readerPragmas)
		}
	}
	if err != nil {
		s.Close()
		return nil, unavailable(err, "the data cannot be opened")
	}
	s.written, s.read = &prepared{db: s.writer}, &prepared{db: s.readers}
	config.limit(s.readers, max(2, runtime.GOMAXPROCS(0)))
	return s, nil
}

func openPostgres(ctx context.Context, config Config) (*Store, error) {
	s := &Store{dialect: postgres, clock: config.Clock, views: config.Views, ownerURL: cmp.Or(config.OwnerURL, config.DatabaseURL), integrate: make(chan struct{}, 1)}
	owner, err := openPgx(s.ownerURL)
	if err == nil {
		defer owner.Close()
		var free func()
		if free, err = oneAtATime(ctx, owner); err == nil {
			defer free()
			err = migrate(ctx, owner, s.dialect, "")
		}
	}
	if err == nil {
		err = refreshViews(ctx, owner, s.dialect, s.views)
	}
	if err == nil {
		s.writer, err = openPgx(config.DatabaseURL)
	}
	if err == nil {
		s.writer.SetMaxOpenConns(16)
		if s.readers, err = openPgx(config.DatabaseURL); err == nil { // apart, so that readers take no writer's connection or processor
			config.limit(s.readers, max(4, 2*runtime.GOMAXPROCS(0)))
			err = refusePower(ctx, s.writer)
		}
	}
	if err == nil && config.OwnerURL != "" {
		err = s.grantSelf(ctx, owner)
	}
	if err != nil {
		s.Close()
		return nil, unavailable(err, "PostgreSQL cannot be used")
	}
	s.startIntegrator(ctx)
	return s, nil
}

// openPgx opens a database by its URL. Just-in-time compilation is off unless the
// URL asks for it: it costs each of the program's many short statements more
// than the statement itself, a hundredfold where a table was never analysed.
func openPgx(url string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "the PostgreSQL URL cannot be read: %w", err).WithHint("write postgres://user:password@host:5432/database")
	}
	if _, asked := config.RuntimeParams["jit"]; !asked {
		config.RuntimeParams["jit"] = "off"
	}
	return stdlib.OpenDB(*config), nil
}

// oneAtATime keeps replicas that start together from migrating together.
func oneAtATime(ctx context.Context, owner *sql.DB) (free func(), err error) {
	conn, err := owner.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(7237001)`); err != nil {
		conn.Close()
		return nil, err
	}
	return func() { conn.Close() }, nil // the lock ends with the connection
}

// grantSelf gives the role the program runs as its rights on the tables.
func (s *Store) grantSelf(ctx context.Context, owner *sql.DB) error {
	var role string
	if err := s.writer.QueryRowContext(ctx, `SELECT current_user`).Scan(&role); err != nil {
		return err
	}
	return grant(ctx, owner, role)
}

// refusePower makes sure row-level security binds the role we run as.
func refusePower(ctx context.Context, db *sql.DB) error {
	var bypasses bool
	if err := db.QueryRowContext(ctx, `SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user`).Scan(&bypasses); err != nil {
		return err
	}
	if bypasses {
		return sextant.Errorf(sextant.Unavailable, "the PostgreSQL role is a superuser or has BYPASSRLS, so the database could not keep organisations apart").
			WithHint("run as a role without these, and give the owner's URL for migrations")
	}
	return nil
}

// Close ends the integrator and lets go of the folder.
func (s *Store) Close() error {
	if s.stop != nil {
		s.stop()
		s.stopped.Wait()
	}
	var first error
	for _, db := range []*sql.DB{s.readers, s.writer} {
		if db != nil {
			if err := db.Close(); err != nil && first == nil {
				first = err
			}
		}
	}
	s.lock.release()
	return first
}

// View implements register.Store.
func (s *Store) View(ctx context.Context, org sextant.Organisation, fn func(register.ReadTx) error) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return s.within(ctx, s.readers, &sql.TxOptions{ReadOnly: true, Isolation: s.readIsolation()}, org, func(tx *transaction) error { return fn(tx) })
}

// readIsolation: one snapshot for all statements; SQLite has no other kind.
func (s *Store) readIsolation() sql.IsolationLevel {
	if s.dialect.isPostgres() {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// Update implements register.Store.
func (s *Store) Update(ctx context.Context, org sextant.Organisation, fn func(register.WriteTx) error) error {
	err := s.within(ctx, s.writer, nil, org, func(tx *transaction) error {
		if err := tx.begin(s.clock()); err != nil {
			return err
		}
		if err := tx.fenced(); err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		return tx.end()
	})
	if err == nil {
		s.recorded(org)
	}
	return err
}

// recorded has what a commit recorded sealed and told of.
func (s *Store) recorded(org sextant.Organisation) {
	if s.integrate != nil {
		select {
		case s.integrate <- struct{}{}:
		default:
		}
	}
	s.moved(org)
}

func (s *Store) within(ctx context.Context, db *sql.DB, options *sql.TxOptions, org sextant.Organisation, fn func(*transaction) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return unavailable(err, "the database does not answer")
	}
	defer conn.Close()
	t, err := conn.BeginTx(ctx, options)
	if err != nil {
		return unavailable(err, "the database does not answer")
	}
	tx := &transaction{ctx: ctx, tx: t, org: org, dialect: s.dialect, prepared: s.preparedFor(db)}
	defer t.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if s.dialect.isPostgres() {
		tx.queue = &queue{conn: conn}
		if err := tx.bindOrganisation(); err != nil {
			return err
		}
	}
	if err := fn(tx); err != nil {
		return err
	}
	return tx.commit(conn)
}

func (s *Store) preparedFor(db *sql.DB) *prepared {
	if db == s.writer {
		return s.written
	}
	return s.read
}

// unavailable turns a database's complaint into what a person can act on.
func unavailable(err error, what string) error {
	if err == nil || sextant.CodeOf(err) != sextant.Internal {
		return err
	}
	text := err.Error()
	for sign, hint := range map[string]string{
		"disk is full": "free some space on the disk of the data folder", "database or disk is full": "free some space on the disk of the data folder",
		"readonly": "the data folder cannot be written; look at its permissions", "malformed": "the file is damaged; restore a backup", "not a database": "the file is no Sextant database; look at --data",
		"unable to open": "look at --data and its permissions", "database is locked": "another program holds the database; close it",
		"disk I/O error": "look at the disk of the data folder: full, limited, or failing",
		"no such host":   "look at the host in --database-url", "SQLSTATE 28000": "look at the user in --database-url", "SQLSTATE 3D000": "look at the database in --database-url; it is made by its owner, once",
		"connection refused": "is PostgreSQL running, and is --database-url right?", "password authentication": "look at user and password in --database-url",
	} {
		if strings.Contains(text, sign) {
			return sextant.Errorf(sextant.Unavailable, "%s: %w", what, err).WithHint("%s", hint)
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}
