// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"

	"sextant/connector"
)

func readRecorder(ctx context.Context, s *scene, r *connector.Reading) error {
	client := configservice.NewFromConfig(s.config())
	out, err := call(ctx, s, "config:DescribeConfigurationRecorders", client.DescribeConfigurationRecorders, &configservice.DescribeConfigurationRecordersInput{})
	if err != nil {
		return err
	}
	r.Page()
	it := newItem(r, s.arn+":config:"+s.region+":"+s.account+":configuration-recorder")
	it.set("exists", false)
	it.set("recording", false)
	for _, c := range out.ConfigurationRecorders {
		if aws.ToString(c.ServicePrincipal) == "" { // others record for a service of AWS, not for the account
			it.recorder(c)
			it.recorderStatus(ctx, s, client, c.Name)
		}
	}
	return it.observe(ctx)
}

func (i *item) recorder(c types.ConfigurationRecorder) {
	i.set("exists", true)
	i.text("name", c.Name)
	if c.RecordingGroup != nil {
		i.set("all_supported", c.RecordingGroup.AllSupported)
		i.set("includes_global_types", c.RecordingGroup.IncludeGlobalResourceTypes)
	}
}

func (i *item) recorderStatus(ctx context.Context, s *scene, client *configservice.Client, name *string) {
	const op = "config:DescribeConfigurationRecorderStatus"
	out, err := call(ctx, s, op, client.DescribeConfigurationRecorderStatus,
		&configservice.DescribeConfigurationRecorderStatusInput{ConfigurationRecorderNames: []string{aws.ToString(name)}})
	if err == nil && len(out.ConfigurationRecordersStatus) != 1 {
		err = s.broken(op, connector.Malformed, "the answer does not hold the status of the one recorder asked for")
	}
	if err != nil {
		delete(i.has, "recording")
		i.unknown(err, "recording", "last_status")
		return
	}
	status := out.ConfigurationRecordersStatus[0]
	i.set("recording", status.Recording)
	if status.LastStatus != "" {
		i.set("last_status", string(status.LastStatus))
	}
}
