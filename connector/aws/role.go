// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"sextant/connector"
)

func readPolicies(ctx context.Context, s *scene, r *connector.Reading) error {
	return authorization(ctx, s, r, types.EntityTypeLocalManagedPolicy, func(o *iam.GetAccountAuthorizationDetailsOutput) error {
		for _, p := range o.Policies {
			it := newItem(r, aws.ToString(p.Arn))
			it.policy(s, p)
			if err := it.observe(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (i *item) policy(s *scene, p types.ManagedPolicyDetail) {
	arn := aws.ToString(p.Arn)
	i.set("name", arn[strings.LastIndexByte(arn, '/')+1:])
	i.set("arn", aws.ToString(p.Arn))
	i.time("created_at", p.CreateDate)
	i.time("updated_at", p.UpdateDate)
	i.set("default_version", aws.ToString(p.DefaultVersionId))
	n := aws.ToInt32(p.AttachmentCount)
	i.set("attachments", int64(n))
	i.set("attached", n > 0)
	d, err := defaultDocument(p)
	if err != nil {
		i.unknown(s.broken("iam:GetAccountAuthorizationDetails", connector.Malformed, err.Error()), "allow_all", "allow_all_services", "document")
		return
	}
	i.set("allow_all", d.allowsAll())
	i.list("allow_all_services", d.allowedServices())
	i.set("document", d.raw)
}

func defaultDocument(p types.ManagedPolicyDetail) (*document, error) {
	for _, v := range p.PolicyVersionList {
		if v.IsDefaultVersion || aws.ToString(v.VersionId) == aws.ToString(p.DefaultVersionId) {
			return parseEscaped(aws.ToString(v.Document))
		}
	}
	return nil, errors.New("the answer holds no default version of the policy")
}

func readRoles(ctx context.Context, s *scene, r *connector.Reading) error {
	return authorization(ctx, s, r, types.EntityTypeRole, func(o *iam.GetAccountAuthorizationDetailsOutput) error {
		for _, role := range o.RoleDetailList {
			it := newItem(r, aws.ToString(role.Arn))
			it.role(s, role)
			if err := it.observe(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (i *item) role(s *scene, r types.RoleDetail) {
	i.set("name", aws.ToString(r.RoleName))
	i.set("arn", aws.ToString(r.Arn))
	i.time("created_at", r.CreateDate)
	i.set("path", aws.ToString(r.Path))
	i.set("tags", tags(r.Tags, func(t types.Tag) (k, v *string) { return t.Key, t.Value }))
	i.set("service_linked", strings.HasPrefix(aws.ToString(r.Path), "/aws-service-role/"))
	i.list("attached_policies", attached(r.AttachedManagedPolicies))
	i.inline(s, r.RolePolicyList)
	if r.RoleLastUsed != nil {
		i.time("last_used_at", r.RoleLastUsed.LastUsedDate)
	}
	i.trust(s, aws.ToString(r.AssumeRolePolicyDocument))
}

func (i *item) trust(s *scene, text string) {
	d, err := parseEscaped(text)
	if err != nil {
		i.unknown(s.broken("iam:GetAccountAuthorizationDetails", connector.Malformed, err.Error()), "trust_policy", "trusts_anyone",
			"trusted_accounts", "external_accounts", "external_without_external_id", "trusted_services", "trusted_federated")
		return
	}
	t := d.trust()
	i.set("trust_policy", d.raw)
	i.set("trusts_anyone", t.anyone)
	i.list("trusted_accounts", t.accounts)
	i.list("external_accounts", without(t.accounts, s.account))
	i.list("external_without_external_id", without(t.withoutExternalID, s.account))
	i.list("trusted_services", t.services)
	i.list("trusted_federated", t.federated)
}

func without(all []string, one string) []string {
	var rest []string
	for _, a := range all {
		if a != one {
			rest = append(rest, a)
		}
	}
	return rest
}
