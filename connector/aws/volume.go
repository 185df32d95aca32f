// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"sextant/connector"
)

func volumes(ctx context.Context, s *scene, client *ec2.Client, each func([]types.Volume) error) error {
	return pages(ctx, s, "ec2:DescribeVolumes", client.DescribeVolumes, &ec2.DescribeVolumesInput{MaxResults: aws.Int32(500)},
		page[ec2.DescribeVolumesInput, ec2.DescribeVolumesOutput]{
			in:   func(i *ec2.DescribeVolumesInput, t *string) { i.NextToken = t },
			out:  func(o *ec2.DescribeVolumesOutput) *string { return o.NextToken },
			each: func(o *ec2.DescribeVolumesOutput) error { return each(o.Volumes) },
		})
}

func readVolumes(ctx context.Context, s *scene, r *connector.Reading) error {
	return volumes(ctx, s, ec2.NewFromConfig(s.config()), func(all []types.Volume) error {
		for _, v := range all {
			it := newItem(r, s.arn+":ec2:"+s.region+":"+s.account+":volume/"+aws.ToString(v.VolumeId))
			it.volume(v)
			if err := it.observe(ctx); err != nil {
				return err
			}
		}
		r.Page()
		return nil
	})
}

func (i *item) volume(v types.Volume) {
	i.set("volume_id", aws.ToString(v.VolumeId))
	i.set("encrypted", aws.ToBool(v.Encrypted))
	i.text("kms_key", v.KmsKeyId)
	i.set("state", string(v.State))
	i.set("in_use", v.State == types.VolumeStateInUse)
	i.set("size_gib", int64(aws.ToInt32(v.Size)))
	var instances []string
	for _, a := range v.Attachments {
		instances = append(instances, aws.ToString(a.InstanceId))
	}
	i.list("instances", instances)
	i.time("created_at", v.CreateTime)
	i.set("tags", tagsOf(v.Tags))
}

// mostNamed is how many unencrypted volumes are named beside their number.
const mostNamed = 100

func readVolumeEncryption(ctx context.Context, s *scene, r *connector.Reading) error {
	client := ec2.NewFromConfig(s.config())
	out, err := call(ctx, s, "ec2:GetEbsEncryptionByDefault", client.GetEbsEncryptionByDefault, &ec2.GetEbsEncryptionByDefaultInput{})
	if err != nil {
		return err
	}
	r.Page()
	it := newItem(r, s.arn+":ec2:"+s.region+":"+s.account+":ebs-encryption")
	it.set("encryption_by_default", aws.ToBool(out.EbsEncryptionByDefault))
	it.volumes(ctx, s, client)
	return it.observe(ctx)
}

func (i *item) volumes(ctx context.Context, s *scene, client *ec2.Client) {
	var all, used, plain int64
	var named []string
	err := volumes(ctx, s, client, func(page []types.Volume) error {
		all += int64(len(page))
		for _, v := range page {
			if v.State != types.VolumeStateInUse {
				continue
			}
			used++
			if !aws.ToBool(v.Encrypted) {
				plain++
				named = append(named, aws.ToString(v.VolumeId))
			}
		}
		slices.Sort(named)
		named = named[:min(mostNamed, len(named))]
		return nil
	})
	if err != nil {
		i.unknown(err, "volumes", "in_use_volumes", "unencrypted_in_use_volumes", "unencrypted_in_use")
		return
	}
	i.set("volumes", all)
	i.set("in_use_volumes", used)
	i.set("unencrypted_in_use_volumes", plain)
	i.list("unencrypted_in_use", named)
}

func snapshots(ctx context.Context, s *scene, client *ec2.Client, in *ec2.DescribeSnapshotsInput, each func([]types.Snapshot) error) error {
	in.OwnerIds, in.MaxResults = []string{"self"}, aws.Int32(1000)
	return pages(ctx, s, "ec2:DescribeSnapshots", client.DescribeSnapshots, in, page[ec2.DescribeSnapshotsInput, ec2.DescribeSnapshotsOutput]{
		in:   func(i *ec2.DescribeSnapshotsInput, t *string) { i.NextToken = t },
		out:  func(o *ec2.DescribeSnapshotsOutput) *string { return o.NextToken },
		each: func(o *ec2.DescribeSnapshotsOutput) error { return each(o.Snapshots) },
	})
}

// publicSnapshots asks for the snapshots everyone may restore, in one list, and
// then looks at the attribute of each: an account keeps far more snapshots than
// it may be asked about one by one.
func publicSnapshots(ctx context.Context, s *scene, client *ec2.Client) (map[string]error, error) {
	open := map[string]error{}
	err := snapshots(ctx, s, client, &ec2.DescribeSnapshotsInput{RestorableByUserIds: []string{"all"}}, func(all []types.Snapshot) error {
		for _, p := range all {
			public, err := snapshotPublic(ctx, s, client, p.SnapshotId)
			if public || err != nil {
				open[aws.ToString(p.SnapshotId)] = err
			}
		}
		return nil
	})
	return open, err
}

func snapshotPublic(ctx context.Context, s *scene, client *ec2.Client, id *string) (bool, error) {
	out, err := call(ctx, s, "ec2:DescribeSnapshotAttribute", client.DescribeSnapshotAttribute,
		&ec2.DescribeSnapshotAttributeInput{SnapshotId: id, Attribute: types.SnapshotAttributeNameCreateVolumePermission})
	if answered(err, "InvalidSnapshot.NotFound") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(out.CreateVolumePermissions, func(p types.CreateVolumePermission) bool { return p.Group == types.PermissionGroupAll }), nil
}

func readSnapshots(ctx context.Context, s *scene, r *connector.Reading) error {
	client := ec2.NewFromConfig(s.config())
	open, unread := publicSnapshots(ctx, s, client)
	return snapshots(ctx, s, client, &ec2.DescribeSnapshotsInput{}, func(all []types.Snapshot) error {
		for _, p := range all {
			it := newItem(r, s.arn+":ec2:"+s.region+":"+s.account+":snapshot/"+aws.ToString(p.SnapshotId))
			it.snapshot(p)
			err, public := open[aws.ToString(p.SnapshotId)]
			switch {
			case unread != nil:
				it.unknown(unread, "public")
			case err != nil:
				it.unknown(err, "public")
			default:
				it.set("public", public)
			}
			if err := it.observe(ctx); err != nil {
				return err
			}
		}
		r.Page()
		return nil
	})
}

func (i *item) snapshot(p types.Snapshot) {
	i.set("snapshot_id", aws.ToString(p.SnapshotId))
	i.text("volume_id", p.VolumeId)
	i.set("encrypted", aws.ToBool(p.Encrypted))
	i.time("created_at", p.StartTime)
	i.set("state", string(p.State))
	i.set("tags", tagsOf(p.Tags))
}
