// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/proof"
	"sextant/internal/store"
	"sextant/ledger"
	"sextant/register"
	"sextant/register/registertest"
	"sextant/secret"
)

func newPipe() (*io.PipeReader, *io.PipeWriter) { return io.Pipe() }

const crashFolder = "SEXTANT_TEST_CRASH_FOLDER"

// TestMain lets the test binary play the writer that is killed.
func TestMain(m *testing.M) {
	if folder := os.Getenv(crashFolder); folder != "" {
		writeUntilKilled(folder)
		return
	}
	os.Exit(m.Run())
}

func crashActor(org sextant.Organisation) access.Actor { return access.SystemActor(org, "crash") }

// writeUntilKilled writes single entries and imports of thirty, and says each
// one aloud once it is durable.
func writeUntilKilled(folder string) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Folder: folder})
	if err != nil {
		fmt.Println("failed", err)
		return
	}
	all, err := s.Organisations(ctx)
	if err == nil && len(all) == 0 {
		_, err = s.CreateOrganisation(ctx, "Crash")
	}
	if err != nil {
		fmt.Println("failed", err)
		return
	}
	kernel := register.New(s, registertest.Set(), register.Config{})
	for round := 0; ; round++ {
		var done []string
		err := kernel.Write(ctx, crashActor(1), func(tx *register.Tx) error {
			done = done[:0]
			if round%3 == 0 {
				rows := make([]register.Incoming, 30)
				for i := range rows {
					rows[i] = register.Incoming{Row: i, Values: map[string]any{"name": fmt.Sprintf("import %d %d %d", os.Getpid(), round, i)}}
				}
				report, err := tx.Import("pump", rows, register.Note{})
				for _, o := range report.Outcomes {
					done = append(done, o.Key)
				}
				return err
			}
			e, err := tx.Create("pump", map[string]any{"name": fmt.Sprintf("single %d %d", os.Getpid(), round), "uses": []any{"deck"}}, register.Note{})
			done = append(done, e.Key)
			return err
		})
		if err != nil {
			fmt.Println("failed", err)
			return
		}
		fmt.Println("durable", strings.Join(done, " "))
	}
}

// killed runs the writer for a random while, kills it, and gives what it said
// was durable.
func killed(t *testing.T, folder string, random *rand.Rand) []string {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), crashFolder+"="+folder)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func(after time.Duration) {
		time.Sleep(after)
		_ = c.Process.Kill() // it may have ended
	}(time.Duration(10+random.IntN(120)) * time.Millisecond)
	var durable []string
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		if keys, ok := strings.CutPrefix(scanner.Text(), "durable "); ok {
			durable = append(durable, strings.Fields(keys)...)
		} else {
			t.Errorf("the writer says %q", scanner.Text())
		}
	}
	_ = c.Wait() // it was killed
	return durable
}

// Killed at 200 random points of migration, writes and imports: what was said to
// be durable is there, an import is there whole or not at all, and the sealed
// log agrees with everything.
func TestKilledAtAnyPointNothingIsLostAndNothingHalfDone(t *testing.T) {
	kills := 200
	if n, err := strconv.Atoi(os.Getenv("SEXTANT_TEST_KILLS")); err == nil {
		kills = n
	}
	random := rand.New(rand.NewPCG(1, 2))
	folder := t.TempDir()
	var durable []string
	for i := range kills {
		if i%20 == 0 { // a fresh folder: the kill may fall into the first migration
			folder, durable = t.TempDir(), nil
		}
		durable = append(durable, killed(t, folder, random)...)
		if i%5 == 4 {
			inspect(t, folder, durable)
		}
	}
}

func inspect(t *testing.T, folder string, durable []string) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := s.Organisations(ctx)
	if err != nil || len(all) == 0 {
		if len(durable) > 0 || err != nil {
			t.Fatalf("%d organisations, %d durable entries, %v", len(all), len(durable), err)
		}
		return
	}
	kernel := register.New(s, registertest.Set(), register.Config{})
	imports := map[string]int{}
	if err := kernel.Read(ctx, crashActor(1), 0, func(v *register.View) error {
		for _, key := range durable {
			if _, err := v.Entry("pump", key); err != nil {
				t.Errorf("%s was durable: %v", key, err)
			}
		}
		return v.Each(register.List{Register: "pump"}, func(e register.Entry) error {
			if words := strings.Fields(e.Title()); words[0] == "import" {
				imports[words[1]+" "+words[2]]++
			}
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	for name, n := range imports {
		if n != 30 {
			t.Errorf("import %s is there with %d of 30 rows", name, n)
		}
	}
	key, err := secret.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	prover := &proof.Prover{Store: s, Sealer: key, Clock: sextant.SystemClock}
	report, err := prover.VerifyHere(ctx, 1, ledger.Trust{})
	if err != nil || !report.OK() {
		t.Errorf("the log does not hold: %v %v", err, report)
	}
}
