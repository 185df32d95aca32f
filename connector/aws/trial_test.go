// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"slices"
	"strings"
	"testing"

	"sextant/connector"
	"sextant/connector/aws"
	"sextant/connector/aws/mototest"
)

func TestATrySaysWhoWeAreAndWhatWeMayNotDo(t *testing.T) {
	w := smallWorld(t)
	c := config(w.Endpoint)
	c.Accounts, c.Regions = []aws.Account{homeAccount, otherAccount}, nil
	trial, err := open(t, c, noOptions).Test(t.Context())
	if err != nil || !trial.Good() || len(trial.Principals) != 2 || !strings.Contains(trial.Policy, "iam:GetCredentialReport") {
		t.Fatalf("%+v, %v", trial, err)
	}
	whole, _ := run(t, open(t, c, noOptions))
	if trial.Requests > 200 || len(whole.Observations) < 100 {
		t.Errorf("a try of %d observations made %d requests", len(whole.Observations), trial.Requests)
	}
	t.Cleanup(w.Mend)
	w.Break("s3:GetBucketEncryption", mototest.Denied)
	trial, err = open(t, c, noOptions).Test(t.Context())
	if err != nil || trial.Good() || !slices.Equal(trial.Denied, []string{"s3:GetBucketEncryption"}) || !slices.Equal(trial.Missing, []string{"s3:GetEncryptionConfiguration"}) {
		t.Errorf("denied %v, missing %v, %v", trial.Denied, trial.Missing, err)
	}
	w.Mend()
	w.Break("sts:GetCallerIdentity", mototest.Expired)
	trial, err = open(t, c, noOptions).Test(t.Context())
	if err != nil || trial.Good() || len(trial.Principals) != 0 || len(trial.Failures) == 0 || trial.Failures[0].Cause != connector.Expired {
		t.Errorf("with an expired token: %+v, %v", trial, err)
	}
}
