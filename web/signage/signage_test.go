package signage_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	groups "vitrine/dam/signage"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
	channel "vitrine/publishers/stores/signage"
	"vitrine/web/signage"
)

// place is a server with one group of screens, into which the ledger puts entries.
type place struct {
	*publishertest.World
	t       *testing.T
	groups  *groups.Service
	ledger  *publishertest.Service
	channel dam.Channel
	url     string
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func open(t *testing.T) *place {
	cat := catalogtest.SQLite(t)
	w := publishertest.NewWorld(t, cat)
	s := groups.New(groups.Options{Catalog: cat, Store: w.Store, Keys: w.Secrets.Derive,
		PublicURL: "https://media.example.com", Clock: w.Clock.Now})
	ctx, cancel := context.WithCancel(catalogtest.Context(t))
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx) }() // ends with ctx
	t.Cleanup(func() { cancel(); <-done })
	p := &place{World: w, t: t, groups: s}
	p.ledger = w.Service("a", channel.Kind(s))
	p.channel = w.Channel(p.ledger, groups.Kind, json.RawMessage(`{"zone": "Europe/Paris"}`))
	h, err := signage.New(s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	p.url = server.URL + "/signage/"
	return p
}

func (p *place) get(path, token string, header ...string) answer {
	p.t.Helper()
	return p.do(http.MethodGet, path, token, "", header...)
}

func (p *place) do(method, path, token, body string, header ...string) answer {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		p.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, b}
}

// screen adds a screen and returns its token and its key.
func (p *place) screen(name string) (id, token, key string) {
	p.t.Helper()
	s, err := p.groups.AddScreen(catalogtest.Context(p.t), dam.DefaultLibrary, p.channel.ID, name)
	if err != nil {
		p.t.Fatal(err)
	}
	return s.ID, fragment(p.t, s.URL, "screen"), fragment(p.t, s.URL, "key")
}

func fragment(t *testing.T, address, name string) string {
	t.Helper()
	_, f, _ := strings.Cut(address, "#")
	v, err := url.ParseQuery(f)
	if err != nil || v.Get(name) == "" {
		t.Fatalf("%s has no %s: %v", address, name, err)
	}
	return v.Get(name)
}

// genuine verifies a signature as the player does.
func genuine(t *testing.T, key, signature string, body []byte) bool {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || len(sig) != 64 {
		t.Fatalf("signature %q: %v", signature, err)
	}
	digest := sha256.Sum256(body)
	return ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
}

func read(t *testing.T, a answer) (f dam.SignageFeed) {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("the feed answers %d %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func (p *place) publish(title, options string) dam.Publication {
	p.t.Helper()
	x, err := p.ledger.Planning.Publish(catalogtest.Context(p.t), dam.DefaultLibrary,
		planning.PublishInput{Asset: p.Asset(title).ID, Channel: p.channel.ID,
			Post: dam.Post{Options: json.RawMessage(options)}})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.Until(p.ledger, x.ID, dam.PubDelivered)
}

func TestFeedIsSignedAndFilesAreThoseOfTheManifest(t *testing.T) {
	p := open(t)
	second := p.publish("boots", `{"order": 2, "seconds": 4, "from": "2026-01-01", "day_parts": "mon-fri 08:00-12:00"}`)
	first := p.publish("shoes", `{"order": 1}`)
	_, token, key := p.screen("left window")
	feed := p.channel.ID + "/feed.json"
	a := p.get(feed, token)
	f := read(t, a)
	if !genuine(t, key, a.header.Get("Vitrine-Signature"), a.body) {
		t.Error("the signature is wrong")
	}
	if genuine(t, key, a.header.Get("Vitrine-Signature"), append(a.body, ' ')) {
		t.Error("the signature holds for other bytes")
	}
	if len(f.Entries) != 2 || f.Entries[0].ID != first.ID || f.Entries[1].ID != second.ID || f.Zone != "Europe/Paris" ||
		f.Entries[1].Seconds != 4 || f.Entries[0].Seconds != 10 || len(f.Entries[1].DayParts) != 1 ||
		f.Entries[1].From != "2026-01-01" {
		t.Fatalf("%+v", f)
	}
	if left := f.NotAfter.Sub(p.Clock.Now()); left < 168*time.Hour || left > 169*time.Hour {
		t.Errorf("it ends in %s", left)
	}
	for _, x := range f.Files {
		got := p.get(p.channel.ID+"/"+x.URL, token)
		sum := sha256.Sum256(got.body)
		if got.status != http.StatusOK || hex.EncodeToString(sum[:]) != x.SHA256 || int64(len(got.body)) != x.Size ||
			got.header.Get("Content-Type") != x.MediaType {
			t.Errorf("file %+v: %d, %d bytes, %s", x, got.status, len(got.body), got.header.Get("Content-Type"))
		}
	}
	if again := p.get(feed, token, "If-None-Match", a.header.Get("ETag")); again.status != http.StatusNotModified ||
		len(again.body) > 0 {
		t.Errorf("the same again: %d", again.status)
	}
	if got := p.get(p.channel.ID+"/files/"+strings.Repeat("0", 64), token); got.status != http.StatusNotFound {
		t.Errorf("a file of nobody: %d", got.status)
	}
}

func TestOnlyScreensOfTheGroupAreLetIn(t *testing.T) {
	p := open(t)
	x := p.publish("shoes", "")
	id, token, _ := p.screen("left window")
	other := p.Channel(p.ledger, groups.Kind, json.RawMessage(`{"zone": "UTC"}`))
	file := p.channel.ID + "/files/" + x.Receipt.Media[0].SHA256
	for _, path := range []string{p.channel.ID + "/feed.json", file} {
		for _, wrong := range []string{"", "x", token + "x", id + ".", "." + strings.Split(token, ".")[1],
			"preview.99999999999.x"} {
			if got := p.get(path, wrong); got.status != http.StatusUnauthorized ||
				strings.Contains(string(got.body), "shoes") {
				t.Errorf("%s with %q: %d %s", path, wrong, got.status, got.body)
			}
		}
	}
	if got := p.get(other.ID+"/feed.json", token); got.status != http.StatusUnauthorized {
		t.Errorf("another group's feed: %d", got.status)
	}
	if got := p.do(http.MethodPost, p.channel.ID+"/report", "x", `{}`); got.status != http.StatusUnauthorized {
		t.Errorf("a report by nobody: %d", got.status)
	}

	// A preview is valid for half an hour, and reports nothing.
	look, err := p.groups.Preview(catalogtest.Context(t), dam.DefaultLibrary, p.channel.ID)
	if err != nil {
		t.Fatal(err)
	}
	preview := fragment(t, look, "screen")
	if a := p.get(p.channel.ID+"/feed.json", preview); a.status != http.StatusOK ||
		!genuine(t, fragment(t, look, "key"), a.header.Get("Vitrine-Signature"), a.body) {
		t.Errorf("a look: %d", a.status)
	}
	if got := p.get(other.ID+"/feed.json", preview); got.status != http.StatusUnauthorized {
		t.Errorf("a look at another group: %d", got.status)
	}
	p.Clock.Advance(31 * time.Minute)
	if got := p.get(p.channel.ID+"/feed.json", preview); got.status != http.StatusUnauthorized {
		t.Errorf("a look after its time: %d", got.status)
	}

	waiting := make(chan answer, 1)
	seen := p.get(p.channel.ID+"/feed.json", token).header.Get("ETag")
	go func() { waiting <- p.get(p.channel.ID+"/feed.json?wait=30", token, "If-None-Match", seen) }()
	if err := p.groups.RemoveScreen(catalogtest.Context(t), dam.DefaultLibrary, p.channel.ID, id); err != nil {
		t.Fatal(err)
	}
	if got := <-waiting; got.status != http.StatusUnauthorized {
		t.Errorf("a screen that waits and is removed: %d", got.status)
	}
	if got := p.get(p.channel.ID+"/feed.json", token); got.status != http.StatusUnauthorized {
		t.Errorf("a screen that was removed: %d", got.status)
	}
}

func TestWaitingScreensHearOfARecallAtOnce(t *testing.T) {
	p := open(t)
	x := p.publish("shoes", "")
	_, token, _ := p.screen("left window")
	feed := p.channel.ID + "/feed.json"
	a := p.get(feed, token)
	heard := make(chan answer, 1)
	go func() { heard <- p.get(feed+"?wait=30", token, "If-None-Match", a.header.Get("ETag")) }()
	if _, err := p.ledger.Planning.Recall(catalogtest.Context(t), dam.DefaultLibrary, x.ID, "wrong price"); err != nil {
		t.Fatal(err)
	}
	p.Until(p.ledger, x.ID, dam.PubRecalled)
	if f := read(t, <-heard); len(f.Entries)+len(f.Files) != 0 {
		t.Errorf("after the recall: %+v", f)
	}
	if got := p.get(p.channel.ID+"/files/"+x.Receipt.Media[0].SHA256, token); got.status != http.StatusNotFound {
		t.Errorf("its file after the recall: %d", got.status)
	}
	// A call of a delayed node restores nothing.
	e := dam.SignageEntry{Publication: x.ID, Revision: 99}
	if _, err := p.groups.Put(catalogtest.Context(t), p.channel.ID, e); dam.CodeOf(err) != dam.Conflict {
		t.Errorf("a late call: %v", err)
	}
}

func TestRightsTravelWithTheEntry(t *testing.T) {
	p := open(t)
	a := p.Asset("shoes")
	last := p.Clock.Now().UTC().AddDate(0, 0, 2)
	p.Patch(a.ID, `{"rights": {"until": "`+last.Format(time.DateOnly)+`"}}`)
	p.Until(p.ledger, p.plan(a.ID).ID, dam.PubDelivered)
	_, token, _ := p.screen("left window")
	f := read(t, p.get(p.channel.ID+"/feed.json", token))
	if end := f.Entries[0].NotAfter; end == nil || end.Format(time.RFC3339) != last.AddDate(0, 0,
		1).Format(time.DateOnly)+"T00:00:00Z" {
		t.Errorf("the screen shows it until %v", end)
	}
	// A server whose ledger has stopped doesn't serve the entry any more either.
	p.Clock.Advance(72 * time.Hour)
	if f := read(t, p.get(p.channel.ID+"/feed.json", token)); len(f.Entries) != 0 {
		t.Errorf("after the rights: %+v", f.Entries)
	}
}

// plan plans a publication for now.
func (p *place) plan(asset string) dam.Publication {
	x, err := p.ledger.Planning.Publish(catalogtest.Context(p.t), dam.DefaultLibrary,
		planning.PublishInput{Asset: asset, Channel: p.channel.ID})
	if err != nil {
		p.t.Fatal(err)
	}
	return x
}

func TestScreensReport(t *testing.T) {
	p := open(t)
	p.Clock.Follow()
	x := p.publish("shoes", "")
	id, token, _ := p.screen("left window")
	state := func(want string) dam.Screen {
		t.Helper()
		list, err := p.groups.Screens(catalogtest.Context(t), dam.DefaultLibrary, p.channel.ID)
		if err != nil || len(list) != 1 || list[0].ID != id || list[0].State != want || list[0].URL != "" {
			t.Fatalf("%+v %v, want %s", list, err, want)
		}
		return list[0]
	}
	state("waiting")
	f := read(t, p.get(p.channel.ID+"/feed.json", token))
	say := func(feed, entry, clock string) {
		t.Helper()
		body := `{"feed": "` + feed + `", "entry": "` + entry + `", "file": "` + x.Receipt.Media[0].SHA256 +
			`", "cached": 1, "missing": 0, "clock": "` + clock + `"}`
		if got := p.do(http.MethodPost, p.channel.ID+"/report", token, body); got.status != http.StatusNoContent {
			t.Fatalf("a report: %d %s", got.status, got.body)
		}
	}
	now := time.Now().UTC()
	say(f.Version, x.ID, now.Format(time.RFC3339))
	if s := state("showing"); s.Title != "shoes" || s.Report.File != x.Receipt.Media[0].SHA256 || s.SkewSeconds != 0 {
		t.Errorf("%+v", s)
	}
	say(f.Version, "", now.Add(2*time.Hour).Format(time.RFC3339))
	if s := state("idle"); s.SkewSeconds < 7100 {
		t.Errorf("a clock two hours ahead: %+v", s)
	}
	say("older", x.ID, now.Format(time.RFC3339))
	state("behind")
	for _, bad := range []string{`{`, `{"clock": "noon"}`, `{"feed": "` + strings.Repeat("x", 20000) +
		`", "clock": "2026-01-01T00:00:00Z"}`, `{"feed": "` + strings.Repeat("x", 200) +
		`", "clock": "2026-01-01T00:00:00Z"}`} {
		if got := p.do(http.MethodPost, p.channel.ID+"/report", token, bad); got.status != http.StatusBadRequest {
			t.Errorf("report %.20s: %d", bad, got.status)
		}
	}
}

func TestPlayerIsServed(t *testing.T) {
	p := open(t)
	for path, mediaType := range map[string]string{"/": "text/html", "/player.js": "text/javascript",
		"/player.css": "text/css", "/sw.js": "text/javascript"} {
		a := p.get(p.channel.ID+path, "")
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), mediaType) ||
			!strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") ||
			strings.Contains(string(a.body), "{{") {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
}
