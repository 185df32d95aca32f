// SPDX-License-Identifier: Apache-2.0

// Package outbound makes the one HTTP client Sextant reaches other systems
// with. It refuses addresses inside the machine at the moment of dialling, after
// the name was resolved, so that neither a name that changes its address nor a
// redirect leads there; and it caps size and time. It does not retry and knows
// no credentials.
package outbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Policy says what a client may do. The zero value is the strict one.
type Policy struct {
	// AllowLocal lets the client reach loopback and the machine's own
	// addresses. Only an operator may set it, never an organisation. Link-local
	// addresses, where clouds keep credentials, stay refused.
	AllowLocal bool
	MaxBody    int64         // bytes of one answer; 32 MiB where 0
	Timeout    time.Duration // of one request with its answer; 60 s where 0
	// Proxy is used where the operator set one: the proxy then resolves names,
	// and what it lets through is the operator's.
	Proxy func(*http.Request) (*url.URL, error)
}

// ErrTooLarge ends the reading of an answer over Policy.MaxBody.
var ErrTooLarge = errors.New("the answer is larger than allowed")

// Refused is the error of a dial to an address the policy forbids.
type Refused struct {
	Address netip.Addr
	Reason  string
}

func (r *Refused) Error() string {
	return fmt.Sprintf("refused to connect to %s: %s", r.Address, r.Reason)
}

// Dialer makes what reaches other systems by protocols other than HTTP, under
// the same rule of addresses. Size and time are then the caller's to cap.
func Dialer(p Policy) *net.Dialer {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	dialer.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
		return p.checkDial(address)
	}
	return dialer
}

// Client makes a client that keeps to p. It follows at most five redirects and
// none from HTTPS to HTTP.
func Client(p Policy) *http.Client {
	transport := &http.Transport{
		Proxy: p.Proxy, DialContext: Dialer(p).DialContext, ForceAttemptHTTP2: true,
		MaxIdleConns: 64, MaxIdleConnsPerHost: 16, IdleConnTimeout: 60 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 45 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
	return &http.Client{
		Transport:     capped{transport, cmp.Or(p.MaxBody, 32<<20)},
		Timeout:       cmp.Or(p.Timeout, 60*time.Second),
		CheckRedirect: checkRedirect,
	}
}

func checkRedirect(next *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return errors.New("stopped after five redirects")
	}
	if via[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return errors.New("refused a redirect from HTTPS to " + next.URL.Scheme)
	}
	return nil
}

func (p Policy) checkDial(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("dial %q: %w", address, err)
	}
	own, err := net.InterfaceAddrs()
	if err != nil && !p.AllowLocal {
		return fmt.Errorf("own addresses: %w", err)
	}
	return p.Check(at.Addr(), own...)
}

// capped ends an answer that grows over max with ErrTooLarge instead of cutting
// it, so that a shortened list is never taken for a whole one.
type capped struct {
	next http.RoundTripper
	max  int64
}

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.ContentLength > c.max {
		resp.Body.Close()
		return nil, fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, resp.ContentLength, c.max)
	}
	resp.Body = &cappedBody{resp.Body, c.max}
	return resp, nil
}

type cappedBody struct {
	io.ReadCloser
	left int64
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
