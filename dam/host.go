package dam

import (
	"errors"
	"net/netip"
	"strings"
)

// Host splits the authority of a URL or a request into host and port. The host is in the form in which hosts are
// compared: lower case, without brackets around an IPv6 address and without a trailing dot. The port is "" if there is
// none.
func Host(authority string) (host, port string) {
	host = authority
	if end := strings.LastIndexByte(host, ']'); strings.HasPrefix(host, "[") && end > 0 {
		host, port = host[1:end], strings.TrimPrefix(host[end+1:], ":")
	} else if strings.Count(host, ":") == 1 { // more than one colon: an IPv6 address without brackets
		host, port, _ = strings.Cut(host, ":")
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return a.String(), port // 2001:DB8:0::1 is 2001:db8::1
	}
	return strings.TrimSuffix(strings.ToLower(host), "."), port
}

// HostName returns a host name or an address as Host does. It refuses what no browser sends as a host: a port, a path,
// an asterisk, letters that are written as xn--….
func HostName(written string) (string, error) {
	host, port := Host(strings.TrimSpace(written))
	_, err := netip.ParseAddr(host)
	if port != "" || host == "" || len(host) > 253 ||
		err != nil && strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return "", errors.New("no host name")
	}
	return host, nil
}
