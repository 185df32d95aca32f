// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func mustParse(t *testing.T, text string) *document {
	t.Helper()
	d, err := parseDocument(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

func TestGrantsOfEverything(t *testing.T) {
	for says, c := range map[string]struct {
		statement string
		want      bool
	}{
		"everything on everything":      {`{"Effect":"Allow","Action":"*","Resource":"*"}`, true},
		"in lists among others":         {`{"Effect":"Allow","Action":["s3:Get*","*"],"Resource":["arn:aws:s3:::b","*"]}`, true},
		"written as *:*":                {`{"Effect":"Allow","Action":"*:*","Resource":"*"}`, true},
		"with several stars":            {`{"Effect":"Allow","Action":"**","Resource":"***"}`, true},
		"on every ARN":                  {`{"Effect":"Allow","Action":"*","Resource":"arn:aws:*"}`, true},
		"on every ARN spelled out":      {`{"Effect":"Allow","Action":"*","Resource":"arn:aws:*:*:*:*"}`, true},
		"names in other case":           {`{"effect":"allow","ACTION":"*","resource":"*"}`, true},
		"under a condition":             {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`, true},
		"denied":                        {`{"Effect":"Deny","Action":"*","Resource":"*"}`, false},
		"every action on one bucket":    {`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/*"}`, false},
		"every action of one service":   {`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, false},
		"all but some actions":          {`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, false},
		"every resource of one service": {`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*"}`, false},
	} {
		if got := mustParse(t, `{"Statement":`+c.statement+`}`).allowsAll(); got != c.want {
			t.Errorf("%s: got %v", says, got)
		}
	}
}

func TestTrust(t *testing.T) {
	for says, c := range map[string]struct {
		statement          string
		anyone             bool
		accounts, withouts string
	}{
		"anyone":                               {`{"Effect":"Allow","Principal":"*"}`, true, "", ""},
		"any AWS principal":                    {`{"Effect":"Allow","Principal":{"AWS":"*"}}`, true, "", ""},
		"anyone who brings an external id":     {`{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`, false, "", ""},
		"anyone of an organization":            {`{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`, false, "", ""},
		"anyone of an account":                 {`{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111111111111"}}}`, false, "111111111111", "111111111111"},
		"a condition that lets all through":    {`{"Effect":"Allow","Principal":"*","Condition":{"StringLike":{"aws:PrincipalOrgID":"*"}}}`, true, "", ""},
		"a condition that may be absent":       {`{"Effect":"Allow","Principal":"*","Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}}`, true, "", ""},
		"a negative condition":                 {`{"Effect":"Allow","Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}`, true, "", ""},
		"a denial":                             {`{"Effect":"Deny","Principal":"*"}`, false, "", ""},
		"an account by number":                 {`{"Effect":"Allow","Principal":{"AWS":"111111111111"}}`, false, "111111111111", "111111111111"},
		"a role, and an account with id":       {`{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:role/r"]},"Condition":{"StringEquals":{"sts:externalid":["x"]}}}`, false, "111111111111", ""},
		"an assumed role in another partition": {`{"Effect":"Allow","Principal":{"AWS":"arn:aws-us-gov:sts::111111111111:assumed-role/r/s"}}`, false, "111111111111", "111111111111"},
		"an external id of anything":           {`{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Condition":{"StringLike":{"sts:ExternalId":"*"}}}`, false, "111111111111", "111111111111"},
		"a deleted principal":                  {`{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLE"}}`, false, "", ""},
		"leave to tag a session only":          {`{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:TagSession"}`, false, "", ""},
		"a service":                            {`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}}`, false, "", ""},
	} {
		got := mustParse(t, `{"Statement":[`+c.statement+`]}`).trust()
		if got.anyone != c.anyone || strings.Join(got.accounts, " ") != c.accounts || strings.Join(got.withoutExternalID, " ") != c.withouts {
			t.Errorf("%s: got %+v", says, got)
		}
	}
}

func TestRefusalOfPlainHTTP(t *testing.T) {
	const s = `{"Effect":"%s","Principal":%s,"Action":"%s","Resource":[%s],"Condition":%s}`
	whole, deny := `"arn:aws:s3:::b","arn:aws:s3:::b/*"`, `{"Bool":{"aws:SecureTransport":"false"}}`
	for says, c := range map[string]struct {
		statement string
		want      bool
	}{
		"bucket and objects":       {fmt.Sprintf(s, "Deny", `"*"`, "s3:*", whole, deny), true},
		"false as a JSON boolean":  {fmt.Sprintf(s, "Deny", `{"AWS":"*"}`, "s3:*", whole, `{"Bool":{"aws:SecureTransport":false}}`), true},
		"by a wildcard":            {fmt.Sprintf(s, "Deny", `"*"`, "*", `"arn:aws:s3:::b*"`, deny), true},
		"objects only":             {fmt.Sprintf(s, "Deny", `"*"`, "s3:*", `"arn:aws:s3:::b/*"`, deny), false},
		"another bucket":           {fmt.Sprintf(s, "Deny", `"*"`, "s3:*", `"arn:aws:s3:::c","arn:aws:s3:::c/*"`, deny), false},
		"reading only":             {fmt.Sprintf(s, "Deny", `"*"`, "s3:GetObject", whole, deny), false},
		"one principal only":       {fmt.Sprintf(s, "Deny", `{"AWS":"111111111111"}`, "s3:*", whole, deny), false},
		"secure transport refused": {fmt.Sprintf(s, "Deny", `"*"`, "s3:*", whole, `{"Bool":{"aws:SecureTransport":"true"}}`), false},
		"a second condition":       {fmt.Sprintf(s, "Deny", `"*"`, "s3:*", whole, `{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:PrincipalOrgID":"o"}}`), false},
		"allowed":                  {fmt.Sprintf(s, "Allow", `"*"`, "s3:*", whole, deny), false},
	} {
		if got := mustParse(t, `{"Statement":[`+c.statement+`]}`).deniesInsecureTransport("b"); got != c.want {
			t.Errorf("%s: got %v", says, got)
		}
	}
}

func TestDocumentsThatSayNothing(t *testing.T) {
	for says, text := range map[string]string{
		"no JSON": `<xml/>`, "null": `null`, "a list": `[]`, "two documents": `{}{}`, "a text as statement": `{"Statement":"x"}`,
		"no effect": `{"Statement":[{"Action":"*"}]}`, "an unknown effect": `{"Statement":[{"Effect":"Maybe"}]}`,
		"an action that is an object": `{"Statement":[{"Effect":"Allow","Action":{}}]}`, "a principal that is a number": `{"Statement":[{"Effect":"Allow","Principal":5}]}`,
		"a condition that is a list": `{"Statement":[{"Effect":"Allow","Condition":[]}]}`, "too long": `{"Id":"` + strings.Repeat("x", mostDocument) + `"}`,
	} {
		if d, err := parseDocument(text); err == nil {
			t.Errorf("%s: got %+v, want an error", says, d)
		}
	}
}

const reportHead = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,future\n"

func TestCredentialReport(t *testing.T) {
	all, err := parseReport([]byte(reportHead +
		"<root_account>,arn:aws:iam::1:root,2020-01-01T00:00:00+00:00,not_supported,2026-01-02T03:04:05+00:00,not_supported,true,false,N/A,N/A,false,N/A,N/A,x\n" +
		"\"a, b\",arn:aws:iam::1:user/ab,2021-01-01T00:00:00+00:00,TRUE,no_information,2021-01-01T00:00:00+00:00,false,true,2021-02-01T00:00:00+00:00,N/A,false,N/A,N/A,x\n"))
	if err != nil {
		t.Fatal(err)
	}
	if all.root == nil || !all.root.mfa || all.root.passwordUsed.Year() != 2026 {
		t.Errorf("root: %+v", all.root)
	}
	if u := all.rows["a, b"]; u == nil || !u.passwordEnabled || u.mfa || !u.passwordUsed.IsZero() || !u.keys[0].active || u.keys[0].rotated.Month() != 2 || u.keys[1].active {
		t.Errorf("user: %+v", u)
	}
	row := "u,arn,2021-01-01T00:00:00+00:00,true,N/A,N/A,false,false,N/A,N/A,false,N/A,N/A,x\n"
	for says, text := range map[string]string{
		"nothing": "", "another head": "a,b\n", "a column is missing": strings.Replace(reportHead, "mfa_active", "mfa", 1) + row,
		"a user twice": reportHead + row + row, "a short line": reportHead + "u,arn\n", "a cut line": reportHead + row[:30],
		"neither true nor false": reportHead + strings.Replace(row, "true", "yes", 1), "no time": reportHead + strings.Replace(row, "N/A", "yesterday", 1),
	} {
		if _, err := parseReport([]byte(text)); err == nil {
			t.Errorf("%s: no error", says)
		}
	}
}

func FuzzCredentialReport(f *testing.F) {
	f.Add([]byte(reportHead + "u,arn,2021-01-01T00:00:00+00:00,true,N/A,N/A,false,false,N/A,N/A,false,N/A,N/A,x\n"))
	f.Add([]byte("user\n\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := parseReport(text)
		if err == nil && all == nil {
			t.Error("neither a report nor an error")
		}
		if err == nil && len(all.rows) > strings.Count(string(text), "\n")+strings.Count(string(text), "\r")+1 {
			t.Error("more users than lines")
		}
	})
}

func FuzzPolicyDocument(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"AWS":["*"]},"Condition":{"Bool":{"aws:SecureTransport":false}}}]}`)
	f.Add(`%7B%22Statement%22%3A%5B%5D%7D`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := parseEscaped(text)
		if err != nil {
			if d != nil {
				t.Error("half a document beside an error")
			}
			return
		}
		trust := d.trust()
		_, _, _ = d.allowsAll(), d.allowedServices(), d.deniesInsecureTransport("b")
		for _, a := range trust.withoutExternalID {
			if !slices.Contains(trust.accounts, a) {
				t.Errorf("%s is trusted without an id and not trusted", a)
			}
		}
	})
}

func TestRootFilterPatterns(t *testing.T) {
	for pattern, want := range map[string]bool{
		`{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`: true,
		`{$.userIdentity.type=Root}`:                        true,
		`{ ($.userIdentity.type = "root") }`:                true,
		`{ $.userIdentity.type != "Root" }`:                 false,
		`{ $.eventName = "ConsoleLogin" }`:                  false,
		`Root`:                                              false,
		`{ $.responseElements.userIdentity.type = "Root" }`: false,
	} {
		if got := looksForRoot(pattern); got != want {
			t.Errorf("%s: got %v", pattern, got)
		}
	}
}
