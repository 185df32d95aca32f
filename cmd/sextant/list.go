// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/interchange/desired"
	"sextant/interchange/entries"
	"sextant/interchange/table"
	"sextant/register"
)

// selection are the flags that choose entries.
type selection struct {
	filters []string
	order   string
	search  string
	asOf    string
}

func (s *selection) flags(c *cobra.Command) {
	c.Flags().StringArrayVar(&s.filters, "filter", nil, "field=value, field!=value, field<=value, field~words, field:empty; repeat to narrow")
	c.Flags().StringVar(&s.order, "order", "", "field to order by; - before it turns the order round")
	c.Flags().StringVar(&s.search, "search", "", "words to be found")
	c.Flags().StringVar(&s.asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
}

func (s *selection) list(name string) (register.List, sextant.Instant, error) {
	filters, err := register.ParseFilters(s.filters)
	if err != nil {
		return register.List{}, 0, err
	}
	var at sextant.Instant
	if s.asOf != "" {
		at, err = sextant.ParseAsOf(s.asOf)
	}
	return register.List{Register: name, Filters: filters, Order: s.order, Search: s.search}, at, err
}

func (p *program) listCommand() *cobra.Command {
	var s selection
	c := &cobra.Command{Use: "list REGISTER", Short: "List entries of a register", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		if p.json {
			return p.exportTo(c, args[0], &s, table.JSON, p.stdout)
		}
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		l, at, err := s.list(args[0])
		if err != nil {
			return err
		}
		var rows [][]string
		if err := p.kernel.Read(c.Context(), actor, at, func(v *register.View) error {
			return v.Each(l, func(e register.Entry) error {
				rows = append(rows, []string{e.Key, e.Title(), e.State, v.TitleOf("person", e.Owner()), e.Due()})
				return nil
			})
		}); err != nil {
			return err
		}
		return p.table([]string{"KEY", "TITLE", "STATE", "OWNER", "DUE"}, rows)
	}}
	s.flags(c)
	return c
}

func (p *program) exportCommand() *cobra.Command {
	var s selection
	var format, out string
	c := &cobra.Command{Use: "export REGISTER", Short: "Write entries as XLSX, CSV, JSON or YAML", Args: cobra.ExactArgs(1),
		Long: "Writes entries as a sheet, or as the YAML documents that sextant apply makes entries of: what people typed, without what the program derives.",
		RunE: func(c *cobra.Command, args []string) error {
			f, err := formatFor(format, out)
			if err != nil {
				return err
			}
			if out == "" || out == "-" {
				return p.exportTo(c, args[0], &s, f, p.stdout)
			}
			return p.writeFile(out, func(w io.Writer) error { return p.exportTo(c, args[0], &s, f, w) })
		}}
	s.flags(c)
	c.Flags().StringVar(&format, "format", "", "xlsx, csv, json or yaml (default: as the file is named, else xlsx)")
	c.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output if none")
	c.AddCommand(p.exportOSCALCommand())
	return c
}

// asYAML is the one format of an export that is no table.
const asYAML table.Format = "yaml"

// formatFor takes the format that was asked for, or the one a file's name says.
// A file that is named as one and asked for as another is refused.
func formatFor(asked, file string) (table.Format, error) {
	said := strings.TrimPrefix(strings.ToLower(filepath.Ext(file)), ".")
	named, err := parseFormat(said)
	if asked == "" {
		if err == nil {
			return named, nil
		}
		return table.XLSX, nil
	}
	f, wrong := parseFormat(asked)
	if wrong == nil && err == nil && f != named {
		return f, sextant.Errorf(sextant.Invalid, "%s is named as %s, and %s was asked for", file, named, f).At("output").WithHint("leave --format out, or name the file otherwise")
	}
	return f, wrong
}

func parseFormat(text string) (table.Format, error) {
	if text = strings.ToLower(text); text == "yml" || text == string(asYAML) {
		return asYAML, nil
	}
	f, err := table.ParseFormat(text)
	if err != nil {
		return f, sextant.Errorf(sextant.Invalid, "%q is no format of an export: xlsx, csv, json or yaml", text).At("format")
	}
	return f, nil
}

func (p *program) exportTo(c *cobra.Command, name string, s *selection, format table.Format, w io.Writer) error {
	actor, err := p.opened(c.Context())
	if err != nil {
		return err
	}
	l, at, err := s.list(name)
	if err != nil {
		return err
	}
	return p.kernel.Read(c.Context(), actor, at, func(v *register.View) error {
		if format == asYAML {
			return desired.Write(w, v, l)
		}
		return entries.Export(w, v, l, format)
	})
}

// writeFile writes a file whole or not at all.
func (p *program) writeFile(path string, write func(io.Writer) error) error {
	file, err := p.shell.Create(path)
	if err != nil {
		return err
	}
	defer file.Drop()
	if err := write(file); err != nil {
		return err
	}
	return file.Keep()
}
