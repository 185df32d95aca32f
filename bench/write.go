// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sextant/register"
)

func (b *bench) writes() error {
	if err := b.row("a write: check, version, links, search, journal, seal", "5 / 50", 1000, b.edit); err != nil {
		return err
	}
	if err := b.crowded(); err != nil {
		return err
	}
	if err := b.row("bulk change of 1,000 in one transaction", "1500", 3, b.bulk); err != nil {
		return err
	}
	rows := make([]register.Incoming, 10_000)
	for i := range rows {
		rows[i] = register.Incoming{Row: i, Values: values(i)}
	}
	return b.row("import of 10,000", "5000", 1, func(int) error { return b.importing(rows) })
}

func (b *bench) edit(i int) error {
	return b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
		_, err := tx.Edit("asset", key(i%b.n), 0, map[string]any{"notes": fmt.Sprint("changed ", i, time.Now())}, register.Note{})
		return err
	})
}

// crowded writes while eight readers read as fast as they can.
func (b *bench) crowded() error {
	const name = "a write, with 8 busy readers"
	if !b.wanted(name) {
		return nil
	}
	ctx, stop := context.WithCancel(b.ctx)
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			for ctx.Err() == nil {
				_ = b.kernel.Read(ctx, b.actor, 0, firstRows(list("review_on", is("owner", person(i))))) // ends with an error when stopped
			}
		})
	}
	err := b.row(name, "5 / 50", 300, b.edit)
	stop()
	readers.Wait()
	return err
}

// bulk changes the first thousand, each time to something else.
func (b *bench) bulk(i int) error {
	return b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
		for k := range min(1000, b.n) {
			if _, err := tx.Edit("asset", key(k), 0, map[string]any{"rto": fmt.Sprintf("PT%dH", i+1)}, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
}

var errUndone = errors.New("undone")

// importing takes everything back at the end, so that sizes stay what they are.
func (b *bench) importing(rows []register.Incoming) error {
	err := b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
		if _, err := tx.Import("asset", rows, register.Note{}); err != nil {
			return err
		}
		return errUndone
	})
	if errors.Is(err, errUndone) {
		return nil
	}
	return err
}
