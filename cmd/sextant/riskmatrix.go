// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sextant/evidence"
	"sextant/interchange/cisoassistant"
	"sextant/library"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
)

// drafted is what the command prints as JSON.
type drafted struct {
	Key   string        `json:"key,omitempty"`
	Notes []string      `json:"notes"`
	Draft risk.Criteria `json:"draft"`
}

func (p *program) criteriaFromCommand() *cobra.Command {
	var matrix, system, author, why string
	var yes bool
	c := &cobra.Command{Use: "from LIBRARY", Short: "Make a draft of criteria of a risk matrix of an imported library, such as LIB-3", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		run := p.kernel.Rehearse
		if yes {
			run = p.kernel.Write
		}
		var said drafted
		if err := run(c.Context(), actor, func(tx *register.Tx) error {
			l, err := library.Libraries.Get(tx, args[0])
			if err != nil {
				return err
			}
			if author == "" {
				author = actor.Person
			}
			if system, err = organisation.SystemMeant(tx, system); err != nil {
				return err
			}
			taken, err := cisoassistant.CriteriaOf(&tx.View, l, matrix, system, author)
			if err != nil {
				return err
			}
			made, err := risk.CriteriaEditions.Create(tx, taken.Criteria, register.Note{Why: why})
			said = drafted{Notes: taken.Notes, Draft: taken.Criteria}
			if yes {
				said.Key = made.Key
			}
			return err
		}); err != nil {
			return err
		}
		return p.printDrafted(said)
	}}
	c.Flags().StringVar(&matrix, "matrix", "", "its name, URN or number, where the library has several")
	c.Flags().StringVar(&system, "system", "", "key of the management system; the only one if none")
	c.Flags().StringVar(&author, "author", "", "key of the person who answers for the draft, such as PER-1; you if none")
	c.Flags().StringVar(&why, "reason", "", "kept with the draft")
	c.Flags().BoolVar(&yes, "yes", false, "write it; without, only what it would be is shown")
	return c
}

func (p *program) printDrafted(said drafted) error {
	if p.json {
		return p.printJSON(said)
	}
	y, err := risk.NewYardstick(said.Draft)
	if err != nil {
		return err
	}
	head := []string{"LIKELIHOOD"}
	for _, l := range said.Draft.Consequences {
		head = append(head, l.Name)
	}
	var rows [][]string
	for i := len(said.Draft.Likelihoods); i > 0; i-- {
		row := []string{y.LikelihoodName(i)}
		for j := range said.Draft.Consequences {
			row = append(row, y.LevelName(y.Level(i, j+1)))
		}
		rows = append(rows, row)
	}
	if err := p.table(head, rows); err != nil {
		return err
	}
	for _, note := range said.Notes {
		fmt.Fprintln(p.stdout, "note: "+note)
	}
	if said.Key == "" {
		fmt.Fprintln(p.stdout, "Nothing was written. Run it again with --yes.")
	} else {
		fmt.Fprintf(p.stdout, "%s is a draft. Look it through and have it approved.\n", said.Key)
	}
	return nil
}

func (p *program) criteriaMatrixCommand() *cobra.Command {
	var out, asOf string
	c := &cobra.Command{Use: "matrix CRITERIA", Short: "Write criteria, such as RC-2, as a risk matrix of CISO Assistant (YAML)", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		fn := func(w io.Writer) error {
			return p.look(c.Context(), asOf, func(v *register.View, _ evidence.Reader) error {
				e, err := risk.CriteriaEditions.Get(v, args[0])
				if err != nil {
					return err
				}
				owner := ""
				if all, err := organisation.Organisations.All(v); err == nil && len(all) > 0 {
					owner = all[0].Title()
				}
				return cisoassistant.WriteMatrix(w, e.Key, owner, e.Fields)
			})
		}
		if out == "" || out == "-" {
			return fn(p.stdout)
		}
		return p.writeFile(out, fn)
	}}
	c.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output if none")
	c.Flags().StringVar(&asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	return c
}
