package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vitrine/test/golden"
	"vitrine/test/upgrade"
)

// probe is a request that anybody may make. Headers come in pairs.
type probe struct {
	method, path string
	header       []string
}

// probes are public addresses in every state that an address can be in, and everything HTTP can ask of one.
func (s *scenario) probes() (out []probe) {
	add := func(method, path string, header ...string) { out = append(out, probe{method, path, header}) }
	get := func(path string, header ...string) { add("GET", path, header...) }
	r := func(name, preset string) string { return "/r/" + s.ids[name] + "/" + preset }

	chair := r("chair", "thumb")
	etag := s.header(chair, "ETag")
	for _, accept := range []string{"image/jpeg", "image/webp,*/*;q=0.5", "image/avif,image/webp,*/*", "image/png",
		"text/html", "image/webp;q=0"} {
		get(chair, "Accept", accept)
	}
	add("HEAD", chair)
	add("OPTIONS", chair, "Origin", "https://shop.example", "Access-Control-Request-Method", "GET")
	add("POST", chair)
	add("DELETE", chair)
	get(chair + "?width=9")
	for _, tag := range []string{etag, "W/" + etag, `"other"`, `"other", ` + etag, "*"} {
		get(chair, "If-None-Match", tag)
	}
	for _, of := range []string{"bytes=0-9", "bytes=-10", "bytes=10-", "bytes=999999-", "bytes=0-1,5-6", "items=0-1",
		"bytes=9-1"} {
		get(chair, "Range", of)
	}
	get(chair, "Range", "bytes=0-9", "If-Range", etag)
	get(chair, "Range", "bytes=0-9", "If-Range", `"other"`)
	get(chair, "Referer", "https://elsewhere.example/page")
	for _, preset := range []string{"shop", "shop@2x", "none", "shop@3x", "", "thumb/more"} {
		get(r("chair", preset))
	}
	get("/r/" + s.ids["chair"])
	get("/r/")
	get("/r/a_none/thumb")
	for _, name := range []string{"logo", "heir", "replaced", "recalled", "embargoed", "expired", "french", "archived",
		"rejected", "binned", "erased", "text", "draft", "torn", "own", "reinstated"} {
		get(r(name, "thumb"))
	}
	for _, exact := range s.exact("chair") {
		get(exact)
	}
	for _, exact := range s.former {
		get(exact)
	}
	get(strings.Replace(s.exact("chair")[0], "/r/", "/r/x", 1))
	get("/t/" + s.ids["chair"])
	signed := s.must("sign", "/t/"+s.asset(s.ids["chair"]).Live+",w_30,h_30,fit_cover/"+s.ids["chair"]+".jpg", "--data",
		s.data, "--public-url", publicAddress)
	signed = strings.TrimPrefix(strings.TrimSpace(signed), publicAddress)
	get(signed)
	get(strings.Replace(signed, "w_30", "w_31", 1))

	for _, sku := range []string{"CHR-1", "chr-1", "~main/CHR-1", "~other/CHR-1", "CHR-2", "NONE"} {
		get("/p/" + sku + ".json")
	}
	get("/p/CHR-1.json", "If-None-Match", s.header("/p/CHR-1.json", "ETag"))
	add("HEAD", "/p/CHR-1.json")
	for _, slot := range []string{"hero/thumb", "hero/2/thumb", "hero/9/thumb", "detail/thumb", "hero/none",
		"none/thumb", "hero"} {
		get("/p/CHR-1/" + slot)
	}
	get("/p/CHR-2/hero/thumb")
	get("/p/")

	embed := func(of string, more ...string) string {
		return "/oembed?url=" + url.QueryEscape(of) + strings.Join(more, "")
	}
	get(embed(publicAddress + chair))
	get(embed(publicAddress+chair, "&maxwidth=40&maxheight=40"))
	get(embed(publicAddress+chair, "&format=xml"))
	get(embed(publicAddress+chair, "&maxwidth=wide"))
	get(embed(publicAddress + r("recalled", "thumb")))
	get(embed("https://elsewhere.example/a.jpg"))
	get("/oembed")

	window := "/signage/" + s.ids["window"]
	screen := []string{"Authorization", "Bearer " + s.screen}
	get(window)
	for _, file := range []string{"/", "/player.css", "/player.js", "/sw.js", "/feed.json", "/none"} {
		get(window + file)
	}
	get(window+"/feed.json", "Authorization", "Bearer wrong")
	get(window+"/feed.json", screen...)
	get(window+"/feed.json", append([]string{"If-None-Match", s.header(window+"/feed.json", "ETag", screen...)},
		screen...)...)
	var feed struct{ Files []struct{ URL string } }
	_, _, raw := s.send(probe{"GET", window + "/feed.json", screen})
	if err := json.Unmarshal(raw, &feed); err != nil || len(feed.Files) != 1 {
		s.Fatalf("the screens' feed: %v %s", err, raw)
	}
	get(window + "/" + feed.Files[0].URL)
	get(window+"/"+feed.Files[0].URL, screen...)
	get(window+"/files/"+strings.Repeat("0", 64), screen...)
	get("/signage/c_none/feed.json", screen...)

	get("/healthz")
	get("/readyz")
	for _, path := range []string{"/api/none", "/api/assets", "/api/me", "/api/oauth/callback?state=x&code=y",
		"/api/login", "/static/none.js", "/none.txt"} {
		get(path)
	}
	add("POST", "/api/login", "Content-Type", "application/json")
	add("OPTIONS", "/api/uploads")
	add("OPTIONS", "/api/uploads/")
	add("POST", "/api/uploads", "Tus-Resumable", "1.0.0", "Upload-Length", "5")
	get("/api/assets", "Authorization", "Bearer wrong")
	get("/api/assets", "Cookie", "vitrine_session=wrong")
	return out
}

func (s *scenario) send(p probe) (int, http.Header, []byte) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), p.method, s.base+p.path, nil)
	if err != nil {
		s.Fatal(err)
	}
	for i := 0; i+1 < len(p.header); i += 2 {
		req.Header.Set(p.header[i], p.header[i+1])
	}
	status, header, body, err := upgrade.Do(req)
	if err != nil {
		s.Fatalf("%s %s: %v", p.method, p.path, err)
	}
	return status, header, body
}

// header is one header of an answer.
func (s *scenario) header(path, name string, header ...string) string {
	s.Helper()
	_, h, _ := s.send(probe{"GET", path, header})
	if h.Get(name) == "" {
		s.Fatalf("%s has no %s", path, name)
	}
	return h.Get(name)
}

// exact are the addresses of an asset's renditions that show these bytes and no others, without WebP.
func (s *scenario) exact(name string) (out []string) {
	s.Helper()
	var list struct {
		Items []struct {
			Exact string `json:"exact_url"`
		}
	}
	s.do("GET", "/api/assets/"+s.ids[name]+"/renditions", nil, &list)
	for _, r := range list.Items {
		if strings.HasSuffix(r.Exact, ".jpg") {
			out = append(out, strings.TrimPrefix(r.Exact, publicAddress))
		}
	}
	slices.Sort(out)
	if len(out) < 2 {
		s.Fatalf("%s has no exact addresses: %+v", name, list)
	}
	return out[:2]
}

// unstable are headers that the clock, the network or the version of a library decides.
var unstable = []string{"Date", "X-Request-Id", "Ratelimit-Remaining", "Ratelimit-Reset"}

// public are the answers of the probes: status, headers, and the body where it is text. A picture in JPEG or PNG is
// named by its hash; what another library made is not, for its version would show.
func (s *scenario) public() []byte {
	s.Helper()
	s.until("the picture on demand is made", func() bool {
		status, _, _ := s.send(probe{"GET", "/r/" + s.ids["chair"] + "/print", nil})
		return status == http.StatusOK
	})
	n := s.names()
	s.hide(n)
	var b bytes.Buffer
	list := s.probes()
	if len(list) < 60 {
		s.Errorf("only %d public addresses", len(list))
	}
	for _, p := range list {
		status, header, body := s.send(p)
		foreign := slices.Contains([]string{"image/webp", "image/avif"}, header.Get("Content-Type"))
		fmt.Fprintf(&b, "=== %s %s\n", p.method, p.path)
		for i := 0; i+1 < len(p.header); i += 2 {
			fmt.Fprintf(&b, "> %s: %s\n", p.header[i], p.header[i+1])
		}
		fmt.Fprintf(&b, "< %d\n", status)
		for _, name := range slices.Sorted(maps.Keys(header)) {
			if slices.Contains(unstable, name) {
				continue
			}
			value := strings.Join(header[name], " | ")
			if name == "Content-Length" && (foreign || !strings.HasPrefix(header.Get("Content-Type"), "image/")) {
				value = "<length>"
			}
			fmt.Fprintf(&b, "< %s: %s\n", name, value)
		}
		if _, boundary, ok := strings.Cut(header.Get("Content-Type"), "boundary="); ok {
			n.Call(boundary, "boundary")
			body = bytes.ReplaceAll(body, []byte(boundary), []byte("<boundary>"))
		}
		b.WriteString(shown(header.Get("Content-Type"), body, foreign) + "\n\n")
	}
	return []byte(n.In(b.String()))
}

// hide gives names to what is in answers only.
func (s *scenario) hide(n *golden.Names) {
	n.Call(s.screen, "secret of the screen")
	n.Hide("signature", `Vitrine-Signature: (\S+)`)
	n.Hide("version", `"version": "([0-9a-f]{16})"`)
	n.Hide("order", `"order": ([0-9.e+]+)`)
	n.Number("etag", `"([0-9a-f]{32}|[0-9a-f]{24})"`) // of what holds ids or times; a rendition's has an extension
	n.Hide("request", `"instance": "([^"]*)"`)
	n.Hide("signature", `/t/([A-Za-z0-9_-]{16,})[,/]`)
}

func shown(mediaType string, body []byte, foreign bool) string {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	switch {
	case len(body) == 0:
		return ""
	case strings.HasSuffix(mediaType, "json"):
		var b bytes.Buffer
		if json.Indent(&b, body, "", " ") == nil {
			return b.String()
		}
	case foreign:
		return "(a picture)"
	case strings.HasPrefix(mediaType, "text/") && len(body) < 600:
		return strings.ReplaceAll(string(body), "\r", "")
	}
	return "(" + strconv.Itoa(len(body)) + fmt.Sprintf(" bytes, SHA-256 %x)", sha256.Sum256(body))
}
