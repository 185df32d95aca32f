// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

const tlsPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::sextant-good","arn:aws:s3:::sextant-good/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`

// publicPolicy lets everybody read what is in a bucket.
func publicPolicy(bucket string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + bucket + `/*"}]}`
}

func buckets(c aws.Config) *s3.Client {
	return s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true })
}

// seedBuckets makes sextant-good, sextant-plain and sextant-public.
func seedBuckets(ctx context.Context, c aws.Config) error {
	client := buckets(c)
	for _, name := range []string{"sextant-good", "sextant-plain", "sextant-public"} {
		if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name}); err != nil {
			return err
		}
	}
	public := publicPolicy("sextant-public")
	if _, err := client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("sextant-public"), Policy: &public}); err != nil {
		return err
	}
	return seedGoodBucket(ctx, client, aws.String("sextant-good"))
}

func seedGoodBucket(ctx context.Context, client *s3.Client, name *string) error {
	policy := tlsPolicy
	if _, err := client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: name, Policy: &policy}); err != nil {
		return err
	}
	if _, err := client.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
		BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
	}}); err != nil {
		return err
	}
	if _, err := client.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: name, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
		Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms}}},
	}}); err != nil {
		return err
	}
	if err := setVersioning(ctx, client, *name, s3types.BucketVersioningStatusEnabled); err != nil {
		return err
	}
	_, err := client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: name, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{
		{Key: aws.String("owner"), Value: aws.String("finance")}, {Key: aws.String("classification"), Value: aws.String("confidential")},
	}}})
	return err
}

func setVersioning(ctx context.Context, client *s3.Client, name string, status s3types.BucketVersioningStatus) error {
	_, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: &name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: status}})
	return err
}

// seedData makes keys, databases, secrets and a backup vault.
func seedData(ctx context.Context, c aws.Config) error {
	keys := kms.NewFromConfig(c)
	for _, rotates := range []bool{true, false} {
		out, err := keys.CreateKey(ctx, &kms.CreateKeyInput{Description: aws.String("rotates")})
		if err == nil && rotates {
			_, err = keys.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: out.KeyMetadata.KeyId})
		}
		if err != nil {
			return err
		}
	}
	if _, err := secretsmanager.NewFromConfig(c).CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("db"), SecretString: aws.String("never seen")}); err != nil {
		return err
	}
	if err := seedDatabases(ctx, rds.NewFromConfig(c)); err != nil {
		return err
	}
	vaults := backup.NewFromConfig(c)
	if _, err := vaults.CreateBackupVault(ctx, &backup.CreateBackupVaultInput{BackupVaultName: aws.String("main")}); err != nil {
		return err
	}
	_, err := vaults.CreateBackupPlan(ctx, &backup.CreateBackupPlanInput{BackupPlan: &backuptypes.BackupPlanInput{BackupPlanName: aws.String("daily"),
		Rules: []backuptypes.BackupRuleInput{{RuleName: aws.String("all"), TargetBackupVaultName: aws.String("main")}}}})
	return err
}

func seedDatabases(ctx context.Context, client *rds.Client) error {
	for name, good := range map[string]bool{"orders": true, "scratch": false} {
		_, err := client.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
			DBInstanceIdentifier: &name, DBInstanceClass: aws.String("db.t3.micro"), Engine: aws.String("postgres"), AllocatedStorage: aws.Int32(20),
			MasterUsername: aws.String("app"), MasterUserPassword: aws.String("never seen either"), StorageEncrypted: &good, MultiAZ: &good,
			PubliclyAccessible: aws.Bool(!good), BackupRetentionPeriod: aws.Int32(map[bool]int32{true: 7, false: 0}[good]),
			Tags: []rdstypes.Tag{{Key: aws.String("env"), Value: aws.String("prod")}},
		})
		if err == nil && good {
			_, err = client.CreateDBSnapshot(ctx, &rds.CreateDBSnapshotInput{DBInstanceIdentifier: &name, DBSnapshotIdentifier: aws.String(name + "-1")})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
