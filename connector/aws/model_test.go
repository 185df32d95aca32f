// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sextant/connector/aws"
	"sextant/connector/aws/mototest"
)

// unpaged are the calls whose answers have a token the connector cannot meet:
// the filter it sends names all there can be.
var unpaged = []string{"cloudtrail:DescribeTrails", "config:DescribeConfigurationRecorderStatus", "rds:DescribeDBSnapshotAttributes"}

func paged(t testing.TB, w *mototest.World, call string) bool {
	service, op, _ := strings.Cut(call, ":")
	model, err := w.Models.Of(service)
	if err != nil {
		t.Fatal(err)
	}
	return model.Paged(op) && !slices.Contains(unpaged, call)
}

func TestEveryDeclaredCallExistsInTheServiceModel(t *testing.T) {
	models, err := mototest.FindModels()
	if err != nil {
		mototest.Missing(t, err)
	}
	for call := range callsOf() {
		service, op, _ := strings.Cut(call, ":")
		model, err := models.Of(service)
		if err != nil {
			t.Errorf("%s: %v", call, err)
			continue
		}
		if _, known := model.Operations[op]; !known {
			t.Errorf("the model has no operation %s", call)
		}
	}
}

func TestEveryCallIsMadeAndEveryMadeCallIsDeclared(t *testing.T) {
	w := smallWorld(t)
	before := w.Calls()
	c := config(w.Endpoint)
	run(t, open(t, c, noOptions))
	made := map[string]bool{}
	for call, n := range w.Calls() {
		made[call] = n > before[call]
	}
	for call := range callsOf() {
		if !made[call] {
			t.Errorf("%s is declared and was not called", call)
		}
	}
	for call, so := range made {
		if so && callsOf()[call] == "" {
			t.Errorf("%s was called and is not declared", call)
		}
	}
}

func TestPolicyIsReadOnlyAndNamesEachCall(t *testing.T) {
	var policy struct {
		Version   string
		Statement []struct {
			Effect, Resource string
			Action           []string
		}
	}
	if err := json.Unmarshal(aws.Policy(), &policy); err != nil {
		t.Fatal(err)
	}
	reads := regexp.MustCompile(`^[a-z0-9-]+:(Get|List|Describe|BatchGet)[A-Za-z0-9]+$`)
	for _, action := range policy.Statement[0].Action {
		// The credential report is made anew; nothing of the account changes.
		if !reads.MatchString(action) && action != "iam:GenerateCredentialReport" {
			t.Errorf("%s is no reading action", action)
		}
	}
	renamed := map[string]string{
		"s3:ListBuckets": "s3:ListAllMyBuckets", "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
		"s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration", "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
		"s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
	}
	for call := range callsOf() {
		action := call
		if renamed[call] != "" {
			action = renamed[call]
		}
		if call != "sts:GetCallerIdentity" && !slices.Contains(policy.Statement[0].Action, action) {
			t.Errorf("the policy does not allow %s", action)
		}
	}
}
