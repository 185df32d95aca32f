// SPDX-License-Identifier: Apache-2.0

package post_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/internal/job"
	"sextant/internal/mail"
	"sextant/internal/mail/mailtest"
	"sextant/internal/schedule"
	"sextant/internal/server/post"
	"sextant/notice"
	"sextant/product"
	"sextant/product/producttest"
	"sextant/register"
)

type evidenceReader = evidence.Reader

var fallen = notice.Declare("mentioned_in_a_test", 0)

// office is a house whose notices are mailed to a server in the test.
type office struct {
	*producttest.House
	server *mailtest.Server
	kernel *register.Kernel
	post   *post.Post
	work   *schedule.Schedule
}

func newOffice(t *testing.T, h *producttest.House) *office {
	t.Helper()
	o := &office{House: h, server: mailtest.Start(t)}
	o.server.Offer("", false) // on this machine nobody asks for TLS
	sender, err := mail.New(mail.Config{URL: "smtp://" + o.server.Address, From: "isms@northquay.example"})
	if err != nil {
		t.Fatal(err)
	}
	o.kernel = register.New(h.Store, product.Registers(), register.Config{Clock: h.Clock, Functions: product.Functions(), Follows: product.Follows(), Mail: true,
		Written: func(ctx context.Context, org sextant.Organisation, registers []string) {
			o.work.Written(ctx, org, registers)
		}})
	o.post = &post.Post{Kernel: o.kernel, Sender: sender, Public: "https://isms.example.org/"}
	o.work = o.schedule(o.post)
	return o
}

func (o *office) schedule(post schedule.Post) *schedule.Schedule {
	return schedule.New(schedule.Config{Store: o.Store, Kernel: o.kernel, Way: product.Way(o.kernel, o.Store), Clock: o.Clock, Post: post,
		Every: 50 * time.Millisecond, Poll: 20 * time.Millisecond, Wait: func(int) time.Duration { return time.Millisecond }})
}

// start runs schedules until the function it gives is called.
func start(t *testing.T, schedules ...*schedule.Schedule) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, s := range schedules {
		running.Go(func() { s.Queue().Run(ctx) })
	}
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(stop)
	return stop
}

func (o *office) tell(t *testing.T, person, occasion string) {
	t.Helper()
	if err := o.kernel.Write(t.Context(), o.System(), func(tx *register.Tx) error { return fallen.Tell(tx, person, "PER-1", occasion) }); err != nil {
		t.Fatal(err)
	}
}

func (o *office) notice(t *testing.T, key string) (n register.Of[notice.Notice]) {
	t.Helper()
	if err := o.kernel.Read(t.Context(), o.System(), 0, func(v *register.View) (err error) {
		n, err = notice.Notices.Get(v, key)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// until waits for a notice's mail to be as wanted.
func (o *office) until(t *testing.T, key, wanted string) register.Of[notice.Notice] {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if n := o.notice(t, key); n.Fields.Mail == wanted {
			return n
		}
	}
	t.Fatalf("the mail of %s never was %s: %+v", key, wanted, o.notice(t, key).Fields)
	panic("unreachable")
}

func TestAPersonIsMailedOnceByAnyNumberOfReplicas(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		start(t, o.work, o.schedule(o.post), o.schedule(o.post))
		for range 3 {
			o.tell(t, h.People[access.Owner], "x")
		}
		o.tell(t, h.People[access.Reader], "x")
		o.until(t, "NTC-1", notice.Sent)
		o.until(t, "NTC-2", notice.Sent)
		o.tell(t, h.People[access.Owner], "x")
		letters := o.server.Letters()
		if len(letters) != 2 {
			t.Fatalf("%d letters, want one to each of two people: %+v", len(letters), letters)
		}
		for _, l := range letters {
			if l.From != "isms@northquay.example" || !strings.HasSuffix(l.To, "@example.org") {
				t.Errorf("a letter from %s to %s", l.From, l.To)
			}
			if !strings.Contains(l.Subject, "Mara Lindqvist") || !strings.Contains(l.Body, "https://isms.example.org/persons/PER-1\n") || !strings.Contains(l.Body, "Northquay") {
				t.Errorf("the letter says:\n%s\n\n%s", l.Subject, l.Body)
			}
		}
	})
}

func TestAMailIsTriedAgainUntilTheServerTakesIt(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.server.Refuse(func(verb string, n int) string {
			if verb == "MAIL" && n < 4 {
				return "451 4.3.0 come back later"
			}
			return ""
		})
		start(t, o.work)
		o.tell(t, h.People[access.Owner], "x")
		if n := o.until(t, "NTC-1", notice.Sent); n.Fields.MailedAt == "" || n.Fields.Problem != "" {
			t.Errorf("after the fourth try: %+v", n.Fields)
		}
		if n := len(o.server.Letters()); n != 1 {
			t.Errorf("%d letters", n)
		}
	})
}

func TestWhatIsRefusedForGoodIsGivenUpVisibly(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.server.Refuse(func(verb string, _ int) string {
			if verb == "RCPT" {
				return "550 5.1.1 no such box"
			}
			return ""
		})
		start(t, o.work)
		o.tell(t, h.People[access.Owner], "x")
		if n := o.until(t, "NTC-1", notice.Failed); !strings.Contains(n.Fields.Problem, "no such box") || n.State != notice.Unread {
			t.Errorf("given up: %+v; want why, and the notice still unread in the program", n.Fields)
		}
		var jobs []job.Job
		var err error
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && (len(jobs) == 0 || jobs[0].State.Open()); time.Sleep(10 * time.Millisecond) {
			jobs, err = o.work.Queue().List(t.Context(), o.System(), job.Filter{Kind: schedule.Mail})
		}
		if err != nil || len(jobs) != 1 || jobs[0].State != job.Failed || jobs[0].Attempt != 1 {
			t.Errorf("jobs %+v, %v; want one that failed at the first try", jobs, err)
		}
	})
}

// A program that dies between the server's taking a letter and the word of it
// sends it again, under the same Message-ID.
func TestALetterIsSentAtLeastOnceAfterACrash(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.server.Refuse(func(verb string, n int) string {
			if verb == "." && n == 1 {
				return "drop"
			}
			return ""
		})
		start(t, o.work)
		o.tell(t, h.People[access.Owner], "x")
		o.until(t, "NTC-1", notice.Sent)
		letters := o.server.Letters()
		if len(letters) != 2 || letters[0].Header.Get("Message-ID") != letters[1].Header.Get("Message-ID") || letters[0].Raw != letters[1].Raw {
			t.Errorf("%d letters: %+v; want the same one twice", len(letters), letters)
		}
	})
}

// crashing delivers and dies before anything is recorded: its context ends, as
// when the program is killed.
type crashing struct {
	*post.Post
	mu   sync.Mutex
	died chan struct{}
}

func (c *crashing) Deliver(ctx context.Context, org sextant.Organisation, key string, last bool) error {
	c.mu.Lock()
	first := c.died != nil
	c.mu.Unlock()
	if !first {
		return c.Post.Deliver(ctx, org, key, last)
	}
	dead, die := context.WithCancel(ctx)
	die()
	err := c.Post.Deliver(dead, org, key, last)
	c.mu.Lock()
	close(c.died)
	c.died = nil
	c.mu.Unlock()
	return fmt.Errorf("killed: %w", err)
}

func TestWorkOfADeadProcessIsTakenOver(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		died := make(chan struct{})
		one := o.schedule(&crashing{Post: o.post, died: died})
		stop := start(t, one)
		o.tell(t, h.People[access.Owner], "x")
		<-died
		stop()
		if n := o.notice(t, "NTC-1"); n.Fields.Mail != notice.Queued {
			t.Fatalf("after the crash its mail is %s, want it to wait", n.Fields.Mail)
		}
		start(t, o.schedule(o.post))
		o.until(t, "NTC-1", notice.Sent)
	})
}

func TestWhatWasReadOrIsOldNewsIsNotMailed(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		owner := access.Actor{Organisation: h.Org, Name: "person:" + h.People[access.Owner], Person: h.People[access.Owner], Roles: []access.Role{access.Owner}}
		o.tell(t, h.People[access.Owner], "read before")
		o.tell(t, h.People[access.Reader], "gone")
		if err := o.kernel.Write(t.Context(), owner, func(tx *register.Tx) error {
			_, err := tx.Transition("notice", "NTC-1", 0, "read", nil, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := o.kernel.Write(t.Context(), o.System(), func(tx *register.Tx) error {
			_, err := tx.Edit("person", h.People[access.Reader], 0, map[string]any{"email": nil}, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		start(t, o.work)
		o.until(t, "NTC-1", notice.None)
		if n := o.until(t, "NTC-2", notice.Failed); !strings.Contains(n.Fields.Problem, "address") {
			t.Errorf("without an address: %+v", n.Fields)
		}
		if n := len(o.server.Letters()); n != 0 {
			t.Errorf("%d letters, want none", n)
		}
	})
}

func TestWithoutAMailServerNothingWaits(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		h.Write(t, func(tx *register.Tx) error { return fallen.Tell(tx, h.People[access.Owner], "PER-1", "x") })
		h.Look(t, 0, func(v *register.View, _ evidenceReader) error {
			n, err := notice.Notices.Get(v, "NTC-1")
			if n.Fields.Mail != notice.None {
				t.Errorf("its mail is %s, want none", n.Fields.Mail)
			}
			return err
		})
	})
}

// What a comment mentions is told in words of the catalogue.
func TestWhoIsMentionedIsMailed(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		start(t, o.work)
		if err := o.kernel.Write(t.Context(), o.System(), func(tx *register.Tx) error {
			for range 2 {
				if _, err := tx.Create("comment", map[string]any{"subject": "PER-1", "text": "Look at this", "author": h.People[access.Reader], "mentions": []string{h.People[access.Owner], h.People[access.Reader]}}, register.Note{}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		o.until(t, "NTC-1", notice.Sent)
		o.until(t, "NTC-2", notice.Sent)
		letters := o.server.Letters()
		if len(letters) != 2 || letters[0].To != "owner@example.org" || letters[0].Subject != "You are mentioned in a comment on Mara Lindqvist" {
			t.Errorf("letters: %+v; want one for each comment, to the other one who is mentioned", letters)
		}
		if strings.Contains(letters[0].Raw, "Look at this") {
			t.Error("the comment's words left the program")
		}
	})
}

func TestATitleAddsNoHeader(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		if err := o.kernel.Write(t.Context(), o.System(), func(tx *register.Tx) error {
			_, err := tx.Edit("person", "PER-1", 0, map[string]any{"name": "Eve %[2]s =?utf-8?q?=0D=0ABcc:_x@example.org?="}, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		start(t, o.work)
		o.tell(t, h.People[access.Owner], "x")
		o.until(t, "NTC-1", notice.Sent)
		l := o.server.Letters()[0]
		if l.Header.Get("Bcc") != "" || len(l.Header) != 9 || strings.Contains(l.Raw, "\nBcc") || !strings.Contains(l.Body, "Eve %[2]s") {
			t.Errorf("the letter: %s", l.Raw)
		}
	})
}
