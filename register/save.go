// SPDX-License-Identifier: Apache-2.0

package register

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
)

// line is what the journal keeps and the ledger seals of one version. Its bytes
// are hashed as stored and never made again from the database.
type line struct {
	At       sextant.Instant `json:"at"`
	Actor    string          `json:"actor"`
	Method   string          `json:"authentication"`
	Verb     string          `json:"verb"`
	Register string          `json:"register"`
	Key      string          `json:"key"`
	Version  int             `json:"version"`
	Schema   int             `json:"schema"`
	State    string          `json:"state"`
	Why      string          `json:"why,omitempty"`
	Batch    string          `json:"batch,omitempty"`
	Decision Decision        `json:"decision,omitempty"`
	Deleted  bool            `json:"deleted,omitempty"`
	Data     json.RawMessage `json:"data"`
}

// save checks one version against every rule and writes it: version row, links,
// tags, uniqueness, search, journal, ledger.
func (tx *Tx) save(d draft) (Entry, error) {
	if !d.delete {
		if err := tx.deriveAndCheck(d); err != nil {
			return Entry{}, err
		}
	}
	if err := tx.sealSecrets(&d); err != nil {
		return Entry{}, err
	}
	change, err := tx.change(d)
	if err != nil {
		return Entry{}, err
	}
	if err := tx.journal(&change, d); err != nil {
		return Entry{}, err
	}
	tx.written[d.def.Name] = true
	if err := tx.w.Write(change); err != nil {
		return Entry{}, err
	}
	e, err := d.def.entry(change.Row)
	if err != nil {
		return Entry{}, err
	}
	tx.noteChange(d, e)
	delete(tx.titles, e.Key)
	if d.delete {
		delete(tx.standing, e.Key)
	}
	if e, err = tx.follow(e); err != nil {
		return Entry{}, err
	}
	return tx.visible(e), nil
}

// follow has written what follows from a write; where that changed the entry
// itself, its newest version is given.
func (tx *Tx) follow(written Entry) (Entry, error) {
	follows := written.Register.Follows
	if follows == nil {
		follows = tx.kernel.config.Follows[written.Register.Name]
	}
	if follows == nil {
		return written, nil
	}
	program := *tx
	program.actor = access.SystemActor(tx.actor.Organisation, "follows "+written.Key)
	if err := follows(&program, written); err != nil || written.Deleted {
		return written, err
	}
	return tx.Lookup(written.Register.Name, written.Key)
}

func (tx *Tx) deriveAndCheck(d draft) error {
	if d.def.Derive != nil {
		if err := d.def.Derive(&tx.View, d.doc); err != nil {
			return err
		}
	}
	return tx.check(d)
}

// check applies the declaration's rules and the register's own.
func (tx *Tx) check(d draft) error {
	if err := d.def.checkKnown(d.doc); err != nil {
		return err
	}
	var refused []sextant.Error
	for _, f := range d.def.Fields {
		if f.Required && d.doc[f.Key] == nil {
			refused = append(refused, *f.refuse("%s is needed", f.Label))
		}
		if err := tx.checkReferences(d, f); err != nil {
			refused = append(refused, asRefusal(err, f.Key))
		}
	}
	if err := refusals(refused); err != nil {
		return err
	}
	if d.before == nil {
		if err := tx.checkNew(d); err != nil {
			return err
		}
	}
	if err := tx.checkUnique(d); err != nil {
		return err
	}
	if d.def.validate == nil {
		return nil
	}
	now := Entry{Register: d.def, Key: d.key, State: d.state, Doc: d.doc}
	return d.def.validate(&tx.View, now, d.before)
}

func (tx *Tx) checkNew(d draft) error {
	if d.def.Singleton {
		if n, err := tx.CountOf(d.def.Name); err != nil || n > 0 {
			if err != nil {
				return err
			}
			return sextant.Errorf(sextant.Conflict, "there can be one %s only", d.def.Title)
		}
	}
	return tx.parentNotFrozen(d.def, d.doc)
}

// checkReferences makes sure every new reference points at something that is
// there. References that stood before are left alone: their targets may have
// been deleted since under the keep policy.
func (tx *Tx) checkReferences(d draft, f Field) error {
	if !f.IsReference() {
		return nil
	}
	var old []string
	if d.before != nil {
		old = d.before.Doc.Strings(f.Key)
	}
	for _, key := range d.doc.Strings(f.Key) {
		if slices.Contains(old, key) {
			continue
		}
		if err := tx.checkReference(d, f, key); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) checkReference(d draft, f Field, key string) error {
	if !keyForm.MatchString(key) {
		_, ok, err := tx.kernel.set.contentIn(&tx.View, f.To, key)
		if err == nil && !ok {
			err = f.refuse("there is no %s %q", f.To, key)
		}
		return err
	}
	def, ok := tx.kernel.set.OfKey(key)
	if !ok || (f.To != "any" && def.Name != f.To) {
		return f.refuse("%s is no %s", key, f.To)
	}
	if key == d.key && d.before == nil {
		return f.refuse("an entry cannot point at itself")
	}
	if tx.standing[key] {
		return nil
	}
	if row, err := tx.tx.Entry(def.Name, key, sextant.LatestSeq); err != nil || row.Deleted {
		if err != nil && sextant.CodeOf(err) != sextant.NotFound {
			return err
		}
		return f.refuse("there is no %s %s", def.Title, key)
	}
	if tx.standing != nil {
		tx.standing[key] = true
	}
	return nil
}

// uniqueSeparator joins the values of a composite uniqueness rule.
const uniqueSeparator = "\x1f"

func uniques(d draft) []Tag {
	if d.delete {
		return nil
	}
	var tags []Tag
	for _, f := range d.def.Fields {
		if f.Unique {
			for _, value := range d.doc.Strings(f.Key) {
				tags = append(tags, Tag{f.Key, uniqueForm(value)})
			}
		}
	}
	for _, set := range d.def.Unique {
		values := make([]string, len(set))
		for i, key := range set {
			values[i] = d.doc.Text(key)
		}
		tags = append(tags, Tag{strings.Join(set, "+"), uniqueForm(strings.Join(values, uniqueSeparator))})
	}
	return tags
}

// checkUnique asks who holds each value the version before did not have.
func (tx *Tx) checkUnique(d draft) error {
	var held []Tag
	if d.before != nil {
		held = uniques(draft{def: d.def, doc: d.before.Doc})
	}
	for _, tag := range uniques(d) {
		if slices.Contains(held, tag) {
			continue
		}
		holder, err := tx.w.Holder(d.def.Name, tag)
		if err != nil {
			return err
		}
		if holder != "" && holder != d.key {
			first, _, _ := strings.Cut(tag.Field, "+")
			return sextant.Errorf(sextant.Conflict, "%s has this value already", holder).At(first).WithHint("open %s, or choose another value", holder)
		}
	}
	return nil
}

// change computes the row and its side tables.
func (tx *Tx) change(d draft) (Change, error) {
	data, err := d.doc.encode()
	if err != nil {
		return Change{}, err
	}
	row := Row{
		Register: d.def.Name, Key: d.key, Version: 1, Schema: d.def.Schema, State: d.state,
		From: tx.w.NextSeq(), To: sextant.LatestSeq, At: tx.w.Now(), Created: tx.w.Now(),
		Actor: tx.actor.Name, Why: d.note.Why, Batch: d.note.Batch, Deleted: d.delete, Data: data,
	}
	change := Change{Unique: uniques(d)}
	if d.before != nil {
		previous := d.before.row
		row.N, row.Version, row.Created = previous.N, previous.Version+1, previous.Created
		change.Previous = &previous
	}
	fillColumns(d, &row)
	change.Row = row
	if !d.delete {
		change.Links, change.Tags, change.Search = tx.sideTables(d)
		change.Found = d.before != nil && row.Title == change.Previous.Title && change.Search == d.def.searchText(d.key, d.before.Doc)
	}
	return change, nil
}

func fillColumns(d draft, row *Row) {
	for _, f := range d.def.Fields {
		switch value := d.doc[f.Key]; {
		case f.IsTitle:
			row.Title = clip(valueText(value))
		case f.IsOwner:
			row.Owner = first(valueStrings(value))
		case f.IsDue:
			row.Due = valueText(value)
		case f.IsScore:
			row.Score = score(value)
		}
	}
}

func (tx *Tx) sideTables(d draft) (links []Link, tags []Tag, search string) {
	for _, f := range d.def.Fields {
		if !f.IsReference() {
			continue
		}
		for _, value := range d.doc.Strings(f.Key) {
			links = append(links, Link{d.def.Name, d.key, f.Key, tx.targetRegister(f, value), value})
		}
	}
	return links, d.def.tags(d.state, d.doc), d.def.searchText(d.key, d.doc)
}

// searchText is what full-text search finds an entry by, its title apart.
func (def *Definition) searchText(key string, doc Doc) string {
	var words []string
	for _, f := range def.Fields {
		if f.isSearched() && !f.IsTitle {
			words = append(words, doc.Strings(f.Key)...)
		}
	}
	return strings.Join(append(words, key), "\n")
}

// tags are the rows by which lists find an entry.
func (def *Definition) tags(state string, doc Doc) []Tag {
	tags := []Tag{{"state", state}}
	add := func(tag Tag) {
		if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	for _, f := range def.Fields {
		if !f.isTagged() {
			continue
		}
		for _, value := range filterTexts(f.Key, "", doc) {
			add(Tag{f.Key, value})
		}
	}
	for _, tag := range def.shapeTags(state, doc) {
		add(tag)
	}
	return tags
}

func (tx *Tx) targetRegister(f Field, key string) string {
	if def, ok := tx.kernel.set.OfKey(key); ok && keyForm.MatchString(key) {
		return def.Name
	}
	return f.To
}

func (tx *Tx) journal(change *Change, d draft) error {
	row := &change.Row
	bytes, err := json.Marshal(line{
		At: row.At, Actor: row.Actor, Method: string(tx.actor.Proof.Method), Verb: d.verb,
		Register: row.Register, Key: row.Key, Version: row.Version, Schema: row.Schema, State: row.State,
		Why: row.Why, Batch: row.Batch, Decision: d.sign, Deleted: row.Deleted, Data: row.Data,
	})
	if err != nil {
		return fmt.Errorf("journal line: %w", err)
	}
	seq, err := tx.w.Append(Record{Kind: "entry", Line: bytes, Register: row.Register, Key: row.Key})
	if err != nil {
		return err
	}
	row.From = seq
	return nil
}

// longestIndexed keeps index rows well below PostgreSQL's limit of 2,704 bytes
// for any text.
const longestIndexed = 200

// clip shortens a title for the promoted column; the document keeps all of it.
func clip(text string) string {
	if r := []rune(text); len(r) > longestIndexed {
		return string(r[:longestIndexed-1]) + "…"
	}
	return text
}

// uniqueForm folds case and, for long values, stands for them by their hash.
func uniqueForm(value string) string {
	value = strings.ToLower(value)
	if len(value) <= longestIndexed {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func joined(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	const most = 10
	if len(words) > most {
		return strings.Join(words[:most], ", ") + fmt.Sprintf(" and %d more", len(words)-most)
	}
	return strings.Join(words, ", ")
}
