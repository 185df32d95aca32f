// SPDX-License-Identifier: Apache-2.0

package cisoassistant_test

import (
	"os"
	"path/filepath"
	"testing"

	"sextant"
	"sextant/interchange/cisoassistant"
)

// Whatever bytes come, the answer is a library whose tree hangs together, or an
// error a person can read.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
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
	f.Fuzz(func(t *testing.T, data []byte) {
		c, _, err := cisoassistant.Read("fuzz.yaml", data)
		if err != nil {
			if code := sextant.CodeOf(err); code != sextant.Invalid && code != sextant.TooLarge {
				t.Fatalf("refused with %s: %v", code, err)
			}
			return
		}
		for _, framework := range c.Frameworks {
			depth := map[string]int{"": 0}
			for _, n := range framework.Nodes {
				above, ok := depth[n.Parent]
				if _, twice := depth[n.ID]; !ok || twice || n.Depth != above+1 {
					t.Fatalf("%s hangs below %q at %d, twice: %v", n.ID, n.Parent, n.Depth, twice)
				}
				depth[n.ID] = n.Depth
			}
		}
		for _, m := range c.Matrices {
			for _, row := range m.Grid {
				for _, level := range row {
					if level < -1 || level >= len(m.Risk) {
						t.Fatalf("a cell names level %d of %d", level, len(m.Risk))
					}
				}
			}
		}
	})
}
