// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/time/rate"

	"sextant/connector"
	"sextant/connector/outbound"
)

// session is one account that was signed in to.
type session struct {
	account  string
	identity string
	arn      string // partition and what follows: arn:aws
	home     string
	custom   bool
	base     aws.Config
	shared   shared
}

// in gives the SDK's configuration for a region.
func (s *session) in(region string) aws.Config {
	c := s.base.Copy()
	c.Region = region
	return c
}

func (c Config) wire(o connector.Options, count *atomic.Int64) *wire {
	policy := outbound.Policy{AllowLocal: o.Operator}
	if o.Operator {
		policy.Proxy = http.ProxyFromEnvironment
	}
	client := outbound.Client(policy)
	// What AWS redirects to would get a signature made for another place.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	perSecond := cmp.Or(c.RequestsPerSecond, 20)
	w := &wire{client: client, limit: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond))), count: count}
	if at, err := url.Parse(c.Endpoint); err == nil {
		w.host = at.Host
	}
	return w
}

// sdk makes the part of the SDK's configuration that knows no account. Nothing
// of it comes from the environment but the operator's proxy.
func (c Config) sdk(o connector.Options, count *atomic.Int64) aws.Config {
	longest := time.Duration(cmp.Or(c.LongestWait, 20_000)) * time.Millisecond
	s := aws.Config{
		Region:     cmp.Or(c.HomeRegion, "us-east-1"),
		HTTPClient: c.wire(o, count),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(r *retry.StandardOptions) {
				r.MaxAttempts, r.MaxBackoff = cmp.Or(c.Attempts, 5), longest
			})
		},
	}
	if c.Endpoint != "" {
		s.BaseEndpoint = aws.String(c.Endpoint)
	}
	return s
}

// credentials gives what an account is signed in with before a role is assumed.
func (a Account) credentials(ctx context.Context) (aws.CredentialsProvider, error) {
	if a.AccessKeyID != "" {
		return credentials.NewStaticCredentialsProvider(a.AccessKeyID, string(a.SecretAccessKey), string(a.SessionToken)), nil
	}
	var options []func(*config.LoadOptions) error
	if a.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(a.Profile))
	}
	// Only the credentials are taken: where to connect to stays ours to say.
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, err
	}
	if loaded.Credentials == nil {
		return nil, errors.New("this machine offers no credentials")
	}
	return loaded.Credentials, nil
}

// signIn signs in to an account and asks who we are there.
func (c Config) signIn(ctx context.Context, a Account, o connector.Options, count *atomic.Int64) (*session, error) {
	s := &session{account: a.expected(), base: c.sdk(o, count), custom: c.Endpoint != ""}
	s.home = s.base.Region
	at := &scene{session: s, region: connector.Global}
	provider, err := a.credentials(ctx)
	if err != nil {
		f := at.failure("sts:GetCallerIdentity", err)
		f.Cause, f.Message, f.Hint = connector.Unauthentic, "no credentials: "+shorten(innermost(err).Error()), hints[connector.Unauthentic]
		return nil, f
	}
	s.base.Credentials = aws.NewCredentialsCache(provider)
	if err := s.assume(ctx, at, a); err != nil {
		return nil, err
	}
	return s, s.whoAmI(ctx, at, a)
}

func (s *session) assume(ctx context.Context, at *scene, a Account) error {
	if a.RoleARN == "" {
		return nil
	}
	role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(s.base), a.RoleARN, func(r *stscreds.AssumeRoleOptions) {
		r.RoleSessionName = "sextant"
		if a.ExternalID != "" {
			r.ExternalID = aws.String(a.ExternalID)
		}
	})
	cached := aws.NewCredentialsCache(role)
	if _, err := cached.Retrieve(ctx); err != nil {
		return at.failure("sts:AssumeRole", err)
	}
	s.base.Credentials = cached
	return nil
}

func (s *session) whoAmI(ctx context.Context, at *scene, a Account) error {
	me, err := call(ctx, at, "sts:GetCallerIdentity", sts.NewFromConfig(s.base).GetCallerIdentity, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	got := aws.ToString(me.Account)
	if !accountID.MatchString(got) {
		return at.broken("sts:GetCallerIdentity", connector.Malformed, "the answer names no account")
	}
	if want := a.expected(); want != "" && want != got {
		return at.broken("sts:GetCallerIdentity", connector.OtherAccount, "the credentials belong to account "+got+", not to "+want)
	}
	s.account, s.identity = got, aws.ToString(me.Arn)
	s.arn = partition(s.identity)
	return nil
}

// partition gives the first two parts of an ARN, for example arn:aws-us-gov.
func partition(arn string) string {
	for i, colons := 0, 0; i < len(arn); i++ {
		if arn[i] == ':' {
			if colons++; colons == 2 {
				return arn[:i]
			}
		}
	}
	return "arn:aws"
}
