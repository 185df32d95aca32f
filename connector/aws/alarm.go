// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
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
