// SPDX-License-Identifier: Apache-2.0

package main

// The pages around the register of risks, which the walk is told of as needMore
// and keysOf tell it of others.
func init() {
	needMore = append(needMore, "POST /risks/criteria/begin", "POST /risks/criteria/{criteria}", "POST /risks/criteria/{criteria}/edit")
	keysOf["{criteria}"] = "risk_criteria"
}
