package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
)

// network is a channel's far end without idempotency: it posts as often as it is asked to, and can't be asked what it
// has.
type network struct {
	*httptest.Server
	mu    sync.Mutex
	posts map[string]int // by publication
}

func newNetwork(t *testing.T) *network {
	n := &network{posts: map[string]int{}}
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers := map[string]string{"/describe": `{"idempotency":"none"}`, "/verify": `{"id":"1","name":"network"}`,
			"/prepare": `{}`, "/lookup": `{"verdict":"undecided"}`}
		var call struct {
			Intent struct {
				ID string `json:"id"`
			} `json:"intent"`
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &call)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		answer := answers[r.URL.Path]
		if r.URL.Path == "/commit" {
			n.mu.Lock()
			n.posts[call.Intent.ID]++
			n.mu.Unlock()
			answer = `{"remote":"1"}`
		}
		_, _ = io.WriteString(w, answer) // a client that has gone tries again
	}))
	t.Cleanup(n.Close)
	return n
}

func (n *network) total() (all int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.posts {
		all += c
	}
	return all
}

func (n *network) of(publication string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.posts[publication]
}

// cli runs a command that speaks to the server.
func (x *server) cli(args ...string) (string, error) {
	cmd := vitrine(x.TB, x.setup, args...)
	cmd.Env = append(cmd.Env, "VITRINE_TOKEN="+x.token, "VITRINE_SERVER="+x.url)
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%v: %w%s", args, err, stderr(err))
	}
	return string(out), err
}

func (x *server) must(args ...string) string {
	x.Helper()
	out, err := x.cli(args...)
	if err != nil {
		x.Fatal(err)
	}
	return out
}

// holding is what GET /api/system/hold answers.
type holding struct {
	Hold *dam.Hold
	Held *struct {
		Channels []struct{ Asked, Now, Later int }
		Webhooks int
	}
}

func (x *server) hold() (h holding) {
	x.Helper()
	x.do(http.StatusOK, "GET", "/api/system/hold", nil, &h)
	return h
}

// asked waits until n publications wait for an answer, and returns their ids.
func (x *server) asked(n int) (ids []string) {
	x.Helper()
	x.until(fmt.Sprintf("%d publications are asked about", n), func() bool {
		var list struct{ Items []dam.Publication }
		x.do(http.StatusOK, "GET", "/api/publications?state=unconfirmed&limit=200", nil, &list)
		ids = nil
		for _, p := range list.Items {
			if p.Problem != nil && p.Problem.Class == "restored" {
				ids = append(ids, p.ID)
			}
		}
		return len(ids) == n
	})
	return ids
}

// due is how many posts are due since the backup.
var due = soak(12, 150)

// planned is a server with twelve posts due in a few seconds, stopped before they are: the moment a backup is made.
type planned struct {
	*server
	n     *network
	hook  *receiver
	asset dam.Asset
	at    time.Time
}

func plan(t *testing.T, s setup) *planned {
	t.Helper()
	p := &planned{n: newNetwork(t), hook: receive(t)}
	p.server = start(t, s)
	var made struct {
		Webhook dam.Webhook
		Secret  string
	}
	p.do(http.StatusCreated, "POST", "/api/webhooks",
		map[string]any{"url": p.hook.URL, "types": []string{"publication.*"}}, &made)
	p.hook.mu.Lock()
	p.hook.secret = made.Secret
	p.hook.mu.Unlock()
	var ch dam.Channel
	p.do(http.StatusCreated, "POST", "/api/channels", map[string]any{"name": "Network", "kind": "plugin",
		"config": map[string]any{"url": p.n.URL, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		"rule":   map[string]any{"query": "", "presets": []string{"thumb"}, "enabled": false}}, &ch)
	p.asset = p.ready(p.upload("Lamp.jpg", photo(t, 71, 640, 480)).ID)
	p.do(http.StatusOK, "POST", "/api/assets/"+p.asset.ID+"/approve", struct{}{}, nil)
	p.at = time.Now().Add(time.Duration(soak(4, 20)) * time.Second)
	for i := range due {
		p.do(http.StatusCreated, "POST", "/api/publications", map[string]any{"asset": p.asset.ID, "channel": ch.ID,
			"caption": fmt.Sprint("post ", i), "at": p.at.Format(time.RFC3339Nano)}, nil)
	}
	p.terminate()
	if n := p.n.total(); n > 0 {
		t.Fatalf("this machine is too slow for this test: %d posts went out before the backup", n)
	}
	return p
}

// goOn starts the server again and lets the posts go out.
func (p *planned) goOn() {
	p.Helper()
	p.run()
	if h := p.hold(); h.Hold != nil {
		p.Fatalf("the original holds: %+v", h.Hold)
	}
	p.until("the posts of the original", func() bool { return p.n.total() == due })
	p.until("its webhook", func() bool { return p.hook.count(dam.PublicationEventDelivered, "") == due })
}

// drill starts a restored copy beside the original: it asks about the twelve, and nothing leaves it.
func (p *planned) drill(s setup, why dam.EpochReason) *server {
	p.Helper()
	r := start(p.TB, s)
	h := r.hold()
	if h.Hold == nil || h.Hold.Reason != why || h.Hold.BackupAt == nil || time.Since(*h.Hold.BackupAt) > time.Hour {
		p.Fatalf("the copy's hold: %+v, want %s", h.Hold, why)
	}
	r.asked(due)
	if n := p.n.total(); n != due {
		p.Errorf("%d posts, want %d", n, due)
	}
	if n := p.hook.count(dam.PublicationEventUnconfirmed, ""); n != 0 {
		p.Errorf("%d webhooks left the copy", n)
	}
	return r
}

// answered says of most that they had been sent, of one to send it and of one to forget it, and releases.
func (p *planned) answered(r *server) {
	p.Helper()
	ids := r.asked(due)
	if out := r.must("hold", "status"); strings.Count(out, "p_") != due || !strings.Contains(out, "Network") {
		p.Errorf("hold status: %s", out)
	}
	r.must(append([]string{"hold", "answer", "--sent"}, ids[2:]...)...)
	r.must("hold", "answer", "--send", ids[0])
	r.must("hold", "answer", "--cancel", ids[1])
	if out, err := r.cli("hold", "release"); err == nil || !strings.Contains(err.Error(), "--yes") ||
		!strings.Contains(out, "Network") {
		p.Errorf("released without --yes: %v %s", err, out)
	}
	if h := r.hold(); h.Hold == nil || h.Held == nil || len(h.Held.Channels) != 1 || h.Held.Channels[0].Now != 1 ||
		h.Held.Channels[0].Asked != 0 || p.n.total() != due {
		p.Errorf("before the release: %+v, %d posts", h, p.n.total())
	}
	r.must("hold", "release", "--yes")
	r.until("the one that was to be sent", func() bool { return p.n.of(ids[0]) == 2 })
	r.until("its receipt", func() bool {
		var x dam.Publication
		r.do(http.StatusOK, "GET", "/api/publications/"+ids[0], nil, &x)
		return x.State == dam.PubDelivered
	})
	r.until("the webhooks that were held", func() bool {
		return p.hook.count(dam.PublicationEventUnconfirmed, "") == due
	})
	if n := p.n.total(); n != due+1 || p.n.of(ids[1]) != 1 || r.hold().Hold != nil {
		p.Errorf("after the release: %d posts", n)
	}
	if out := r.must("hold", "status"); !strings.Contains(out, "nothing is held") {
		p.Errorf("hold status: %s", out)
	}
}

func copied(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A restored backup never posts again: twelve posts are due when it is made, go out, and the copy that is started
// beside the original asks about each of them.
func TestRestoreDrill(t *testing.T) {
	t.Parallel()
	p := plan(t, setup{})
	backup, plain := t.TempDir(), filepath.Join(t.TempDir(), "plain.db")
	p.must("backup", backup)
	copied(t, filepath.Join(p.dir, "vitrine.db"), plain)
	p.goOn()

	// By vitrine restore into a folder of its own.
	r := setup{dir: filepath.Join(t.TempDir(), "restored")}
	if out, err := vitrine(t, r, "restore", backup).CombinedOutput(); err != nil {
		t.Fatalf("restore: %v %s", err, out)
	}
	drill := p.drill(r, dam.EpochRestored)
	// A consumer that followed the original starts from the snapshot; one that never saw an epoch goes on.
	var page struct{ Cursor string }
	p.do(http.StatusOK, "GET", "/api/events?after=0&limit=1", nil, &page)
	drill.do(http.StatusGone, "GET", "/api/events?after="+page.Cursor, nil, nil)
	if a := drill.try("GET", "/api/events/stream", nil, "Last-Event-ID", page.Cursor); a.StatusCode != http.StatusGone {
		t.Errorf("a stream from another epoch: %d", a.StatusCode)
	}
	drill.do(http.StatusOK, "GET", "/api/events?after=1&limit=1", nil, &page)
	if a := drill.try("GET", "/api/snapshot", nil); !strings.HasPrefix(a.Header.Get("X-Vitrine-Cursor"),
		strings.Split(page.Cursor, ":")[0]+":") {
		t.Errorf("the snapshot's cursor is %q, the log's %q", a.Header.Get("X-Vitrine-Cursor"), page.Cursor)
	}
	p.answered(drill)
	drill.terminate()

	// By a plain copy of the database file, into the folder of the original: the index there is of what happened since.
	for i := range uint64(3) {
		p.upload(fmt.Sprint("Later ", i, ".jpg"), photo(t, 80+i, 320, 240))
	}
	p.until("the later ones are found", func() bool { return p.search("limit=1").Total == 4 })
	p.terminate()
	copied(t, plain, filepath.Join(p.dir, "vitrine.db"))
	p.run()
	if h := p.hold(); h.Hold == nil || h.Hold.Reason != dam.EpochDiverged {
		t.Fatalf("an older database in its place: %+v", h.Hold)
	}
	p.asked(due)
	p.until("no ghosts are found", func() bool { return p.search("limit=1").Total == 1 })
	fresh := p.upload("New.jpg", photo(t, 90, 320, 240))
	p.until("a new one is found", func() bool { return p.search("q=id:"+fresh.ID).Total == 1 })
	if n := p.n.total(); n != due+1 {
		t.Errorf("%d posts, want %d", n, due+1)
	}
}

// The same on PostgreSQL, by pg_dump and pg_restore, with a copy that works on the bucket of the original.
func TestRestoreDrillPostgres(t *testing.T) {
	t.Parallel()
	p := plan(t, shared(t))
	dump := filepath.Join(t.TempDir(), "dump")
	postgres(t, "pg_dump", "--format=custom", "--file", dump, p.database)
	p.goOn()
	r := p.setup
	r.dir, r.database = t.TempDir(), catalogtest.PostgresURL(t)
	postgres(t, "pg_restore", "--no-owner", "--dbname", r.database, dump)
	drill := p.drill(r, dam.EpochCopied)
	p.answered(drill)
	if h := p.hold(); h.Hold != nil {
		t.Errorf("the original holds: %+v", h.Hold)
	}
}

func postgres(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}
