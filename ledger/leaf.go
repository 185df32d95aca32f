// SPDX-License-Identifier: Apache-2.0

// Package ledger is the sealed log: an append-only Merkle tree after RFC 6962
// over salted commitments, signed checkpoints after the C2SP tlog-checkpoint
// form, and packages that verify offline with nothing but themselves and a key.
//
// It knows no word of an ISMS and imports no store: a store hands it lines and
// keeps the hashes it gives back. SPECIFICATION.md describes every byte.
package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"sextant"
)

// FormatVersion is the first byte of every leaf.
const FormatVersion = 1

// Hash is a SHA-256 hash.
type Hash = tlog.Hash

// Salt hides what a commitment is over once the content is gone: without it
// short values could be guessed from their hash.
type Salt [32]byte

// NewSalt draws a salt.
func NewSalt() (s Salt, err error) {
	_, err = rand.Read(s[:])
	return s, err
}

// Commit binds a line's bytes: SHA-256(salt ‖ bytes). The bytes are those that
// are stored; they are never encoded anew.
func Commit(salt Salt, line []byte) Hash {
	h := sha256.New()
	h.Write(salt[:])
	h.Write(line)
	return Hash(h.Sum(nil))
}

// Leaf is the RFC 6962 leaf hash of one line:
//
//	SHA-256(0x00 ‖ version ‖ len16(log) log ‖ seq64 ‖ len16(kind) kind ‖ commitment)
//
// What an erasure removes (line and salt) is not needed to compute it again.
func Leaf(log string, seq sextant.Seq, kind string, commitment Hash) Hash {
	record := make([]byte, 0, 1+2+len(log)+8+2+len(kind)+len(commitment))
	record = append(record, FormatVersion)
	record = appendText(record, log)
	record = binary.BigEndian.AppendUint64(record, uint64(seq))
	record = appendText(record, kind)
	record = append(record, commitment[:]...)
	return tlog.RecordHash(record)
}

func appendText(b []byte, text string) []byte {
	if len(text) > 0xffff {
		panic(fmt.Sprintf("ledger: a name of %d bytes", len(text))) // log ids and kinds are ours and short
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(text)))
	return append(b, text...)
}
