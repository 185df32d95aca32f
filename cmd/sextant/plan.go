// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/interchange/desired"
	"sextant/register"
)

func (p *program) planCommand() *cobra.Command {
	var manager string
	var prune bool
	c := &cobra.Command{Use: "plan PATH", Short: "Show what apply would change", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		steps, err := p.applied(c.Context(), args[0], manager, prune, true)
		if err := p.printSteps(steps, err); err != nil {
			return err
		}
		if err == nil && slices.ContainsFunc(steps, func(s register.Step) bool { return s.Action != "keep" }) {
			return errFindings
		}
		return err
	}}
	c.Flags().StringVar(&manager, "manager", "git", "who manages these entries")
	c.Flags().BoolVar(&prune, "prune", false, "delete what the manager applied before and no file names any more")
	return c
}

func (p *program) applyCommand() *cobra.Command {
	var manager string
	var prune bool
	c := &cobra.Command{Use: "apply PATH", Short: "Make entries what YAML files say", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		steps, err := p.applied(c.Context(), args[0], manager, prune, false)
		if printing := p.printSteps(steps, err); printing != nil {
			return printing
		}
		return err
	}}
	c.Flags().StringVar(&manager, "manager", "git", "who manages these entries")
	c.Flags().BoolVar(&prune, "prune", false, "delete what the manager applied before and no file names any more")
	return c
}

func (p *program) applied(ctx context.Context, path, manager string, prune, dry bool) (steps []register.Step, err error) {
	wanted, err := p.readDesired(path)
	if err != nil {
		return nil, err
	}
	actor, err := p.opened(ctx)
	if err != nil {
		return nil, err
	}
	run := p.kernel.Write
	if dry {
		run = p.kernel.Rehearse
	}
	err = run(ctx, actor, func(tx *register.Tx) (err error) {
		steps, err = tx.Apply(manager, wanted, prune)
		return err
	})
	return steps, err
}

// readFile reads a small file of the shell whole.
func (p *program) readFile(name string) ([]byte, error) {
	f, err := p.shell.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, desired.MaxBytes+1))
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%s cannot be read: %w", name, err)
	}
	return data, nil
}

func (p *program) printSteps(steps []register.Step, err error) error {
	if p.json && err == nil {
		return p.printJSON(steps)
	}
	for _, s := range steps {
		fmt.Fprintf(p.stdout, "%s %s %s\n", map[string]string{"create": "+", "update": "~", "delete": "-", "keep": " "}[s.Action], s.Key, s.Title)
		for _, d := range s.Changes {
			fmt.Fprintf(p.stdout, "    %s: %s → %s\n", d.Field, register.Doc{"v": d.Before}.Text("v"), register.Doc{"v": d.After}.Text("v"))
		}
		if s.Refusal != nil {
			fmt.Fprintf(p.stdout, "    refused: %s\n", s.Refusal.Error())
		}
	}
	return nil
}

// readDesired reads a file, or every .yaml file below a folder, in order; "-"
// is standard input.
func (p *program) readDesired(path string) ([]register.Desired, error) {
	if path == "-" {
		data, err := io.ReadAll(io.LimitReader(p.stdin, desired.MaxBytes+1))
		if err != nil {
			return nil, err
		}
		return desired.Parse("standard input", data)
	}
	files, err := p.shell.Find(path, ".yaml", ".yml")
	if err != nil {
		return nil, err
	}
	var all []register.Desired
	for _, name := range files {
		data, err := p.readFile(name)
		if err != nil {
			return nil, err
		}
		list, err := desired.Parse(name, data)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}
