// SPDX-License-Identifier: Apache-2.0

package register

import (
	"context"

	"sextant"
)

// Store is what the kernel asks of a database. internal/store implements it
// once for SQLite and PostgreSQL; storetest holds both to the same contract.
//
// The organisation is bound when a transaction begins: no method takes one, the
// store adds it to every statement, and PostgreSQL checks it again by row-level
// security.
type Store interface {
	// View runs fn in a read-only snapshot. It never waits for a writer.
	View(ctx context.Context, org sextant.Organisation, fn func(ReadTx) error) error
	// Update runs fn alone within the organisation (its write lock) and commits
	// if fn returns nil: then everything is durable, journalled and sealed (on
	// PostgreSQL: queued for sealing within a second). If fn fails nothing of it
	// remains.
	Update(ctx context.Context, org sextant.Organisation, fn func(WriteTx) error) error
}

// Row is one version of one entry as the store keeps it.
type Row struct {
	N        int64 // surrogate, rising with creation within the installation
	Register string
	Key      string // readable, never reused: AST-14
	Version  int
	Schema   int
	State    string
	From, To sextant.Seq     // the log positions between which this version stood; To == LatestSeq while it stands
	At       sextant.Instant // when this version was recorded
	Created  sextant.Instant // when version 1 was recorded
	Actor    string
	Why      string
	Batch    string // names the bulk edit or import this version belongs to, "" otherwise
	Deleted  bool   // a tombstone
	Erased   bool   // Data was removed, or partly removed, by an erasure

	// The columns every register has, filled from the declaration's roles. They
	// are an index of Data, never another truth. Empty is "", never NULL.
	Title, Owner, Due string
	Score             int64 // fixed point, x1000

	Data []byte // a JSON object with stable field keys
}

// Link is a reference from one entry to another, or to content.
type Link struct {
	FromRegister, FromKey, Field, ToRegister, ToKey string
}

// Tag is one value of a field with few values (state, enumeration, boolean,
// scale, reference, many-valued text), kept apart so that it can be filtered,
// sorted by and counted; "" where the field has none. Fields whose name has a
// ">" are promised lists (Index) and not counted.
type Tag struct{ Field, Value string }

// Change is everything one write of one entry alters. The kernel computes it
// by comparing with the version before; the store writes only what differs.
type Change struct {
	Row      Row    // the new version; N == 0 for a new entry (the store assigns it)
	Previous *Row   // the version it replaces, nil for a new entry
	Links    []Link // all links of the new version; none for a tombstone
	Tags     []Tag  // all tags of the new version
	Unique   []Tag  // values no other entry of the register may hold; a composite is joined by 0x1F
	Search   string // text to be found by full-text search, title apart; "" removes
	// Found says that title and Search are those of the version before: full-text
	// search finds the entry as it did, and the store leaves its index alone.
	Found bool
}

// Op compares in a Condition.
type Op string

// The comparisons.
const (
	Is       Op = "is"       // equals one of Values
	IsNot    Op = "is_not"   // equals none of Values
	Contains Op = "contains" // text contains Values[0], ASCII case folded
	Below    Op = "below"    // < Values[0]
	Above    Op = "above"    // > Values[0]
	AtLeast  Op = "at_least" // >= Values[0]
	AtMost   Op = "at_most"  // <= Values[0]
	Empty    Op = "empty"    // not known
	Filled   Op = "filled"   // known
)

// Column says where a Condition or an order finds its value.
type Column string

// The columns. ColumnTag reads the tag table, ColumnText and ColumnNumber the
// JSON document (no index: for fields that are rarely filtered), the others the
// promoted columns.
const (
	ColumnKey     Column = "key" // ordered by N, so that AST-2 stands before AST-10
	ColumnTitle   Column = "title"
	ColumnState   Column = "state" // a condition; lists and groups find it as tag "state"
	ColumnDue     Column = "due"
	ColumnScore   Column = "score"
	ColumnChanged Column = "changed" // when the version was recorded, µs
	ColumnActor   Column = "actor"
	ColumnTag     Column = "tag"
	ColumnText    Column = "data_text"   // data->>'field' as text
	ColumnNumber  Column = "data_number" // the same as a number
)

// Condition is one filter; several are joined by AND.
type Condition struct {
	Column Column
	Field  string // for tag, data_text and data_number; "state" for the state
	Op     Op
	Values []string
	Single bool // an entry has one value of the field, "" if it is not known
}

// Order sorts a list; the entry's number breaks ties in the same direction.
type Order struct {
	Column     Column // key, title, due, changed, actor, tag (of a field with one value), data_text, data_number
	Field      string // for tag, data_text and data_number
	Descending bool
}

// Query selects entries of one register at one log position.
type Query struct {
	Register   string
	At         sextant.Seq // LatestSeq for now
	Conditions []Condition
	Order      Order  // zero = by key
	After      *Mark  // keyset: continue after this row, nil = from the start
	Limit      int    // rows wanted; 0 is refused
	Search     string // full-text words, all of them; now only
	Deleted    bool   // tombstones instead of what stands; now only
	// Index names kept rows that give exactly the entries of some of the
	// Conditions in this Order. A hint: the answer is the same without.
	Index *Index
}

// Index is a promised list kept as tags: rows of field Name whose value is one
// of Prefixes and then the order's value.
type Index struct {
	Name     string
	Prefixes []string
	Fields   []string // whose conditions the prefixes meet
}

// Mark is the place of a row in an order. It survives inserts and deletes
// around it.
type Mark struct {
	Value string // the sort column's value as text
	N     int64
}

// Record is one line of the journal.
type Record struct {
	Kind string // "entry", "run", "erasure", "checkpoint", "account", …
	Line []byte // the exact bytes that are hashed and kept
	// Register and Key name the entry a line is about, so that an erasure finds
	// its lines. "" where none is.
	Register, Key string
}

// Journalled is a journal line as kept. Line is nil once erased.
type Journalled struct {
	Record
	Seq    sextant.Seq
	At     sextant.Instant
	Erased sextant.Seq // position of the line that records the erasure, 0 while the content stands
}

// Group is one value with the number of entries that have it.
type Group struct {
	Value string
	Count int
}

// ReadTx reads one organisation in one snapshot. Every At may be any position
// of the log; LatestSeq reads the present. Missing things are errors with code
// NotFound.
type ReadTx interface {
	// Head is the newest log position and the moment it was recorded.
	Head() (sextant.Seq, sextant.Instant, error)
	// SeqAt is the newest position recorded at or before the moment, 0 if none.
	SeqAt(sextant.Instant) (sextant.Seq, error)

	// Entry gives the version of an entry that stood at a position. A tombstone
	// is returned (Deleted), an entry created later is NotFound.
	Entry(register, key string, at sextant.Seq) (Row, error)
	// Titles gives the titles of those of the keys that stood at a position,
	// tombstones too.
	Titles(register string, keys []string, at sextant.Seq) (map[string]string, error)
	// Versions gives an entry's versions, newest first, below `before` (0 = all).
	Versions(register, key string, before, limit int) ([]Row, error)
	// List gives rows in order, tombstones left out.
	List(Query) ([]Row, error)
	// Count counts up to limit+1, so that more than limit can be told.
	Count(q Query, limit int) (int, error)
	// Groups counts the entries of a query by the values of a field, most first,
	// at most limit groups. Of a whole register at present, by a tag, it reads
	// counters kept with the writes.
	Groups(q Query, column Column, field string, limit int) ([]Group, error)
	// Values gives the values a tagged field of a register has or ever had, in
	// their order, at most limit.
	Values(register, field string, limit int) ([]string, error)
	// Tagged gives, for each register, the mark its tags were made under.
	Tagged() (map[string]string, error)
	// Links gives what an entry points at; BackLinks who points at it.
	Links(register, key string, at sextant.Seq) ([]Link, error)
	BackLinks(toRegister, toKey string, at sextant.Seq, limit int) ([]Link, error)
	// Holder gives the key of the entry that holds a unique value now, "" if none.
	Holder(register string, unique Tag) (string, error)
	// Find searches the present of several registers, newest first.
	Find(words string, registers []string, limit int) ([]Row, error)
	// Batch lists the entries and versions written under a batch name.
	Batch(name string) ([]Row, error)
	// Journal gives lines from a position on, in order; register and key narrow
	// it to one entry when not "".
	Journal(from sextant.Seq, limit int, register, key string) ([]Journalled, error)
	// Secret gives the sealed bytes kept under a handle.
	Secret(handle string) ([]byte, error)
}

// WriteTx writes in the organisation whose lock is held.
type WriteTx interface {
	ReadTx
	// Now is the moment all of this transaction's lines carry: later than any
	// line before, whatever the clock says.
	Now() sextant.Instant
	// NextSeq is the position the next Append will take.
	NextSeq() sextant.Seq
	// Append journals a line and seals it. It returns the line's position.
	Append(Record) (sextant.Seq, error)
	// NextKey draws the next number of a prefix; numbers are never given twice,
	// even when the entry is deleted.
	NextKey(prefix string) (int, error)
	// SkipKeys makes NextKey continue after n, for entries imported with their key.
	SkipKeys(prefix string, n int) error
	// Foresee names entries of a register that are read and written next, a few
	// hundred at a time. It changes no answer: the store may read them in one go.
	Foresee(register string, keys []string) error
	// Write stores a change. It fails with Conflict when the entry is not at
	// Previous.Version any more or a unique value is taken (the message names
	// the holder's key).
	Write(Change) error
	// Erase puts what remains of one version in its place: schema, data, title,
	// owner, due, score and reason, and marks it erased. The kernel erases the
	// journal line, the side tables and the search text by the calls below.
	Erase(remains Row) error
	// EraseFields removes every link and unique value of fields of an entry,
	// present and past. Tags follow by Retag.
	EraseFields(register, key string, fields []string) error
	// Cited says whether any version of any entry still names a file.
	Cited(sha256 string) (bool, error)
	// Retag makes the tags of a register's entries, or of one (key not ""), from
	// all their versions anew, present and past. mark is kept for Tagged.
	Retag(register, key, mark string, tags func(Row) ([]Tag, error)) error
	// EraseLine removes one journal line's bytes and salt.
	EraseLine(seq, by sextant.Seq) error
	// Index replaces what full-text search finds of an entry; for rebuilding the
	// index after a restore.
	Index(register, key, text string) error
	// PutSecret keeps sealed bytes under a handle; nil removes them.
	PutSecret(handle string, sealed []byte) error
}
