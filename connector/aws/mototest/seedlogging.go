// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	configtypes "github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	"github.com/aws/aws-sdk-go-v2/service/inspector2"
	inspectortypes "github.com/aws/aws-sdk-go-v2/service/inspector2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// seedLogging makes a trail, a recorder, a detector, log groups and the alarm
// on root use.
func seedLogging(ctx context.Context, c aws.Config) error {
	trails := cloudtrail.NewFromConfig(c)
	if _, err := trails.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("all"), S3BucketName: aws.String("sextant-good"), IsMultiRegionTrail: aws.Bool(true), EnableLogFileValidation: aws.Bool(true)}); err != nil {
		return err
	}
	if _, err := trails.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: aws.String("all"), EventSelectors: []trailtypes.EventSelector{
		{ReadWriteType: trailtypes.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true)},
	}}); err != nil {
		return err
	}
	if _, err := trails.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String("all")}); err != nil {
		return err
	}
	if err := seedRecorder(ctx, configservice.NewFromConfig(c)); err != nil {
		return err
	}
	if _, err := guardduty.NewFromConfig(c).CreateDetector(ctx, &guardduty.CreateDetectorInput{Enable: aws.Bool(true)}); err != nil {
		return err
	}
	return seedRootAlarm(ctx, c)
}

func seedRecorder(ctx context.Context, client *configservice.Client) error {
	if _, err := client.PutConfigurationRecorder(ctx, &configservice.PutConfigurationRecorderInput{ConfigurationRecorder: &configtypes.ConfigurationRecorder{
		Name: aws.String("default"), RoleARN: aws.String("arn:aws:iam::" + Home + ":role/app"), RecordingGroup: &configtypes.RecordingGroup{AllSupported: true, IncludeGlobalResourceTypes: true},
	}}); err != nil {
		return err
	}
	if _, err := client.PutDeliveryChannel(ctx, &configservice.PutDeliveryChannelInput{DeliveryChannel: &configtypes.DeliveryChannel{Name: aws.String("default"), S3BucketName: aws.String("sextant-good")}}); err != nil {
		return err
	}
	_, err := client.StartConfigurationRecorder(ctx, &configservice.StartConfigurationRecorderInput{ConfigurationRecorderName: aws.String("default")})
	return err
}

func seedRootAlarm(ctx context.Context, c aws.Config) error {
	logs := cloudwatchlogs.NewFromConfig(c)
	for _, name := range []string{"/audit/trail", "/app/web"} {
		if _, err := logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name}); err != nil {
			return err
		}
	}
	if _, err := logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String("/audit/trail"), RetentionInDays: aws.Int32(365)}); err != nil {
		return err
	}
	if _, err := logs.PutMetricFilter(ctx, &cloudwatchlogs.PutMetricFilterInput{
		LogGroupName: aws.String("/audit/trail"), FilterName: aws.String("root"),
		FilterPattern:         aws.String(`{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`),
		MetricTransformations: []logtypes.MetricTransformation{{MetricName: aws.String("RootUse"), MetricNamespace: aws.String("Audit"), MetricValue: aws.String("1")}},
	}); err != nil {
		return err
	}
	topics := sns.NewFromConfig(c)
	topic, err := topics.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("alarms")})
	if err != nil {
		return err
	}
	if _, err := topics.Subscribe(ctx, &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("email"), Endpoint: aws.String("security@example.com")}); err != nil {
		return err
	}
	_, err = cloudwatch.NewFromConfig(c).PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("root-use"), MetricName: aws.String("RootUse"), Namespace: aws.String("Audit"), Statistic: cwtypes.StatisticSum, Period: aws.Int32(300),
		EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanOrEqualToThreshold,
		ActionsEnabled: aws.Bool(true), AlarmActions: []string{*topic.TopicArn},
	})
	return err
}

// seedElsewhere gives the other regions and the other account something of
// their own.
func seedElsewhere(ctx context.Context, endpoint string) error {
	for _, region := range Regions[1:] {
		if _, err := cloudwatchlogs.NewFromConfig(home(endpoint, region)).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/app/" + region)}); err != nil {
			return err
		}
		if _, err := cloudwatchlogs.NewFromConfig(other(endpoint, region)).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/other/" + region)}); err != nil {
			return err
		}
	}
	if _, err := inspector2.NewFromConfig(home(endpoint, Region)).Enable(ctx, &inspector2.EnableInput{
		AccountIds: []string{Home}, ResourceTypes: []inspectortypes.ResourceScanType{inspectortypes.ResourceScanTypeEc2},
	}); err != nil {
		return err
	}
	_, err := guardduty.NewFromConfig(home(endpoint, Regions[1])).CreateDetector(ctx, &guardduty.CreateDetectorInput{Enable: aws.Bool(true)})
	return err
}
