// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"sextant/connector"
)

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
