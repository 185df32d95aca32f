// SPDX-License-Identifier: Apache-2.0

package register

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	Key      string          `json:"key"`
	Versions int             `json:"versions"`
	Lines    []sextant.Seq   `json:"lines"`  // journal lines whose content went
	Fields   []string        `json:"fields"` // fields removed; all when Whole
	Files    []string        `json:"files"`  // SHA-256 of files nothing else cites, for the caller to remove
	Seq      sextant.Seq     `json:"seq"`    // the line that records it
	With     []ErasureReport `json:"with,omitempty"`
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
// links, tags, uniqueness, secrets and the search index, and from the journal
// lines (with their salts). What belongs to the entry goes with it: children,
// comments, attachments and the renderings kept with its sign-offs. The leaves
// stay, so everything else still verifies, and this removal is sealed itself.
//
// Files are reported for the caller to remove once the transaction stands;
// files that something else cites are not among them. A legal hold refuses with
// Conflict.
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
	keys := erasedFields(def, e.Whole)
	if len(keys) == 0 {
		return ErasureReport{Key: e.Key}, sextant.Errorf(sextant.Invalid, "%s has no personal fields", def.Title).WithHint("erase the whole entry if its retention has ended")
	}
	report, err := tx.eraseFields(def, e, keys)
	if err != nil {
		return report, err
	}
	report.With, err = tx.eraseBelonging(def, e)
	if err != nil {
		return report, err
	}
	report.Files, err = tx.uncited(report)
	return report, err
}

func erasedFields(def *Definition, whole bool) []string {
	var keys []string
	for _, f := range def.Fields {
		if whole || f.Personal {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

// eraseFields removes fields of one entry.
func (tx *Tx) eraseFields(def *Definition, e Erasure, keys []string) (ErasureReport, error) {
	report := ErasureReport{Key: e.Key, Fields: keys}
	if err := tx.notHeld(def, e.Key); err != nil {
		return report, err
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
	if err := tx.w.EraseFields(def.Name, e.Key, keys); err != nil {
		return report, err
	}
	for _, row := range versions {
		if err := tx.eraseVersion(def, row, keys, &report); err != nil {
			return report, err
		}
	}
	delete(tx.titles, e.Key)
	if tx.progress != nil {
		tx.progress.writes[erasures]++
	}
	if err := tx.w.Retag(def.Name, e.Key, "", def.rowTags); err != nil {
		return report, err
	}
	return report, tx.reindex(def, e.Key)
}

func (tx *Tx) sealErasure(e Erasure, def *Definition, report *ErasureReport) error {
	lines, err := tx.w.Journal(1, 1_000_000, def.Name, e.Key)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.Erased == 0 && l.Kind != "erasure" {
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

// eraseVersion keeps what remains of one version. An older document is brought
// up to today's schema first: what is personal today may have had another name.
func (tx *Tx) eraseVersion(def *Definition, row Row, keys []string, report *ErasureReport) error {
	e, err := def.entry(row)
	if err != nil {
		return err
	}
	if err := tx.eraseBytes(def, e.Doc, keys, report); err != nil {
		return err
	}
	remains := e.Doc.Clone()
	maps.DeleteFunc(remains, func(key string, _ any) bool { return slices.Contains(keys, key) })
	row.Schema, row.Erased, row.Why = def.Schema, true, ""
	row.Title, row.Owner, row.Due, row.Score = "", "", "", 0
	fillColumns(draft{def: def, doc: remains}, &row)
	if row.Title == "" {
		row.Title = row.Key
	}
	if row.Data, err = remains.encode(); err != nil {
		return err
	}
	report.Versions++
	return tx.w.Erase(row)
}

// eraseBytes forgets sealed secrets and notes the files of a version.
func (tx *Tx) eraseBytes(def *Definition, doc Doc, keys []string, report *ErasureReport) error {
	for _, f := range def.Fields {
		object, ok := doc[f.Key].(map[string]any)
		if !ok || !slices.Contains(keys, f.Key) {
			continue
		}
		if handle, ok := object["handle"].(string); ok && f.Kind == Secret {
			if err := tx.w.PutSecret(handle, nil); err != nil {
				return err
			}
		}
		if sum, ok := object["sha256"].(string); ok && f.Kind == File && !slices.Contains(report.Files, sum) {
			report.Files = append(report.Files, sum)
		}
	}
	return nil
}

// reindex keeps findable what remains.
func (tx *Tx) reindex(def *Definition, key string) error {
	row, err := tx.tx.Entry(def.Name, key, sextant.LatestSeq)
	if err != nil {
		return err
	}
	if row.Deleted {
		return tx.w.Index(def.Name, key, "")
	}
	e, err := def.entry(row)
	if err != nil {
		return err
	}
	_, _, text := tx.sideTables(draft{def: def, key: key, doc: e.Doc})
	return tx.w.Index(def.Name, key, text)
}

// eraseBelonging erases what exists only because of an entry, in the same
// measure: children, comments and attachments; of sign-offs the rendering, its
// title and the reason. That somebody decided on which version stays.
func (tx *Tx) eraseBelonging(def *Definition, e Erasure) ([]ErasureReport, error) {
	links, err := tx.tx.BackLinks(def.Name, e.Key, sextant.LatestSeq, 1_000_000)
	if err != nil {
		return nil, err
	}
	var reports []ErasureReport
	for _, l := range links {
		from, err := tx.kernel.set.Named(l.FromRegister)
		if err != nil {
			return nil, err
		}
		part := e
		part.Register, part.Key = l.FromRegister, l.FromKey
		keys := belongingFields(from, l.Field, e.Whole)
		if len(keys) == 0 {
			continue
		}
		report, err := tx.eraseFields(from, part, keys)
		if err != nil {
			return nil, err
		}
		if report.With, err = tx.eraseBelonging(from, part); err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	return reports, nil
}

func belongingFields(from *Definition, field string, whole bool) []string {
	switch {
	case from == SignOffs.Definition && field == "subject":
		return []string{"subject_title", "reason", "frozen"}
	case from == Comments.Definition && field == "subject":
		return []string{"text", "mentions"}
	case from == Attachments.Definition && field == "subject":
		return []string{"file", "title"}
	case from.Parent == field:
		return slices.DeleteFunc(erasedFields(from, whole), func(key string) bool { return key == field })
	}
	return nil
}

// uncited gives the files of an erasure that no other entry cites, in any
// version: equal bytes are kept once.
func (tx *Tx) uncited(r ErasureReport) ([]string, error) {
	var free []string
	for _, sum := range r.allFiles() {
		cited, err := tx.w.Cited(sum)
		if err != nil {
			return nil, err
		}
		if !cited && !slices.Contains(free, sum) {
			free = append(free, sum)
		}
	}
	return free, nil
}

func (r ErasureReport) allFiles() []string {
	files := slices.Clone(r.Files)
	for _, part := range r.With {
		files = append(files, part.allFiles()...)
	}
	return files
}

// Summary says in one line what an erasure took.
func (r ErasureReport) Summary() string {
	text := fmt.Sprintf("%s: %d versions, %d sealed lines, fields %s", r.Key, r.Versions, len(r.Lines), strings.Join(r.Fields, ", "))
	if len(r.With) > 0 {
		var keys []string
		for _, part := range r.With {
			keys = append(keys, part.Key)
		}
		text += "; with it " + joined(keys)
	}
	if len(r.Files) > 0 {
		text += fmt.Sprintf("; %d files", len(r.Files))
	}
	return text
}
