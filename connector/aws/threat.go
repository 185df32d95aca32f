// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	"github.com/aws/aws-sdk-go-v2/service/guardduty/types"

	"sextant/connector"
)

// The severities GuardDuty calls high and medium, from its documentation of
// findings.
const (
	highSeverity   = 7.0
	mediumSeverity = 4
)

// detectors lists the detectors of a region; GuardDuty allows one.
func detectors(ctx context.Context, s *scene, client *guardduty.Client) ([]string, error) {
	var ids []string
	err := pages(ctx, s, "guardduty:ListDetectors", client.ListDetectors, &guardduty.ListDetectorsInput{},
		page[guardduty.ListDetectorsInput, guardduty.ListDetectorsOutput]{
			in:   func(i *guardduty.ListDetectorsInput, t *string) { i.NextToken = t },
			out:  func(o *guardduty.ListDetectorsOutput) *string { return o.NextToken },
			each: func(o *guardduty.ListDetectorsOutput) error { ids = append(ids, o.DetectorIds...); return nil },
		})
	return ids, err
}

func readDetector(ctx context.Context, s *scene, r *connector.Reading) error {
	client := guardduty.NewFromConfig(s.config())
	ids, err := detectors(ctx, s, client)
	if err != nil {
		return err
	}
	r.Page()
	it := newItem(r, s.arn+":guardduty:"+s.region+":"+s.account+":detector")
	it.set("exists", len(ids) > 0)
	it.set("enabled", false)
	for _, id := range ids {
		it.set("detector_id", id)
		it.detector(ctx, s, client, id)
		it.highFindings(ctx, s, client, id)
	}
	return it.observe(ctx)
}

func (i *item) detector(ctx context.Context, s *scene, client *guardduty.Client, id string) {
	out, err := call(ctx, s, "guardduty:GetDetector", client.GetDetector, &guardduty.GetDetectorInput{DetectorId: &id})
	if err != nil {
		delete(i.has, "enabled")
		i.unknown(err, "enabled", "finding_frequency")
		return
	}
	i.set("enabled", out.Status == types.DetectorStatusEnabled)
	if out.FindingPublishingFrequency != "" {
		i.set("finding_frequency", string(out.FindingPublishingFrequency))
	}
}

func (i *item) highFindings(ctx context.Context, s *scene, client *guardduty.Client, id string) {
	high, oldest := int64(0), time.Time{}
	err := findings(ctx, s, client, id, int64(highSeverity), func(all []types.Finding) error {
		for _, f := range all {
			if unarchived(f) && aws.ToFloat64(f.Severity) >= highSeverity {
				high++
				oldest = earliest(oldest, reportedAt(f.CreatedAt))
			}
		}
		return nil
	})
	if err != nil {
		i.unknown(err, "high_findings", "oldest_high_finding_at")
		return
	}
	i.set("high_findings", high)
	i.time("oldest_high_finding_at", &oldest)
}

func unarchived(f types.Finding) bool {
	return f.Service == nil || !aws.ToBool(f.Service.Archived)
}

// reportedAt reads the times GuardDuty sends as text; none where it cannot.
func reportedAt(s *string) time.Time {
	t, err := time.Parse(time.RFC3339, aws.ToString(s))
	if err != nil {
		return time.Time{}
	}
	return t
}

// findings reads the unarchived findings of a severity or more, a page at a
// time.
func findings(ctx context.Context, s *scene, client *guardduty.Client, id string, severity int64, each func([]types.Finding) error) error {
	in := &guardduty.ListFindingsInput{DetectorId: &id, MaxResults: aws.Int32(50), FindingCriteria: &types.FindingCriteria{Criterion: map[string]types.Condition{
		"service.archived": {Equals: []string{"false"}}, "severity": {GreaterThanOrEqual: aws.Int64(severity)},
	}}}
	return pages(ctx, s, "guardduty:ListFindings", client.ListFindings, in, page[guardduty.ListFindingsInput, guardduty.ListFindingsOutput]{
		in:  func(i *guardduty.ListFindingsInput, t *string) { i.NextToken = t },
		out: func(o *guardduty.ListFindingsOutput) *string { return o.NextToken },
		each: func(o *guardduty.ListFindingsOutput) error {
			if len(o.FindingIds) == 0 {
				return nil
			}
			got, err := call(ctx, s, "guardduty:GetFindings", client.GetFindings, &guardduty.GetFindingsInput{DetectorId: &id, FindingIds: o.FindingIds})
			if err != nil {
				return err
			}
			if len(got.Findings) < len(o.FindingIds) {
				return s.broken("guardduty:GetFindings", connector.Malformed, "asked for "+strconv.Itoa(len(o.FindingIds))+" findings, got "+strconv.Itoa(len(got.Findings)))
			}
			return each(got.Findings)
		},
	})
}

func readThreats(ctx context.Context, s *scene, r *connector.Reading) error {
	client := guardduty.NewFromConfig(s.config())
	ids, err := detectors(ctx, s, client)
	if err != nil {
		return err
	}
	r.Page()
	for _, id := range ids {
		err := findings(ctx, s, client, id, mediumSeverity, func(all []types.Finding) error {
			for _, f := range all {
				if err := observeThreat(ctx, s, r, id, f); err != nil {
					return err
				}
			}
			r.Page()
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func observeThreat(ctx context.Context, s *scene, r *connector.Reading, detector string, f types.Finding) error {
	it := newItem(r, aws.ToString(f.Arn))
	it.set("id", aws.ToString(f.Id))
	it.set("detector_id", detector)
	it.set("title", aws.ToString(f.Title))
	it.set("finding_type", aws.ToString(f.Type))
	it.set("severity", aws.ToFloat64(f.Severity))
	it.set("archived", !unarchived(f))
	for name, text := range map[string]*string{"created_at": f.CreatedAt, "updated_at": f.UpdatedAt} {
		at := reportedAt(text)
		if it.time(name, &at); at.IsZero() {
			it.unknown(s.broken("guardduty:GetFindings", connector.Malformed, "the time of the finding cannot be read"), name)
		}
	}
	if f.Resource != nil {
		it.text("resource_type", f.Resource.ResourceType)
	}
	if f.Service != nil {
		it.number("count", f.Service.Count)
	}
	return it.observe(ctx)
}
