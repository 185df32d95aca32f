// SPDX-License-Identifier: Apache-2.0

// Package migration brings what an organisation said about the controls of the
// 2013 edition over to those of 2022. It makes proposals: one for each row of the
// statement, with what the old sheet said about each predecessor side by side. A
// person confirms, changes or declines each; nothing here is a decision, and
// nothing becomes a state by itself.
package migration

// Said is what one row of a sheet says about one control, as far as it was
// understood. A zero field says nothing.
type Said struct {
	Row            int      // as the spreadsheet shows it
	ID             string   // A.5.1.1 in 2013, A.5.1 in 2022, or the reference of a row beyond Annex A
	Title          string   // as written there
	Applicability  string   // applicable, not_applicable or undecided
	Reasons        []string // of the statement's
	Justification  string   // of whichever was decided
	Inclusion      string
	Exclusion      string
	Implementation string // not_started, planned, partly or implemented
	How            string
	PlannedOn      string // 2026-11-24
	Owner          string // key of a person
	OwnerText      string // as written there
	Unit           string // key of a scope unit, "" where none is named
	Remarks        string
}
