// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"crypto/sha256"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"sextant"
)

// Frontier is the right edge of a tree: the roots of its perfect subtrees from
// the largest to the smallest, one for each 1 bit of the size. It is all an
// append needs to read, and it is enough to compute the root.
type Frontier struct {
	Size int64
	Edge []Hash
}

// ReadFrontier reads what Bytes wrote; what is no edge of that size is Invalid.
func ReadFrontier(size int64, data []byte) (Frontier, error) {
	f := Frontier{Size: size}
	if size < 0 || len(data) != bits.OnesCount64(uint64(size))*sha256.Size {
		return f, sextant.Errorf(sextant.Invalid, "%d bytes are no right edge of a tree of %d leaves", len(data), size).WithHint("the tree was damaged; restore a backup")
	}
	for len(data) > 0 {
		f.Edge = append(f.Edge, Hash(data[:sha256.Size]))
		data = data[sha256.Size:]
	}
	return f, nil
}

// Bytes is the frontier's edge, for storage beside its size.
func (f *Frontier) Bytes() []byte {
	data := make([]byte, 0, len(f.Edge)*sha256.Size)
	for _, h := range f.Edge {
		data = append(data, h[:]...)
	}
	return data
}

// Append adds a leaf and gives the hashes that became final with it, in the
// order in which tlog numbers stored hashes: the leaf, then every subtree it
// completed. A store that keeps them can prove inclusion and consistency.
func (f *Frontier) Append(leaf Hash) []Hash {
	final := []Hash{leaf}
	h := leaf
	for n := f.Size; n&1 == 1; n >>= 1 {
		last := len(f.Edge) - 1
		h = tlog.NodeHash(f.Edge[last], h)
		f.Edge = f.Edge[:last]
		final = append(final, h)
	}
	f.Edge = append(f.Edge, h)
	f.Size++
	return final
}

// FirstIndex is where the hashes of the next Append are numbered from.
func (f *Frontier) FirstIndex() int64 { return tlog.StoredHashIndex(0, f.Size) }

// Root is the tree's root: SHA-256 of nothing for an empty tree.
func (f *Frontier) Root() Hash {
	if len(f.Edge) == 0 {
		return Hash(sha256.Sum256(nil))
	}
	h := f.Edge[len(f.Edge)-1]
	for i := len(f.Edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.Edge[i], h)
	}
	return h
}
