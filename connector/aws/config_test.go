// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"errors"
	"strings"
	"testing"

	"sextant"
	"sextant/connector"
	_ "sextant/connector/aws"
)

func TestConfigurationsThatAreRefused(t *testing.T) {
	const key = `"access_key_id":"AKIA","secret_access_key":"s"`
	for _, c := range []struct {
		says, text, field string
		code              sextant.Code
		operator          bool
	}{
		{says: "no account", text: `{}`, field: "accounts", code: sextant.Invalid},
		{says: "no way to sign in", text: `{"accounts":[{}]}`, field: "accounts[0].access_key_id", code: sextant.Invalid},
		{says: "two ways to sign in", text: `{"accounts":[{` + key + `,"profile":"p"}]}`, field: "accounts[0].access_key_id", code: sextant.Invalid, operator: true},
		{says: "a key without its secret", text: `{"accounts":[{"access_key_id":"AKIA"}]}`, field: "accounts[0].secret_access_key", code: sextant.Invalid},
		{says: "a secret without its key", text: `{"accounts":[{"ambient":true,"secret_access_key":"s"}]}`, field: "accounts[0].access_key_id", code: sextant.Invalid, operator: true},
		{says: "a profile on a server", text: `{"accounts":[{"profile":"p"}]}`, field: "accounts[0].profile", code: sextant.Denied},
		{says: "the machine's credentials on a server", text: `{"accounts":[{"ambient":true}]}`, field: "accounts[0].ambient", code: sextant.Denied},
		{says: "an endpoint on a server", text: `{"accounts":[{` + key + `}],"endpoint":"http://127.0.0.1:1"}`, field: "endpoint", code: sextant.Denied},
		{says: "an endpoint that is none", text: `{"accounts":[{` + key + `}],"endpoint":"file:///etc"}`, field: "endpoint", code: sextant.Invalid, operator: true},
		{says: "an account id that is none", text: `{"accounts":[{"account":"12",` + key + `}]}`, field: "accounts[0].account", code: sextant.Invalid},
		{says: "an account twice", text: `{"accounts":[{"account":"111111111111",` + key + `},{"account":"111111111111",` + key + `}]}`, field: "accounts[1].account", code: sextant.Invalid},
		{says: "a role that is none", text: `{"accounts":[{` + key + `,"role_arn":"role/x"}]}`, field: "accounts[0].role_arn", code: sextant.Invalid},
		{says: "a role in another account", text: `{"accounts":[{"account":"111111111111",` + key + `,"role_arn":"arn:aws:iam::222222222222:role/x"}]}`, field: "accounts[0].role_arn", code: sextant.Invalid},
		{says: "an external id without a role", text: `{"accounts":[{` + key + `,"external_id":"x"}]}`, field: "accounts[0].external_id", code: sextant.Invalid},
		{says: "a region that is none", text: `{"accounts":[{` + key + `}],"regions":["Frankfurt"]}`, field: "regions[0]", code: sextant.Invalid},
		{says: "a type that is none", text: `{"accounts":[{` + key + `}],"types":["aws:thing"]}`, field: "types[0]", code: sextant.Invalid},
		{says: "too many workers", text: `{"accounts":[{` + key + `}],"workers":1000}`, field: "workers", code: sextant.Invalid},
		{says: "an unknown field", text: `{"acounts":[]}`, code: sextant.Invalid},
		{says: "no JSON", text: `accounts:`, code: sextant.Invalid},
	} {
		_, err := connector.Open("aws", []byte(c.text), connector.Options{Operator: c.operator})
		e, ok := errors.AsType[*sextant.Error](err)
		if !ok || e.Code != c.code || e.Field != c.field {
			t.Errorf("%s: got %v, want %s at %q", c.says, err, c.code, c.field)
		}
	}
}

func TestAConfigurationWithKeyRoleAndRegionsIsAccepted(t *testing.T) {
	c, err := connector.Open("aws", []byte(`{"accounts":[{"account":"111111111111","access_key_id":"AKIA","secret_access_key":"s",
		"role_arn":"arn:aws:iam::111111111111:role/read","external_id":"x"}],"regions":["eu-central-1","us-gov-west-1"]}`), connector.Options{})
	if err != nil {
		t.Fatal(err)
	}
	policy, err := c.(connector.Permissions).Permissions()
	if err != nil || !strings.Contains(string(policy), "iam:GetAccountSummary") {
		t.Errorf("the policy is %s, %v", policy, err)
	}
}
