// SPDX-License-Identifier: Apache-2.0

package library

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// longestID is how long the id of a node may be; a longer one is cut and told
// apart by a digest.
const longestID = 90

// Namer gives the nodes of one library ids that can stand in a reference, each
// once, and so its controls and its threats: the end of their urn in small letters where it is free.
// The same file read again gives the same ids.
type Namer struct{ taken map[string]bool }

// Name gives an id that was made from text and nothing else has.
func (n *Namer) Name(text string) string {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	id := idOf(text)
	free := id
	for i := 2; n.taken[free]; i++ {
		free = fmt.Sprintf("%s-%d", id, i)
	}
	n.taken[free] = true
	return free
}

func idOf(text string) string {
	last := text[strings.LastIndexByte(text, ':')+1:]
	id := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.':
			return r
		}
		return '-'
	}, strings.ToLower(last))
	id = strings.Trim(id, "-.")
	if id == "" {
		id = "node"
	}
	if len(id) > longestID {
		hash := sha256.Sum256([]byte(text))
		id = strings.TrimRight(id[:longestID-9], "-.") + "-" + hex.EncodeToString(hash[:4])
	}
	return id
}
