package wordpress

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func TestMain(m *testing.M) { publishertest.Main(m, Kind(client())) }

func client() *http.Client { return &http.Client{Timeout: 30 * time.Second} }

func (w *wordPress) config(user, password string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"url": %q, "user": %q, "password": %q}`, w.url, user, password))
}

func (w *wordPress) account() publishers.Account {
	return publishers.Account{Config: w.config("shop", ""), Secrets: map[string]string{"password": w.password}}
}

// public lists the posts about an asset that everybody can see.
func (w *wordPress) public(t *testing.T, asset string) []post {
	res, err := http.Get(w.url + "/?" + url.Values{"rest_route": {"/wp/v2/posts"}, "search": {asset},
		"per_page": {"100"}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	var list []post
	if err := errors.Join(json.NewDecoder(res.Body).Decode(&list), res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return list
}

// left lists what a publication left at the site, public or not: the posts, drafts and files of its asset.
func (w *wordPress) left(t *testing.T, asset string) (out []string) {
	p := &publisher{client()}
	for _, kind := range []string{"posts", "media"} {
		var list []struct {
			ID   int    `json:"id"`
			Slug string `json:"slug"`
		}
		q := url.Values{"search": {asset}, "per_page": {"100"}, "context": {"edit"}}
		if kind == "posts" {
			q.Set("status", "any")
		}
		if err := p.get(t.Context(), w.account(), kind, q, &list); err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			out = append(out, fmt.Sprintf("%s/%d %s", kind, x.ID, x.Slug))
		}
	}
	return out
}

func (w *wordPress) harness(t *testing.T) publishertest.Harness {
	var mu sync.Mutex
	most := map[string]int{}
	live := func(asset string) int {
		n := len(w.public(t, asset))
		mu.Lock()
		defer mu.Unlock()
		most[asset] = max(most[asset], n)
		return n
	}
	posts := func(asset string) int {
		live(asset)
		mu.Lock()
		defer mu.Unlock()
		return most[asset]
	}
	return publishertest.Harness{Kind: Kind(client()), Config: w.config("shop", w.password), Posts: posts, Live: live,
		Left: func(asset string) []string { return w.left(t, asset) }}
}

func TestWordPress(t *testing.T) {
	w := install(t)
	t.Run("suite", func(t *testing.T) { publishertest.RunEmbedded(t, w.harness) })
	t.Run("SIGKILL", func(t *testing.T) { publishertest.Kill(t, 5, w.harness(t)) })
	t.Run("account", w.accounts)
	t.Run("refusals", w.refusals)
	t.Run("one post", w.onePost)
	t.Run("a repeat is a post of its own", w.repeats)
	t.Run("text stays text", w.textStaysText)
	t.Run("options", w.options)
	t.Run("terms", w.terms)
	t.Run("names", w.names)
	t.Run("what editors add stays", w.editors)
	t.Run("posts of older releases", w.older)
}

func (w *wordPress) accounts(t *testing.T) {
	p := Kind(client()).Publisher
	for name, c := range map[string]struct {
		user, password string
		class          publishers.Class
	}{
		"editor":          {"shop", w.password, ""},
		"wrong password":  {"shop", "abcd efgh ijkl mnop qrst uvwx", publishers.ClassAuthExpired},
		"unknown user":    {"nobody", w.password, publishers.ClassAuthExpired},
		"may not publish": {"reader", w.reader, publishers.ClassDisconnected},
	} {
		t.Run(name, func(t *testing.T) {
			who, err := p.Verify(t.Context(), publishers.Account{Config: w.config(c.user, ""),
				Secrets: map[string]string{"password": c.password}})
			if got := publishers.ClassOf(err, ""); got != c.class {
				t.Fatalf("%v, want %q", err, c.class)
			}
			if err == nil && (who.ID == "" || who.URL != w.url) {
				t.Errorf("identity %+v", who)
			}
		})
	}
}

// intent returns a publication of these bytes.
func (w *wordPress) intent(id, mediaType string, format dam.Format, body []byte) publishers.Intent {
	return publishers.Intent{ID: id, Revision: 1, Digest: "d1", Account: w.account(), Locale: "en", Language: "en",
		Content: publishers.Content{Asset: "a_" + strings.TrimPrefix(id, "p_"), Title: dam.Text{"en": "Shoe <b>"},
			Alt: dam.Text{"en": "A red shoe"}, Text: "New & red\n\nIn the shops",
			Link: "https://shop.example.com/?utm_source=blog&x=1",
			Media: []publishers.Media{{Preset: "large", Format: format, MediaType: mediaType,
				SHA256: strings.Repeat("ab", 32), Size: int64(len(body))}}},
		Open: func(context.Context, publishers.Media) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(body)), nil
		}}
}

// refusals tests the site's own refusals, by their names.
func (w *wordPress) refusals(t *testing.T) {
	p := Kind(client()).Publisher
	in := w.intent("p_svg", "image/svg+xml", "svg+xml", []byte("<svg/>"))
	if _, err := p.Prepare(t.Context(), in, nil); publishers.ClassOf(err, "") != publishers.ClassPermanent {
		t.Errorf("a file type the site forbids: %v", err)
	}
	if _, err := p.Recall(t.Context(), in, nil); err != nil { // its draft is deleted as well
		t.Error(err)
	}
	in = w.intent("p_gone", "image/gif", "gif", pixel)
	if _, err := p.Commit(t.Context(), in, publishers.State(`{"post": 999999, "media": 1}`)); publishers.ClassOf(err,
		"") != publishers.ClassRetry {
		t.Errorf("a draft that was deleted on the site: %v", err)
	}
	in.Account.Config = json.RawMessage(`{"url": "ftp://x", "user": "shop"}`)
	var d *dam.Error
	if _, err := p.Verify(t.Context(), in.Account); !errors.As(err, &d) || d.Field != "config.url" {
		t.Errorf("an address of another kind: %v", err)
	}
}

// onePost tests that repeated Prepares and Commits make one post, with the newest revision's picture and text.
func (w *wordPress) onePost(t *testing.T) {
	p := Kind(client()).Publisher
	in := w.intent("p_once", "image/gif", "gif", pixel)
	var receipts []publishers.Receipt
	for revision := range 3 {
		in.Revision, in.Digest = int64(revision+1), fmt.Sprint("d", revision)
		in.Content.Media[0].SHA256 = strings.Repeat(fmt.Sprintf("%02x", revision), 32)
		for range 2 {
			state, err := p.Prepare(t.Context(), in, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.Commit(t.Context(), in, state)
			if err != nil {
				t.Fatal(err)
			}
			receipts = append(receipts, r)
		}
	}
	for _, r := range receipts {
		if r.Remote != receipts[0].Remote || r.URL == "" {
			t.Errorf("receipts %+v", receipts)
		}
	}
	in.Revision = 1
	state, err := p.Prepare(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	in.Content.Text = "outdated"
	if _, err := p.Commit(t.Context(), in, state); err != nil {
		t.Fatal(err)
	}
	found, err := (&publisher{client()}).find(t.Context(), in, 0)
	if err != nil || found == nil {
		t.Fatal(found, err)
	}
	for _, want := range []string{"<p>New &amp; red</p>", `href="https://shop.example.com/?utm_source=blog&amp;x=1"`,
		" 3 d2 p_once -->"} {
		if !strings.Contains(found.Content.Raw, want) {
			t.Errorf("the post lacks %q:\n%s", want, found.Content.Raw)
		}
	}
	pictures, err := (&publisher{client()}).uploaded(t.Context(), in, found.ID)
	if err != nil || len(pictures) == 0 || len(pictures) > 2 {
		t.Errorf("pictures %v %v", pictures, err)
	}
	for range 2 {
		if answer, err := p.Recall(t.Context(), in, nil); err != nil || answer.IsZero() {
			t.Fatal(answer, err)
		}
	}
	if left := w.left(t, "a_once"); len(left) > 0 {
		t.Errorf("left after the recall: %v", left)
	}
}

// pixel is a GIF of one pixel.
var pixel = []byte(
	"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00" +
		"\x01\x00\x00\x02\x02D\x01\x00;")
