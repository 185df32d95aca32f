// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"sync"

	"sextant/connector"
)

// reader reads one population: every resource of a type in a scene.
type reader func(ctx context.Context, s *scene, r *connector.Reading) error

// readers has one entry for each type of resources.yaml.
var readers = map[string]reader{
	"aws:account":              readAccount,
	"aws:iam_account":          readIAMAccount,
	"aws:iam_user":             readUsers,
	"aws:iam_policy":           readPolicies,
	"aws:iam_role":             readRoles,
	"aws:s3_bucket":            readBuckets,
	"aws:cloudtrail_trail":     readTrails,
	"aws:config_recorder":      readRecorder,
	"aws:guardduty_detector":   readDetector,
	"aws:guardduty_finding":    readThreats,
	"aws:security_group":       readSecurityGroups,
	"aws:vpc":                  readNetworks,
	"aws:ec2_instance":         readInstances,
	"aws:ebs_account_region":   readVolumeEncryption,
	"aws:ebs_volume":           readVolumes,
	"aws:ebs_snapshot":         readSnapshots,
	"aws:rds_instance":         readDatabases,
	"aws:rds_snapshot":         readDatabaseSnapshots,
	"aws:kms_key":              readKeys,
	"aws:load_balancer":        readLoadBalancers,
	"aws:acm_certificate":      readCertificates,
	"aws:backup_plan":          readBackupPlans,
	"aws:backup_vault":         readBackupVaults,
	"aws:backup_resource_type": readRestoreTests,
	"aws:inspector_account":    readInspector,
	"aws:inspector_finding":    readVulnerabilities,
	"aws:alarm":                readAlarms,
	"aws:root_usage_alarm":     readRootAlarm,
	"aws:log_group":            readLogGroups,
	"aws:secret":               readSecrets,
}

// shared is what several populations of an account need and one call answers.
type shared struct {
	regions    []string
	regionsErr error
	report     once[*report]
	blocked    once[publicAccess]
}

// once keeps the first answer, also when it is a failure. A cancelled run keeps
// nothing for another, because a session lives as long as its run.
type once[T any] struct {
	do    sync.Once
	value T
	err   error
}

func (o *once[T]) get(ask func() (T, error)) (T, error) {
	o.do.Do(func() { o.value, o.err = ask() })
	return o.value, o.err
}
