// SPDX-License-Identifier: Apache-2.0

package oscal_test

import (
	"os"
	"path/filepath"
	"testing"

	"sextant"
	"sextant/interchange/oscal"
	"sextant/library"
)

// Whatever bytes come, the answer is a library whose tree hangs together, or an
// error a person can read.
func FuzzRead(f *testing.F) {
	var beside []oscal.Beside
	for _, name := range []string{"harbour.json", "harbour.xml", "harbour.yaml", "profile.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		if name == "harbour.json" {
			d, err := oscal.Read(name, data)
			if err != nil {
				f.Fatal(err)
			}
			beside = append(beside, oscal.Beside{Name: name, Document: d})
		}
	}
	f.Add([]byte(profileHead + "  imports: [{href: harbour.json, include-controls: [{matching: [{pattern: '*.?'}], with-child-controls: 'yes'}]}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := oscal.Read("fuzz", data)
		catalog := d.Catalog
		var report library.Report
		if err == nil && d.Profile != nil {
			catalog, err = oscal.Resolve(d.Profile, beside, &report)
		}
		if err != nil {
			if code := sextant.CodeOf(err); code != sextant.Invalid && code != sextant.TooLarge {
				t.Fatalf("refused with %s: %v", code, err)
			}
			return
		}
		for _, framework := range oscal.Content(catalog, library.OSCALCatalog, &report).Frameworks {
			depth := map[string]int{"": 0}
			for _, n := range framework.Nodes {
				above, ok := depth[n.Parent]
				if _, twice := depth[n.ID]; !ok || twice || n.Depth != above+1 {
					t.Fatalf("%s hangs below %q at %d, twice: %v", n.ID, n.Parent, n.Depth, twice)
				}
				depth[n.ID] = n.Depth
			}
		}
	})
}
