// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"time"

	"sextant"
	"sextant/internal/proof"
	"sextant/ledger"
	"sextant/register"
)

// proofs measure the ledger: what a line costs, and a package of all of them.
func (b *bench) proofs() error {
	if err := b.appending(); err != nil {
		return err
	}
	const verify = "verify that package (100,000 leaves in 2 s)"
	if !b.wanted("write a package of the whole log, " + verify) {
		return nil
	}
	prover := &proof.Prover{Store: b.store, Sealer: b.key, Clock: sextant.SystemClock}
	var pack bytes.Buffer
	if err := b.row("write a package of the whole log", none, 1, func(int) error { return prover.Package(b.ctx, b.org, &pack) }); err != nil {
		return err
	}
	return b.row(verify, "2000", 3, func(int) error {
		report, err := ledger.Verify(b.ctx, bytes.NewReader(pack.Bytes()), int64(pack.Len()), ledger.Trust{})
		if err == nil && !report.OK() {
			err = fmt.Errorf("the package does not verify: %v", report.Findings)
		}
		return err
	})
}

// lines is how many lines one measured transaction records.
const lines = 2000

// appending gives the time of one line among many: recorded and, on SQLite,
// sealed; and on PostgreSQL how long after the commit the last one is sealed.
func (b *bench) appending() error {
	const name, sealing = "ledger: record and seal a line, of 2,000 (per line)", "ledger: from commit until 2,000 lines are sealed"
	if !b.wanted(name + sealing) {
		return nil
	}
	var each, sealed sample
	for range 5 {
		began := time.Now()
		if err := b.store.Update(b.ctx, b.org, func(w register.WriteTx) error {
			for i := range lines {
				if _, err := w.Append(register.Record{Kind: "entry", Line: fmt.Appendf(nil, `{"line":%d,"data":"%0200d"}`, i, i)}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		each = append(each, time.Since(began)/lines)
		took, err := b.untilSealed()
		if err != nil {
			return err
		}
		sealed = append(sealed, took)
	}
	b.put(name, "0.1", "", each)
	b.put(sealing, "1000", "", sealed)
	return nil
}

func (b *bench) untilSealed() (time.Duration, error) {
	began := time.Now()
	for {
		_, pending, err := b.store.Tree(b.ctx, b.org)
		if err != nil || pending == 0 {
			return time.Since(began), err
		}
		time.Sleep(5 * time.Millisecond)
	}
}
