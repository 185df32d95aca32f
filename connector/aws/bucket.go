// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"sextant/connector"
)

func (s *scene) s3(region string) *s3.Client {
	return s3.NewFromConfig(s.in(region), func(o *s3.Options) { o.UsePathStyle = s.custom })
}

func readBuckets(ctx context.Context, s *scene, r *connector.Reading) error {
	return pages(ctx, s, "s3:ListBuckets", s.s3(s.home).ListBuckets, &s3.ListBucketsInput{MaxBuckets: aws.Int32(1000)},
		page[s3.ListBucketsInput, s3.ListBucketsOutput]{
			in:  func(i *s3.ListBucketsInput, t *string) { i.ContinuationToken = t },
			out: func(o *s3.ListBucketsOutput) *string { return o.ContinuationToken },
			each: func(o *s3.ListBucketsOutput) error {
				if o.Owner == nil && len(o.Buckets) == 0 { // the SDK takes any XML for an empty list
					return s.broken("s3:ListBuckets", connector.Malformed, "the answer names no owner")
				}
				for _, b := range o.Buckets {
					if err := readBucket(ctx, s, r, b); err != nil {
						return err
					}
				}
				r.Page()
				return nil
			},
		})
}

func readBucket(ctx context.Context, s *scene, r *connector.Reading, b types.Bucket) error {
	name := aws.ToString(b.Name)
	it := newItem(r, s.arn+":s3:::"+name)
	it.set("name", name)
	it.time("created_at", b.CreationDate)
	region, err := s.bucketRegion(ctx, b)
	if err != nil {
		it.unknown(of(it.key, err), bucketAttributes...)
		it.accountBlock(ctx, s)
		return it.observe(ctx)
	}
	it.set("region", region)
	at := &bucket{scene: s, client: s.s3(region), name: &name}
	it.exposure(ctx, at)
	it.bucketPolicy(ctx, at)
	it.bucketEncryption(ctx, at)
	it.versioning(ctx, at)
	it.bucketLogging(ctx, at)
	it.lifecycle(ctx, at)
	it.bucketTags(ctx, at)
	return it.observe(ctx)
}

// bucketAttributes cannot be read where the bucket's region is unknown.
var bucketAttributes = []string{
	"region", "block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets", "public_access_blocked",
	"policy", "policy_public", "acl_public", "denies_insecure_transport", "encryption", "kms_key", "bucket_key",
	"versioning", "mfa_delete", "logging_target", "lifecycle_rules", "tags",
}

// bucket is a bucket and the client for its region.
type bucket struct {
	*scene
	client *s3.Client
	name   *string
}

// bucketRegion gives the region, which older answers of the list leave out. The
// names EU and none are historic.
func (s *scene) bucketRegion(ctx context.Context, b types.Bucket) (string, error) {
	if b.BucketRegion != nil && *b.BucketRegion != "" {
		return *b.BucketRegion, nil
	}
	out, err := call(ctx, s, "s3:GetBucketLocation", s.s3(s.home).GetBucketLocation, &s3.GetBucketLocationInput{Bucket: b.Name})
	if err != nil {
		return "", err
	}
	if out.LocationConstraint == types.BucketLocationConstraintEu {
		return "eu-west-1", nil
	}
	return cmp.Or(string(out.LocationConstraint), "us-east-1"), nil
}
