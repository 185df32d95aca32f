// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"sextant/connector"
)

func tagsOf(all []types.Tag) map[string]any {
	return tags(all, func(t types.Tag) (k, v *string) { return t.Key, t.Value })
}

// interfaces counts network interfaces by security group and by network.
func interfaces(ctx context.Context, s *scene, client *ec2.Client) (groups, networks map[string]int64, err error) {
	groups, networks = map[string]int64{}, map[string]int64{}
	err = pages(ctx, s, "ec2:DescribeNetworkInterfaces", client.DescribeNetworkInterfaces, &ec2.DescribeNetworkInterfacesInput{MaxResults: aws.Int32(1000)},
		page[ec2.DescribeNetworkInterfacesInput, ec2.DescribeNetworkInterfacesOutput]{
			in:  func(i *ec2.DescribeNetworkInterfacesInput, t *string) { i.NextToken = t },
			out: func(o *ec2.DescribeNetworkInterfacesOutput) *string { return o.NextToken },
			each: func(o *ec2.DescribeNetworkInterfacesOutput) error {
				for _, n := range o.NetworkInterfaces {
					networks[aws.ToString(n.VpcId)]++
					for _, g := range n.Groups {
						groups[aws.ToString(g.GroupId)]++
					}
				}
				return nil
			},
		})
	return groups, networks, err
}

func readSecurityGroups(ctx context.Context, s *scene, r *connector.Reading) error {
	client := ec2.NewFromConfig(s.config())
	used, _, unread := interfaces(ctx, s, client)
	return pages(ctx, s, "ec2:DescribeSecurityGroups", client.DescribeSecurityGroups, &ec2.DescribeSecurityGroupsInput{MaxResults: aws.Int32(1000)},
		page[ec2.DescribeSecurityGroupsInput, ec2.DescribeSecurityGroupsOutput]{
			in:  func(i *ec2.DescribeSecurityGroupsInput, t *string) { i.NextToken = t },
			out: func(o *ec2.DescribeSecurityGroupsOutput) *string { return o.NextToken },
			each: func(o *ec2.DescribeSecurityGroupsOutput) error {
				for _, g := range o.SecurityGroups {
					it := newItem(r, s.arn+":ec2:"+s.region+":"+s.account+":security-group/"+aws.ToString(g.GroupId))
					it.securityGroup(g)
					if unread != nil {
						it.unknown(unread, "interfaces", "attached")
					} else {
						n := used[aws.ToString(g.GroupId)]
						it.set("interfaces", n)
						it.set("attached", n > 0)
					}
					if err := it.observe(ctx); err != nil {
						return err
					}
				}
				r.Page()
				return nil
			},
		})
}

func (i *item) securityGroup(g types.SecurityGroup) {
	i.set("group_id", aws.ToString(g.GroupId))
	i.set("name", aws.ToString(g.GroupName))
	i.set("description", aws.ToString(g.Description))
	i.text("vpc_id", g.VpcId)
	i.set("tags", tagsOf(g.Tags))
	i.set("default_group", aws.ToString(g.GroupName) == "default")
	rules := ingress(g.IpPermissions)
	var world []ingressRule
	for _, rule := range rules {
		if rule.world() {
			world = append(world, rule)
		}
	}
	i.set("ingress", objects(rules))
	i.set("world_ingress", objects(world))
	i.set("open_all_ports", slices.ContainsFunc(world, ingressRule.allPorts))
	i.set("open_admin_ports", reached(world, 22, 3389))
	i.set("open_database_ports", reached(world, 1433, 3306, 5432, 6379, 9200, 27017))
}

// ingressRule is one range an ingress rule lets in; from and to are nil where
// the protocol has no ports.
type ingressRule struct {
	protocol string
	from, to *int32
	cidr     string
}

func ingress(all []types.IpPermission) []ingressRule {
	var rules []ingressRule
	for _, p := range all {
		base := ingressRule{protocol: aws.ToString(p.IpProtocol), from: p.FromPort, to: p.ToPort}
		for _, r := range p.IpRanges {
			base.cidr = aws.ToString(r.CidrIp)
			rules = append(rules, base)
		}
		for _, r := range p.Ipv6Ranges {
			base.cidr = aws.ToString(r.CidrIpv6)
			rules = append(rules, base)
		}
	}
	slices.SortFunc(rules, func(a, b ingressRule) int {
		return cmp.Or(cmp.Compare(a.protocol, b.protocol), cmp.Compare(aws.ToInt32(a.from), aws.ToInt32(b.from)),
			cmp.Compare(aws.ToInt32(a.to), aws.ToInt32(b.to)), cmp.Compare(a.cidr, b.cidr))
	})
	return rules
}

func (r ingressRule) world() bool {
	return strings.HasSuffix(r.cidr, "/0")
}

func (r ingressRule) everyProtocol() bool { return r.protocol == "-1" }

func (r ingressRule) tcp() bool { return r.protocol == "tcp" || r.protocol == "6" }

func (r ingressRule) allPorts() bool {
	return r.everyProtocol() || r.tcp() && (r.from == nil || *r.from <= 1) && (r.to == nil || *r.to >= 65535)
}

func (r ingressRule) reaches(port int32) bool {
	return r.allPorts() || r.tcp() && r.from != nil && r.to != nil && *r.from <= port && port <= *r.to
}

func reached(rules []ingressRule, ports ...int32) []any {
	open := []any{}
	for _, p := range ports {
		if slices.ContainsFunc(rules, func(r ingressRule) bool { return r.reaches(p) }) {
			open = append(open, int64(p))
		}
	}
	return open
}

func objects(rules []ingressRule) []any {
	all := []any{}
	for _, r := range rules {
		o := map[string]any{"protocol": r.protocol, "cidr": r.cidr}
		if !r.everyProtocol() && r.from != nil && r.to != nil {
			o["from_port"], o["to_port"] = int64(*r.from), int64(*r.to)
		}
		all = append(all, o)
	}
	return all
}
