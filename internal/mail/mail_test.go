// SPDX-License-Identifier: Apache-2.0

package mail_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/internal/mail"
	"sextant/internal/mail/mailtest"
)

func sender(t *testing.T, s *mailtest.Server, scheme, user, query string) *mail.Sender {
	t.Helper()
	u := url.URL{Scheme: scheme, Host: s.Address, RawQuery: query}
	if user != "" {
		u.User = url.UserPassword(user, mailtest.Password)
	}
	made, err := mail.New(mail.Config{URL: u.String(), From: "Sextant <isms@northquay.example>", TLS: &tls.Config{RootCAs: s.Roots}})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func letter() mail.Letter {
	return mail.Letter{To: "priya@northquay.example", Subject: "Prüfung fällig – 30 %", Body: "Guten Tag,\n\n.a line that begins with a dot\n" + strings.Repeat("long ", 300) + "\nend\n", ID: "ntc-1", At: time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)}
}

func TestALetterArrivesAsItWasWritten(t *testing.T) {
	for _, c := range []struct {
		name, scheme, user, offers string
		implicit                   bool
	}{
		{"STARTTLS with PLAIN", "smtp", "post", "AUTH PLAIN LOGIN", false}, {"STARTTLS with LOGIN", "smtp", "post", "AUTH LOGIN", false},
		{"TLS from the start", "smtps", "post", "AUTH PLAIN", true}, {"without a user", "smtp", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := mailtest.Start
			if c.implicit {
				start = mailtest.StartTLS
			}
			server := start(t)
			server.Offer(c.offers, !c.implicit)
			if err := sender(t, server, c.scheme, c.user, "").Send(t.Context(), letter()); err != nil {
				t.Fatal(err)
			}
			got := server.Letters()
			if len(got) != 1 {
				t.Fatalf("%d letters arrived", len(got))
			}
			l, want := got[0], letter()
			if !l.Secure || l.User != c.user || l.To != want.To || l.From != "isms@northquay.example" || l.Subject != want.Subject || l.Body != want.Body {
				t.Errorf("arrived: %+v", l)
			}
			if id := l.Header.Get("Message-ID"); id != "<ntc-1@northquay.example>" || l.Header.Get("Auto-Submitted") != "auto-generated" {
				t.Errorf("Message-ID %q, head %v", id, l.Header)
			}
			for line := range strings.SplitSeq(l.Raw, "\r\n") {
				if len(line) > 998 {
					t.Errorf("a line has %d bytes; RFC 5321 allows 998", len(line))
				}
			}
		})
	}
}

func TestNobodyAddsAHeader(t *testing.T) {
	server := mailtest.Start(t)
	s := sender(t, server, "smtp", "", "")
	for name, change := range map[string]func(*mail.Letter){
		"a line end in the subject":      func(l *mail.Letter) { l.Subject = "Hello\r\nBcc: all@example.org" },
		"a bare line feed":               func(l *mail.Letter) { l.Subject = "Hello\nBcc: all@example.org" },
		"a carriage return":              func(l *mail.Letter) { l.Subject = "Hello\rBcc: all@example.org" },
		"a zero byte":                    func(l *mail.Letter) { l.Subject = "Hello\x00" },
		"a line end in the address":      func(l *mail.Letter) { l.To = "a@example.org\r\nBcc: all@example.org" },
		"two addresses":                  func(l *mail.Letter) { l.To = "a@example.org, b@example.org" },
		"a name with the address":        func(l *mail.Letter) { l.To = "Eve <a@example.org>" },
		"an end of command":              func(l *mail.Letter) { l.To = "a@example.org>\r\nRCPT TO:<b@example.org" },
		"a line end in the Message-ID":   func(l *mail.Letter) { l.ID = "x\r\nBcc: all@example.org" },
		"an end of the Message-ID in it": func(l *mail.Letter) { l.ID = "x>@y" },
	} {
		l := letter()
		change(&l)
		if err := s.Send(t.Context(), l); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	l := letter()
	l.Subject, l.Body = "=?utf-8?q?Hello=0D=0ABcc:_x@example.org?=", "a\r\n.\r\nRCPT TO:<b@example.org>\r\n"
	if err := s.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	got := server.Letters()
	if len(got) != 1 || got[0].Header.Get("Bcc") != "" || len(got[0].Header) != 9 || !strings.Contains(got[0].Body, "RCPT TO:<b@example.org>") {
		t.Errorf("arrived: %d letters, %+v", len(got), got)
	}
}

func TestAServerWithoutTLSIsRefusedUnlessTheOperatorSaysSo(t *testing.T) {
	server := mailtest.Start(t)
	server.Offer("AUTH PLAIN", false)
	_, port, err := net.SplitHostPort(server.Address)
	if err != nil {
		t.Fatal(err)
	}
	own := ownAddress(t)
	if own == "" {
		t.Log("this machine has loopback addresses only: a server elsewhere is not tried")
	} else {
		listener, err := net.Listen("tcp", net.JoinHostPort(own, port))
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		go forward(listener, server.Address)
		for query, want := range map[string]sextant.Code{"": sextant.Unavailable, "?tls=none": ""} {
			s, err := mail.New(mail.Config{URL: "smtp://" + net.JoinHostPort(own, port) + query, From: "isms@northquay.example"})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Send(t.Context(), letter()); sextant.CodeOf(err) != want {
				t.Errorf("without TLS, with %q: %v, want %q", query, err, want)
			}
		}
		s, err := mail.New(mail.Config{URL: "smtp://post:secret@" + net.JoinHostPort(own, port) + "?tls=none", From: "isms@northquay.example"})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(t.Context(), letter()); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("a password without TLS: %v, want a refusal that does not repeat it", err)
		}
	}
	untrusted := mailtest.Start(t)
	s, err := mail.New(mail.Config{URL: "smtp://" + untrusted.Address, From: "isms@northquay.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), letter()); sextant.CodeOf(err) != sextant.Unavailable || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("a certificate nobody vouches for: %v, want Unavailable", err)
	}
}

func ownAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			return n.IP.String()
		}
	}
	return ""
}

func forward(listener net.Listener, to string) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		there, err := net.Dial("tcp", to)
		if err != nil {
			from.Close()
			return
		}
		for _, way := range [][2]net.Conn{{from, there}, {there, from}} {
			go func() {
				defer way[0].Close()
				defer way[1].Close()
				buffer := make([]byte, 4096)
				for {
					n, err := way[0].Read(buffer)
					if err != nil {
						return
					}
					if _, err := way[1].Write(buffer[:n]); err != nil {
						return
					}
				}
			}()
		}
	}
}

func TestAFailureSaysWhetherTimeMayMendIt(t *testing.T) {
	for _, c := range []struct {
		verb, answer string
		want         sextant.Code
	}{
		{"RCPT", "550 5.1.1 no such box", sextant.Invalid}, {"RCPT", "450 4.2.1 try later", sextant.Unavailable}, {".", "554 5.7.1 looks like rubbish", sextant.Invalid},
		{".", "451 4.3.0 disk full", sextant.Unavailable}, {"AUTH", "535 5.7.8 wrong", sextant.Unavailable}, {"MAIL", "550 not from you", sextant.Unavailable},
		{"EHLO", "drop", sextant.Unavailable}, {"DATA", "drop", sextant.Unavailable}, {".", "drop", sextant.Unavailable},
	} {
		server := mailtest.Start(t)
		server.Refuse(func(verb string, _ int) string {
			if verb == c.verb || (verb == "HELO" && c.verb == "EHLO") {
				return c.answer
			}
			return ""
		})
		err := sender(t, server, "smtp", "post", "").Send(t.Context(), letter())
		if sextant.CodeOf(err) != c.want || strings.Contains(err.Error(), mailtest.Password) {
			t.Errorf("%s answered by %q: %v, want %s", c.verb, c.answer, err, c.want)
		}
	}
}

func TestAServerThatSaysNothingOrTooMuchHoldsNobodyUp(t *testing.T) {
	for name, talk := range map[string]func(net.Conn){
		"nothing": func(net.Conn) { time.Sleep(time.Minute) },
		"too much": func(c net.Conn) {
			for {
				if _, err := fmt.Fprint(c, strings.Repeat("2", 4096)); err != nil {
					return
				}
			}
		},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		go func() {
			for {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				go func() { defer c.Close(); talk(c) }()
			}
		}()
		s, err := mail.New(mail.Config{URL: "smtp://" + listener.Addr().String(), From: "isms@northquay.example"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if err := s.Send(ctx, letter()); sextant.CodeOf(err) != sextant.Unavailable {
			t.Errorf("a server that says %s: %v, want Unavailable", name, err)
		}
	}
}

func TestWrongSettingsAreRefusedWithoutThePassword(t *testing.T) {
	for _, c := range []mail.Config{
		{URL: "http://user:hunter2@mail.example.org", From: "a@example.org"}, {URL: "smtp://", From: "a@example.org"}, {URL: "smtp://user:hunter2@%zz", From: "a@example.org"},
		{URL: "smtp://user:hunter2@mail.example.org/path", From: "a@example.org"}, {URL: "smtp://user:hunter2@mail.example.org?tls=maybe", From: "a@example.org"},
		{URL: "smtps://user:hunter2@mail.example.org?tls=none", From: "a@example.org"}, {URL: "smtp://user:hunter2@mail.example.org", From: "nobody"}, {URL: "smtp://user:hunter2@mail.example.org"},
	} {
		if _, err := mail.New(c); sextant.CodeOf(err) != sextant.Invalid || strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
			t.Errorf("%+v: %v, want a refusal that does not repeat the password", c, err)
		}
	}
}
