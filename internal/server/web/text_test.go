// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"io/fs"
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
	asked   = regexp.MustCompile(`message\.[TN]\((?:r\.Context\(\)|v\.Context\(\)|ctx), "([a-z0-9._]+)"[,)]`)
	named   = regexp.MustCompile(`Key: +"([a-z0-9._]+)"`)
)

// formats are names of file formats, the same in every language.
var formats = map[string]bool{"XLSX": true, "CSV": true, "JSON": true, "PDF": true, "YAML": true}

// sources gives the files of the pages with one of the endings.
func sources(t *testing.T, endings ...string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, ending := range endings {
			if strings.HasSuffix(path, ending) {
				data, err := os.ReadFile(path)
				texts[path] = string(data)
				return err
			}
		}
		return nil
	})
	if err != nil || len(texts) == 0 {
		t.Fatalf("%d files, %v", len(texts), err)
	}
	return texts
}

func TestEveryTextComesFromTheCatalogue(t *testing.T) {
	for name, text := range sources(t, ".templ") {
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			if text := strings.TrimSpace(m[1]); !formats[text] && !strings.HasPrefix(text, "case ") && text != "default:" && !strings.HasPrefix(text, "@") {
				t.Errorf("%s has the text %q in it: put it into message/en", name, text)
			}
		}
		for _, m := range spoken.FindAllString(text, -1) {
			t.Errorf("%s has a literal %s: put it into message/en", name, m)
		}
	}
}

func TestEveryMessageThatIsAskedForExists(t *testing.T) {
	known := message.Keys()
	n := 0
	for name, text := range sources(t, ".go", ".templ") {
		found := asked.FindAllStringSubmatch(text, -1)
		if strings.HasSuffix(name, "section.go") {
			found = append(found, named.FindAllStringSubmatch(text, -1)...)
		}
		for _, m := range found {
			n++
			if _, ok := known[m[1]]; !ok && !strings.HasSuffix(m[1], ".") {
				t.Errorf("%s asks for %s, which is not in message/en", name, m[1])
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d messages were found: the test looks wrongly", n)
	}
}

var (
	// layout is a layout of a moment or a day as people read it, in any file of
	// the pages: times are drawn by page/clock.go alone, in the reader's zone.
	layout = regexp.MustCompile("(?:15:04|Jan(?:uary)? 2006|2 Jan|Format\\(\"|time\\.(?:RFC3339|RFC1123|Kitchen|DateTime)\\b.*Format|Format\\(time\\.(?:RFC|DateTime|Kitchen))")
	// named are the layouts that are no text for people.
	laidOut = map[string]string{"settings/keys.go": "20060102-1504"} // the name of a file
)

func TestMomentsAreDrawnInOnePlace(t *testing.T) {
	for path, text := range sources(t, ".go", ".templ") {
		if path == "page/clock.go" || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			if allowed := laidOut[path]; layout.MatchString(line) && (allowed == "" || !strings.Contains(line, allowed)) {
				t.Errorf("%s:%d draws a time by itself: page.Moment, page.DayOf and their like know the reader's zone: %s", path, i+1, strings.TrimSpace(line))
			}
		}
	}
}
