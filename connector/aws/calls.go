// SPDX-License-Identifier: Apache-2.0

package aws

// operations lists every call the connector makes, as service:operation in the
// words of the catalogue, and the IAM action that allows it. The IAM policy is
// made from it, and a call that is not here does not get out.
var operations = map[string]string{
	"account:GetAlternateContact": "account:GetAlternateContact",

	"acm:DescribeCertificate": "acm:DescribeCertificate",
	"acm:ListCertificates":    "acm:ListCertificates",

	"backup:ListBackupPlans":                 "backup:ListBackupPlans",
	"backup:ListBackupVaults":                "backup:ListBackupVaults",
	"backup:ListProtectedResources":          "backup:ListProtectedResources",
	"backup:ListRecoveryPointsByBackupVault": "backup:ListRecoveryPointsByBackupVault",
	"backup:ListRestoreJobs":                 "backup:ListRestoreJobs",

	"cloudtrail:DescribeTrails":    "cloudtrail:DescribeTrails",
	"cloudtrail:GetEventSelectors": "cloudtrail:GetEventSelectors",
	"cloudtrail:GetTrailStatus":    "cloudtrail:GetTrailStatus",

	"cloudwatch:DescribeAlarms": "cloudwatch:DescribeAlarms",

	"config:DescribeConfigurationRecorderStatus": "config:DescribeConfigurationRecorderStatus",
	"config:DescribeConfigurationRecorders":      "config:DescribeConfigurationRecorders",

	"ec2:DescribeFlowLogs":          "ec2:DescribeFlowLogs",
	"ec2:DescribeInstances":         "ec2:DescribeInstances",
	"ec2:DescribeNetworkInterfaces": "ec2:DescribeNetworkInterfaces",
	"ec2:DescribeRegions":           "ec2:DescribeRegions",
	"ec2:DescribeSecurityGroups":    "ec2:DescribeSecurityGroups",
	"ec2:DescribeSnapshotAttribute": "ec2:DescribeSnapshotAttribute",
	"ec2:DescribeSnapshots":         "ec2:DescribeSnapshots",
	"ec2:DescribeVolumes":           "ec2:DescribeVolumes",
	"ec2:DescribeVpcs":              "ec2:DescribeVpcs",
	"ec2:GetEbsEncryptionByDefault": "ec2:GetEbsEncryptionByDefault",

	"elasticloadbalancing:DescribeListeners":              "elasticloadbalancing:DescribeListeners",
	"elasticloadbalancing:DescribeLoadBalancerAttributes": "elasticloadbalancing:DescribeLoadBalancerAttributes",
	"elasticloadbalancing:DescribeLoadBalancers":          "elasticloadbalancing:DescribeLoadBalancers",

	"guardduty:GetDetector":   "guardduty:GetDetector",
	"guardduty:GetFindings":   "guardduty:GetFindings",
	"guardduty:ListDetectors": "guardduty:ListDetectors",
	"guardduty:ListFindings":  "guardduty:ListFindings",

	"iam:GenerateCredentialReport":       "iam:GenerateCredentialReport",
	"iam:GetAccountAuthorizationDetails": "iam:GetAccountAuthorizationDetails",
	"iam:GetAccountPasswordPolicy":       "iam:GetAccountPasswordPolicy",
	"iam:GetAccountSummary":              "iam:GetAccountSummary",
	"iam:GetCredentialReport":            "iam:GetCredentialReport",

	"inspector2:BatchGetAccountStatus": "inspector2:BatchGetAccountStatus",
	"inspector2:ListFindings":          "inspector2:ListFindings",

	"kms:DescribeKey":          "kms:DescribeKey",
	"kms:GetKeyRotationStatus": "kms:GetKeyRotationStatus",
	"kms:ListKeys":             "kms:ListKeys",

	"logs:DescribeLogGroups":     "logs:DescribeLogGroups",
	"logs:DescribeMetricFilters": "logs:DescribeMetricFilters",

	"organizations:DescribeOrganization": "organizations:DescribeOrganization",
	"organizations:ListAccounts":         "organizations:ListAccounts",

	"rds:DescribeDBInstances":          "rds:DescribeDBInstances",
	"rds:DescribeDBSnapshotAttributes": "rds:DescribeDBSnapshotAttributes",
	"rds:DescribeDBSnapshots":          "rds:DescribeDBSnapshots",

	"s3:GetBucketAcl":                    "s3:GetBucketAcl",
	"s3:GetBucketEncryption":             "s3:GetEncryptionConfiguration",
	"s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
	"s3:GetBucketLocation":               "s3:GetBucketLocation",
	"s3:GetBucketLogging":                "s3:GetBucketLogging",
	"s3:GetBucketPolicy":                 "s3:GetBucketPolicy",
	"s3:GetBucketPolicyStatus":           "s3:GetBucketPolicyStatus",
	"s3:GetBucketTagging":                "s3:GetBucketTagging",
	"s3:GetBucketVersioning":             "s3:GetBucketVersioning",
	"s3:GetPublicAccessBlock":            "s3:GetBucketPublicAccessBlock",
	"s3:ListBuckets":                     "s3:ListAllMyBuckets",
	"s3control:GetPublicAccessBlock":     "s3:GetAccountPublicAccessBlock",

	"secretsmanager:ListSecrets": "secretsmanager:ListSecrets",

	"sns:ListSubscriptionsByTopic": "sns:ListSubscriptionsByTopic",

	"ssm:DescribeInstanceInformation": "ssm:DescribeInstanceInformation",
	"ssm:DescribeInstancePatchStates": "ssm:DescribeInstancePatchStates",

	"sts:AssumeRole":        "", // granted to the identity that assumes, not to the role
	"sts:GetCallerIdentity": "", // needs no right
}
