// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func (i *item) bucketEncryption(ctx context.Context, b *bucket) {
	out, err := call(ctx, b.scene, "s3:GetBucketEncryption", b.client.GetBucketEncryption, &s3.GetBucketEncryptionInput{Bucket: b.name})
	if answered(err, "ServerSideEncryptionConfigurationNotFoundError") {
		i.set("encryption", "none")
		return
	}
	if err != nil {
		i.unknown(err, "encryption", "kms_key", "bucket_key")
		return
	}
	i.set("encryption", "none")
	if out.ServerSideEncryptionConfiguration == nil {
		return
	}
	for _, rule := range out.ServerSideEncryptionConfiguration.Rules {
		if d := rule.ApplyServerSideEncryptionByDefault; d != nil {
			i.set("encryption", string(d.SSEAlgorithm))
			i.text("kms_key", d.KMSMasterKeyID)
			i.set("bucket_key", aws.ToBool(rule.BucketKeyEnabled))
		}
	}
}

func (i *item) versioning(ctx context.Context, b *bucket) {
	out, err := call(ctx, b.scene, "s3:GetBucketVersioning", b.client.GetBucketVersioning, &s3.GetBucketVersioningInput{Bucket: b.name})
	if err != nil {
		i.unknown(err, "versioning", "mfa_delete")
		return
	}
	i.set("versioning", cmp.Or(string(out.Status), "Off"))
	i.set("mfa_delete", out.MFADelete == types.MFADeleteStatusEnabled)
}

func (i *item) bucketLogging(ctx context.Context, b *bucket) {
	out, err := call(ctx, b.scene, "s3:GetBucketLogging", b.client.GetBucketLogging, &s3.GetBucketLoggingInput{Bucket: b.name})
	if err != nil {
		i.unknown(err, "logging_target")
		return
	}
	if out.LoggingEnabled != nil {
		i.text("logging_target", out.LoggingEnabled.TargetBucket)
	}
}

func (i *item) lifecycle(ctx context.Context, b *bucket) {
	out, err := call(ctx, b.scene, "s3:GetBucketLifecycleConfiguration", b.client.GetBucketLifecycleConfiguration, &s3.GetBucketLifecycleConfigurationInput{Bucket: b.name})
	if answered(err, "NoSuchLifecycleConfiguration") {
		i.set("lifecycle_rules", int64(0))
		return
	}
	if err != nil {
		i.unknown(err, "lifecycle_rules")
		return
	}
	enabled := int64(0)
	for _, rule := range out.Rules {
		if rule.Status == types.ExpirationStatusEnabled {
			enabled++
		}
	}
	i.set("lifecycle_rules", enabled)
}

func (i *item) bucketTags(ctx context.Context, b *bucket) {
	out, err := call(ctx, b.scene, "s3:GetBucketTagging", b.client.GetBucketTagging, &s3.GetBucketTaggingInput{Bucket: b.name})
	if answered(err, "NoSuchTagSet") {
		i.set("tags", map[string]any{})
		return
	}
	if err != nil {
		i.unknown(err, "tags")
		return
	}
	i.set("tags", tags(out.TagSet, func(t types.Tag) (k, v *string) { return t.Key, t.Value }))
}
