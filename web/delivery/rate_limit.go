package delivery

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

// limiter limits each client's rate of requests that memory can't answer. It keeps a bounded number of clients; an
// evicted one starts afresh.
type limiter struct {
	clients *otter.Cache[netip.Prefix, *rate.Limiter]
	rate    rate.Limit
	burst   int
	trusted []netip.Prefix
	now     func() time.Time
}

func newLimiter(perSecond float64, burst int, trusted []netip.Prefix, now func() time.Time) (*limiter, error) {
	clients, err := otter.New(&otter.Options[netip.Prefix, *rate.Limiter]{MaximumSize: 50_000})
	return &limiter{clients: clients, rate: rate.Limit(perSecond), burst: burst, trusted: trusted, now: now}, err
}

func (l *limiter) allow(r *http.Request) bool {
	if l.rate <= 0 {
		return true
	}
	addr := l.client(r)
	if addr.IsLoopback() {
		return true // a tool on this machine, or a local proxy that doesn't name its client
	}
	bits := 32
	if addr.Is6() {
		bits = 64 // an IPv6 client has as many addresses as it wants
	}
	client, _ := addr.WithZone("").Prefix(bits) // the bits match the address family
	bucket, ok := l.clients.GetIfPresent(client)
	if !ok {
		fresh := rate.NewLimiter(l.rate, l.burst)
		if bucket, ok = l.clients.SetIfAbsent(client, fresh); ok {
			bucket = fresh
		}
	}
	return bucket.AllowN(l.now(), 1)
}

// client returns the address that a request is charged to: the peer's, or behind trusted proxies, including any on this
// machine, the last address that is not a trusted proxy.
func (l *limiter) client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap()
	if l.trusts(addr) {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for _, hop := range slices.Backward(hops) {
			a, err := netip.ParseAddr(strings.TrimSpace(hop))
			if err != nil {
				break
			}
			addr = a.Unmap()
			if !l.trusts(addr) {
				break
			}
		}
	}
	return addr
}

func (l *limiter) trusts(a netip.Addr) bool {
	return a.IsLoopback() || slices.ContainsFunc(l.trusted, func(p netip.Prefix) bool { return p.Contains(a) })
}
