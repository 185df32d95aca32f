// SPDX-License-Identifier: Apache-2.0

package live_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/internal/job"
	"sextant/internal/server"
	"sextant/internal/server/live"
	"sextant/internal/server/web/page"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/register"
	"sextant/register/registertest"
	"sextant/secret"
)

// house is a server with news, and a second process on the same data where the
// store allows one.
type house struct {
	*httptest.Server
	here, there *store.Store
	accounts    *access.Accounts
	org         sextant.Organisation
	session     string
	stop        func()
}

const password = "seven grey herons"

func onBoth(t *testing.T, test func(*testing.T, *house)) {
	t.Run("SQLite", func(t *testing.T) {
		s := open(t, store.Config{Folder: t.TempDir()})
		test(t, newHouse(t, s, s))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		config := store.Config{DatabaseURL: database.App, OwnerURL: database.Owner}
		test(t, newHouse(t, open(t, config), open(t, config)))
	})
}

func open(t *testing.T, config store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func newHouse(t *testing.T, here, there *store.Store) *house {
	t.Helper()
	key, err := secret.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{here: here, there: there}
	h.accounts = access.NewAccounts(here, key, sextant.SystemClock, func(ctx context.Context, f access.Founding) (sextant.Organisation, error) {
		made, err := here.Found(ctx, f, func(sextant.Organisation, register.WriteTx) (string, error) { return "PER-1", nil })
		return made.Number, err
	})
	if h.org, err = h.accounts.Create(t.Context(), "First", "Mara", "mara@example.org", password); err != nil {
		t.Fatal(err)
	}
	if h.session, err = h.accounts.SignIn(t.Context(), "mara@example.org", password, "", "t"); err != nil {
		t.Fatal(err)
	}
	news := live.New(live.Config{Source: here, Present: h.accounts.Present, Cookie: page.CookieName, Every: 100 * time.Millisecond, Heartbeat: 200 * time.Millisecond, PerAccount: 3})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { news.Run(ctx); close(done) }()
	h.stop = func() { cancel(); <-done }
	kernel := register.New(here, registertest.Set(), register.Config{Sealer: key})
	h.Server = httptest.NewServer(server.Handler(server.Config{Kernel: kernel, Accounts: h.accounts, Version: "test", News: news}))
	t.Cleanup(func() { h.stop(); h.Close() })
	return h
}

func write(t *testing.T, s *store.Store, org sextant.Organisation, name string) {
	t.Helper()
	kernel := register.New(s, registertest.Set(), register.Config{})
	if err := kernel.Write(t.Context(), access.SystemActor(org, "test"), func(tx *register.Tx) error {
		_, err := registertest.Sailors.Create(tx, registertest.Sailor{Name: name}, register.Note{})
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// event is one server-sent event; a comment has the name ":".
type event struct {
	Name, ID string
	Data     struct {
		Seq    int64
		Topics []string
	}
	at time.Time
}

// listen opens a stream with a real client and gives its events; the channel is
// closed when the stream ends.
func (h *house) listen(t *testing.T, query string, headers ...string) (int, <-chan event) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+"/.events"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: page.CookieName, Value: h.session})
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan event, 1000)
	go func() {
		defer close(events)
		defer answer.Body.Close()
		var e event
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			key, value, _ := strings.Cut(lines.Text(), ": ")
			switch key {
			case "event":
				e.Name = value
			case "id":
				e.ID = value
			case "data":
				_ = json.Unmarshal([]byte(value), &e.Data) // what is no JSON fails the assertion on it
			case "":
				if value != "" {
					e.Name = ":"
				}
				if e.Name != "" {
					e.at = time.Now()
					events <- e
				}
				e = event{}
			}
		}
	}()
	return answer.StatusCode, events
}

// next gives the next event that is no heartbeat.
func next(t *testing.T, events <-chan event) event {
	t.Helper()
	for {
		select {
		case e, more := <-events:
			if !more {
				t.Fatal("the stream ended")
			}
			if e.Name != ":" {
				return e
			}
		case <-time.After(10 * time.Second):
			t.Fatal("no event within 10 seconds")
		}
	}
}

func ends(t *testing.T, events <-chan event) (last event) {
	t.Helper()
	for end := time.After(10 * time.Second); ; {
		select {
		case e, more := <-events:
			if !more {
				return last
			}
			last = e
		case <-end:
			t.Fatal("the stream goes on")
		}
	}
}

func TestAPageHearsWhatChangedFromAnyReplica(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		status, events := h.listen(t, "")
		if hello := next(t, events); status != http.StatusOK || hello.Name != "hello" {
			t.Fatalf("%d %+v", status, hello)
		}
		write(t, h.there, h.org, "Jo")
		first := next(t, events)
		if first.Name != "change" || !slices.Contains(first.Data.Topics, "person") || first.Data.Seq == 0 {
			t.Errorf("an entry: %+v", first)
		}
		if err := h.there.Record(t.Context(), h.org, func(w evidence.Writer) error { _, err := w.Seal("results", 1); return err }); err != nil {
			t.Fatal(err)
		}
		if e := next(t, events); fmt.Sprint(e.Data.Topics) != "[outcome]" || e.Data.Seq != first.Data.Seq+1 {
			t.Errorf("results: %+v", e)
		}
		if _, _, err := h.there.PutJob(t.Context(), job.Job{Organisation: h.org, Kind: "dig", State: job.Waiting}); err != nil {
			t.Fatal(err)
		}
		if e := next(t, events); fmt.Sprint(e.Data.Topics) != "[job]" {
			t.Errorf("a job: %+v", e)
		}
	})
}

func TestAPageHearsOnlyWhatItAskedForInItsOrganisation(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		_, events := h.listen(t, "?topics=job,pump")
		next(t, events)
		other, err := h.here.CreateOrganisation(t.Context(), "Other")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.here.PutJob(t.Context(), job.Job{Organisation: other.Number, Kind: "dig", State: job.Waiting}); err != nil {
			t.Fatal(err)
		}
		write(t, h.here, h.org, "Jo")
		time.Sleep(time.Second)
		if _, _, err := h.here.PutJob(t.Context(), job.Job{Organisation: h.org, Kind: "dig", State: job.Waiting}); err != nil {
			t.Fatal(err)
		}
		if e := next(t, events); fmt.Sprint(e.Data.Topics) != "[job]" {
			t.Errorf("heard of %+v", e)
		}
	})
}

func TestNewsComeTogetherTwiceASecondAtMost(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		_, events := h.listen(t, "?topics=person")
		next(t, events)
		began := time.Now()
		for i := range 40 {
			write(t, h.here, h.org, fmt.Sprint("sailor ", i))
			time.Sleep(20 * time.Millisecond)
		}
		head, _, err := h.here.Tree(t.Context(), h.org)
		if err != nil {
			t.Fatal(err)
		}
		var got []event
		for len(got) == 0 || got[len(got)-1].Data.Seq < head.Size {
			got = append(got, next(t, events))
		}
		for i := 1; i < len(got); i++ {
			if gap := got[i].at.Sub(got[i-1].at); gap < 400*time.Millisecond {
				t.Errorf("two events within %s", gap)
			}
		}
		if took := time.Since(began); len(got) > 2+int(took/(500*time.Millisecond)) {
			t.Errorf("%d events for 40 writes in %s", len(got), took)
		}
	})
}

func TestAPageThatComesBackMissesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		write(t, h.here, h.org, "before")
		_, events := h.listen(t, "")
		drawn := next(t, events)
		write(t, h.here, h.org, "while away")
		for name, how := range map[string][]string{"since": {"?since=" + fmt.Sprint(drawn.Data.Seq)}, "Last-Event-ID": {"", "Last-Event-ID", drawn.ID}} {
			_, events := h.listen(t, how[0], how[1:]...)
			next(t, events)
			if e := next(t, events); fmt.Sprint(e.Data.Topics) != "[person]" || e.Data.Seq != drawn.Data.Seq+1 {
				t.Errorf("with %s: %+v", name, e)
			}
		}
	})
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		_, events := h.listen(t, "")
		next(t, events)
		if err := h.accounts.SignOut(t.Context(), h.session); err != nil {
			t.Fatal(err)
		}
		write(t, h.here, h.org, "not to be heard of")
		if last := ends(t, events); last.Name != "ended" {
			t.Errorf("the last word was %+v", last)
		}
		if status, _ := h.listen(t, ""); status != http.StatusUnauthorized {
			t.Errorf("signed out, a stream is answered %d", status)
		}
	})
}

func TestStreamsEndWithTheServerAndLiveByHeartbeats(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		_, events := h.listen(t, "")
		next(t, events)
		if e := <-events; e.Name != ":" {
			t.Errorf("instead of a heartbeat: %+v", e)
		}
		h.stop()
		ends(t, events)
		write(t, h.here, h.org, "nobody listens")
	})
}

func TestAnAccountHasSoManyStreams(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for range 3 {
			if status, events := h.listen(t, ""); status != http.StatusOK {
				t.Fatal(status)
			} else {
				next(t, events)
			}
		}
		if status, _ := h.listen(t, ""); status != http.StatusTooManyRequests {
			t.Errorf("the fourth stream: %d", status)
		}
		if status, _ := h.listen(t, "?topics="+strings.Repeat("x", 3000)); status != http.StatusBadRequest {
			t.Errorf("very many topics: %d", status)
		}
	})
}

func TestStreamsOfOneOrganisationTakeNoneFromAnother(t *testing.T) {
	s := open(t, store.Config{Folder: t.TempDir()})
	h := newHouse(t, s, s)
	mara := h.session
	if _, err := h.accounts.Create(t.Context(), "Second", "Otto", "otto@example.org", password); err != nil {
		t.Fatal(err)
	}
	var err error
	if h.session, err = h.accounts.SignIn(t.Context(), "otto@example.org", password, "", "t"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		h.listen(t, "")
	}
	if status, _ := h.listen(t, ""); status != http.StatusTooManyRequests {
		t.Errorf("a fourth stream of one account: %d", status)
	}
	h.session = mara // PER-1 like Otto, elsewhere
	if status, _ := h.listen(t, ""); status != http.StatusOK {
		t.Errorf("the first stream of another organisation's account: %d", status)
	}
}
