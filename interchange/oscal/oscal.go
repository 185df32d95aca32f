// SPDX-License-Identifier: Apache-2.0

// Package oscal reads catalogs and profiles of NIST's Open Security Controls
// Assessment Language, version 1.1, as JSON, XML or YAML, and writes catalogs,
// profiles and a Statement of Applicability (as a system security plan) as JSON
// that NIST's schemas accept.
//
// It holds the models it uses and no others. Assessment plans, results and plans
// of action are not read, and nothing is fetched: what a profile imports stands
// beside it or is not resolved.
package oscal

import (
	"encoding/json"
	"io"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"sextant"
)

// Version is the edition of OSCAL that is written; every 1.1 and 1.0 is read.
const Version = "1.1.3"

// namespace is of the properties that are ours. A name that is nobody's address
// cannot be taken over by anybody.
const namespace = "urn:sextant:oscal:1"

// root is what identifiers are derived from, so that the same statement gives
// the same bytes wherever it is written (RFC 9562, version 5).
var root = uuid.NewSHA1(uuid.NameSpaceURL, []byte(namespace))

// identifier gives the UUID of something by the names that lead to it.
func identifier(parts ...string) string {
	return uuid.NewSHA1(root, []byte(strings.Join(parts, "\x1f"))).String()
}

// Document is one OSCAL file; one of its models is set.
type Document struct {
	Catalog *Catalog      `json:"catalog,omitempty"`
	Profile *Profile      `json:"profile,omitempty"`
	Plan    *SecurityPlan `json:"system-security-plan,omitempty"`
}

// Write writes the document as JSON. The same document gives the same bytes.
func (d Document) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// when writes a moment as OSCAL wants it: with a zone, in whole seconds.
func when(at sextant.Instant) string { return at.Time().Format("2006-01-02T15:04:05Z") }

// line is text where OSCAL allows one line that neither begins nor ends with
// white space; otherwise stands where nothing is left.
func line(text, otherwise string) string {
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return otherwise
	}
	return text
}

// Token turns an id into one OSCAL takes: a letter or _ first, then letters,
// digits, dots, hyphens and underscores.
func Token(id string) string {
	token := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, strings.TrimSpace(id))
	if token == "" {
		return "_"
	}
	if first := []rune(token)[0]; !unicode.IsLetter(first) && first != '_' {
		token = "_" + token
	}
	return token
}
