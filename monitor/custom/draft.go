// SPDX-License-Identifier: Apache-2.0

package custom

import (
	"gopkg.in/yaml.v3"
)

// Tryable fills what a half-written check lacks and its expressions do not need,
// so that it can be tried while it is written. What it fills is never kept: it
// is no check that could be activated. Samples it adds have no attributes.
func Tryable(f Check) Check {
	fill := func(text *string, with string) {
		if *text == "" {
			*text = with
		}
	}
	for _, text := range []*string{&f.Title, &f.Intent, &f.DoesNotShow, &f.Remediation} {
		fill(text, "–")
	}
	fill(&f.Reason, "'it does not'")
	if !ownID.MatchString(f.Reference) {
		f.Reference = "own.draft"
	}
	f.Samples = withEmptySamples(f.Samples)
	return f
}

// withEmptySamples adds an empty sample to every list that is needed and has
// none. Samples that cannot be read stay as they are, to be refused.
func withEmptySamples(text string) string {
	samples, err := readSamples(text)
	if err != nil {
		return text
	}
	for _, list := range []*[]map[string]any{&samples.Pass, &samples.Fail, &samples.Error} {
		if len(*list) == 0 {
			*list = []map[string]any{{}}
		}
	}
	filled, err := yaml.Marshal(map[string]any{"pass": samples.Pass, "fail": samples.Fail, "error": samples.Error, "not_applicable": samples.None})
	if err != nil {
		return text
	}
	return string(filled)
}
