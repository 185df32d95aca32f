// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sextant": main,
		"flip":    flip,
		"refused": refused,
		"newer":   newer,
		"holding": holding,
	})
}

// refused runs the program and succeeds where it ends with a code: refused CODE
// ARGS.
func refused() {
	code := run(context.Background(), os.Args[2:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	if fmt.Sprint(code) != os.Args[1] {
		fmt.Fprintf(os.Stderr, "ended with %d, not %s\n", code, os.Args[1])
		os.Exit(1)
	}
}

// newer marks a data folder as written by a version to come: newer FOLDER.
func newer() {
	sqlOn(os.Args[1], `INSERT INTO goose_db_version (version_id, is_applied) VALUES (900, 1)`)
}

// holding keeps a data folder's database for itself, as another program might:
// holding FOLDER MARK. It makes the file MARK once it has it.
func holding() {
	sqlOn(os.Args[1], `BEGIN IMMEDIATE`)
	if err := os.WriteFile(os.Args[2], nil, 0o600); err != nil {
		panic(err)
	}
	time.Sleep(time.Minute) // it is killed before
}

func sqlOn(folder, statement string) {
	db, err := sql.Open("sqlite", filepath.Join(folder, "sextant.db"))
	if err == nil {
		db.SetMaxOpenConns(1)
		_, err = db.Exec(statement)
	}
	if err != nil {
		panic(err)
	}
}

// occupied gives $ADDRESS, on which somebody else listens.
func occupied(ts *testscript.TestScript, _ bool, _ []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	ts.Setenv("ADDRESS", listener.Addr().String())
}

// rows writes a file of so many rows: rows N FILE.
func rows(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	var text strings.Builder
	text.WriteString("Name,Type,Scope units\n")
	for i := range n {
		fmt.Fprintf(&text, "row %d,device,SU-1\n", i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
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
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Cmds: map[string]func(*testscript.TestScript, bool, []string){"await": await, "occupied": occupied, "rows": rows}, Setup: func(e *testscript.Env) error {
		e.Setenv("HOME", e.WorkDir)
		e.Setenv("SEXTANT_PASSWORD", "seven grey herons")
		return nil
	}})
}
