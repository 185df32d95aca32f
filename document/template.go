// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"embed"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// Template is a text to begin a document with, all of it our own prose. Facts of
// the organisation stand in it as variables. It is copied once; a newer version
// of it changes no document.
type Template struct {
	ID             string   `yaml:"id"`
	Version        int      `yaml:"version"` // counts up when the text changes
	Title          string   `yaml:"title"`
	Reference      string   `yaml:"reference"` // suggested
	Kind           string   `yaml:"kind"`
	ReviewInterval string   `yaml:"review_interval"`
	Fulfils        []string `yaml:"fulfils"`  // ids of clauses
	Controls       []string `yaml:"controls"` // ids
	Purpose        string   `yaml:"purpose"`  // one sentence for whoever chooses
	Text           string   `yaml:"-"`        // Markdown with variables
}

//go:embed template/*.md
var templateFiles embed.FS

var templates = sync.OnceValue(func() []Template {
	files, err := fs.Glob(templateFiles, "template/*.md")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	var all []Template
	for _, file := range files {
		data, err := templateFiles.ReadFile(file)
		if err != nil {
			panic(err) // the folder is part of the program
		}
		t, err := DecodeTemplate(file, data)
		if err != nil {
			panic("document: " + err.Error()) // a defect of the build, which the tests catch
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Template) int { return strings.Compare(a.Reference, b.Reference) })
	return all
})

// Templates gives the templates that come with the program, by their reference.
func Templates() []Template { return slices.Clone(templates()) }

// TemplateByID gives a template by its name.
func TemplateByID(id string) (Template, bool) {
	all := templates()
	i := slices.IndexFunc(all, func(t Template) bool { return t.ID == id })
	if i < 0 {
		return Template{}, false
	}
	return all[i], true
}

// DecodeTemplate reads a template: YAML between two lines of three dashes, then
// Markdown. It refuses one that is not named by its id, names a clause, control
// or variable that does not exist, or lacks a part.
func DecodeTemplate(file string, data []byte) (t Template, err error) {
	head, text, ok := bytes.Cut(bytes.TrimPrefix(data, []byte("---\n")), []byte("\n---\n"))
	if !ok {
		return t, sextant.Errorf(sextant.Invalid, "%s: a template begins with its facts between two lines ---", file)
	}
	if err := framework.Decode(file, head, &t); err != nil {
		return t, err
	}
	t.Text = strings.TrimSpace(string(text)) + "\n"
	if problem := t.problem(strings.TrimSuffix(path.Base(file), ".md")); problem != "" {
		return t, sextant.Errorf(sextant.Invalid, "%s: %s", file, problem)
	}
	return t, nil
}

func (t Template) problem(name string) string {
	if t.ID != name {
		return "its id is not the name of the file"
	}
	if t.Version < 1 || t.Title == "" || t.Reference == "" || t.ReviewInterval == "" || t.Purpose == "" || len(t.Text) < 2 {
		return "version, title, reference, review_interval, purpose or text is missing"
	}
	for _, id := range t.Fulfils {
		if _, ok := framework.ClauseByID(id); !ok {
			return "there is no clause " + id
		}
	}
	for _, id := range t.Controls {
		if _, ok := framework.ControlByID(id); !ok {
			return "there is no control " + id
		}
	}
	for _, name := range Unresolved(t.Text) {
		if !slices.ContainsFunc(Variables(), func(v Variable) bool { return v.Name == name }) {
			return "there is no variable " + name
		}
	}
	return ""
}

// variable is a place in a text that waits for a fact of the organisation.
var variable = regexp.MustCompile(`\{\{\s*([a-z][a-z0-9_]{0,59})\s*\}\}`)

// Unresolved names the variables a text still holds, each once, in the order in
// which a reader meets them.
func Unresolved(text string) (names []string) {
	for _, found := range variable.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, found[1]) {
			names = append(names, found[1])
		}
	}
	return names
}

// Fill puts facts in the place of variables, with a capital where a sentence
// begins. What is not known stays.
func Fill(text string, facts Facts) string {
	var out strings.Builder
	end := 0
	for _, at := range variable.FindAllStringSubmatchIndex(text, -1) {
		fact, ok := facts[text[at[2]:at[3]]]
		if !ok {
			continue
		}
		out.WriteString(text[end:at[0]])
		end = at[1]
		if before := strings.TrimRight(text[:at[0]], "*_- #>"); before == "" || strings.HasSuffix(before, "\n") || strings.HasSuffix(before, ".") {
			first, size := utf8.DecodeRuneInString(fact.Text)
			fact.Text = string(unicode.ToUpper(first)) + fact.Text[size:]
		}
		out.WriteString(fact.Text)
	}
	return out.String() + text[end:]
}

func allFilledIn(body string) error {
	names := Unresolved(body)
	if len(names) == 0 {
		return nil
	}
	return sextant.Errorf(sextant.Invalid, "not filled in yet: %s", strings.Join(names, ", ")).At("body").WithHint("write what holds here in place of {{%s}}", names[0])
}

// rememberTemplate keeps the version and the text of the template a draft was
// begun from: those of the edition in force where it has the same one, so that a
// newer version is still noticed, else the newest.
func rememberTemplate(tx register.Reader, doc register.Doc) error {
	id := doc.Text("template")
	if id == "" {
		delete(doc, "template_version")
		delete(doc, "template_text")
		return nil
	}
	if doc.Text("template_version") != "" {
		return nil
	}
	if of, err := tx.Lookup(documentName, doc.Text("document")); err == nil && of.Doc.Text("current_version") != "" {
		current, err := tx.Lookup(versionName, of.Doc.Text("current_version"))
		if err == nil && current.Doc.Text("template") == id {
			doc["template_version"], doc["template_text"] = current.Doc["template_version"], current.Doc["template_text"]
			return nil
		}
	}
	return measure(doc)
}

func measure(doc register.Doc) error {
	t, err := FindTemplate(doc.Text("template"))
	if err != nil {
		return err
	}
	doc["template_version"], doc["template_text"] = strconv.Itoa(t.Version), t.Text
	return nil
}

// Newer gives the version of the template that has come out since an edition
// was measured against it; ok is false where there is none. Nothing of the
// edition changes by it.
func Newer(v Version, all []Template) (newer Template, ok bool) {
	i := slices.IndexFunc(all, func(t Template) bool { return t.ID == v.Template })
	if v.Template == "" || i < 0 {
		return newer, false
	}
	was, _ := strconv.Atoi(v.TemplateVersion)
	return all[i], all[i].Version > was
}

func hasTemplate(g register.Guarding) error {
	if _, ok := TemplateByID(g.Next.Text("template")); !ok {
		return sextant.Errorf(sextant.Conflict, "this edition was not begun from a template")
	}
	return nil
}

// measureByNewest: the author has seen what the newest version of the template
// says, and takes over by hand what is wanted of it.
func measureByNewest(_ register.Guarding, next register.Doc) {
	_ = measure(next) // the guard has found the template
}
