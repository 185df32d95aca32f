// SPDX-License-Identifier: Apache-2.0

package outbound

import (
	"net"
	"net/netip"
)

// Addresses at which clouds answer with credentials outside of the link-local
// range.
var metadata = []netip.Prefix{
	netip.MustParsePrefix("fd00:ec2::/32"),
	netip.MustParsePrefix("100.100.100.200/32"),
	netip.MustParsePrefix("168.63.129.16/32"),
}

// nat64 and sixToFour carry an IPv4 address inside an IPv6 one (RFC 6052, 3056).
var (
	nat64     = netip.MustParsePrefix("64:ff9b::/96")
	sixToFour = netip.MustParsePrefix("2002::/16")
)

// Check reports whether the policy lets a connection go to addr; own are the
// machine's addresses. The error is a *Refused.
func (p Policy) Check(addr netip.Addr, own ...net.Addr) error {
	addr = plain(addr)
	if reason := p.reason(addr, own); reason != "" {
		return &Refused{Address: addr, Reason: reason}
	}
	return nil
}

func (p Policy) reason(addr netip.Addr, own []net.Addr) string {
	switch {
	case !addr.IsValid():
		return "not an address"
	case addr.IsLinkLocalUnicast(), addr.IsLinkLocalMulticast(), addr.IsInterfaceLocalMulticast():
		return "it is link-local, where clouds keep credentials"
	case addr.IsMulticast():
		return "it is a multicast address"
	case within(metadata, addr):
		return "it is a cloud's metadata address"
	case p.AllowLocal:
		return ""
	case addr.IsUnspecified() || addr.Is4() && addr.As4()[0] == 0:
		return "it stands for this machine"
	case addr.IsLoopback():
		return "it is a loopback address, and the operator of this installation has not allowed local addresses"
	case isOwn(addr, own):
		return "it is this machine's own address, and the operator of this installation has not allowed local addresses"
	}
	return ""
}

func plain(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	b := addr.As16()
	switch {
	case nat64.Contains(addr):
		return netip.AddrFrom4([4]byte(b[12:]))
	case sixToFour.Contains(addr):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return addr
}

func within(prefixes []netip.Prefix, addr netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func isOwn(addr netip.Addr, own []net.Addr) bool {
	for _, o := range own {
		if prefix, err := netip.ParsePrefix(o.String()); err == nil && prefix.Addr().Unmap().WithZone("") == addr {
			return true
		}
	}
	return false
}
