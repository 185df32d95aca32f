// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package mototest

import "os/exec"

func alone(*exec.Cmd) {}

func end(c *exec.Cmd) { _ = c.Process.Kill() }
