// SPDX-License-Identifier: Apache-2.0

package sextant_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sextant/internal/server/web/message"
)

// rings are the packages from the inside out. A package imports inner rings and
// its own sub-folders; neighbours in a ring do not know each other, except
// where the second list allows it with a reason.
var rings = [][]string{
	{"sextant", "docs/manual"},
	{"ledger", "framework", "access", "secret"},
	{"register"},
	{"notice"},
	{"organisation", "asset", "task", "evidence", "obligation", "document", "library", "supplier"},
	{"connector", "check", "lint"},
	{"control"},
	{"monitor"},
	{"risk"},
	{"soa", "crosswalk"},
	{"gap", "migration", "supposition"},
	{"demo"},
	{"interchange"},
	{"internal/job"},
	{"internal/blob", "internal/store", "internal/proof", "internal/mail", "internal/testserver", "internal/terminal"},
	{"internal/schedule", "internal/custody"},
	{"internal/server"},
	{"product"},
	{"cmd", "build", "bench", "internal/journey"},
}

// forbidden imports, with the reason a newcomer reads.
var forbidden = []struct{ what, where, why string }{
	{"database/sql", "internal/store", "all SQL is in internal/store"},
	{"net/http", "internal/server,connector,cmd,product/producttest", "the domain does not speak HTTP; pages and API do"},
	{"github.com/jackc/pgx", "internal/store", "drivers are the store's"},
	{"modernc.org/sqlite", "internal/store", "drivers are the store's"},
}

// narrow packages use less of what is inside them than their ring allows, with
// the reason a newcomer reads.
var narrow = []struct{ pkg, may, why string }{
	{"risk/scenario", "sextant,framework,check", "the library of risks is content: it names controls and checks and knows no register"},
}

var badNames = []string{"util", "utils", "common", "helpers", "models", "types", "service", "manager", "base", "misc"}

type file struct {
	path, pkg string
	test      bool
	ast       *ast.File
}

func files(t *testing.T) []file {
	t.Helper()
	var list []file
	set := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if pkg == "." {
			pkg = "sextant"
		}
		list = append(list, file{path, pkg, strings.HasSuffix(path, "_test.go"), parsed})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func ringOf(pkg string) (ring int, root string) {
	for i, roots := range rings {
		for _, root := range roots {
			if pkg == root || strings.HasPrefix(pkg, root+"/") {
				return i, root
			}
		}
	}
	return -1, ""
}

func TestPackagesImportInwardsOnly(t *testing.T) {
	for _, f := range files(t) {
		ring, root := ringOf(f.pkg)
		if ring < 0 && f.pkg != "internal/deps" {
			t.Errorf("%s is in no ring: add its folder to arch_test.go where it belongs", f.path)
			continue
		}
		if f.test {
			continue // tests may use real outer parts
		}
		for _, spec := range f.ast.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			if path != "sextant" && !strings.HasPrefix(path, "sextant/") {
				continue
			}
			their, theirRoot := ringOf(strings.TrimPrefix(path, "sextant/"))
			if theirRoot == root || their < ring {
				continue
			}
			t.Errorf("%s imports %s, which is not further in: a package imports inner rings and its own sub-folders (ARCHITECTURE.md)", f.path, path)
		}
	}
}

func TestForbiddenImportsStayOut(t *testing.T) {
	for _, f := range files(t) {
		for _, spec := range f.ast.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			for _, rule := range forbidden {
				allowed := slices.ContainsFunc(strings.Split(rule.where, ","), func(p string) bool { return f.pkg == p || strings.HasPrefix(f.pkg, p+"/") })
				if !f.test && f.pkg != "internal/deps" && f.pkg != "internal/testserver" && f.pkg != "build" && f.pkg != "bench" && strings.HasPrefix(path, rule.what) && !allowed {
					t.Errorf("%s imports %s: %s", f.path, path, rule.why)
				}
			}
		}
	}
}

func TestNarrowPackagesStayNarrow(t *testing.T) {
	for _, f := range files(t) {
		for _, rule := range narrow {
			if f.test || f.pkg != rule.pkg {
				continue
			}
			for _, spec := range f.ast.Imports {
				path := strings.Trim(spec.Path.Value, `"`)
				if path != "sextant" && !strings.HasPrefix(path, "sextant/") {
					continue
				}
				if !slices.Contains(strings.Split(rule.may, ","), strings.TrimPrefix(path, "sextant/")) {
					t.Errorf("%s imports %s: %s", f.path, path, rule.why)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range files(t) {
		if f.test {
			continue
		}
		name := f.ast.Name.Name
		if slices.Contains(badNames, name) {
			t.Errorf("%s: a package is named for what it gives, not %q", f.path, name)
		}
		documented[f.pkg] = documented[f.pkg] || f.ast.Doc != nil
	}
	for pkg, ok := range documented {
		if !ok && pkg != "internal/deps" {
			t.Errorf("%s has no package comment: say what it is in the user's words, and what it does not do", pkg)
		}
	}
}

func TestEveryFileNamesItsLicence(t *testing.T) {
	for _, f := range files(t) {
		data, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		generated := strings.Contains(string(data[:min(len(data), 200)]), "Code generated")
		if !generated && f.pkg != "internal/deps" && !strings.HasPrefix(string(data), "// SPDX-License-Identifier: Apache-2.0\n") {
			t.Errorf("%s does not begin with its licence line", f.path)
		}
	}
}

func TestTheVerifierIsBuiltFromTheLedgerAlone(t *testing.T) {
	for _, f := range files(t) {
		if f.pkg != "ledger" || f.test {
			continue
		}
		for _, spec := range f.ast.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			if strings.HasPrefix(path, "sextant/") || (strings.Contains(path, ".") && !strings.HasPrefix(path, "golang.org/x/mod/")) {
				t.Errorf("%s imports %s: the ledger stands on its own", f.path, path)
			}
		}
	}
}

// TestTextsOfPagesHaveOneHome: two sections that land at the same time may give
// one key to two texts, and no page would answer then.
func TestTextsOfPagesHaveOneHome(t *testing.T) {
	if n := len(message.Keys()); n < 100 { // it panics where a key stands twice
		t.Errorf("%d texts", n)
	}
}
