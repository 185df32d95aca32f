// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"sextant"
	"sextant/access"
	"sextant/internal/blob"
	"sextant/internal/custody"
	"sextant/internal/proof"
	"sextant/internal/schedule"
	"sextant/internal/server/post"
	"sextant/internal/store"
	"sextant/internal/terminal"
	"sextant/monitor"
	"sextant/organisation"
	"sextant/product"
	"sextant/register"
	"sextant/secret"
)

// program is one run of the binary: flags, and the parts put together from them
// when a command needs them.
type program struct {
	getenv                                             func(string) string
	stdin                                              io.Reader
	stdout, stderr                                     io.Writer
	shell                                              terminal.Terminal // files and passwords
	who                                                string            // at the other end of the socket, "" = whoever started this process
	data, databaseURL, ownerURL, keyFile, organisation string
	smtpURL, mailFrom, publicURL                       string
	json, ran                                          bool
	clock                                              sextant.Clock              // nil = the machine's
	openers                                            map[string]schedule.Opener // of sources, nil = the product's
	telling                                            bool                       // the demo tells its story and settles by itself
	parts
}

// parts are what every command works with. In the process that owns the data
// folder all commands share them.
type parts struct {
	registers *register.Set // nil = the product's
	store     *store.Store
	blobs     *blob.Folder
	key       *secret.Key
	kernel    *register.Kernel
	accounts  *access.Accounts
	prover    *proof.Prover
	custody   *custody.Custody
	way       *monitor.Way
	schedule  *schedule.Schedule
	post      *post.Post // nil = mail is not set up
	ambient   bool       // sources may use this machine's credentials: the operator of the server says so
}

// open puts the parts together. It fails with what to do when another process
// has the data folder.
func (p *program) open(ctx context.Context) (err error) {
	if p.store != nil {
		return nil
	}
	if p.store, err = store.Open(ctx, store.Config{Folder: p.data, DatabaseURL: p.databaseURL, OwnerURL: p.ownerURL, Clock: p.clock, Views: p.set().ReportViews()}); err != nil {
		return err
	}
	if err = p.assemble(ctx); err != nil {
		p.store.Close()
		p.store = nil
	}
	return err
}

// assemble makes the parts on the open store.
func (p *program) assemble(ctx context.Context) error {
	all, err := p.store.Organisations(ctx)
	if err != nil {
		return err
	}
	if err := p.openKey(len(all) == 0); err != nil {
		return err
	}
	if p.blobs, err = blob.OpenFolder(filepath.Join(p.data, "files")); err != nil {
		return err
	}
	clock := p.clock
	if clock == nil {
		clock = sextant.SystemClock
	}
	sender, err := p.mailSender()
	if err != nil {
		return err
	}
	p.kernel = register.New(p.store, p.set(), register.Config{Clock: clock, Blobs: p.blobs, Sealer: p.key, Functions: product.Functions(), Renderers: product.Renderers(), Follows: product.Follows(), Retention: organisation.Retention, Written: p.written, Mail: sender != nil})
	p.accounts = access.NewAccounts(p.store, p.key, clock, p.found)
	p.prover = &proof.Prover{Store: p.store, Files: p.blobs, Sealer: p.key, Clock: clock}
	p.way = product.Way(p.kernel, p.store)
	p.custody = &custody.Custody{Store: p.store, Files: p.blobs, Kernel: p.kernel}
	scheduled := schedule.Config{Store: p.store, Kernel: p.kernel, Prover: p.prover, Way: p.way, Clock: clock, Ambient: p.ambient, Openers: p.openers}
	if sender != nil {
		p.post = &post.Post{Kernel: p.kernel, Sender: sender, Public: p.publicURL}
		scheduled.Post = p.post
	}
	p.schedule = schedule.New(scheduled)
	for _, o := range all {
		if err == nil {
			err = p.prover.Fits(ctx, o.Number)
		}
		if err == nil { // lists are made anew where this version of the program declares them differently
			err = p.kernel.Index(ctx, o.Number)
		}
	}
	return err
}

// set is the registers this program keeps.
func (p *program) set() *register.Set {
	if p.registers == nil {
		p.registers = product.Registers()
	}
	return p.registers
}

// written is told what was written: see schedule.Written.
func (p *program) written(ctx context.Context, org sextant.Organisation, registers []string) {
	if !p.telling {
		p.schedule.Written(ctx, org, registers)
	}
}

// openKey reads the master key. It is made where there are no data yet: for data
// that are there a new one would open nothing, and would hide the mistake.
func (p *program) openKey(fresh bool) (err error) {
	if text := p.getenv("SEXTANT_MASTER_KEY"); text != "" {
		if p.key, err = secret.Parse(text); err != nil {
			return inKey("SEXTANT_MASTER_KEY", err)
		}
		return nil
	}
	home, err := os.UserHomeDir()
	if err != nil && p.keyFile == "" {
		return sextant.Errorf(sextant.Unavailable, "there is no home folder for the master key").WithHint("say where with --key-file")
	}
	path := cmp.Or(p.keyFile, secret.DefaultPath(home))
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !fresh {
		return sextant.Errorf(sextant.Unavailable, "there is no master key in %s, and the data here were made with one", path).WithHint("say where it is with --key-file, or write its recovery text into that file")
	}
	var recovery string
	p.key, recovery, err = secret.Open(path)
	if sextant.CodeOf(err) == sextant.Invalid {
		return inKey(path, err)
	}
	if recovery != "" {
		fmt.Fprintf(p.stderr, "A master key was made. Write this down and keep it apart from the data; it is not shown again:\n\n  %s\n\n", recovery)
	}
	return err
}

// inKey says which key an error is about.
func inKey(where string, err error) error {
	if e, ok := errors.AsType[*sextant.Error](err); ok {
		return e.At(where)
	}
	return err
}

func (p *program) close() {
	if p.store != nil {
		p.store.Close()
	}
}

// operator is whoever sits at the machine's shell, in one organisation.
func (p *program) operator(ctx context.Context) (actor access.Actor, err error) {
	actor = p.atShell()
	actor.Organisation, err = p.chosen(ctx)
	return actor, err
}

// atShell is whoever sits at the machine's shell, for what concerns every
// organisation.
func (p *program) atShell() access.Actor {
	name := cmp.Or(p.who, "unknown")
	if u, err := user.Current(); err == nil && p.who == "" {
		name = u.Username
	}
	return access.Actor{Name: "operator:" + name, Roles: []access.Role{access.Operator}, Proof: access.Proof{Method: access.LocalSocket, At: sextant.SystemClock()}}
}

// chosen finds the organisation a command is about.
func (p *program) chosen(ctx context.Context) (sextant.Organisation, error) {
	all, err := p.store.Organisations(ctx)
	if err != nil {
		return 0, err
	}
	var names []string
	for _, o := range all {
		if p.organisation == o.Name || p.organisation == o.Number.String() || (p.organisation == "" && len(all) == 1) {
			return o.Number, nil
		}
		names = append(names, o.Name)
	}
	switch {
	case len(all) == 0:
		return 0, sextant.Errorf(sextant.Invalid, "there is no organisation in %s yet", p.data).WithHint("run: sextant init --organisation NAME --email YOU")
	case p.organisation == "":
		return 0, sextant.Errorf(sextant.Invalid, "there are several organisations: %s", strings.Join(names, ", ")).WithHint("choose one with --organisation")
	}
	return 0, sextant.Errorf(sextant.Invalid, "there is no organisation %q; there are %s", p.organisation, strings.Join(names, ", "))
}

// opened opens everything and finds who acts.
func (p *program) opened(ctx context.Context) (access.Actor, error) {
	if err := p.refuseNoData(); err != nil {
		return access.Actor{}, err
	}
	if err := p.open(ctx); err != nil {
		return access.Actor{}, err
	}
	return p.operator(ctx)
}

// refuseNoData keeps a command that was started in the wrong folder from making
// an empty one there.
func (p *program) refuseNoData() error {
	if p.databaseURL != "" || p.store != nil {
		return nil
	}
	if _, err := os.Stat(filepath.Join(p.data, "sextant.db")); os.IsNotExist(err) {
		return sextant.Errorf(sextant.Invalid, "there is no data in %s", p.data).WithHint("say where it is with --data, or begin with: sextant init --organisation NAME --email YOU")
	}
	return nil
}

// watched says whether somebody looks on: progress is drawn over itself on a
// terminal, and in no log.
func (p *program) watched() bool {
	file, ok := p.stderr.(*os.File)
	return ok && !p.json && term.IsTerminal(int(file.Fd()))
}

func (p *program) printJSON(value any) error {
	enc := json.NewEncoder(p.stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

// table prints rows in columns.
func (p *program) table(head []string, rows [][]string) error {
	w := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(head, "\t"))
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}
