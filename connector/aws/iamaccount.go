// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"sextant/connector"
)

func readIAMAccount(ctx context.Context, s *scene, r *connector.Reading) error {
	client := iam.NewFromConfig(s.config())
	out, err := call(ctx, s, "iam:GetAccountSummary", client.GetAccountSummary, &iam.GetAccountSummaryInput{})
	if err != nil {
		return err
	}
	r.Page()
	it := newItem(r, s.arn+":iam::"+s.account+":account-summary")
	it.summary(s, out.SummaryMap)
	it.passwordPolicy(ctx, s, client)
	it.rootUser(ctx, s)
	return it.observe(ctx)
}

// summary takes each figure only if AWS sent it: a missing one is unknown, not
// zero.
func (i *item) summary(s *scene, has map[string]int32) {
	missing := s.broken("iam:GetAccountSummary", connector.Malformed, "the answer lacks a figure")
	for key, name := range map[string]string{"Users": "users", "Roles": "roles", "Groups": "groups", "AccountAccessKeysPresent": "account_access_keys_present"} {
		if n, ok := has[key]; ok {
			i.set(name, int64(n))
		} else {
			i.unknown(missing, name)
		}
	}
	for key, name := range map[string]string{"AccountMFAEnabled": "account_mfa_enabled", "AccountPasswordPresent": "account_password_present"} {
		if n, ok := has[key]; ok {
			i.set(name, n != 0)
		} else {
			i.unknown(missing, name)
		}
	}
}

func (i *item) passwordPolicy(ctx context.Context, s *scene, client *iam.Client) {
	out, err := call(ctx, s, "iam:GetAccountPasswordPolicy", client.GetAccountPasswordPolicy, &iam.GetAccountPasswordPolicyInput{})
	switch {
	case answered(err, "NoSuchEntity"):
		i.set("password_policy", false)
		return
	case err != nil || out.PasswordPolicy == nil:
		if err == nil {
			err = s.broken("iam:GetAccountPasswordPolicy", connector.Malformed, "the answer holds no policy")
		}
		i.unknown(err, "password_policy", "minimum_password_length", "password_reuse_prevention", "max_password_age",
			"require_symbols", "require_numbers", "require_uppercase", "require_lowercase")
		return
	}
	p := out.PasswordPolicy
	i.set("password_policy", true)
	i.number("minimum_password_length", p.MinimumPasswordLength)
	i.number("password_reuse_prevention", p.PasswordReusePrevention)
	i.number("max_password_age", p.MaxPasswordAge)
	i.set("require_symbols", p.RequireSymbols)
	i.set("require_numbers", p.RequireNumbers)
	i.set("require_uppercase", p.RequireUppercaseCharacters)
	i.set("require_lowercase", p.RequireLowercaseCharacters)
}

func (i *item) rootUser(ctx context.Context, s *scene) {
	all, err := s.credentialReport(ctx)
	if err == nil && all.root == nil {
		err = s.broken("iam:GetCredentialReport", connector.Malformed, "the report has no row for the root user")
	}
	if err != nil {
		i.unknown(err, "root_created_at", "root_password_last_used_at", "root_key_1_active", "root_key_1_last_used_at",
			"root_key_2_active", "root_key_2_last_used_at", "root_last_used_at", "report_generated_at")
		return
	}
	root := all.root
	i.time("report_generated_at", &all.made)
	i.time("root_created_at", &root.created)
	i.time("root_password_last_used_at", &root.passwordUsed)
	i.set("root_key_1_active", root.keys[0].active)
	i.time("root_key_1_last_used_at", &root.keys[0].used)
	i.set("root_key_2_active", root.keys[1].active)
	i.time("root_key_2_last_used_at", &root.keys[1].used)
	last := latest(root.passwordUsed, root.keys[0].used, root.keys[1].used)
	i.time("root_last_used_at", &last)
}

// latest gives the last of the moments that are set.
func latest(all ...time.Time) time.Time {
	var last time.Time
	for _, t := range all {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// earliest gives the first of the moments that are set.
func earliest(all ...time.Time) time.Time {
	var first time.Time
	for _, t := range all {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
