// SPDX-License-Identifier: Apache-2.0

package document_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/document"
	"sextant/framework"
	"sextant/register"
)

func TestTemplatesAreShortEnoughToBeRead(t *testing.T) {
	all := document.Templates()
	if len(all) != 10 {
		t.Errorf("%d templates, ten are meant", len(all))
	}
	for _, tpl := range all {
		if n := len(strings.Fields(tpl.Text)); n < 300 || n > 600 {
			t.Errorf("%s has %d words, 300 to 600 are meant", tpl.ID, n)
		}
		if strings.Count(tpl.Text, "\n## ") < 3 {
			t.Errorf("%s has no headings", tpl.ID)
		}
		if !strings.HasSuffix(tpl.Purpose, ".") {
			t.Errorf("%s: the purpose is a sentence: %q", tpl.ID, tpl.Purpose)
		}
		if len(document.Unresolved(tpl.Text)) == 0 {
			t.Errorf("%s asks for no fact of the organisation", tpl.ID)
		}
	}
}

func TestEveryVariableIsUsed(t *testing.T) {
	text := ""
	for _, tpl := range document.Templates() {
		text += tpl.Text
	}
	used := document.Unresolved(text)
	for _, v := range document.Variables() {
		if !slices.Contains(used, v.Name) {
			t.Errorf("no template asks for %s", v.Name)
		}
	}
}

var words = regexp.MustCompile(`[a-z0-9']+`)

// TestTemplatesShareNoEightWords: neither with each other nor with the guidance,
// and none has the verb form a standard is written in.
func TestTemplatesShareNoEightWords(t *testing.T) {
	seen := map[string]string{}
	add := func(where, text string) {
		list := words.FindAllString(strings.ToLower(text), -1)
		for i := 0; i+8 <= len(list); i++ {
			run := strings.Join(list[i:i+8], " ")
			if other := seen[run]; other != "" && other != where {
				t.Errorf("%s and %s share %q", other, where, run)
			}
			seen[run] = where
		}
	}
	files, err := filepath.Glob("../framework/content/*/*/*.yaml")
	if err != nil || len(files) < 123 {
		t.Fatalf("%d files of guidance, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		add("guidance", string(data))
	}
	for _, c := range framework.ISO27001().Clauses {
		for _, r := range c.Requirements {
			add("guidance", r.Asks)
		}
	}
	for _, tpl := range document.Templates() {
		add(tpl.ID, tpl.Text)
		if regexp.MustCompile(`(?i)\bshall\b`).MatchString(tpl.Text) {
			t.Errorf("%s reads like a standard", tpl.ID)
		}
	}
}

func TestBadTemplatesAreRefusedWithFileAndReason(t *testing.T) {
	sound, err := os.ReadFile("template/cryptography.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"no head":           {"---\n", "", "two lines ---"},
		"another id":        {"id: cryptography", "id: crypto", "name of the file"},
		"an unknown key":    {"purpose:", "porpoise:", "cryptography.md:"},
		"an unknown clause": {"fulfils: []", `fulfils: ["5.9"]`, "5.9"},
		"a control of old":  {"A.8.24", "A.18.1.5", "A.18.1.5"},
		"an odd variable":   {"{{isms_manager}}", "{{the_boss}}", "the_boss"},
		"no version":        {"version: 1", "version: 0", "version"},
	} {
		if _, err := document.DecodeTemplate("x/cryptography.md", []byte(strings.ReplaceAll(string(sound), c.old, c.new))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFactsStandInThePlaceOfVariables(t *testing.T) {
	facts := document.Facts{"isms_manager": {Text: "the Head of Security"}, "organisation": {Text: "Northquay"}}
	got := document.Fill("{{isms_manager}} decides. {{ isms_manager }} tells {{organisation}} and {{isms_manager}}.\n- **{{isms_manager}}** {{tools}}", facts)
	want := "The Head of Security decides. The Head of Security tells Northquay and the Head of Security.\n- **The Head of Security** {{tools}}"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPeriodsAreWrittenAsPeopleSayThem(t *testing.T) {
	for iso, want := range map[string]string{"P12M": "12 months", "P1M": "1 month", "P6Y": "6 years", "P35D": "35 days", "P1Y6M": "P1Y6M", "PT4H": "PT4H", "": ""} {
		if got := document.Period(iso); got != want {
			t.Errorf("%q gives %q, want %q", iso, got, want)
		}
	}
}

func TestEditionsCountUp(t *testing.T) {
	for before, want := range map[string]string{"1.0": "1.1", "1.9": "1.10", "2": "3", "draft": "draft.1", "": ".1"} {
		if got := document.After(before); got != want {
			t.Errorf("%q gives %q, want %q", before, got, want)
		}
	}
}

// begin starts a document from a template as the ISMS manager.
func (s *shelf) begin(id string) (of, draft register.Entry) {
	s.t.Helper()
	tpl, err := document.FindTemplate(id)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.as(access.ISMSManager, func(tx *register.Tx) error {
		facts, err := document.FactsOf(tx)
		if err != nil {
			return err
		}
		of, draft, err = document.Begin(tx, tpl, facts, document.People{Owner: s.author, Approver: s.approver}, register.Note{})
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return of, draft
}

func TestADocumentBegunFromATemplateHoldsTheFactsAndAsksForTheRest(t *testing.T) {
	onShelf(t, func(s *shelf) {
		s.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "Running the booking platform from Rotterdam."})
		of, draft := s.begin("information-security-policy")
		body := draft.Doc.Text("body")
		for _, want := range []string{"rely on Northquay", "Running the booking platform from Rotterdam.", "Whole organisation", "every 12 months"} {
			if !strings.Contains(body, want) {
				t.Errorf("the draft does not say %q", want)
			}
		}
		if got := document.Unresolved(body); !slices.Equal(got, []string{"purpose", "reporting_channel"}) {
			t.Errorf("left open: %v", got)
		}
		if draft.Doc.Text("template_version") != "1" || !strings.Contains(draft.Doc.Text("template_text"), "{{purpose}}") || of.Doc.Text("fulfils") != "iso27001:2022/5.2" {
			t.Errorf("template %s, fulfils %s", draft.Doc.Text("template_version"), of.Doc.Text("fulfils"))
		}
		refused(t, s.move(access.Owner, "document_version", draft.Key, "submit", "", nil), sextant.Invalid, "purpose, reporting_channel")
	})
}

func TestANewerTemplateIsShownAndChangesNothing(t *testing.T) {
	onShelf(t, func(s *shelf) {
		of, draft := s.begin("cryptography")
		if err := s.as(access.Owner, func(tx *register.Tx) error {
			_, err := tx.Edit("document_version", draft.Key, 0, map[string]any{"body": "Keys live in the safe of Northquay."}, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		newest, _ := document.TemplateByID("cryptography")
		current := func(key string) document.Version {
			var v register.Of[document.Version]
			if err := s.Kernel.Read(t.Context(), s.System(), 0, func(view *register.View) (err error) {
				v, err = document.Versions.Get(view, key)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return v.Fields
		}
		if _, ok := document.Newer(current(draft.Key), document.Templates()); ok {
			t.Error("the newest template is newer than itself")
		}
		// A release brings version 2.
		changed := newest
		changed.Version, changed.Text = 2, strings.Replace(newest.Text, "TLS 1.3", "TLS 1.4", 1)
		newer, ok := document.Newer(current(draft.Key), []document.Template{changed})
		if !ok || newer.Text == current(draft.Key).TemplateText || !strings.Contains(current(draft.Key).TemplateText, "TLS 1.3") {
			t.Errorf("the newer template is not noticed: %v", ok)
		}
		if body := current(draft.Key).Body; body != "Keys live in the safe of Northquay." {
			t.Errorf("the organisation's own words are gone: %q", body)
		}
		for _, step := range []struct {
			role access.Role
			name string
		}{{access.Owner, "submit"}, {access.ISMSManager, "approve"}} {
			if err := s.move(step.role, "document_version", draft.Key, step.name, "", nil); err != nil {
				t.Fatal(err)
			}
		}
		// The next edition is still measured by what the one in force was begun from.
		var next register.Entry
		if err := s.as(access.Owner, func(tx *register.Tx) (err error) {
			next, err = document.Next(tx, of.Key, s.author, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		v := current(next.Key)
		if v.Edition != "1.1" || v.Body != "Keys live in the safe of Northquay." || v.TemplateVersion != "1" {
			t.Errorf("the next edition: %+v", v)
		}
		if err := s.move(access.Owner, "document_version", next.Key, "compare", "", nil); err != nil {
			t.Error(err)
		}
	})
}
