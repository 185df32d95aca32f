// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"sextant/connector"
)

// authorization pages through the one call that gives users, roles and policies
// with all they hold: a thousand users cost ten calls instead of six thousand.
func authorization(ctx context.Context, s *scene, r *connector.Reading, kind types.EntityType, each func(*iam.GetAccountAuthorizationDetailsOutput) error) error {
	return pages(ctx, s, "iam:GetAccountAuthorizationDetails", iam.NewFromConfig(s.config()).GetAccountAuthorizationDetails,
		&iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{kind}},
		page[iam.GetAccountAuthorizationDetailsInput, iam.GetAccountAuthorizationDetailsOutput]{
			in: func(i *iam.GetAccountAuthorizationDetailsInput, t *string) { i.Marker = t },
			out: func(o *iam.GetAccountAuthorizationDetailsOutput) *string {
				if !o.IsTruncated {
					return nil
				}
				return o.Marker
			},
			each: func(o *iam.GetAccountAuthorizationDetailsOutput) error {
				if err := each(o); err != nil {
					return err
				}
				r.Page()
				return nil
			},
		})
}

func readUsers(ctx context.Context, s *scene, r *connector.Reading) error {
	all, unread := s.credentialReport(ctx)
	return authorization(ctx, s, r, types.EntityTypeUser, func(o *iam.GetAccountAuthorizationDetailsOutput) error {
		for _, u := range o.UserDetailList {
			it := newItem(r, aws.ToString(u.Arn))
			it.user(s, u)
			if unread != nil {
				it.unknown(unread, reportAttributes...)
			} else {
				it.credentials(s, u, all.rows[aws.ToString(u.UserName)])
			}
			if err := it.observe(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (i *item) user(s *scene, u types.UserDetail) {
	i.set("name", aws.ToString(u.UserName))
	i.set("arn", aws.ToString(u.Arn))
	i.time("created_at", u.CreateDate)
	i.set("path", aws.ToString(u.Path))
	i.set("tags", tags(u.Tags, func(t types.Tag) (k, v *string) { return t.Key, t.Value }))
	i.list("groups", u.GroupList)
	i.list("attached_policies", attached(u.AttachedManagedPolicies))
	i.inline(s, u.UserPolicyList)
	i.set("direct_policies", int64(len(u.AttachedManagedPolicies)+len(u.UserPolicyList)))
	if u.PermissionsBoundary != nil {
		i.text("permissions_boundary", u.PermissionsBoundary.PermissionsBoundaryArn)
	}
}

func attached(all []types.AttachedPolicy) []string {
	arns := make([]string, 0, len(all))
	for _, p := range all {
		arns = append(arns, aws.ToString(p.PolicyArn))
	}
	return arns
}

// inline sets the names of the policies written into a user or role, and
// whether one of them grants everything.
func (i *item) inline(s *scene, all []types.PolicyDetail) {
	names, everything := make([]string, 0, len(all)), false
	var unread error
	for _, p := range all {
		names = append(names, aws.ToString(p.PolicyName))
		d, err := parseEscaped(aws.ToString(p.PolicyDocument))
		if err != nil {
			unread = s.broken("iam:GetAccountAuthorizationDetails", connector.Malformed, err.Error())
			continue
		}
		everything = everything || d.allowsAll()
	}
	i.list("inline_policies", names)
	if unread != nil && !everything {
		i.unknown(unread, "inline_allow_all")
		return
	}
	i.set("inline_allow_all", everything)
}

var reportAttributes = []string{
	"password_enabled", "password_last_used_at", "password_last_changed_at", "password_last_activity_at", "mfa_active",
	"key_1_active", "key_1_rotated_at", "key_1_last_used_at", "key_1_last_activity_at",
	"key_2_active", "key_2_rotated_at", "key_2_last_used_at", "key_2_last_activity_at",
	"active_keys", "oldest_active_key_at", "last_activity_at", "stalest_active_at",
}

// credentials sets what the credential report says of a user. A user who is not
// in it, or another one by that name, was made after it.
func (i *item) credentials(s *scene, u types.UserDetail, row *reportRow) {
	if row == nil || row.arn != aws.ToString(u.Arn) {
		f := s.broken("iam:GetCredentialReport", connector.NotReady, "the user is not in the credential report yet")
		f.Hint = "AWS makes a new report every four hours."
		i.unknown(f, reportAttributes...)
		return
	}
	i.set("mfa_active", row.mfa)
	i.set("password_enabled", row.passwordEnabled)
	i.time("password_last_used_at", &row.passwordUsed)
	i.time("password_last_changed_at", &row.passwordChanged)
	var active []time.Time
	if row.passwordEnabled {
		last := firstSet(row.passwordUsed, row.passwordChanged, aws.ToTime(u.CreateDate))
		i.time("password_last_activity_at", &last)
		active = append(active, last)
	}
	active = append(active, i.keys(row)...)
	stalest, used := earliest(active...), latest(row.passwordUsed, row.keys[0].used, row.keys[1].used)
	i.time("stalest_active_at", &stalest)
	i.time("last_activity_at", &used)
}

// keys sets the attributes of both access keys and gives the last activity of
// each active one.
func (i *item) keys(row *reportRow) []time.Time {
	var activities, rotations []time.Time
	for n, k := range row.keys {
		name := func(s string) string { return fmt.Sprintf("key_%d_%s", n+1, s) }
		i.set(name("active"), k.active)
		i.time(name("rotated_at"), &k.rotated)
		i.time(name("last_used_at"), &k.used)
		last := firstSet(k.used, k.rotated)
		i.time(name("last_activity_at"), &last)
		if k.active {
			activities, rotations = append(activities, last), append(rotations, k.rotated)
		}
	}
	oldest := earliest(rotations...)
	i.set("active_keys", int64(len(activities)))
	i.time("oldest_active_key_at", &oldest)
	return activities
}

func firstSet(all ...time.Time) time.Time {
	for _, t := range all {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
