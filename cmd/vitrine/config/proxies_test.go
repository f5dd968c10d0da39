package config

import (
	"net/netip"
	"slices"
	"testing"
)

// A proxy on this machine is trusted without a setting, as in delivery; otherwise its visitors would count as one
// client.
func TestProxiesOnThisMachineAreTrusted(t *testing.T) {
	got := Edge{Proxies: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}.TrustedProxies()
	for _, want := range []string{"127.0.0.0/8", "::1/128", "10.1.0.0/16"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among the trusted %v", want, got)
		}
	}
}
