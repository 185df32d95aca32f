// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"sync"
)

// remoteReader reads a file, or standard input, of the shell.
type remoteReader struct {
	o      *owner
	op     op
	handle uint32
	rest   []byte
	ended  bool
}

func (r *remoteReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 && !r.ended {
		a, err := r.o.ask(message{Op: r.op, Handle: r.handle})
		if err != nil {
			return 0, err
		}
		r.rest, r.ended = a.Body, len(a.Body) == 0
	}
	if r.ended {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *remoteReader) Close() error {
	_, err := r.o.ask(message{Op: opClose, Handle: r.handle})
	return err
}

// remoteFile writes a file of the shell in large pieces, each confirmed: a slow
// disk slows the command down instead of filling the owner's memory.
type remoteFile struct {
	o      *owner
	handle uint32
	buffer bytes.Buffer
}

func (f *remoteFile) Write(data []byte) (int, error) {
	for rest := data; len(rest) > 0; {
		n := min(len(rest), maxBody-f.buffer.Len())
		f.buffer.Write(rest[:n])
		rest = rest[n:]
		if f.buffer.Len() == maxBody {
			if err := f.flush(); err != nil {
				return len(data) - len(rest), err
			}
		}
	}
	return len(data), nil
}

func (f *remoteFile) flush() error {
	_, err := f.o.ask(message{Op: opWrite, Handle: f.handle, Body: f.buffer.Bytes()})
	f.buffer.Reset()
	return err
}

func (f *remoteFile) Keep() error {
	if err := f.flush(); err != nil {
		return err
	}
	_, err := f.o.ask(message{Op: opKeep, Handle: f.handle})
	return err
}

func (f *remoteFile) Drop() {
	_, _ = f.o.ask(message{Op: opDrop, Handle: f.handle}) // a shell that is gone drops it by itself
}

// queue holds what is to be sent. It never makes a command wait: a person who
// pauses the output must not hold a snapshot of the database open.
type queue struct {
	mutex  sync.Mutex
	filled *sync.Cond
	list   []message // guarded by mutex
	closed bool      // guarded by mutex
}

func newQueue() *queue {
	q := &queue{}
	q.filled = sync.NewCond(&q.mutex)
	return q
}

func (q *queue) put(m message) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if !q.closed {
		q.list = append(q.list, m)
		q.filled.Signal()
	}
}

func (q *queue) close() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.closed = true
	q.filled.Signal()
}

func (q *queue) take() ([]message, bool) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for len(q.list) == 0 && !q.closed {
		q.filled.Wait()
	}
	list := q.list
	q.list = nil
	return list, len(list) > 0
}

// drain sends until the queue is closed and empty; false when it cannot send.
func (q *queue) drain(conn net.Conn) bool {
	out := bufio.NewWriterSize(conn, 64<<10)
	for {
		list, more := q.take()
		if !more {
			return true
		}
		for _, m := range list {
			if m.write(out) != nil {
				q.close()
				return false
			}
		}
		if out.Flush() != nil {
			q.close()
			return false
		}
	}
}
