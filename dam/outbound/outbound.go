// Package outbound makes the connections that leave this server for addresses that people entered: channels,
// their token endpoints, webhooks, plug-ins. A name is resolved, and the address that is dialled is looked at:
// this machine, private networks, cloud metadata and every other range that is not the public internet are
// refused, however they are written, unless the operator allows them. Redirects are never followed and no proxy
// of the environment is used, so that no answer can send a request elsewhere.
//
// What the operator configured (the store, the database, the mail server, a CDN's purges) is the operator's own
// and may be anywhere: Operator carries it.
package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// ErrRefused is wrapped by the error of every connection that was refused.
var ErrRefused = errors.New("the address is not on the public internet, and the operator has not allowed it " +
	"(VITRINE_OUTBOUND_ALLOW)")

const (
	dialTimeout = 10 * time.Second
	tlsTimeout  = 10 * time.Second
)

// Guard decides which addresses may be reached. The zero value allows the public internet only.
type Guard struct {
	// private allows private networks and this machine, never link-local addresses, where clouds keep their metadata.
	private bool
	nets    []netip.Prefix
	hosts   []string // HOST or HOST:PORT, in lower case
}

// Allow returns a guard that also lets through what the operator lists: networks (10.1.0.0/16), addresses, and
// host names, with or without a port. private allows every private network and this machine.
func Allow(list []string, private bool) (*Guard, error) {
	g := &Guard{private: private}
	for _, entry := range list {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if p, err := netip.ParsePrefix(entry); err == nil {
			g.nets = append(g.nets, netip.PrefixFrom(p.Addr().Unmap(), unmapped(p)))
			continue
		}
		if a, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
			a = a.Unmap()
			g.nets = append(g.nets, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		host, port, err := net.SplitHostPort(entry)
		if err != nil {
			host, port = entry, ""
		}
		if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) || host == "" ||
			strings.ContainsAny(host, "/*@ ") {
			return nil,
				fmt.Errorf("%q is neither a network (10.1.0.0/16), an address, nor a host name with or without a port",
					entry)
		}
		g.hosts = append(g.hosts, entry)
	}
	return g, nil
}

// unmapped is the length of a prefix once its address is taken out of ::ffff:0:0/96.
func unmapped(p netip.Prefix) int {
	if p.Addr().Is4In6() {
		return max(p.Bits()-96, 0)
	}
	return p.Bits()
}

// Client returns an HTTP client that reaches what the guard allows.
func (g *Guard) Client(timeout time.Duration) *http.Client {
	return &http.Client{Timeout: timeout, CheckRedirect: stay, Transport: g.Transport()}
}

// Operator returns an HTTP client for addresses that the operator configured: unguarded, and it follows no redirect
// either.
func Operator(timeout time.Duration) *http.Client {
	return &http.Client{Timeout: timeout, CheckRedirect: stay}
}

// stay makes a redirect the answer.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Transport carries HTTP calls; with it a library's own client is guarded, too.
func (g *Guard) Transport() *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if _, port, err := net.SplitHostPort(address); err != nil || slices.Contains(badPorts, port) &&
				!g.named(address) {
				return nil, fmt.Errorf("port %s speaks another protocol than HTTP: %w", port, ErrRefused)
			}
			return g.DialContext(ctx, network, address)
		},
		ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4, MaxIdleConns: 64, IdleConnTimeout: time.Minute,
		TLSHandshakeTimeout: tlsTimeout, MaxResponseHeaderBytes: 64 << 10,
	}
}

// DialContext opens a connection to HOST:PORT. Every address that the name resolves to is looked at when it is
// dialled: a name that changes its answer in between gains nothing.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	if !g.named(address) {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("address %s: %w", address, err)
			}
			if !g.allows(ap.Addr()) {
				return ErrRefused
			}
			return nil
		}
	}
	return d.DialContext(ctx, network, address)
}

// named reports whether the operator listed the name that is dialled.
func (g *Guard) named(address string) bool {
	address = strings.ToLower(address)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	host = strings.TrimSuffix(host, ".")
	return slices.Contains(g.hosts, host) || slices.Contains(g.hosts, net.JoinHostPort(host, port))
}

// Check refuses a URL that can't be meant for the public internet by what it says alone, so that a person hears
// of it while entering it. What its name resolves to is looked at when it is dialled.
func (g *Guard) Check(field, raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return dam.InvalidInput(field, reasons.NotAWebUrl())
	}
	if g.named(net.JoinHostPort(u.Hostname(), port(u))) {
		return nil
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	ip, err := netip.ParseAddr(name)
	local := err != nil && !g.private && (name == "localhost" || strings.HasSuffix(name, ".localhost"))
	if local || err == nil && !g.allows(ip) || slices.Contains(badPorts, u.Port()) {
		return dam.InvalidInput(field, reasons.AddressNotPublic())
	}
	return nil
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// Origin is where a URL leads to, scheme, host and port: what a secret was entered for. It is "" for what is no URL.
func Origin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	return strings.ToLower(u.Scheme) + "://" + net.JoinHostPort(strings.TrimSuffix(strings.ToLower(u.Hostname()), "."),
		port(u))
}

// Reason words why a request got no answer, for the person who entered its address. It says nothing that the
// other side sent: a banner or an error text would let strangers read what this server can reach. The error
// itself is wrapped, for the log.
func Reason(err error) error {
	var dns *net.DNSError
	var timeout net.Error
	var certificate *tls.CertificateVerificationError
	said := func(text string) error { return reason{text, err} }
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrRefused):
		return said(ErrRefused.Error())
	case errors.As(err, &dns):
		return said("the name " + strconv.Quote(dns.Name) + " can't be resolved")
	case errors.Is(err, syscall.ECONNREFUSED):
		return said("nothing accepts connections at that address")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return said("the network does not reach that address")
	case errors.As(err, &certificate):
		return said("its certificate is not trusted for that name")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return said("it gave no answer in time")
	case errors.Is(err, context.Canceled):
		return said("the call was cancelled")
	}
	return said("the connection failed, or what answers does not speak the expected protocol")
}

type reason struct {
	text string
	err  error
}

func (r reason) Error() string { return r.text }
func (r reason) Unwrap() error { return r.err }
