// SPDX-License-Identifier: Apache-2.0

package findings

import (
	"net/url"

	"sextant/evidence"
	"sextant/lint"
	"sextant/register"
)

// Figure is how many findings of a kind stand, and the list of exactly these.
type Figure struct {
	Key   string // blocks, or a severity
	Count int
	Path  string
}

// Figures counts what stands: first what blocks something, then each severity.
// What somebody answers for is in none of them. Who asks has to be one MayRead
// lets see them.
func Figures(v *register.View, m evidence.Reader, conditions lint.Conditions) ([]Figure, error) {
	if len(conditions) == 0 {
		return nil, nil
	}
	verdicts, err := lint.Report(v, m, conditions)
	if err != nil {
		return nil, err
	}
	list := []Figure{{Key: "blocks", Path: listPath(is("standing", "blocks"))}}
	for _, severity := range lint.Severities() {
		list = append(list, Figure{Key: string(severity), Path: listPath(is("severity", string(severity)), []string{notWaived})})
	}
	for _, verdict := range verdicts {
		n := len(verdict.Findings)
		if len(verdict.Rule.Blocks) > 0 {
			list[0].Count += n
		}
		list[1+severityRank(verdict.Rule.Severity)].Count += n
	}
	return list, nil
}

var notWaived = register.Filter{Field: "standing", Op: register.IsNot, Values: []string{"waived"}}.String()

func listPath(filters ...[]string) string {
	q := url.Values{}
	for _, f := range filters {
		q["filter"] = append(q["filter"], f...)
	}
	return path + "?" + q.Encode()
}
