package outbound

import "net/netip"

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, p := range list {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// The ranges of IANA's special-purpose registries that are not the public internet. private are those that
// webhooks_allow_private opens; the others are opened by naming them only.
var (
	private = prefixes("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128",
		"fc00::/7")
	special = prefixes(
		"0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"169.254.0.0/16",             // link-local; metadata of most clouds
		"168.63.129.16/32",           // Azure's platform, in public space
		"100.100.100.200/32",         // Alibaba's metadata, in carrier-grade space
		"fd00:ec2::/32",              // Amazon's metadata
		"fd20:ce::/32",               // Google's metadata
		"2001::/23",                  // Teredo, ORCHID, benchmarking
		"2001:db8::/32", "3fff::/20", // documentation
		"2002::/16", // 6to4: an IPv4 address inside
	)
	// The IPv6 internet is 2000::/3. That leaves out ::/96, NAT64 (64:ff9b::/96 and its local kin), link-local,
	// site-local and multicast, whatever IPv4 address may be inside.
	global = netip.MustParsePrefix("2000::/3")
)

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// allows reports whether an address may be dialled.
func (g *Guard) allows(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	switch {
	case within(g.nets, a):
		return true
	case within(special, a):
		return false
	case within(private, a):
		return g.private
	}
	return a.Is4() || global.Contains(a)
}

// badPorts are those that no browser fetches from (Fetch standard, "port blocking"), and databases and caches
// whose line protocols can be spoken by a crafted request.
var badPorts = []string{
	"0", "1", "7", "9", "11", "13", "15", "17", "19", "20", "21", "22", "23", "25", "37", "42", "43", "53", "69", "77",
	"79", "87", "95", "101", "102", "103",
	"104", "109", "110", "111", "113", "115", "117", "119", "123", "135", "137", "139", "143", "161", "179", "389",
	"427", "465", "512", "513", "514", "515",
	"526", "530", "531", "532", "540", "548", "554", "556", "563", "587", "601", "636", "989", "990", "993", "995",
	"1719", "1720", "1723", "2049", "3659",
	"4045", "4190", "5060", "5061", "6000", "6566", "6665", "6666", "6667", "6668", "6669", "6679", "6697", "10080",
	"1433", "1521", "3306", "5432", "6379", "11211", "27017",
}
