// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"encoding/json"
	"slices"
)

// Policy gives the exact IAM policy the connector needs, as JSON: read-only
// actions, made from the calls the connector makes.
func Policy() []byte {
	var actions []string
	for _, action := range operations {
		if action != "" && !slices.Contains(actions, action) {
			actions = append(actions, action)
		}
	}
	slices.Sort(actions)
	text, err := json.MarshalIndent(map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Sid": "SextantReadOnly", "Effect": "Allow", "Action": actions, "Resource": "*",
		}},
	}, "", "  ")
	if err != nil {
		panic(err) // strings only
	}
	return append(text, '\n')
}
