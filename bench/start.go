// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const (
	starting = "empty folder to first page served"
	idle     = "idle memory of the process (MB)"
	soaSheet = "SoA as XLSX, the whole command"
)

// processRows measure the program as a user has it: a built binary, a process of
// its own.
func (t *figures) processRows(o options) error {
	if o.only != nil && !o.only.MatchString(starting+", "+idle+", "+soaSheet) {
		return nil
	}
	folder, err := os.MkdirTemp("", "sextant-bench-start")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	p := process{folder: folder, binary: filepath.Join(folder, "sextant")}
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", p.binary, "./cmd/sextant").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	var started sample
	for range 3 {
		took, memory, err := p.start()
		if err != nil {
			return err
		}
		started = append(started, took)
		t.put(sqlite, false, idle, "60", "", sample{time.Duration(memory) * time.Millisecond})
	}
	t.put(sqlite, false, starting, "1000", "", started)
	made, err := p.statement()
	t.put(sqlite, false, soaSheet, "100", "", made)
	return err
}

// process is the built program with folders of its own.
type process struct{ folder, binary string }

func (p process) command(ctx context.Context, data string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, p.binary, append(args, "--data", data, "--key-file", filepath.Join(p.folder, "key"))...)
	c.Env = append(os.Environ(), "SEXTANT_PASSWORD="+password)
	return c
}

// start serves a fresh folder until its first page came, and tells the memory
// some seconds later.
func (p process) start() (took time.Duration, megabytes int, err error) {
	data, err := os.MkdirTemp(p.folder, "data")
	if err != nil {
		return 0, 0, err
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	address := free.Addr().String()
	free.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	began := time.Now()
	serve := p.command(ctx, data, "serve", "--listen", address)
	if err := serve.Start(); err != nil {
		return 0, 0, err
	}
	defer func() { stop(); _ = serve.Wait() }() // it was told to go
	if err := firstPage("http://" + address + "/"); err != nil {
		return 0, 0, err
	}
	took = time.Since(began)
	time.Sleep(3 * time.Second)
	megabytes, err = resident(serve.Process.Pid)
	return took, megabytes, err
}

func firstPage(url string) error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		r, err := http.Get(url)
		if err != nil {
			continue
		}
		r.Body.Close()
		if r.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("%s shows no page", url)
}

// resident reads a process's memory, where the system tells it so.
func resident(pid int) (megabytes int, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(data, []byte("VmRSS:"))
	var kilobytes int
	_, err = fmt.Sscan(string(rest), &kilobytes)
	return kilobytes / 1024, err
}

// statement makes the SoA of a new organisation.
func (p process) statement() (sample, error) {
	data := filepath.Join(p.folder, "soa")
	if out, err := p.command(context.Background(), data, "init", "--organisation", "Bench", "--email", email).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("init: %w\n%s", err, out)
	}
	return times(5, func(int) error {
		out, err := p.command(context.Background(), data, "soa", "export", "--format", "xlsx", "-o", filepath.Join(p.folder, "soa.xlsx")).CombinedOutput()
		if err != nil {
			return fmt.Errorf("soa export: %w\n%s", err, out)
		}
		return nil
	})
}
