// SPDX-License-Identifier: Apache-2.0

package main

// The pages around the register of risks, which the walk is told of as needMore
// and keysOf tell it of others.
func init() {
	needMore = append(needMore, "POST /risks/criteria/begin", "POST /risks/criteria/{criteria}", "POST /risks/criteria/{criteria}/edit",
		"POST /risks/treatment/new", "POST /risks/treatment/{treatment}/edit", "POST /risks/treatment/{treatment}", "POST /risks/treatment/{treatment}/measures", "POST /risks/treatment/{treatment}/compare", "POST /risks/treatment/{treatment}/tasks", "POST /risks/signatures/{acceptance}", "POST /risks/assessments/{assessment}")
	keysOf["{criteria}"], keysOf["{treatment}"], keysOf["{acceptance}"], keysOf["{assessment}"], keysOf["{asset}"] = "risk_criteria", "treatment", "acceptance", "risk_assessment", "asset"
	queries["GET /risks/reports/asset"] = "?asset=AST-71"
	known["{report}"] = []string{"risk-report.pdf", "treatment-plan.xlsx", "board.pdf", "none"}
}
