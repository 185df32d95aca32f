// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"sextant/connector"
)

func flowLogs(ctx context.Context, s *scene, client *ec2.Client) (map[string][]types.FlowLog, error) {
	all := map[string][]types.FlowLog{}
	err := pages(ctx, s, "ec2:DescribeFlowLogs", client.DescribeFlowLogs, &ec2.DescribeFlowLogsInput{},
		page[ec2.DescribeFlowLogsInput, ec2.DescribeFlowLogsOutput]{
			in:  func(i *ec2.DescribeFlowLogsInput, t *string) { i.NextToken = t },
			out: func(o *ec2.DescribeFlowLogsOutput) *string { return o.NextToken },
			each: func(o *ec2.DescribeFlowLogsOutput) error {
				for _, f := range o.FlowLogs {
					if id := aws.ToString(f.ResourceId); strings.HasPrefix(id, "vpc-") {
						all[id] = append(all[id], f)
					}
				}
				return nil
			},
		})
	return all, err
}

func readNetworks(ctx context.Context, s *scene, r *connector.Reading) error {
	client := ec2.NewFromConfig(s.config())
	_, used, uncounted := interfaces(ctx, s, client)
	logs, unlogged := flowLogs(ctx, s, client)
	return pages(ctx, s, "ec2:DescribeVpcs", client.DescribeVpcs, &ec2.DescribeVpcsInput{MaxResults: aws.Int32(1000)},
		page[ec2.DescribeVpcsInput, ec2.DescribeVpcsOutput]{
			in:  func(i *ec2.DescribeVpcsInput, t *string) { i.NextToken = t },
			out: func(o *ec2.DescribeVpcsOutput) *string { return o.NextToken },
			each: func(o *ec2.DescribeVpcsOutput) error {
				for _, v := range o.Vpcs {
					id := aws.ToString(v.VpcId)
					it := newItem(r, s.arn+":ec2:"+s.region+":"+s.account+":vpc/"+id)
					it.set("vpc_id", id)
					it.set("cidr", aws.ToString(v.CidrBlock))
					it.set("default", aws.ToBool(v.IsDefault))
					it.set("tags", tagsOf(v.Tags))
					it.set("interfaces", used[id])
					if uncounted != nil {
						delete(it.has, "interfaces")
						it.unknown(uncounted, "interfaces")
					}
					it.flowLogs(logs[id], unlogged)
					if err := it.observe(ctx); err != nil {
						return err
					}
				}
				r.Page()
				return nil
			},
		})
}

func (i *item) flowLogs(all []types.FlowLog, unread error) {
	if unread != nil {
		i.unknown(unread, "flow_logs", "active_flow_log")
		return
	}
	slices.SortFunc(all, func(a, b types.FlowLog) int {
		return cmp.Compare(aws.ToString(a.FlowLogId), aws.ToString(b.FlowLogId))
	})
	logs, active := []any{}, false
	for _, f := range all {
		active = active || aws.ToString(f.FlowLogStatus) == "ACTIVE"
		logs = append(logs, map[string]any{
			"id": aws.ToString(f.FlowLogId), "status": aws.ToString(f.FlowLogStatus), "traffic": string(f.TrafficType), "destination_type": string(f.LogDestinationType),
		})
	}
	i.set("flow_logs", logs)
	i.set("active_flow_log", active)
}
