package config

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"vitrine/dam"
	"vitrine/dam/delivery"
	"vitrine/dam/ingest"
	"vitrine/dam/space"
)

// Edge is what the server needs to know about the proxies, caches and pages around it.
type Edge struct {
	Proxies    []netip.Prefix    // whose X-Forwarded-For is trusted
	TagHeader  string            // Surrogate-Key, Cache-Tag, xkey or ""
	Referers   []string          // hosts whose pages may embed pictures; an empty list allows all
	StaleLimit time.Duration     // how long a node serves without the event log
	Memory     int64             // size of the cache of bodies in memory, in bytes
	MaxUpload  int64             // bytes of the largest file; 0 is no limit
	Unfinished ingest.Unfinished // limit of unfinished resumable uploads per principal
	MinFree    space.Floor       // space that uploads leave free on every volume
	Hook       delivery.Hook     // called with what a CDN must purge; without a URL there is no hook
}

// edgeSettings are the settings in Edge.
func edgeSettings() []setting {
	fixed := func(v string) func(Config) string { return func(Config) string { return v } }
	size := func(field func(*Config) *int64) func(*Config, string) error {
		return func(c *Config, v string) error {
			n, err := humanize.ParseBytes(v)
			if err != nil || n > 1<<50 {
				return errors.New("must be a size such as 500MB or 20GiB")
			}
			*field(c) = int64(n) // at most a petabyte
			return nil
		}
	}
	return []setting{
		{key: "trusted_proxies", flag: true, help: "addresses or networks of proxies and CDNs whose X-Forwarded-For " +
			"is believed, separated by commas",
			set: func(c *Config, v string) (err error) {
				c.Edge.Proxies, err = parsePrefixes(v)
				return err
			}},
		{key: "upload_limit", flag: true, help: "largest file that is taken, such as 20GiB; 0 is no limit",
			fallback: fixed("0"),
			set:      size(func(c *Config) *int64 { return &c.Edge.MaxUpload })},
		{key: "min_free", flag: true, help: "room that uploads leave free on every volume: a size, a share such as " +
			"5%, 0 for none, or auto: 1 GiB, and 5 % where that is less", fallback: fixed("auto"),
			set: func(c *Config, v string) (err error) {
				c.Edge.MinFree, err = space.ParseFloor(v)
				return err
			}},
		{key: "upload_unfinished", flag: true, help: "resumable uploads that one person or token may have begun and " +
			"not ended, on each node; 0 is no limit", fallback: fixed("1000"),
			set: func(c *Config, v string) (err error) {
				if c.Edge.Unfinished.Number, err = strconv.Atoi(v); err != nil || c.Edge.Unfinished.Number < 0 {
					return errors.New("must be a number, such as 1000")
				}
				return nil
			}},
		{key: "upload_unfinished_size", flag: true, help: "their announced sizes together; 0 is no limit",
			fallback: fixed("500GiB"),
			set:      size(func(c *Config) *int64 { return &c.Edge.Unfinished.Size })},
		{key: "delivery.memory", help: "memory for renditions that are fetched often", fallback: fixed("256MiB"),
			set: size(func(c *Config) *int64 { return &c.Edge.Memory })},
		{key: "delivery.stale_limit", help: "how long a node that lost the event log goes on serving what it knows",
			fallback: fixed("15m"),
			set: func(c *Config, v string) error {
				d, err := time.ParseDuration(v)
				if err != nil || d <= 0 {
					return errors.New("must be a duration above zero, such as 15m")
				}
				c.Edge.StaleLimit = d
				return nil
			}},
		{key: "delivery.tag_header", help: "header that names an answer's assets to the CDN: Surrogate-Key (Fastly), " +
			"Cache-Tag (Cloudflare) or xkey (Varnish)",
			set: func(c *Config, v string) error {
				if !slices.Contains([]string{"", "Surrogate-Key", "Cache-Tag", "xkey"}, v) {
					return errors.New("must be Surrogate-Key, Cache-Tag or xkey")
				}
				c.Edge.TagHeader = v
				return nil
			}},
		{key: "delivery.referers", help: "hosts whose pages may embed pictures, separated by commas; *.example.com " +
			"stands for all below; none allows all",
			set: func(c *Config, v string) error {
				for _, host := range list(v) {
					if strings.ContainsAny(host, "/: ") {
						return errors.New("must be host names without scheme and port, such as shop.example.com")
					}
					c.Edge.Referers = append(c.Edge.Referers, strings.ToLower(host))
				}
				return nil
			}},
		{key: "delivery.purge_url", help: "address that a CDN's or cache's purges are sent to",
			set: func(c *Config, v string) error {
				if u, err := url.Parse(v); v != "" && (err != nil || u.Host == "" || u.Scheme != "http" &&
					u.Scheme != "https") {
					return errors.New("must be http://… or https://…")
				}
				c.Edge.Hook.URL = v
				return nil
			}},
		{key: "delivery.purge_method", help: "method of those requests; Varnish wants PURGE",
			fallback: fixed(http.MethodPost),
			set: func(c *Config, v string) error {
				if v == "" || strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
					return errors.New("must be an HTTP method in capitals, such as POST")
				}
				c.Edge.Hook.Method = v
				return nil
			}},
		{key: "delivery.purge_header", secret: true,
			help: "header that authorises those requests, such as \"Fastly-Key: …\"",
			set: func(c *Config, v string) error {
				if v == "" {
					return nil
				}
				name, value, ok := strings.Cut(v, ":")
				if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(v, "\r\n") {
					return errors.New("must be NAME: VALUE on one line")
				}
				c.Edge.Hook.Header = map[string]string{name: strings.TrimSpace(value)}
				return nil
			}},
	}
}

// list splits at commas and drops empty entries.
func list(v string) []string {
	var out []string
	for s := range strings.SplitSeq(v, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// parseHosts parses which host names belong to which library. It refuses hosts that no request could match.
func parseHosts(v string) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range list(v) {
		host, library, ok := strings.Cut(pair, "=")
		host, library = strings.TrimSpace(host), strings.TrimSpace(library)
		name, port := dam.Host(host)
		switch _, err := netip.ParseAddr(name); {
		case !ok || host == "" || library == "":
			return nil, errors.New("must be HOST=LIBRARY, separated by commas")
		case port != "":
			return nil, errors.New(host + " has a port; write the host name alone, which stands for all its ports, " +
				"such as shop.example.com=" + library)
		case err != nil && (name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != ""):
			return nil, errors.New(host + " is no host name; write it as browsers send it, without scheme, path and " +
				"asterisk, international names as xn--…")
		}
		if other, twice := out[name]; twice && other != library {
			return nil, errors.New(host + " is given to " + other + " and to " + library +
				"; a host stands for one library")
		}
		out[name] = library
	}
	return out, nil
}

// parsePrefixes parses addresses and networks; an address is a network of one.
func parsePrefixes(v string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list(v) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, errors.New("must be addresses or networks, such as 10.0.0.7 or 10.1.0.0/16")
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// TrustedProxies returns the trusted proxies for the API. As in delivery, every proxy on this machine is trusted.
func (e Edge) TrustedProxies() []string {
	out := []string{"127.0.0.0/8", "::1/128"}
	for _, p := range e.Proxies {
		out = append(out, p.String())
	}
	return out
}
