// SPDX-License-Identifier: Apache-2.0

// Package mototest starts a stand-in for AWS for tests: the moto server with a
// seeded estate, and a proxy before it that can break any call. It is used by
// tests only, and it proves nothing about AWS beyond what moto imitates.
package mototest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// Binary names the environment variable with the path of moto_server; where it
// is empty the PATH is searched.
const Binary = "SEXTANT_TEST_MOTO"

// Server is a running moto server on a free loopback port.
type Server struct {
	Endpoint string
	process  *exec.Cmd
	ended    chan error
}

// Launch starts a server and waits until it answers.
func Launch(ctx context.Context) (*Server, error) {
	path, err := exec.LookPath(cmp.Or(os.Getenv(Binary), "moto_server"))
	if err != nil {
		return nil, fmt.Errorf("moto_server is not on the PATH and %s does not name it: %w", Binary, err)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{Endpoint: "http://127.0.0.1:" + port, process: exec.Command(path, "-H", "127.0.0.1", "-p", port), ended: make(chan error, 1)}
	s.process.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "MOTO_EC2_LOAD_DEFAULT_AMIS=false")
	alone(s.process)
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.process.Wait() }()
	return s, s.wait(ctx)
}

func (s *Server) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint+"/moto-api/", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(r); err == nil {
			resp.Body.Close()
			return nil
		}
		select {
		case err := <-s.ended:
			return fmt.Errorf("moto_server ended: %w", err)
		case <-ctx.Done():
			s.Stop()
			return errors.New("moto_server does not answer")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends the server.
func (s *Server) Stop() {
	if s != nil && s.process.Process != nil {
		end(s.process)
	}
}

// Reset empties the server.
func (s *Server) Reset(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Endpoint+"/moto-api/reset", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// Missing ends a test that needs what this machine lacks: it skips, and names
// why; where CI is set it fails.
func Missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("moto suite: %v", err)
	}
	t.Skipf("moto suite left out: %v", err)
}

// Start gives a test a server of its own.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := Launch(t.Context())
	if err != nil {
		Missing(t, err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Shared starts at most one server for a test binary. Its zero value is ready;
// TestMain calls Stop.
type Shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Start gives the server.
func (s *Shared) Start(t testing.TB) *Server {
	t.Helper()
	s.once.Do(func() { s.server, s.err = Launch(context.Background()) })
	if s.err != nil {
		Missing(t, s.err)
	}
	return s.server
}

// Stop ends the server, if there is one.
func (s *Shared) Stop() { s.server.Stop() }
