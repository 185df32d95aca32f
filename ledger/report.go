// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"fmt"
	"io"

	"sextant"
)

// Finding is one thing that does not hold.
type Finding struct {
	Where string      `json:"where"` // member, line or checkpoint
	Seq   sextant.Seq `json:"seq,omitempty"`
	What  string      `json:"what"`
}

// Erased is a line whose content was removed under a rule.
type Erased struct {
	Seq    sextant.Seq     `json:"seq"`
	Rule   string          `json:"rule"`
	By     string          `json:"by"`
	Person string          `json:"person,omitempty"`
	At     sextant.Instant `json:"at"`
}

// Report is what a verification found.
type Report struct {
	Log       string          `json:"log"`
	Lines     int64           `json:"lines"`
	Proven    int64           `json:"proven"`
	Erased    []Erased        `json:"erased"`
	Files     int             `json:"files"`
	Pending   int64           `json:"pending"` // recorded and not yet sealed when the checkpoint was made
	Sealed    sextant.Instant `json:"sealed_at"`
	PinnedKey bool            `json:"pinned_key"`        // the key was given from outside
	Anchors   int             `json:"older_checkpoints"` // given from outside and consistent
	PublicKey string          `json:"public_key"`
	Root      string          `json:"root"`
	Findings  []Finding       `json:"findings"`
	Statement string          `json:"statement"` // what this proves, in a sentence
}

// OK says whether everything held.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

func (r *Report) find(where string, seq sextant.Seq, format string, args ...any) {
	const most = 1000 // a broken package must not fill the memory
	if len(r.Findings) < most {
		r.Findings = append(r.Findings, Finding{Where: where, Seq: seq, What: fmt.Sprintf(format, args...)})
	}
}

// conclude says honestly what the outcome proves.
func (r *Report) conclude() {
	switch {
	case !r.OK():
		r.Statement = fmt.Sprintf("It does not hold: %d findings. Do not rely on it.", len(r.Findings))
	case r.PinnedKey && r.Anchors > 0:
		r.Statement = "Every line is as it was sealed by the holder of the key you gave, and nothing before the older checkpoints you gave was rewritten."
	case r.PinnedKey:
		r.Statement = "Every line is as it was sealed by the holder of the key you gave. Without an older checkpoint that holder could have rewritten all of it before sealing."
	case r.Anchors > 0:
		r.Statement = "Nothing before the older checkpoints you gave was rewritten. The key was taken from the package itself."
	default:
		r.Statement = "It agrees with itself, and proves no more: neither a key nor an older checkpoint was given from outside."
	}
}

// Write writes the report for people.
func (r *Report) Write(w io.Writer) error {
	verdict := "VERIFIED"
	if !r.OK() {
		verdict = "FAILED"
	}
	_, err := fmt.Fprintf(w, "%s\n  log       %s\n  lines     %d (%d proven, %d erased under a rule)\n  files     %d\n  pending   %d not yet sealed\n  sealed    %s\n  root      %s\n  key       %s\n",
		verdict, r.Log, r.Lines, r.Proven, len(r.Erased), r.Files, r.Pending, r.Sealed, r.Root, r.PublicKey)
	for _, e := range r.Erased {
		if err == nil {
			_, err = fmt.Fprintf(w, "  line %d erased under rule %s by %s on %s\n", e.Seq, e.Rule, e.By, e.At)
		}
	}
	for _, f := range r.Findings {
		if err == nil {
			_, err = fmt.Fprintf(w, "  ✗ %s: %s\n", f.Where, f.What)
		}
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "%s\n", r.Statement)
	}
	return err
}
