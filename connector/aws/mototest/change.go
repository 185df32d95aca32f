// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// change mends or breaks one resource of the seed and gives its type and key.
type change func(ctx context.Context, endpoint string, good bool) (kind, key string, err error)

// changes by the id of the check whose result turns.
var changes = map[string]change{
	"aws-s3-versioning":      changeVersioning,
	"aws-user-direct-policy": changeUserPolicy,
	"aws-pwd-policy":         changePasswordPolicy,
	"aws-log-retention":      changeRetention,
	"aws-sg-admin-ports":     changeAdminPorts,
}

// Changes lists the checks FixOne and BreakOne know.
func Changes() []string { return slices.Sorted(maps.Keys(changes)) }

// FixOne mends the one seeded resource that fails a check, through endpoint, and
// gives its type and key. It is idempotent.
func FixOne(ctx context.Context, endpoint, check string) (kind, key string, err error) {
	return apply(ctx, endpoint, check, true)
}

// BreakOne undoes FixOne.
func BreakOne(ctx context.Context, endpoint, check string) (kind, key string, err error) {
	return apply(ctx, endpoint, check, false)
}

func apply(ctx context.Context, endpoint, check string, good bool) (kind, key string, err error) {
	c, known := changes[check]
	if !known {
		return "", "", fmt.Errorf("no change for %q, only for %v", check, Changes())
	}
	return c(ctx, endpoint, good)
}

func changeVersioning(ctx context.Context, endpoint string, good bool) (string, string, error) {
	status := s3types.BucketVersioningStatusSuspended
	if good {
		status = s3types.BucketVersioningStatusEnabled
	}
	return "aws:s3_bucket", "arn:aws:s3:::sextant-plain", setVersioning(ctx, buckets(home(endpoint, Region)), "sextant-plain", status)
}

func changeUserPolicy(ctx context.Context, endpoint string, good bool) (string, string, error) {
	client, user, policy := iam.NewFromConfig(home(endpoint, Region)), aws.String("user-0001"), aws.String("arn:aws:iam::"+Home+":policy/narrow")
	var err error
	if good {
		_, err = client.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: user, PolicyArn: policy})
	} else {
		_, err = client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: user, PolicyArn: policy})
	}
	return "aws:iam_user", "arn:aws:iam::" + Home + ":user/user-0001", err
}

func changePasswordPolicy(ctx context.Context, endpoint string, good bool) (string, string, error) {
	client := iam.NewFromConfig(home(endpoint, Region))
	in := &iam.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: aws.Int32(8), PasswordReusePrevention: aws.Int32(1)}
	if good {
		in = &iam.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: aws.Int32(16), PasswordReusePrevention: aws.Int32(24)}
	}
	_, err := client.UpdateAccountPasswordPolicy(ctx, in)
	return "aws:iam_account", "arn:aws:iam::" + Home + ":account-summary", err
}

func changeRetention(ctx context.Context, endpoint string, good bool) (string, string, error) {
	client, name := cloudwatchlogs.NewFromConfig(home(endpoint, Region)), aws.String("/app/web")
	var err error
	if good {
		_, err = client.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: name, RetentionInDays: aws.Int32(365)})
	} else {
		_, err = client.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: name})
	}
	return "aws:log_group", "arn:aws:logs:" + Region + ":" + Home + ":log-group:/app/web", err
}

func changeAdminPorts(ctx context.Context, endpoint string, good bool) (string, string, error) {
	client := ec2.NewFromConfig(home(endpoint, Region))
	all, err := client.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
	if err != nil {
		return "", "", err
	}
	at := slices.IndexFunc(all.SecurityGroups, func(g ec2types.SecurityGroup) bool { return aws.ToString(g.GroupName) == "open" })
	if at < 0 {
		return "", "", fmt.Errorf("the seed's security group is gone")
	}
	group := all.SecurityGroups[at]
	switch open := len(group.IpPermissions) > 0; {
	case good && open:
		_, err = client.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: worldPorts()})
	case !good && !open:
		_, err = client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: worldPorts()})
	}
	return "aws:security_group", "arn:aws:ec2:" + Region + ":" + Home + ":security-group/" + aws.ToString(group.GroupId), err
}
