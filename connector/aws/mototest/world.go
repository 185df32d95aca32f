// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Other is the second account of the seed, reached by assuming OtherRole.
const (
	Other      = "222222222222"
	OtherRole  = "arn:aws:iam::222222222222:role/sextant-read"
	ExternalID = "sextant-test"
)

// Regions are those the seed spreads over.
var Regions = []string{"us-east-1", "eu-central-1", "eu-west-1"}

// World is a seeded stand-in for AWS: two accounts in three regions with mixed
// findings, behind the proxy's Endpoint.
type World struct {
	*Proxy
	Moto *Server
}

// NewWorld seeds moto (emptied first) and starts a proxy before it. Home gets
// users IAM users, at least 20.
func NewWorld(ctx context.Context, moto *Server, users int) (*World, error) {
	if err := moto.Reset(ctx); err != nil {
		return nil, err
	}
	p, err := NewProxy(moto.Endpoint)
	if err != nil {
		return nil, err
	}
	managed, err := Seed(ctx, p.Endpoint, users)
	if err == nil {
		err = useCertificate(ctx, moto.Endpoint)
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	p.Set(func(s *State) {
		*s = State{Managed: managed, MissingPatches: 2, HighFindings: 1, Vulnerabilities: 1, FindingsMade: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}
	})
	return &World{Proxy: p, Moto: moto}, nil
}

// StartWorld gives a test a world of its own on a server of its own.
func StartWorld(t testing.TB, users int) *World {
	t.Helper()
	w, err := NewWorld(t.Context(), Start(t), users)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func home(endpoint, region string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

func other(endpoint, region string) aws.Config {
	c := home(endpoint, region)
	c.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(home(endpoint, region)), OtherRole))
	return c
}
