// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// seedNetwork makes groups, instances, volumes, snapshots, flow logs and a load
// balancer in the default VPC, and gives the ids of the instances.
func seedNetwork(ctx context.Context, c aws.Config) ([]string, error) {
	client := ec2.NewFromConfig(c)
	vpcs, err := client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	if err != nil {
		return nil, err
	}
	vpc := vpcs.Vpcs[0].VpcId
	group, err := client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String("open"), Description: aws.String("open to all"), VpcId: vpc})
	if err != nil {
		return nil, err
	}
	if _, err := client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: worldPorts()}); err != nil {
		return nil, err
	}
	if _, err := client.CreateFlowLogs(ctx, &ec2.CreateFlowLogsInput{
		ResourceIds: []string{*vpc}, ResourceType: types.FlowLogsResourceTypeVpc, TrafficType: types.TrafficTypeAll,
		LogDestinationType: types.LogDestinationTypeS3, LogDestination: aws.String("arn:aws:s3:::sextant-good"),
	}); err != nil {
		return nil, err
	}
	if err := seedBalancer(ctx, c, client, *vpc); err != nil {
		return nil, err
	}
	return seedInstances(ctx, client, *group.GroupId)
}

func worldPorts() []types.IpPermission {
	return []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(20), ToPort: aws.Int32(23), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}}
}

func seedInstances(ctx context.Context, client *ec2.Client, group string) ([]string, error) {
	var ids []string
	for _, tokens := range []types.HttpTokensState{types.HttpTokensStateRequired, types.HttpTokensStateOptional} {
		out, err := client.RunInstances(ctx, &ec2.RunInstancesInput{
			ImageId: aws.String("ami-12345678"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), InstanceType: types.InstanceTypeT3Micro, SecurityGroupIds: []string{group},
			MetadataOptions: &types.InstanceMetadataOptionsRequest{HttpTokens: tokens, HttpEndpoint: types.InstanceMetadataEndpointStateEnabled},
		})
		if err != nil {
			return nil, err
		}
		ids = append(ids, *out.Instances[0].InstanceId)
	}
	return ids[:1], seedSnapshots(ctx, client)
}

func seedSnapshots(ctx context.Context, client *ec2.Client) error {
	volume, err := client.CreateVolume(ctx, &ec2.CreateVolumeInput{AvailabilityZone: aws.String(Region + "a"), Size: aws.Int32(8), Encrypted: aws.Bool(true)})
	if err != nil {
		return err
	}
	for _, public := range []bool{true, false} {
		out, err := client.CreateSnapshot(ctx, &ec2.CreateSnapshotInput{VolumeId: volume.VolumeId})
		if err == nil && public {
			_, err = client.ModifySnapshotAttribute(ctx, &ec2.ModifySnapshotAttributeInput{SnapshotId: out.SnapshotId, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
				OperationType: types.OperationTypeAdd, GroupNames: []string{"all"}})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func seedBalancer(ctx context.Context, c aws.Config, client *ec2.Client, vpc string) error {
	subnets, err := client.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []types.Filter{{Name: aws.String("vpc-id"), Values: []string{vpc}}}})
	if err != nil {
		return err
	}
	balancers := elb.NewFromConfig(c)
	out, err := balancers.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: aws.String("web"), Scheme: elbtypes.LoadBalancerSchemeEnumInternetFacing, Subnets: []string{*subnets.Subnets[0].SubnetId, *subnets.Subnets[1].SubnetId}})
	if err != nil {
		return err
	}
	if _, err := balancers.CreateListener(ctx, &elb.CreateListenerInput{
		LoadBalancerArn: out.LoadBalancers[0].LoadBalancerArn, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp,
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("200")}}},
	}); err != nil {
		return err
	}
	_, err = acm.NewFromConfig(c).RequestCertificate(ctx, &acm.RequestCertificateInput{DomainName: aws.String("www.example.com")})
	return err
}

// useCertificate puts the seed's certificate to use at a classic load balancer,
// the only one by which moto takes notice. It goes to moto itself: the models
// we hold requests against have the newer load balancers only.
func useCertificate(ctx context.Context, moto string) error {
	list, err := acm.NewFromConfig(home(moto, Region)).ListCertificates(ctx, &acm.ListCertificatesInput{})
	if err != nil {
		return err
	}
	if len(list.CertificateSummaryList) == 0 {
		return errors.New("the seed has no certificate")
	}
	arn := aws.ToString(list.CertificateSummaryList[0].CertificateArn)
	form := url.Values{"Action": {"CreateLoadBalancer"}, "Version": {"2012-06-01"}, "LoadBalancerName": {"old"}, "AvailabilityZones.member.1": {Region + "a"},
		"Listeners.member.1.Protocol": {"HTTPS"}, "Listeners.member.1.LoadBalancerPort": {"443"}, "Listeners.member.1.InstancePort": {"80"}, "Listeners.member.1.SSLCertificateId": {arn}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, moto, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/"+Region+"/elasticloadbalancing/aws4_request, SignedHeaders=host, Signature=none")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("a classic load balancer: %s", answer.Status)
	}
	return nil
}
