package outbound

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
)

func allowing(t *testing.T, private bool, list ...string) *Guard {
	t.Helper()
	g, err := Allow(list, private)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// refused are addresses that are not the public internet, each the way of one range or of hiding one in another.
var refused = strings.Fields(
	`0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 169.254.169.254 169.254.170.2 172.16.0.1
	172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
	240.0.0.1 255.255.255.255 168.63.129.16
	:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1 100::1 2001::1
	2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1:: 2002:a9fe:a9fe:: 3fff::1 fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254 fe80::1 fe80::1%lo fec0::1 ff02::1 ff05::2 5f00::1`)

func TestRanges(t *testing.T) {
	public, private := &Guard{}, allowing(t, true)
	for _, text := range refused {
		a := netip.MustParseAddr(text)
		if public.allows(a) {
			t.Errorf("%s is allowed", a)
		}
		if b := a.Unmap(); private.allows(a) && !b.IsPrivate() && !b.IsLoopback() &&
			!netip.MustParsePrefix("100.64.0.0/10").Contains(b) {
			t.Errorf("%s is allowed with the private networks", a)
		}
	}
	for _, text := range strings.Fields("1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 " +
		"172.15.0.1 172.32.0.1 192.0.1.1 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2a00:1450::1 " +
		"::ffff:1.1.1.1") {
		if !public.allows(netip.MustParseAddr(text)) {
			t.Errorf("%s is refused", text)
		}
	}
	for _, text := range strings.Fields(
		"127.0.0.1 10.1.2.3 192.168.1.20 172.20.0.1 ::1 fd12::1 ::ffff:10.0.0.1 100.64.0.1") {
		if !private.allows(netip.MustParseAddr(text)) {
			t.Errorf("%s is refused although private networks are allowed", text)
		}
	}
	// What the operator names is allowed, metadata included, and nothing beside it.
	some := allowing(t, false, "192.168.1.0/24", "169.254.169.254", "::ffff:10.9.0.0/112", "fd12::/16")
	for text, want := range map[string]bool{"192.168.1.7": true, "192.168.2.7": false, "169.254.169.254": true,
		"169.254.169.253": false, "10.9.1.1": true, "10.10.1.1": false, "fd12::1": true, "fd13::1": false} {
		if some.allows(netip.MustParseAddr(text)) != want {
			t.Errorf("%s: allowed is not %v", text, want)
		}
	}
	for _, wrong := range []string{"", "http://x", "10.0.0.0/8/9", "a b", "host:0", "host:99999", "user@host", "*"} {
		if _, err := Allow([]string{wrong}, false); err == nil {
			t.Errorf("%q was taken for an allowed place", wrong)
		}
	}
}

// local is a service on this machine that must not be reached.
func local(t *testing.T) (port string, calls func() int) {
	t.Helper()
	seen := make(chan struct{}, 1000)
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen <- struct{}{} }))
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, func() int { return len(seen) }
}

// However this machine is written, it is not reached; names are looked at after they are resolved.
func TestDialled(t *testing.T) {
	port, calls := local(t)
	client := (&Guard{}).Client(5 * time.Second)
	for _, host := range []string{"127.0.0.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001",
		"2130706433", "017700000001", "0", "0.0.0.0", "127.0.0.2", "localhost", "LOCALHOST", "localhost.",
		"ip6-localhost",
		"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]",
		"[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]", "①②⑦.⓪.⓪.①", "127。0。0。1"} {
		res, err := client.Get("http://" + host + ":" + port + "/latest/meta-data/")
		if err == nil {
			_ = res.Body.Close()
			t.Errorf("%s answered %s", host, res.Status)
		}
		if text := Reason(err); err != nil && !errors.Is(err, ErrRefused) && !strings.Contains(text.Error(),
			"can't be resolved") && !strings.Contains(text.Error(), "no answer in time") &&
			!strings.Contains(text.Error(), "connection failed") {
			t.Errorf("%s: %v", host, err)
		}
	}
	if n := calls(); n > 0 {
		t.Errorf("the service was called %d times", n)
	}
	for _, g := range []*Guard{allowing(t, true), allowing(t, false, "localhost"),
		allowing(t, false, "localhost:"+port), allowing(t, false, "127.0.0.0/8", "::1")} {
		res, err := g.Client(5 * time.Second).Get("http://localhost:" + port)
		if err != nil {
			t.Errorf("allowed, and yet %v", err)
			continue
		}
		_ = res.Body.Close()
	}
	if _, err := allowing(t, false, "localhost:1").DialContext(t.Context(), "tcp", "localhost:"+port); !errors.Is(err,
		ErrRefused) {
		t.Errorf("another port of an allowed host: %v", err)
	}
}

// A redirect is an answer: what it names is never asked.
func TestRedirectsStay(t *testing.T) {
	port, calls := local(t)
	away := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:"+port+"/secret", http.StatusFound))
	t.Cleanup(away.Close)
	res, err := allowing(t, true).Client(5 * time.Second).Get(away.URL)
	if err != nil || res.StatusCode != http.StatusFound || res.Body.Close() != nil || calls() > 0 {
		t.Errorf("%v %v, %d calls behind the redirect", res, err, calls())
	}
}

// The environment's proxy would make the connection instead, without the guard.
func TestNoProxy(t *testing.T) {
	port, calls := local(t)
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:"+port)
	t.Setenv("http_proxy", "http://127.0.0.1:"+port)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // nothing has to be asked: a proxy would be found before
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://media.example.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&Guard{}).Client(time.Second).Do(req)
	if err == nil {
		_ = res.Body.Close()
	}
	if tr := (&Guard{}).Transport(); tr.Proxy != nil || calls() > 0 {
		t.Errorf("a proxy is asked: %d calls", calls())
	}
}

func TestPorts(t *testing.T) {
	g := allowing(t, true)
	for _, port := range []string{"22", "25", "6379", "5432", "11211"} {
		if res, err := g.Client(time.Second).Get("http://127.0.0.1:" + port); !errors.Is(err, ErrRefused) {
			if err == nil {
				_ = res.Body.Close()
			}
			t.Errorf("port %s: %v", port, err)
		}
		if err := g.Check("url", "http://example.com:"+port+"/"); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("entering port %s: %v", port, err)
		}
	}
}

func TestCheck(t *testing.T) {
	g := &Guard{}
	for _, raw := range []string{"http://127.0.0.1/", "https://[::1]/", "http://localhost:8080/",
		"http://a.localhost./", "http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/", "ftp://example.com/",
		"gopher://example.com/", "file:///etc/passwd", "//example.com", "", "https:///x", "http://[fe80::1%25eth0]/"} {
		if err := g.Check("config.url", raw); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%q: %v", raw, err)
		}
	}
	for _, raw := range []string{"https://example.com/x", "http://1.1.1.1:8080/", "https://[2606:4700::1111]/"} {
		if err := g.Check("config.url", raw); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	}
	if err := allowing(t, false, "cms.internal").Check("url", "http://cms.internal/"); err != nil {
		t.Error(err)
	}
}

func TestOrigin(t *testing.T) {
	for raw, want := range map[string]string{"https://Example.com/a": "https://example.com:443",
		"https://example.com:443/b?c": "https://example.com:443", "http://example.com": "http://example.com:80",
		"https://example.com.:8443/": "https://example.com:8443", "nonsense": "", "": "",
		"http://[::1]:80/": "http://[::1]:80"} {
		if got := Origin(raw); got != want {
			t.Errorf("%q leads to %q, want %q", raw, got, want)
		}
	}
}

// What answers is not quoted: a banner is what somebody who scans from here is after.
func TestReasonQuotesNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2 secret-banner\r\n")
			_ = c.Close()
		}
	}()
	res, err := allowing(t, true).Client(5 * time.Second).Get("http://" + l.Addr().String())
	if err == nil {
		_ = res.Body.Close()
		t.Fatal("a banner passed for an answer")
	}
	if text := Reason(err).Error(); strings.Contains(text, "banner") || strings.Contains(text, "SSH") ||
		!errors.Is(Reason(err), err) {
		t.Errorf("said %q", text)
	}
	if Reason(nil) != nil {
		t.Error("no error has a reason")
	}
}
