// SPDX-License-Identifier: Apache-2.0

// Package mail hands letters to a mail server by SMTP (RFC 5321), over TLS. It
// keeps nothing, queues nothing and tries once: who calls it decides what a
// failure means. It knows no notice and no person.
package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sextant"
)

// Config says where letters go. The operator of the installation sets it.
type Config struct {
	// URL of the mail server: smtps://user:password@host:465 for TLS from the
	// start, smtp://user:password@host:587 for STARTTLS. A server that offers
	// no TLS is refused, unless it is on this machine or the URL ends in
	// ?tls=none.
	URL string
	// From is the sender, as sextant@example.org or Sextant <sextant@example.org>.
	From string
	// TLS is used where it is not nil, for the certificates that are trusted.
	TLS *tls.Config
}

// Sender hands letters to one mail server. It is safe for concurrent use.
type Sender struct {
	host, address  string
	implicit       bool // TLS from the start
	plain          bool // no TLS is asked for
	user, password string
	from           mail.Address
	tls            *tls.Config
}

// Letter is one mail to one person.
type Letter struct {
	To      string // an address, without a name
	Subject string // one line
	Body    string // plain text
	ID      string // left part of the Message-ID: the same for a letter sent again, so that a mailbox shows it once
	At      time.Time
}

// New reads where letters go. Errors: Invalid, saying what is wrong with which
// setting; a password is never repeated in them.
func New(c Config) (*Sender, error) {
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%q is no address to send from", c.From).WithHint("write it as sextant@example.org or Sextant <sextant@example.org>").At("mail-from")
	}
	u, err := url.Parse(c.URL)
	if err != nil { // its text would repeat the URL with the password
		return nil, wrongURL("it cannot be read")
	}
	s := &Sender{host: u.Hostname(), from: *from, tls: c.TLS}
	port := u.Port()
	switch u.Scheme {
	case "smtps":
		s.implicit, port = true, cmp.Or(port, "465")
	case "smtp":
		port = cmp.Or(port, "587")
	default:
		return nil, wrongURL("it begins with neither smtp:// nor smtps://")
	}
	switch tls := u.Query().Get("tls"); {
	case tls == "none" && !s.implicit:
		s.plain = true
	case tls != "":
		return nil, wrongURL("tls can only be none, and only with smtp://")
	}
	if s.host == "" || (u.Path != "" && u.Path != "/") {
		return nil, wrongURL("it names no host, or more than one")
	}
	s.address = net.JoinHostPort(s.host, port)
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
	}
	return s, nil
}

func wrongURL(what string) error {
	return sextant.Errorf(sextant.Invalid, "the address of the mail server is not usable: %s", what).At("smtp-url").
		WithHint("write it as smtp://user:password@mail.example.org:587 or smtps://user:password@mail.example.org")
}

// Server is the mail server's address, without user and password.
func (s *Sender) Server() string { return s.address }

// From is the sender's address.
func (s *Sender) From() string { return s.from.Address }

// sendWithin is how long one letter may take.
const sendWithin = time.Minute

// Send hands a letter over: when it returns nil the server has taken it. Errors:
// Unavailable, where it may work later; Invalid, where the server refuses this
// letter or its receiver for good, or it is no letter.
func (s *Sender) Send(ctx context.Context, l Letter) error {
	data, err := s.compose(l)
	if err != nil {
		return err
	}
	ctx, over := context.WithTimeout(ctx, sendWithin)
	defer over()
	return s.deliver(ctx, l.To, data)
}

// longestSubject in characters; the body says the whole.
const longestSubject = 150

// compose writes a letter as it is sent. What could end a line of the head is
// refused, so that nobody adds a header through a title or an address.
func (s *Sender) compose(l Letter) ([]byte, error) {
	to, err := mail.ParseAddress(l.To)
	if err != nil || to.Address != l.To {
		return nil, sextant.Errorf(sextant.Invalid, "%q is no address to send to", l.To)
	}
	for _, line := range []string{l.Subject, l.ID} {
		if strings.ContainsFunc(line, unicode.IsControl) || !utf8.ValidString(line) {
			return nil, sextant.Errorf(sextant.Invalid, "the head of a letter is one line of text, without control characters")
		}
	}
	if strings.ContainsAny(l.ID, "<>@ ") {
		return nil, sextant.Errorf(sextant.Invalid, "%q is no part of a Message-ID", l.ID)
	}
	subject := l.Subject
	if r := []rune(subject); len(r) > longestSubject {
		subject = string(r[:longestSubject-1]) + "…"
	}
	var b bytes.Buffer
	_, domain, _ := strings.Cut(s.from.Address, "@")
	for _, header := range [][2]string{
		{"From", s.from.String()}, {"To", to.String()}, {"Subject", mime.QEncoding.Encode("utf-8", subject)},
		{"Date", l.At.UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + l.ID + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"}, {"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", header[0], header[1])
	}
	b.WriteString("\r\n")
	body := quotedprintable.NewWriter(&b)
	_, err = body.Write([]byte(strings.ToValidUTF8(l.Body, "�")))
	if closed := body.Close(); err == nil {
		err = closed
	}
	return b.Bytes(), err
}
