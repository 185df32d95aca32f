// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"time"
)

// server is the real binary, serving a fresh demo.
type server struct {
	address string
	folder  string
	process *exec.Cmd
}

var serving = regexp.MustCompile(`^Sextant .* on (http://\S+),`)

// patience is how long a demo may take to be made.
const patience = 4 * time.Minute

func start(ctx context.Context, binary string) (*server, error) {
	folder, err := os.MkdirTemp("", "sextant-pictures-")
	if err != nil {
		return nil, err
	}
	s := &server{folder: folder, process: exec.CommandContext(ctx, binary, "demo", "--data", folder+"/data", "--listen", "127.0.0.1:0")}
	told, err := s.process.StderrPipe()
	if err != nil {
		return nil, err
	}
	fmt.Println("a year of history is being made")
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("%w; run make build first", err)
	}
	lines := make(chan string)
	go func() { // ends with the process's standard error
		defer close(lines)
		for in := bufio.NewScanner(told); in.Scan(); {
			lines <- in.Text()
		}
	}()
	return s, s.wait(lines)
}

// wait reads what the server tells until it says where it is, and keeps reading
// so that it is never held up.
func (s *server) wait(lines <-chan string) error {
	late := time.After(patience)
	for {
		select {
		case line, open := <-lines:
			if !open {
				s.stop()
				return fmt.Errorf("the demo ended before it served anything")
			}
			fmt.Println(" ", line)
			if found := serving.FindStringSubmatch(line); found != nil {
				s.address = found[1]
				go func() {
					for range lines { // drained until the process ends
					}
				}()
				return nil
			}
		case <-late:
			s.stop()
			return fmt.Errorf("the demo was not made within %s", patience)
		}
	}
}

func (s *server) stop() {
	_ = s.process.Process.Signal(os.Interrupt) // it may have ended already
	_ = s.process.Wait()
	_ = os.RemoveAll(s.folder) // a leftover in the temporary folder is harmless
}
