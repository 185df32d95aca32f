// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"sextant"
)

// Limits of a package that is read. A stranger may have made it.
const (
	maxMembers  = 200_000
	maxUnpacked = 64 << 30
	maxRatio    = 2_000
	maxLine     = 64 << 20
	maxSmall    = 16 << 20 // members that are read as a whole
)

// Verify checks a package: every byte of every member, every signature, every
// line. It fails only where the file is no package at all; everything else is a
// finding. Nothing outside the file is read.
func Verify(ctx context.Context, r io.ReaderAt, size int64, trust Trust) (*Report, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "this is no package: %s", err).WithHint("a package is a .zip made by sextant package")
	}
	v := &verification{ctx: ctx, report: &Report{}, files: map[string]*zip.File{}, trust: trust}
	if err := v.index(archive); err != nil {
		return nil, err
	}
	if err := v.run(); err != nil {
		return nil, err
	}
	return v.report, nil
}

type verification struct {
	ctx      context.Context //nolint:containedctx // lives for one verification
	report   *Report
	trust    Trust
	files    map[string]*zip.File
	contents contents
	public   string
}

// index takes the members' names: each once, only such as a package has.
func (v *verification) index(archive *zip.Reader) error {
	if len(archive.File) > maxMembers {
		return sextant.Errorf(sextant.TooLarge, "a package of %d members; %d is the most", len(archive.File), maxMembers)
	}
	var total uint64
	for _, f := range archive.File {
		total += f.UncompressedSize64
		if total > maxUnpacked || (f.CompressedSize64 > 0 && f.UncompressedSize64/f.CompressedSize64 > maxRatio) {
			return sextant.Errorf(sextant.TooLarge, "%s unpacks to more than a package holds", f.Name)
		}
		if _, twice := v.files[f.Name]; twice {
			return sextant.Errorf(sextant.Invalid, "%s is in the package twice", f.Name)
		}
		v.files[f.Name] = f
	}
	return nil
}

func (v *verification) run() error {
	data, err := v.small(contentsMember)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v.contents); err != nil {
		return sextant.Errorf(sextant.Invalid, "%s cannot be read: %s", contentsMember, err)
	}
	if v.contents.Format != FormatVersion {
		return sextant.Errorf(sextant.Invalid, "the package has format %d; this verifier knows %d", v.contents.Format, FormatVersion).WithHint("use a newer verifier")
	}
	check := NewCheck(v.report, v.contents.Log)
	if err := v.signature(data); err != nil {
		return err
	}
	if err := v.members(); err != nil {
		return err
	}
	if err := v.checkpoints(check); err != nil {
		return err
	}
	if err := v.journal(check); err != nil {
		return err
	}
	check.Close()
	return nil
}

// signature finds the key to rely on and checks that it signed the contents.
func (v *verification) signature(contents []byte) error {
	key, err := v.small(keyMember)
	if err != nil {
		return err
	}
	v.public = strings.TrimSpace(string(key))
	if v.trust.PublicKey != "" {
		pinned := strings.TrimSpace(v.trust.PublicKey)
		if pinned != v.public {
			v.report.find(keyMember, 0, "the package brings another key than the one you gave")
		}
		v.public, v.report.PinnedKey = pinned, true
	}
	v.report.PublicKey = v.public
	if name, _, _ := strings.Cut(v.public, "+"); name != Origin(v.contents.Log) {
		v.report.find(contentsMember, 0, "the package is of another log than the key: %s", Origin(v.contents.Log))
	}
	signed, err := v.small(signatureMember)
	if err != nil {
		return err
	}
	text, err := open(signed, v.public)
	sum := sha256.Sum256(contents)
	if err != nil {
		v.report.find(signatureMember, 0, "%s", err)
	} else if text != packageText(v.contents.Log, hex.EncodeToString(sum[:])) {
		v.report.find(contentsMember, 0, "it is not what was signed")
	}
	return nil
}

var blobName = regexp.MustCompile(`^blobs/[0-9a-f]{64}$`)

// members checks that the package holds exactly what its contents list, byte by
// byte.
func (v *verification) members() error {
	listed := map[string]bool{contentsMember: true, signatureMember: true}
	for _, m := range v.contents.Members {
		if listed[m.Name] {
			v.report.find(contentsMember, 0, "%s is listed twice", m.Name)
		}
		listed[m.Name] = true
		sum, err := v.hash(m.Name)
		if err != nil {
			return err
		}
		if sum != m.SHA256 {
			v.report.find(m.Name, 0, "its bytes are not those that were signed")
		}
		if name, isBlob := strings.CutPrefix(m.Name, blobsFolder); isBlob {
			v.report.Files++
			if !blobName.MatchString(m.Name) || sum != name {
				v.report.find(m.Name, 0, "the file does not have the hash it is named by")
			}
		}
	}
	for name := range v.files {
		if !listed[name] {
			v.report.find(name, 0, "it is in the package and not in its contents")
		}
	}
	return nil
}

// hash reads a member to its end; "" where it is missing or damaged.
func (v *verification) hash(name string) (string, error) {
	f := v.files[name]
	if f == nil {
		v.report.find(name, 0, "it is missing")
		return "", nil
	}
	r, err := f.Open()
	if err != nil {
		v.report.find(name, 0, "it cannot be unpacked: %s", err)
		return "", nil
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, &cancellable{v.ctx, r}); err != nil {
		if v.ctx.Err() != nil {
			return "", v.ctx.Err()
		}
		v.report.find(name, 0, "it cannot be unpacked: %s", err)
		return "", nil
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// small reads a member that every package has.
func (v *verification) small(name string) ([]byte, error) {
	f := v.files[name]
	if f == nil {
		return nil, sextant.Errorf(sextant.Invalid, "this is no package: it has no %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%s cannot be unpacked: %s", name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxSmall+1))
	if err != nil || len(data) > maxSmall {
		return nil, sextant.Errorf(sextant.Invalid, "%s cannot be unpacked, or is too large", name)
	}
	return data, nil
}

// checkpoints anchors the verification: the package's own, those it brings, and
// those given from outside.
func (v *verification) checkpoints(check *Check) error {
	own, err := v.small(checkpointMember)
	if err != nil {
		return err
	}
	if point, ok := check.Anchor(checkpointMember, own, v.public, false); ok {
		v.report.Pending, v.report.Sealed = point.Pending, point.At
		if point.Size != v.contents.Lines {
			v.report.find(checkpointMember, 0, "it is over %d lines, the package says it has %d", point.Size, v.contents.Lines)
		}
	}
	var names []string
	for name := range v.files {
		if strings.HasPrefix(name, checkpointsFolder) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		signed, err := v.small(name)
		if err != nil {
			return err
		}
		check.Anchor(name, signed, v.public, false)
	}
	for _, signed := range v.trust.Checkpoints {
		check.Anchor("the checkpoint you gave", signed, v.public, true)
	}
	return nil
}

func (v *verification) journal(check *Check) error {
	f := v.files[journalMember]
	if f == nil {
		return nil // found missing already
	}
	r, err := f.Open()
	if err != nil {
		return nil //nolint:nilerr // found damaged already
	}
	defer r.Close()
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 0, 64<<10), maxLine)
	for scanner.Scan() {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		line, err := readLine(scanner.Bytes())
		if err != nil {
			v.report.find(journalMember, line.Seq, "%s", err)
			continue
		}
		check.Take(line)
	}
	if err := scanner.Err(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		v.report.find(journalMember, 0, "it cannot be read to the end: %s", err)
	}
	return nil
}

// cancellable stops a copy when its context ends.
type cancellable struct {
	ctx context.Context //nolint:containedctx // lives for one copy
	r   io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
