// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sextant/internal/testserver"
)

// binary builds the program once. Who runs journeys again and again gives one
// that is built already.
var binary = sync.OnceValues(func() (string, error) {
	if program := os.Getenv("SEXTANT_TEST_PROGRAM"); program != "" {
		return program, nil
	}
	path := filepath.Join(work(), "sextant")
	out, err := exec.Command("go", "build", "-trimpath", "-o", path, "sextant/cmd/sextant").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

var work = sync.OnceValue(func() string {
	folder, err := os.MkdirTemp("", "sextant-journey-")
	if err != nil {
		panic(err)
	}
	return folder
})

func TestMain(m *testing.M) {
	code := m.Run()
	if err := leave(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.RemoveAll(work())
	os.Exit(code)
}

// demo fills the demo company once; every test starts from a copy of it. Who
// runs journeys again and again gives a folder that is filled already.
var demo = sync.OnceValues(func() (string, error) {
	if folder := os.Getenv("SEXTANT_TEST_DEMO"); folder != "" {
		return folder, nil
	}
	program, err := binary()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(work(), "demo")
	out, err := exec.Command(program, "demo", "--fill-only", "--data", folder).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("demo: %w: %s", err, out)
	}
	return folder, nil
})

// people of the demo company and their password.
const (
	manager  = "mara.lindqvist@northquay.example"
	owner    = "priya.raman@northquay.example"
	auditor  = "ingrid.solberg@nordcert.example"
	reader   = "noor.haddad@northquay.example"
	admin    = "tomas.oliveira@northquay.example"
	password = "harbour lights at dusk"
)

// house is the program at work.
type house struct {
	t     testing.TB
	base  string
	data  string
	where []string // flags that lead a command to the same data
}

// onBoth runs a journey with the demo company on SQLite and on PostgreSQL, side
// by side: each has its own company, server and browsers.
func onBoth(t *testing.T, journey func(*testing.T, *house)) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		journey(t, ofDemo(t))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		journey(t, movedToPostgreSQL(t))
	})
}

// beginning serves a company in which nothing is set up, with further flags, and
// gives the set-up link.
type beginning func(flags ...string) (*house, string)

// fromNothing runs a journey that begins with nothing on SQLite and on
// PostgreSQL, side by side.
func fromNothing(t *testing.T, journey func(*testing.T, beginning)) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		journey(t, func(flags ...string) (*house, string) { return empty(t, flags...) })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		journey(t, func(flags ...string) (*house, string) {
			database := testserver.PostgreSQL(t)
			return empty(t, append(flags, "--database-url", database.App, "--database-owner-url", database.Owner)...)
		})
	})
}

// copyOfDemo gives a test its own demo company.
func copyOfDemo(t testing.TB) (data, key string) {
	t.Helper()
	from, err := demo()
	if err != nil {
		t.Fatal(err)
	}
	data = filepath.Join(t.TempDir(), "data")
	if err := copyFiles(from, data); err != nil {
		t.Fatal(err)
	}
	return data, filepath.Join(data, "demo.key")
}

// copyFiles copies a folder's files, for their owner only. What is no file (the
// socket of a server that runs there) is left.
func copyFiles(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o600)
	})
}

// ofDemo serves a copy of the demo company.
func ofDemo(t testing.TB) *house {
	t.Helper()
	data, key := copyOfDemo(t)
	return serve(t, "demo", data, "--key-file", key)
}

// moved takes the demo company to PostgreSQL once, by backup and restore; every
// test starts from a copy of it.
var moved = sync.OnceValues(func() (m struct {
	database testserver.Database
	data     string
}, err error) {
	from, err := demo()
	if err != nil {
		return m, err
	}
	if m.database, leave, err = testserver.Lasting(); err != nil {
		return m, err
	}
	own := filepath.Join(work(), "moving") // others copy the first at the same time
	if err := copyFiles(from, own); err != nil {
		return m, err
	}
	kept, key := filepath.Join(work(), "backup.zip"), filepath.Join(own, "demo.key")
	if _, err := run("backup", "-o", kept, "--data", own, "--key-file", key); err != nil {
		return m, err
	}
	m.data = filepath.Join(work(), "moved")
	if _, err := run("restore", kept, "--data", m.data, "--key-file", key, "--database-url", m.database.App, "--database-owner-url", m.database.Owner); err != nil {
		return m, err
	}
	for _, beside := range []string{"demo.made", "demo.key"} {
		if err := copyFiles(filepath.Join(own, beside), filepath.Join(m.data, beside)); err != nil {
			return m, err
		}
	}
	return m, nil
})

// leave gives back what moved holds.
var leave = func() error { return nil }

// movedToPostgreSQL serves a copy of the demo company there.
func movedToPostgreSQL(t testing.TB) *house {
	t.Helper()
	from, err := moved()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	if err := copyFiles(from.data, data); err != nil {
		t.Fatal(err)
	}
	database := from.database.Copy(t)
	return serve(t, "demo", data, "--key-file", filepath.Join(data, "demo.key"), "--database-url", database.App, "--database-owner-url", database.Owner)
}

func command(t testing.TB, args ...string) string {
	t.Helper()
	out, err := run(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// run runs the program with a command and gives what it said.
func run(args ...string) (string, error) {
	program, err := binary()
	if err != nil {
		return "", err
	}
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("sextant %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

var listening = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// serve starts the binary on a free port and stops it when the test ends. The
// demo is served as such: its sources read a cloud of its own, nothing outside.
func serve(t testing.TB, verb, data string, args ...string) *house {
	t.Helper()
	h, _ := start(t, verb, data, args...)
	return h
}

// start is serve with what the server said on its way.
func start(t testing.TB, verb, data string, args ...string) (h *house, said func() string) {
	t.Helper()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	h = &house{t: t, data: data, where: []string{"--data", data}}
	for i, flag := range args {
		if flag == "--key-file" || strings.HasPrefix(flag, "--database-") {
			h.where = append(h.where, flag, args[i+1])
		}
	}
	c := exec.Command(program, append([]string{verb, "--listen", "127.0.0.1:0", "--data", data}, args...)...)
	log := &output{}
	c.Stderr = log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt) // it has ended by itself otherwise
		_ = c.Wait()
	})
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if h.base = listening.FindString(log.String()); h.base != "" && h.answers() {
			return h, log.String
		}
	}
	t.Fatalf("the server did not start: %s", log)
	return nil, nil
}

// seenBy is the house for a test that runs beside others in it.
func (h *house) seenBy(t testing.TB) *house {
	own := *h
	own.t = t
	return &own
}

func (h *house) answers() bool {
	answer, err := http.Get(h.base + "/readyz")
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// output keeps what a process says while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// client signs somebody in without a browser.
func (h *house) client(email string) *http.Client {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	answer, err := c.PostForm(h.base+"/sign-in", url.Values{"email": {email}, "password": {password}, "next": {"/account"}})
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.Request.URL.Path != "/account" {
		h.t.Fatalf("%s could not sign in: %s", email, answer.Status)
	}
	return c
}

// page reads a page as somebody and gives its status and body.
func (h *house) page(c *http.Client, path string) (int, string) {
	h.t.Helper()
	answer, err := c.Get(h.base + path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}
