// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/register"
)

// registerOf finds the register of a key as people type it.
func (p *program) registerOf(key string) (*register.Definition, error) {
	def, ok := p.set().OfKey(key)
	if !ok {
		return nil, sextant.Errorf(sextant.Invalid, "%q is no key", key).WithHint("a key looks like AST-14; sextant list shows them")
	}
	return def, nil
}

func (p *program) showCommand() *cobra.Command {
	var s selection
	c := &cobra.Command{Use: "show KEY", Short: "Show an entry with what it points at and what points at it", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		def, err := p.registerOf(args[0])
		if err != nil {
			return err
		}
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		_, at, err := s.list(def.Name)
		if err != nil {
			return err
		}
		return p.kernel.Read(c.Context(), actor, at, func(v *register.View) error { return p.show(v, def, args[0]) })
	}}
	c.Flags().StringVar(&s.asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	return c
}

func (p *program) show(v *register.View, def *register.Definition, key string) error {
	e, err := v.Entry(def.Name, key)
	if err != nil {
		return err
	}
	back, err := v.BackLinks(e)
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(struct {
			register.Entry
			Register  string          `json:"register"`
			BackLinks []register.Link `json:"back_links"`
		}{e, def.Name, back})
	}
	rows := [][]string{{"State", e.State}, {"Version", fmt.Sprintf("%d, by %s on %s", e.Version, v.Who(e.Actor), e.At)}}
	for _, f := range v.Fields(def) {
		if text := e.Doc.Text(f.Key); text != "" {
			rows = append(rows, []string{f.Label, text})
		}
	}
	for _, l := range back {
		rows = append(rows, []string{"Named by", l.FromKey + " (" + l.Field + ") " + v.TitleOf(l.FromRegister, l.FromKey)})
	}
	return p.table([]string{e.Key, e.Title()}, rows)
}

func (p *program) historyCommand() *cobra.Command {
	var limit int
	c := &cobra.Command{Use: "history KEY", Short: "Show who changed what of an entry, newest first", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		def, err := p.registerOf(args[0])
		if err != nil {
			return err
		}
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		var revisions []register.Revision
		if err := p.kernel.Read(c.Context(), actor, 0, func(v *register.View) (err error) {
			revisions, err = v.History(def.Name, args[0], 0, limit)
			return err
		}); err != nil {
			return err
		}
		if p.json {
			return p.printJSON(revisions)
		}
		return p.printHistory(revisions)
	}}
	c.Flags().IntVar(&limit, "limit", 50, "how many versions")
	return c
}

func (p *program) printHistory(revisions []register.Revision) error {
	var rows [][]string
	for _, r := range revisions {
		rows = append(rows, []string{strconv.Itoa(r.Version), r.At.String(), r.Actor, r.State, r.Why})
		for _, d := range r.Changes {
			before, after := register.Doc{"v": d.Before}.Text("v"), register.Doc{"v": d.After}.Text("v")
			rows = append(rows, []string{"", "", "", "", fmt.Sprintf("%s: %s → %s", d.Field, before, after)})
		}
	}
	return p.table([]string{"VERSION", "WHEN", "WHO", "STATE", "WHY AND WHAT"}, rows)
}

func (p *program) moveCommand() *cobra.Command {
	var why string
	var values map[string]string
	c := &cobra.Command{Use: "move KEY TRANSITION", Short: "Take an entry to another state", Args: cobra.ExactArgs(2), RunE: func(c *cobra.Command, args []string) error {
		def, err := p.registerOf(args[0])
		if err != nil {
			return err
		}
		if err := knownTransition(def, args[1]); err != nil {
			return err
		}
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		input := map[string]any{}
		for key, value := range maps.All(values) {
			input[key] = value
		}
		var moved register.Entry
		if err := p.kernel.Write(c.Context(), actor, func(tx *register.Tx) (err error) {
			moved, err = tx.Transition(def.Name, args[0], 0, args[1], input, register.Note{Why: why})
			return err
		}); err != nil {
			return err
		}
		if p.json {
			return p.printJSON(moved)
		}
		fmt.Fprintf(p.stdout, "%s is %s\n", moved.Key, moved.State)
		return nil
	}}
	c.Flags().StringVar(&why, "reason", "", "kept with the version")
	c.Flags().StringToStringVar(&values, "set", nil, "field=value the transition asks for; repeat")
	return c
}

func knownTransition(def *register.Definition, name string) error {
	var names []string
	for _, t := range def.Lifecycle.Transitions {
		names = append(names, t.Name)
	}
	if slices.Contains(names, name) {
		return nil
	}
	return sextant.Errorf(sextant.Invalid, "a %s has no transition %q", strings.ToLower(def.Title), name).WithHint("there are %s", strings.Join(names, ", "))
}
