// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"

	"sextant"
	"sextant/connector/outbound"
)

// deliver speaks with the server.
func (s *Sender) deliver(ctx context.Context, to string, data []byte) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return s.unavailable(ctx, "cannot be reached", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return s.unavailable(ctx, "does not speak SMTP", err)
	}
	if err := s.greet(ctx, c); err != nil {
		return err
	}
	if err := c.Mail(s.from.Address); err != nil {
		return s.unavailable(ctx, "does not take letters from "+s.from.Address, err)
	}
	if err := c.Rcpt(to); err != nil {
		return s.refused(ctx, "does not take letters to this address", err)
	}
	w, err := c.Data()
	if err != nil {
		return s.refused(ctx, "does not take the letter", err)
	}
	if _, err := w.Write(data); err != nil {
		return s.unavailable(ctx, "did not take the whole letter", err)
	}
	if err := w.Close(); err != nil {
		return s.refused(ctx, "does not take the letter", err)
	}
	_ = c.Quit() // the letter is taken; how the server says goodbye changes nothing
	return nil
}

// dial connects. The operator names the server, so it may be on this machine.
func (s *Sender) dial(ctx context.Context) (net.Conn, error) {
	conn, err := outbound.Dialer(outbound.Policy{AllowLocal: true}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			conn.Close()
			return nil, err
		}
	}
	conn = &capped{conn, mostAnswered}
	if !s.implicit {
		return conn, nil
	}
	secure := tls.Client(conn, s.tlsConfig())
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

func (s *Sender) tlsConfig() *tls.Config {
	c := &tls.Config{}
	if s.tls != nil {
		c = s.tls.Clone()
	}
	c.ServerName, c.MinVersion = s.host, tls.VersionTLS12
	return c
}

// greet goes over to TLS and says who sends.
func (s *Sender) greet(ctx context.Context, c *smtp.Client) error {
	_, domain, _ := strings.Cut(s.from.Address, "@")
	if err := c.Hello(domain); err != nil {
		return s.unavailable(ctx, "does not greet back", err)
	}
	offered, _ := c.Extension("STARTTLS")
	switch {
	case s.implicit || s.plain:
	case offered:
		if err := c.StartTLS(s.tlsConfig()); err != nil {
			return s.unavailable(ctx, "has no TLS that can be trusted", err)
		}
	case !s.here():
		return sextant.Errorf(sextant.Unavailable, "the mail server %s offers no TLS", s.address).WithHint("write ?tls=none at the end of its address, if it must do without")
	}
	if s.user == "" {
		return nil
	}
	if err := c.Auth(s.auth(c)); err != nil {
		return s.unavailable(ctx, "does not take the user and password", err)
	}
	return nil
}

// here says whether the server is on this machine.
func (s *Sender) here() bool {
	ip := net.ParseIP(s.host)
	return s.host == "localhost" || (ip != nil && ip.IsLoopback())
}

func (s *Sender) auth(c *smtp.Client) smtp.Auth {
	_, ways := c.Extension("AUTH")
	words := strings.Fields(strings.ToUpper(ways))
	for _, way := range words {
		if way == "PLAIN" {
			return smtp.PlainAuth("", s.user, s.password, s.host)
		}
	}
	return &login{s}
}

// login is the LOGIN mechanism, which large providers offer and the library
// does not have.
type login struct{ s *Sender }

func (l *login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	if !server.TLS && !l.s.here() {
		return "", nil, errors.New("a password is not sent without TLS")
	}
	return "LOGIN", nil, nil
}

func (l *login) Next(asked []byte, more bool) ([]byte, error) {
	switch question := strings.ToLower(string(asked)); {
	case !more:
		return nil, nil
	case strings.HasPrefix(question, "user"):
		return []byte(l.s.user), nil
	case strings.HasPrefix(question, "pass"):
		return []byte(l.s.password), nil
	}
	return nil, errors.New("the server asks for something else than user and password")
}

// mostAnswered is how much a server may say over one letter.
const mostAnswered = 1 << 20

// capped ends a conversation in which the server says too much.
type capped struct {
	net.Conn
	left int
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errors.New("the server said more than a mail server has to")
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// unavailable: somebody, or time, may mend it.
func (s *Sender) unavailable(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return sextant.Errorf(sextant.Unavailable, "the mail server %s %s: %w", s.address, what, err)
}

// refused: for good where the server says so (RFC 5321, 4.2.1: 5yz).
func (s *Sender) refused(ctx context.Context, what string, err error) error {
	if answer, ok := errors.AsType[*textproto.Error](err); ok && answer.Code >= 500 {
		return sextant.Errorf(sextant.Invalid, "the mail server %s %s: %w", s.address, what, err)
	}
	return s.unavailable(ctx, what, err)
}
