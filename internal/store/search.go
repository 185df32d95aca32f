// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sextant"
	"sextant/register"
)

// words cuts what a person typed into words; nothing of it can be syntax.
func words(text string) []string {
	const most = 20
	list := cut(text)
	return list[:min(len(list), most)]
}

func cut(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// plainly writes a text in the words a search is cut into, without accents, as
// SQLite's own index does it. PostgreSQL would take an address, a host or a key
// for one word, and find none of its parts.
func plainly(text string) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text))
	return strings.Join(cut(bare), " ")
}

// scope are the tokens that keep an organisation, and each of its registers,
// apart in the index.
func scope(org sextant.Organisation, kind string) string {
	if kind == "" {
		return "o" + org.String()
	}
	return "o" + org.String() + "k" + strings.ReplaceAll(kind, "_", "")
}

// mostExpanded is how many words of the index one typed word may stand for
// before the index is asked for "all that begin so", which reads them all
// before it gives the first.
const mostExpanded = 12

// match writes the words in the index's language: every word, and every word
// that begins with it. SQLite gives rows one by one for words it can name.
func (t *transaction) match(list []string) (string, error) {
	parts := make([]string, len(list))
	for i, word := range list {
		if t.dialect.isPostgres() {
			parts[i] = "'" + strings.ReplaceAll(plainly(word), " ", "") + "':*"
			continue
		}
		known, err := t.beginning(word)
		if err != nil {
			return "", err
		}
		if parts[i] = `"` + word + `"*`; len(known) > 0 && len(known) <= mostExpanded {
			parts[i] = `("` + strings.Join(known, `" OR "`) + `")`
		}
	}
	if t.dialect.isPostgres() {
		return strings.Join(parts, " & "), nil
	}
	return "(" + strings.Join(parts, " AND ") + ")", nil
}

// beginning gives the words of the index that begin so, one more than
// mostExpanded at most.
func (t *transaction) beginning(word string) (known []string, err error) {
	from := word
	for len(known) <= mostExpanded {
		var next string
		rows, err := t.ask(`SELECT term FROM entry_word WHERE term >= $1 LIMIT 1`, from) // words only: whose they are the match tells
		found, err := one(rows, err, &next)
		if err != nil || !found || !strings.HasPrefix(next, word) {
			return known, err
		}
		known, from = append(known, next), next+"\x01" // ">" would walk every place the word stands at
	}
	return known, nil
}

// leadSearch begins a branch with the entries that hold all words.
func (t *transaction) leadSearch(s *statement, q register.Query, src source) (branch, error) {
	if len(src.search) == 0 {
		return branch{from: s.table(), where: []string{s.entry(), "1=0"}, value: orderValue(s, q.Order), n: "e.n"}, nil
	}
	text, err := t.match(src.search)
	if err != nil {
		return branch{}, err
	}
	b := branch{from: "entry_search f CROSS JOIN entry e", value: orderValue(s, q.Order), n: "f.rowid"}
	if s.pg {
		b.n = "f.n"
		b.where = []string{"f.org=$1 AND f.register=" + s.kind + " AND f.words @@ to_tsquery('simple', " + s.bind(text) + ")"}
	} else {
		b.where = []string{"f.entry_search MATCH " + s.bind("scope:"+scope(t.org, q.Register)+" AND {title body}: "+text)}
	}
	b.where = append(b.where, "e.n="+b.n, s.entry())
	return b, nil
}

// fewRegisters are named to the index; more are told apart by the entries.
const fewRegisters = 3

// Find implements register.ReadTx.
func (t *transaction) Find(text string, registers []string, limit int) ([]register.Row, error) {
	list := words(text)
	if len(list) == 0 || len(registers) == 0 {
		return nil, nil
	}
	match, err := t.match(list)
	if err != nil {
		return nil, err
	}
	s := t.statement(registers[0], sextant.LatestSeq)
	where, n := "f.org=$1 AND f.words @@ to_tsquery('simple', %s)", "f.n"
	if !s.pg {
		match = "(" + t.scopes(registers) + ") AND {title body}: " + match
		where, n = "f.entry_search MATCH %s", "f.rowid"
	}
	where = fmt.Sprintf(where, s.bind(match))
	return t.rows("SELECT "+s.selected()+" FROM entry_search f CROSS JOIN entry e WHERE "+where+" AND e.n="+n+" AND e.org=$1 AND e.deleted=0 AND "+
		oneOf("e.register", append([]string{s.kind}, s.bindAll(registers[1:])...))+" ORDER BY "+n+" DESC LIMIT "+s.bind(limit), s.args...)
}

func (t *transaction) scopes(registers []string) string {
	if len(registers) > fewRegisters {
		return "scope:" + scope(t.org, "")
	}
	tokens := make([]string, len(registers))
	for i, kind := range registers {
		tokens[i] = "scope:" + scope(t.org, kind)
	}
	return strings.Join(tokens, " OR ")
}

// index keeps what can be found about an entry.
func (t *transaction) index(row register.Row, text string, fresh bool) error {
	if t.dialect.isPostgres() {
		if text == "" {
			return t.exec(`DELETE FROM entry_search WHERE org=$1 AND n=$2`, row.N)
		}
		return t.exec(`INSERT INTO entry_search (org, n, register, words) VALUES ($1,$2,$3, setweight(to_tsvector('simple', CAST($4 AS TEXT)),'A') || to_tsvector('simple', CAST($5 AS TEXT)))
			ON CONFLICT (n) DO UPDATE SET words=excluded.words`, row.N, row.Register, plainly(row.Title), plainly(text))
	}
	if !fresh {
		if err := t.run(`DELETE FROM entry_search WHERE rowid=$1`, row.N); err != nil { // numbers are the installation's
			return err
		}
	}
	if text == "" {
		return nil
	}
	return t.run(`INSERT INTO entry_search (rowid, scope, title, body) VALUES ($1,$2,$3,$4)`, row.N, scope(t.org, "")+" "+scope(t.org, row.Register), row.Title, text)
}
