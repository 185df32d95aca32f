// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strings"
	"unicode"

	"sextant"
	"sextant/register"
)

// words cuts what a person typed into words; nothing of it can be syntax.
func words(text string) []string {
	const most = 20
	list := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	return list[:min(len(list), most)]
}

// scope is the token that keeps an organisation's register apart in the index.
func scope(org sextant.Organisation, kind string) string {
	return "o" + org.String() + "k" + strings.ReplaceAll(kind, "_", "")
}

// match writes the words in the index's language: every word, as a prefix.
func (s *statement) match(list []string) string {
	var parts []string
	for _, word := range list {
		if s.pg {
			parts = append(parts, "'"+word+"':*")
		} else {
			parts = append(parts, `"`+word+`"*`)
		}
	}
	if s.pg {
		return strings.Join(parts, " & ")
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

// search narrows a list to the entries that hold all words.
func (s *statement) search(org sextant.Organisation, kind, text string) {
	list := words(text)
	if len(list) == 0 {
		s.and("1=0")
		return
	}
	if s.pg {
		s.and("e.n IN (SELECT f.n FROM entry_search f WHERE f.org=$1 AND f.register=%s AND f.words @@ to_tsquery('simple', %s))", s.bind(kind), s.bind(s.match(list)))
		return
	}
	s.and("e.n IN (SELECT f.rowid FROM entry_search f WHERE f.entry_search MATCH %s)", s.bind("scope:"+scope(org, kind)+" AND {title body}: "+s.match(list)))
}

// Find implements register.ReadTx.
func (t *transaction) Find(text string, registers []string, limit int) ([]register.Row, error) {
	if len(words(text)) == 0 || len(registers) == 0 {
		return nil, nil
	}
	s := &statement{pg: t.dialect.isPostgres(), at: sextant.LatestSeq}
	s.and("e.org=$1 AND e.deleted=0")
	if s.pg {
		s.and("e.n IN (SELECT f.n FROM entry_search f WHERE f.org=$1 AND f.words @@ to_tsquery('simple', %s))", s.bind(s.match(words(text))))
	} else {
		var scopes []string
		for _, kind := range registers {
			scopes = append(scopes, "scope:"+scope(t.org, kind))
		}
		s.and("e.n IN (SELECT f.rowid FROM entry_search f WHERE f.entry_search MATCH %s ORDER BY f.rowid DESC LIMIT %s)",
			s.bind("("+strings.Join(scopes, " OR ")+") AND {title body}: "+s.match(words(text))), s.bind(limit))
	}
	var marks []string
	for _, kind := range registers {
		marks = append(marks, s.bind(kind))
	}
	s.and("e.register IN (%s)", strings.Join(marks, ","))
	selected := "e." + strings.ReplaceAll(common, ", ", ", e.") + ", 4611686018427387904"
	where := s.text()
	return t.rows("SELECT "+selected+where+" ORDER BY e.n DESC LIMIT "+s.bind(limit), s.args...)
}

// index keeps what can be found about an entry.
func (t *transaction) index(row register.Row, text string, fresh bool) error {
	if t.dialect.isPostgres() {
		if text == "" {
			return t.exec(`DELETE FROM entry_search WHERE org=$1 AND n=$2`, row.N)
		}
		return t.exec(`INSERT INTO entry_search (org, n, register, words) VALUES ($1,$2,$3, setweight(to_tsvector('simple', CAST($4 AS TEXT)),'A') || to_tsvector('simple', CAST($5 AS TEXT)))
			ON CONFLICT (n) DO UPDATE SET words=excluded.words`, row.N, row.Register, row.Title, text)
	}
	if !fresh {
		if _, err := t.tx.ExecContext(t.ctx, `DELETE FROM entry_search WHERE rowid=$1`, row.N); err != nil {
			return unavailable(err, "write")
		}
	}
	if text == "" {
		return nil
	}
	_, err := t.tx.ExecContext(t.ctx, `INSERT INTO entry_search (rowid, scope, title, body) VALUES ($1,$2,$3,$4)`, row.N, scope(t.org, row.Register), row.Title, text)
	return unavailable(err, "write")
}
