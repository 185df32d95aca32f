// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"sextant/connector"
)

func readKeys(ctx context.Context, s *scene, r *connector.Reading) error {
	client := kms.NewFromConfig(s.config())
	return pages(ctx, s, "kms:ListKeys", client.ListKeys, &kms.ListKeysInput{Limit: aws.Int32(100)}, page[kms.ListKeysInput, kms.ListKeysOutput]{
		in: func(i *kms.ListKeysInput, t *string) { i.Marker = t },
		out: func(o *kms.ListKeysOutput) *string {
			if !o.Truncated {
				return nil
			}
			return o.NextMarker
		},
		each: func(o *kms.ListKeysOutput) error {
			for _, k := range o.Keys {
				if err := readKey(ctx, s, r, client, k); err != nil {
					return err
				}
			}
			r.Page()
			return nil
		},
	})
}

// described are the attributes that need more than the list of keys.
var described = []string{
	"description", "manager", "customer_managed", "state", "enabled", "spec", "symmetric", "usage", "origin", "multi_region",
	"created_at", "rotatable", "rotation_enabled", "rotation_period_days",
}

func readKey(ctx context.Context, s *scene, r *connector.Reading, client *kms.Client, k types.KeyListEntry) error {
	it := newItem(r, aws.ToString(k.KeyArn))
	it.set("key_id", aws.ToString(k.KeyId))
	it.set("arn", aws.ToString(k.KeyArn))
	out, err := call(ctx, s, "kms:DescribeKey", client.DescribeKey, &kms.DescribeKeyInput{KeyId: k.KeyArn})
	if err == nil && out.KeyMetadata == nil {
		err = s.broken("kms:DescribeKey", connector.Malformed, "the answer describes no key")
	}
	if err != nil {
		it.unknown(err, described...)
		return it.observe(ctx)
	}
	it.kmsKey(out.KeyMetadata)
	it.rotation(ctx, s, client, out.KeyMetadata)
	return it.observe(ctx)
}

func (i *item) kmsKey(m *types.KeyMetadata) {
	i.set("description", aws.ToString(m.Description))
	i.set("manager", string(m.KeyManager))
	i.set("customer_managed", m.KeyManager == types.KeyManagerTypeCustomer)
	i.set("state", string(m.KeyState))
	i.set("enabled", m.KeyState == types.KeyStateEnabled)
	spec := cmp.Or(string(m.KeySpec), string(m.CustomerMasterKeySpec))
	i.set("spec", spec)
	i.set("symmetric", spec == string(types.KeySpecSymmetricDefault))
	i.set("usage", string(m.KeyUsage))
	i.set("origin", string(m.Origin))
	i.set("multi_region", aws.ToBool(m.MultiRegion))
	i.time("created_at", m.CreationDate)
}

// rotatable follows AWS: only symmetric keys with key material of AWS's own
// making rotate by themselves.
func rotatable(m *types.KeyMetadata) bool {
	return m.KeyManager == types.KeyManagerTypeCustomer && cmp.Or(string(m.KeySpec), string(m.CustomerMasterKeySpec)) == string(types.KeySpecSymmetricDefault) &&
		m.Origin == types.OriginTypeAwsKms && m.KeyState != types.KeyStatePendingDeletion
}

func (i *item) rotation(ctx context.Context, s *scene, client *kms.Client, m *types.KeyMetadata) {
	i.set("rotatable", rotatable(m))
	if !rotatable(m) {
		return
	}
	out, err := call(ctx, s, "kms:GetKeyRotationStatus", client.GetKeyRotationStatus, &kms.GetKeyRotationStatusInput{KeyId: m.Arn})
	if err != nil {
		i.unknown(err, "rotation_enabled", "rotation_period_days")
		return
	}
	i.set("rotation_enabled", out.KeyRotationEnabled)
	i.number("rotation_period_days", out.RotationPeriodInDays)
}
