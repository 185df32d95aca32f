// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sextant": main,
		"flip":    flip,
	})
}

// flip changes one byte of a file in the middle: flip FILE.
func flip() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(os.Args[1], data, 0o600); err != nil {
		panic(err)
	}
}

// await waits until a file is there: await FILE.
func await(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	for range 200 {
		if _, err := os.Lstat(path); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s did not appear", path)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Cmds: map[string]func(*testscript.TestScript, bool, []string){"await": await}, Setup: func(e *testscript.Env) error {
		e.Setenv("HOME", e.WorkDir)
		e.Setenv("SEXTANT_PASSWORD", "seven grey herons")
		return nil
	}})
}
