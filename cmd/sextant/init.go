// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
)

func (p *program) initCommand() *cobra.Command {
	var name, email, person string
	var token bool
	c := &cobra.Command{Use: "init", Short: "Set up an organisation and its first account, without a browser", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		if name == "" || email == "" {
			return sextant.Errorf(sextant.Invalid, "init needs --organisation-name (or --organisation) and --email")
		}
		password, err := p.password()
		if err != nil {
			return err
		}
		if err := p.open(c.Context()); err != nil {
			return err
		}
		if person == "" {
			person, _, _ = strings.Cut(email, "@")
		}
		org, err := p.accounts.Create(c.Context(), name, person, email, password)
		if err != nil {
			return err
		}
		out := map[string]string{"organisation": name, "number": org.String(), "email": email}
		if token {
			operator := access.Actor{Organisation: org, Name: "operator:init", Roles: []access.Role{access.Operator}}
			if out["token"], err = p.accounts.MakeToken(c.Context(), operator, email, "made by init", nil, 0); err != nil {
				return err
			}
		}
		if p.json {
			return p.printJSON(out)
		}
		fmt.Fprintf(p.stdout, "%s is set up; sign in as %s.\n", name, email)
		if token {
			fmt.Fprintf(p.stdout, "API token, shown once: %s\n", out["token"])
		}
		return nil
	}}
	c.Flags().StringVar(&name, "organisation", "", "name of the organisation")
	c.Flags().StringVar(&email, "email", "", "e-mail of the first account")
	c.Flags().StringVar(&person, "name", "", "name of the person (default: from the e-mail)")
	c.Flags().BoolVar(&token, "token", false, "make an API token and print it")
	return c
}

// password is taken from SEXTANT_PASSWORD, asked at a terminal, or read as the
// first line of standard input. It is never a flag: flags are seen by others.
func (p *program) password() (string, error) {
	if password := p.getenv("SEXTANT_PASSWORD"); password != "" {
		return password, nil
	}
	return p.shell.Password("Password: ")
}
