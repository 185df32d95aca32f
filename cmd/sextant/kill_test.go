// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sextant/access"
	"sextant/internal/proof"
	"sextant/ledger"
	"sextant/register"
)

// How often the program is killed; SEXTANT_TEST_KILLS=20 makes a tenth of it.
const allKills = 200

func killsOf(n int) int {
	if wanted, err := strconv.Atoi(os.Getenv("SEXTANT_TEST_KILLS")); err == nil {
		return max(1, n*wanted/allKills)
	}
	return n
}

// build builds the program as it is, or with changes to its source.
func build(t *testing.T, flags ...string) string {
	t.Helper()
	target := filepath.Join(t.TempDir(), "sextant")
	c := exec.Command("go", append(append([]string{"build", "-o", target}, flags...), ".")...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return target
}

// furtherStep is a step of the schema that does not exist, and takes a while.
const furtherStep = "\t\t`CREATE TABLE further AS SELECT org, register, key, version, data FROM entry_version; CREATE TABLE counted AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n<30000) SELECT n FROM c;\n" +
	"CREATE UNIQUE INDEX counted_n ON counted (n); ALTER TABLE entry ADD COLUMN further BIGINT NOT NULL DEFAULT 0; UPDATE entry SET further=from_seq;`,\n"

// buildFurther builds the program with one more step of its schema.
func buildFurther(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../internal/store/migration.go")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const end = "\t}\n\tfiles := fstest.MapFS{}"
	if bytes.Count(source, []byte(end)) != 1 {
		t.Fatal("the list of steps does not end as this test expects: adapt it")
	}
	folder := t.TempDir()
	changed, overlay := filepath.Join(folder, "migration.go"), filepath.Join(folder, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, changed, string(bytes.Replace(source, []byte(end), []byte(furtherStep+end), 1)))
	write(t, overlay, string(text))
	return build(t, "-overlay", overlay)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// killer runs the program and kills it.
type killer struct {
	*testing.T
	binary string
	home   string
	data   string
	random *rand.Rand
}

func newKiller(t *testing.T, binary string, seed uint64) *killer {
	return &killer{T: t, binary: binary, home: t.TempDir(), data: filepath.Join(t.TempDir(), "data"), random: rand.New(rand.NewPCG(seed, 9))}
}

// fresh gives the killer an empty folder and no key.
func (k *killer) fresh() { k.home, k.data = k.TempDir(), filepath.Join(k.TempDir(), "data") }

func (k *killer) keyFile() string { return filepath.Join(k.home, "key") }

func (k *killer) command(args ...string) *exec.Cmd {
	c := exec.Command(k.binary, append([]string{"--data", k.data, "--key-file", k.keyFile()}, args...)...)
	c.Env = []string{"HOME=" + k.home, "PATH=" + os.Getenv("PATH"), "SEXTANT_PASSWORD=seven grey herons"}
	return c
}

// whole runs a command to its end.
func (k *killer) whole(args ...string) (string, error) {
	out, err := k.command(args...).CombinedOutput()
	return string(out), err
}

// killed runs a command and kills it at a point; ended tells that it was faster.
func (k *killer) killed(at point, args ...string) (ended bool) {
	k.Helper()
	c := k.command(args...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		k.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	if !at(k, done) {
		_ = c.Process.Kill() // it may have ended just now
	}
	err := <-done
	if c.ProcessState.Exited() && err != nil {
		k.Errorf("%s: %v\n%s", args[0], err, out.String())
	}
	return c.ProcessState.Exited()
}

// point waits for the moment of a kill. It gives true where the process ended
// before it; else the process is to be killed, and waited for by done.
type point func(k *killer, done chan error) bool

// after kills after a while.
func after(d time.Duration) point {
	return func(_ *killer, done chan error) bool {
		select {
		case err := <-done:
			done <- err
			return true
		case <-time.After(d):
			return false
		}
	}
}

// writing kills shortly after the database was written to for the nth time: in
// the middle of what a command commits.
func writing(n int, lag time.Duration) point {
	return func(k *killer, done chan error) bool {
		var size int64
		for {
			select {
			case err := <-done:
				done <- err
				return true
			default:
			}
			if info, err := os.Stat(filepath.Join(k.data, "sextant.db-wal")); err == nil && info.Size() != size {
				size = info.Size()
				if n--; n <= 0 {
					time.Sleep(lag)
					return false
				}
			}
			time.Sleep(50 * time.Microsecond)
		}
	}
}

// anywhere is a random point of a command that takes so long as a whole.
func (k *killer) anywhere(whole time.Duration, writes int) point {
	if k.random.IntN(2) == 0 {
		return after(time.Duration(k.random.Int64N(int64(whole))))
	}
	return writing(1+k.random.IntN(writes), time.Duration(k.random.IntN(2500))*time.Microsecond)
}

// opened opens the data the killed program left, as the next start does.
func (k *killer) opened(look func(p *program, operator access.Actor)) {
	k.Helper()
	p := &program{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: io.Discard, keyFile: k.keyFile(), data: k.data}
	defer p.close()
	if err := p.open(context.Background()); err != nil {
		k.Fatalf("the data cannot be opened: %v", err)
	}
	look(p, access.Actor{Organisation: 1, Name: "operator:test", Roles: []access.Role{access.Operator, access.ISMSManager}})
}

func (k *killer) verifies(prover *proof.Prover) {
	k.Helper()
	report, err := prover.VerifyHere(context.Background(), 1, ledger.Trust{})
	if err != nil || !report.OK() {
		k.Errorf("the log does not hold: %v %+v", err, report)
	}
}

// The program itself, killed at 200 random points of writes over the API, of
// imports and of migrations: what was acknowledged is there, nothing is there by
// half, and the log agrees with everything. 40 more kills fall into the making
// of an organisation.
func TestKilledAtAnyPointNothingIsLostAndNothingIsHalfDone(t *testing.T) {
	binary := build(t)
	t.Run("writes", func(t *testing.T) { t.Parallel(); killedWriting(newKiller(t, binary, 1), killsOf(80)) })
	t.Run("imports", func(t *testing.T) { t.Parallel(); killedImporting(newKiller(t, binary, 2), killsOf(80)) })
	t.Run("migrations", func(t *testing.T) { t.Parallel(); killedMigrating(newKiller(t, buildFurther(t), 3), killsOf(40)) })
	t.Run("set-up by command", func(t *testing.T) { t.Parallel(); killedInit(newKiller(t, binary, 4), killsOf(20)) })
	t.Run("set-up by page", func(t *testing.T) { t.Parallel(); killedSetUp(newKiller(t, binary, 5), killsOf(20)) })
}

var tokenForm = regexp.MustCompile(`sxt_\S+`)

// begin sets an organisation up and gives an API token.
func (k *killer) begin() string {
	k.Helper()
	out, err := k.whole("init", "--organisation", "Northquay", "--email", "mara@northquay.example", "--token")
	if err != nil {
		k.Fatalf("init: %v\n%s", err, out)
	}
	return tokenForm.FindString(out)
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// serve starts the server, and gives its address once it listens, and what it
// said until the line that was waited for.
func (k *killer) serve(until *regexp.Regexp) (c *exec.Cmd, said string) {
	k.Helper()
	c = k.command("serve", "--listen", "127.0.0.1:0")
	errors, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		k.Fatal(err)
	}
	lines := bufio.NewScanner(errors)
	for lines.Scan() {
		if said += lines.Text() + "\n"; until.MatchString(said) {
			go io.Copy(io.Discard, errors) //nolint:errcheck // it ends with the process
			return c, said
		}
	}
	k.Fatalf("the server did not start:\n%s", said)
	return nil, ""
}

// acknowledged is what the server said is written.
type acknowledged struct {
	sync.Mutex
	titles map[string]string // by key
	left   int               // acknowledgements until the kill
	enough chan struct{}
}

func (a *acknowledged) take(key, title string) {
	a.Lock()
	defer a.Unlock()
	a.titles[key] = title
	if a.left--; a.left == 0 {
		close(a.enough)
	}
}

func killedWriting(k *killer, kills int) {
	token := k.begin()
	all := &acknowledged{titles: map[string]string{}}
	for i := range kills {
		c, said := k.serve(address)
		all.left, all.enough = 1+k.random.IntN(10), make(chan struct{})
		var writers sync.WaitGroup
		for w := range 2 {
			writers.Go(func() { writeOn(address.FindString(said), token, fmt.Sprint(i, " ", w), all) })
		}
		select {
		case <-all.enough:
		case <-time.After(30 * time.Second):
			k.Errorf("nothing was acknowledged")
		}
		time.Sleep(time.Duration(k.random.IntN(6000)) * time.Microsecond)
		_ = c.Process.Kill() // it runs
		_ = c.Wait()         // it was killed
		writers.Wait()
		if i%10 == 9 || i == kills-1 {
			holdsAcknowledged(k, all)
		}
	}
	k.Logf("%d kills, %d acknowledged entries", kills, len(all.titles))
}

// writeOn makes entries and edits every other one, until the server is gone.
func writeOn(base, token, name string, all *acknowledged) {
	send := func(method, path, title string) (key string, ok bool) {
		body := fmt.Sprintf(`{"fields":{"title":%q}}`, title)
		if method == http.MethodPost {
			body = fmt.Sprintf(`{"fields":{"title":%q,"type":"device","scope_units":["SU-1"]}}`, title)
		}
		r, err := http.NewRequest(method, base+path, strings.NewReader(body))
		if err != nil {
			return "", false
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return "", false
		}
		defer answer.Body.Close()
		var made struct{ Key string }
		if answer.StatusCode >= 300 || json.NewDecoder(answer.Body).Decode(&made) != nil {
			return "", false
		}
		all.take(made.Key, title)
		return made.Key, true
	}
	for n := 0; ; n++ {
		key, ok := send(http.MethodPost, "/api/v1/assets", fmt.Sprintf("write %s %d", name, n))
		if ok && n%2 == 1 {
			_, ok = send(http.MethodPatch, "/api/v1/assets/"+key, fmt.Sprintf("write %s %d, edited", name, n))
		}
		if !ok {
			return
		}
	}
}

// holdsAcknowledged: an entry has the title that was acknowledged last, or the
// one of an edit that was under way.
func holdsAcknowledged(k *killer, all *acknowledged) {
	k.Helper()
	k.opened(func(p *program, operator access.Actor) {
		if err := p.kernel.Read(context.Background(), operator, 0, func(v *register.View) error {
			for key, title := range all.titles {
				e, err := v.Entry("asset", key)
				if err != nil || (e.Title() != title && e.Title() != title+", edited") {
					k.Errorf("%s was acknowledged as %q and is %q, %v", key, title, e.Title(), err)
				}
			}
			return nil
		}); err != nil {
			k.Fatal(err)
		}
		k.verifies(p.prover)
	})
}

const importRows = 300

func killedImporting(k *killer, kills int) {
	k.begin()
	files := k.TempDir()
	bring := func(round int) []string {
		path := filepath.Join(files, "rows.csv")
		text := "Name,Type,Scope units\n"
		for i := range importRows {
			text += fmt.Sprintf("import %d %d,device,SU-1\n", round, i)
		}
		write(k, path, text)
		return []string{"import", "asset", path}
	}
	start := time.Now()
	if out, err := k.whole(bring(0)...); err != nil {
		k.Fatalf("import: %v\n%s", err, out)
	}
	whole := time.Since(start)
	ended := map[int]bool{0: true}
	round, done := 1, 0
	for ; done < kills && round < 3*kills; round++ {
		if ended[round] = k.killed(k.anywhere(whole, 3), bring(round)...); !ended[round] {
			done++
		}
		if round%10 == 9 {
			importsAreWhole(k, ended)
		}
	}
	importsAreWhole(k, ended)
	k.Logf("%d kills in %d imports of %s", done, round, whole)
}

func importsAreWhole(k *killer, ended map[int]bool) {
	k.Helper()
	k.opened(func(p *program, operator access.Actor) {
		rows := map[int]int{}
		if err := p.kernel.Read(context.Background(), operator, 0, func(v *register.View) error {
			return v.Each(register.List{Register: "asset"}, func(e register.Entry) error {
				round, err := strconv.Atoi(strings.Fields(e.Title())[1])
				rows[round]++
				return err
			})
		}); err != nil {
			k.Fatal(err)
		}
		for round, whole := range ended {
			if n := rows[round]; n != importRows && (n != 0 || whole) {
				k.Errorf("import %d (ended: %v) is there with %d of %d rows", round, whole, n, importRows)
			}
		}
		k.verifies(p.prover)
	})
}

func killedMigrating(k *killer, kills int) {
	start := time.Now()
	k.older()
	if out, err := k.whole("verify"); err != nil {
		k.Fatalf("a migration: %v\n%s", err, out)
	}
	whole := time.Since(start)
	done, tries := 0, 0
	for ; done < kills && tries < 3*kills; tries++ {
		k.older()
		if !k.killed(k.anywhere(whole, 10), "list", "person") {
			done++
		}
		k.migrated()
	}
	k.Logf("%d kills in %d migrations of %s", done, tries, whole)
}

// older gives the killer a folder of the first released schema.
func (k *killer) older() {
	k.Helper()
	k.fresh()
	write(k, k.keyFile(), releasedKey)
	if err := os.CopyFS(k.data, os.DirFS("testdata/schema/1/folder")); err != nil {
		k.Fatal(err)
	}
}

// migrated: the next start ends the migration, nothing is missing, and every
// copy from before a step is whole.
func (k *killer) migrated() {
	k.Helper()
	if out, err := k.whole("verify"); err != nil || !strings.Contains(out, "VERIFIED") {
		k.Errorf("after the next start: %v\n%s", err, out)
	}
	count := func(path, query string) (n int) {
		db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&immutable=1")
		if err == nil {
			defer db.Close()
			err = db.QueryRow(query).Scan(&n)
		}
		if err != nil {
			k.Errorf("%s: %v", filepath.Base(path), err)
		}
		return n
	}
	path := filepath.Join(k.data, "sextant.db")
	entries := count("testdata/schema/1/folder/sextant.db", `SELECT count(*) FROM entry`)
	if got := count(path, `SELECT count(*) FROM entry WHERE further=from_seq`); got != entries || count(path, `SELECT count(*) FROM counted`) != 30000 {
		k.Errorf("the last step is there by half: %d of %d entries", got, entries)
	}
	copies, err := filepath.Glob(filepath.Join(k.data, "before-schema-*.db"))
	if err != nil || len(copies) == 0 {
		k.Errorf("no copy was made: %v", err)
	}
	for _, name := range copies {
		if got := count(name, `SELECT count(*) FROM entry`); got != entries || count(name, `SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'`) != 1 {
			k.Errorf("%s is half a copy: %d of %d entries", filepath.Base(name), got, entries)
		}
	}
	if parts, _ := filepath.Glob(filepath.Join(k.data, "*.part")); len(parts) > 0 {
		k.Errorf("%v is left", parts)
	}
}

func killedInit(k *killer, kills int) {
	done, tries := 0, 0
	command := []string{"init", "--organisation", "Northquay", "--email", "mara@northquay.example"}
	start := time.Now()
	if out, err := k.whole(command...); err != nil {
		k.Fatalf("init: %v\n%s", err, out)
	}
	whole := time.Since(start)
	for ; done < kills && tries < 3*kills; tries++ {
		k.fresh()
		if !k.killed(k.anywhere(whole, 12), command...) {
			done++
		}
		if out, err := k.whole(command...); err != nil && !strings.Contains(out, "there is an account with this address") {
			k.Errorf("init after a kill: %v\n%s", err, out)
		}
		k.founded()
	}
	k.Logf("%d kills in %d set-ups of %s", done, tries, whole)
}

// founded: there is one organisation, whole, and its first member can sign in.
func (k *killer) founded() {
	k.Helper()
	k.opened(func(p *program, operator access.Actor) {
		ctx := context.Background()
		all, err := p.store.Organisations(ctx)
		if err != nil || len(all) != 1 {
			k.Errorf("%d organisations, %v", len(all), err)
			return
		}
		if _, err := p.accounts.SignIn(ctx, "mara@northquay.example", "seven grey herons", "", "test"); err != nil {
			k.Errorf("nobody can sign in: %v", err)
		}
		if err := p.kernel.Read(ctx, operator, 0, func(v *register.View) error {
			for _, name := range []string{"person", "organisation", "scope_unit"} {
				if n, err := v.Count(register.List{Register: name}); n != 1 {
					k.Errorf("%d entries of %s, %v", n, name, err)
				}
			}
			return nil
		}); err != nil {
			k.Error(err)
		}
		k.verifies(p.prover)
	})
}

var link = regexp.MustCompile(`set-up\?link=(sxl_\S+)`)

func killedSetUp(k *killer, kills int) {
	for range kills {
		k.fresh()
		c, said := k.serve(link)
		answered := make(chan bool, 1)
		gone := make(chan error, 1)
		go func() { answered <- k.setUp(said) }()
		at := writing(2+k.random.IntN(3), time.Duration(k.random.IntN(2500))*time.Microsecond)
		if k.random.IntN(3) == 0 {
			at = after(time.Duration(k.random.IntN(400)) * time.Millisecond)
		}
		go func() { // a set-up that is answered ends the waiting, too
			ok := <-answered
			answered <- ok
			gone <- nil
		}()
		at(k, gone)
		_ = c.Process.Kill() // it runs
		_ = c.Wait()         // it was killed
		wasAnswered := <-answered
		k.setUpAgain(wasAnswered)
		k.founded()
	}
}

// setUp sends the form of the set-up page; it gives whether that was answered by
// a session.
func (k *killer) setUp(said string) bool {
	form := url.Values{"link": {link.FindStringSubmatch(said)[1]}, "organisation": {"Northquay"}, "name": {"Mara"}, "email": {"mara@northquay.example"}, "password": {"seven grey herons"}}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.PostForm(address.FindString(said)+"/set-up", form)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusSeeOther
}

// setUpAgain starts the server again: where nothing was set up it offers a new
// link, which works.
func (k *killer) setUpAgain(wasAnswered bool) {
	k.Helper()
	empty := false
	k.opened(func(p *program, _ access.Actor) {
		all, err := p.store.Organisations(context.Background())
		if empty = len(all) == 0; err != nil || (empty && wasAnswered) {
			k.Errorf("answered: %v, %d organisations, %v", wasAnswered, len(all), err)
		}
	})
	if !empty {
		return
	}
	c, said := k.serve(link)
	if !k.setUp(said) {
		k.Error("the second set-up was refused")
	}
	_ = c.Process.Kill() // it runs
	_ = c.Wait()         // it was killed
}
