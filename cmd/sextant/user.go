// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
)

func (p *program) userCommand() *cobra.Command {
	c := &cobra.Command{Use: "user", Short: "Who may sign in"}
	c.AddCommand(
		p.membersCommand(),
		p.inviteCommand(),
		p.admitCommand(),
		p.invitationsCommand(),
		p.about("withdraw INVITATION", "End an invitation nobody used", (*access.Accounts).Withdraw),
		p.about("remove EMAIL", "End a membership with its sessions and tokens", (*access.Accounts).Dismiss),
		p.sessionsCommand(),
		p.about("sign-out EMAIL", "End a member's sessions here", (*access.Accounts).EndSessionsOf),
		p.secondFactorCommand(),
		p.about("reset-second-factor EMAIL", "Take the second factor of a member who lost their device", (*access.Accounts).ResetSecondFactor),
		p.passwordCommand(),
	)
	return c
}

func (p *program) membersCommand() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List members", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
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
	}}
}

func verbsText(verbs []access.Verb) string {
	names := make([]string, len(verbs))
	for i, v := range verbs {
		names[i] = string(v)
	}
	return cmp.Or(strings.Join(names, ","), "all its account may")
}

func rolesText(roles []access.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}

// about makes a command that does one thing to what it names.
func (p *program) about(use, short string, do func(*access.Accounts, context.Context, access.Actor, string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		return do(p.accounts, c.Context(), actor, args[0])
	}}
}

// place are the flags that say what somebody may be here, and until when.
type place struct {
	roles         []string
	person, until string
}

func (x *place) flags(c *cobra.Command) {
	c.Flags().StringSliceVar(&x.roles, "role", []string{"reader"}, "admin, isms_manager, owner, internal_auditor, external_auditor, reader")
	c.Flags().StringVar(&x.person, "person", "", "key of the person entry")
	c.Flags().StringVar(&x.until, "until", "", "end of access; an external auditor needs one")
}

func (x *place) read() (roles []access.Role, end sextant.Instant, err error) {
	for _, name := range x.roles {
		role, err := access.ParseRole(name)
		if err != nil {
			return nil, 0, err
		}
		roles = append(roles, role)
	}
	if x.until != "" {
		end, err = sextant.ParseInstant(x.until)
	}
	return roles, end, err
}

func (p *program) inviteCommand() *cobra.Command {
	var x place
	c := &cobra.Command{Use: "invite EMAIL", Short: "Print a one-time link to join", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		roles, end, err := x.read()
		if err != nil {
			return err
		}
		link, err := p.accounts.Invite(c.Context(), actor, args[0], x.person, roles, end)
		if err == nil && p.json {
			return p.printJSON(map[string]string{"path": "/join?link=" + link})
		}
		if err == nil {
			fmt.Fprintf(p.stdout, "/join?link=%s\n", link)
		}
		return err
	}}
	x.flags(c)
	return c
}

func (p *program) admitCommand() *cobra.Command {
	var x place
	c := &cobra.Command{Use: "change EMAIL", Short: "Change a member's roles, person and end of access", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		m, err := p.accounts.Member(c.Context(), actor, args[0])
		if err != nil {
			return err
		}
		roles, end, err := x.read()
		if err != nil {
			return err
		}
		if c.Flags().Changed("role") {
			m.Roles = roles
		}
		if c.Flags().Changed("person") {
			m.Person = x.person
		}
		if c.Flags().Changed("until") {
			m.Until = end
		}
		return p.accounts.Admit(c.Context(), actor, args[0], m.Roles, m.Person, m.Until)
	}}
	x.flags(c)
	return c
}

func (p *program) invitationsCommand() *cobra.Command {
	return &cobra.Command{Use: "invitations", Short: "List links to join that nobody used yet", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		waiting, err := p.accounts.Invitations(c.Context(), actor)
		if err != nil {
			return err
		}
		rows := [][]string{}
		for _, l := range waiting {
			rows = append(rows, []string{l.ID(), l.Email, rolesText(l.Roles), l.Person, l.Expires.String()})
		}
		return p.rows([]string{"id", "email", "roles", "person", "expires"}, rows)
	}}
}

func (p *program) sessionsCommand() *cobra.Command {
	return &cobra.Command{Use: "sessions EMAIL", Short: "Show where a member is signed in", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		open, err := p.accounts.SessionsOf(c.Context(), actor, args[0])
		if err != nil {
			return err
		}
		rows := [][]string{}
		for _, x := range open {
			rows = append(rows, []string{x.ID, x.Created.String(), x.Seen.String(), x.Ends.String(), string(x.Method)})
		}
		return p.rows([]string{"id", "created", "seen", "ends", "method"}, rows)
	}}
}

// rows prints a table, or the same as a list of objects.
func (p *program) rows(head []string, rows [][]string) error {
	if !p.json {
		titles := make([]string, len(head))
		for i, name := range head {
			titles[i] = strings.ToUpper(strings.ReplaceAll(name, "_", " "))
		}
		return p.table(titles, rows)
	}
	objects := make([]map[string]string, len(rows))
	for i, row := range rows {
		objects[i] = map[string]string{}
		for j, name := range head {
			objects[i][name] = row[j]
		}
	}
	return p.printJSON(objects)
}

func (p *program) passwordCommand() *cobra.Command {
	return &cobra.Command{Use: "reset-password EMAIL", Short: "Set a member's password, and end their sessions", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		password, err := p.password()
		if err != nil {
			return err
		}
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		return p.accounts.ResetPassword(c.Context(), actor, args[0], password)
	}}
}

// secondFactorCommand enrols a second factor for somebody who knows their
// password: it prints the secret, and takes one code to prove that it arrived.
func (p *program) secondFactorCommand() *cobra.Command {
	var end bool
	c := &cobra.Command{Use: "second-factor EMAIL", Short: "Set up a second factor (TOTP) for an account, with its password", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		password, err := p.password()
		if err != nil {
			return err
		}
		if _, err := p.opened(c.Context()); err != nil {
			return err
		}
		if end {
			return p.endSecondFactor(c.Context(), args[0], password)
		}
		session, err := p.accounts.SignIn(c.Context(), args[0], password, "", "local socket")
		if err != nil {
			return err
		}
		url, secret, err := p.accounts.BeginSecondFactor(c.Context(), session)
		if err == nil {
			fmt.Fprintf(p.stdout, "%s\nsecret: %s\n", url, secret)
			var code string
			if code, err = p.shell.Password("Code shown by the authenticator: "); err == nil {
				err = p.accounts.ConfirmSecondFactor(c.Context(), session, secret, code)
			}
		}
		return cmp.Or(err, p.accounts.SignOut(c.Context(), session))
	}}
	c.Flags().BoolVar(&end, "off", false, "turn it off; asks for a code")
	return c
}

func (p *program) endSecondFactor(ctx context.Context, email, password string) error {
	code, err := p.shell.Password("Code shown by the authenticator: ")
	if err != nil {
		return err
	}
	session, err := p.accounts.SignIn(ctx, email, password, code, "local socket")
	if err != nil {
		return err
	}
	next, err := p.shell.Password("The next code: ")
	if err == nil {
		err = p.accounts.EndSecondFactor(ctx, session, password, next)
	}
	return cmp.Or(err, p.accounts.SignOut(ctx, session))
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
		if err == nil && p.json {
			return p.printJSON(map[string]string{"token": token})
		}
		if err == nil {
			fmt.Fprintln(p.stdout, token)
		}
		return err
	}}
	make.Flags().StringVar(&title, "title", "made at the shell", "what it is for")
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
		rows := [][]string{}
		for _, t := range tokens {
			rows = append(rows, []string{t.ID, t.Email, t.Title, verbsText(t.Scope), t.Expires.String(), t.LastUsed.String()})
		}
		return p.rows([]string{"id", "email", "title", "scope", "expires", "last_used"}, rows)
	}}, &cobra.Command{Use: "revoke ID", Short: "End a token", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		return p.accounts.RevokeToken(c.Context(), actor, args[0])
	}})
	return c
}
