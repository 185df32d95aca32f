// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/connector"
	"sextant/demo"
	"sextant/demo/cloud"
	"sextant/evidence"
	"sextant/internal/schedule"
	"sextant/register"
)

func (p *program) demoCommand() *cobra.Command {
	var listen string
	var fillOnly bool
	c := &cobra.Command{Use: "demo", Short: "Make a company with a history, and serve it", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		if err := p.chooseDemoFolder(c.Flags().Changed("data") || p.getenv("SEXTANT_DATA") != ""); err != nil {
			return err
		}
		made, err := p.demoMade()
		if err != nil {
			return err
		}
		if made != 0 {
			err = p.resumeDemo(made)
		} else {
			err = p.makeDemo(c.Context())
		}
		if err != nil {
			return err
		}
		p.printLogins()
		if fillOnly {
			return nil
		}
		serve := p.serveCommand()
		serve.SetContext(c.Context())
		if err := serve.Flags().Set("listen", listen); err != nil {
			return err
		}
		return serve.RunE(serve, nil)
	}}
	c.Flags().StringVar(&listen, "listen", env(p.getenv, "SEXTANT_LISTEN", "127.0.0.1:8080"), "address to listen on")
	c.Flags().BoolVar(&fillOnly, "fill-only", false, "make the company and end")
	return c
}

// chooseDemoFolder takes the folder that was asked for, or a fresh one. The key
// of the demo lies with its data: it guards nothing, and the operator's own key
// is left alone.
func (p *program) chooseDemoFolder(asked bool) (err error) {
	if !asked {
		if p.data, err = os.MkdirTemp("", "sextant-demo-"); err != nil {
			return sextant.Errorf(sextant.Unavailable, "no folder for the demo: %w", err).WithHint("name one with --data")
		}
	}
	if p.getenv("SEXTANT_MASTER_KEY") == "" && p.keyFile == "" {
		p.keyFile = filepath.Join(p.data, "demo.key")
	}
	return nil
}

// demoMark is the file that says when the demo in a folder was made: only such a
// folder is gone on with.
const demoMark = "demo.made"

// demoMade says when the demo in the folder was made, 0 if there is none. A
// folder with anything else in it is refused.
func (p *program) demoMade() (sextant.Instant, error) {
	text, err := os.ReadFile(filepath.Join(p.data, demoMark))
	if os.IsNotExist(err) {
		return 0, p.refuseDataIn(p.data)
	}
	if err != nil {
		return 0, sextant.Errorf(sextant.Unavailable, "the demo in %s cannot be read: %w", p.data, err)
	}
	return sextant.ParseInstant(strings.TrimSpace(string(text)))
}

// openCloud lets sources read the synthetic cloud, and nothing outside.
func (p *program) openCloud(at sextant.Instant) (*cloud.World, error) {
	world, err := cloud.New(at)
	p.openers = map[string]schedule.Opener{"aws": func(_ *register.View, source register.Of[evidence.Source], o connector.Options) (connector.Connector, error) {
		return world.Open(source.Fields.Account, o)
	}}
	return world, err
}

// resumeDemo serves a demo that was made before, with the cloud it was made
// with.
func (p *program) resumeDemo(made sextant.Instant) error {
	_, err := p.openCloud(made)
	return err
}

// makeDemo fills the folder and marks it as a demo once it is whole.
func (p *program) makeDemo(ctx context.Context) error {
	present := sextant.InstantOf(time.Now().UTC().Truncate(time.Hour))
	if err := p.fillDemo(ctx, present); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.data, demoMark), []byte(present.String()+"\n"), 0o600)
}

// refuseDataIn: the demo never writes where anything is.
func (p *program) refuseDataIn(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !os.IsNotExist(err) {
		return sextant.Errorf(sextant.Unavailable, "the folder %s cannot be read: %w", folder, err)
	}
	if len(entries) > 0 {
		return sextant.Errorf(sextant.Conflict, "%s is not empty, and the demo never touches data that is there", folder).WithHint("name another folder with --data, or none for a fresh one")
	}
	return nil
}

func (p *program) fillDemo(ctx context.Context, present sextant.Instant) error {
	clock := &demo.Clock{}
	world, err := p.openCloud(present)
	if err != nil {
		return err
	}
	p.clock = clock.Now
	stderr := p.stderr
	p.stderr = discard{} // the recovery key of a demo is of no use to anybody
	err = p.open(ctx)
	p.stderr = stderr
	if err != nil {
		return err
	}
	all, err := p.store.Organisations(ctx)
	if err != nil {
		return err
	}
	if len(all) > 0 {
		return sextant.Errorf(sextant.Conflict, "there is an organisation already, %s; the demo never touches it", all[0].Name).WithHint("give the demo a database of its own")
	}
	began := time.Now()
	parts := demo.Parts{World: world, Store: p.store, Kernel: p.kernel, Accounts: p.accounts, Clock: clock}
	if p.watched() {
		parts.Report = func(done, total int) {
			fmt.Fprintf(p.stderr, "\rA year of %s: %d of %d events ", demo.Organisation, done, total)
		}
	}
	p.telling = true
	err = demo.Fill(ctx, parts)
	p.telling = false
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "\n%s is made, in %.1f s, in %s\n", demo.Organisation, time.Since(began).Seconds(), p.data)
	return nil
}

func (p *program) printLogins() {
	fmt.Fprintf(p.stdout, "\nSign in with the password %q as\n\n", demo.Password)
	for _, l := range demo.Logins() {
		fmt.Fprintf(p.stdout, "  %-36s %s, %s\n", l.Email, l.Name, l.Is)
	}
	fmt.Fprintln(p.stdout)
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
