// SPDX-License-Identifier: Apache-2.0

// Package mailtest is a mail server inside a test: it takes letters, keeps them,
// and fails as it is told. It delivers nothing.
package mailtest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// Letter is what the server took.
type Letter struct {
	From, To string // of the envelope
	Raw      string
	Header   mail.Header
	Subject  string // decoded
	Body     string // decoded
	Secure   bool   // it came over TLS
	User     string // who sent it, "" where nobody signed in
}

// Server is a mail server on a loopback address.
type Server struct {
	Address string         // host:port
	Roots   *x509.CertPool // that its certificate is good for

	mu      sync.Mutex
	letters []Letter
	refuse  func(verb string, n int) string // see Refuse
	asked   map[string]int
	offers  string // of EHLO, beside STARTTLS
	starts  bool
	listens net.Listener
	cert    tls.Certificate
}

// Password is that of every user.
const Password = "one word for the post"

// Start serves until the test ends. It offers STARTTLS, and LOGIN and PLAIN.
func Start(t testing.TB) *Server { return start(t, false) }

// StartTLS serves TLS from the start.
func StartTLS(t testing.TB) *Server { return start(t, true) }

func start(t testing.TB, implicit bool) *Server {
	t.Helper()
	s := &Server{asked: map[string]int{}, starts: !implicit, offers: "AUTH LOGIN PLAIN"}
	s.certify(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listens, s.Address = listener, listener.Addr().String()
	if implicit {
		s.listens = tls.NewListener(listener, s.config())
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := s.listens.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { defer conn.Close(); (&session{s: s, conn: conn, secure: implicit}).serve() })
		}
	})
	t.Cleanup(func() { listener.Close() })
	return s
}

// certify makes a certificate for 127.0.0.1 that only Roots vouches for.
func (s *Server) certify(t testing.TB) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.cert, s.Roots = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, x509.NewCertPool()
	s.Roots.AddCert(made)
}

func (s *Server) config() *tls.Config { return &tls.Config{Certificates: []tls.Certificate{s.cert}} }

// Letters gives what was taken so far.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// Refuse lets fn say how the nth (from 1) use of a verb (EHLO, AUTH, MAIL, RCPT,
// DATA, and "." for the letter itself) is answered; "" takes it. "drop" ends the
// connection without an answer.
func (s *Server) Refuse(fn func(verb string, n int) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = fn
}

// Offer sets what EHLO offers beside STARTTLS, and whether it offers that.
func (s *Server) Offer(words string, startTLS bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offers, s.starts = words, startTLS
}

func (s *Server) answer(verb string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[verb]++
	if s.refuse == nil {
		return ""
	}
	return s.refuse(verb, s.asked[verb])
}

// session is one conversation.
type session struct {
	s      *Server
	conn   net.Conn
	in     *bufio.Reader
	secure bool
	letter Letter
}

func (c *session) say(format string, args ...any) { fmt.Fprintf(c.conn, format+"\r\n", args...) }

func (c *session) line() (string, bool) {
	text, err := c.in.ReadString('\n')
	return strings.TrimRight(text, "\r\n"), err == nil
}

func (c *session) serve() {
	c.in = bufio.NewReader(c.conn)
	c.say("220 mail.test ESMTP")
	for {
		text, ok := c.line()
		if !ok {
			return
		}
		verb, rest, _ := strings.Cut(text, " ")
		verb = strings.ToUpper(verb)
		switch answer := c.s.answer(verb); {
		case answer == "drop":
			return
		case answer != "":
			c.say("%s", answer)
			continue
		}
		if !c.do(verb, rest) {
			return
		}
	}
}

func (c *session) do(verb, rest string) (goOn bool) {
	switch verb {
	case "EHLO", "HELO":
		c.ehlo()
	case "STARTTLS":
		c.say("220 go ahead")
		secure := tls.Server(c.conn, c.s.config())
		if secure.Handshake() != nil {
			return false
		}
		c.conn, c.in, c.secure = secure, bufio.NewReader(secure), true
	case "AUTH":
		c.auth(rest)
	case "MAIL":
		c.letter.From, c.letter.Secure = address(rest), c.secure
		c.say("250 ok")
	case "RCPT":
		c.letter.To = address(rest)
		c.say("250 ok")
	case "DATA":
		return c.data()
	case "QUIT":
		c.say("221 bye")
		return false
	default:
		c.say("250 ok")
	}
	return true
}

func (c *session) ehlo() {
	c.s.mu.Lock()
	offers, starts := c.s.offers, c.s.starts && !c.secure
	c.s.mu.Unlock()
	c.say("250-mail.test")
	if starts {
		c.say("250-STARTTLS")
	}
	if offers != "" {
		c.say("250-%s", offers)
	}
	c.say("250 8BITMIME")
}

func (c *session) auth(rest string) {
	way, given, _ := strings.Cut(rest, " ")
	user, password := "", ""
	if strings.EqualFold(way, "PLAIN") {
		parts := strings.Split(decode(given), "\x00")
		if len(parts) == 3 {
			user, password = parts[1], parts[2]
		}
	} else {
		c.say("334 %s", base64.StdEncoding.EncodeToString([]byte("Username:")))
		text, _ := c.line()
		user = decode(text)
		c.say("334 %s", base64.StdEncoding.EncodeToString([]byte("Password:")))
		text, _ = c.line()
		password = decode(text)
	}
	if password != Password {
		c.say("535 5.7.8 wrong user or password")
		return
	}
	c.letter.User = user
	c.say("235 welcome")
}

func decode(text string) string {
	data, _ := base64.StdEncoding.DecodeString(text)
	return string(data)
}

func address(text string) string {
	_, text, _ = strings.Cut(text, "<")
	text, _, _ = strings.Cut(text, ">")
	return text
}

func (c *session) data() (goOn bool) {
	c.say("354 go on")
	var raw strings.Builder
	for {
		text, ok := c.line()
		if !ok {
			return false
		}
		if text == "." {
			break
		}
		raw.WriteString(strings.TrimPrefix(text, ".") + "\r\n")
	}
	answer := c.s.answer(".")
	if answer != "" && answer != "drop" {
		c.say("%s", answer)
		return true
	}
	c.letter.Raw = raw.String()
	c.s.keep(c.letter)
	if answer == "drop" { // taken, and nobody hears of it
		return false
	}
	c.say("250 taken")
	return true
}

func (s *Server) keep(l Letter) {
	if m, err := mail.ReadMessage(strings.NewReader(l.Raw)); err == nil {
		l.Header = m.Header
		l.Subject, _ = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if body, err := io.ReadAll(quotedprintable.NewReader(m.Body)); err == nil {
			l.Body = strings.ReplaceAll(string(body), "\r\n", "\n")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, l)
}
