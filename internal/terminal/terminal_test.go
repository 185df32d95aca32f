// SPDX-License-Identifier: Apache-2.0

package terminal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sextant/internal/terminal"
)

// owned serves a folder with one command and gives the folder.
func owned(t *testing.T, folder string, run terminal.Run) string {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	listener, err := terminal.Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); terminal.Serve(ctx, listener, run) }()
	t.Cleanup(func() { cancel(); <-ended })
	return folder
}

func send(ctx context.Context, t *testing.T, folder string, in io.Reader, args ...string) (code int, out, errors string, err error) {
	t.Helper()
	conn, ok := terminal.Dial(ctx, folder)
	if !ok {
		t.Fatal("nobody listens")
	}
	var stdout, stderr bytes.Buffer
	code, err = terminal.Send(ctx, conn, terminal.Request{Args: args}, terminal.Here{Stdin: in, Stderr: &stderr}, terminal.Streams{In: in, Out: &stdout, Err: &stderr})
	return code, stdout.String(), stderr.String(), err
}

func TestACommandReadsAndWritesAtTheShell(t *testing.T) {
	folder := owned(t, t.TempDir(), func(_ context.Context, who string, r terminal.Request, at terminal.Remote) int {
		in, err := at.Open(r.Args[0])
		if err != nil {
			fmt.Fprint(at.Err, err)
			return 2
		}
		defer in.Close()
		file, err := at.Create(r.Args[1])
		if err != nil {
			return 3
		}
		defer file.Drop()
		if _, err := io.Copy(file, in); err != nil || file.Keep() != nil {
			return 3
		}
		typed, _ := io.ReadAll(at.In)
		fmt.Fprintf(at.Out, "%s typed %d bytes", who, len(typed))
		return 1
	})
	big := make([]byte, 3<<20+17)
	rand.Read(big)
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	if err := os.WriteFile(from, big, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _, err := send(t.Context(), t, folder, bytes.NewReader(big), from, to)
	if got, _ := os.ReadFile(to); err != nil || code != 1 || !bytes.Equal(got, big) || !strings.HasSuffix(out, fmt.Sprintf("typed %d bytes", len(big))) {
		t.Errorf("code %d, %q, %v, %d bytes copied", code, out, err, len(got))
	}
	if code, _, says, _ := send(t.Context(), t, folder, nil, from+".missing", to); code != 2 || !strings.Contains(says, "no such file") {
		t.Errorf("a missing file: code %d, %q", code, says)
	}
}

func TestAFileThatIsNotKeptLeavesNothing(t *testing.T) {
	folder := owned(t, t.TempDir(), func(_ context.Context, _ string, r terminal.Request, at terminal.Remote) int {
		file, err := at.Create(r.Args[0])
		if err != nil {
			return 3
		}
		fmt.Fprint(file, "half")
		panic("a defect")
	})
	there := t.TempDir()
	code, _, says, err := send(t.Context(), t, folder, nil, filepath.Join(there, "out"))
	if left, _ := os.ReadDir(there); err != nil || code != 3 || len(left) != 0 || !strings.Contains(says, "defect") {
		t.Errorf("code %d, %v, left %v, says %q", code, err, left, says)
	}
	if code, _, _, _ := send(t.Context(), t, folder, nil, filepath.Join(there, "out")); code != 3 {
		t.Error("one command's defect ended the server")
	}
}

func TestACancelledCommandIsToldAndSaysSo(t *testing.T) {
	began := make(chan struct{})
	folder := owned(t, t.TempDir(), func(ctx context.Context, _ string, _ terminal.Request, at terminal.Remote) int {
		close(began)
		<-ctx.Done()
		fmt.Fprint(at.Err, "stopped")
		return 3
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-began; cancel() }()
	if code, _, says, err := send(ctx, t, folder, nil); code != 3 || says != "stopped" || err != nil {
		t.Errorf("code %d, %q, %v", code, says, err)
	}
}

// paused takes nothing until it is let go.
type paused struct{ on chan struct{} }

func (p paused) Write(data []byte) (int, error) { <-p.on; return len(data), nil }

func TestAPausedPagerHoldsNoCommand(t *testing.T) {
	done := make(chan struct{})
	folder := owned(t, t.TempDir(), func(_ context.Context, _ string, _ terminal.Request, at terminal.Remote) int {
		for range 1000 {
			at.Out.Write(make([]byte, 10_000))
		}
		close(done)
		return 0
	})
	conn, _ := terminal.Dial(t.Context(), folder)
	pager := paused{make(chan struct{})}
	ended := make(chan error)
	go func() {
		_, err := terminal.Send(t.Context(), conn, terminal.Request{}, terminal.Here{}, terminal.Streams{Out: pager, Err: pager})
		ended <- err
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("the command waits for the pager")
	}
	close(pager.on)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestALongPathIsReachedToo(t *testing.T) {
	folder := owned(t, filepath.Join(t.TempDir(), strings.Repeat("long/", 30)), func(context.Context, string, terminal.Request, terminal.Remote) int { return 7 })
	if code, _, _, err := send(t.Context(), t, folder, nil); code != 7 || err != nil {
		t.Errorf("code %d, %v", code, err)
	}
	info, err := os.Stat(filepath.Join(folder, "socket"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v", info, err)
	}
}

func FuzzOwnerTakesAnyBytes(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, '{', '}'})
	f.Add([]byte{1, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 2})
	folder, err := os.MkdirTemp("", "sextant-fuzz")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { os.RemoveAll(folder) })
	listener, err := terminal.Listen(folder)
	if err != nil {
		f.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.Cleanup(cancel)
	go terminal.Serve(ctx, listener, func(_ context.Context, _ string, r terminal.Request, at terminal.Remote) int {
		in, err := at.Open("x")
		if err == nil {
			io.Copy(io.Discard, in)
		}
		return 0
	})
	f.Fuzz(func(t *testing.T, data []byte) {
		conn, ok := terminal.Dial(ctx, folder)
		if !ok {
			t.Fatal("the owner is gone")
		}
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		conn.Write(data)
		conn.Close()
	})
}
