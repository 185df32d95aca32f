// SPDX-License-Identifier: Apache-2.0

package register

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sextant"
)

// Set is the registers of a program and the content their references may point
// at. It is made once at start and never changed.
type Set struct {
	definitions []*Definition
	byName      map[string]*Definition
	byPlural    map[string]*Definition
	byPrefix    map[string]*Definition
	content     map[string]Content
}

// Content is something references point at that is no register: controls,
// requirements, checks. Title gives what a person calls it.
type Content interface {
	Title(reference string) (title string, ok bool)
}

// OwnContent is content an organisation adds to by entries of its own.
type OwnContent interface {
	Content
	// OwnTitle names what Title does not know, as the organisation has it.
	OwnTitle(tx Reader, reference string) (title string, ok bool, err error)
}

// UsedContent is content of which an organisation uses a part: that part, and
// what it added, is what it is offered to choose from.
type UsedContent interface {
	Content
	UsedReferences(tx Reader) ([]string, error)
}

// NewSet puts registers together with the kernel's own (comment, attachment,
// sign_off, saved_view). Two that share a name, path or prefix, or a reference to a register
// that is not there, panic: a defect of the program.
func NewSet(content map[string]Content, definitions ...*Definition) *Set {
	s := &Set{byName: map[string]*Definition{}, byPlural: map[string]*Definition{}, byPrefix: map[string]*Definition{}, content: content}
	for _, def := range append(definitions, Comments.Definition, Attachments.Definition, SignOffs.Definition, SavedViews.Definition) {
		if s.byName[def.Name] != nil || s.byPlural[def.Plural] != nil || s.byPrefix[def.Prefix] != nil {
			panic(fmt.Sprintf("register: %s shares its name, path or prefix with another register", def.Name))
		}
		s.definitions = append(s.definitions, def)
		s.byName[def.Name], s.byPlural[def.Plural], s.byPrefix[def.Prefix] = def, def, def
	}
	s.checkReferences()
	return s
}

func (s *Set) checkReferences() {
	for _, def := range s.definitions {
		for _, f := range def.Fields {
			_, isContent := s.content[f.To]
			if f.IsReference() && f.To != "any" && s.byName[f.To] == nil && !isContent {
				panic(fmt.Sprintf("register: %s.%s points at %q, which does not exist", def.Name, f.Key, f.To))
			}
		}
	}
}

// All gives the registers in the order they were declared.
func (s *Set) All() []*Definition { return slices.Clone(s.definitions) }

// Named finds a register by name or path. The error lists what there is.
func (s *Set) Named(name string) (*Definition, error) {
	if def := s.byName[name]; def != nil {
		return def, nil
	}
	if def := s.byPlural[name]; def != nil {
		return def, nil
	}
	names := make([]string, len(s.definitions))
	for i, def := range s.definitions {
		names[i] = def.Name
	}
	return nil, sextant.Errorf(sextant.NotFound, "there is no register %q", name).WithHint("the registers are %s", strings.Join(names, ", "))
}

// OfKey finds the register of a readable key by its prefix.
func (s *Set) OfKey(key string) (*Definition, bool) {
	prefix, _, _ := strings.Cut(key, "-")
	def, ok := s.byPrefix[prefix]
	return def, ok
}

// ContentTitle names a reference into content, whatever its type.
func (s *Set) ContentTitle(kind, reference string) (string, bool) {
	if c, ok := s.content[kind]; ok {
		return c.Title(reference)
	}
	for _, c := range s.content {
		if title, ok := c.Title(reference); ok && kind == "any" {
			return title, true
		}
	}
	return "", false
}

// contentIn names a reference into content as an organisation knows it: by what
// comes with the program, else by what it added.
func (s *Set) contentIn(tx Reader, kind, reference string) (string, bool, error) {
	if title, ok := s.ContentTitle(kind, reference); ok {
		return title, true, nil
	}
	for name, c := range s.content {
		own, adds := c.(OwnContent)
		if !adds || (kind != name && kind != "any") {
			continue
		}
		if title, ok, err := own.OwnTitle(tx, reference); ok || err != nil {
			return title, ok, err
		}
	}
	return "", false, nil
}

// ContentKinds names the kinds of content there are, sorted.
func (s *Set) ContentKinds() []string { return slices.Sorted(maps.Keys(s.content)) }

// ContentReferences lists what a reference into content may point at, where the
// content can list itself; nil where it cannot.
func (s *Set) ContentReferences(kind string) []string {
	if lister, ok := s.content[kind].(interface{ References() []string }); ok {
		return lister.References()
	}
	return nil
}

// ContentReferences lists what a reference into content may point at in this
// organisation at the moment of the view.
func (v *View) ContentReferences(kind string) ([]string, error) {
	if used, ok := v.kernel.set.content[kind].(UsedContent); ok {
		return used.UsedReferences(v)
	}
	return v.kernel.set.ContentReferences(kind), nil
}

// Children gives the child registers of a register.
func (s *Set) Children(name string) []*Definition {
	var children []*Definition
	for _, def := range s.definitions {
		if def.Parent != "" && def.ParentRegister() == name {
			children = append(children, def)
		}
	}
	return children
}

// pointing gives every reference field that may point at a register.
func (s *Set) pointing(name string) map[*Definition][]Field {
	fields := map[*Definition][]Field{}
	for _, def := range s.definitions {
		for _, f := range def.Fields {
			if f.IsReference() && (f.To == name || f.To == "any") {
				fields[def] = append(fields[def], f)
			}
		}
	}
	return fields
}
