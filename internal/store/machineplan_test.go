// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"sextant"
	"sextant/evidence"
	"sextant/register"
)

// Every list of machine data that pages read is found by an index, now and as of
// a past position: what is read does not grow with the table.
func TestMachineDataIsFoundByAnIndex(t *testing.T) {
	s, err := Open(context.Background(), Config{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, at := range []sextant.Seq{sextant.LatestSeq, 100} {
		for name, read := range map[string]func(*transaction) error{
			"resources of a type": func(tx *transaction) error {
				_, err := tx.Resources(evidence.ResourceList{Type: "x", At: at, Limit: 50, After: &evidence.Resource{Key: "k"}})
				return err
			},
			"counts by type":   func(tx *transaction) error { _, err := tx.ResourceCounts(at); return err },
			"populations":      func(tx *transaction) error { _, err := tx.Populations(at); return err },
			"runs of a source": func(tx *transaction) error { _, err := tx.Runs("s", at, 5); return err },
			"changed":          func(tx *transaction) error { _, err := tx.ChangedResources("x", 5, at); return err },
			"failing": func(tx *transaction) error {
				_, err := tx.Offenders(evidence.ResultList{Check: "c", At: at, Limit: 5, Statuses: []int{2, 3}, After: &evidence.Result{Status: 2}})
				return err
			},
			"results of one resource": func(tx *transaction) error { _, err := tx.ResultsOf(7, at); return err },
			"history of one result":   func(tx *transaction) error { _, err := tx.ResultHistory("c", 7, at, 5); return err },
			"outcomes":                func(tx *transaction) error { _, err := tx.Outcomes(at); return err },
			"history of an outcome":   func(tx *transaction) error { _, err := tx.OutcomeHistory("c", at, 5); return err },
			"drift":                   func(tx *transaction) error { _, err := tx.Drift(at, 5); return err },
			"states":                  func(tx *transaction) error { _, err := tx.States("control/", at); return err },
			"one state":               func(tx *transaction) error { _, _, err := tx.Status("control/x", at); return err },
			"changes of state":        func(tx *transaction) error { _, err := tx.StatusFeed(evidence.Feed{At: at, Limit: 5}); return err },
			"what is due":             func(tx *transaction) error { _, err := tx.Due(); return err },
			"days":                    func(tx *transaction) error { _, err := tx.Days("controls", 1, 365); return err },
		} {
			for _, step := range plans(t, s, read) {
				if growing.MatchString(step) && !few.MatchString(step) {
					t.Errorf("%s at %d: %s", name, at, step)
				}
			}
		}
	}
}

// What an edit reads and closes beside its entry is found by an index too.
func TestWhatStandsBesideAnEntryIsFoundByAnIndex(t *testing.T) {
	s, err := Open(context.Background(), Config{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	row, link := register.Row{Register: "pump", Key: "PMP-1", N: 7}, register.Link{FromRegister: "pump", FromKey: "PMP-1", Field: "keeper", ToRegister: "person", ToKey: "PER-1"}
	for _, step := range plans(t, s, func(tx *transaction) error {
		_, err := tx.sides(row)
		if err == nil {
			err = tx.Foresee("pump", []string{"PMP-1"})
		}
		_ = tx.replaceLinks(row, []register.Link{link}, nil) // refused: nothing is written here
		return err
	}) {
		if growing.MatchString(step) && !few.MatchString(step) {
			t.Error(step)
		}
	}
}

// growing is a step that reads a table, or what an organisation has of one, or
// everything up to a subject; few are those of which there are never many: names
// that were looked up, what stands, the checks, keys that were asked for.
var (
	growing = regexp.MustCompile(`^SCAN|\(org=\?\)|\(org=\? AND subject<\?\)`)
	few     = regexp.MustCompile(`^SCAN names|^SCAN json_each|_standing|check_id_id`)
)

// plans gives SQLite's plans of the statements a call prepares.
func plans(t *testing.T, s *Store, read func(*transaction) error) (steps []string) {
	t.Helper()
	if err := s.within(context.Background(), s.readers, &sql.TxOptions{ReadOnly: true}, 1, func(tx *transaction) error {
		if err := read(tx); err != nil {
			return err
		}
		for query := range tx.statements {
			args := make([]any, strings.Count(query, "$"))
			for i := range args {
				args[i] = i
			}
			rows, err := tx.tx.Query("EXPLAIN QUERY PLAN "+query, args[:highest(query)]...)
			if err := each(rows, err, func() error {
				var id, parent, unused int
				var detail string
				err := rows.Scan(&id, &parent, &unused, &detail)
				steps = append(steps, detail)
				return err
			}); err != nil {
				return fmt.Errorf("%s: %w", query, err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return steps
}

// highest is the number of the last placeholder of a statement.
func highest(query string) (n int) {
	for part := range strings.SplitSeq(query, "$") {
		var i int
		if _, err := fmt.Sscanf(part, "%d", &i); err == nil {
			n = max(n, i)
		}
	}
	return n
}
