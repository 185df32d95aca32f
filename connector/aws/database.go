// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"sextant/connector"
)

func rdsTags(all []types.Tag) map[string]any {
	return tags(all, func(t types.Tag) (k, v *string) { return t.Key, t.Value })
}

func databaseSnapshots(ctx context.Context, s *scene, client *rds.Client, each func([]types.DBSnapshot) error) error {
	return pages(ctx, s, "rds:DescribeDBSnapshots", client.DescribeDBSnapshots, &rds.DescribeDBSnapshotsInput{MaxRecords: aws.Int32(100)},
		page[rds.DescribeDBSnapshotsInput, rds.DescribeDBSnapshotsOutput]{
			in:   func(i *rds.DescribeDBSnapshotsInput, t *string) { i.Marker = t },
			out:  func(o *rds.DescribeDBSnapshotsOutput) *string { return o.Marker },
			each: func(o *rds.DescribeDBSnapshotsOutput) error { return each(o.DBSnapshots) },
		})
}

// newestSnapshots gives the time of each instance's newest available snapshot.
func newestSnapshots(ctx context.Context, s *scene, client *rds.Client) (map[string]time.Time, error) {
	newest := map[string]time.Time{}
	err := databaseSnapshots(ctx, s, client, func(all []types.DBSnapshot) error {
		for _, p := range all {
			if name := aws.ToString(p.DBInstanceIdentifier); aws.ToString(p.Status) == "available" {
				newest[name] = latest(newest[name], aws.ToTime(p.SnapshotCreateTime))
			}
		}
		return nil
	})
	return newest, err
}

func readDatabases(ctx context.Context, s *scene, r *connector.Reading) error {
	client := rds.NewFromConfig(s.config())
	newest, unread := newestSnapshots(ctx, s, client)
	return pages(ctx, s, "rds:DescribeDBInstances", client.DescribeDBInstances, &rds.DescribeDBInstancesInput{MaxRecords: aws.Int32(100)},
		page[rds.DescribeDBInstancesInput, rds.DescribeDBInstancesOutput]{
			in:  func(i *rds.DescribeDBInstancesInput, t *string) { i.Marker = t },
			out: func(o *rds.DescribeDBInstancesOutput) *string { return o.Marker },
			each: func(o *rds.DescribeDBInstancesOutput) error {
				for _, d := range o.DBInstances {
					it := newItem(r, aws.ToString(d.DBInstanceArn))
					it.database(d)
					last := newest[aws.ToString(d.DBInstanceIdentifier)]
					if it.time("latest_snapshot_at", &last); unread != nil {
						delete(it.has, "latest_snapshot_at")
						it.unknown(unread, "latest_snapshot_at")
					}
					if err := it.observe(ctx); err != nil {
						return err
					}
				}
				r.Page()
				return nil
			},
		})
}

func (i *item) database(d types.DBInstance) {
	i.set("identifier", aws.ToString(d.DBInstanceIdentifier))
	i.set("arn", aws.ToString(d.DBInstanceArn))
	i.set("engine", aws.ToString(d.Engine))
	i.set("engine_version", aws.ToString(d.EngineVersion))
	i.set("status", aws.ToString(d.DBInstanceStatus))
	i.text("cluster", d.DBClusterIdentifier)
	i.set("publicly_accessible", aws.ToBool(d.PubliclyAccessible))
	i.set("storage_encrypted", aws.ToBool(d.StorageEncrypted))
	i.text("kms_key", d.KmsKeyId)
	i.set("multi_az", aws.ToBool(d.MultiAZ))
	i.set("backup_retention_days", int64(aws.ToInt32(d.BackupRetentionPeriod)))
	i.set("deletion_protection", aws.ToBool(d.DeletionProtection))
	i.set("auto_minor_upgrade", aws.ToBool(d.AutoMinorVersionUpgrade))
	i.set("iam_authentication", aws.ToBool(d.IAMDatabaseAuthenticationEnabled))
	i.text("ca_certificate", d.CACertificateIdentifier)
	groups := make([]string, 0, len(d.DBParameterGroups))
	for _, g := range d.DBParameterGroups {
		groups = append(groups, aws.ToString(g.DBParameterGroupName))
	}
	i.list("parameter_groups", groups)
	i.set("tags", rdsTags(d.TagList))
}

func readDatabaseSnapshots(ctx context.Context, s *scene, r *connector.Reading) error {
	client := rds.NewFromConfig(s.config())
	return databaseSnapshots(ctx, s, client, func(all []types.DBSnapshot) error {
		for _, p := range all {
			it := newItem(r, aws.ToString(p.DBSnapshotArn))
			it.databaseSnapshot(p)
			it.snapshotShares(ctx, s, client, p)
			if err := it.observe(ctx); err != nil {
				return err
			}
		}
		r.Page()
		return nil
	})
}

func (i *item) databaseSnapshot(p types.DBSnapshot) {
	i.set("identifier", aws.ToString(p.DBSnapshotIdentifier))
	i.set("arn", aws.ToString(p.DBSnapshotArn))
	i.set("instance", aws.ToString(p.DBInstanceIdentifier))
	i.set("snapshot_type", aws.ToString(p.SnapshotType))
	i.set("status", aws.ToString(p.Status))
	i.set("encrypted", aws.ToBool(p.Encrypted))
	i.time("created_at", p.SnapshotCreateTime)
}

// snapshotShares asks who may restore a snapshot made by hand; AWS lets no other
// kind be shared.
func (i *item) snapshotShares(ctx context.Context, s *scene, client *rds.Client, p types.DBSnapshot) {
	i.set("public", false)
	i.set("shared_with", []string{})
	if aws.ToString(p.SnapshotType) == "automated" {
		return
	}
	out, err := call(ctx, s, "rds:DescribeDBSnapshotAttributes", client.DescribeDBSnapshotAttributes,
		&rds.DescribeDBSnapshotAttributesInput{DBSnapshotIdentifier: p.DBSnapshotIdentifier})
	if err == nil && out.DBSnapshotAttributesResult == nil {
		err = s.broken("rds:DescribeDBSnapshotAttributes", connector.Malformed, "the answer holds no attributes")
	}
	if err != nil {
		delete(i.has, "public")
		delete(i.has, "shared_with")
		i.unknown(err, "public", "shared_with")
		return
	}
	for _, a := range out.DBSnapshotAttributesResult.DBSnapshotAttributes {
		if aws.ToString(a.AttributeName) == "restore" {
			i.set("public", slices.Contains(a.AttributeValues, "all"))
			i.list("shared_with", without(a.AttributeValues, "all"))
		}
	}
}
