// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sextant/connector"
	"sextant/connector/aws"
	"sextant/connector/aws/mototest"
	"sextant/connector/connectortest"
)

var noOptions connector.Options

func run(t testing.TB, c connector.Connector) (*connectortest.Record, connector.Manifest) {
	t.Helper()
	r, m, err := connectortest.Collect(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r, m
}

func find(t testing.TB, r *connectortest.Record, kind, key string) map[string]any {
	t.Helper()
	for _, o := range r.Observations {
		if o.Type == kind && strings.HasSuffix(o.Key, key) {
			return o.Attributes
		}
	}
	t.Fatalf("no %s %s", kind, key)
	return nil
}

func TestFactsOfTheSeed(t *testing.T) {
	r, _ := run(t, open(t, config(smallWorld(t).Endpoint), noOptions))
	for _, c := range []struct {
		says, kind, key, attribute string
		want                       any
	}{
		{"a bucket that refuses plain HTTP", "aws:s3_bucket", "sextant-good", "denies_insecure_transport", true},
		{"one that does not", "aws:s3_bucket", "sextant-plain", "denies_insecure_transport", false},
		{"a bucket closed at its own level", "aws:s3_bucket", "sextant-good", "public_access_blocked", true},
		{"an open bucket", "aws:s3_bucket", "sextant-public", "public_access_blocked", false},
		{"a public policy", "aws:s3_bucket", "sextant-public", "policy_public", true},
		{"encryption with KMS", "aws:s3_bucket", "sextant-good", "encryption", "aws:kms"},
		{"no versions", "aws:s3_bucket", "sextant-plain", "versioning", "Off"},
		{"a policy that grants everything", "aws:iam_policy", "policy/everything", "allow_all", true},
		{"one that does not", "aws:iam_policy", "policy/narrow", "allow_all", false},
		{"a supplier without external id", "aws:iam_role", "role/supplier", "external_without_external_id", []string{"999999999999"}},
		{"a supplier with one", "aws:iam_role", "role/supplier-with-id", "external_without_external_id", []string{}},
		{"a console user without MFA", "aws:iam_user", "user/user-0010", "password_enabled", true},
		{"a user with a key", "aws:iam_user", "user/user-0007", "key_1_active", true},
		{"a user without", "aws:iam_user", "user/user-0008", "active_keys", int64(0)},
		{"a user with a policy of its own", "aws:iam_user", "user/user-0001", "direct_policies", int64(1)},
		{"no password policy", "aws:iam_account", "account-summary", "password_policy", false},
		{"a trail that logs", "aws:cloudtrail_trail", "trail/all", "logging", true},
		{"management events", "aws:cloudtrail_trail", "trail/all", "management_write", true},
		{"a trail's bucket", "aws:cloudtrail_trail", "trail/all", "bucket_public", false},
		{"a recorder", "aws:config_recorder", "configuration-recorder", "recording", true},
		{"a detector", "aws:guardduty_detector", "detector", "enabled", true},
		{"a finding", "aws:guardduty_detector", "detector", "high_findings", int64(1)},
		{"the root alarm", "aws:root_usage_alarm", "root-usage-alarm", "effective", true},
		{"a scanner", "aws:inspector_account", ":account", "enabled", true},
		{"a security contact", "aws:account", ":root", "security_contact", true},
		{"a listener without TLS", "aws:load_balancer", "", "plaintext_ports", []any{int64(80)}},
		{"a database open to all", "aws:rds_instance", "db:scratch", "publicly_accessible", true},
		{"a restore never tried", "aws:backup_resource_type", "EBS", "completed_restores", int64(0)},
	} {
		if got := find(t, r, c.kind, c.key)[c.attribute]; fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %s of %s is %v, want %v", c.says, c.attribute, c.key, got, c.want)
		}
	}
	public := 0
	for _, o := range r.Observations {
		if o.Type == "aws:ebs_snapshot" && o.Attributes["public"] == true {
			public++
		}
		if o.Type == "aws:security_group" && o.Attributes["name"] == "open" && (fmt.Sprint(o.Attributes["open_admin_ports"]) != "[22]" || o.Attributes["attached"] != true) {
			t.Errorf("the open group: %v", o.Attributes)
		}
	}
	if public != 1 {
		t.Errorf("%d public snapshots, want 1", public)
	}
}

func TestEachChangeChangesItsResourceOnly(t *testing.T) {
	w := smallWorld(t)
	read := func() map[string]string {
		r, _ := run(t, open(t, config(w.Endpoint), noOptions))
		return r.Hashes(t)
	}
	for _, check := range mototest.Changes() {
		if _, _, err := mototest.BreakOne(t.Context(), w.Endpoint, check); err != nil {
			t.Fatal(err)
		}
		before := read()
		kind, key, err := mototest.FixOne(t.Context(), w.Endpoint, check)
		if err != nil {
			t.Fatal(err)
		}
		after := read()
		var changed []string
		for id := range before {
			if before[id] != after[id] {
				changed = append(changed, id)
			}
		}
		// Detaching a policy also changes the policy's own count.
		changed = slices.DeleteFunc(changed, func(id string) bool { return strings.HasPrefix(id, "aws:iam_policy ") })
		if want := []string{kind + " " + key}; !slices.Equal(changed, want) || len(before) != len(after) {
			t.Errorf("%s: changed are %v, want %v", check, changed, want)
		}
		if _, _, err := mototest.BreakOne(t.Context(), w.Endpoint, check); err != nil {
			t.Fatal(err)
		}
	}
}

func TestThousandsOfUsersInTwoAccountsAndThreeRegions(t *testing.T) {
	w := mototest.StartWorld(t, 1500)
	c := config(w.Endpoint)
	c.Accounts, c.Regions = []aws.Account{homeAccount, otherAccount}, mototest.Regions
	began := time.Now()
	r, m := run(t, open(t, c, noOptions))
	t.Logf("%d observations, %d populations, %d requests in %s", len(r.Observations), len(m.Populations), m.Requests, time.Since(began))
	if !m.Complete() {
		t.Errorf("not complete: %v", m.Failures())
	}
	users := map[string]int{}
	for _, o := range r.Observations {
		if o.Type == "aws:iam_user" {
			users[o.Account]++
		}
	}
	if users[mototest.Home] != 1500 || users[mototest.Other] != 30 {
		t.Errorf("users: %v, want 1500 and 30", users)
	}
	global, regional := 0, 0
	for _, kind := range aws.Types() {
		if kind.Scope == connector.Global {
			global++
		} else {
			regional++
		}
	}
	if want := 2 * (global + 3*regional); len(m.Populations) != want {
		t.Errorf("%d populations, want %d", len(m.Populations), want)
	}
	if m.Requests > 1000 {
		t.Errorf("%d requests: the number must not grow with the users", m.Requests)
	}
	if len(m.Principals) != 2 || !strings.Contains(m.Principals[1].Identity, "assumed-role/sextant-read") {
		t.Errorf("principals: %v", m.Principals)
	}
	// Only the account that fails is uncertain.
	w.Break("iam:GetAccountAuthorizationDetails", mototest.Denied)
	_, m = run(t, open(t, c, noOptions))
	for _, p := range m.Populations {
		denied := slices.Contains([]string{"aws:iam_user", "aws:iam_role", "aws:iam_policy"}, p.Type)
		if denied != (p.State == connector.Refused) {
			t.Errorf("%v is %s", p.Slice, p.State)
		}
	}
}

func TestWhatCannotBeReachedPassesNothing(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + closed.Addr().String()
	closed.Close()
	c := config(address)
	c.Regions = nil
	r, m := run(t, open(t, c, noOptions))
	if len(r.Observations) > 0 || m.Complete() || len(m.Populations) != len(aws.Types()) {
		t.Errorf("%d observations, %d populations, complete %v", len(r.Observations), len(m.Populations), m.Complete())
	}
	for _, p := range m.Populations {
		if p.State != connector.Failed || p.Account != mototest.Home || p.Errors[0].Cause != connector.Unreachable {
			t.Errorf("%v is %s: %v", p.Slice, p.State, p.Errors)
		}
		if p.Region != connector.Global && p.Region != connector.AnyRegion {
			t.Errorf("%v has a region nobody could know", p.Slice)
		}
	}
}

func TestAnEmptyAccountHasOnlyWhatEveryAccountHas(t *testing.T) {
	w := smallWorld(t)
	c := config(w.Endpoint)
	c.Accounts = []aws.Account{{AccessKeyID: "test", SecretAccessKey: "test", RoleARN: "arn:aws:iam::333333333333:role/read"}}
	r, m := run(t, open(t, c, noOptions))
	if !m.Complete() {
		t.Errorf("not complete: %v", m.Failures())
	}
	always := []string{"aws:account", "aws:iam_account", "aws:config_recorder", "aws:guardduty_detector", "aws:ebs_account_region", "aws:inspector_account", "aws:root_usage_alarm"}
	for id, o := range r.Observations {
		// AWS gives each region a default network with its group.
		if !slices.Contains(always, o.Type) && o.Type != "aws:vpc" && o.Type != "aws:security_group" {
			t.Errorf("%s in an empty account", id)
		}
		for _, on := range []string{"exists", "recording", "enabled", "effective", "password_policy", "security_contact"} {
			if o.Attributes[on] == true {
				t.Errorf("%s: %s is true in an empty account", id, on)
			}
		}
	}
}

func TestFailuresBeforeTheFirstPopulation(t *testing.T) {
	w := smallWorld(t)
	for _, c := range []struct {
		says, call string
		fault      mototest.Fault
		change     func(*aws.Config)
		cause      connector.Cause
		state      connector.State // of a regional population
		region     string
	}{
		{says: "a denied sign-in", call: "sts:GetCallerIdentity", fault: mototest.Denied, cause: connector.Denied, state: connector.Refused, region: mototest.Region},
		{says: "an expired token", call: "sts:GetCallerIdentity", fault: mototest.Expired, cause: connector.Expired, state: connector.Failed, region: mototest.Region},
		{says: "a role that may not be assumed", call: "sts:AssumeRole", fault: mototest.Denied, cause: connector.Denied, state: connector.Refused, region: mototest.Region,
			change: func(c *aws.Config) { c.Accounts = []aws.Account{otherAccount} }},
		{says: "a key of another account", call: "sts:GetCallerIdentity", cause: connector.OtherAccount, state: connector.Failed, region: mototest.Region,
			change: func(c *aws.Config) { c.Accounts[0].ID = "444444444444" }},
		{says: "regions that may not be listed", call: "ec2:DescribeRegions", fault: mototest.Denied, cause: connector.Denied, state: connector.Refused, region: connector.AnyRegion,
			change: func(c *aws.Config) { c.Regions = nil }},
		{says: "a region that does not exist", call: "ec2:DescribeRegions", cause: connector.RegionOff, state: connector.Failed, region: "mars-north-1",
			change: func(c *aws.Config) { c.Regions = []string{"mars-north-1"} }},
	} {
		t.Run(c.says, func(t *testing.T) {
			w.Break(c.call, c.fault)
			defer w.Mend()
			conf := config(w.Endpoint)
			conf.Accounts = slices.Clone(conf.Accounts)
			conf.Types = []string{"aws:log_group", "aws:account"}
			if c.change != nil {
				c.change(&conf)
			}
			r, m := run(t, open(t, conf, noOptions))
			if m.Complete() {
				t.Error("the run says it is complete")
			}
			at := slices.IndexFunc(m.Populations, func(p connector.Population) bool { return p.Type == "aws:log_group" })
			p := m.Populations[at]
			if p.State != c.state || p.Region != c.region || len(p.Errors) != 1 || p.Errors[0].Call != c.call || p.Errors[0].Cause != c.cause {
				t.Errorf("got %+v", p)
			}
			for id, o := range r.Observations {
				if o.Type == "aws:log_group" {
					t.Errorf("%s was observed", id)
				}
			}
		})
	}
}

func TestThrottlingThatPassesIsNoFailure(t *testing.T) {
	w := smallWorld(t)
	c := config(w.Endpoint)
	c.Types, c.Attempts, c.LongestWait = []string{"aws:log_group"}, 10, 200
	w.Break("logs:DescribeLogGroups", mototest.Throttled)
	var mended atomic.Bool
	time.AfterFunc(150*time.Millisecond, func() { mended.Store(true); w.Mend() })
	_, m := run(t, open(t, c, noOptions))
	if !m.Complete() || !mended.Load() {
		t.Errorf("complete %v after the throttling ended %v: %v", m.Complete(), mended.Load(), m.Failures())
	}
}

func TestAnInterruptedRunCanBeContinued(t *testing.T) {
	w := smallWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first := &connectortest.Record{Hook: func(o connector.Observation) error {
		if o.Type == "aws:security_group" {
			cancel()
		}
		return nil
	}}
	_, err := open(t, config(w.Endpoint), noOptions).Collect(ctx, first)
	if err == nil {
		t.Fatal("the run was not interrupted")
	}
	have := map[connector.Slice]bool{}
	for _, p := range first.Populations {
		have[p.Slice] = p.State == connector.Complete
	}
	_, m := run(t, open(t, config(w.Endpoint), connector.Options{Skip: func(s connector.Slice) bool { return have[s] }}))
	skipped := 0
	for _, p := range m.Populations {
		if p.State == connector.Skipped {
			skipped++
		} else if p.State != connector.Complete {
			t.Errorf("%v is %s", p.Slice, p.State)
		}
	}
	if skipped == 0 || skipped == len(m.Populations) {
		t.Errorf("%d of %d populations were skipped", skipped, len(m.Populations))
	}
}

func TestDiscoverNamesEveryAccountOfTheOrganization(t *testing.T) {
	w := smallWorld(t)
	all, err := open(t, config(w.Endpoint), noOptions).Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]string{}
	for _, e := range all {
		titles[e.Title] = e.Identifier
		if e.Connector != "aws" || len(e.Identifier) != 12 || e.State != "ACTIVE" {
			t.Errorf("got %+v", e)
		}
	}
	if len(all) != 2 || titles["forgotten"] == "" {
		t.Errorf("got %v, want the head of the organization and the forgotten account", all)
	}
	w.Break("organizations:ListAccounts", mototest.Denied)
	defer w.Mend()
	if _, err := open(t, config(w.Endpoint), noOptions).Discover(t.Context()); err == nil || !strings.Contains(err.Error(), "organizations:ListAccounts") {
		t.Errorf("denied: got %v, want a failure that names the call", err)
	}
}

// counting keeps nothing, so that what grows is the connector's.
type counting struct {
	n    int
	peak uint64
}

func (c *counting) Observe(context.Context, connector.Observation) error {
	if c.n++; c.n%5000 == 0 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		c.peak = max(c.peak, m.HeapAlloc)
	}
	return nil
}
func (c *counting) Complete(context.Context, connector.Population) error { return nil }
func (c *counting) Progress(connector.Progress)                          {}

func TestMemoryDoesNotGrowWithTheSource(t *testing.T) {
	const perPage, pages = 1000, 100
	server := mototest.Paged(t, "logs", pages, func(page int) any {
		groups := []any{}
		for i := range perPage {
			name := fmt.Sprintf("/app/%03d/%04d", page, i)
			groups = append(groups, map[string]any{"logGroupName": name, "arn": "arn:aws:logs:us-east-1:123456789012:log-group:" + name, "storedBytes": 1})
		}
		return map[string]any{"logGroups": groups, "nextToken": fmt.Sprint(page)}
	})
	c := config(server)
	c.Types = []string{"aws:log_group"}
	sink := &counting{}
	m, err := open(t, c, noOptions).Collect(t.Context(), sink)
	if err != nil || !m.Complete() || sink.n != perPage*pages {
		t.Fatalf("%d observations, %v, %v", sink.n, err, m.Failures())
	}
	t.Logf("%d observations, at most %d KiB in use", sink.n, sink.peak>>10)
	if sink.peak > 40<<20 {
		t.Errorf("%d MiB in use for %d observations", sink.peak>>20, sink.n)
	}
}

func TestAListThatFailsOnItsThirdPageIsPartial(t *testing.T) {
	server := mototest.Paged(t, "logs", 5, func(page int) any {
		if page == 2 {
			return errors.New("injected")
		}
		name := fmt.Sprint("/app/", page)
		return map[string]any{"nextToken": fmt.Sprint(page), "logGroups": []any{map[string]any{"logGroupName": name, "arn": "arn:aws:logs:us-east-1:123456789012:log-group:" + name}}}
	})
	c := config(server)
	c.Types = []string{"aws:log_group"}
	r, m := run(t, open(t, c, noOptions))
	p := m.Populations[0]
	if p.State != connector.Partial || p.Count != 2 || p.Pages != 2 || len(r.Observations) != 2 || p.Errors[0].Cause != connector.ServerError || m.Complete() {
		t.Errorf("got %+v", p)
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	c := config("http://127.0.0.1:1")
	c.Accounts = []aws.Account{{AccessKeyID: "AKIA", SecretAccessKey: "s3cr3t-value", SessionToken: "t0ken-value"}}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprintf("%v", c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprint(c.Accounts), string(text)} {
		if strings.Contains(shown, "s3cr3t") || strings.Contains(shown, "t0ken") {
			t.Errorf("a secret shows in %s", shown)
		}
	}
}
