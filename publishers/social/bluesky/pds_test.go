package bluesky

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func TestMain(m *testing.M) { publishertest.Main(m, Kind(client())) }

func client() *http.Client { return &http.Client{Timeout: 30 * time.Second} }

// pds is Bluesky's own server, with one account.
type pds struct {
	URL, DID, Handle, Password string

	mu    sync.Mutex
	blobs map[string]string // by CID: the text in the picture
	most  map[string]int
}

// serve starts the server in test/pds and stops it when the test ends.
func serve(t *testing.T) *pds {
	t.Helper()
	const folder = "../../../test/pds"
	if _, err := os.Stat(folder + "/node_modules/.installed"); err != nil {
		t.Fatal("the Bluesky server is not installed: run make tools")
	}
	cmd := exec.Command("node", "server.mjs")
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "TMPDIR="+t.TempDir(), "LOG_ENABLED=false")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said bytes.Buffer
	cmd.Stderr = &said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
			t.Errorf("the server: %v", err)
		}
	})
	p := &pds{blobs: map[string]string{}, most: map[string]int{}}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err := errors.Join(err, json.Unmarshal(line, p)); err != nil {
		t.Fatalf("the server did not start: %v\n%s", err, said.String())
	}
	return p
}

func (p *pds) config() json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"service": %q, "handle": %q, "password": %q}`, p.URL, p.Handle, p.Password))
}

// get makes a request without authentication.
func (p *pds) get(t *testing.T, method string, query url.Values) []byte {
	t.Helper()
	status, b := p.ask(t, method, query)
	if status != http.StatusOK {
		t.Fatalf("%s: %d %s", method, status, b)
	}
	return b
}

func (p *pds) ask(t *testing.T, method string, query url.Values) (status int, b []byte) {
	t.Helper()
	res, err := http.Get(p.URL + "/xrpc/" + method + "?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	b, err = io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return res.StatusCode, b
}

// live counts the posts that show an asset: its id is in the bytes of their picture.
func (p *pds) live(t *testing.T, asset string) (n int) {
	cursor := ""
	for {
		var page struct {
			Cursor  string
			Records []struct {
				URI   string
				Value struct {
					Embed struct {
						Images []struct {
							Image struct {
								Ref struct {
									Link string `json:"$link"`
								}
							}
						}
					}
				}
			}
		}
		if err := json.Unmarshal(p.get(t, "com.atproto.repo.listRecords",
			url.Values{"repo": {p.DID}, "collection": {collection}, "limit": {"100"}, "cursor": {cursor}}),
			&page); err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			for _, i := range r.Value.Embed.Images {
				if strings.Contains(p.blob(t, r.URI, i.Image.Ref.Link), asset) {
					n++
				}
			}
		}
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.most[asset] = max(p.most[asset], n)
	return n
}

// comments counts the replies whose text has a word.
func (p *pds) comments(t *testing.T, word string) (n int) {
	p.live(t, word) // the post may have been recalled when its turn comes
	var page struct {
		Records []struct {
			Value struct {
				Text  string
				Reply *struct{}
			}
		}
	}
	if err := json.Unmarshal(p.get(t, "com.atproto.repo.listRecords",
		url.Values{"repo": {p.DID}, "collection": {collection}, "limit": {"100"}}), &page); err != nil {
		t.Fatal(err)
	}
	for _, r := range page.Records { // the newest
		if r.Value.Reply != nil && strings.Contains(r.Value.Text, word) {
			n++
		}
	}
	return n
}

// blob returns "" if the post has been deleted meanwhile: other tests recall theirs concurrently.
func (p *pds) blob(t *testing.T, record, cid string) string {
	p.mu.Lock()
	b, ok := p.blobs[cid]
	p.mu.Unlock()
	if !ok {
		status, body := p.ask(t, "com.atproto.sync.getBlob", url.Values{"did": {p.DID}, "cid": {cid}})
		if status != http.StatusOK {
			if status, _ := p.ask(t, "com.atproto.repo.getRecord",
				url.Values{"repo": {p.DID}, "collection": {collection},
					"rkey": {path.Base(record)}}); status == http.StatusOK {
				t.Fatalf("the picture of a post is not there: %d %s", status, body)
			}
			return ""
		}
		b = string(body)
		p.mu.Lock()
		p.blobs[cid] = b
		p.mu.Unlock()
	}
	return b
}

func (p *pds) harness(t *testing.T) publishertest.Harness {
	return publishertest.Harness{Kind: Kind(client()), Config: p.config(),
		Live: func(asset string) int {
			return p.live(t, asset)
		}, Comments: func(word string) int { return p.comments(t, word) },
		Posts: func(asset string) int {
			p.live(t, asset)
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.most[asset]
		}}
}

// The simulator follows the documentation; this is the server itself.
func TestRealPDS(t *testing.T) {
	p := serve(t)
	t.Run("suite", func(t *testing.T) { publishertest.RunEmbedded(t, p.harness) })
	t.Run("SIGKILL", func(t *testing.T) { publishertest.Kill(t, 5, p.harness(t)) })
	t.Run("account", p.accounts)
	t.Run("refusals", p.refusals)
	t.Run("one post", p.onePost)
	t.Run("entities", p.entities)
	t.Run("several pictures", p.album)
}

// album tests that a post has several pictures in their order, although each node that prepared it died.
func (p *pds) album(t *testing.T) {
	k := Kind(client()).Publisher
	in := publishertest.Several(t, p.intent(t, "p_album", jpegOf(500)), mostPictures)
	state := publishertest.PrepareInPieces(t, k, in)
	for range 2 {
		if _, err := k.Commit(t.Context(), in, state); err != nil {
			t.Fatal(err)
		}
	}
	var got struct{ Value post }
	if err := json.Unmarshal(p.get(t, "com.atproto.repo.getRecord",
		url.Values{"repo": {p.DID}, "collection": {collection}, "rkey": {recordKey(in)}}), &got); err != nil {
		t.Fatal(err)
	}
	if got.Value.Embed == nil || len(got.Value.Embed.Images) != mostPictures {
		t.Fatalf("%+v", got.Value)
	}
	for i, x := range got.Value.Embed.Images {
		if want := fmt.Sprintf("picture %d", i+1); x.Alt != want {
			t.Errorf("%s is shown as %s", want, x.Alt)
		}
	}
	in.Content.Options = json.RawMessage(`{"card": true}`)
	if list := k.Validate(t.Context(), in); len(list) == 0 {
		t.Error("a card with several pictures is not refused")
	}
}

// entities tests that the server takes marks, a mention it resolves, and a card with a picture at its limit.
func (p *pds) entities(t *testing.T) {
	k := Kind(client()).Publisher
	for name, options := range map[string]string{"p_marks": `{}`, "p_card": `{"card": true}`} {
		in := p.intent(t, name, jpegOf(thumbMax))
		in.Content.Text = "Été #shoes by @" + p.Handle + " and @nobody.test: example.com/a"
		in.Content.Options = json.RawMessage(options)
		state, err := k.Prepare(t.Context(), in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Commit(t.Context(), in, state); err != nil {
			t.Fatal(err)
		}
		var got struct{ Value post }
		if err := json.Unmarshal(p.get(t, "com.atproto.repo.getRecord",
			url.Values{"repo": {p.DID}, "collection": {collection}, "rkey": {recordKey(in)}}), &got); err != nil {
			t.Fatal(err)
		}
		card := got.Value.Embed.External != nil
		if f := got.Value.Facets; len(f) != 3 || f[1].Features[0].DID != p.DID || card != (name == "p_card") {
			t.Errorf("%s: %+v", name, got.Value)
		}
	}
	c, err := k.Describe(t.Context(), publishers.Account{Config: p.config()})
	if err != nil {
		t.Fatal(err)
	}
	in := p.intent(t, "p_picture", jpegOf(int(c.Media.MaxBytes)))
	state, err := k.Prepare(t.Context(), in, nil)
	if err == nil {
		_, err = k.Commit(t.Context(), in, state)
	}
	if err != nil {
		t.Errorf("a picture at the limit: %v", err)
	}
}

func (p *pds) accounts(t *testing.T) {
	k := Kind(client()).Publisher
	for password, class := range map[string]publishers.Class{p.Password: "",
		"abcd-efgh-ijkl-mnop": publishers.ClassDisconnected} {
		who, err := k.Verify(t.Context(), publishers.Account{Config: p.config(),
			Secrets: map[string]string{"password": password}})
		if got := publishers.ClassOf(err, ""); got != class || err == nil && who.ID != p.DID {
			t.Errorf("%q: %+v %v, want %q", password, who, err, class)
		}
	}
}

func (p *pds) intent(t *testing.T, id string, body []byte) publishers.Intent {
	t.Helper()
	k := Kind(client()).Publisher
	a := publishers.Account{Config: p.config(), Secrets: map[string]string{"password": p.Password}}
	fresh, err := k.Refresh(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range fresh {
		a.Secrets[name] = v
	}
	return publishers.Intent{ID: id, Revision: 1, Digest: "d1", Account: a, Locale: "en", Language: "en",
		CreatedAt: time.Now(),
		Content: publishers.Content{Asset: "a_1", Text: "New in the shops",
			Media: []publishers.Media{{Preset: "bluesky", Format: dam.JPEG, MediaType: "image/jpeg",
				SHA256: strings.Repeat("ab", 32), Size: int64(len(body)), Width: 1, Height: 1}}},
		Open: func(context.Context, publishers.Media) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(body)), nil
		}}
}

// jpegOf returns the part of a picture that the server checks, padded to n bytes.
func jpegOf(n int) []byte {
	b := append([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
		bytes.Repeat([]byte{7}, max(n-20, 0))...)
	return b
}

func (p *pds) refusals(t *testing.T) {
	k := Kind(client()).Publisher
	in := p.intent(t, "p_token", jpegOf(500))
	token := in.Account.Secrets["access_jwt"]
	in.Account.Secrets["access_jwt"] = token[:len(token)-4] + "AAAA" // signed by someone else
	if _, err := k.Prepare(t.Context(), in, nil); publishers.ClassOf(err, "") != publishers.ClassAuthExpired {
		t.Errorf("another's token: %v", err)
	}
	in = p.intent(t, "p_large", jpegOf(blobMax+1))
	state, err := k.Prepare(t.Context(), in, nil)
	if err == nil {
		_, err = k.Commit(t.Context(), in, state)
	}
	if publishers.ClassOf(err, "") != publishers.ClassPermanent {
		t.Errorf("a picture over the limit: %v", err)
	}
}

// onePost tests that repeated Prepares and Commits make one post, and that deleting it twice succeeds.
func (p *pds) onePost(t *testing.T) {
	k := Kind(client()).Publisher
	in := p.intent(t, "p_once", append(jpegOf(300), "a_once"...))
	var first publishers.Receipt
	for n := range 3 {
		state, err := k.Prepare(t.Context(), in, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := k.Commit(t.Context(), in, state)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			first = r
		}
		if r.Remote != first.Remote || r.URL != first.URL || r.URL == "" {
			t.Errorf("receipt %+v, at first %+v", r, first)
		}
		if out, err := k.Lookup(t.Context(), in, state); err != nil || out.Verdict != publishers.Delivered {
			t.Errorf("looked up: %+v %v", out, err)
		}
	}
	if n := p.live(t, "a_once"); n != 1 {
		t.Errorf("%d posts", n)
	}
	for range 2 {
		if answer, err := k.Recall(t.Context(), in, &dam.Receipt{Remote: first.Remote, URL: first.URL}); err != nil ||
			answer.IsZero() {
			t.Fatal(answer, err)
		}
	}
	if n := p.live(t, "a_once"); n != 0 {
		t.Errorf("%d posts after the recall", n)
	}
}
