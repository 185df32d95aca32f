// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"
	"slices"

	"sextant/connector"
)

var _ connector.Tester = (*Connector)(nil)

// Test signs in to each account and makes every call about one resource of each
// type, in one region: the first that is named, else the home region.
func (c *Connector) Test(ctx context.Context) (connector.Trial, error) {
	config, options := c.config, c.options
	config.Regions = []string{cmp.Or(append(slices.Clone(config.Regions), config.HomeRegion, "us-east-1")...)}
	config.Attempts, options.Sample, options.Skip = 2, 1, nil
	trial, err := connector.Try(ctx, &Connector{config: config, options: options})
	for _, call := range trial.Denied {
		if action := operations[call]; action != "" && !slices.Contains(trial.Missing, action) {
			trial.Missing = append(trial.Missing, action)
		}
	}
	return trial, err
}
