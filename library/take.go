// SPDX-License-Identifier: Apache-2.0

package library

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Incoming is a library that was read and is not taken over yet.
type Incoming struct {
	Name    string // of the file
	SHA256  string // of its bytes as they came
	Content *Content
	Report  *Report
}

// Came puts together what a reader made of a file.
func Came(name string, data []byte, content *Content, report *Report) Incoming {
	sum := sha256.Sum256(data)
	return Incoming{Name: register.SafeName(name), SHA256: hex.EncodeToString(sum[:]), Content: content, Report: report}
}

// Prospect says what an import would do.
type Prospect struct {
	Counts     Counts      `json:"counts"`
	Remarks    []Remark    `json:"remarks"`
	Same       string      `json:"same,omitempty"`       // key of the entry that holds it already: nothing would be written
	Supersedes string      `json:"supersedes,omitempty"` // key of the version it takes the place of
	Difference *Difference `json:"difference,omitempty"` // from that version
}

// Look says what an import would do, and writes nothing. Conflict where a newer
// version is in use.
func Look(v *register.View, in Incoming) (p Prospect, err error) {
	p.Counts = in.Content.Counts()
	report := Report{Remarks: slices.Clone(in.Report.Remarks)}
	if err := dangling(v, in.Content, &report); err != nil {
		return p, err
	}
	p.Remarks = report.Sorted()
	key, err := inUse(v, in.Content.URN)
	if err != nil || key == "" {
		return p, err
	}
	before, err := Libraries.Get(v, key)
	if err != nil {
		return p, err
	}
	if before.Fields.SourceSHA256 == in.SHA256 {
		p.Same = before.Key
		return p, nil
	}
	if compareVersions(in.Content.Version, before.Fields.Edition) < 0 {
		return p, sextant.Errorf(sextant.Conflict, "%s holds version %s of %s; this file is version %s", before.Key, before.Fields.Edition, before.Fields.Title, in.Content.Version).WithHint("retire %s first if the older one is wanted", before.Key)
	}
	p.Supersedes = before.Key
	old, err := Open(v, before.Fields)
	if err != nil {
		return p, err
	}
	p.Difference = Compare(old.Content, in.Content)
	return p, nil
}

// Take writes an import in the name of the actor: the file by its digest, the
// entry, and that it supersedes the version before. What is there already is not
// written again. It gives the entry's key. Durable on return.
func Take(ctx context.Context, k *register.Kernel, actor access.Actor, in Incoming, note register.Note) (key string, p Prospect, err error) {
	if err := access.May(actor, access.Import, access.Subject{Register: Libraries.Name}, k.Now()); err != nil {
		return "", p, err
	}
	if k.Blobs() == nil {
		return "", p, sextant.Errorf(sextant.Unavailable, "this installation keeps no files")
	}
	kept, err := encode(in.Content)
	if err != nil {
		return "", p, err
	}
	sum, size, err := k.Blobs().Put(ctx, actor.Organisation, bytes.NewReader(kept))
	if err != nil {
		return "", p, err
	}
	// The program writes the entry; the name beside it is the person's.
	actor.Roles = append(slices.Clone(actor.Roles), access.System)
	err = k.Write(ctx, actor, func(tx *register.Tx) error {
		if p, err = Look(&tx.View, in); err != nil || p.Same != "" {
			key = p.Same
			return err
		}
		if p.Supersedes != "" {
			if _, err := tx.Transition(Libraries.Name, p.Supersedes, 0, "supersede", nil, register.Note{Why: "version " + in.Content.Version + " was imported"}); err != nil {
				return err
			}
		}
		fields := entryOf(in, p)
		fields.File = map[string]any{"name": strings.TrimSuffix(in.Name, ".yaml") + ".json", "type": "application/json", "size": float64(size), "sha256": sum}
		e, err := Libraries.Create(tx, fields, note)
		key = e.Key
		return err
	})
	return key, p, err
}

func encode(c *Content) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(c)
	return out.Bytes(), err
}

// Most characters of what is kept beside the file; the file has it all.
const (
	longestLine = 1_000
	longestText = 20_000
)

func entryOf(in Incoming, p Prospect) Library {
	c, n := in.Content, p.Counts
	l := Library{Title: cut(oneLine(c.Name), longestLine), URN: cut(c.URN, longestLine), Edition: cut(c.Version, longestLine), Format: string(c.Format), Provider: cut(oneLine(c.Provider), longestLine),
		Packager: cut(oneLine(c.Packager), longestLine), Locale: cut(oneLine(c.Locale), longestLine), Published: cut(oneLine(c.Published), longestLine), Licence: cut(c.Licence, longestText),
		Frameworks: n.Frameworks, Nodes: n.Nodes, Assessable: n.Assessable, Questions: n.Questions, MappingSets: n.MappingSets, Mappings: n.Mappings, Controls: n.Controls, Threats: n.Threats, RiskMatrices: n.RiskMatrices,
		SourceName: in.Name, SourceSHA256: in.SHA256, Supersedes: p.Supersedes}
	for _, part := range []struct {
		name string
		n    int
	}{{"framework", n.Frameworks}, {"mapping_set", n.MappingSets}, {"reference_control", n.Controls}, {"threat", n.Threats}, {"risk_matrix", n.RiskMatrices}} {
		if part.n > 0 {
			l.Contains = append(l.Contains, part.name)
		}
	}
	for _, f := range c.Frameworks {
		if len(f.URN) <= mostOfURN && len(l.URNs) < mostURNs {
			l.URNs = append(l.URNs, f.URN)
		}
	}
	for _, k := range p.Remarks {
		l.Remarks = append(l.Remarks, RemarkRow{What: string(k.Code), Count: k.Count, LeftOut: k.Left, Examples: strings.Join(k.Examples, "\n")})
	}
	return l
}

// Most of the frameworks of one library that others find by urn.
const (
	mostOfURN = 300
	mostURNs  = 500
)

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// compareVersions compares 1.9 and 1.10 as people do: digits as numbers, the
// rest as text.
func compareVersions(a, b string) int {
	x, y := pieces(a), pieces(b)
	for i := range min(len(x), len(y)) {
		if c := comparePieces(x[i], y[i]); c != 0 {
			return c
		}
	}
	return len(x) - len(y)
}

func pieces(version string) []string {
	return strings.FieldsFunc(version, func(r rune) bool { return r == '.' || r == '-' || r == ' ' || r == '_' })
}

func comparePieces(a, b string) int {
	isNumber := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	if isNumber(a) && isNumber(b) {
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		if len(a) != len(b) {
			return len(a) - len(b)
		}
	}
	return strings.Compare(a, b)
}
