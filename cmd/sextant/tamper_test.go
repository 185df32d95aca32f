// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sextant"
	"sextant/internal/terminal"
	"sextant/internal/testserver"
	"sextant/ledger"
	"sextant/register"
)

// intruder has the database of a running log open behind the program's back.
type intruder struct {
	*testing.T
	p     *program
	db    *sql.DB
	kind  string // "sqlite" or "pgx"
	last  int64  // lines of the log
	asset int64  // the line of AST-1's first version
	older string // file with a checkpoint that was kept elsewhere
}

// kept are the tables an intruder may change; they are put back after each try.
var kept = []string{"head", "tree", "tree_hash", "journal", "checkpoint", "entry", "entry_version"}

func intrude(t *testing.T, p *program, kind, source string) *intruder {
	t.Helper()
	p.shell = terminal.Here{}
	operator := settled(t, p)
	ctx := context.Background()
	signed, err := p.prover.Checkpoint(ctx, operator.Organisation)
	if err != nil {
		t.Fatal(err)
	}
	i := &intruder{T: t, p: p, kind: kind, older: filepath.Join(t.TempDir(), "older")}
	if err := os.WriteFile(i.older, signed, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.kernel.Write(ctx, operator, func(tx *register.Tx) error {
		_, err := tx.Edit("asset", "AST-1", 0, map[string]any{"title": "Order database, renamed"}, register.Note{Why: "two lines after the checkpoint"})
		if err == nil {
			_, err = tx.Create("asset", map[string]any{"title": "Notebook", "type": "device", "scope_units": []any{"SU-1"}}, register.Note{})
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := p.store.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	if i.db, err = sql.Open(kind, source); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.db.Close() })
	i.one(`SELECT max(seq) FROM journal`, &i.last)
	i.one(`SELECT from_seq FROM entry_version WHERE key='AST-1' AND version=1`, &i.asset)
	for _, table := range kept {
		i.exec(`CREATE TABLE kept_` + table + ` AS SELECT * FROM ` + table)
	}
	return i
}

// exec runs statements; @ stands for the line of AST-1's first version.
func (i *intruder) exec(statements ...string) {
	i.Helper()
	for _, s := range statements {
		if _, err := i.db.Exec(strings.ReplaceAll(s, "@", fmt.Sprint(i.asset))); err != nil {
			i.Fatalf("%s: %v", s, err)
		}
	}
}

func (i *intruder) one(query string, into ...any) {
	i.Helper()
	if err := i.db.QueryRow(query).Scan(into...); err != nil {
		i.Fatalf("%s: %v", query, err)
	}
}

func (i *intruder) putBack() {
	i.Helper()
	for _, table := range kept {
		i.exec(`DELETE FROM `+table, `INSERT INTO `+table+` SELECT * FROM kept_`+table)
	}
}

// verify runs `sextant verify` on the folder or database.
func (i *intruder) verify(args ...string) (code int, said string) {
	i.Helper()
	var out bytes.Buffer
	i.p.stdout, i.p.stderr = &out, &out
	flags := []string{"--data", i.p.data, "--key-file", i.p.keyFile, "--database-url", i.p.databaseURL, "--database-owner-url", i.p.ownerURL, "verify"}
	return i.p.execute(context.Background(), append(flags, args...)), out.String()
}

func (i *intruder) line(seq int64) (content []byte, salt ledger.Salt) {
	i.Helper()
	var raw []byte
	if err := i.db.QueryRow(`SELECT line, salt FROM journal WHERE seq=$1`, seq).Scan(&content, &raw); err != nil {
		i.Fatal(err)
	}
	return content, ledger.Salt(raw)
}

// edit changes what a line says; anew commits to it as the program would.
func (i *intruder) edit(seq int64, anew bool) {
	i.Helper()
	content, salt := i.line(seq)
	content = bytes.Replace(content, []byte("Order"), []byte("Other"), 1)
	set := func(column string, value []byte) {
		if _, err := i.db.Exec(`UPDATE journal SET `+column+`=$1 WHERE seq=$2`, value, seq); err != nil {
			i.Fatal(err)
		}
	}
	set("line", content)
	if commitment := ledger.Commit(salt, content); anew {
		set("commitment", commitment[:])
	}
}

// reseal builds tree and kept hashes anew over what the journal says now, as far
// as it goes, and takes the kept checkpoints away: a complete rewrite.
func (i *intruder) reseal() {
	i.Helper()
	var log string
	i.one(`SELECT log_id FROM organisation`, &log)
	i.exec(`DELETE FROM tree_hash`, `DELETE FROM checkpoint`)
	var tree ledger.Frontier
	var hashes []ledger.Hash
	rows, err := i.db.Query(`SELECT seq, kind, commitment FROM journal ORDER BY seq`)
	if err != nil {
		i.Fatal(err)
	}
	for rows.Next() {
		var seq sextant.Seq
		var kind string
		var commitment []byte
		if err := rows.Scan(&seq, &kind, &commitment); err != nil {
			i.Fatal(err)
		}
		hashes = append(hashes, tree.Append(ledger.Leaf(log, seq, kind, ledger.Hash(commitment)))...)
	}
	rows.Close()
	for n, h := range hashes {
		if _, err := i.db.Exec(`INSERT INTO tree_hash (org, idx, hash) VALUES (1,$1,$2)`, n, h[:]); err != nil {
			i.Fatal(err)
		}
	}
	if _, err := i.db.Exec(`UPDATE tree SET size=$1, edge=$2`, tree.Size, tree.Bytes()); err != nil {
		i.Fatal(err)
	}
	i.exec(fmt.Sprintf(`UPDATE head SET seq=%d`, tree.Size))
}

// blob gives the path of the one file there is.
func (i *intruder) blob() (path string) {
	i.Helper()
	if err := filepath.WalkDir(filepath.Join(i.p.data, "files"), func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			path = p
		}
		return err
	}); err != nil || path == "" {
		i.Fatal("no file", err)
	}
	return path
}

// insertBehind copies a line to the place behind it and moves the rest on.
func (i *intruder) insertBehind() {
	i.exec(`UPDATE journal SET seq=-(seq+1) WHERE seq>@`, `UPDATE journal SET seq=-seq WHERE seq<0`,
		`INSERT INTO journal (org, seq, at, kind, register, key, line, salt, commitment, erased) SELECT org, seq+1, at, kind, register, key, line, salt, commitment, erased FROM journal WHERE seq=@`,
		`UPDATE head SET seq=seq+1`)
}

// data sets a field of stored JSON on either store.
func (i *intruder) data(table, where string) {
	set := `json_set(data, '$.title', 'Forged')`
	if i.kind == "pgx" {
		set = `jsonb_set(data, '{title}', '"Forged"')`
	}
	i.exec(`UPDATE ` + table + ` SET data=` + set + ` WHERE ` + where)
}

// intrusions are what somebody with the database can do, with what verify must
// say. @ in it stands for the line concerned.
var intrusions = []struct {
	name string
	do   func(*intruder)
	says string
}{
	{"a deleted row", func(i *intruder) { i.exec(`DELETE FROM journal WHERE seq=@`) }, `line \d+: it stands where line @ should be`},
	{"an edited row", func(i *intruder) { i.edit(i.asset, false) }, `line @: its content is not what was committed to`},
	{"an edited row, committed to anew", func(i *intruder) { i.edit(i.asset, true) }, `line @: it is not the line that was sealed here`},
	{"an edited row after the last checkpoint, committed to anew", func(i *intruder) { i.edit(i.last-1, true) }, `the tree kept here: the first \d+ lines are not those that were sealed`},
	{"a row of another kind", func(i *intruder) { i.exec(`UPDATE journal SET kind='note' WHERE seq=@`) }, `line @: it is not the line that was sealed here`},
	{"reordered rows", func(i *intruder) {
		i.exec(`UPDATE journal SET seq=-1 WHERE seq=@`, `UPDATE journal SET seq=@ WHERE seq=@+1`, `UPDATE journal SET seq=@+1 WHERE seq=-1`)
	}, `line @: it is not the line that was sealed here`},
	{"an inserted row", (*intruder).insertBehind, `line \d+: it is not the line that was sealed here`},
	{"a row behind the end", func(i *intruder) {
		i.exec(`INSERT INTO journal (org, seq, at, kind, register, key, line, salt, commitment, erased) SELECT org, (SELECT max(seq)+1 FROM journal), at, kind, register, key, line, salt, commitment, erased FROM journal WHERE seq=@`)
	}, `the journal goes on behind its end`},
	{"rows cut off at the end", func(i *intruder) { i.exec(fmt.Sprintf(`DELETE FROM journal WHERE seq>%d`, i.last-2)) }, `the tree kept here: it is over \d+ lines and the log has \d+: lines at the end are missing`},
	{"content removed as if erased", func(i *intruder) { i.exec(`UPDATE journal SET line=NULL, salt=NULL, erased=@+1 WHERE seq=@`) }, `line @: its content was removed and no sealed erasure names it`},
	{"a tree cut short", func(i *intruder) { i.exec(`UPDATE tree SET edge=substr(edge, 1, 7)`) }, `the tree kept here: 7 bytes are no right edge`},
	{"a tree without its last hashes", func(i *intruder) { i.exec(`DELETE FROM tree_hash WHERE idx>3`) }, `line 4: it is not the line that was sealed here: its hash in the tree is another, or is missing`},
	{"a tree of another size", func(i *intruder) { i.exec(`UPDATE head SET seq=seq-1`) }, `the tree kept here: it is over \d+ lines`},
	{"an edited checkpoint", func(i *intruder) { i.exec(`UPDATE checkpoint SET note=replace(note, 'sextant/org-', 'sextant/org_')`) }, `checkpoint over \d+ lines: `},
	{"a version that says other", func(i *intruder) { i.data("entry_version", "from_seq=@") }, `line @: AST-1: the version says other than its sealed line`},
	{"a version of another state", func(i *intruder) { i.exec(`UPDATE entry_version SET state='retired' WHERE from_seq=@`) }, `line @: AST-1: the version says other`},
	{"a version by another person", func(i *intruder) { i.exec(`UPDATE entry_version SET actor='person:PER-1' WHERE from_seq=@`) }, `line @: AST-1: the version says other`},
	{"a version of another day", func(i *intruder) { i.exec(`UPDATE entry_version SET at=at-86400000000 WHERE from_seq=@`) }, `line @: AST-1: the version says other`},
	{"a changed version that says it was erased", func(i *intruder) {
		i.data("entry_version", "from_seq=@")
		i.exec(`UPDATE entry_version SET erased=1 WHERE from_seq=@`)
	}, `line @: AST-1: the version says other`},
	{"a missing version", func(i *intruder) { i.exec(`DELETE FROM entry_version WHERE from_seq=@`) }, `line @: the version it sealed is missing`},
	{"a version that was never sealed", func(i *intruder) {
		i.exec(`UPDATE entry_version SET from_seq=2, register='asset', key='AST-7' WHERE from_seq=@`)
	}, `line 2: AST-7: a version has no sealed line|line 2: AST-7: the version says other`},
	{"an interval moved", func(i *intruder) { i.exec(`UPDATE entry_version SET to_seq=to_seq-1 WHERE from_seq=@`) }, `line @: AST-1: a version does not end where the next one begins`},
	{"an edited present entry", func(i *intruder) { i.data("entry", "key='AST-1'") }, `AST-1: the present entry is not its newest version`},
	{"a missing present entry", func(i *intruder) { i.exec(`DELETE FROM entry WHERE key='AST-1'`) }, `AST-1: a version that stands has no present entry`},
}

func intrusionsAreNamed(t *testing.T, i *intruder) {
	if code, said := i.verify("--checkpoint", i.older); code != exitOK || !strings.Contains(said, "VERIFIED") {
		t.Fatalf("untouched: %d %s", code, said)
	}
	for _, c := range intrusions {
		t.Run(c.name, func(t *testing.T) {
			here := *i
			here.T = t
			defer here.putBack()
			c.do(&here)
			says := regexp.MustCompile(strings.ReplaceAll(c.says, "@", fmt.Sprint(i.asset)))
			if code, said := here.verify(); code != exitFindings || !says.MatchString(said) || !strings.Contains(said, "FAILED") {
				t.Errorf("exit %d, want %d and %q:\n%s", code, exitFindings, says, said)
			}
		})
	}
	t.Run("a complete rewrite", func(t *testing.T) {
		i.T = t
		defer i.putBack()
		i.edit(i.asset, true)
		content, _ := i.line(i.asset)
		before, after, _ := bytes.Cut(content, []byte(`"data":`))
		if len(before) == 0 {
			t.Fatalf("no data in %s", content)
		}
		if _, err := i.db.Exec(`UPDATE entry_version SET data=CAST($1 AS `+map[string]string{"pgx": "jsonb", "sqlite": "text"}[i.kind]+`) WHERE from_seq=$2`, string(after[:len(after)-1]), i.asset); err != nil {
			t.Fatal(err)
		}
		i.reseal()
		if code, said := i.verify(); code != exitOK {
			t.Errorf("whoever has the key and the database can make it agree with itself, but: %s", said)
		}
		if code, said := i.verify("--checkpoint", i.older); code != exitFindings || !strings.Contains(said, "the checkpoint you gave: the first") {
			t.Errorf("the older checkpoint does not catch it: %d %s", code, said)
		}
	})
	t.Run("a tree cut back with its log", func(t *testing.T) {
		i.T = t
		defer i.putBack()
		i.exec(`DELETE FROM journal WHERE seq>4`, `DELETE FROM entry_version WHERE from_seq>4`, `DELETE FROM entry WHERE from_seq>4`, `UPDATE entry_version SET to_seq=4611686018427387904`)
		i.exec(`DELETE FROM entry`, `INSERT INTO entry (org, register, key, version, n, schema_no, from_seq, at, created, actor, why, batch, deleted, erased, title, state, owner, due, score, data)
			SELECT org, register, key, version, n, schema_no, from_seq, at, created, actor, why, batch, deleted, erased, title, state, owner, due, score, data FROM entry_version`)
		i.reseal()
		if code, said := i.verify("--checkpoint", i.older); code != exitFindings || !strings.Contains(said, "the checkpoint you gave: it is over") {
			t.Errorf("the older checkpoint does not catch it: %d %s", code, said)
		}
	})
	filesAreNamed(t, i)
}

// filesAreNamed: a byte of a kept file, a missing file, and proofs of another log.
func filesAreNamed(t *testing.T, i *intruder) {
	i.T = t
	path := i.blob()
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	says := func(want string, args ...string) {
		t.Helper()
		if code, said := i.verify(args...); code != exitFindings || !strings.Contains(said, want) {
			t.Errorf("exit %d, want %q: %s", code, want, said)
		}
	}
	flipped := bytes.Clone(was)
	flipped[len(was)/2] ^= 1
	if err := os.WriteFile(path, flipped, 0o600); err != nil {
		t.Fatal(err)
	}
	says("file " + filepath.Base(path) + ": it does not have the hash it is named by")
	os.Remove(path)
	says("file " + filepath.Base(path) + ": it is missing")
	if err := os.WriteFile(path, was, 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := ledger.NewKey("org-OTHER")
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ledger.Checkpoint{Log: "org-OTHER", Size: 1}.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, signed, 0o600); err != nil {
		t.Fatal(err)
	}
	says("the checkpoint you gave: ", "--checkpoint", other)
	says("checkpoint over", "--key", key.Public)
	if code, said := i.verify("--checkpoint", i.older); code != exitOK {
		t.Errorf("put back: %d %s", code, said)
	}
}

func TestEveryIntrusionIsNamedOnSQLite(t *testing.T) {
	p := prepared(t)
	intrusionsAreNamed(t, intrude(t, p, "sqlite", "file:"+filepath.Join(p.data, "sextant.db")+"?_pragma=busy_timeout(5000)"))
}

func TestEveryIntrusionIsNamedOnPostgreSQL(t *testing.T) {
	database := testserver.PostgreSQL(t)
	intrusionsAreNamed(t, intrude(t, prepared(t, database.App, database.Owner), "pgx", testserver.Superuser(t, database.Owner)))
}
