// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/interchange/oscal"
	"sextant/library"
	"sextant/register"
)

func (p *program) importOSCALCommand() *cobra.Command {
	var how libraryImport
	var catalogs []string
	c := &cobra.Command{Use: "oscal FILE", Short: "Take over a catalog or a profile of OSCAL (JSON, XML or YAML)", Args: cobra.ExactArgs(1),
		Long: "Takes over a catalog of OSCAL 1.1 or 1.0, or the controls a profile chooses out of catalogs given with --catalog; nothing is fetched.\n" +
			"Shows first what would come in, what is left out and what differs from the version before; writes with --yes.",
		RunE: func(c *cobra.Command, args []string) error {
			in, err := p.readOSCAL(args[0], catalogs)
			if err != nil {
				return err
			}
			return p.importLibrary(c, in, how)
		}}
	how.flags(c)
	c.Flags().StringArrayVar(&catalogs, "catalog", nil, "catalog or profile that a profile imports; repeat for several")
	return c
}

func (p *program) readOSCAL(name string, beside []string) (in library.Incoming, err error) {
	data, d, err := p.readDocument(name)
	if err != nil {
		return in, err
	}
	report := &library.Report{}
	if d.Catalog != nil {
		return library.Came(name, data, oscal.Content(d.Catalog, library.OSCALCatalog, report), report), nil
	}
	if len(beside) == 0 {
		return in, sextant.Errorf(sextant.Invalid, "%s is a profile: it chooses out of a catalog", name).WithHint("give the catalog beside it: --catalog FILE")
	}
	var documents []oscal.Beside
	for _, other := range beside {
		_, d, err := p.readDocument(other)
		if err != nil {
			return in, err
		}
		documents = append(documents, oscal.Beside{Name: other, Document: d})
	}
	catalog, err := oscal.Resolve(d.Profile, documents, report)
	if err != nil {
		return in, err
	}
	return library.Came(name, data, oscal.Content(catalog, library.OSCALProfile, report), report), nil
}

func (p *program) readDocument(name string) ([]byte, oscal.Document, error) {
	data, err := p.readLimited(name, oscal.MaxBytes)
	if err != nil {
		return nil, oscal.Document{}, err
	}
	d, err := oscal.Read(filepath.Base(name), data)
	return data, d, err
}

func (p *program) exportOSCALCommand() *cobra.Command {
	var out, asOf, system, standard string
	c := &cobra.Command{Use: "oscal", Short: "Write OSCAL: a standard as a catalog, what applies as a profile, the statement as a system security plan"}
	write := func(c *cobra.Command, fn func(io.Writer) error) error {
		if out == "" || out == "-" {
			return fn(p.stdout)
		}
		return p.writeFile(out, fn)
	}
	sheet := func(c *cobra.Command, fn func(io.Writer, oscal.Sheet) error) error {
		return write(c, func(w io.Writer) error {
			return p.look(c.Context(), asOf, func(v *register.View, r evidence.Reader) error {
				s, err := oscal.SheetOf(v, r, system)
				if err != nil {
					return err
				}
				return fn(w, s)
			})
		})
	}
	catalog := &cobra.Command{Use: "catalog", Short: "A standard: ids, titles, attribute values and our own sentence on each", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return write(c, func(w io.Writer) error {
			return p.look(c.Context(), asOf, func(v *register.View, _ evidence.Reader) error {
				own, err := control.InUse(v)
				if err != nil {
					return err
				}
				own = slices.DeleteFunc(own, func(row framework.Control) bool { return !row.IsOwn() })
				return oscal.WriteStandard(w, standard, own, v.Now())
			})
		})
	}}
	catalog.Flags().StringVar(&standard, "standard", framework.StandardID, "standard, such as iso27017:2015; own for the organisation's own controls")
	profile := &cobra.Command{Use: "profile", Short: "The controls that apply", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return sheet(c, oscal.WriteProfile) }}
	statement := &cobra.Command{Use: "statement", Short: "The Statement of Applicability as a system security plan", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return sheet(c, oscal.Statement) }}
	for _, sub := range []*cobra.Command{profile, statement} {
		sub.Flags().StringVar(&system, "system", "", "key of the management system, such as MS-1; the first one if none")
	}
	for _, sub := range []*cobra.Command{catalog, profile, statement} {
		sub.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output if none")
		sub.Flags().StringVar(&asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
		c.AddCommand(sub)
	}
	return c
}
