// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sextant/connector"
	"sextant/connector/aws"
	"sextant/connector/aws/mototest"
)

func TestWaysToSignIn(t *testing.T) {
	w := smallWorld(t)
	files := t.TempDir()
	profile := "[audit]\naws_access_key_id = test\naws_secret_access_key = test\n"
	if err := os.WriteFile(filepath.Join(files, "credentials"), []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(files, "credentials"))
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(files, "config"))
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1") // where to connect to is the configuration's to say
	for says, c := range map[string]struct {
		account aws.Account
		want    string
	}{
		"what the machine offers":        {aws.Account{Ambient: true}, mototest.Home},
		"a profile":                      {aws.Account{Profile: "audit"}, mototest.Home},
		"a role from what it offers":     {aws.Account{Ambient: true, RoleARN: mototest.OtherRole, ExternalID: "x"}, mototest.Other},
		"a key with the expected number": {homeAccount, mototest.Home},
	} {
		conf := config(w.Endpoint)
		conf.Accounts, conf.Types = []aws.Account{c.account}, []string{"aws:log_group"}
		_, m := run(t, open(t, conf, noOptions))
		if !m.Complete() || m.Principals[0].Account != c.want {
			t.Errorf("%s: %v, %v", says, m.Principals, m.Failures())
		}
	}
	conf := config(w.Endpoint)
	conf.Accounts, conf.Types = []aws.Account{{Profile: "nobody"}}, []string{"aws:log_group"}
	_, m := run(t, open(t, conf, noOptions))
	if f := m.Errors[0]; f.Cause != connector.Unauthentic || !strings.Contains(f.Message, "nobody") || m.Populations[0].Account != "accounts[0]" {
		t.Errorf("a profile that does not exist: %+v in %v", f, m.Populations[0].Slice)
	}
}

func TestTheMetadataServiceIsNoEndpointForAnyone(t *testing.T) {
	conf := config("http://169.254.169.254")
	conf.Types = []string{"aws:log_group"}
	if _, err := aws.New(conf, connector.Options{}); err == nil {
		t.Error("an endpoint was accepted without the operator")
	}
	_, m := run(t, open(t, conf, noOptions))
	if f := m.Errors[0]; f.Cause != connector.Blocked || m.Populations[0].State != connector.Failed {
		t.Errorf("with the operator: %+v", m)
	}
}
