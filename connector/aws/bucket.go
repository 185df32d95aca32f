// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

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

// publicAccess is one public access block.
type publicAccess struct {
	blockACLs, ignoreACLs, blockPolicy, restrict bool
}

func (p publicAccess) or(q publicAccess) publicAccess {
	return publicAccess{p.blockACLs || q.blockACLs, p.ignoreACLs || q.ignoreACLs, p.blockPolicy || q.blockPolicy, p.restrict || q.restrict}
}

func (p publicAccess) all() bool { return p.blockACLs && p.ignoreACLs && p.blockPolicy && p.restrict }

// accountBlock gives the public access block of the whole account; none is the
// same as one with everything off.
func (s *scene) accountBlock(ctx context.Context) (publicAccess, error) {
	return s.shared.blocked.get(func() (publicAccess, error) {
		s := &scene{session: s.session, region: connector.Global}
		client := s3control.NewFromConfig(s.in(s.home))
		out, err := call(ctx, s, "s3control:GetPublicAccessBlock", client.GetPublicAccessBlock, &s3control.GetPublicAccessBlockInput{AccountId: &s.account})
		if answered(err, "NoSuchPublicAccessBlockConfiguration") {
			return publicAccess{}, nil
		}
		if err != nil {
			return publicAccess{}, err
		}
		c := out.PublicAccessBlockConfiguration
		if c == nil {
			return publicAccess{}, s.broken("s3control:GetPublicAccessBlock", connector.Malformed, "the answer holds no configuration")
		}
		return publicAccess{aws.ToBool(c.BlockPublicAcls), aws.ToBool(c.IgnorePublicAcls), aws.ToBool(c.BlockPublicPolicy), aws.ToBool(c.RestrictPublicBuckets)}, nil
	})
}

// block gives the bucket's own public access block. A bucket of another account
// is refused: what this account blocks says nothing about it.
func (b *bucket) block(ctx context.Context) (publicAccess, error) {
	out, err := call(ctx, b.scene, "s3:GetPublicAccessBlock", b.client.GetPublicAccessBlock, &s3.GetPublicAccessBlockInput{Bucket: b.name, ExpectedBucketOwner: &b.account})
	if answered(err, "NoSuchPublicAccessBlockConfiguration") {
		return publicAccess{}, nil
	}
	if err != nil {
		return publicAccess{}, err
	}
	c := out.PublicAccessBlockConfiguration
	if c == nil {
		return publicAccess{}, b.broken("s3:GetPublicAccessBlock", connector.Malformed, "the answer holds no configuration")
	}
	return publicAccess{aws.ToBool(c.BlockPublicAcls), aws.ToBool(c.IgnorePublicAcls), aws.ToBool(c.BlockPublicPolicy), aws.ToBool(c.RestrictPublicBuckets)}, nil
}

func (i *item) accountBlock(ctx context.Context, s *scene) (publicAccess, error) {
	p, err := s.accountBlock(ctx)
	if err != nil {
		i.unknown(err, "account_block_public_acls", "account_ignore_public_acls", "account_block_public_policy",
			"account_restrict_public_buckets", "account_public_access_blocked")
		return p, err
	}
	i.set("account_block_public_acls", p.blockACLs)
	i.set("account_ignore_public_acls", p.ignoreACLs)
	i.set("account_block_public_policy", p.blockPolicy)
	i.set("account_restrict_public_buckets", p.restrict)
	i.set("account_public_access_blocked", p.all())
	return p, nil
}

// exposure sets the blocks of account and bucket and what they leave. All four
// on at one level is enough, whatever the other level says.
func (i *item) exposure(ctx context.Context, b *bucket) {
	account, accountErr := i.accountBlock(ctx, b.scene)
	own, err := b.block(ctx)
	if err != nil {
		i.unknown(err, "block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
	} else {
		i.set("block_public_acls", own.blockACLs)
		i.set("ignore_public_acls", own.ignoreACLs)
		i.set("block_public_policy", own.blockPolicy)
		i.set("restrict_public_buckets", own.restrict)
	}
	switch {
	case account.all() || own.all():
		i.set("public_access_blocked", true)
	case cmp.Or(accountErr, err) != nil:
		i.unknown(cmp.Or(accountErr, err), "public_access_blocked")
	default:
		i.set("public_access_blocked", account.or(own).all())
	}
	i.publicGrant(ctx, b)
	i.publicPolicy(ctx, b)
}

func (i *item) publicGrant(ctx context.Context, b *bucket) {
	public, err := b.grantsPublic(ctx)
	if err != nil {
		i.unknown(err, "acl_public")
		return
	}
	i.set("acl_public", public)
}

func (i *item) publicPolicy(ctx context.Context, b *bucket) {
	public, err := b.policyPublic(ctx)
	if err != nil {
		i.unknown(err, "policy_public")
		return
	}
	i.set("policy_public", public)
}

func (b *bucket) policyPublic(ctx context.Context) (bool, error) {
	out, err := call(ctx, b.scene, "s3:GetBucketPolicyStatus", b.client.GetBucketPolicyStatus, &s3.GetBucketPolicyStatusInput{Bucket: b.name})
	if answered(err, "NoSuchBucketPolicy") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if out.PolicyStatus == nil || out.PolicyStatus.IsPublic == nil {
		return false, b.broken("s3:GetBucketPolicyStatus", connector.Malformed, "the answer does not say whether the policy is public")
	}
	return *out.PolicyStatus.IsPublic, nil
}

var everyone = map[string]bool{
	"http://acs.amazonaws.com/groups/global/AllUsers":           true,
	"http://acs.amazonaws.com/groups/global/AuthenticatedUsers": true,
}

func (b *bucket) grantsPublic(ctx context.Context) (bool, error) {
	out, err := call(ctx, b.scene, "s3:GetBucketAcl", b.client.GetBucketAcl, &s3.GetBucketAclInput{Bucket: b.name})
	if err != nil {
		return false, err
	}
	for _, g := range out.Grants {
		if g.Grantee != nil && everyone[aws.ToString(g.Grantee.URI)] {
			return true, nil
		}
	}
	return false, nil
}

func (i *item) bucketPolicy(ctx context.Context, b *bucket) {
	out, err := call(ctx, b.scene, "s3:GetBucketPolicy", b.client.GetBucketPolicy, &s3.GetBucketPolicyInput{Bucket: b.name})
	if answered(err, "NoSuchBucketPolicy") {
		i.set("denies_insecure_transport", false)
		return
	}
	var d *document
	if err == nil {
		if d, err = parseDocument(aws.ToString(out.Policy)); err != nil {
			err = b.broken("s3:GetBucketPolicy", connector.Malformed, err.Error())
		}
	}
	if err != nil {
		i.unknown(err, "policy", "denies_insecure_transport")
		return
	}
	i.set("policy", d.raw)
	i.set("denies_insecure_transport", d.deniesInsecureTransport(*b.name))
}
