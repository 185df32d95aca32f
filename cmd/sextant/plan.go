// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/register"
)

// limits of what is read as YAML.
const (
	maxYAML  = 8 << 20
	maxDepth = 20
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
	data, err := io.ReadAll(io.LimitReader(f, maxYAML+1))
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
		data, err := io.ReadAll(io.LimitReader(p.stdin, maxYAML+1))
		if err != nil {
			return nil, err
		}
		return parseDesired("standard input", data)
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
		list, err := parseDesired(name, data)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// parseDesired reads YAML documents of the form
//
//	register: asset
//	key: AST-1
//	fields: {title: Order database, …}
func parseDesired(name string, data []byte) (list []register.Desired, err error) {
	if len(data) > maxYAML {
		return nil, sextant.Errorf(sextant.TooLarge, "%s is larger than %d MiB", name, maxYAML>>20)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		if err := dec.Decode(&node); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, sextant.Errorf(sextant.Invalid, "%s: %s", name, err)
		}
		if err := refuseDeep(name, &node, 0); err != nil {
			return nil, err
		}
		d, err := desiredOf(name, &node)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
}

func refuseDeep(name string, n *yaml.Node, depth int) error {
	if depth > maxDepth || n.Kind == yaml.AliasNode {
		return sextant.Errorf(sextant.Invalid, "%s:%d: aliases and nesting deeper than %d are not read", name, n.Line, maxDepth)
	}
	for _, child := range n.Content {
		if err := refuseDeep(name, child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func desiredOf(name string, node *yaml.Node) (register.Desired, error) {
	var form struct {
		Register string         `yaml:"register"`
		Key      string         `yaml:"key"`
		Fields   map[string]any `yaml:"fields"`
	}
	where := fmt.Sprintf("%s:%d", name, node.Line)
	var known map[string]yaml.Node
	if err := node.Decode(&known); err != nil {
		return register.Desired{}, sextant.Errorf(sextant.Invalid, "%s: a document has register, key and fields", where)
	}
	for key, n := range known {
		if key != "register" && key != "key" && key != "fields" {
			return register.Desired{}, sextant.Errorf(sextant.Invalid, "%s:%d: %q is unknown; a document has register, key and fields", name, n.Line, key)
		}
	}
	if err := node.Decode(&form); err != nil {
		return register.Desired{}, sextant.Errorf(sextant.Invalid, "%s: %s", where, err)
	}
	return register.Desired{Register: form.Register, Key: form.Key, File: where, Values: form.Fields}, nil
}
