package delivery

import (
	"net/netip"
	"strings"
)

// Host takes the authority of a URL or a request apart: the host in the one form in which hosts are compared (lower
// case, without the brackets of an address and the dot that may end a name), and the port, "" without one.
func Host(authority string) (host, port string) {
	host = authority
	if end := strings.LastIndexByte(host, ']'); strings.HasPrefix(host, "[") && end > 0 {
		host, port = host[1:end], strings.TrimPrefix(host[end+1:], ":")
	} else if strings.Count(host, ":") == 1 { // with more it is an address without brackets
		host, port, _ = strings.Cut(host, ":")
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return a.String(), port // 2001:DB8:0::1 is 2001:db8::1
	}
	return strings.TrimSuffix(strings.ToLower(host), "."), port
}
