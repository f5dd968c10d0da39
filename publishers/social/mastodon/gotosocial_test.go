package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
	"vitrine/test/ports"
)

func TestMain(m *testing.M) { publishertest.Main(m, Kind(client())) }

func client() *http.Client { return &http.Client{Timeout: 30 * time.Second} }

// server is GoToSocial, a real server that speaks Mastodon's API, with one account. It differs from Mastodon: a link
// counts 25, an attached picture is still found, and attaching it again is a 400.
type server struct {
	URL, Token string

	mu   sync.Mutex
	ever map[string]bool // ids of posts, with what they were seen to show
}

const (
	serverEmail    = "brand@example.com"
	serverPassword = "a long enough pass phrase 1"
	outOfBand      = "urn:ietf:wg:oauth:2.0:oob"
)

// serve starts the server on loopback and signs its account in as a person does, and stops it when the test ends.
func serve(t *testing.T) *server {
	t.Helper()
	binary, err := filepath.Abs("../../../bin/tools/gotosocial")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		t.Fatal("GoToSocial is not built: run make tools")
	}
	_, port, _ := net.SplitHostPort(ports.Reserve(t)) // a reserved address is well formed
	dir := t.TempDir()
	// Compiling its ffmpeg, which is WebAssembly, takes a minute; it is kept beside the program.
	cache := binary + "-cache"
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	run := func(args ...string) *exec.Cmd {
		cmd := exec.Command(binary, args...)
		cmd.Env = append(os.Environ(), "GTS_LOG_LEVEL=error", "GTS_HOST=localhost:"+port, "GTS_PROTOCOL=http",
			"GTS_BIND_ADDRESS=127.0.0.1", "GTS_PORT="+port, "GTS_DB_TYPE=sqlite",
			"GTS_DB_ADDRESS="+filepath.Join(dir, "db.sqlite"), "GTS_DB_SQLITE_SYNCHRONOUS=OFF",
			"GTS_STORAGE_LOCAL_BASE_PATH="+filepath.Join(dir, "storage"), "GTS_LETSENCRYPT_ENABLED=false",
			"GTS_ADVANCED_RATE_LIMIT_REQUESTS=0", "GTS_ADVANCED_THROTTLING_MULTIPLIER=0",
			"GTS_WEB_TEMPLATE_BASE_DIR="+binary+"-web/template/", "GTS_WEB_ASSET_BASE_DIR="+binary+"-web/assets/",
			"GTS_WAZERO_COMPILATION_CACHE="+cache, "TMPDIR="+dir)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		return cmd
	}
	if err := run("admin", "account", "create", "--username", "brand", "--email", serverEmail, "--password",
		serverPassword).Run(); err != nil {
		t.Fatalf("no account: %v\n%s", err, said.String())
	}
	cmd := run("server", "start")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()          // it may have ended by itself
		if err := <-ended; err != nil { // "signal: killed"
			t.Log(err)
		}
	})
	s := &server{URL: "http://localhost:" + port, ever: map[string]bool{}}
	for deadline := time.Now().Add(3 * time.Minute); ; {
		res, err := http.Get(s.URL + "/api/v1/instance")
		if err == nil {
			_ = res.Body.Close() // only the status counts
			if res.StatusCode == http.StatusOK {
				break
			}
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the server ended: %v\n%s", err, said.String())
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not answer\n%s", said.String())
		}
	}
	s.signIn(t)
	return s
}

// signIn registers an app and takes the account through OAuth in a browser's steps.
func (s *server) signIn(t *testing.T) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	do := func(method, path string, form url.Values) (string, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Accept", "text/html,application/json")
		res, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %d %v\n%s", method, path, res.StatusCode, err, b)
		}
		return res.Request.URL.String(), b
	}
	var app struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	const scopes = "read write"
	_, b := do(http.MethodPost, "/api/v1/apps", url.Values{"client_name": {"Vitrine"}, "redirect_uris": {outOfBand},
		"scopes": {scopes}})
	if err := json.Unmarshal(b, &app); err != nil {
		t.Fatal(err)
	}
	do(http.MethodGet, "/oauth/authorize?"+url.Values{"response_type": {"code"}, "client_id": {app.ID},
		"redirect_uri": {outOfBand}, "scope": {scopes}}.Encode(), nil)
	do(http.MethodPost, "/auth/sign_in", url.Values{"username": {serverEmail}, "password": {serverPassword}})
	at, _ := do(http.MethodPost, "/oauth/authorize", nil)
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	var token struct {
		Access string `json:"access_token"`
	}
	_, b = do(http.MethodPost, "/oauth/token", url.Values{"grant_type": {"authorization_code"},
		"code": {u.Query().Get("code")}, "client_id": {app.ID}, "client_secret": {app.Secret},
		"redirect_uri": {outOfBand}, "scope": {scopes}})
	if err := json.Unmarshal(b, &token); err != nil || token.Access == "" {
		t.Fatalf("no token: %v %s", err, b)
	}
	s.Token = token.Access
}

func (s *server) config() json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"server": %q, "token": %q, "visibility": "public"}`, s.URL, s.Token))
}

// post is what the server shows of a post.
type post struct {
	ID, Content, Language string
	ReplyTo               string                              `json:"in_reply_to_id"`
	Media                 []struct{ URL, Description string } `json:"media_attachments"`
}

// posts are those of the account, with and without pictures.
func (s *server) posts(t *testing.T) (all []post) {
	t.Helper()
	ask := func(path string, out any) {
		t.Helper()
		if _, err := (publishers.Call{Method: http.MethodGet, URL: s.URL + path, Token: s.Token, Out: out}).Do(
			context.WithoutCancel(t.Context()), client()); err != nil {
			t.Fatal(err)
		}
	}
	var me struct{ ID string }
	ask("/api/v1/accounts/verify_credentials", &me)
	for most := ""; ; {
		var list []post
		ask("/api/v1/accounts/"+me.ID+"/statuses?limit=40&exclude_reblogs=true"+most, &list)
		if len(list) == 0 {
			return all
		}
		all = append(all, list...)
		most = "&max_id=" + list[len(list)-1].ID
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// live counts the posts, or the replies, whose text has a word. The server reads pictures anew, so that the asset's id
// is in the text alone.
func (s *server) live(t *testing.T, word string, replies bool) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.posts(t) {
		text := tags.ReplaceAllString(p.Content, "")
		if (len(p.Media) == 0) == replies && strings.Contains(text, word) {
			n++
			s.ever[p.ID+" "+text] = true
		}
	}
	return n
}

// A publication on the real server: what it says of itself, the language, the one attachment, and a recall that leaves
// nothing, also of a comment whose answer was lost.
func TestGoToSocial(t *testing.T) {
	s := serve(t)
	k := Kind(client())
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	node := w.Service("a", k)
	ch := w.Channel(node, Name, s.config())
	if ch.Identity.Name != "@brand" || !strings.Contains(ch.Limits["caption"], "25") {
		t.Errorf("%+v", ch)
	}
	a := w.Asset("shoe")
	p, err := node.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{Asset: a.ID,
		Channel: ch.ID, Caption: "bonjour " + a.ID, Post: dam.Post{Language: "fr", FirstComment: "tailles de " + a.ID}})
	if err != nil {
		t.Fatal(err)
	}
	p = w.Until(node, p.ID, dam.PubDelivered)
	if n, replies := s.live(t, a.ID, false), s.live(t, a.ID, true); n != 1 || replies != 1 {
		t.Fatalf("%d posts, %d replies\n%s", n, replies, publishertest.Ledger(p))
	}
	for _, x := range s.posts(t) {
		if x.Language != "fr" || x.ReplyTo != "" && x.ReplyTo != p.Receipt.Remote {
			t.Errorf("%+v", x)
		}
	}

	// The same picture again is refused, and leads to the post that has it.
	in := publishertest.Intent(t, s.config(), map[string]string{"token": s.Token})
	in.Content.Text = "once " + in.Content.Asset
	state, err := k.Publisher.Prepare(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	made, err := k.Publisher.Commit(t.Context(), in, state)
	if err != nil {
		t.Fatal(err)
	}
	in.CommittedAt, in.ID = time.Now(), in.ID+"x" // past the Idempotency-Key
	if _, err := k.Publisher.Commit(t.Context(), in, state); publishers.ClassOf(err, "") != publishers.ClassUnknown {
		t.Errorf("attached: %v", err)
	}
	if out, err := k.Publisher.Lookup(t.Context(), in, state); err != nil || out.Receipt.Remote != made.Remote {
		t.Errorf("looked up: %+v %v", out, err)
	}

	// Four pictures in one post, in their order, although each node that prepared it died.
	many := publishertest.Several(t, publishertest.Intent(t, s.config(), map[string]string{"token": s.Token}),
		mostPictures)
	many.Content.Text = "album " + many.Content.Asset
	state = publishertest.PrepareInPieces(t, k.Publisher, many)
	if made, err = k.Publisher.Commit(t.Context(), many, state); err != nil {
		t.Fatal(err)
	}
	if out, err := k.Publisher.Lookup(t.Context(), many, state); err != nil || out.Receipt.Remote != made.Remote {
		t.Errorf("looked up: %+v %v", out, err)
	}
	for _, x := range s.posts(t) {
		if x.ID != made.Remote {
			continue
		}
		for i, m := range x.Media {
			if want := fmt.Sprintf("picture %d", i+1); m.Description != want {
				t.Errorf("%s is shown as %s", want, m.Description)
			}
		}
		if len(x.Media) != mostPictures {
			t.Errorf("%d pictures", len(x.Media))
		}
	}

	// The answer to the comment was lost.
	if err := w.Catalog.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		row, err := tx.Publications().LockPublication(catalogtest.Context(t), "", p.ID)
		if err != nil {
			return err
		}
		row.Receipt.Comment.Remote = ""
		return tx.Publications().SavePublication(catalogtest.Context(t), &row)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := node.Planning.Recall(catalogtest.Context(t), dam.DefaultLibrary, p.ID, ""); err != nil {
		t.Fatal(err)
	}
	w.Until(node, p.ID, dam.PubRecalled)
	if n, replies := s.live(t, a.ID, false), s.live(t, a.ID, true); n != 0 || replies != 0 {
		t.Errorf("%d posts and %d replies are left", n, replies)
	}
	if os.Getenv("VITRINE_SOAK") == "" {
		return
	}
	t.Run("SIGKILL", func(t *testing.T) {
		publishertest.Kill(t, 20, publishertest.Harness{Kind: k, Config: s.config(),
			Live: func(asset string) int { return s.live(t, asset, false) },
			Posts: func(asset string) (n int) {
				s.live(t, asset, false)
				s.mu.Lock()
				defer s.mu.Unlock()
				for seen := range s.ever {
					if strings.Contains(seen, asset) {
						n++
					}
				}
				return n
			}})
	})
}
