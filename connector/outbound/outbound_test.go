// SPDX-License-Identifier: Apache-2.0

package outbound_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"sextant/connector/outbound"
)

func TestAddresses(t *testing.T) {
	own := &net.IPNet{IP: net.ParseIP("203.0.113.7"), Mask: net.CIDRMask(24, 32)}
	for _, c := range []struct {
		says, addr     string
		strict, loosed bool // allowed
	}{
		{"a public address", "198.51.100.4", true, true},
		{"a private address", "10.0.0.9", true, true},
		{"a public IPv6 address", "2001:db8::1", true, true},
		{"loopback", "127.0.0.1", false, true},
		{"loopback, another one", "127.9.9.9", false, true},
		{"IPv6 loopback", "::1", false, true},
		{"loopback written as IPv6", "::ffff:127.0.0.1", false, true},
		{"the unspecified address", "0.0.0.0", false, true},
		{"this network", "0.1.2.3", false, true},
		{"IPv6 unspecified", "::", false, true},
		{"our own address", "203.0.113.7", false, true},
		{"our neighbour's address", "203.0.113.8", true, true},
		{"the metadata service", "169.254.169.254", false, false},
		{"the metadata service written as IPv6", "::ffff:169.254.169.254", false, false},
		{"the metadata service through NAT64", "64:ff9b::a9fe:a9fe", false, false},
		{"the metadata service through 6to4", "2002:a9fe:a9fe::1", false, false},
		{"the IPv6 metadata service", "fd00:ec2::254", false, false},
		{"IPv6 link-local with a zone", "fe80::1%eth0", false, false},
		{"multicast", "224.0.0.1", false, false},
	} {
		addr := netip.MustParseAddr(c.addr)
		if err := (outbound.Policy{}).Check(addr, own); (err == nil) != c.strict {
			t.Errorf("%s (%s): strict policy says %v", c.says, c.addr, err)
		}
		if err := (outbound.Policy{AllowLocal: true}).Check(addr, own); (err == nil) != c.loosed {
			t.Errorf("%s (%s): policy with local addresses says %v", c.says, c.addr, err)
		}
	}
}

func TestDialIsRefusedAfterTheNameWasResolved(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "in") }))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	_, err := outbound.Client(outbound.Policy{}).Get("http://localhost:" + port)
	if refused := (*outbound.Refused)(nil); !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal", err)
	}
	resp, err := outbound.Client(outbound.Policy{AllowLocal: true}).Get("http://localhost:" + port)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

func TestRedirectToAForbiddenAddressIsRefused(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/latest", http.StatusFound))
	defer server.Close()
	_, err := outbound.Client(outbound.Policy{AllowLocal: true}).Get(server.URL)
	if refused := (*outbound.Refused)(nil); !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal", err)
	}
}

func TestAnAnswerOverTheLimitIsAnErrorNotACutAnswer(t *testing.T) {
	for _, announced := range []bool{true, false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !announced {
				w.(http.Flusher).Flush()
			}
			io.WriteString(w, strings.Repeat("x", 1001))
		}))
		resp, err := outbound.Client(outbound.Policy{AllowLocal: true, MaxBody: 1000}).Get(server.URL)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if !errors.Is(err, outbound.ErrTooLarge) {
			t.Errorf("announced %v: got %v, want ErrTooLarge", announced, err)
		}
		server.Close()
	}
}

func TestAnAnswerOfExactlyTheLimitIsWhole(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("x", 1000))
	}))
	defer server.Close()
	resp, err := outbound.Client(outbound.Policy{AllowLocal: true, MaxBody: 1000}).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); len(b) != 1000 || err != nil {
		t.Fatalf("got %d bytes and %v", len(b), err)
	}
}
