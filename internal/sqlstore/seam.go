package store

import (
	"crypto/rand"
	"crypto/sha256"
)

type ledgerSeam struct{}

var ledger ledgerSeam

func (ledgerSeam) NewSalt() ([32]byte, error) {
	var s [32]byte
	_, err := rand.Read(s[:])
	return s, err
}
func (ledgerSeam) Commit(salt [32]byte, line []byte) [32]byte {
	return sha256.Sum256(append(salt[:], line...))
}
func (t *transaction) seal() error { return nil }
