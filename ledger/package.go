// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"archive/zip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"

	"sextant"
)

// The members of a package. Files of entries stand below blobs/, older
// checkpoints below checkpoints/.
const (
	contentsMember      = "package.json"
	signatureMember     = "package.sig"
	checkpointMember    = "checkpoint"
	journalMember       = "journal.jsonl"
	keyMember           = "public-key"
	specificationMember = "SPECIFICATION.md"
	pageMember          = "verify.html"
	checkpointsFolder   = "checkpoints/"
	blobsFolder         = "blobs/"
)

//go:embed SPECIFICATION.md
var specification []byte

//go:embed verify.html
var page []byte

// Page is the verifier that runs in a browser, offline.
func Page() []byte { return page }

// contents lists every member with its hash; its own hash is signed.
type contents struct {
	Format  int             `json:"format"`
	Log     string          `json:"log"`
	Created sextant.Instant `json:"created"`
	Lines   int64           `json:"lines"`
	Members []member        `json:"members"`
}

type member struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Writer writes a package as a stream. Use: NewWriter, Line for every line,
// Blob for every file, Close.
type Writer struct {
	zip      *zip.Writer
	log      string
	key      Key
	created  sextant.Instant
	contents contents
	journal  *counted
	tree     Frontier
}

// NewWriter begins a package of a log, signed with its key.
func NewWriter(w io.Writer, log string, key Key, created sextant.Instant) (*Writer, error) {
	p := &Writer{zip: zip.NewWriter(w), log: log, key: key, created: created, contents: contents{Format: FormatVersion, Log: log, Created: created}}
	for _, m := range []struct {
		name string
		data []byte
	}{{keyMember, []byte(key.Public + "\n")}, {specificationMember, specification}, {pageMember, page}} {
		if err := p.member(m.name, m.data); err != nil {
			return nil, err
		}
	}
	var err error
	p.journal, err = p.open(journalMember)
	return p, err
}

// counted hashes what goes into a member.
type counted struct {
	name string
	w    io.Writer
	hash hash.Hash
	size int64
}

func (c *counted) Write(data []byte) (int, error) {
	c.hash.Write(data)
	c.size += int64(len(data))
	return c.w.Write(data)
}

func (p *Writer) open(name string) (*counted, error) {
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.UnixMicro(int64(p.created)).UTC()})
	if err != nil {
		return nil, fmt.Errorf("package: %s: %w", name, err)
	}
	return &counted{name: name, w: w, hash: sha256.New()}, nil
}

func (p *Writer) finish(c *counted) {
	p.contents.Members = append(p.contents.Members, member{c.name, hex.EncodeToString(c.hash.Sum(nil)), c.size})
}

func (p *Writer) member(name string, data []byte) error {
	c, err := p.open(name)
	if err != nil {
		return err
	}
	if _, err := c.Write(data); err != nil {
		return fmt.Errorf("package: %s: %w", name, err)
	}
	p.finish(c)
	return nil
}

// Line adds the next line of the log.
func (p *Writer) Line(l Line) error {
	if l.Seq != sextant.Seq(p.tree.Size+1) {
		return fmt.Errorf("package: line %d after line %d", l.Seq, p.tree.Size)
	}
	data, err := json.Marshal(l.wire())
	if err != nil {
		return fmt.Errorf("package: line %d: %w", l.Seq, err)
	}
	p.tree.Append(Leaf(p.log, l.Seq, l.Kind, l.Commitment))
	_, err = p.journal.Write(append(data, '\n'))
	return err
}

// EndOfLog closes the journal with the checkpoint over it and the older ones.
// It must be called once, after the last Line and before Blob.
func (p *Writer) EndOfLog(pending int64, older map[int64][]byte) error {
	p.finish(p.journal)
	signed, err := Checkpoint{Log: p.log, Size: p.tree.Size, Root: p.tree.Root(), At: p.created, Pending: pending}.Sign(p.key)
	if err != nil {
		return err
	}
	if err := p.member(checkpointMember, signed); err != nil {
		return err
	}
	for size, note := range older {
		if err := p.member(fmt.Sprintf("%s%d", checkpointsFolder, size), note); err != nil {
			return err
		}
	}
	return nil
}

// Blob adds a file by its hash.
func (p *Writer) Blob(sha256sum string, r io.Reader) error {
	c, err := p.open(blobsFolder + sha256sum)
	if err != nil {
		return err
	}
	if _, err := io.Copy(c, r); err != nil {
		return fmt.Errorf("package: blob %s: %w", sha256sum, err)
	}
	p.finish(c)
	return nil
}

// Close writes the signed contents. Nothing is a package without it.
func (p *Writer) Close() error {
	p.contents.Lines = p.tree.Size
	data, err := json.MarshalIndent(p.contents, "", " ")
	if err != nil {
		return fmt.Errorf("package: contents: %w", err)
	}
	sum := sha256.Sum256(data)
	signed, err := sign(p.key, packageText(p.log, hex.EncodeToString(sum[:])))
	if err != nil {
		return err
	}
	for _, m := range []struct {
		name string
		data []byte
	}{{contentsMember, data}, {signatureMember, signed}} {
		c, err := p.open(m.name)
		if err != nil {
			return err
		}
		if _, err := c.Write(m.data); err != nil {
			return fmt.Errorf("package: %s: %w", m.name, err)
		}
	}
	return p.zip.Close()
}

func packageText(log, sum string) string {
	return Origin(log) + "\npackage\n" + sum + "\n"
}
