// SPDX-License-Identifier: Apache-2.0

package main

import "sextant/check"

// checkTitles names the checks by their id, as check/aws.root-mfa.
type checkTitles struct{}

func (checkTitles) Title(reference string) (string, bool) {
	c, ok := check.Named(reference)
	if !ok {
		return "", false
	}
	return c.Title, true
}
