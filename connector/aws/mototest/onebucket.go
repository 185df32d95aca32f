// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// OneBucket is an account that holds nothing but a bucket, which is opened to
// everybody and closed again.
type OneBucket struct {
	*Proxy
	Name string
}

// StartOneBucket gives a test an account of its own with a bucket that is closed.
func StartOneBucket(t testing.TB, name string) *OneBucket {
	t.Helper()
	proxy, err := NewProxy(Start(t).Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	b := &OneBucket{proxy, name}
	if _, err := b.client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &b.Name}); err != nil {
		t.Fatal(err)
	}
	if err := b.Public(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *OneBucket) client() *s3.Client { return buckets(home(b.Endpoint, Region)) }

// Public lets everybody read the bucket, or nobody. It is idempotent.
func (b *OneBucket) Public(ctx context.Context, yes bool) error {
	blocked := aws.Bool(!yes)
	if _, err := b.client().PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: &b.Name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
		BlockPublicAcls: blocked, BlockPublicPolicy: blocked, IgnorePublicAcls: blocked, RestrictPublicBuckets: blocked}}); err != nil {
		return err
	}
	if !yes {
		_, err := b.client().DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: &b.Name})
		return err
	}
	everybody := publicPolicy(b.Name)
	_, err := b.client().PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &b.Name, Policy: &everybody})
	return err
}
