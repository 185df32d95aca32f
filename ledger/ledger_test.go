// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"sextant"
	"sextant/ledger"
)

const log = "org-TEST"

func salt(n int) ledger.Salt { return ledger.Salt(sha256.Sum256(fmt.Append(nil, "salt", n))) }

// lines makes a log in which line 3 was erased by line n.
func lines(n int) []ledger.Line {
	list := make([]ledger.Line, n)
	for i := range list {
		s := salt(i)
		l := ledger.Line{Seq: sextant.Seq(i + 1), Kind: "entry", Bytes: fmt.Appendf(nil, `{"n":%d}`, i), Salt: &s}
		if i == n-1 {
			l.Kind, l.Bytes = ledger.ErasureKind, []byte(`{"at":1,"by":"account:ada","rule":"gdpr-art-17","person":"PER-3","seqs":[3]}`)
		}
		l.Commitment = ledger.Commit(s, l.Bytes)
		if i == 2 {
			l.Bytes, l.Salt, l.Erased = nil, nil, sextant.Seq(n)
		}
		list[i] = l
	}
	return list
}

func newKey(t testing.TB) ledger.Key {
	t.Helper()
	key, err := ledger.NewKey(log)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func pack(t testing.TB, key ledger.Key, name string, list []ledger.Line, older map[int64][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := ledger.NewWriter(&out, name, key, 1_700_000_000_000_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		if err := w.Line(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.EndOfLog(2, older); err != nil {
		t.Fatal(err)
	}
	blob := []byte("a file")
	sum := sha256.Sum256(blob)
	if err := w.Blob(hex.EncodeToString(sum[:]), bytes.NewReader(blob)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func verify(t testing.TB, data []byte, trust ledger.Trust) *ledger.Report {
	t.Helper()
	report, err := ledger.Verify(context.Background(), bytes.NewReader(data), int64(len(data)), trust)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func checkpointOver(t testing.TB, key ledger.Key, list []ledger.Line) []byte {
	t.Helper()
	var tree ledger.Frontier
	for _, l := range list {
		tree.Append(ledger.Leaf(log, l.Seq, l.Kind, l.Commitment))
	}
	signed, err := ledger.Checkpoint{Log: log, Size: tree.Size, Root: tree.Root(), At: 1}.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestAPackageVerifiesAndSaysHonestlyWhatThatProves(t *testing.T) {
	key, list := newKey(t), lines(10)
	data := pack(t, key, log, list, nil)
	older := checkpointOver(t, key, list[:4])
	for _, c := range []struct {
		trust ledger.Trust
		says  string
	}{
		{ledger.Trust{}, "agrees with itself"},
		{ledger.Trust{PublicKey: key.Public}, "Without an older checkpoint"},
		{ledger.Trust{PublicKey: key.Public, Checkpoints: [][]byte{older}}, "nothing before the older checkpoints"},
	} {
		r := verify(t, data, c.trust)
		if !r.OK() || !strings.Contains(r.Statement, c.says) {
			t.Errorf("findings %v, statement %q; want %q", r.Findings, r.Statement, c.says)
		}
		if r.Lines != 10 || r.Proven != 9 || len(r.Erased) != 1 || r.Erased[0].Rule != "gdpr-art-17" || r.Files != 1 || r.Pending != 2 {
			t.Errorf("report %+v", r)
		}
	}
}

// rezip rebuilds a package with its members changed.
func rezip(t testing.TB, data []byte, change func(name string, content []byte) (string, []byte)) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name, content := change(f.Name, content)
		if name == "" {
			continue
		}
		m, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func members(t testing.TB, data []byte) []string {
	var names []string
	rezip(t, data, func(name string, c []byte) (string, []byte) { names = append(names, name); return name, c })
	return names
}

// tampering is what an attacker may do to a package, and what must be named.
type tampering struct {
	data  []byte
	names []string // one of these stands in what verify says
}

// tamperings by name.
func tamperings(t testing.TB, key ledger.Key) map[string]tampering {
	t.Helper()
	list := lines(10)
	good := pack(t, key, log, list, map[int64][]byte{4: checkpointOver(t, key, list[:4])})
	bad := map[string]tampering{}
	for _, name := range members(t, good) {
		flipMember(t, bad, good, name)
		bad["without "+name] = tampering{change(t, good, name, func([]byte) []byte { return nil }), []string{name, "no package"}}
	}
	bad["an added member"] = tampering{rezip(t, good, func(n string, c []byte) (string, []byte) {
		if n == "package.sig" {
			n = "extra"
		}
		return n, c
	}), []string{"extra", "package.sig"}}
	journal := func(change func([]string) []string, names ...string) tampering {
		return tampering{rezip(t, good, func(n string, c []byte) (string, []byte) {
			if n == "journal.jsonl" {
				c = []byte(strings.Join(change(strings.Split(strings.TrimSpace(string(c)), "\n")), "\n") + "\n")
			}
			return n, c
		}), names}
	}
	bad["a deleted row"] = journal(func(l []string) []string { return append(l[:4:4], l[5:]...) }, "line 6")
	bad["reordered rows"] = journal(func(l []string) []string { l[5], l[6] = l[6], l[5]; return l }, "line 7")
	bad["an inserted row"] = journal(func(l []string) []string { return append(l[:4:4], append([]string{l[3]}, l[4:]...)...) }, "line 4")
	bad["an edited row"] = journal(func(l []string) []string { l[4] = strings.Replace(l[4], `"line":"`, `"line":"AAAA`, 1); return l }, "journal.jsonl")
	bad["rows cut off at the end"] = journal(func(l []string) []string { return l[:7] }, "the log has 7")
	bad["a package from another log"] = tampering{pack(t, key, "org-OTHER", lines(10), nil), []string{"of another log"}}
	removed := lines(10)
	removed[5].Bytes, removed[5].Salt, removed[5].Erased = nil, nil, 10
	bad["content removed without a sealed erasure"] = tampering{pack(t, key, log, removed, nil), []string{"line 6"}}
	return bad
}

// change replaces the content of a member; nil takes it out.
func change(t testing.TB, data []byte, name string, replace func([]byte) []byte) []byte {
	t.Helper()
	return rezip(t, data, func(n string, c []byte) (string, []byte) {
		if n != name {
			return n, c
		}
		if c = replace(bytes.Clone(c)); c == nil {
			n = ""
		}
		return n, c
	})
}

// flipMember flips one bit of a member: at its ends, and at four random places.
func flipMember(t testing.TB, bad map[string]tampering, good []byte, name string) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(len(name)), 1))
	for _, at := range []float64{0, 0.99999, random.Float64(), random.Float64(), random.Float64(), random.Float64()} {
		bit := byte(1) << random.IntN(8)
		names := []string{name, "package.sig"} // where contents or signature changed, it is the signature that does not fit
		if name == "package.json" {
			names = append(names, "no package", "format") // or it is none any more
		}
		bad[fmt.Sprintf("bit %#x flipped at %.3f of %s", bit, at, name)] = tampering{change(t, good, name, func(c []byte) []byte {
			c[int(float64(len(c))*at)] ^= bit
			return c
		}), names}
	}
}

// said is all that verify says of a package, "" where it holds.
func said(data []byte, trust ledger.Trust) string {
	report, err := ledger.Verify(context.Background(), bytes.NewReader(data), int64(len(data)), trust)
	if err != nil {
		return err.Error()
	}
	var out strings.Builder
	for _, f := range report.Findings {
		fmt.Fprintln(&out, f.Where, f.What)
	}
	return out.String()
}

func namesOne(said string, names []string) bool {
	for _, name := range names {
		if strings.Contains(said, name) {
			return true
		}
	}
	return false
}

func TestEveryTamperingIsFoundAndNamed(t *testing.T) {
	key := newKey(t)
	for name, c := range tamperings(t, key) {
		if text := said(c.data, ledger.Trust{PublicKey: key.Public}); !namesOne(text, c.names) {
			t.Errorf("%s: verify says %q and names none of %q", name, text, c.names)
		}
	}
}

// rewrite changes what line 2 says and commits to it anew, as the holder of the
// key could.
func rewrite(list []ledger.Line) []ledger.Line {
	list[1].Bytes = []byte(`{"n":"never happened"}`)
	list[1].Commitment = ledger.Commit(*list[1].Salt, list[1].Bytes)
	return list
}

func TestACompleteRewriteIsCaughtByAnOlderCheckpoint(t *testing.T) {
	key, list := newKey(t), lines(10)
	older := checkpointOver(t, key, list[:6])
	rewritten := pack(t, key, log, rewrite(list), nil)
	if r := verify(t, rewritten, ledger.Trust{PublicKey: key.Public}); !r.OK() {
		t.Errorf("a rewrite by the key's holder agrees with itself, but: %v", r.Findings)
	}
	if r := verify(t, rewritten, ledger.Trust{PublicKey: key.Public, Checkpoints: [][]byte{older}}); r.OK() {
		t.Error("the older checkpoint did not catch it")
	}
	stranger := newKey(t)
	if r := verify(t, pack(t, stranger, log, list, nil), ledger.Trust{PublicKey: key.Public}); r.OK() {
		t.Error("another key was taken for the pinned one")
	}
}

// secondVerifier runs the other verifier over many packages in one process and
// gives what it said of each, its exit status in front.
const secondVerifier = `
import contextlib, io, json, sys
sys.path.insert(0, "verifier")
from verify import verify
said = {}
for name in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = verify(name, sys.argv[1], [open(p, "rb").read() for p in sys.argv[2:]])
    said[name] = "%d %s" % (code, out.getvalue())
print(json.dumps(said))
`

func secondly(t *testing.T, cases map[string]tampering, key ledger.Key, older ...[]byte) map[string]string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is needed: the second verifier is written in it")
	}
	dir, names, arguments := t.TempDir(), map[string]string{}, []string{"-c", secondVerifier, key.Public}
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for i, point := range older {
		arguments = append(arguments, put(fmt.Sprint("point", i), point))
	}
	var paths []string
	for name, c := range cases {
		path := put(fmt.Sprint(len(paths), ".zip"), c.data)
		paths, names[path] = append(paths, path), name
	}
	input, err := json.Marshal(paths)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(python, arguments...)
	c.Stdin = bytes.NewReader(input)
	var complaint bytes.Buffer
	c.Stderr = &complaint
	out, err := c.Output()
	if err != nil {
		t.Fatalf("the second verifier broke: %v\n%s", err, complaint.String())
	}
	byPath, texts := map[string]string{}, map[string]string{}
	if err := json.Unmarshal(out, &byPath); err != nil {
		t.Fatal(err)
	}
	for path, text := range byPath {
		texts[names[path]] = text
	}
	return texts
}

func TestTheSecondVerifierAgrees(t *testing.T) {
	key, list := newKey(t), lines(10)
	cases := tamperings(t, key)
	cases["good"] = tampering{data: pack(t, key, log, list, nil)}
	for name, text := range secondly(t, cases, key) {
		ok := said(cases[name].data, ledger.Trust{PublicKey: key.Public}) == ""
		if ok != strings.HasPrefix(text, "0 ") || (!ok && !namesOne(text, cases[name].names)) {
			t.Errorf("%s: Go says it holds: %v; the second verifier names none of %q:\n%s", name, ok, cases[name].names, text)
		}
	}
	older := checkpointOver(t, key, list[:6])
	rewritten := map[string]tampering{"rewritten": {data: pack(t, key, log, rewrite(list), nil)}, "as it was": {data: pack(t, key, log, lines(10), nil)}}
	texts := secondly(t, rewritten, key, older)
	if !strings.HasPrefix(texts["rewritten"], "1 ") || !strings.Contains(texts["rewritten"], "given checkpoint") || !strings.HasPrefix(texts["as it was"], "0 ") {
		t.Errorf("a rewrite against an older checkpoint: %v", texts)
	}
}

func TestTheFrontierIsTheTreeOfRFC6962(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "leaves")
		var tree ledger.Frontier
		var stored []tlog.Hash
		reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			out := make([]tlog.Hash, len(indexes))
			for i, index := range indexes {
				out[i] = stored[index]
			}
			return out, nil
		})
		for i := range n {
			if tree.FirstIndex() != int64(len(stored)) {
				t.Fatalf("hashes of leaf %d are numbered from %d, want %d", i, tree.FirstIndex(), len(stored))
			}
			stored = append(stored, tree.Append(ledger.Leaf(log, sextant.Seq(i+1), "entry", ledger.Commit(salt(i), nil)))...)
		}
		again, err := ledger.ReadFrontier(tree.Size, tree.Bytes())
		if err != nil || again.Root() != tree.Root() {
			t.Fatalf("the frontier does not survive storage: %v", err)
		}
		if n == 0 {
			return
		}
		want, err := tlog.TreeHash(int64(n), reader)
		if err != nil || want != tree.Root() {
			t.Fatalf("root of %d leaves differs from tlog's: %v", n, err)
		}
		m := rapid.Int64Range(0, int64(n)-1).Draw(t, "leaf")
		proof, err := tlog.ProveRecord(int64(n), m, reader)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, int64(n), want, m, ledger.Leaf(log, sextant.Seq(m+1), "entry", ledger.Commit(salt(int(m)), nil))); err != nil {
			t.Fatal(err)
		}
	})
}

// vectors pin the format: if they change, every package ever made is unreadable.
func TestTheVectorsOfTheSpecificationHold(t *testing.T) {
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Log    string
		Leaves []struct {
			Seq                            sextant.Seq
			Kind, Salt, Line, Commit, Leaf string
		}
		Roots []string
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	var tree ledger.Frontier
	for i, v := range vectors.Leaves {
		s, _ := hex.DecodeString(v.Salt)
		line, _ := base64.StdEncoding.DecodeString(v.Line)
		commitment := ledger.Commit(ledger.Salt(s), line)
		leaf := ledger.Leaf(vectors.Log, v.Seq, v.Kind, commitment)
		tree.Append(leaf)
		root := tree.Root()
		if hex.EncodeToString(commitment[:]) != v.Commit || hex.EncodeToString(leaf[:]) != v.Leaf || hex.EncodeToString(root[:]) != vectors.Roots[i] {
			t.Errorf("leaf %d: commitment %x leaf %x root %x", v.Seq, commitment, leaf, root)
		}
	}
}

func FuzzOpenCheckpoint(f *testing.F) {
	key, err := ledger.NewKey(log)
	if err != nil {
		f.Fatal(err)
	}
	signed, _ := ledger.Checkpoint{Log: log, Size: 3}.Sign(key)
	f.Add(signed)
	f.Add([]byte("sextant/x\n1\n\n— x y\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := ledger.OpenCheckpoint(data, key.Public); err == nil && (c.Log != log || c.Size != 3) {
			t.Errorf("a note nobody signed was opened: %+v", c)
		}
	})
}

func FuzzVerify(f *testing.F) {
	key, err := ledger.NewKey(log)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pack(f, key, log, lines(5), nil))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		report, err := ledger.Verify(context.Background(), bytes.NewReader(data), int64(len(data)), ledger.Trust{PublicKey: key.Public})
		if err == nil && report == nil {
			t.Error("neither a report nor an error")
		}
	})
}

func BenchmarkVerify100000(b *testing.B) {
	key := newKey(b)
	data := pack(b, key, log, lines(100_000), nil)
	b.ResetTimer()
	for b.Loop() {
		if !verify(b, data, ledger.Trust{}).OK() {
			b.Fatal("does not verify")
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	var tree ledger.Frontier
	for b.Loop() {
		tree.Append(ledger.Leaf(log, sextant.Seq(tree.Size+1), "entry", ledger.Commit(salt(1), []byte("line"))))
	}
}
