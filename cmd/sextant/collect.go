// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sextant/access"
	"sextant/connector"
	"sextant/connector/aws"
	"sextant/internal/job"
	"sextant/internal/schedule"
	"sextant/monitor"
)

func (p *program) collectCommand() *cobra.Command {
	c := &cobra.Command{Use: "collect", Short: "Collect evidence from a system"}
	c.AddCommand(p.collectAWS(), p.collectSource())
	return c
}

func (p *program) collectSource() *cobra.Command {
	var test bool
	c := &cobra.Command{Use: "source KEY", Short: "Read a source of the register with the credentials kept there", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		if test {
			return p.testSource(c.Context(), actor, args[0])
		}
		request, err := p.schedule.Collection(c.Context(), actor, args[0])
		if err != nil {
			return err
		}
		j, err := p.do(c.Context(), actor, request)
		if err != nil {
			return err
		}
		return p.printCollected(c.Context(), actor, j)
	}}
	c.Flags().BoolVar(&test, "test", false, "only try: who we are there, which rights are missing, which policy is needed")
	return c
}

// do has work done and shows how far it is.
func (p *program) do(ctx context.Context, actor access.Actor, r job.Request) (job.Job, error) {
	j, err := p.schedule.Queue().Do(ctx, actor, r, func(j job.Job) {
		if p.watched() && j.State == job.Running {
			fmt.Fprintf(p.stderr, "\r\033[K%s", howFar(j))
		}
	})
	if p.watched() {
		fmt.Fprint(p.stderr, "\r\033[K")
	}
	if err == nil {
		err = j.Err()
	}
	return j, err
}

func (p *program) printCollected(ctx context.Context, actor access.Actor, j job.Job) error {
	var read schedule.Collected
	if err := json.Unmarshal(j.Result, &read); err != nil {
		return fmt.Errorf("result of job %d: %w", j.ID, err)
	}
	evaluated, err := p.evaluated(ctx, actor)
	if err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(map[string]any{"collected": read, "changed_results": evaluated.Changed, "complete": read.Complete})
	} else {
		for _, who := range read.Principals {
			fmt.Fprintf(p.stdout, "account %s as %s\n", who.Account, who.Identity)
		}
		fmt.Fprintf(p.stdout, "%d requests, %d of %d populations complete, %d resources changed, %d gone, %d results changed\n", read.Requests, read.Whole, read.Of, read.Changed, read.Gone, evaluated.Changed)
		p.printFailures(read.Failures, read.Failed)
	}
	if err == nil && !read.Complete {
		return errFindings
	}
	return err
}

// evaluated waits for the evaluation that a collection asked for.
func (p *program) evaluated(ctx context.Context, actor access.Actor) (result schedule.Evaluated, err error) {
	list, err := p.schedule.Queue().List(ctx, actor, job.Filter{Kind: schedule.Evaluate, Limit: 1})
	if err != nil {
		return result, err
	}
	if len(list) == 1 && list[0].State == job.Done {
		return result, json.Unmarshal(list[0].Result, &result)
	}
	j, err := p.do(ctx, actor, job.Request{Kind: schedule.Evaluate})
	if err == nil {
		err = json.Unmarshal(j.Result, &result)
	}
	return result, err
}

// evaluate has the checks run; there is one evaluation at a time.
func (p *program) evaluate(ctx context.Context, actor access.Actor) (result schedule.Evaluated, err error) {
	j, err := p.do(ctx, actor, job.Request{Kind: schedule.Evaluate, Again: true})
	if err == nil {
		err = json.Unmarshal(j.Result, &result)
	}
	return result, err
}

func (p *program) testSource(ctx context.Context, actor access.Actor, key string) error {
	trial, err := p.schedule.Test(ctx, actor, key)
	if err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(trial)
	} else {
		p.printTrial(trial)
	}
	if err == nil && !trial.Good() {
		return errFindings
	}
	return err
}

func (p *program) printTrial(t connector.Trial) {
	for _, who := range t.Principals {
		fmt.Fprintf(p.stdout, "account %s as %s\n", who.Account, who.Identity)
	}
	p.printFailures(t.Failures, len(t.Failures))
	if len(t.Missing) > 0 {
		fmt.Fprintf(p.stdout, "missing rights: %s\nthe policy that is needed:\n%s", strings.Join(t.Missing, ", "), t.Policy)
	}
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
	c.Flags().StringVar(&config.Endpoint, "endpoint", p.getenv("AWS_ENDPOINT_URL"), "another endpoint than AWS's own (AWS_ENDPOINT_URL)")
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
		if p.watched() {
			fmt.Fprintf(p.stderr, "\r%d of %d populations, %d resources, %d requests   ", x.Done, x.Total, x.Observations, x.Requests)
		}
	}}
	manifest, err := monitor.Collect(ctx, recorder, conn)
	if p.watched() {
		fmt.Fprintln(p.stderr)
	}
	if err != nil {
		return err
	}
	evaluated, err := p.evaluate(ctx, actor)
	if err != nil {
		return err
	}
	changed := evaluated.Changed
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
	failures := connector.Distinct(m.Failures())
	p.printFailures(failures, len(failures))
}

func (p *program) printFailures(failures []connector.Failure, all int) {
	if all == 0 {
		fmt.Fprintln(p.stdout, "complete")
		return
	}
	fmt.Fprintf(p.stdout, "not complete: %d failures\n", all)
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
		fmt.Fprintln(p.stderr, "An organisation without an account was made to keep this in. To open it in a browser later: sextant user invite.")
	}
	return p.operator(ctx)
}

func (p *program) checkCommand() *cobra.Command {
	var asOf string
	var recount bool
	c := &cobra.Command{Use: "check [ID]", Short: "Show what the checks say; exit 1 if one fails", Args: cobra.MaximumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
		if recount {
			return p.recount(c.Context())
		}
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
	c.Flags().BoolVar(&recount, "recount", false, "evaluate everything anew from the observations, and exit 1 if what is kept differs")
	return c
}

// recount compares what is kept with a full recomputation; it changes nothing.
func (p *program) recount(ctx context.Context) error {
	actor, err := p.opened(ctx)
	if err != nil {
		return err
	}
	r, err := p.way.Recount(ctx, actor.Organisation)
	if err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(r)
	} else {
		_, err = fmt.Fprintln(p.stdout, r)
	}
	if err == nil && r.Differ > 0 {
		return errFindings
	}
	return err
}

// matchesCheck says whether a check was asked for.
func matchesCheck(id string, args []string) bool {
	return len(args) == 0 || args[0] == id || strings.TrimPrefix(args[0], "check/") == id
}
