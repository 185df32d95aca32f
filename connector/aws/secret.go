// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"sextant/connector"
)

func readSecrets(ctx context.Context, s *scene, r *connector.Reading) error {
	client := secretsmanager.NewFromConfig(s.config())
	return pages(ctx, s, "secretsmanager:ListSecrets", client.ListSecrets, &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(100)},
		page[secretsmanager.ListSecretsInput, secretsmanager.ListSecretsOutput]{
			in:  func(i *secretsmanager.ListSecretsInput, t *string) { i.NextToken = t },
			out: func(o *secretsmanager.ListSecretsOutput) *string { return o.NextToken },
			each: func(o *secretsmanager.ListSecretsOutput) error {
				for _, e := range o.SecretList {
					it := newItem(r, aws.ToString(e.ARN))
					it.secret(e)
					if err := it.observe(ctx); err != nil {
						return err
					}
				}
				r.Page()
				return nil
			},
		})
}

func (i *item) secret(e types.SecretListEntry) {
	i.set("name", aws.ToString(e.Name))
	i.set("arn", aws.ToString(e.ARN))
	i.set("rotation_enabled", aws.ToBool(e.RotationEnabled))
	if e.RotationRules != nil && e.RotationRules.AutomaticallyAfterDays != nil {
		i.set("rotation_days", *e.RotationRules.AutomaticallyAfterDays)
	}
	i.time("last_rotated_at", e.LastRotatedDate)
	i.time("last_changed_at", e.LastChangedDate)
	i.time("last_accessed_at", e.LastAccessedDate)
	i.time("created_at", e.CreatedDate)
	i.text("kms_key", e.KmsKeyId)
	i.text("owning_service", e.OwningService)
	i.set("tags", tags(e.Tags, func(t types.Tag) (k, v *string) { return t.Key, t.Value }))
}
