// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"sextant"
)

// Run runs one command in the owning process: who is the system's name of the
// user at the other end. It gives the exit code.
type Run func(ctx context.Context, who string, r Request, at Remote) int

// Remote is a command's terminal at the other end of the socket.
type Remote struct {
	Terminal
	Streams
}

// Listen opens the socket of a data folder. The caller owns the folder (its
// lock), so a socket that lies there is left over and goes.
func Listen(folder string) (net.Listener, error) {
	path, done, err := address(folder)
	if err != nil {
		return nil, err
	}
	defer done()
	os.Remove(path) // left over by a process that was killed
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, sextant.Errorf(sextant.Unavailable, "the socket in %s cannot be opened: %w", folder, err).WithHint("look at the folder's permissions")
	}
	listener.SetUnlinkOnClose(false) // a long path is reached by another name, which is gone by then
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// Serve runs what arrives until ctx ends, each command beside the others. It
// returns when the last one has ended.
func Serve(ctx context.Context, listener net.Listener, run Run) {
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	var running sync.WaitGroup
	defer running.Wait()
	for {
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() == nil {
				slog.Error("commands of the shell are no longer served", "error", err)
			}
			return
		}
		running.Go(func() {
			defer conn.Close()
			if err := serve(ctx, conn, run); err != nil && ctx.Err() == nil {
				slog.Warn("a command of the shell ended early", "error", err)
			}
		})
	}
}

// farewell is how long a shell has to take what its command still says when
// the server ends.
const farewell = 5 * time.Second

func serve(ctx context.Context, conn net.Conn, run Run) (err error) {
	who, err := peer(conn)
	if err != nil {
		return err
	}
	in := bufio.NewReader(conn)
	m, err := readMessage(in)
	if err != nil || m.Op != opRun {
		return fmt.Errorf("terminal: no command: %w", err)
	}
	var r Request
	if err := json.Unmarshal(m.Body, &r); err != nil {
		return fmt.Errorf("terminal: no command: %w", err)
	}
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now().Add(farewell)) })() // a paused shell must not hold up the end
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o := &owner{answers: make(chan message), queue: newQueue(), ctx: ctx}
	var sending sync.WaitGroup
	sending.Go(func() {
		if !o.queue.drain(conn) {
			cancel() // the shell takes nothing any more
		}
	})
	go o.listen(in, cancel) // ends when the connection does
	code := o.run(who, r, run)
	cancel()
	o.queue.put(message{Op: opExit, Handle: uint32(code)})
	o.queue.close()
	sending.Wait()
	return nil
}

// owner asks the shell on behalf of one command. Questions are asked one after
// another: a command is one goroutine where it reads and writes.
type owner struct {
	ctx     context.Context //nolint:containedctx // lives for one command
	queue   *queue
	asking  sync.Mutex
	answers chan message
}

// run keeps a defect in one command from ending the server.
func (o *owner) run(who string, r Request, run Run) (code int) {
	defer func() {
		if defect := recover(); defect != nil {
			slog.Error("a command of the shell broke", "command", r.Args, "defect", defect)
			o.queue.put(message{Op: opStderr, Body: []byte("sextant: this is a defect of the program; the server's log tells more\n")})
			code = 3
		}
	}()
	return run(o.ctx, who, r, Remote{o, Streams{In: &remoteReader{o: o, op: opStdin}, Out: output{o, opStdout}, Err: output{o, opStderr}}})
}

// listen takes answers until the shell cancels or is gone.
func (o *owner) listen(in io.Reader, cancel func()) {
	defer cancel()
	for {
		m, err := readMessage(in)
		if err != nil || m.Op != opAnswer {
			return
		}
		select {
		case o.answers <- m:
		case <-o.ctx.Done():
			return
		}
	}
}

func (o *owner) ask(m message) (message, error) {
	o.asking.Lock()
	defer o.asking.Unlock()
	o.queue.put(m)
	select {
	case a := <-o.answers:
		if a.Error != nil {
			return a, a.Error
		}
		return a, nil
	case <-o.ctx.Done():
		return message{}, o.ctx.Err()
	}
}

type output struct {
	o  *owner
	op op
}

func (w output) Write(data []byte) (int, error) {
	for rest := data; len(rest) > 0; {
		n := min(len(rest), maxBody)
		w.o.queue.put(message{Op: w.op, Body: append([]byte(nil), rest[:n]...)})
		rest = rest[n:]
	}
	return len(data), nil
}

var _ Terminal = (*owner)(nil)

// Open implements Terminal.
func (o *owner) Open(path string) (io.ReadCloser, error) {
	a, err := o.ask(message{Op: opOpen, Text: path})
	if err != nil {
		return nil, err
	}
	return &remoteReader{o: o, op: opRead, handle: a.Handle}, nil
}

// Create implements Terminal.
func (o *owner) Create(path string) (File, error) {
	a, err := o.ask(message{Op: opCreate, Text: path})
	if err != nil {
		return nil, err
	}
	return &remoteFile{o: o, handle: a.Handle}, nil
}

// Find implements Terminal.
func (o *owner) Find(path string, suffixes ...string) (names []string, err error) {
	question, err := json.Marshal(append([]string{path}, suffixes...))
	if err != nil {
		return nil, err
	}
	a, err := o.ask(message{Op: opFind, Body: question})
	if err != nil {
		return nil, err
	}
	return names, json.Unmarshal(a.Body, &names)
}

// Password implements Terminal.
func (o *owner) Password(prompt string) (string, error) {
	a, err := o.ask(message{Op: opPassword, Text: prompt})
	return string(a.Body), err
}
