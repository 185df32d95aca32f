// SPDX-License-Identifier: Apache-2.0

package main

// The pages around the register of risks, which the walk is told of as needMore
// and keysOf tell it of others.
func init() {
	needMore = append(needMore, "POST /risks/criteria/begin", "POST /risks/criteria/{criteria}", "POST /risks/criteria/{criteria}/edit",
		"POST /risks/treatment/new", "POST /risks/treatment/{treatment}/edit", "POST /risks/treatment/{treatment}", "POST /risks/treatment/{treatment}/measures", "POST /risks/treatment/{treatment}/compare", "POST /risks/treatment/{treatment}/tasks", "POST /risks/treatment/{treatment}/residual", "POST /risks/signatures/{acceptance}", "POST /risks/assessments/{assessment}",
		"POST /libraries/{key}/criteria", // its library holds no matrix; tested role by role in web/libraries
		// Judging, signing and taking from the library are written role by role in
		// the tests of web/risks.
		"POST /risks/acceptances/{acceptance}", "POST /risks/sign", "POST /risks/evaluate/{risk}", "POST /risks/library", "POST /risks/sign/{risk}", "POST /risks/suggestions")
	keysOf["{criteria}"], keysOf["{treatment}"], keysOf["{acceptance}"], keysOf["{assessment}"], keysOf["{asset}"] = "risk_criteria", "treatment", "acceptance", "risk_assessment", "asset"
	queries["GET /risks/reports/asset"] = "?asset=AST-71"
	known["{id}"] = append(known["{id}"], "public-bucket")
	known["{report}"] = []string{"risk-report.pdf", "treatment-plan.xlsx", "board.pdf", "none"}
}
