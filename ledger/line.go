// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"sextant"
)

// Line is one line of a log. Bytes and Salt are nil once erased; Commitment is
// then what is left, and Erased names the line that records the erasure.
type Line struct {
	Seq        sextant.Seq
	Kind       string
	Bytes      []byte
	Salt       *Salt
	Commitment Hash
	Erased     sextant.Seq
}

// ErasureKind is the kind of lines that record an erasure. Their bytes are a
// JSON object with at least seqs, rule, by and at.
const ErasureKind = "erasure"

// Erasure is what an erasure's line says.
type Erasure struct {
	At     sextant.Instant `json:"at"`
	By     string          `json:"by"`
	Rule   string          `json:"rule"`
	Person string          `json:"person,omitempty"`
	Seqs   []sextant.Seq   `json:"seqs"`
}

// wireLine is a line in a package's journal.jsonl.
type wireLine struct {
	Seq        sextant.Seq `json:"seq"`
	Kind       string      `json:"kind"`
	Salt       string      `json:"salt,omitempty"`
	Line       string      `json:"line,omitempty"`
	Commitment string      `json:"commitment,omitempty"`
	Erased     sextant.Seq `json:"erased,omitempty"`
}

func (l Line) wire() wireLine {
	if l.Erased != 0 {
		return wireLine{Seq: l.Seq, Kind: l.Kind, Commitment: base64.StdEncoding.EncodeToString(l.Commitment[:]), Erased: l.Erased}
	}
	return wireLine{Seq: l.Seq, Kind: l.Kind, Salt: base64.StdEncoding.EncodeToString(l.Salt[:]), Line: base64.StdEncoding.EncodeToString(l.Bytes)}
}

// readLine reads one line of journal.jsonl. Nothing but the known members is
// accepted, so that nothing unproven can hide in it.
func readLine(data []byte) (l Line, err error) {
	var w wireLine
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil || dec.More() {
		return l, sextant.Errorf(sextant.Invalid, "no journal line")
	}
	l = Line{Seq: w.Seq, Kind: w.Kind, Erased: w.Erased}
	if w.Erased != 0 {
		return l, l.readCommitment(w)
	}
	salt, err := base64.StdEncoding.DecodeString(w.Salt)
	if err != nil || len(salt) != len(Salt{}) || w.Commitment != "" {
		return l, sextant.Errorf(sextant.Invalid, "line %d has no salt", w.Seq)
	}
	s := Salt(salt)
	l.Salt = &s
	if l.Bytes, err = base64.StdEncoding.DecodeString(w.Line); err != nil {
		return l, sextant.Errorf(sextant.Invalid, "line %d is no base64", w.Seq)
	}
	l.Commitment = Commit(s, l.Bytes)
	return l, nil
}

func (l *Line) readCommitment(w wireLine) error {
	commitment, err := base64.StdEncoding.DecodeString(w.Commitment)
	if err != nil || len(commitment) != len(l.Commitment) || w.Salt != "" || w.Line != "" {
		return sextant.Errorf(sextant.Invalid, "line %d is erased and has no commitment", w.Seq)
	}
	l.Commitment = Hash(commitment)
	return nil
}
