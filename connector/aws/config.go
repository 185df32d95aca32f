// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"sextant"
	"sextant/connector"
)

// Secret is a credential. However it is printed or encoded, it does not show: a
// configuration that was encoded is for reading, and signs in to nothing.
type Secret string

const hidden = "[hidden]"

func (s Secret) String() string               { return hidden }
func (s Secret) GoString() string             { return hidden }
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Config is the configuration of the connector.
type Config struct {
	// Accounts to read; at least one.
	Accounts []Account `json:"accounts"`
	// Regions to read; all that are enabled where empty.
	Regions []string `json:"regions,omitempty"`
	// HomeRegion is asked for what belongs to no region; us-east-1 where empty.
	HomeRegion string `json:"home_region,omitempty"`
	// Endpoint replaces all of AWS's. Only where the operator allows it.
	Endpoint string `json:"endpoint,omitempty"`
	// Types to read; all where empty.
	Types []string `json:"types,omitempty"`
	// RequestsPerSecond is a ceiling per account; 20 where 0.
	RequestsPerSecond float64 `json:"requests_per_second,omitempty"`
	// Workers is how many populations are read at a time; 4 where 0.
	Workers int `json:"workers,omitempty"`
	// Attempts per call, waiting longer each time; 5 where 0.
	Attempts int `json:"attempts,omitempty"`
	// LongestWait in milliseconds between two attempts; 20000 where 0.
	LongestWait int `json:"longest_wait_ms,omitempty"`
}

// Account says how to sign in to one account: with a key, a profile or what the
// machine offers, and from there with a role if one is named.
type Account struct {
	// ID is the account the credentials are expected to belong to; another
	// answer is an error. Empty: any, but then one failed sign-in hides which.
	ID              string `json:"account,omitempty"`
	AccessKeyID     string `json:"access_key_id,omitempty"`
	SecretAccessKey Secret `json:"secret_access_key,omitempty"`
	SessionToken    Secret `json:"session_token,omitempty"`
	Profile         string `json:"profile,omitempty"` // only where the operator allows it
	Ambient         bool   `json:"ambient,omitempty"` // only where the operator allows it
	RoleARN         string `json:"role_arn,omitempty"`
	ExternalID      string `json:"external_id,omitempty"`
}

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	roleARN   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}):role/[\w+=,.@/-]{1,512}$`)
	regionID  = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
)

// parse reads a configuration and refuses fields it does not know.
func parse(text []byte) (Config, error) {
	var c Config
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return c, sextant.Errorf(sextant.Invalid, "the configuration of the AWS connector cannot be read: %w", err)
	}
	return c, nil
}

// Validate says what is wrong with a configuration, the first thing first.
// Codes: Invalid, and Denied for what only the operator may allow.
func (c Config) Validate(o connector.Options) error {
	if len(c.Accounts) == 0 {
		return sextant.Errorf(sextant.Invalid, "no account is named").At("accounts").WithHint("name at least one account with a way to sign in")
	}
	for i, a := range c.Accounts {
		if err := a.validate(fmt.Sprintf("accounts[%d].", i), o); err != nil {
			return err
		}
		for _, b := range c.Accounts[:i] {
			if a.ID != "" && a.ID == b.ID {
				return sextant.Errorf(sextant.Invalid, "account %s is named twice", a.ID).At(fmt.Sprintf("accounts[%d].account", i))
			}
		}
	}
	return c.validateRest(o)
}

func (c Config) validateRest(o connector.Options) error {
	for i, r := range append(slices.Clone(c.Regions), c.HomeRegion) {
		if r != "" && !regionID.MatchString(r) {
			return sextant.Errorf(sextant.Invalid, "%q is not the name of a region", r).At(fmt.Sprintf("regions[%d]", i)).WithHint("regions are written like eu-central-1")
		}
	}
	known := map[string]bool{}
	for _, t := range Types() {
		known[t.Name] = true
	}
	for i, t := range c.Types {
		if !known[t] {
			return sextant.Errorf(sextant.Invalid, "there is no resource type %q", t).At(fmt.Sprintf("types[%d]", i))
		}
	}
	if c.RequestsPerSecond < 0 || c.Workers < 0 || c.Attempts < 0 || c.LongestWait < 0 || c.Workers > 64 || c.Attempts > 20 {
		return sextant.Errorf(sextant.Invalid, "requests_per_second, workers (at most 64), attempts (at most 20) and longest_wait_ms cannot be less than 0 or over their limit").At("workers")
	}
	return c.validateEndpoint(o)
}

func (c Config) validateEndpoint(o connector.Options) error {
	if c.Endpoint == "" {
		return nil
	}
	if !o.Operator {
		return onlyOperator("endpoint", "a custom endpoint")
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return sextant.Errorf(sextant.Invalid, "the endpoint is not an http or https address without a user").At("endpoint")
	}
	return nil
}

func onlyOperator(field, what string) error {
	return sextant.Errorf(sextant.Denied, "%s can be used only where the operator of this installation allows it", what).At(field).
		WithHint("use an access key, or the command line on your own machine")
}

func (a Account) validate(at string, o connector.Options) error {
	if a.ID != "" && !accountID.MatchString(a.ID) {
		return sextant.Errorf(sextant.Invalid, "%q is not an account id of 12 digits", a.ID).At(at + "account")
	}
	if err := a.validateBase(at, o); err != nil {
		return err
	}
	if a.RoleARN == "" {
		if a.ExternalID != "" {
			return sextant.Errorf(sextant.Invalid, "an external id needs a role").At(at + "external_id")
		}
		return nil
	}
	m := roleARN.FindStringSubmatch(a.RoleARN)
	if m == nil {
		return sextant.Errorf(sextant.Invalid, "%q is not the ARN of a role", a.RoleARN).At(at + "role_arn").WithHint("it is written arn:aws:iam::123456789012:role/name")
	}
	if a.ID != "" && m[1] != a.ID {
		return sextant.Errorf(sextant.Invalid, "the role lies in account %s, not in %s", m[1], a.ID).At(at + "role_arn")
	}
	return nil
}

func (a Account) validateBase(at string, o connector.Options) error {
	ways := 0
	for _, set := range []bool{a.AccessKeyID != "", a.Profile != "", a.Ambient} {
		if set {
			ways++
		}
	}
	switch {
	case ways == 0:
		return sextant.Errorf(sextant.Invalid, "no way to sign in is given").At(at + "access_key_id").WithHint("give an access key with its secret, a profile, or ambient: true")
	case ways > 1:
		return sextant.Errorf(sextant.Invalid, "more than one way to sign in is given").At(at + "access_key_id").WithHint("give one of access key, profile and ambient")
	case a.AccessKeyID != "" && a.SecretAccessKey == "":
		return sextant.Errorf(sextant.Invalid, "the access key has no secret").At(at + "secret_access_key")
	case a.AccessKeyID == "" && (a.SecretAccessKey != "" || a.SessionToken != ""):
		return sextant.Errorf(sextant.Invalid, "a secret is given without its access key").At(at + "access_key_id")
	case a.Profile != "" && !o.Operator:
		return onlyOperator(at+"profile", "a profile of this machine")
	case a.Ambient && !o.Operator:
		return onlyOperator(at+"ambient", "what this machine offers as credentials")
	}
	return nil
}

// expected is the account id the configuration promises, "" where it does not.
func (a Account) expected() string {
	if m := roleARN.FindStringSubmatch(a.RoleARN); m != nil {
		return m[1]
	}
	return a.ID
}
