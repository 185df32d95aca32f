// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/interchange/cisoassistant"
	"sextant/interchange/yamltree"
	"sextant/library"
	"sextant/register"
)

// libraryImport are the flags of an import of a library.
type libraryImport struct {
	yes bool
	why string
}

func (i *libraryImport) flags(c *cobra.Command) {
	c.Flags().BoolVar(&i.yes, "yes", false, "write it; without, only what it would do is shown")
	c.Flags().StringVar(&i.why, "reason", "", "kept with the entry")
}

func (p *program) importCISOAssistantCommand() *cobra.Command {
	var how libraryImport
	c := &cobra.Command{Use: "ciso-assistant FILE", Short: "Take over a library of CISO Assistant (YAML)", Args: cobra.ExactArgs(1),
		Long: "Takes over frameworks, mapping sets, reference controls, threats and risk matrices of a library in the YAML format of CISO Assistant.\n" +
			"Shows first what would come in, what is left out and what differs from the version before; writes with --yes.",
		RunE: func(c *cobra.Command, args []string) error {
			data, err := p.readLimited(args[0], yamltree.MaxBytes)
			if err != nil {
				return err
			}
			content, report, err := cisoassistant.Read(filepath.Base(args[0]), data)
			if err != nil {
				return err
			}
			return p.importLibrary(c, library.Came(args[0], data, content, report), how)
		}}
	how.flags(c)
	return c
}

// readLimited reads a file of the shell whole, or refuses it as too large.
func (p *program) readLimited(name string, most int64) ([]byte, error) {
	f, err := p.shell.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%s cannot be read: %w", name, err)
	}
	if int64(len(data)) > most {
		return nil, sextant.Errorf(sextant.TooLarge, "%s is larger than %d MiB", name, most>>20)
	}
	return data, nil
}

// imported is what the command prints as JSON.
type imported struct {
	Name    string `json:"name"`
	URN     string `json:"urn"`
	Version string `json:"version"`
	Licence string `json:"licence"`
	Key     string `json:"key,omitempty"` // of the entry, once it is written
	library.Prospect
}

func (p *program) importLibrary(c *cobra.Command, in library.Incoming, how libraryImport) error {
	actor, err := p.opened(c.Context())
	if err != nil {
		return err
	}
	said := imported{Name: in.Content.Name, URN: in.Content.URN, Version: in.Content.Version, Licence: in.Content.Licence}
	if how.yes {
		said.Key, said.Prospect, err = library.Take(c.Context(), p.kernel, actor, in, register.Note{Why: how.why})
	} else {
		err = p.kernel.Read(c.Context(), actor, 0, func(v *register.View) (err error) {
			said.Prospect, err = library.Look(v, in)
			return err
		})
	}
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(said)
	}
	return p.printImported(said)
}

func (p *program) printImported(said imported) error {
	n := said.Counts
	fmt.Fprintf(p.stdout, "%s, version %s\n%s\nLicence: %s\n\n", said.Name, cmp.Or(said.Version, "not stated"), said.URN, cmp.Or(said.Licence, "not stated"))
	rows := [][]string{{"frameworks", fmt.Sprint(n.Frameworks)}, {"nodes", fmt.Sprint(n.Nodes)}, {"requirements", fmt.Sprint(n.Assessable)}, {"questions", fmt.Sprint(n.Questions)}, {"mapping sets", fmt.Sprint(n.MappingSets)},
		{"mappings", fmt.Sprint(n.Mappings)}, {"reference controls", fmt.Sprint(n.Controls)}, {"threats", fmt.Sprint(n.Threats)}, {"risk matrices", fmt.Sprint(n.RiskMatrices)}}
	if err := p.table([]string{"WHAT", "COUNT"}, rows); err != nil {
		return err
	}
	for _, k := range said.Remarks {
		fmt.Fprintf(p.stdout, "note: %s\n", k)
		for _, example := range k.Examples {
			fmt.Fprintf(p.stdout, "    %s\n", example)
		}
	}
	if d := said.Difference; d != nil {
		fmt.Fprintf(p.stdout, "Against %s: %d added, %d removed, %d changed, %d as they were.\n", said.Supersedes, d.Added, d.Removed, d.Changed, d.Unchanged)
	}
	switch {
	case said.Same != "":
		fmt.Fprintf(p.stdout, "%s holds this file already; nothing is written.\n", said.Same)
	case said.Key == "":
		fmt.Fprintln(p.stdout, "Nothing was written. Run it again with --yes.")
	case said.Supersedes != "":
		fmt.Fprintf(p.stdout, "Imported as %s; it supersedes %s.\n", said.Key, said.Supersedes)
	default:
		fmt.Fprintf(p.stdout, "Imported as %s.\n", said.Key)
	}
	return nil
}
