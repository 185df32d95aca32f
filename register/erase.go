// SPDX-License-Identifier: Apache-2.0

package register

import (
	"encoding/json"
	"fmt"

	"sextant"
	"sextant/access"
)

// Erasure asks for content to be removed for good: by a retention rule or
// because a person has the right to be forgotten.
type Erasure struct {
	Register string
	Key      string
	Whole    bool   // everything; false = only the fields marked personal
	Rule     string // retention class or legal ground
	Person   string // on whose request, "" for a retention rule
	Reason   string
}

// ErasureReport names what an erasure removed, or would remove.
type ErasureReport struct {
	Key      string        `json:"key"`
	Versions int           `json:"versions"`
	Lines    []sextant.Seq `json:"lines"`  // journal lines whose content went
	Fields   []string      `json:"fields"` // fields removed; all when Whole
	Files    []string      `json:"files"`  // SHA-256 of files removed
	Seq      sextant.Seq   `json:"seq"`    // the line that records it
}

// erasureLine is the sealed record of an erasure. It names no content.
type erasureLine struct {
	At       sextant.Instant `json:"at"`
	By       string          `json:"by"`
	Rule     string          `json:"rule"`
	Person   string          `json:"person,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Register string          `json:"register"`
	Key      string          `json:"key"`
	Fields   []string        `json:"fields,omitempty"`
	Seqs     []sextant.Seq   `json:"seqs"`
}

// Erase removes content from an entry's present and every past version, from
// the search index, and from the journal lines (with their salts). The leaves
// stay, so everything else still verifies, and this removal is sealed itself.
// Files are reported for the caller to remove once the transaction stands,
// unless another entry still keeps the same bytes.
func (tx *Tx) Erase(e Erasure) (ErasureReport, error) {
	if err := access.May(tx.actor, access.Erase, access.Subject{Register: e.Register}, tx.kernel.Now()); err != nil {
		return ErasureReport{}, err
	}
	def, err := tx.kernel.set.Named(e.Register)
	if err != nil {
		return ErasureReport{}, err
	}
	if e.Rule == "" {
		return ErasureReport{}, sextant.Errorf(sextant.Invalid, "an erasure names the rule it follows").WithHint("such as employment, or gdpr-art-17").At("rule")
	}
	erased := map[string]bool{}
	report := ErasureReport{Key: e.Key}
	for _, f := range def.Fields {
		if e.Whole || f.Personal {
			erased[f.Key] = true
			report.Fields = append(report.Fields, f.Key)
		}
	}
	if len(erased) == 0 {
		return report, sextant.Errorf(sextant.Invalid, "%s has no personal fields", def.Title).WithHint("erase the whole entry if its retention has ended")
	}
	versions, err := tx.tx.Versions(def.Name, e.Key, 0, 1_000_000)
	if err != nil {
		return report, err
	}
	if len(versions) == 0 {
		return report, sextant.Errorf(sextant.NotFound, "there is no %s %q", def.Title, e.Key)
	}
	if err := tx.sealErasure(e, def, &report); err != nil {
		return report, err
	}
	return report, tx.eraseVersions(def, versions, erased, &report)
}

func (tx *Tx) sealErasure(e Erasure, def *Definition, report *ErasureReport) error {
	lines, err := tx.w.Journal(1, 1_000_000, def.Name, e.Key)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.Erased == 0 && l.Kind == "entry" {
			report.Lines = append(report.Lines, l.Seq)
		}
	}
	data, err := json.Marshal(erasureLine{At: tx.Now(), By: tx.actor.Name, Rule: e.Rule, Person: e.Person, Reason: e.Reason,
		Register: def.Name, Key: e.Key, Fields: report.Fields, Seqs: report.Lines})
	if err != nil {
		return fmt.Errorf("erasure line: %w", err)
	}
	report.Seq, err = tx.w.Append(Record{Kind: "erasure", Line: data, Register: def.Name, Key: e.Key})
	if err != nil {
		return err
	}
	for _, seq := range report.Lines {
		if err := tx.w.EraseLine(seq, report.Seq); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) eraseVersions(def *Definition, versions []Row, erased map[string]bool, report *ErasureReport) error {
	for _, row := range versions {
		doc, err := decodeDoc(row.Data)
		if err != nil {
			return err
		}
		report.Files = append(report.Files, filesIn(def, doc, erased)...)
		for key := range erased {
			delete(doc, key)
		}
		remains, err := doc.encode()
		if err != nil {
			return err
		}
		title := row.Title
		if erased[def.titleField().Key] {
			title = row.Key
		}
		if err := tx.w.Erase(def.Name, row.Key, row.Version, remains, title, report.Seq); err != nil {
			return err
		}
		report.Versions++
	}
	return nil
}

func filesIn(def *Definition, doc Doc, erased map[string]bool) []string {
	var sums []string
	for _, f := range def.Fields {
		if f.Kind != File || !erased[f.Key] {
			continue
		}
		if object, ok := doc[f.Key].(map[string]any); ok {
			if sum, ok := object["sha256"].(string); ok {
				sums = append(sums, sum)
			}
		}
	}
	return sums
}
