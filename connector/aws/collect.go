// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"sextant/connector"
)

// Version of the connector: another one may give other observations for the
// same answers.
const Version = "1"

// Connector reads the configured accounts.
type Connector struct {
	config  Config
	options connector.Options
}

var (
	_ connector.Connector   = (*Connector)(nil)
	_ connector.Permissions = (*Connector)(nil)
	_ connector.Discoverer  = (*Connector)(nil)
)

func init() {
	connector.Register(connector.Factory{Name: "aws", Title: "Amazon Web Services", Open: open})
}

func open(text []byte, o connector.Options) (connector.Connector, error) {
	c, err := parse(text)
	if err != nil {
		return nil, err
	}
	return New(c, o)
}

// New makes the connector. It reaches no network. The error is that of
// Config.Validate.
func New(c Config, o connector.Options) (*Connector, error) {
	if err := c.Validate(o); err != nil {
		return nil, err
	}
	return &Connector{config: c, options: o}, nil
}

// Name is "aws".
func (c *Connector) Name() string { return "aws" }

// Version is the connector's version.
func (c *Connector) Version() string { return Version }

// Types lists what can be observed.
func (c *Connector) Types() []connector.Type { return Types() }

// Permissions is Policy.
func (c *Connector) Permissions() ([]byte, error) { return Policy(), nil }

// Collect reads all accounts, one after the other, with several populations of
// an account at a time.
func (c *Connector) Collect(ctx context.Context, sink connector.Sink) (connector.Manifest, error) {
	var count atomic.Int64
	run := connector.Begin(sink, c.Name(), Version, c.options, count.Load)
	for i, a := range c.config.Accounts {
		run.Read(ctx, cmp.Or(c.config.Workers, 4), c.jobs(ctx, run, i, a, &count))
	}
	return run.Finish(ctx)
}

// jobs signs in to an account and lists what is to be read in it. What cannot
// be read for want of a sign-in or of the list of regions is a job that fails,
// so that every expected population is accounted for.
func (c *Connector) jobs(ctx context.Context, run *connector.Run, i int, a Account, count *atomic.Int64) []connector.Job {
	s, err := c.config.signIn(ctx, a, c.options, count)
	if err != nil {
		name := cmp.Or(a.expected(), fmt.Sprintf("accounts[%d]", i))
		return c.failing(run, name, err)
	}
	run.SignedIn(connector.Principal{Account: s.account, Identity: s.identity})
	enabled, err := s.regions(ctx)
	if err != nil {
		note(run, err)
	}
	s.shared.regions, s.shared.regionsErr = enabled, err
	return c.plan(s, enabled, err)
}

func note(run *connector.Run, err error) {
	if f, ok := errors.AsType[connector.Failure](err); ok && f.Cause != connector.Cancelled {
		run.Fail(f)
	}
}

func (c *Connector) failing(run *connector.Run, account string, err error) []connector.Job {
	if f, ok := errors.AsType[connector.Failure](err); ok {
		f.Account = account
		err = f
	}
	note(run, err)
	var jobs []connector.Job
	for _, t := range c.wanted() {
		for _, region := range c.regionsOf(t, nil) {
			jobs = append(jobs, failed(connector.Slice{Type: t.Name, Account: account, Region: region}, err))
		}
	}
	return jobs
}

func failed(s connector.Slice, err error) connector.Job {
	return connector.Job{Slice: s, Read: func(context.Context, *connector.Reading) error { return err }}
}

func (c *Connector) plan(s *session, enabled []string, unlisted error) []connector.Job {
	var jobs []connector.Job
	for _, t := range c.wanted() {
		for _, region := range c.regionsOf(t, enabled) {
			slice := connector.Slice{Type: t.Name, Account: s.account, Region: region}
			switch {
			case region == connector.AnyRegion:
				jobs = append(jobs, failed(slice, unlisted))
			case region != connector.Global && unlisted == nil && !slices.Contains(enabled, region):
				at := &scene{session: s, region: region}
				jobs = append(jobs, failed(slice, at.broken("ec2:DescribeRegions", connector.RegionOff, "the region is not enabled in this account, or does not exist")))
			default:
				jobs = append(jobs, s.job(slice, readers[t.Name]))
			}
		}
	}
	return jobs
}

func (s *session) job(slice connector.Slice, read reader) connector.Job {
	return connector.Job{Slice: slice, Read: func(ctx context.Context, r *connector.Reading) error {
		return read(ctx, &scene{session: s, region: slice.Region}, r)
	}}
}

func (c *Connector) wanted() []connector.Type {
	if len(c.config.Types) == 0 {
		return Types()
	}
	return slices.DeleteFunc(slices.Clone(Types()), func(t connector.Type) bool { return !slices.Contains(c.config.Types, t.Name) })
}

func (c *Connector) regionsOf(t connector.Type, enabled []string) []string {
	switch {
	case t.Scope == connector.Global:
		return []string{connector.Global}
	case len(c.config.Regions) > 0:
		return set(c.config.Regions)
	case len(enabled) > 0:
		return enabled
	}
	return []string{connector.AnyRegion}
}

// regions lists the enabled regions. An account always has some: an empty list
// is a failure.
func (s *session) regions(ctx context.Context) ([]string, error) {
	at := &scene{session: s, region: connector.Global}
	out, err := call(ctx, at, "ec2:DescribeRegions", ec2.NewFromConfig(at.config()).DescribeRegions, &ec2.DescribeRegionsInput{})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range out.Regions {
		names = append(names, aws.ToString(r.RegionName))
	}
	if len(names) == 0 {
		return nil, at.broken("ec2:DescribeRegions", connector.Malformed, "the list of enabled regions is empty")
	}
	return set(names), nil
}

// Discover asks the organization of the first account which accounts it has.
func (c *Connector) Discover(ctx context.Context) ([]connector.Expected, error) {
	var count atomic.Int64
	s, err := c.config.signIn(ctx, c.config.Accounts[0], c.options, &count)
	if err != nil {
		return nil, err
	}
	at := &scene{session: s, region: connector.Global}
	var all []connector.Expected
	err = pages(ctx, at, "organizations:ListAccounts", organizations.NewFromConfig(at.config()).ListAccounts, &organizations.ListAccountsInput{},
		page[organizations.ListAccountsInput, organizations.ListAccountsOutput]{
			in:  func(i *organizations.ListAccountsInput, t *string) { i.NextToken = t },
			out: func(o *organizations.ListAccountsOutput) *string { return o.NextToken },
			each: func(o *organizations.ListAccountsOutput) error {
				for _, a := range o.Accounts {
					all = append(all, expected(a))
				}
				return nil
			},
		})
	return all, err
}

func expected(a types.Account) connector.Expected {
	return connector.Expected{
		Connector: "aws", Identifier: aws.ToString(a.Id), Title: aws.ToString(a.Name),
		State: cmp.Or(string(a.State), string(a.Status)),
	}
}
