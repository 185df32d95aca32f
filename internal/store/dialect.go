// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"strings"
)

// dialect is the little in which the two databases differ. Everything else is
// one SQL text.
type dialect struct {
	name   string
	types  *strings.Replacer // of the schema
	search string            // schema of the full-text index
	words  string            // its second form: beginnings of two and three letters, and the words it knows
}

var sqlite = dialect{
	name:   "sqlite",
	types:  strings.NewReplacer("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY", "BIGINT", "INTEGER", "JSONB", "TEXT", "BYTEA", "BLOB"),
	search: `CREATE VIRTUAL TABLE entry_search USING fts5(scope, title, body, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2");`,
	words: `DROP TABLE entry_search;
CREATE VIRTUAL TABLE entry_search USING fts5(scope, title, body, content='', contentless_delete=1, prefix='2 3', tokenize="unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE entry_word USING fts5vocab('entry_search', 'instance');`,
}

var postgres = dialect{
	name:  "postgres",
	types: strings.NewReplacer("TEXT NOT NULL", `TEXT COLLATE "C" NOT NULL`, " WITHOUT ROWID", "", "/* INCLUDE (to_seq) */", "INCLUDE (to_seq)"),
	// Beside row-level security on purpose: under a policy the index would not be
	// used (its operators are not leakproof). Joined to entry, which is under it.
	search: `CREATE TABLE entry_search (n BIGINT PRIMARY KEY, org BIGINT NOT NULL, register TEXT NOT NULL, words TSVECTOR NOT NULL);
CREATE INDEX entry_search_words ON entry_search USING gin (words);`,
}

// among is the condition for one of many texts, as one parameter: the text of
// the statement does not depend on how many there are.
func (d dialect) among(expr string, texts []string) (where string, value any) {
	if d.isPostgres() {
		return expr + " = ANY(%s)", texts
	}
	data, _ := json.Marshal(texts) // texts always have a form
	return expr + " IN (SELECT value FROM json_each(%s))", string(data)
}

func (d dialect) isPostgres() bool { return d.name == "postgres" }
