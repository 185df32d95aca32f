// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sextant/internal/server/web/message"
)

var (
	literal = regexp.MustCompile(`>([^<>{}=()]*[A-Za-z]{3,}[^<>{}=()]*)<`)
	spoken  = regexp.MustCompile(`(?:placeholder|aria-label|title|alt)="[^"]*[A-Za-z]{3,}`)
	asked   = regexp.MustCompile(`t\((?:r\.Context\(\)|ctx), "([a-z0-9.]+)"[,)]`)
)

// formats are names of file formats, the same in every language.
var formats = map[string]bool{"XLSX": true, "CSV": true, "JSON": true}

func TestEveryTextComesFromTheCatalogue(t *testing.T) {
	files, err := filepath.Glob("*.templ")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(data), -1) {
			if text := strings.TrimSpace(m[1]); !formats[text] && !strings.HasPrefix(text, "case ") {
				t.Errorf("%s has the text %q in it: put it into message/en.yaml", name, text)
			}
		}
		for _, m := range spoken.FindAllString(string(data), -1) {
			t.Errorf("%s has a literal %s: put it into message/en.yaml", name, m)
		}
	}
}

func TestEveryMessageThatIsAskedForExists(t *testing.T) {
	known := message.Keys()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	templates, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range append(files, templates...) {
		if strings.HasSuffix(name, "_templ.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asked.FindAllStringSubmatch(string(data), -1) {
			n++
			if _, ok := known[m[1]]; !ok && !strings.HasSuffix(m[1], ".") {
				t.Errorf("%s asks for %s, which is not in message/en.yaml", name, m[1])
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d messages were found: the test looks wrongly", n)
	}
}
