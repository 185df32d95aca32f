// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"sextant/connector"
)

func alarms(ctx context.Context, s *scene, each func([]cwtypes.MetricAlarm) error) error {
	client := cloudwatch.NewFromConfig(s.config())
	in := &cloudwatch.DescribeAlarmsInput{AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm}, MaxRecords: aws.Int32(100)}
	return pages(ctx, s, "cloudwatch:DescribeAlarms", client.DescribeAlarms, in, page[cloudwatch.DescribeAlarmsInput, cloudwatch.DescribeAlarmsOutput]{
		in:   func(i *cloudwatch.DescribeAlarmsInput, t *string) { i.NextToken = t },
		out:  func(o *cloudwatch.DescribeAlarmsOutput) *string { return o.NextToken },
		each: func(o *cloudwatch.DescribeAlarmsOutput) error { return each(o.MetricAlarms) },
	})
}

// topics remembers the confirmed subscriptions of topics, which alarms share.
type topics map[string]answerOf[int64]

type answerOf[T any] struct {
	value T
	err   error
}

// confirmed counts the confirmed subscriptions of the SNS topics among actions.
// A topic that no longer exists has none.
func (t topics) confirmed(ctx context.Context, s *scene, actions []string) (int64, error) {
	total := int64(0)
	for _, arn := range set(actions) {
		if !strings.Contains(arn, ":sns:") {
			continue
		}
		if _, asked := t[arn]; !asked {
			n, err := subscriptions(ctx, s, arn)
			t[arn] = answerOf[int64]{n, err}
		}
		if t[arn].err != nil {
			return 0, of(arn, t[arn].err)
		}
		total += t[arn].value
	}
	return total, nil
}

func subscriptions(ctx context.Context, s *scene, topic string) (int64, error) {
	client, confirmed := sns.NewFromConfig(s.config()), int64(0)
	err := pages(ctx, s, "sns:ListSubscriptionsByTopic", client.ListSubscriptionsByTopic, &sns.ListSubscriptionsByTopicInput{TopicArn: &topic},
		page[sns.ListSubscriptionsByTopicInput, sns.ListSubscriptionsByTopicOutput]{
			in:  func(i *sns.ListSubscriptionsByTopicInput, t *string) { i.NextToken = t },
			out: func(o *sns.ListSubscriptionsByTopicOutput) *string { return o.NextToken },
			each: func(o *sns.ListSubscriptionsByTopicOutput) error {
				for _, sub := range o.Subscriptions {
					if strings.HasPrefix(aws.ToString(sub.SubscriptionArn), "arn:") { // else PendingConfirmation or Deleted
						confirmed++
					}
				}
				return nil
			},
		})
	if answered(err, "NotFound", "NotFoundException") {
		return 0, nil
	}
	return confirmed, err
}

func readAlarms(ctx context.Context, s *scene, r *connector.Reading) error {
	known := topics{}
	return alarms(ctx, s, func(all []cwtypes.MetricAlarm) error {
		for _, a := range all {
			it := newItem(r, aws.ToString(a.AlarmArn))
			it.alarm(a)
			if n, err := known.confirmed(ctx, s, a.AlarmActions); err != nil {
				it.unknown(err, "confirmed_subscriptions")
			} else {
				it.set("confirmed_subscriptions", n)
			}
			if err := it.observe(ctx); err != nil {
				return err
			}
		}
		r.Page()
		return nil
	})
}

func (i *item) alarm(a cwtypes.MetricAlarm) {
	i.set("name", aws.ToString(a.AlarmName))
	i.set("arn", aws.ToString(a.AlarmArn))
	i.set("state", string(a.StateValue))
	i.set("actions_enabled", aws.ToBool(a.ActionsEnabled))
	i.list("alarm_actions", a.AlarmActions)
	i.text("metric", a.MetricName)
	i.text("namespace", a.Namespace)
}

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
