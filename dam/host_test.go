package dam_test

import (
	"testing"

	"vitrine/dam"
)

func TestHost(t *testing.T) {
	for _, c := range []struct{ authority, host, port string }{
		{"shop.example.com", "shop.example.com", ""}, {"Shop.Example.COM:8443", "shop.example.com", "8443"},
		{"shop.example.com.", "shop.example.com", ""}, {"shop.example.com.:80", "shop.example.com", "80"},
		{"[2001:db8::1]", "2001:db8::1", ""}, {"[2001:DB8:0::1]:80", "2001:db8::1", "80"},
		{"2001:db8::1", "2001:db8::1", ""},
		{"192.0.2.1:80", "192.0.2.1", "80"}, {"", "", ""}, {"[", "[", ""}, {"[]", "", ""}, {":80", "", "80"},
		{".", "", ""},
	} {
		if host, port := dam.Host(c.authority); host != c.host || port != c.port {
			t.Errorf("%q: %q and port %q, want %q and %q", c.authority, host, port, c.host, c.port)
		}
	}
}
