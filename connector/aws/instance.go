// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"sextant/connector"
)

func readInstances(ctx context.Context, s *scene, r *connector.Reading) error {
	client := ec2.NewFromConfig(s.config())
	managed, unmanaged := managedInstances(ctx, s)
	return pages(ctx, s, "ec2:DescribeInstances", client.DescribeInstances, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(500)},
		page[ec2.DescribeInstancesInput, ec2.DescribeInstancesOutput]{
			in:  func(i *ec2.DescribeInstancesInput, t *string) { i.NextToken = t },
			out: func(o *ec2.DescribeInstancesOutput) *string { return o.NextToken },
			each: func(o *ec2.DescribeInstancesOutput) error {
				all := live(o.Reservations)
				patches, unpatched := patchStates(ctx, s, all, managed)
				for _, in := range all {
					it := newItem(r, s.arn+":ec2:"+s.region+":"+s.account+":instance/"+aws.ToString(in.InstanceId))
					it.instance(in)
					it.managed(aws.ToString(in.InstanceId), managed, unmanaged)
					it.patches(aws.ToString(in.InstanceId), managed, patches, cmp.Or(unmanaged, unpatched))
					if err := it.observe(ctx); err != nil {
						return err
					}
				}
				r.Page()
				return nil
			},
		})
}

func live(all []types.Reservation) []types.Instance {
	var running []types.Instance
	for _, r := range all {
		for _, i := range r.Instances {
			if i.State == nil || i.State.Name != types.InstanceStateNameTerminated {
				running = append(running, i)
			}
		}
	}
	return running
}

func (i *item) instance(in types.Instance) {
	i.set("instance_id", aws.ToString(in.InstanceId))
	i.set("image_id", aws.ToString(in.ImageId))
	i.set("instance_type", string(in.InstanceType))
	if in.State != nil {
		i.set("state", string(in.State.Name))
		i.set("running", in.State.Name == types.InstanceStateNameRunning)
	}
	i.time("launched_at", in.LaunchTime)
	i.text("vpc_id", in.VpcId)
	i.text("public_ip", in.PublicIpAddress)
	if in.IamInstanceProfile != nil {
		i.text("profile", in.IamInstanceProfile.Arn)
	}
	groups := make([]string, 0, len(in.SecurityGroups))
	for _, g := range in.SecurityGroups {
		groups = append(groups, aws.ToString(g.GroupId))
	}
	i.list("security_groups", groups)
	i.set("tags", tagsOf(in.Tags))
	i.metadata(in.MetadataOptions)
}

// metadata sets how the metadata service answers. Instances without options
// answer both versions.
func (i *item) metadata(o *types.InstanceMetadataOptionsResponse) {
	if o == nil {
		o = &types.InstanceMetadataOptionsResponse{}
	}
	tokens := cmp.Or(o.HttpTokens, types.HttpTokensStateOptional)
	enabled := o.HttpEndpoint != types.InstanceMetadataEndpointStateDisabled
	i.set("http_tokens", string(tokens))
	i.set("metadata_enabled", enabled)
	i.set("imdsv2_required", !enabled || tokens == types.HttpTokensStateRequired)
}

// managedInstances lists what Systems Manager manages in the region.
func managedInstances(ctx context.Context, s *scene) (map[string]ssmtypes.InstanceInformation, error) {
	client, all := ssm.NewFromConfig(s.config()), map[string]ssmtypes.InstanceInformation{}
	err := pages(ctx, s, "ssm:DescribeInstanceInformation", client.DescribeInstanceInformation, &ssm.DescribeInstanceInformationInput{MaxResults: aws.Int32(50)},
		page[ssm.DescribeInstanceInformationInput, ssm.DescribeInstanceInformationOutput]{
			in:  func(i *ssm.DescribeInstanceInformationInput, t *string) { i.NextToken = t },
			out: func(o *ssm.DescribeInstanceInformationOutput) *string { return o.NextToken },
			each: func(o *ssm.DescribeInstanceInformationOutput) error {
				for _, m := range o.InstanceInformationList {
					all[aws.ToString(m.InstanceId)] = m
				}
				return nil
			},
		})
	return all, err
}

// patchStates asks for the patch states of the managed ones among a page of
// instances, 50 at a time as AWS allows.
func patchStates(ctx context.Context, s *scene, all []types.Instance, managed map[string]ssmtypes.InstanceInformation) (map[string]ssmtypes.InstancePatchState, error) {
	var ids []string
	for _, i := range all {
		if _, ok := managed[aws.ToString(i.InstanceId)]; ok {
			ids = append(ids, aws.ToString(i.InstanceId))
		}
	}
	client, states := ssm.NewFromConfig(s.config()), map[string]ssmtypes.InstancePatchState{}
	for len(ids) > 0 {
		some := ids[:min(50, len(ids))]
		ids = ids[len(some):]
		err := pages(ctx, s, "ssm:DescribeInstancePatchStates", client.DescribeInstancePatchStates, &ssm.DescribeInstancePatchStatesInput{InstanceIds: some},
			page[ssm.DescribeInstancePatchStatesInput, ssm.DescribeInstancePatchStatesOutput]{
				in:  func(i *ssm.DescribeInstancePatchStatesInput, t *string) { i.NextToken = t },
				out: func(o *ssm.DescribeInstancePatchStatesOutput) *string { return o.NextToken },
				each: func(o *ssm.DescribeInstancePatchStatesOutput) error {
					for _, p := range o.InstancePatchStates {
						states[aws.ToString(p.InstanceId)] = p
					}
					return nil
				},
			})
		if err != nil {
			return nil, err
		}
	}
	return states, nil
}

func (i *item) managed(id string, managed map[string]ssmtypes.InstanceInformation, unread error) {
	if unread != nil {
		i.unknown(unread, "ssm_managed", "ssm_ping", "ssm_platform")
		return
	}
	m, ok := managed[id]
	i.set("ssm_managed", ok)
	if ok {
		i.set("ssm_ping", string(m.PingStatus))
		i.text("ssm_platform", m.PlatformName)
	}
}

func (i *item) patches(id string, managed map[string]ssmtypes.InstanceInformation, states map[string]ssmtypes.InstancePatchState, unread error) {
	if unread != nil {
		i.unknown(unread, "patch_state", "patch_critical_noncompliant", "patch_security_noncompliant", "patch_missing", "patch_failed", "patch_scanned_at")
		return
	}
	if _, ok := managed[id]; !ok {
		return
	}
	p, ok := states[id]
	i.set("patch_state", ok)
	if !ok {
		return
	}
	i.number("patch_critical_noncompliant", p.CriticalNonCompliantCount)
	i.number("patch_security_noncompliant", p.SecurityNonCompliantCount)
	i.set("patch_missing", int64(p.MissingCount))
	i.set("patch_failed", int64(p.FailedCount))
	i.time("patch_scanned_at", p.OperationEndTime)
}
