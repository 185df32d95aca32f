// SPDX-License-Identifier: Apache-2.0

//go:build unix

package mototest

import (
	"os/exec"
	"syscall"
)

// alone gives the server a process group of its own: moto_server may be a
// wrapper around the real one, and both have to end.
func alone(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func end(c *exec.Cmd) { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
