// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"sextant/connector"
)

func readTrails(ctx context.Context, s *scene, r *connector.Reading) error {
	client := cloudtrail.NewFromConfig(s.config())
	out, err := call(ctx, s, "cloudtrail:DescribeTrails", client.DescribeTrails, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(false)})
	if err != nil {
		return err
	}
	for _, t := range out.TrailList {
		if home := aws.ToString(t.HomeRegion); home != "" && home != s.region {
			continue
		}
		it := newItem(r, aws.ToString(t.TrailARN))
		it.trail(t)
		it.trailStatus(ctx, s, client, t.TrailARN)
		it.trailEvents(ctx, s, client, t.TrailARN)
		it.trailBucket(ctx, s, t.S3BucketName)
		if err := it.observe(ctx); err != nil {
			return err
		}
	}
	r.Page()
	return nil
}

func (i *item) trail(t types.Trail) {
	i.set("name", aws.ToString(t.Name))
	i.set("arn", aws.ToString(t.TrailARN))
	i.set("home_region", aws.ToString(t.HomeRegion))
	i.set("multi_region", aws.ToBool(t.IsMultiRegionTrail))
	i.set("organization_trail", aws.ToBool(t.IsOrganizationTrail))
	i.set("log_file_validation", aws.ToBool(t.LogFileValidationEnabled))
	i.text("kms_key", t.KmsKeyId)
	i.text("bucket", t.S3BucketName)
	i.text("log_group", t.CloudWatchLogsLogGroupArn)
}

func (i *item) trailStatus(ctx context.Context, s *scene, client *cloudtrail.Client, arn *string) {
	out, err := call(ctx, s, "cloudtrail:GetTrailStatus", client.GetTrailStatus, &cloudtrail.GetTrailStatusInput{Name: arn})
	if err != nil {
		i.unknown(err, "logging", "latest_delivery_error")
		return
	}
	i.set("logging", aws.ToBool(out.IsLogging))
	i.text("latest_delivery_error", out.LatestDeliveryError)
}

func (i *item) trailEvents(ctx context.Context, s *scene, client *cloudtrail.Client, arn *string) {
	out, err := call(ctx, s, "cloudtrail:GetEventSelectors", client.GetEventSelectors, &cloudtrail.GetEventSelectorsInput{TrailName: arn})
	if err != nil {
		i.unknown(err, "management_read", "management_write")
		return
	}
	read, write := managementEvents(out)
	i.set("management_read", read)
	i.set("management_write", write)
}

// managementEvents reports which management events are recorded. An advanced
// selector that leaves out a service (KMS, the RDS data API) still counts; one
// that narrows by anything else does not.
func managementEvents(o *cloudtrail.GetEventSelectorsOutput) (read, write bool) {
	for _, e := range o.EventSelectors {
		if e.IncludeManagementEvents == nil || *e.IncludeManagementEvents {
			read = read || e.ReadWriteType != types.ReadWriteTypeWriteOnly
			write = write || e.ReadWriteType != types.ReadWriteTypeReadOnly
		}
	}
	for _, a := range o.AdvancedEventSelectors {
		r, w := advanced(a.FieldSelectors)
		read, write = read || r, write || w
	}
	return read, write
}

func advanced(fields []types.AdvancedFieldSelector) (read, write bool) {
	management := false
	read, write = true, true
	for _, f := range fields {
		switch strings.ToLower(aws.ToString(f.Field)) {
		case "eventcategory":
			management = slices.Contains(f.Equals, "Management")
		case "readonly":
			read, write = slices.Contains(f.Equals, "true"), slices.Contains(f.Equals, "false")
		case "eventsource":
			if len(f.NotEquals) == 0 {
				return false, false
			}
		default:
			return false, false
		}
	}
	return management && read, management && write
}

// trailBucket sets whether what a trail wrote is open to the public. The bucket
// may lie in another account, which then has to allow the question.
func (i *item) trailBucket(ctx context.Context, s *scene, name *string) {
	if aws.ToString(name) == "" {
		return
	}
	public, err := s.bucketPublic(ctx, name)
	if err != nil {
		i.unknown(of(s.arn+":s3:::"+*name, err), "bucket_public")
		return
	}
	i.set("bucket_public", public)
}

func (s *scene) bucketPublic(ctx context.Context, name *string) (bool, error) {
	region, err := s.bucketRegion(ctx, s3types.Bucket{Name: name})
	if err != nil {
		return false, err
	}
	b := &bucket{scene: s, client: s.s3(region), name: name}
	own, err := b.block(ctx)
	if err != nil || own.all() {
		return false, err
	}
	account, err := s.accountBlock(ctx)
	if err != nil {
		return false, err
	}
	left := own.or(account)
	policy, err := b.policyPublic(ctx)
	if err != nil {
		return false, err
	}
	acl, err := b.grantsPublic(ctx)
	return policy && !left.restrict || acl && !left.ignoreACLs, err
}
