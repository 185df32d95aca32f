// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"sextant"
	"sextant/internal/store"
	"sextant/register/registertest"
)

// A backup is read from a file that anybody may have touched: it is restored or
// refused, never half, and it never breaks the program.
func FuzzLoad(f *testing.F) {
	clock := registertest.NewClock()
	from, err := store.Open(context.Background(), store.Config{Folder: f.TempDir(), Clock: clock.Now})
	if err != nil {
		f.Fatal(err)
	}
	defer from.Close()
	b := registertest.NewBench(f, opened(f, from, clock), "Fuzzed")
	b.Pump(f, map[string]any{"name": "travels"})
	var dump bytes.Buffer
	if err := from.Dump(context.Background(), &dump); err != nil {
		f.Fatal(err)
	}
	f.Add(dump.Bytes())
	for _, hostile := range []string{`{"t":"entry","c":["x) SELECT (1"]}`, `{"t":"sqlite_master","c":["name"]}`, `{"v":[1]}`, `{"t":"head","c":["org"]}` + "\n" + `{"v":["a"]}`,
		`{"t":"end","rows":7}`, `{"t":"head","c":["org","seq","at"]}` + "\n" + `{"v":[1.5,{"b64":"?"},null]}`, `[[[`} {
		f.Add([]byte(hostile))
	}
	into, err := store.Open(context.Background(), store.Config{Folder: f.TempDir(), Clock: clock.Now})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { into.Close() })
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte(`"t":"end"`)) && strings.Count(string(data), "\n") > 20 {
			return // a whole backup is restored by other tests
		}
		err := into.Load(context.Background(), bytes.NewReader(data))
		all, reading := into.Organisations(context.Background())
		if reading != nil || (err != nil && len(all) > 0) || (err == nil && sextant.CodeOf(err) != "") {
			t.Errorf("refused with %v, and %d organisations are there, %v", err, len(all), reading)
		}
	})
}
