// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"sextant/connector"
)

func readAccount(ctx context.Context, s *scene, r *connector.Reading) error {
	it := newItem(r, s.arn+":iam::"+s.account+":root")
	it.set("account_id", s.account)
	it.regions(s.session)
	it.securityContact(ctx, s)
	it.organization(ctx, s)
	r.Page()
	return it.observe(ctx)
}

func (i *item) regions(s *session) {
	if s.shared.regionsErr != nil {
		i.unknown(s.shared.regionsErr, "regions")
		return
	}
	i.list("regions", s.shared.regions)
}

func (i *item) securityContact(ctx context.Context, s *scene) {
	out, err := call(ctx, s, "account:GetAlternateContact", account.NewFromConfig(s.config()).GetAlternateContact,
		&account.GetAlternateContactInput{AlternateContactType: types.AlternateContactTypeSecurity})
	switch {
	case answered(err, "ResourceNotFoundException"):
		i.set("security_contact", false)
	case err != nil:
		i.unknown(err, "security_contact", "security_contact_email", "security_contact_name")
	default:
		c := out.AlternateContact
		i.set("security_contact", c != nil)
		if c != nil {
			i.text("security_contact_email", c.EmailAddress)
			i.text("security_contact_name", c.Name)
		}
	}
}

func (i *item) organization(ctx context.Context, s *scene) {
	out, err := call(ctx, s, "organizations:DescribeOrganization", organizations.NewFromConfig(s.config()).DescribeOrganization, &organizations.DescribeOrganizationInput{})
	switch {
	case answered(err, "AWSOrganizationsNotInUseException"):
	case err != nil:
		i.unknown(err, "organization_id", "organization_management_account")
	case out.Organization != nil:
		i.text("organization_id", out.Organization.Id)
		i.set("organization_management_account", aws.ToString(out.Organization.MasterAccountId))
	}
}
