// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/interchange/batch"
	"sextant/interchange/riskbook"
	"sextant/organisation"
	"sextant/product"
	"sextant/register"
	"sextant/risk"
)

const (
	triedBook   = "risks: a workbook of 2,000 (small: 200) with twice as many judgements and half as many treatments, dry run"
	writtenBook = "risks: the same workbook, written"
	behindRisks = "risks: which of them do not say what follows from what is recorded"
)

// riskPages are the pages about risks, at the address of each.
var riskPages = []struct{ name, path string }{
	{"page: register of risks", "/risks"},
	{"page: risks above appetite, highest first", "/risks?filter=appetite%3Dabove&order=-current_level"},
	{"page: one risk", "/risks/RSK-7"},
	{"page: risk treatment plan", "/risks/treatment"},
	{"page: risk portfolio", "/risks/portfolio"},
	{"page: risks, what if a control failed", "/risks/what-if?kind=control_fails&of=iso27001:2022/A.8.1"},
	{"page: risk reports", "/risks/reports"},
	{"page: risks, what changed", "/risks/changes"},
	{"page: home, with risks", "/"},
}

// risks measures a register of up to 2,000 risks that comes in as a workbook, and
// the pages that tell of it. It comes late, because it stays.
func (b *bench) risks() error {
	names := []string{triedBook, writtenBook, behindRisks}
	for _, p := range riskPages {
		names = append(names, p.name)
	}
	if !slices.ContainsFunc(names, b.wanted) {
		return nil
	}
	if err := b.criteria(); err != nil {
		return err
	}
	book, err := b.workbook(min(2000, b.n/5))
	if err != nil {
		return err
	}
	dry := batch.Options{File: "risks.xlsx", Dry: true}
	if err := b.row(triedBook, "10000", 1, func(int) error { return b.bring(book, dry) }); err != nil {
		return err
	}
	if err := b.once(writtenBook, "20000", func() error { return b.bring(book, batch.Options{File: "risks.xlsx"}) }); err != nil {
		return err
	}
	if b.database != nil {
		if err := b.database.analyze(); err != nil {
			return err
		}
	}
	if err := b.row(behindRisks, "500", 5, func(int) error {
		return b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error { _, err := risk.Behind(v); return err })
	}); err != nil {
		return err
	}
	handler := b.handler()
	for _, p := range riskPages {
		if err := b.row(p.name, quick, 100, func(int) error { _, err := b.get(handler, p.path, true); return err }); err != nil {
			return err
		}
	}
	return nil
}

// criteria puts the template's criteria in force and has Annex A implemented.
func (b *bench) criteria() error {
	person := func(key string) access.Actor {
		return access.Actor{Organisation: b.org, Name: "person:" + key, Person: key, Roles: []access.Role{access.Admin, access.ISMSManager}, Proof: access.Proof{Method: access.Password, At: sextant.SystemClock()}}
	}
	var edition string
	if err := b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
		system, err := organisation.ManagementSystems.Create(tx, organisation.ManagementSystem{Title: "ISMS", Scope: "All of it."}, register.Note{})
		if err != nil {
			return err
		}
		c := risk.Template(5, "EUR", 2e7)
		c.ManagementSystem, c.Author, c.Approver = system.Key, "PER-2", "PER-1"
		e, err := risk.CriteriaEditions.Create(tx, c, register.Note{})
		edition = e.Key
		if err != nil {
			return err
		}
		for _, reference := range annexA() {
			if _, err := control.Implementations.Create(tx, control.Implementation{Control: reference, ScopeUnit: "SU-1", Implementation: "implemented", How: "As the policy says.", Owner: "PER-3"}, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, step := range []struct{ by, transition string }{{"PER-2", "submit"}, {"PER-1", "approve"}} {
		if err := b.kernel.Write(b.ctx, person(step.by), func(tx *register.Tx) error {
			_, err := tx.Transition(risk.CriteriaEditions.Name, edition, 0, step.transition, nil, register.Note{})
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// annexA gives the references of its controls.
func annexA() (list []string) {
	for theme, n := range map[int]int{5: 37, 6: 8, 7: 14, 8: 34} {
		for i := range n {
			list = append(list, fmt.Sprintf("iso27001:2022/A.%d.%d", theme, i+1))
		}
	}
	slices.Sort(list)
	return list
}

// workbook is what another installation with so many risks would export.
func (b *bench) workbook(n int) (book []byte, err error) {
	err = b.kernel.Rehearse(b.ctx, b.actor, func(tx *register.Tx) error {
		for i := range n {
			if err := assess(tx, i); err != nil {
				return err
			}
		}
		var out bytes.Buffer
		err := riskbook.Write(&out, &tx.View)
		book = out.Bytes()
		return err
	})
	return book, err
}

// assess makes one risk, judges it inherent and current, and plans every other.
func assess(tx *register.Tx, i int) error {
	controls := annexA()
	at := func(n int) string { return controls[n%len(controls)] }
	created, err := tx.Create(risk.Risks.Name, map[string]any{"title": fmt.Sprintf("Orders of depot %d are lost", i), "description": "A disk fails and the copies are older than the customer was promised.",
		"approach": "asset", "assets": []any{key(i % 500), key((i*7 + 1) % 500)}, "properties": []any{"availability", "integrity"}, "category": []string{"continuity", "cyber", "people"}[i%3],
		"scope_units": []any{"SU-1"}, "owner": person(i), "treating": []any{map[string]any{"control": at(i), "lowers_likelihood": 1.0, "why": "daily"}, map[string]any{"control": at(i + 41), "lowers_consequence": 1.0, "why": "tested"}}}, register.Note{})
	if err != nil {
		return err
	}
	for k, stage := range []string{risk.Inherent, risk.Current} {
		judged := map[string]any{"risk": created.Key, "stage": stage, "likelihood": float64(1 + (i+1-k)%5), "rationale": "Two incidents in five years.", "evaluated_by": person(i),
			"consequences": []any{map[string]any{"type": "availability", "level": float64(1 + i/5%5)}, map[string]any{"type": "financial", "level": 1.0}}}
		if i%10 == 0 { // in ranges too
			maps.Copy(judged, map[string]any{"frequency_shape": "pert", "frequency_low": 0.02, "frequency_mode": 0.1, "frequency_high": 0.5, "loss_shape": "lognormal", "loss_low": "40000 EUR", "loss_high": "900000 EUR"})
		}
		if _, err := tx.Create(risk.Evaluations.Name, judged, register.Note{}); err != nil {
			return err
		}
	}
	if i%2 == 0 {
		return nil
	}
	_, err = tx.Create(risk.Treatments.Name, map[string]any{"title": fmt.Sprintf("Copies of depot %d every hour", i), "risks": []any{created.Key}, "options": []any{"modify"}, "option_reason": "Cheaper than the loss.",
		"owner": person(i + 3), "due_on": time.Date(2027, 1, 1+i%300, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), "expected_effect": "A day less is lost.",
		"measures": []any{map[string]any{"title": "Hourly copies", "control": at(i + 11), "lowers_likelihood": 1.0}}}, register.Note{})
	return err
}

// bring imports a workbook; a row that is refused makes the figure worthless.
func (b *bench) bring(data []byte, o batch.Options) error {
	book, err := riskbook.Read(product.Registers(), data, nil)
	if err != nil {
		return err
	}
	report, err := batch.Bring(b.ctx, b.kernel, b.actor, o, func(in *batch.Batch) error { return book.Bring(in, riskbook.Options{}) })
	if err != nil {
		return err
	}
	for _, part := range report.Parts {
		for _, row := range part.Outcomes {
			if row.Refusal != nil {
				return fmt.Errorf("%s, row %d: %w", part.Register, row.Row, row.Refusal)
			}
		}
	}
	return nil
}
