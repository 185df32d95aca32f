// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"context"
	"os"
	"sync"
	"testing"

	"sextant/connector"
	"sextant/connector/aws"
	"sextant/connector/aws/mototest"
	"sextant/connector/connectortest"
)

var (
	moto  mototest.Shared
	small struct {
		once  sync.Once
		world *mototest.World
		err   error
	}
)

func TestMain(m *testing.M) {
	code := m.Run()
	moto.Stop()
	os.Exit(code)
}

// smallWorld is seeded once; tests that change it change it back.
func smallWorld(t testing.TB) *mototest.World {
	t.Helper()
	server := moto.Start(t)
	small.once.Do(func() { small.world, small.err = mototest.NewWorld(context.Background(), server, 60) })
	if small.err != nil {
		t.Fatal(small.err)
	}
	return small.world
}

var (
	homeAccount  = aws.Account{ID: mototest.Home, AccessKeyID: "test", SecretAccessKey: "test"}
	otherAccount = aws.Account{ID: mototest.Other, AccessKeyID: "test", SecretAccessKey: "test", RoleARN: mototest.OtherRole, ExternalID: mototest.ExternalID}
)

func config(endpoint string) aws.Config {
	return aws.Config{
		Accounts: []aws.Account{homeAccount}, Regions: []string{mototest.Region}, Endpoint: endpoint,
		RequestsPerSecond: 100_000, Attempts: 2, LongestWait: 1,
	}
}

func open(t testing.TB, c aws.Config, o connector.Options) *aws.Connector {
	t.Helper()
	o.Operator = true
	made, err := aws.New(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// callsOf maps each declared call to a type whose reading makes it.
func callsOf() map[string]string {
	all := map[string]string{}
	for _, kind := range aws.Types() {
		for _, call := range kind.Calls {
			if all[call] == "" {
				all[call] = kind.Name
			}
		}
	}
	return all
}

func TestConformance(t *testing.T) {
	w := smallWorld(t)
	calls := callsOf()
	calls["s3:GetBucketLocation"] = "aws:cloudtrail_trail" // the list of buckets names their regions, a trail does not
	fault := func(f mototest.Fault, cause connector.Cause) connectortest.Fault {
		return connectortest.Fault{Name: f.String(), Cause: cause, Paged: f == mototest.RepeatedToken, Break: func(call string) func() {
			w.Break(call, f)
			return w.Mend
		}}
	}
	connectortest.Run(t, connectortest.Spec{
		Open: func(t testing.TB, o connector.Options, types ...string) connector.Connector {
			c := config(w.Endpoint)
			c.Types = types
			return open(t, c, o)
		},
		Calls: calls,
		Faults: []connectortest.Fault{
			fault(mototest.Denied, connector.Denied), fault(mototest.Throttled, connector.Throttled), fault(mototest.Broken, connector.ServerError),
			fault(mototest.Cut, connector.Cut), fault(mototest.RepeatedToken, connector.RepeatedPage), fault(mototest.Expired, connector.Expired),
			fault(mototest.Empty, connector.Cut), fault(mototest.Wrong, connector.Malformed), fault(mototest.Web, connector.Malformed),
		},
		Paged: func(call string) bool { return paged(t, w, call) },
	})
	for _, wrong := range w.Wrong() {
		t.Errorf("against the service model: %s", wrong)
	}
}
