// SPDX-License-Identifier: Apache-2.0

package manual_test

import (
	"strings"
	"testing"

	"sextant/docs/manual"
)

func TestEveryChapterAsksAQuestionAndAnswersIt(t *testing.T) {
	chapters := manual.Chapters()
	if len(chapters) < 10 || chapters[0].Name != "start" {
		t.Fatalf("%d chapters, the first is %q", len(chapters), chapters[0].Name)
	}
	for _, c := range chapters {
		if !strings.HasSuffix(c.Title, "?") || len(c.Text) < 150 {
			t.Errorf("%s: %q with %d characters", c.Name, c.Title, len(c.Text))
		}
		if strings.Contains(strings.ToLower(c.Text), "is compliant") {
			t.Errorf("%s says that something is compliant", c.Name)
		}
	}
}
