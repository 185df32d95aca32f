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
	"slices"
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
	if err := p.build(); err != nil {
		return err
	}
	var started, resident sample
	var own int
	for range 3 {
		took, memory, err := p.start()
		if err != nil {
			return err
		}
		started, resident, own = append(started, took), append(resident, time.Duration(memory.all)*time.Millisecond), memory.own
	}
	t.put(sqlite, false, idle, "60", "", resident)
	t.note(idle, fmt.Sprintf("%d of its own, the rest pages of the program's file", own))
	t.put(sqlite, false, starting, "1000", "", started)
	made, err := p.statement()
	t.put(sqlite, false, soaSheet, "100", "", made)
	return err
}

// process is the built program with folders of its own.
type process struct{ folder, binary string }

// build puts the program there in pieces of 4 kB. Written in one go it would lie
// in the page cache in pieces of up to 2 MB, each of which counts as resident
// when one byte of it is touched: 8 MB more or less from one build to the next.
func (p process) build() error {
	built := p.binary + ".built"
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", built, "./cmd/sextant").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	data, err := os.ReadFile(built)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(p.binary, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	for piece := range slices.Chunk(data, 4096) {
		if _, err := file.Write(piece); err != nil {
			return err
		}
	}
	return file.Close()
}

func (p process) command(ctx context.Context, data string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, p.binary, append(args, "--data", data, "--key-file", filepath.Join(p.folder, "key"))...)
	c.Env = append(os.Environ(), "SEXTANT_PASSWORD="+password)
	return c
}

// start serves a fresh folder until its first page came, and tells the memory
// some seconds later.
func (p process) start() (took time.Duration, memory memory, err error) {
	data, err := os.MkdirTemp(p.folder, "data")
	if err != nil {
		return 0, memory, err
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, memory, err
	}
	address := free.Addr().String()
	free.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	began := time.Now()
	serve := p.command(ctx, data, "serve", "--listen", address)
	if err := serve.Start(); err != nil {
		return 0, memory, err
	}
	defer func() { stop(); _ = serve.Wait() }() // it was told to go
	if err := firstPage("http://" + address + "/"); err != nil {
		return 0, memory, err
	}
	took = time.Since(began)
	time.Sleep(3 * time.Second)
	memory, err = memoryOf(serve.Process.Pid)
	return took, memory, err
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

// memory of a process in megabytes: all that is resident, and what of it is no
// file's.
type memory struct{ all, own int }

// memoryOf reads a process's memory, where the system tells it so.
func memoryOf(pid int) (m memory, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m, err
	}
	for name, to := range map[string]*int{"VmRSS:": &m.all, "RssAnon:": &m.own} {
		_, rest, _ := bytes.Cut(data, []byte(name))
		if _, err := fmt.Sscan(string(rest), to); err != nil {
			return m, err
		}
		*to /= 1024
	}
	return m, nil
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
