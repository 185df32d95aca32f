// SPDX-License-Identifier: Apache-2.0

package monarc_test

import (
	"os"
	"path/filepath"
	"testing"

	"sextant"
	"sextant/interchange/monarc"
	"sextant/risk"
)

func seeds(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func readable(t *testing.T, err error) {
	t.Helper()
	if code := sextant.CodeOf(err); code != sextant.Invalid && code != sextant.TooLarge {
		t.Fatalf("refused with %s: %v", code, err)
	}
}

// Whatever bytes come, the answer is an analysis whose tree hangs together and
// whose criteria can be measured by, or an error a person can read.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := monarc.Read("fuzz.json", data, "")
		if err != nil {
			readable(t, err)
			return
		}
		known := map[string]bool{"": true}
		for _, i := range a.Instances {
			if !known[i.Parent] || known[i.ID] {
				t.Fatalf("%s hangs below %q, which does not stand before it, or is there twice", i.ID, i.Parent)
			}
			known[i.ID] = true
		}
		if c, err := a.Scales.Criteria("MS-1", "PER-1", "fuzz.json"); err == nil {
			if _, err := risk.NewYardstick(c); err != nil {
				t.Fatalf("criteria that cannot be measured by: %v", err)
			}
		}
	})
}

// Whatever bytes come, objects have an id and a title, or it is said why not.
func FuzzReadObjects(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := monarc.ReadObjects([]monarc.File{{Name: "fuzz.json", Data: data}}, "")
		if err != nil {
			readable(t, err)
			return
		}
		for _, threat := range c.Threats {
			if threat.UUID == "" || threat.Label == "" || threat.Language == "" {
				t.Fatalf("%+v", threat)
			}
		}
	})
}
