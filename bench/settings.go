// SPDX-License-Identifier: Apache-2.0

package main

import (
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// settings say on what was measured, so that another run can be compared.
func settings(o options) string {
	text := fmt.Sprintf("%s/%s, %d processors, %s. ", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if load, err := os.ReadFile("/proc/loadavg"); err == nil { // other programs' too: read long runs with it
		text += "Load average at the end of the run: " + strings.Join(strings.Fields(string(load))[:3], ", ") + ". "
	}
	if s, err := syncs(); err == nil {
		text += fmt.Sprintf("One synced write of 4 kB in the temporary folder: %.2f / %.2f ms. ", float64(s.p(50))/1e6, float64(s.p(99))/1e6)
	}
	text += "SQLite: WAL, synchronous FULL (each commit synced), one writer, as many readers as processors, in a temporary folder. "
	if o.database == "" {
		return text + "PostgreSQL was left out: SEXTANT_TEST_DATABASE_URL is not set. "
	}
	return text + "PostgreSQL: " + serverSettings(o.database) + ", as a role bound by row-level security. "
}

// syncs measures what every durable commit costs at least.
func syncs() (sample, error) {
	file, err := os.CreateTemp("", "sextant-bench-sync")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	block := make([]byte, 4096)
	return times(200, func(i int) error {
		if _, err := file.WriteAt(block, int64(i)*4096); err != nil {
			return err
		}
		return file.Sync()
	})
}

// serverSettings asks PostgreSQL for what its figures depend on.
func serverSettings(url string) string {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err.Error()
	}
	defer db.Close()
	var said []string
	for _, name := range []string{"server_version", "fsync", "synchronous_commit", "shared_buffers"} {
		var value string
		if err := db.QueryRow("SELECT current_setting($1)", name).Scan(&value); err != nil {
			return err.Error()
		}
		said = append(said, strings.Replace(name, "server_version", "version", 1)+" "+value)
	}
	s, err := times(200, func(int) error { return db.QueryRow("SELECT 1").Scan(new(int)) })
	if err != nil {
		return err.Error()
	}
	return strings.Join(said, ", ") + fmt.Sprintf(", one round trip %.2f ms", float64(s.p(50))/float64(time.Millisecond))
}
