// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"sextant/connector"
)

func readLogGroups(ctx context.Context, s *scene, r *connector.Reading) error {
	client := cloudwatchlogs.NewFromConfig(s.config())
	return pages(ctx, s, "logs:DescribeLogGroups", client.DescribeLogGroups, &cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(50)},
		page[cloudwatchlogs.DescribeLogGroupsInput, cloudwatchlogs.DescribeLogGroupsOutput]{
			in:  func(i *cloudwatchlogs.DescribeLogGroupsInput, t *string) { i.NextToken = t },
			out: func(o *cloudwatchlogs.DescribeLogGroupsOutput) *string { return o.NextToken },
			each: func(o *cloudwatchlogs.DescribeLogGroupsOutput) error {
				for _, g := range o.LogGroups {
					it := newItem(r, strings.TrimSuffix(aws.ToString(g.Arn), ":*"))
					it.logGroup(g)
					if err := it.observe(ctx); err != nil {
						return err
					}
				}
				r.Page()
				return nil
			},
		})
}

func (i *item) logGroup(g types.LogGroup) {
	i.set("name", aws.ToString(g.LogGroupName))
	i.set("arn", i.key)
	i.number("retention_days", g.RetentionInDays)
	i.text("kms_key", g.KmsKeyId)
	if g.LogGroupClass != "" {
		i.set("class", string(g.LogGroupClass))
	}
}
