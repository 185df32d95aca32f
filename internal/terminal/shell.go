// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"sextant"
)

// Request is a command on its way to the owner.
type Request struct {
	Version string            `json:"version"` // of the program that asks; the owner runs none but its own
	Args    []string          `json:"args"`
	Env     map[string]string `json:"env"` // what the command may look at
}

// Streams are the shell's standard streams.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Dial reaches the owner of a data folder; false where nobody listens there.
func Dial(ctx context.Context, folder string) (net.Conn, bool) {
	path, done, err := address(folder)
	if err != nil {
		return nil, false
	}
	defer done()
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", path)
	return conn, err == nil
}

// Send has a command run by the owner and serves it from this terminal. It
// gives the command's exit code. When ctx ends the owner is told to stop, and
// Send waits a while for what it then says.
func Send(ctx context.Context, conn net.Conn, r Request, here Terminal, streams Streams) (int, error) {
	defer conn.Close()
	body, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	if len(body) > maxRun {
		return 0, sextant.Errorf(sextant.TooLarge, "the command is longer than %d MiB", maxRun>>20)
	}
	s := &shell{conn: conn, out: bufio.NewWriter(conn), here: here, streams: streams, readers: map[uint32]io.ReadCloser{}, files: map[uint32]File{}}
	defer s.close()
	if err := s.send(message{Op: opRun, Body: body}); err != nil {
		return 0, lost(err)
	}
	defer context.AfterFunc(ctx, func() {
		_ = conn.SetReadDeadline(time.Now().Add(patience)) // a conn always takes a deadline
		_ = s.send(message{Op: opCancel})                  // an owner that is gone needs no telling
	})()
	return s.serve()
}

// patience is how long a cancelled command may take to end.
const patience = 30 * time.Second

func lost(err error) error {
	return sextant.Errorf(sextant.Unavailable, "the server that owns the data went away: %w", err).WithHint("look whether it still runs; what it had confirmed is durable")
}

type shell struct {
	conn    net.Conn
	sending sync.Mutex
	out     *bufio.Writer // guarded by sending
	here    Terminal
	streams Streams

	holding sync.Mutex
	next    uint32                   // guarded by holding
	readers map[uint32]io.ReadCloser // guarded by holding
	files   map[uint32]File          // guarded by holding
}

func (s *shell) close() {
	if !s.holding.TryLock() {
		return // a file is being waited for, such as a pipe nobody writes to
	}
	defer s.holding.Unlock()
	for _, r := range s.readers {
		r.Close()
	}
	for _, f := range s.files {
		f.Drop()
	}
}

func (s *shell) send(m message) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	if err := m.write(s.out); err != nil {
		return err
	}
	return s.out.Flush()
}

func (s *shell) serve() (int, error) {
	in := bufio.NewReader(s.conn)
	for {
		m, err := readMessage(in)
		if err != nil {
			return 0, lost(err)
		}
		switch m.Op {
		case opExit:
			return int(m.Handle), nil
		case opStdout:
			_, err = s.streams.Out.Write(m.Body)
		case opStderr:
			_, err = s.streams.Err.Write(m.Body)
		default: // beside the reading: a keyboard may never answer, and the owner may end before
			go func() { _ = s.send(s.answer(m)) }() // if the owner is gone, reading says so
		}
		if err != nil {
			return 0, fmt.Errorf("terminal: %w", err)
		}
	}
}

// answer does what the owner asks of this terminal.
func (s *shell) answer(m message) message {
	a, err := s.do(m)
	a.Op = opAnswer
	if err != nil {
		var ours *sextant.Error
		if !errors.As(err, &ours) {
			ours = sextant.Errorf(sextant.Internal, "%w", err)
		}
		a.Error = ours
	}
	return a
}

func (s *shell) do(m message) (a message, err error) {
	switch m.Op {
	case opStdin:
		a.Body, err = piece(s.streams.In)
	case opPassword:
		var password string
		password, err = s.here.Password(m.Text)
		a.Body = []byte(password)
	case opFind:
		a.Body, err = s.find(m.Body)
	default:
		s.holding.Lock()
		defer s.holding.Unlock()
		return s.file(m)
	}
	return a, err
}

// file does something with one file. The caller holds the lock.
func (s *shell) file(m message) (a message, err error) {
	switch m.Op {
	case opOpen:
		var r io.ReadCloser
		if r, err = s.here.Open(m.Text); err == nil {
			a.Handle = s.name()
			s.readers[a.Handle] = r
		}
	case opCreate:
		var f File
		if f, err = s.here.Create(m.Text); err == nil {
			a.Handle = s.name()
			s.files[a.Handle] = f
		}
	default:
		return s.handle(m)
	}
	return a, err
}

func (s *shell) name() uint32 { s.next++; return s.next }

// handle does something with a file that is open.
func (s *shell) handle(m message) (a message, err error) {
	r, reading := s.readers[m.Handle]
	f, writing := s.files[m.Handle]
	switch {
	case m.Op == opRead && reading:
		a.Body, err = piece(r)
	case m.Op == opClose && reading:
		delete(s.readers, m.Handle)
		err = r.Close()
	case m.Op == opWrite && writing:
		_, err = f.Write(m.Body)
	case m.Op == opKeep && writing:
		err = f.Keep()
	case m.Op == opDrop && writing:
		delete(s.files, m.Handle)
		f.Drop()
	default:
		err = fmt.Errorf("terminal: message %d about file %d", m.Op, m.Handle)
	}
	return a, err
}

// piece reads the next bytes; none at the end.
func piece(r io.Reader) ([]byte, error) {
	data := make([]byte, maxBody)
	for {
		n, err := r.Read(data)
		if n > 0 || errors.Is(err, io.EOF) {
			return data[:n], nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (s *shell) find(question []byte) ([]byte, error) {
	var words []string
	if err := json.Unmarshal(question, &words); err != nil || len(words) == 0 {
		return nil, fmt.Errorf("terminal: a question for files: %w", err)
	}
	names, err := s.here.Find(words[0], words[1:]...)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(names)
	if len(body) > maxBody {
		return nil, sextant.Errorf(sextant.TooLarge, "%d files below %s are more than one command takes", len(names), words[0])
	}
	return body, err
}
