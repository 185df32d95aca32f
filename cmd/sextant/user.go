// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
)

func (p *program) userCommand() *cobra.Command {
	c := &cobra.Command{Use: "user", Short: "Who may sign in"}
	c.AddCommand(&cobra.Command{Use: "list", Short: "List members", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		members, err := p.accounts.Members(c.Context(), actor)
		if err != nil {
			return err
		}
		if p.json {
			return p.printJSON(members)
		}
		var rows [][]string
		for _, m := range members {
			rows = append(rows, []string{m.Email, m.Name, rolesText(m.Roles), m.Person, m.Until.String()})
		}
		return p.table([]string{"E-MAIL", "NAME", "ROLES", "PERSON", "UNTIL"}, rows)
	}}, p.inviteCommand(), &cobra.Command{Use: "remove EMAIL", Short: "End a membership", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		return p.accounts.Dismiss(c.Context(), actor, args[0])
	}})
	return c
}

func rolesText(roles []access.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}

func (p *program) inviteCommand() *cobra.Command {
	var roles []string
	var person, until string
	c := &cobra.Command{Use: "invite EMAIL", Short: "Print a one-time link to join", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		var list []access.Role
		for _, name := range roles {
			role, err := access.ParseRole(name)
			if err != nil {
				return err
			}
			list = append(list, role)
		}
		var end sextant.Instant
		if until != "" {
			if end, err = sextant.ParseInstant(until); err != nil {
				return err
			}
		}
		link, err := p.accounts.Invite(c.Context(), actor, args[0], person, list, end)
		if err == nil {
			fmt.Fprintf(p.stdout, "/join?link=%s\n", link)
		}
		return err
	}}
	c.Flags().StringSliceVar(&roles, "role", []string{"reader"}, "admin, isms_manager, owner, internal_auditor, external_auditor, reader")
	c.Flags().StringVar(&person, "person", "", "key of the person entry")
	c.Flags().StringVar(&until, "until", "", "end of access; an external auditor needs one")
	return c
}

func (p *program) tokenCommand() *cobra.Command {
	c := &cobra.Command{Use: "token", Short: "API tokens"}
	var title string
	var scope []string
	var lasts time.Duration
	make := &cobra.Command{Use: "make EMAIL", Short: "Make a token for a member and print it, once", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		var verbs []access.Verb
		for _, name := range scope {
			verbs = append(verbs, access.Verb(name))
		}
		token, err := p.accounts.MakeToken(c.Context(), actor, args[0], title, verbs, lasts)
		if err == nil {
			fmt.Fprintln(p.stdout, token)
		}
		return err
	}}
	make.Flags().StringVar(&title, "title", "", "what it is for")
	make.Flags().StringSliceVar(&scope, "scope", nil, "verbs it may use (default: all its account may)")
	make.Flags().DurationVar(&lasts, "lasts", 0, "how long it lasts (default 90 days, at most a year)")
	c.AddCommand(make, &cobra.Command{Use: "list", Short: "List tokens", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		tokens, err := p.accounts.Tokens(c.Context(), actor)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, t := range tokens {
			rows = append(rows, []string{t.ID, t.Title, t.Expires.String(), t.LastUsed.String()})
		}
		if p.json {
			return p.printJSON(rows)
		}
		return p.table([]string{"ID", "TITLE", "EXPIRES", "LAST USED"}, rows)
	}}, &cobra.Command{Use: "revoke ID", Short: "End a token", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		return p.accounts.RevokeToken(c.Context(), actor, args[0])
	}})
	return c
}
