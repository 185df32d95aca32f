// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"sextant/connector"
)

var (
	spaces    = regexp.MustCompile(`\s+`)
	rootUse   = regexp.MustCompile(`\$\.useridentity\.type="?root"?`)
	negations = regexp.MustCompile(`\$\.useridentity\.type!="?root"?`)
)

// looksForRoot reports whether a filter pattern matches events of the root user:
// it asks for userIdentity.type = Root. What else it demands is not weighed, but
// the well-known exclusions of service events leave the root user's own in.
func looksForRoot(pattern string) bool {
	plain := strings.ToLower(spaces.ReplaceAllString(pattern, ""))
	return rootUse.MatchString(plain) && !negations.MatchString(plain)
}

func rootFilters(ctx context.Context, s *scene, r *connector.Reading) ([]logtypes.MetricFilter, error) {
	client := cloudwatchlogs.NewFromConfig(s.config())
	var found []logtypes.MetricFilter
	err := pages(ctx, s, "logs:DescribeMetricFilters", client.DescribeMetricFilters, &cloudwatchlogs.DescribeMetricFiltersInput{Limit: aws.Int32(50)},
		page[cloudwatchlogs.DescribeMetricFiltersInput, cloudwatchlogs.DescribeMetricFiltersOutput]{
			in:  func(i *cloudwatchlogs.DescribeMetricFiltersInput, t *string) { i.NextToken = t },
			out: func(o *cloudwatchlogs.DescribeMetricFiltersOutput) *string { return o.NextToken },
			each: func(o *cloudwatchlogs.DescribeMetricFiltersOutput) error {
				for _, f := range o.MetricFilters {
					if looksForRoot(aws.ToString(f.FilterPattern)) {
						found = append(found, f)
					}
				}
				r.Page()
				return nil
			},
		})
	slices.SortFunc(found, func(a, b logtypes.MetricFilter) int {
		return cmp.Or(cmp.Compare(aws.ToString(a.LogGroupName), aws.ToString(b.LogGroupName)), cmp.Compare(aws.ToString(a.FilterName), aws.ToString(b.FilterName)))
	})
	return found, err
}

func readRootAlarm(ctx context.Context, s *scene, r *connector.Reading) error {
	found, err := rootFilters(ctx, s, r)
	if err != nil {
		return err
	}
	it := newItem(r, s.arn+":cloudwatch:"+s.region+":"+s.account+":root-usage-alarm")
	metrics := it.rootFilters(found)
	it.rootAlarms(ctx, s, metrics)
	return it.observe(ctx)
}

// rootFilters sets the filters and gives the metrics they feed.
func (i *item) rootFilters(found []logtypes.MetricFilter) map[string]bool {
	metrics, filters := map[string]bool{}, []any{}
	for _, f := range found {
		names := []string{}
		for _, t := range f.MetricTransformations {
			name := aws.ToString(t.MetricNamespace) + "/" + aws.ToString(t.MetricName)
			metrics[name] = true
			names = append(names, name)
		}
		filters = append(filters, map[string]any{
			"name": aws.ToString(f.FilterName), "log_group": aws.ToString(f.LogGroupName), "pattern": aws.ToString(f.FilterPattern), "metrics": set(names),
		})
	}
	i.set("exists", len(found) > 0)
	i.set("filters", filters)
	return metrics
}

func (i *item) rootAlarms(ctx context.Context, s *scene, metrics map[string]bool) {
	var arns, actions []string
	var err error
	if len(metrics) > 0 {
		err = alarms(ctx, s, func(all []cwtypes.MetricAlarm) error {
			for _, a := range all {
				if aws.ToBool(a.ActionsEnabled) && metrics[aws.ToString(a.Namespace)+"/"+aws.ToString(a.MetricName)] {
					arns, actions = append(arns, aws.ToString(a.AlarmArn)), append(actions, a.AlarmActions...)
				}
			}
			return nil
		})
	}
	if err != nil {
		i.unknown(err, "alarms", "confirmed_subscriptions", "effective")
		return
	}
	i.list("alarms", arns)
	n, err := topics{}.confirmed(ctx, s, actions)
	if err != nil {
		i.unknown(err, "confirmed_subscriptions", "effective")
		return
	}
	i.set("confirmed_subscriptions", n)
	i.set("effective", len(arns) > 0 && n > 0)
}
