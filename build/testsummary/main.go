// SPDX-License-Identifier: Apache-2.0

// Command testsummary reads `go test -json` and prints what matters: failures
// with their output, the suites that need a real counterpart with how many
// tests they ran, and one closing line with the counts. With CI set it fails
// when such a suite ran no test.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// suites need a real counterpart. A test belongs to one by a word in its name or
// in one of its parents', or because its whole package runs against it.
var suites = []string{"PostgreSQL", "Moto", "Browser", "Poppler"}

var wholePackages = map[string]string{"sextant/connector/aws": "Moto"}

func main() {
	s := summary{output: map[string][]string{}, ran: map[string]int{}, skippedWhy: map[string]string{}}
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		var e event
		if err := json.Unmarshal(scanner.Bytes(), &e); err != nil {
			fmt.Println(scanner.Text())
			continue
		}
		s.take(e)
	}
	os.Exit(s.close())
}

type summary struct {
	output                  map[string][]string
	passed, failed, skipped int
	failedPackages          int
	ran                     map[string]int
	skippedWhy              map[string]string
}

func (s *summary) take(e event) {
	id := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		s.output[id] = append(s.output[id], e.Output)
	case "build-output":
		fmt.Print(e.Output)
	case "pass", "fail", "skip":
		s.settle(e, id)
	}
}

func (s *summary) settle(e event, id string) {
	defer delete(s.output, id)
	if e.Test == "" {
		if e.Action == "fail" {
			s.failedPackages++
			fmt.Printf("FAIL %s (%.1fs)\n%s", e.Package, e.Elapsed, strings.Join(s.output[id], ""))
		} else if e.Action == "pass" {
			fmt.Printf("ok   %s (%.1fs)\n", e.Package, e.Elapsed)
		}
		return
	}
	switch e.Action {
	case "pass":
		s.passed++
	case "fail":
		s.failed++
		fmt.Printf("--- FAIL: %s\n%s", id, strings.Join(s.output[id], ""))
	case "skip":
		s.skipped++
	}
	for _, suite := range suites {
		if !strings.Contains(e.Test, suite) && wholePackages[e.Package] != suite {
			continue
		}
		if e.Action == "skip" {
			s.skippedWhy[suite] = why(s.output[id])
		} else {
			s.ran[suite]++
		}
	}
}

func why(output []string) string {
	for _, line := range output {
		if _, reason, ok := strings.Cut(line, ".go:"); ok {
			if _, reason, ok = strings.Cut(reason, ": "); ok {
				return strings.TrimSpace(reason)
			}
		}
	}
	return "it said no reason"
}

func (s *summary) close() int {
	code := 0
	for _, suite := range suites {
		switch {
		case s.ran[suite] > 0:
			fmt.Printf("suite %s: %d tests ran\n", suite, s.ran[suite])
		case s.skippedWhy[suite] != "":
			fmt.Printf("suite %s was left out: %s\n", suite, s.skippedWhy[suite])
		default:
			fmt.Printf("suite %s: no test of it is in this run\n", suite)
		}
		if s.ran[suite] == 0 && os.Getenv("CI") != "" {
			fmt.Printf("suite %s ran no test; CI leaves nothing out\n", suite)
			code = 1
		}
	}
	if s.skipped > 0 && os.Getenv("CI") != "" {
		fmt.Println("tests were skipped; CI leaves nothing out")
		code = 1
	}
	if s.failed > 0 || s.failedPackages > 0 {
		code = 1
	}
	if s.failed == 0 && s.failedPackages > 0 {
		s.failed = s.failedPackages
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped)
	return code
}
