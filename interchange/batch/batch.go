// SPDX-License-Identifier: Apache-2.0

// Package batch brings one file into several registers at once: the rows of
// each register in turn, in one transaction, under one batch name that one undo
// takes back. It knows no format and no register; every row meets the rules the
// kernel has for it, and its fate is reported.
package batch

import (
	"context"
	"errors"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Part is what became, or would become, of the rows for one register.
type Part struct {
	Register string `json:"register"`
	Titles   string `json:"titles"`
	register.Report
}

// Report is what became, or would become, of a file.
type Report struct {
	Batch   string   `json:"batch"`
	Written bool     `json:"written"`
	Parts   []Part   `json:"parts"`
	Notes   []string `json:"notes"`
}

// Count adds up the rows of all registers that met a fate.
func (r Report) Count(fate register.Fate) (n int) {
	for _, p := range r.Parts {
		n += p.Counts[fate]
	}
	return n
}

// Part gives the report of one register, empty where no row was for it.
func (r Report) Part(name string) Part {
	for _, p := range r.Parts {
		if p.Register == name {
			return p
		}
	}
	return Part{Register: name}
}

// Options say how far an import goes.
type Options struct {
	File    string // its name, kept with every version that is written
	Reason  string // likewise, "" = that it is an import
	Dry     bool   // show each row's fate and write nothing
	Without bool   // write the rows that are not refused although others are
}

// Bring runs fn in a rehearsal and then, where nothing is refused or the rest is
// wanted without the refused rows, for good. Report.Written says which it was.
// An error of fn leaves nothing written.
func Bring(ctx context.Context, k *register.Kernel, actor access.Actor, o Options, fn func(*Batch) error) (Report, error) {
	why := o.Reason
	if why == "" {
		why = "import of " + o.File
	}
	note := register.Note{Why: why, Batch: register.NewBatch()}
	run := func(how func(context.Context, access.Actor, func(*register.Tx) error) error) (b *Batch, err error) {
		err = how(ctx, actor, func(tx *register.Tx) error {
			b = &Batch{Tx: tx, Note: note, report: Report{Batch: note.Batch, Parts: []Part{}, Notes: []string{}}}
			return fn(b)
		})
		return b, err
	}
	tried, err := run(k.Rehearse)
	if err != nil {
		return Report{}, err
	}
	if o.Dry || tried.report.Count(register.Refused) > 0 && !o.Without {
		return tried.report, nil
	}
	done, err := run(k.Write)
	if err != nil {
		return Report{}, err
	}
	done.report.Written = true
	return done.report, nil
}

// Batch is an import under way.
type Batch struct {
	*register.Tx
	Note   register.Note
	report Report
}

// Import brings rows into a register and gives, by the number of each row that
// was not refused, the key of its entry.
func (b *Batch) Import(name string, rows []register.Incoming) (map[int]string, error) {
	part, err := b.part(name)
	if err != nil {
		return nil, err
	}
	keys := map[int]string{}
	report, err := b.Tx.Import(name, rows, b.Note)
	if err != nil {
		return nil, err
	}
	for fate, n := range report.Counts {
		part.Counts[fate] += n
	}
	part.Outcomes = append(part.Outcomes, report.Outcomes...)
	for _, o := range report.Outcomes {
		if o.Fate != register.Refused {
			keys[o.Row] = o.Key
		}
	}
	return keys, nil
}

// Refuse reports a row that never reached the register. An error that is no
// refusal is given back.
func (b *Batch) Refuse(name string, row int, title string, err error) error {
	e, ok := errors.AsType[*sextant.Error](err)
	if !ok || e.Code == sextant.Internal || e.Code == sextant.Unavailable {
		return err
	}
	return b.add(name, register.Outcome{Row: row, Title: title, Fate: register.Refused, Refusal: e})
}

// Keep reports a row that changes nothing.
func (b *Batch) Keep(name string, row int, key, title string) error {
	return b.add(name, register.Outcome{Row: row, Key: key, Title: title, Fate: register.Unchanged})
}

// Make reports an entry that was made otherwise than by rows, or why it was not.
func (b *Batch) Make(name string, row int, key, title string, err error) error {
	if err != nil {
		return b.Refuse(name, row, title, err)
	}
	return b.add(name, register.Outcome{Row: row, Key: key, Title: title, Fate: register.Created})
}

func (b *Batch) add(name string, o register.Outcome) error {
	part, err := b.part(name)
	if err != nil {
		return err
	}
	part.Counts[o.Fate]++
	part.Outcomes = append(part.Outcomes, o)
	return nil
}

// Say tells what a person should know of the file as a whole.
func (b *Batch) Say(text string) { b.report.Notes = append(b.report.Notes, text) }

func (b *Batch) part(name string) (*Part, error) {
	def, err := b.Set().Named(name)
	if err != nil {
		return nil, err
	}
	for i := range b.report.Parts {
		if b.report.Parts[i].Register == def.Name {
			return &b.report.Parts[i], nil
		}
	}
	b.report.Parts = append(b.report.Parts, Part{Register: def.Name, Titles: def.Titles, Report: register.Report{Batch: b.Note.Batch, Counts: map[register.Fate]int{}, Outcomes: []register.Outcome{}}})
	return &b.report.Parts[len(b.report.Parts)-1], nil
}
