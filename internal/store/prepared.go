// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"sync"
)

// prepared keeps SQLite's compiled statements from one transaction to the next:
// compiling the dozen of one write takes longer than running them. pgx keeps
// PostgreSQL's by itself.
type prepared struct {
	db *sql.DB
	mu sync.Mutex // guards kept
	// kept is bounded: lists with rare filters are compiled each time.
	kept map[string]*sql.Stmt
}

const mostPrepared = 300

func (p *prepared) statement(query string) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[query]
}

// learn compiles what a transaction had to compile for itself. It is called
// when the transaction has given its connection back.
func (p *prepared) learn(ctx context.Context, queries []string) {
	for _, query := range queries {
		statement, err := p.db.PrepareContext(ctx, query) // not under the lock: whoever has the writer may want it
		if err != nil {
			return // the next transaction compiles for itself again
		}
		if !p.keep(query, statement) {
			statement.Close()
		}
	}
}

func (p *prepared) keep(query string, statement *sql.Stmt) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept[query] != nil || len(p.kept) >= mostPrepared {
		return false
	}
	if p.kept == nil {
		p.kept = map[string]*sql.Stmt{}
	}
	p.kept[query] = statement
	return true
}

// prepare gives the statement for this transaction.
func (t *transaction) prepare(query string) (*sql.Stmt, error) {
	if statement, ok := t.statements[query]; ok {
		return statement, nil
	}
	if t.statements == nil {
		t.statements = map[string]*sql.Stmt{}
	}
	if t.prepared != nil {
		if kept := t.prepared.statement(query); kept != nil {
			t.statements[query] = t.tx.StmtContext(t.ctx, kept)
			return t.statements[query], nil
		}
		t.compiled = append(t.compiled, query)
	}
	statement, err := t.tx.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, unavailable(err, "statement")
	}
	t.statements[query] = statement
	return statement, nil
}

// commit sends what waits, commits, and remembers the statements.
func (t *transaction) commit(conn *sql.Conn) error {
	if t.queue != nil {
		if err := t.queue.flush(t.ctx); err != nil {
			return err
		}
	}
	if err := t.tx.Commit(); err != nil {
		return unavailable(err, "nothing was written")
	}
	if t.prepared != nil && len(t.compiled) > 0 {
		conn.Close() // learn takes a connection, and the writer has one
		t.prepared.learn(t.ctx, t.compiled)
	}
	return nil
}
