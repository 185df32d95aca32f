// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"

	"sextant/connector"
)

func readBackupPlans(ctx context.Context, s *scene, r *connector.Reading) error {
	client := backup.NewFromConfig(s.config())
	return pages(ctx, s, "backup:ListBackupPlans", client.ListBackupPlans, &backup.ListBackupPlansInput{}, page[backup.ListBackupPlansInput, backup.ListBackupPlansOutput]{
		in:  func(i *backup.ListBackupPlansInput, t *string) { i.NextToken = t },
		out: func(o *backup.ListBackupPlansOutput) *string { return o.NextToken },
		each: func(o *backup.ListBackupPlansOutput) error {
			for _, p := range o.BackupPlansList {
				it := newItem(r, aws.ToString(p.BackupPlanArn))
				it.set("plan_id", aws.ToString(p.BackupPlanId))
				it.set("arn", aws.ToString(p.BackupPlanArn))
				it.set("name", aws.ToString(p.BackupPlanName))
				it.time("created_at", p.CreationDate)
				it.time("last_run_at", p.LastExecutionDate)
				if err := it.observe(ctx); err != nil {
					return err
				}
			}
			r.Page()
			return nil
		},
	})
}

func readBackupVaults(ctx context.Context, s *scene, r *connector.Reading) error {
	client := backup.NewFromConfig(s.config())
	return pages(ctx, s, "backup:ListBackupVaults", client.ListBackupVaults, &backup.ListBackupVaultsInput{}, page[backup.ListBackupVaultsInput, backup.ListBackupVaultsOutput]{
		in:  func(i *backup.ListBackupVaultsInput, t *string) { i.NextToken = t },
		out: func(o *backup.ListBackupVaultsOutput) *string { return o.NextToken },
		each: func(o *backup.ListBackupVaultsOutput) error {
			for _, v := range o.BackupVaultList {
				it := newItem(r, aws.ToString(v.BackupVaultArn))
				it.set("name", aws.ToString(v.BackupVaultName))
				it.set("arn", aws.ToString(v.BackupVaultArn))
				it.text("kms_key", v.EncryptionKeyArn)
				it.set("locked", aws.ToBool(v.Locked))
				it.set("recovery_points", v.NumberOfRecoveryPoints)
				it.newestPoint(ctx, s, client, v.BackupVaultName)
				if err := it.observe(ctx); err != nil {
					return err
				}
			}
			r.Page()
			return nil
		},
	})
}

func (i *item) newestPoint(ctx context.Context, s *scene, client *backup.Client, vault *string) {
	var newest time.Time
	err := pages(ctx, s, "backup:ListRecoveryPointsByBackupVault", client.ListRecoveryPointsByBackupVault,
		&backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: vault, MaxResults: aws.Int32(1000)},
		page[backup.ListRecoveryPointsByBackupVaultInput, backup.ListRecoveryPointsByBackupVaultOutput]{
			in:  func(in *backup.ListRecoveryPointsByBackupVaultInput, t *string) { in.NextToken = t },
			out: func(o *backup.ListRecoveryPointsByBackupVaultOutput) *string { return o.NextToken },
			each: func(o *backup.ListRecoveryPointsByBackupVaultOutput) error {
				for _, p := range o.RecoveryPoints {
					if p.Status == types.RecoveryPointStatusCompleted {
						newest = latest(newest, firstSet(aws.ToTime(p.CompletionDate), aws.ToTime(p.CreationDate)))
					}
				}
				return nil
			},
		})
	if err != nil {
		i.unknown(of(i.key, err), "latest_recovery_point_at")
		return
	}
	i.time("latest_recovery_point_at", &newest)
}

// protection is what Backup says of one kind of resource.
type protection struct {
	resources int64
	oldest    time.Time
	restores  int64
	restored  time.Time
}

// readRestoreTests gives one observation for each kind of protected resource.
// It knows them only once both lists were read to their ends.
func readRestoreTests(ctx context.Context, s *scene, r *connector.Reading) error {
	client, kinds := backup.NewFromConfig(s.config()), map[string]*protection{}
	if err := protected(ctx, s, client, kinds); err != nil {
		return err
	}
	r.Page()
	unread := restores(ctx, s, client, kinds)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		p := kinds[kind]
		it := newItem(r, s.arn+":backup:"+s.region+":"+s.account+":protected-resource-type/"+kind)
		it.set("resource_type", kind)
		it.set("protected_resources", p.resources)
		it.time("oldest_last_backup_at", &p.oldest)
		if unread != nil {
			it.unknown(unread, "completed_restores", "last_restore_completed_at")
		} else {
			it.set("completed_restores", p.restores)
			it.time("last_restore_completed_at", &p.restored)
		}
		if err := it.observe(ctx); err != nil {
			return err
		}
	}
	return nil
}

func protected(ctx context.Context, s *scene, client *backup.Client, kinds map[string]*protection) error {
	return pages(ctx, s, "backup:ListProtectedResources", client.ListProtectedResources, &backup.ListProtectedResourcesInput{MaxResults: aws.Int32(1000)},
		page[backup.ListProtectedResourcesInput, backup.ListProtectedResourcesOutput]{
			in:  func(i *backup.ListProtectedResourcesInput, t *string) { i.NextToken = t },
			out: func(o *backup.ListProtectedResourcesOutput) *string { return o.NextToken },
			each: func(o *backup.ListProtectedResourcesOutput) error {
				for _, p := range o.Results {
					kind := aws.ToString(p.ResourceType)
					if kinds[kind] == nil {
						kinds[kind] = &protection{}
					}
					kinds[kind].resources++
					kinds[kind].oldest = earliest(kinds[kind].oldest, aws.ToTime(p.LastBackupTime))
				}
				return nil
			},
		})
}

func restores(ctx context.Context, s *scene, client *backup.Client, kinds map[string]*protection) error {
	return pages(ctx, s, "backup:ListRestoreJobs", client.ListRestoreJobs, &backup.ListRestoreJobsInput{ByStatus: types.RestoreJobStatusCompleted, MaxResults: aws.Int32(1000)},
		page[backup.ListRestoreJobsInput, backup.ListRestoreJobsOutput]{
			in:  func(i *backup.ListRestoreJobsInput, t *string) { i.NextToken = t },
			out: func(o *backup.ListRestoreJobsOutput) *string { return o.NextToken },
			each: func(o *backup.ListRestoreJobsOutput) error {
				for _, j := range o.RestoreJobs {
					if p := kinds[aws.ToString(j.ResourceType)]; p != nil && j.Status == types.RestoreJobStatusCompleted {
						p.restores++
						p.restored = latest(p.restored, aws.ToTime(j.CompletionDate))
					}
				}
				return nil
			},
		})
}
