// SPDX-License-Identifier: Apache-2.0

// Command sextant is the whole product: server, command line and verifier.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/internal/terminal"
)

// version is set when the binary is built.
var version = "dev"

// Exit codes: what a script can rely on.
const (
	exitOK       = 0
	exitFindings = 1 // it ran, and what it looked at is not as it should be
	exitUsage    = 2
	exitFailure  = 3
)

// findings ends a command that ran well and found something.
var errFindings = errors.New("findings")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process around it, so that tests can start it.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{getenv: getenv, stdin: stdin, stdout: stdout, stderr: stderr, shell: terminal.Here{Stdin: stdin, Stderr: stderr}}
	defer p.close()
	return p.execute(ctx, args)
}

// execute runs one command line.
func (p *program) execute(ctx context.Context, args []string) int {
	root := p.root(args)
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	return p.exit(root.ExecuteContext(ctx))
}

func (p *program) exit(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFindings):
		return exitFindings
	}
	if code, ok := errors.AsType[ranElsewhere](err); ok {
		return int(code)
	}
	e, isOurs := errors.AsType[*sextant.Error](err)
	if isOurs && p.json {
		_ = json.NewEncoder(p.stderr).Encode(e) // nothing is left to tell a failure to
	} else {
		fmt.Fprintln(p.stderr, "sextant: "+err.Error()+p.usage(isOurs))
	}
	switch {
	case !isOurs && !p.ran, sextant.CodeOf(err) == sextant.Invalid:
		return exitUsage
	}
	return exitFailure
}

// usage leads whoever mistyped a command to its help.
func (p *program) usage(isOurs bool) string {
	if isOurs || p.ran {
		return ""
	}
	return " (see sextant --help)"
}

func (p *program) root(line []string) *cobra.Command {
	root := &cobra.Command{
		Use: "sextant", Short: "An ISMS that proves what it says", Version: version, SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(c *cobra.Command, args []string) error {
			p.ran = true
			return p.forward(c, args, line)
		},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&p.data, "data", env(p.getenv, "SEXTANT_DATA", "./data"), "data folder")
	flags.StringVar(&p.databaseURL, "database-url", p.getenv("SEXTANT_DATABASE_URL"), "PostgreSQL instead of SQLite, as a role that owns nothing")
	flags.StringVar(&p.ownerURL, "database-owner-url", p.getenv("SEXTANT_DATABASE_OWNER_URL"), "PostgreSQL as the owner of the tables, for migrations")
	flags.StringVar(&p.keyFile, "key-file", p.getenv("SEXTANT_KEY_FILE"), "master key (default: in your configuration folder)")
	flags.StringVar(&p.smtpURL, "smtp-url", p.getenv("SEXTANT_SMTP_URL"), "mail server that tells people: smtp://user:password@host:587 or smtps://…; without it they are told in the program only")
	flags.StringVar(&p.mailFrom, "mail-from", p.getenv("SEXTANT_MAIL_FROM"), "address mails are sent from")
	flags.StringVar(&p.publicURL, "public-url", p.getenv("SEXTANT_PUBLIC_URL"), "address people reach the pages at, for links in mails")
	flags.StringVar(&p.organisation, "organisation", "", "organisation, by name or number, where there are several")
	flags.BoolVar(&p.json, "json", false, "print JSON")
	root.AddCommand(
		p.initCommand(),
		p.demoCommand(),
		p.serveCommand(),
		p.listCommand(),
		p.showCommand(),
		p.historyCommand(),
		p.moveCommand(),
		p.exportCommand(),
		p.importCommand(),
		p.planCommand(),
		p.applyCommand(),
		p.packageCommand(),
		p.verifyCommand(),
		p.checkpointCommand(),
		p.eraseCommand(),
		p.viewsCommand(),
		p.backupCommand(),
		p.restoreCommand(),
		p.userCommand(),
		p.tokenCommand(),
		p.registersCommand(),
		p.collectCommand(),
		p.jobsCommand(),
		p.mailCommand(),
		p.checkCommand(),
		p.statusCommand(),
		p.soaCommand(),
		p.documentCommand(),
		p.lintCommand(),
		p.gapCommand(),
		p.guideCommand(), p.frameworkCommand(),
		p.riskCommand(),
	)
	return root
}

func env(getenv func(string) string, key, otherwise string) string {
	if value := getenv(key); value != "" {
		return value
	}
	return otherwise
}
