// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
)

// The attributes every type may carry beside its own.
const (
	// ErrorsKey holds {attribute: cause} for attributes that could not be read.
	// Such an attribute is absent; a check that reads it gives an error.
	ErrorsKey = "_errors"
	// RedactedKey lists the paths whose values were secrets and were replaced
	// before anything was hashed or handed over.
	RedactedKey = "redacted"
)

// Observation is one resource as it was read. Times are RFC 3339 strings in
// UTC, lists without an order of their own are sorted, an absent attribute does
// not apply or is not set. An attribute that could not be read is absent and
// named under ErrorsKey.
type Observation struct {
	Slice
	Key        string         `json:"key"` // unique in the world and stable; for AWS the ARN
	Kind       Kind           `json:"kind"`
	Attributes map[string]any `json:"attributes"`
}

// Canonical gives the bytes an observation is hashed and stored by: JSON with
// sorted keys, no space, integers without a fraction. Equal observations have
// equal bytes, whatever the order they were read in. It refuses values JSON
// cannot hold.
func (o Observation) Canonical() ([]byte, error) {
	if err := plain(o.Attributes); err != nil {
		return nil, fmt.Errorf("%s %s: %w", o.Type, o.Key, err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(map[string]any{
		"type": o.Type, "key": o.Key, "account": o.Account, "region": o.Region,
		"kind": o.Kind, "attributes": o.Attributes,
	})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Hash is the SHA-256 of the canonical bytes.
func (o Observation) Hash() ([sha256.Size]byte, error) {
	b, err := o.Canonical()
	return sha256.Sum256(b), err
}

// Unknown lists the attributes that could not be read, sorted.
func (o Observation) Unknown() []string {
	m, _ := o.Attributes[ErrorsKey].(map[string]any)
	return slices.Sorted(maps.Keys(m))
}

func plain(v any) error {
	switch v := v.(type) {
	case nil, bool, string, int, int32, int64, []string, []int:
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%v is no JSON number", v)
		}
	case []any:
		for _, e := range v {
			if err := plain(e); err != nil {
				return err
			}
		}
	case map[string]any:
		for k, e := range v {
			if err := plain(e); err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
		}
	default:
		return fmt.Errorf("%T is no JSON value", v)
	}
	return nil
}
