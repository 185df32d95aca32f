// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/connector"
	"sextant/connector/aws"
	"sextant/evidence"
	"sextant/monitor"
	"sextant/register"
)

func (p *program) collectCommand() *cobra.Command {
	c := &cobra.Command{Use: "collect", Short: "Collect evidence from a system"}
	c.AddCommand(p.collectAWS(), p.collectSource())
	return c
}

func (p *program) collectSource() *cobra.Command {
	return &cobra.Command{Use: "source KEY", Short: "Read a source of the register with the credentials kept there", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		var config aws.Config
		system := access.SystemActor(actor.Organisation, "collect")
		if err := p.kernel.Read(c.Context(), system, 0, func(v *register.View) (err error) {
			config, err = configOf(v, args[0])
			return err
		}); err != nil {
			return err
		}
		conn, err := aws.New(config, connector.Options{Source: args[0], Operator: true})
		if err != nil {
			return err
		}
		return p.collect(c.Context(), args[0], conn)
	}}
}

// configOf reads a source's settings and opens its secret.
func configOf(v *register.View, key string) (aws.Config, error) {
	source, err := evidence.Sources.Get(v, key)
	if err != nil {
		return aws.Config{}, err
	}
	f := source.Fields
	account := aws.Account{ID: f.Account, AccessKeyID: f.AccessKeyID, Profile: f.Profile, RoleARN: f.RoleARN}
	if f.RoleARN != "" {
		account.ExternalID = f.ExternalID
	}
	if f.AccessKeyID != "" {
		plain, err := v.Secret(source.Entry, "secret_access_key")
		if err != nil {
			return aws.Config{}, err
		}
		account.SecretAccessKey = aws.Secret(plain)
	}
	account.Ambient = f.AccessKeyID == "" && f.Profile == ""
	return aws.Config{Accounts: []aws.Account{account}, Regions: f.Regions, Endpoint: f.Endpoint}, nil
}

func (p *program) collectAWS() *cobra.Command {
	var config aws.Config
	var account aws.Account
	var policy bool
	c := &cobra.Command{Use: "aws", Short: "Read an AWS account with the environment's credentials, and evaluate the checks", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		if policy {
			_, err := fmt.Fprintf(p.stdout, "%s\n", aws.Policy())
			return err
		}
		account.Ambient = account.Profile == ""
		config.Accounts = []aws.Account{account}
		conn, err := aws.New(config, connector.Options{Source: "aws", Operator: true})
		if err != nil {
			return err
		}
		return p.collect(c.Context(), "aws", conn)
	}}
	c.Flags().StringSliceVar(&config.Regions, "region", nil, "regions to read (default: all that are enabled)")
	c.Flags().StringVar(&config.Endpoint, "endpoint", "", "another endpoint than AWS's own")
	c.Flags().StringVar(&account.Profile, "profile", "", "profile of your AWS configuration")
	c.Flags().StringVar(&account.RoleARN, "role", "", "role to assume")
	c.Flags().StringVar(&account.ExternalID, "external-id", "", "external id the role asks for")
	c.Flags().StringVar(&account.ID, "account", "", "account the credentials are expected to belong to")
	c.Flags().BoolVar(&policy, "policy", false, "print the exact IAM policy that is needed, and do nothing")
	return c
}

func (p *program) collect(ctx context.Context, source string, conn connector.Connector) error {
	actor, err := p.openedOrNew(ctx)
	if err != nil {
		return err
	}
	recorder := &monitor.Recorder{Store: p.store, Organisation: actor.Organisation, Source: source, Report: func(x connector.Progress) {
		if !p.json {
			fmt.Fprintf(p.stderr, "\r%d of %d populations, %d resources, %d requests   ", x.Done, x.Total, x.Observations, x.Requests)
		}
	}}
	manifest, err := monitor.Collect(ctx, recorder, conn)
	if !p.json {
		fmt.Fprintln(p.stderr)
	}
	if err != nil {
		return err
	}
	changed, err := monitor.Evaluate(ctx, p.store, actor.Organisation, check.Library(), sextant.SystemClock())
	if err != nil {
		return err
	}
	if p.json {
		if err := p.printJSON(map[string]any{"manifest": manifest, "changed_resources": recorder.Changed, "gone_resources": recorder.Closed, "changed_results": changed, "complete": manifest.Complete()}); err != nil {
			return err
		}
	} else {
		p.printRun(manifest, recorder, changed)
	}
	if !manifest.Complete() {
		return errFindings
	}
	return nil
}

func (p *program) printRun(m connector.Manifest, r *monitor.Recorder, changed int) {
	for _, who := range m.Principals {
		fmt.Fprintf(p.stdout, "account %s as %s\n", who.Account, who.Identity)
	}
	fmt.Fprintf(p.stdout, "%d requests, %d populations, %d resources changed, %d gone, %d results changed\n", m.Requests, len(m.Populations), r.Changed, r.Closed, changed)
	failures := m.Failures()
	if len(failures) == 0 {
		fmt.Fprintln(p.stdout, "complete")
		return
	}
	fmt.Fprintf(p.stdout, "not complete: %d failures\n", len(failures))
	for _, f := range failures[:min(len(failures), 20)] {
		fmt.Fprintf(p.stdout, "  %s\n    %s\n", f.Error(), f.Hint)
	}
}

// openedOrNew opens the data; where nothing is set up yet, it makes an
// organisation without an account, so that a first look needs no set-up.
func (p *program) openedOrNew(ctx context.Context) (access.Actor, error) {
	if err := p.open(ctx); err != nil {
		return access.Actor{}, err
	}
	all, err := p.store.Organisations(ctx)
	if err != nil {
		return access.Actor{}, err
	}
	if len(all) == 0 && p.organisation == "" {
		if _, _, err := p.newOrganisation(ctx, "Unnamed organisation", "Operator", ""); err != nil {
			return access.Actor{}, err
		}
		fmt.Fprintln(p.stderr, "Nothing was set up yet: an organisation without an account was made. Add one with sextant user invite.")
	}
	return p.operator(ctx)
}

func (p *program) checkCommand() *cobra.Command {
	var asOf string
	c := &cobra.Command{Use: "check [ID]", Short: "Show what the checks say; exit 1 if one fails", Args: cobra.MaximumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
		rows, err := p.checkRows(c.Context(), asOf, args)
		if err != nil {
			return err
		}
		if p.json {
			err = p.printJSON(rows)
		} else {
			var lines [][]string
			for _, r := range rows {
				lines = append(lines, []string{r.Check, string(r.Severity), r.State, fmt.Sprint(r.Counts.Population), r.Reason})
			}
			err = p.table([]string{"CHECK", "SEVERITY", "OUTCOME", "SEEN", ""}, lines)
		}
		if err == nil && slices.ContainsFunc(rows, func(r checkRow) bool { return r.State != "pass" && r.State != "no_data" && r.State != "not_run" }) {
			return errFindings
		}
		return err
	}}
	c.Flags().StringVar(&asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	return c
}

// matchesCheck says whether a check was asked for.
func matchesCheck(id string, args []string) bool {
	return len(args) == 0 || args[0] == id || strings.TrimPrefix(args[0], "check/") == id
}
