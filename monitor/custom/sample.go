// SPDX-License-Identifier: Apache-2.0

package custom

import (
	"time"

	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/check"
)

// Sample is what a check says of one of its samples.
type Sample struct {
	Wanted check.Status `json:"wanted"`
	Number int          `json:"number"` // within its list, from 1
	Got    check.Result `json:"got"`
}

// AsWanted says whether the sample proves what it should.
func (s Sample) AsWanted() bool { return s.Got.Status == s.Wanted }

// SampleMoment is the now of samples, so that days_since is the same for ever:
// that of the library, whose samples can be copied.
var SampleMoment = time.Date(2026, 11, 19, 14, 32, 0, 0, time.UTC)

// Try runs a check over its own samples, in the order they are written.
func Try(c *check.Compiled) []Sample {
	var all []Sample
	for _, list := range []struct {
		wanted  check.Status
		samples []map[string]any
	}{{check.Pass, c.Samples.Pass}, {check.Fail, c.Samples.Fail}, {check.Error, c.Samples.Error}, {check.NotApplicable, c.Samples.None}} {
		for i, attributes := range list.samples {
			all = append(all, Sample{list.wanted, i + 1, c.Evaluate(attributes, nil, SampleMoment)})
		}
	}
	return all
}

// AddSample puts what was observed of a resource among the samples as what it
// should give, and writes them anew. Errors name the samples.
func AddSample(samples string, wanted check.Status, attributes map[string]any) (string, error) {
	all, err := readSamples(samples)
	if err != nil {
		return samples, err
	}
	lists := map[check.Status]*[]map[string]any{check.Pass: &all.Pass, check.Fail: &all.Fail, check.Error: &all.Error, check.NotApplicable: &all.None}
	list, known := lists[wanted]
	if !known {
		return samples, sextant.Errorf(sextant.Invalid, "a sample is of pass, fail, error or not applicable").At("samples")
	}
	*list = append(*list, attributes)
	named := map[string][]map[string]any{}
	for status, list := range lists {
		if len(*list) > 0 {
			named[status.String()] = *list
		}
	}
	text, err := yaml.Marshal(named)
	return string(text), err
}
