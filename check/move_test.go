// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"reflect"
	"testing"

	"sextant/check"
)

func TestMovesNameTheAttributesACheckReadsThatChanged(t *testing.T) {
	backup, _ := check.Named("aws.rds-backup")
	tags, _ := check.Named("aws.s3-tag-class")
	type attributes = map[string]any
	for _, c := range []struct {
		what          string
		of            *check.Compiled
		before, after attributes
		want          []check.Move
	}{
		{"what is the same moves nothing", backup, attributes{"backup_retention_days": 7.0}, attributes{"backup_retention_days": 7.0}, nil},
		{"what the check does not read is left out", backup, attributes{"backup_retention_days": 7.0, "engine": "postgres"}, attributes{"backup_retention_days": 7.0, "engine": "mysql"}, nil},
		{"a lowered number", backup, attributes{"backup_retention_days": 7.0}, attributes{"backup_retention_days": 1.0}, []check.Move{{Attribute: "backup_retention_days", Before: 7.0, After: 1.0}}},
		{"what is gone", backup, attributes{"backup_retention_days": 7.0, "latest_snapshot_at": "2026-01-01T00:00:00Z"}, attributes{"backup_retention_days": 7.0},
			[]check.Move{{Attribute: "latest_snapshot_at", Before: "2026-01-01T00:00:00Z"}}},
		{"what could not be read is no change to nothing", backup, attributes{"backup_retention_days": 7.0}, attributes{"_errors": attributes{"backup_retention_days": "AccessDenied"}},
			[]check.Move{{Attribute: "backup_retention_days", Before: 7.0, Unread: "AccessDenied"}}},
		{"what still cannot be read has not moved", backup, attributes{"_errors": attributes{"backup_retention_days": "AccessDenied"}}, attributes{"_errors": attributes{"backup_retention_days": "AccessDenied"}}, nil},
		{"a tag among many", tags, attributes{"tags": attributes{"owner": "mia", "team": "a"}}, attributes{"tags": attributes{"team": "b"}},
			[]check.Move{{Attribute: "tags.owner", Before: "mia"}, {Attribute: "tags.team", Before: "a", After: "b"}}},
		{"a whole new resource", backup, nil, attributes{"backup_retention_days": 1.0}, []check.Move{{Attribute: "backup_retention_days", After: 1.0}}},
	} {
		if got := c.of.Moves(c.before, c.after); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}
