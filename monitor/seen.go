// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"crypto/sha256"
	"hash"
	"hash/fnv"
)

// seen is what a run has met of one population: eight bytes of each key, so that
// half a million fit in memory, and a digest of keys and hashes in the order
// they came, so that the journal says what was seen although only what changed
// is in it.
type seen struct {
	keys   map[uint64]struct{}
	digest hash.Hash
}

func newSeen() *seen { return &seen{map[uint64]struct{}{}, sha256.New()} }

func (s *seen) add(key string, hash [32]byte) {
	s.keys[fingerprint(key)] = struct{}{}
	_, _ = s.digest.Write(append(append([]byte(key), 0), hash[:]...)) // a hash never fails
}

func (s *seen) knows(key string) bool {
	_, ok := s.keys[fingerprint(key)]
	return ok
}

// fingerprint stands for a key in memory.
func fingerprint(key string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key)) // a hash never fails
	return h.Sum64()
}
