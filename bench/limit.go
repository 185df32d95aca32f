// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
)

// limited runs fn under the CPU profiler and says where the time went: the share
// of the wall clock in which nothing ran here (the disk, or PostgreSQL), and the
// shares of the processor.
//
// The profile is kept where there is a folder for it.
func limited(folder, name string, fn func() error) (string, error) {
	file, err := profileIn(folder, name)
	if err != nil {
		return "", err
	}
	if folder == "" {
		defer os.Remove(file.Name())
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		return "", err
	}
	err = fn()
	pprof.StopCPUProfile()
	if err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	top, err := exec.Command("go", "tool", "pprof", "-top", "-flat", "-nodefraction=0", "-nodecount=100000", self, file.Name()).Output()
	if err != nil {
		return "", fmt.Errorf("go tool pprof: %w", err)
	}
	return shares(string(top)), nil
}

func profileIn(folder, name string) (*os.File, error) {
	if folder == "" {
		return os.CreateTemp("", "sextant-bench-*.pprof")
	}
	return os.Create(filepath.Join(folder, strings.Trim(notInNames.ReplaceAllString(name, "-"), "-")+".pprof"))
}

var notInNames = regexp.MustCompile(`[^a-zA-Z0-9]+`)

// parts of the program, tried in this order.
var parts = []struct{ name, pattern string }{
	{"SQLite", `^modernc\.org/`},
	{"JSON", `^(encoding/json|reflect)\b`},
	{"system calls", `^(syscall|internal/runtime/syscall|internal/poll|runtime/internal/syscall)`},
	{"driver", `^(database/sql|github\.com/jackc/)`},
	{"hashing", `^(crypto/|golang\.org/x/mod/sumdb|sextant/ledger)`},
	{"compression", `^(compress/|archive/|hash/|github\.com/klauspost)`},
	{"CEL", `^cel\.dev/|^github\.com/google/cel`},
	{"memory and scheduling", `^(runtime\.|gcWriteBarrier|internal/runtime|memeq|aeshash|cmpbody|indexbyte)`},
	{"our code", `.`},
}

var (
	durationLine = regexp.MustCompile(`Duration: ([0-9.]+)(m?s), Total samples = ([0-9.]+)(m?s)`)
	topLine      = regexp.MustCompile(`^\s*([0-9.]+)(ms|s|us)?\s+[0-9.]+%\s+[0-9.]+%\s+\S+\s+\S+\s+(\S.*)$`)
)

func shares(top string) string {
	m := durationLine.FindStringSubmatch(top)
	if m == nil {
		return ""
	}
	wall, busy := seconds(m[1], m[2]), seconds(m[3], m[4])
	spent := map[string]float64{}
	for line := range strings.Lines(top) {
		if m := topLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			spent[partOf(m[3])] += seconds(m[1], m[2])
		}
	}
	spent["waiting (disk, database, other programs)"] = max(0, wall-busy)
	all := max(wall, busy)
	names := slices.SortedFunc(func(yield func(string) bool) {
		for name := range spent {
			if !yield(name) {
				return
			}
		}
	}, func(a, b string) int { return cmp.Compare(spent[b], spent[a]) })
	var texts []string
	for _, name := range names {
		if share := 100 * spent[name] / all; share >= 8 && len(texts) < 4 {
			texts = append(texts, fmt.Sprintf("%s %.0f %%", name, share))
		}
	}
	return strings.Join(texts, ", ")
}

func partOf(function string) string {
	for _, p := range parts {
		if regexp.MustCompile(p.pattern).MatchString(function) {
			return p.name
		}
	}
	return "our code"
}

func seconds(number, unit string) float64 {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0
	}
	switch unit {
	case "ms":
		return n / 1e3
	case "us":
		return n / 1e6
	}
	return n
}
