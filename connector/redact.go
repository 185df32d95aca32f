// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"regexp"
	"slices"
)

const redacted = "[redacted]"

var (
	// secretName matches names within tags, environments and documents whose
	// values are secrets whatever they look like.
	secretName = regexp.MustCompile(`(?i)(passw(or)?d|secret|secret[-_ ]?(access)?[-_ ]?key|token|api[-_ ]?key|private[-_ ]?key|access[-_ ]?key|credentials?|user[-_ ]?data)$`)
	// secretValue matches secrets by their look, anywhere.
	secretValue = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----` +
		`|(?i:(^|[\s"'{&?;,(])(passw(or)?d|pwd|secret|secret[-_ ]?(access[-_ ]?)?key|token|api[-_ ]?key)\s*[=:]\s*[^\s,;]{4,})` +
		`|(?i:aws_secret_access_key)` +
		`|\b(ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|sk_live|rk_live)[-_][A-Za-z0-9_-]{10,}` +
		`|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+` +
		`|[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@]{3,}@`)
)

// Redact replaces what looks like a secret inside the attributes and notes the
// paths under RedactedKey. A Reading does it before it hands an observation
// over, so a secret is never hashed and never stored.
func Redact(attributes map[string]any) {
	var paths []string
	for name, v := range attributes {
		if name != ErrorsKey {
			attributes[name] = redact(v, name, false, &paths)
		}
	}
	if len(paths) > 0 {
		slices.Sort(paths)
		attributes[RedactedKey] = slices.Compact(paths)
	}
}

func redact(v any, path string, named bool, paths *[]string) any {
	switch v := v.(type) {
	case string:
		if v != "" && (named || secretValue.MatchString(v)) {
			*paths = append(*paths, path)
			return redacted
		}
	case []string:
		for i, s := range v {
			v[i] = redact(s, path, named, paths).(string)
		}
	case []any:
		for i, e := range v {
			v[i] = redact(e, path, named, paths)
		}
	case map[string]any:
		for k, e := range v {
			v[k] = redact(e, path+"."+k, named || secretName.MatchString(k), paths)
		}
	}
	return v
}
