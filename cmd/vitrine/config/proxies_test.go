package config

import (
	"net/netip"
	"slices"
	"testing"
)

// A proxy on this machine is believed without a setting, as delivery does: its visitors are not one client.
func TestProxiesOnThisMachineAreTrusted(t *testing.T) {
	got := Edge{Proxies: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}.TrustedProxies()
	for _, want := range []string{"127.0.0.0/8", "::1/128", "10.1.0.0/16"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among the trusted %v", want, got)
		}
	}
}
