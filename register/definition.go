// SPDX-License-Identifier: Apache-2.0

package register

import (
	"fmt"
	"reflect"
	"slices"

	"sextant/access"
)

// Definition is everything the kernel knows about one register. Domain packages
// write it once; Fields is read from the struct by Declare.
type Definition struct {
	Name     string // singular, snake_case: in keys of links, YAML and SQL views
	Plural   string // the path of its REST resource and pages
	Prefix   string // of its readable keys: AST gives AST-14
	Title    string // singular, for people
	Titles   string // plural, for people
	Group    string // navigation group; "" = no entry of its own
	Question string // what its list answers, for people; Titles where it has none
	Purpose  string // one or two sentences, shown on the empty list
	Clauses  []string

	Parent    string     // key of the reference to the parent, for child registers
	Singleton bool       // one entry per organisation
	Unique    [][]string // fields that are unique together
	Lists     []Shape    // lists that must be fast; a test reads their query plans
	Schema    int        // number of the current schema, from 1; stored with every version
	Upcasters []Upcaster // Upcasters[i] turns schema i+1 into i+2; len == Schema-1

	Lifecycle  Lifecycle
	Recurrence *Recurrence
	OpenTo     []access.Role // may create and edit beside ISMS manager and the named owner
	Own        bool          // everybody keeps their own: the person in the owner field, whatever their role
	WrittenBy  access.Role   // System: only the kernel writes it (sign-offs)
	NoToken    bool          // sign-offs by API token are refused
	Retention  string        // retention class of the model
	KeptFrom   string        // date field the retention counts from, if it is later than the closing

	// Derive fills fields marked derived from the others, before validation; on
	// every write, so that what is stored always agrees.
	Derive func(tx Reader, doc Doc) error

	// Follows writes what other entries, or this one, must say after every write
	// of an entry (created, edited, moved, imported, deleted), in the same
	// transaction and as the program: what is kept of a risk follows from its
	// evaluations. It must come to rest: written again, it changes nothing. An
	// error takes the write back.
	Follows func(tx *Tx, written Entry) error

	// Settle brings into agreement what entries derive from other entries, of
	// this register or another, where one write may change many: once before a
	// transaction commits, with all it wrote here. It writes by Tx.Settled, which is not settled again.
	Settle func(tx *Tx, changed []Changed) error

	Fields []Field // read from the struct, never typed

	index    map[string]int
	shapes   []Shape // kept as rows, see keptShapes
	validate func(Reader, Entry, *Entry) error
	shape    reflect.Type
}

// Upcaster turns a document of one schema into the next. It is pure: same
// input, same output, no look-ups. Stored bytes are never rewritten; it runs on
// every read of an old version.
type Upcaster func(Doc) Doc

// Register gives typed access to the entries of one definition.
type Register[T any] struct{ *Definition }

// Of is one entry with its fields as the domain's struct.
type Of[T any] struct {
	Entry
	Fields T
}

// Declare makes a register out of a struct and a definition. validate checks
// rules across fields and entries inside the writing transaction, before
// anything is stored; before is nil for a new entry; nil = no such rules.
// A mistake in the declaration panics: it is a defect of the program.
func Declare[T any](def Definition, validate func(tx Reader, now Of[T], before *Of[T]) error) *Register[T] {
	def.shape = reflect.TypeFor[T]()
	def.Fields = fieldsOf(def.shape)
	def.Schema = max(def.Schema, 1)
	def.index = make(map[string]int, len(def.Fields))
	for i, f := range def.Fields {
		if _, twice := def.index[f.Key]; twice {
			panic(fmt.Sprintf("register: %s declares field %s twice", def.Name, f.Key))
		}
		def.index[f.Key] = i
	}
	if def.Titles == "" {
		def.Titles = def.Title + "s"
	}
	if def.Question == "" {
		def.Question = def.Titles
	}
	if validate != nil {
		def.validate = typedValidation(validate)
	}
	if problem := def.problem(); problem != "" {
		panic("register: " + def.Name + ": " + problem)
	}
	def.shapes = def.keptShapes()
	return &Register[T]{&def}
}

func typedValidation[T any](validate func(Reader, Of[T], *Of[T]) error) func(Reader, Entry, *Entry) error {
	return func(tx Reader, now Entry, before *Entry) error {
		next, err := typed[T](now)
		if err != nil {
			return err
		}
		if before == nil {
			return validate(tx, next, nil)
		}
		previous, err := typed[T](*before)
		if err != nil {
			return err
		}
		return validate(tx, next, &previous)
	}
}

func typed[T any](e Entry) (Of[T], error) {
	of := Of[T]{Entry: e}
	return of, decodeInto(e.Doc, &of.Fields)
}

func (def *Definition) problem() string {
	switch {
	case def.Name == "" || def.Plural == "" || def.Prefix == "" || def.Title == "":
		return "name, plural, prefix and title are needed"
	case len(def.Upcasters) != def.Schema-1:
		return fmt.Sprintf("schema %d needs %d upcasters, not %d", def.Schema, def.Schema-1, len(def.Upcasters))
	case def.titleField().Key == "":
		return "no field is marked title"
	case def.Parent != "" && def.index[def.Parent] == 0 && def.Fields[0].Key != def.Parent:
		return "parent " + def.Parent + " is no field"
	}
	for _, set := range def.Unique {
		for _, key := range set {
			if _, ok := def.index[key]; !ok {
				return "unique names no field " + key
			}
		}
	}
	if def.Retention != "" && !slices.Contains(retentionClasses, def.Retention) {
		return "unknown retention class " + def.Retention
	}
	if problem := def.shapeProblem(); problem != "" {
		return problem
	}
	return def.Lifecycle.problem(def)
}

// Field finds a field by its stable key.
func (def *Definition) Field(key string) (Field, bool) {
	i, ok := def.index[key]
	if !ok {
		return Field{}, false
	}
	return def.Fields[i], true
}

func (def *Definition) titleField() Field { return def.first(func(f Field) bool { return f.IsTitle }) }
func (def *Definition) ownerField() Field { return def.first(func(f Field) bool { return f.IsOwner }) }
func (def *Definition) dueField() Field   { return def.first(func(f Field) bool { return f.IsDue }) }

func (def *Definition) first(is func(Field) bool) Field {
	i := slices.IndexFunc(def.Fields, is)
	if i < 0 {
		return Field{}
	}
	return def.Fields[i]
}

// ParentRegister is the register of the parent, "" for a main register.
func (def *Definition) ParentRegister() string {
	f, _ := def.Field(def.Parent)
	return f.To
}
