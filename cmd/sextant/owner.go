// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/internal/terminal"
)

// ranElsewhere ends a command that the owner of the data folder ran for us.
type ranElsewhere int

func (code ranElsewhere) Error() string { return fmt.Sprintf("ended with %d", int(code)) }

// here says which commands never run in the server's process, and why.
var here = map[string]string{
	"sextant serve":       "it would be the server",
	"sextant demo":        "it makes a folder of its own",
	"sextant restore":     "it needs an empty folder of its own",
	"sextant registers":   "it reads no data",
	"sextant help":        "it reads no data",
	"sextant collect aws": "the environment's credentials stay in this process",
}

// forward has the command run by the process that owns the data folder, if one
// does and answers; else the command goes on here and opens the folder itself.
func (p *program) forward(c *cobra.Command, args, line []string) error {
	_, stays := here[c.CommandPath()]
	readsFileOnly := c.CommandPath() == "sextant verify" && len(args) > 0
	if stays || readsFileOnly || p.store != nil || p.databaseURL != "" {
		return nil
	}
	conn, ok := terminal.Dial(c.Context(), p.data)
	if !ok {
		return nil
	}
	request := terminal.Request{Version: version, Args: line, Env: map[string]string{"SEXTANT_PASSWORD": p.getenv("SEXTANT_PASSWORD")}}
	code, err := terminal.Send(c.Context(), conn, request, p.shell, terminal.Streams{In: p.stdin, Out: p.stdout, Err: p.stderr})
	if err != nil {
		return err
	}
	return ranElsewhere(code)
}

// serveShell runs commands that arrive over the data folder's socket, until
// done is called. With PostgreSQL every process opens the database itself and
// there is no socket.
func (p *program) serveShell(ctx context.Context) (done func(), err error) {
	if p.databaseURL != "" {
		return func() {}, nil
	}
	listener, err := terminal.Listen(p.data)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		terminal.Serve(ctx, listener, p.runFor)
	}()
	return func() {
		cancel()
		<-ended
		os.Remove(filepath.Join(p.data, "socket")) // a leftover is harmless
	}, nil
}

// runFor runs a command for somebody at the other end of the socket, on this
// process's open data.
func (p *program) runFor(ctx context.Context, who string, r terminal.Request, at terminal.Remote) int {
	guest := &program{getenv: func(key string) string { return r.Env[key] }, stdin: at.In, stdout: at.Out, stderr: at.Err, shell: at, who: who, data: p.data, parts: p.parts}
	if r.Version != version {
		return guest.exit(sextant.Errorf(sextant.Unavailable, "the server that owns the data runs version %s, this is %s", version, r.Version).
			WithHint("restart the server, or use its version of the command"))
	}
	return guest.execute(ctx, r.Args)
}
