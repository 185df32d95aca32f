// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
	"sextant/internal/job"
)

func (p *program) jobsCommand() *cobra.Command {
	var filter job.Filter
	var state string
	c := &cobra.Command{Use: "jobs", Short: "Show work in the background, the newest first", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		if state != "" {
			filter.States = []job.State{job.State(state)}
		}
		list, err := p.schedule.Queue().List(c.Context(), actor, filter)
		if err != nil {
			return err
		}
		return p.printJobs(list)
	}}
	c.Flags().StringVar(&filter.Kind, "kind", "", "collect, evaluate, discover or checkpoint")
	c.Flags().StringVar(&filter.Subject, "subject", "", "what it is about, such as a source")
	c.Flags().StringVar(&state, "state", "", "waiting, running, done, failed or cancelled")
	c.Flags().IntVar(&filter.Limit, "limit", 50, "how many")
	c.AddCommand(p.oneJob("cancel ID", "Cancel work: waiting work ends at once, running work is told to stop", func(ctx context.Context, actor access.Actor, id int64) (job.Job, error) {
		return p.schedule.Queue().Cancel(ctx, actor, id)
	}), p.oneJob("retry ID", "Ask for ended work once more", func(ctx context.Context, actor access.Actor, id int64) (job.Job, error) {
		return p.schedule.Queue().Retry(ctx, actor, id)
	}))
	return c
}

func (p *program) oneJob(use, short string, do func(context.Context, access.Actor, int64) (job.Job, error)) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return sextant.Errorf(sextant.Invalid, "%q is not the number of a job", args[0]).WithHint("sextant jobs lists them")
		}
		j, err := do(c.Context(), actor, id)
		if err != nil {
			return err
		}
		return p.printJobs([]job.Job{j})
	}}
}

func (p *program) printJobs(list []job.Job) error {
	if p.json {
		return p.printJSON(list)
	}
	var rows [][]string
	for _, j := range list {
		rows = append(rows, []string{strconv.FormatInt(j.ID, 10), j.Kind, j.Subject, string(j.State), howFar(j), j.Created.String(), j.By})
	}
	return p.table([]string{"JOB", "KIND", "ABOUT", "STATE", "", "ASKED", "BY"}, rows)
}

func howFar(j job.Job) string {
	switch {
	case j.Error != "":
		return j.Error
	case j.State == job.Running && j.Progress.Total > 0:
		return fmt.Sprintf("%d of %d, %s", j.Progress.Done, j.Progress.Total, j.Progress.Sentence)
	}
	return j.Progress.Sentence
}
