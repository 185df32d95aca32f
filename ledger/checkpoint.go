// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"sextant"
)

// Checkpoint says how large a log was at a moment and what its root was. Signed
// and taken elsewhere it pins everything before it.
type Checkpoint struct {
	Log     string
	Size    int64
	Root    Hash
	At      sextant.Instant
	Pending int64 // lines recorded and not yet sealed
}

// Origin is the first line of a log's checkpoints and the name of its key.
func Origin(log string) string { return "sextant/" + log }

// Key signs checkpoints and packages of one log (Ed25519).
type Key struct {
	Private string // secret; in the note package's form
	Public  string // the verifier key people pin
}

// NewKey makes the key of a log.
func NewKey(log string) (Key, error) {
	private, public, err := note.GenerateKey(rand.Reader, Origin(log))
	if err != nil {
		return Key{}, fmt.Errorf("ledger: key: %w", err)
	}
	return Key{Private: private, Public: public}, nil
}

func sign(key Key, text string) ([]byte, error) {
	signer, err := note.NewSigner(key.Private)
	if err != nil {
		return nil, fmt.Errorf("ledger: the signing key cannot be used: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return nil, fmt.Errorf("ledger: sign: %w", err)
	}
	return signed, nil
}

// Sign gives the checkpoint as a signed note.
func (c Checkpoint) Sign(key Key) ([]byte, error) { return sign(key, c.text()) }

func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\ntime %s\npending %d\n", Origin(c.Log), c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), c.At, c.Pending)
}

// maxNote bounds what is read as a signed note.
const maxNote = 64 << 10

// OpenCheckpoint reads a signed checkpoint and checks its signature by a public
// key. Errors say what is wrong with it.
func OpenCheckpoint(signed []byte, public string) (Checkpoint, error) {
	text, err := open(signed, public)
	if err != nil {
		return Checkpoint{}, err
	}
	return parseCheckpoint(text)
}

func open(signed []byte, public string) (string, error) {
	if len(signed) > maxNote {
		return "", sextant.Errorf(sextant.TooLarge, "a signed note of %d bytes; %d is the most", len(signed), maxNote)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return "", sextant.Errorf(sextant.Invalid, "%q is no public key", public).WithHint("it looks like sextant/org-…+1a2b3c4d+AbC…")
	}
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return "", sextant.Errorf(sextant.Invalid, "the signature is not by %s: %s", verifier.Name(), err)
	}
	return n.Text, nil
}

func parseCheckpoint(text string) (c Checkpoint, err error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	bad := func(what string) (Checkpoint, error) {
		return Checkpoint{}, sextant.Errorf(sextant.Invalid, "no checkpoint: %s", what)
	}
	if len(lines) < 3 {
		return bad("it has fewer than three lines")
	}
	var ok bool
	if c.Log, ok = strings.CutPrefix(lines[0], "sextant/"); !ok {
		return bad("its origin is " + strconv.Quote(lines[0]))
	}
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return bad("its size is " + strconv.Quote(lines[1]))
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != len(c.Root) {
		return bad("its root is " + strconv.Quote(lines[2]))
	}
	c.Root = Hash(root)
	for _, line := range lines[3:] {
		if text, ok := strings.CutPrefix(line, "time "); ok {
			if c.At, err = sextant.ParseInstant(text); err != nil {
				return bad("its time is " + strconv.Quote(text))
			}
		}
		if text, ok := strings.CutPrefix(line, "pending "); ok {
			if c.Pending, err = strconv.ParseInt(text, 10, 64); err != nil {
				return bad("its pending count is " + strconv.Quote(text))
			}
		}
	}
	return c, nil
}
