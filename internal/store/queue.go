// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// queue sends PostgreSQL many writes in one go: a statement alone costs a round
// trip, which is most of its time. Order is kept; whatever reads comes after.
type queue struct {
	conn    *sql.Conn
	waiting pgx.Batch
	missed  []error // for a statement that must meet one row: what it means if not
}

// mostQueued bounds memory and how late an error is seen.
const mostQueued = 500

func (q *queue) add(ctx context.Context, query string, args []any, missed error) error {
	q.waiting.Queue(query, args...)
	q.missed = append(q.missed, missed)
	if len(q.missed) >= mostQueued {
		return q.flush(ctx)
	}
	return nil
}

func (q *queue) flush(ctx context.Context) error {
	if len(q.missed) == 0 {
		return nil
	}
	batch, missed := q.waiting, q.missed
	q.waiting, q.missed = pgx.Batch{}, nil
	return q.conn.Raw(func(driver any) error {
		conn, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the driver is %T", driver)
		}
		return send(conn.Conn().SendBatch(ctx, &batch), missed)
	})
}

func send(results pgx.BatchResults, missed []error) (err error) {
	defer func() {
		if closed := results.Close(); err == nil {
			err = unavailable(closed, "write")
		}
	}()
	for _, meaning := range missed {
		tag, err := results.Exec()
		if err != nil {
			return unavailable(err, "write")
		}
		if meaning != nil && tag.RowsAffected() != 1 {
			return meaning
		}
	}
	return nil
}
