// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"sextant/connector"
)

// report is the credential report of an account: one row per user.
type report struct {
	made time.Time
	root *reportRow
	rows map[string]*reportRow // by user name
}

type reportRow struct {
	arn             string
	created         time.Time
	passwordEnabled bool // always false for the root user, whose row does not say
	passwordUsed    time.Time
	passwordChanged time.Time
	mfa             bool
	keys            [2]reportKey
}

type reportKey struct {
	active        bool
	rotated, used time.Time
}

// reportColumns are those the connector reads; AWS may add others.
var reportColumns = []string{
	"user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
}

// mostRows is far over AWS's limit of 5,000 users in an account.
const mostRows = 100_000

const rootUser = "<root_account>"

// parseReport reads the CSV of a credential report. A value it does not know
// the meaning of is an error, never "no".
func parseReport(text []byte) (*report, error) {
	in := csv.NewReader(bytes.NewReader(text))
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("the head line: %w", err)
	}
	at := map[string]int{}
	for _, name := range reportColumns {
		if at[name] = slices.Index(head, name); at[name] < 0 {
			return nil, fmt.Errorf("column %s is missing", name)
		}
	}
	all := &report{rows: map[string]*reportRow{}}
	for line := 2; ; line++ {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if err := all.add(func(name string) string { return fields[at[name]] }); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func (all *report) add(field func(string) string) error {
	name := strings.Clone(field("user"))
	row, err := parseRow(field)
	if err != nil {
		return err
	}
	if name == rootUser {
		all.root = row
		return nil
	}
	if all.rows[name] != nil {
		return fmt.Errorf("user %q comes twice", name)
	}
	if len(all.rows) >= mostRows {
		return fmt.Errorf("more than %d users", mostRows)
	}
	all.rows[name] = row
	return nil
}

func parseRow(field func(string) string) (*reportRow, error) {
	r := &reportRow{arn: strings.Clone(field("arn"))}
	var errs []error
	yes := func(name string) bool {
		v, err := reportBool(field(name))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return v
	}
	when := func(name string) time.Time {
		v, err := reportTime(field(name))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return v
	}
	r.passwordEnabled, r.mfa = yes("password_enabled"), yes("mfa_active")
	r.created = when("user_creation_time")
	r.passwordUsed, r.passwordChanged = when("password_last_used"), when("password_last_changed")
	for i := range r.keys {
		p := fmt.Sprintf("access_key_%d_", i+1)
		r.keys[i] = reportKey{active: yes(p + "active"), rotated: when(p + "last_rotated"), used: when(p + "last_used_date")}
	}
	return r, errors.Join(errs...)
}

func reportBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true":
		return true, nil
	case "false", "n/a", "not_supported":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", s)
}

func reportTime(s string) (time.Time, error) {
	switch s {
	case "N/A", "n/a", "no_information", "not_supported":
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time", s)
	}
	return t, nil
}

// reportPatience is how long AWS may take to make the report.
const reportPatience = 60 * time.Second

// credentialReport gives the account's credential report, and has AWS make it where
// there is none that is fresh.
func (s *scene) credentialReport(ctx context.Context) (*report, error) {
	return s.shared.report.get(func() (*report, error) {
		client := iam.NewFromConfig(s.config())
		if err := s.makeReport(ctx, client); err != nil {
			return nil, err
		}
		out, err := call(ctx, s, "iam:GetCredentialReport", client.GetCredentialReport, &iam.GetCredentialReportInput{})
		if err != nil {
			return nil, err
		}
		all, err := parseReport(out.Content)
		if err != nil {
			return nil, s.broken("iam:GetCredentialReport", connector.Malformed, "the credential report cannot be read: "+shorten(err.Error()))
		}
		if out.GeneratedTime != nil {
			all.made = *out.GeneratedTime
		}
		return all, nil
	})
}

func (s *scene) makeReport(ctx context.Context, client *iam.Client) error {
	const op = "iam:GenerateCredentialReport"
	for end := time.Now().Add(reportPatience); ; {
		out, err := call(ctx, s, op, client.GenerateCredentialReport, &iam.GenerateCredentialReportInput{})
		if err != nil {
			return err
		}
		if out.State == types.ReportStateTypeComplete {
			return nil
		}
		if time.Now().After(end) {
			return s.broken(op, connector.NotReady, "AWS has not finished the credential report after "+reportPatience.String())
		}
		select {
		case <-ctx.Done():
			return s.failure(op, ctx.Err())
		case <-time.After(time.Second):
		}
	}
}
