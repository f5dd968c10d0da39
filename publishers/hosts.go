package publishers

import (
	"context"
	"encoding/json"
	"net"
	"net/http/httptrace"
	"strings"
	"sync"
)

// Hosts records which hosts HTTP requests go to.
type Hosts struct {
	mu    sync.Mutex
	first string
}

// Watch returns a context whose requests are recorded.
func (h *Hosts) Watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GetConn: func(address string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.first != "" {
			return
		}
		h.first = address
		if host, port, err := net.SplitHostPort(address); err == nil && (port == "443" || port == "80") {
			h.first = host
		}
	}})
}

// First returns the host of the first request, with its port unless it is the usual one; "" if there was none.
func (h *Hosts) First() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.first
}

// Where returns where a channel's settings point to, for kinds that don't use HTTP; "" if no setting says.
func (k Kind) Where(config json.RawMessage) string {
	said, err := k.destination(config)
	if err != nil {
		return ""
	}
	// By name the address comes first in all of them; what follows (a key of the host, TLS) is no place.
	first, _, _ := strings.Cut(said, "\n")
	_, value, _ := strings.Cut(first, "=")
	if _, host, found := strings.Cut(value, "://"); found {
		return host
	}
	return value
}

// Serves reports whether a host may be that of the real service: the vendor's own, or any where anybody may run one.
func (a API) Serves(host string) bool {
	return a.Domain == "" || host == a.Domain || strings.HasSuffix(host, "."+a.Domain)
}
