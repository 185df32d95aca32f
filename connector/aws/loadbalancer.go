// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"sextant/connector"
)

func readLoadBalancers(ctx context.Context, s *scene, r *connector.Reading) error {
	client := elb.NewFromConfig(s.config())
	return pages(ctx, s, "elasticloadbalancing:DescribeLoadBalancers", client.DescribeLoadBalancers, &elb.DescribeLoadBalancersInput{PageSize: aws.Int32(400)},
		page[elb.DescribeLoadBalancersInput, elb.DescribeLoadBalancersOutput]{
			in:  func(i *elb.DescribeLoadBalancersInput, t *string) { i.Marker = t },
			out: func(o *elb.DescribeLoadBalancersOutput) *string { return o.NextMarker },
			each: func(o *elb.DescribeLoadBalancersOutput) error {
				for _, b := range o.LoadBalancers {
					it := newItem(r, aws.ToString(b.LoadBalancerArn))
					it.loadBalancer(b)
					it.listeners(ctx, s, client, b.LoadBalancerArn)
					it.loadBalancerSettings(ctx, s, client, b)
					if err := it.observe(ctx); err != nil {
						return err
					}
				}
				r.Page()
				return nil
			},
		})
}

func (i *item) loadBalancer(b types.LoadBalancer) {
	i.set("name", aws.ToString(b.LoadBalancerName))
	i.set("arn", aws.ToString(b.LoadBalancerArn))
	i.set("kind", string(b.Type))
	i.set("scheme", string(b.Scheme))
	i.set("public", b.Scheme == types.LoadBalancerSchemeEnumInternetFacing)
	i.text("vpc_id", b.VpcId)
	i.set("dns_name", aws.ToString(b.DNSName))
}

func (i *item) listeners(ctx context.Context, s *scene, client *elb.Client, arn *string) {
	var all []types.Listener
	err := pages(ctx, s, "elasticloadbalancing:DescribeListeners", client.DescribeListeners, &elb.DescribeListenersInput{LoadBalancerArn: arn},
		page[elb.DescribeListenersInput, elb.DescribeListenersOutput]{
			in:   func(in *elb.DescribeListenersInput, t *string) { in.Marker = t },
			out:  func(o *elb.DescribeListenersOutput) *string { return o.NextMarker },
			each: func(o *elb.DescribeListenersOutput) error { all = append(all, o.Listeners...); return nil },
		})
	if err != nil {
		i.unknown(err, "listeners", "plaintext_ports", "ssl_policies")
		return
	}
	slices.SortFunc(all, func(a, b types.Listener) int {
		return cmp.Or(cmp.Compare(aws.ToInt32(a.Port), aws.ToInt32(b.Port)), cmp.Compare(a.Protocol, b.Protocol))
	})
	listeners, plain, policies := []any{}, []any{}, []string{}
	for _, l := range all {
		listeners = append(listeners, listener(l))
		if secure(l) {
			policies = append(policies, aws.ToString(l.SslPolicy))
		} else if !redirectsToHTTPS(l) {
			plain = append(plain, int64(aws.ToInt32(l.Port)))
		}
	}
	i.set("listeners", listeners)
	i.set("plaintext_ports", plain)
	i.list("ssl_policies", policies)
}

func secure(l types.Listener) bool {
	return l.Protocol == types.ProtocolEnumHttps || l.Protocol == types.ProtocolEnumTls
}

// redirectsToHTTPS looks at the default action only: what a rule before it sends
// elsewhere is not seen.
func redirectsToHTTPS(l types.Listener) bool {
	for _, a := range l.DefaultActions {
		if a.Type != types.ActionTypeEnumRedirect || a.RedirectConfig == nil || aws.ToString(a.RedirectConfig.Protocol) != "HTTPS" {
			return false
		}
	}
	return len(l.DefaultActions) > 0
}

func listener(l types.Listener) map[string]any {
	var certificates []string
	for _, c := range l.Certificates {
		certificates = append(certificates, aws.ToString(c.CertificateArn))
	}
	o := map[string]any{
		"port": int64(aws.ToInt32(l.Port)), "protocol": string(l.Protocol), "redirects_to_https": redirectsToHTTPS(l), "certificates": set(certificates),
	}
	if l.SslPolicy != nil {
		o["ssl_policy"] = *l.SslPolicy
	}
	return o
}

func (i *item) loadBalancerSettings(ctx context.Context, s *scene, client *elb.Client, b types.LoadBalancer) {
	out, err := call(ctx, s, "elasticloadbalancing:DescribeLoadBalancerAttributes", client.DescribeLoadBalancerAttributes,
		&elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
	if err != nil {
		i.unknown(err, "access_logs", "deletion_protection", "drop_invalid_headers")
		return
	}
	i.set("access_logs", false)
	i.set("deletion_protection", false)
	for _, a := range out.Attributes {
		on := aws.ToString(a.Value) == "true"
		switch aws.ToString(a.Key) {
		case "access_logs.s3.enabled":
			i.set("access_logs", on)
		case "deletion_protection.enabled":
			i.set("deletion_protection", on)
		case "routing.http.drop_invalid_header_fields.enabled":
			i.set("drop_invalid_headers", on)
		}
	}
}
