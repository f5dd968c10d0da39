package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/storage/storagetest"
	shards "vitrine/test/soak"
)

// board is a plug-in that keeps what it was sent, and says when each step begins.
type board struct {
	*httptest.Server
	mu      sync.Mutex
	commits map[string]int // calls, by publication
	there   map[string]bool
	steps   chan string
}

func newBoard(t *testing.T) *board {
	b := &board{commits: map[string]int{}, there: map[string]bool{}, steps: make(chan string, 100)}
	b.Server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.Close)
	return b
}

func (b *board) serve(w http.ResponseWriter, r *http.Request) {
	var in struct{ Intent struct{ ID string } }
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	_ = json.Unmarshal(body, &in) // describe and verify have none
	step := strings.Trim(r.URL.Path, "/")
	select {
	case b.steps <- step:
	default: // nobody waits for a step
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[string]any{}
	switch id := in.Intent.ID; step {
	case "describe":
		out = map[string]any{"idempotency": "none", "recall": true, "caption_unit": "runes", "caption_max": 500}
	case "verify":
		out = map[string]any{"id": "board", "name": "Board"}
	case "commit":
		b.commits[id]++
		b.there[id] = true
		out["remote"] = id
	case "lookup", "status":
		out = map[string]any{"verdict": "absent"}
		if b.there[id] {
			out = map[string]any{"verdict": "delivered", "remote": id}
		}
	case "recall":
		delete(b.there, id)
		out["answer"] = "taken off"
	}
	_ = json.NewEncoder(w).Encode(out) // a client that was killed is the test
}

func (b *board) await(t *testing.T, step string) {
	t.Helper()
	for end := time.After(60 * time.Second); ; {
		select {
		case got := <-b.steps:
			if got == step {
				return
			}
		case <-end:
			t.Fatalf("no %s", step)
		}
	}
}

// killing is one combination's server, and what the cases on it share.
type killing struct {
	*server
	t       *testing.T
	board   *board
	channel string
	seed    uint64
}

// TestKillPoints kills the server at each point, on each store and database, again and again: what was
// acknowledged is there, and nothing is there twice. make soak SHARD=i/n runs a share of them.
func TestKillPoints(t *testing.T) {
	run := shards.Open(t, "kills", "disk/sqlite/upload sent/0", "disk/sqlite/committing/0")
	for _, store := range shards.Stores {
		for _, database := range shards.Databases {
			var k *killing
			for round := range shards.Rounds {
				for n, point := range shards.Points {
					name := fmt.Sprintf("%s/%s/%s/%d", store, database, point, round)
					if !run.Wants(name) {
						continue
					}
					if k == nil {
						k = startKilling(t, store, database)
					}
					k.seed = uint64(n*1000 + round + 1)
					result := k.at(point)
					result.Case = name
					run.Ended(t, result)
				}
			}
			if k != nil {
				if out, err := vitrine(t, k.setup, "verify").CombinedOutput(); err != nil {
					t.Errorf("verify of %s and %s: %v\n%s", store, database, err, out)
				}
				k.kill()
			}
		}
	}
}

func startKilling(t *testing.T, store, database string) *killing {
	s := setup{}
	if database == "postgres" {
		s.database = catalogtest.PostgresURL(t)
	}
	for name, server := range map[string]func(testing.TB) storagetest.S3Config{"minio": storagetest.MinIO,
		"versitygw": storagetest.VersityGW} {
		if store == name {
			c := server(t)
			location := c.Location()
			s.storage, s.s3 = location.String(), &c
		}
	}
	k := &killing{server: start(t, s), t: t, board: newBoard(t)}
	var ch dam.Channel
	k.do(http.StatusCreated, "POST", "/api/channels", map[string]any{"name": "Board", "kind": "plugin",
		"config": map[string]any{"url": k.board.URL, "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="},
		"rule":   map[string]any{"query": "", "presets": []string{"thumb"}, "enabled": false}}, &ch)
	k.channel = ch.ID
	return k
}

// again kills the server at once and starts it anew.
func (k *killing) again() { k.kill(); k.run() }

// name tells this case's things from all others on the server.
func (k *killing) name(what string) string {
	return fmt.Sprintf("%s %d %d", what, k.seed, time.Now().UnixNano())
}

// async sends a request that the kill may cut, and returns a channel with its status, 0 for none.
func (k *killing) async(method, path string, body io.Reader, header ...string) <-chan int {
	out := make(chan int, 1)
	go func() {
		a := k.try(method, path, body, header...)
		if a.err != nil || a.Response == nil {
			out <- 0
			return
		}
		out <- a.StatusCode
	}()
	return out
}

// slow gives the bytes up to a mark, tells that it got there, and goes on when it may.
type slow struct {
	io.Reader
	mark int
	at   chan struct{}
	on   chan struct{}
	sent int
}

func (s *slow) Read(p []byte) (int, error) {
	if s.sent >= s.mark && s.at != nil {
		close(s.at)
		s.at = nil
		<-s.on
	}
	n, err := s.Reader.Read(p[:min(len(p), 512)])
	s.sent += n
	return n, err
}

// same counts the assets with a title.
func (k *killing) same(title string) int {
	k.Helper()
	return k.search("q=%22" + strings.ReplaceAll(title, " ", "+") + "%22&limit=1").Total
}

// uploadAgain sends a file as if its first answer had been lost, and returns what became of both together.
func (k *killing) uploadAgain(title string, data []byte, acknowledged bool) shards.Result {
	body, ct := form(k.t, title+".jpg", data, "title", title)
	a := k.try("POST", "/api/assets", body, "Content-Type", ct)
	if a.err != nil || a.StatusCode != http.StatusCreated && a.StatusCode != http.StatusConflict {
		return shards.Result{Wrong: fmt.Sprintf("sent again: %v %s", a.err, a.body)}
	}
	r := shards.Result{}
	if acknowledged && a.StatusCode == http.StatusCreated {
		r.Lost++
	}
	k.until("the index has it", func() bool { return k.same(title) > 0 })
	r.Twice = k.same(title) - 1
	return r
}

// at brings the server to a point, kills it there, starts it again and looks at what is left.
func (k *killing) at(point string) shards.Result {
	k.Helper()
	title := k.name("kill")
	data := photo(k.t, k.seed+uint64(time.Now().UnixNano()), 320, 240)
	tus := func() (at string) {
		a := k.try("POST", "/api/uploads", nil, "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(data)),
			"Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(title+".jpg")))
		if a.err != nil || a.StatusCode != http.StatusCreated {
			k.Fatalf("tus: %v %s", a.err, a.body)
		}
		_, path, _ := strings.Cut(a.Header.Get("Location"), "/api/")
		return "/api/" + path
	}
	part := func(at string, from int, body io.Reader) <-chan int {
		return k.async("PATCH", at, body, "Tus-Resumable", "1.0.0", "Upload-Offset", fmt.Sprint(from), "Content-Type",
			"application/offset+octet-stream")
	}
	switch point {
	case "upload half sent", "upload sent":
		body, ct := form(k.t, title+".jpg", data, "title", title)
		raw, err := io.ReadAll(body)
		if err != nil {
			k.Fatal(err)
		}
		mark := len(raw) / 2
		if point == "upload sent" {
			mark = len(raw)
		}
		s := &slow{Reader: bytes.NewReader(raw), mark: mark, at: make(chan struct{}), on: make(chan struct{})}
		reached := s.at
		status := k.async("POST", "/api/assets", s, "Content-Type", ct)
		<-reached
		if point == "upload sent" {
			close(s.on)
			k.again()
		} else {
			k.kill()
			close(s.on)
			k.run()
		}
		return k.uploadAgain(title, data, <-status == http.StatusCreated)
	case "resumable half sent", "resumable last part":
		at, half := tus(), len(data)/2
		if got := <-part(at, 0, bytes.NewReader(data[:half])); got != http.StatusNoContent {
			return shards.Result{Wrong: fmt.Sprintf("first half: %d", got)}
		}
		var status <-chan int
		if point == "resumable last part" {
			status = part(at, half, bytes.NewReader(data[half:]))
		}
		k.again()
		if status != nil {
			<-status
		}
		head := k.try("HEAD", at, nil, "Tus-Resumable", "1.0.0")
		var offset int
		if head.err != nil || head.StatusCode != http.StatusOK {
			// A complete one is answered by its result.
			var done struct{ Asset string }
			k.do(http.StatusOK, "GET", at+"/result", nil, &done)
		} else if _, err := fmt.Sscan(head.Header.Get("Upload-Offset"), &offset); err != nil || offset < half {
			return shards.Result{Lost: 1, Wrong: fmt.Sprintf("%d of %d bytes are there", offset, half)}
		} else if offset < len(data) {
			if got := <-part(at, offset, bytes.NewReader(data[offset:])); got != http.StatusNoContent {
				return shards.Result{Wrong: fmt.Sprintf("last part again: %d", got)}
			}
		}
		k.until("the upload's asset", func() bool {
			return k.try("GET", at+"/result", nil).StatusCode == http.StatusOK
		})
		body, ct := form(k.t, "again.jpg", data)
		if a := k.try("POST", "/api/assets", body, "Content-Type", ct); a.StatusCode != http.StatusConflict {
			return shards.Result{Lost: 1, Wrong: fmt.Sprintf("the bytes again: %d %s", a.StatusCode, a.body)}
		}
		return shards.Result{}
	case "upload answered", "first rendition":
		a := k.upload(title+".jpg", data, "title", title)
		if point == "first rendition" {
			k.until("a rendition", func() bool {
				var list struct{ Items []dam.Rendition }
				k.do(http.StatusOK, "GET", "/api/assets/"+a.ID+"/renditions", nil, &list)
				return len(list.Items) > 0
			})
		}
		k.again()
		if got := k.ready(a.ID); got.Latest.Renditions != dam.RenditionsReady || got.Latest.SHA256 != a.Latest.SHA256 {
			return shards.Result{Wrong: "renditions " + string(got.Latest.Renditions) + " " + got.Latest.RenditionNote}
		}
		return k.uploadAgain(title, data, true)
	case "approval", "deletion", "edit":
		a := k.upload(title+".jpg", data, "title", title)
		k.ready(a.ID)
		var status <-chan int
		switch point {
		case "approval":
			status = k.async("POST", "/api/assets/"+a.ID+"/approve", strings.NewReader("{}"), "Content-Type",
				"application/json")
		case "deletion":
			status = k.async("DELETE", "/api/assets/"+a.ID, nil)
		case "edit":
			status = k.async("PATCH", "/api/assets/"+a.ID, strings.NewReader(`{"tags":["once"]}`), "Content-Type",
				"application/json", "Idempotency-Key", strings.ReplaceAll(title, " ", "-"))
		}
		k.again()
		got := <-status
		now := k.asset(a.ID)
		switch point {
		case "approval":
			if got == http.StatusOK && now.Live == "" {
				return shards.Result{Lost: 1}
			}
		case "deletion":
			if got == http.StatusNoContent && now.DeletedAt == nil {
				return shards.Result{Lost: 1}
			}
		case "edit":
			if got == http.StatusOK && len(now.Tags) != 1 {
				return shards.Result{Lost: 1}
			}
			k.do(http.StatusOK, "PATCH", "/api/assets/"+a.ID, map[string]any{"tags": []string{"once"}}, &now,
				"Idempotency-Key", strings.ReplaceAll(title, " ", "-"))
			if now.Revision != a.Revision+1 {
				return shards.Result{Twice: int(now.Revision - a.Revision - 1),
					Wrong: fmt.Sprintf("revision %d after %d", now.Revision, a.Revision)}
			}
		}
		return shards.Result{}
	case "preparing", "committing", "committed", "recalling":
		return k.publishing(point, title, data)
	case "bulk job":
		var ids []string
		for i := range 5 {
			ids = append(ids, k.upload(fmt.Sprintf("%s %d.txt", title, i), fmt.Appendf(nil, "%s %d", title, i)).ID)
		}
		tag := strings.ReplaceAll(title, " ", "-")
		var b dam.Bulk
		k.do(http.StatusAccepted, "POST", "/api/assets/bulk", map[string]any{"filter": map[string]any{"assets": ids},
			"change": map[string]any{"add_tags": []string{tag}}}, &b)
		k.again()
		k.until("the bulk job's end", func() bool {
			k.do(http.StatusOK, "GET", "/api/bulk/"+b.ID, nil, &b)
			return b.State == dam.BulkDone
		})
		r := shards.Result{Lost: b.Failed}
		for _, id := range ids {
			if a := k.asset(id); len(a.Tags) != 1 {
				r.Lost++
			} else if a.Revision > 2 {
				r.Twice++
			}
		}
		return r
	}
	return shards.Result{Wrong: "there is no such point"}
}

func (k *killing) publishing(point, title string, data []byte) shards.Result {
	a := k.upload(title+".jpg", data, "title", title)
	k.ready(a.ID)
	k.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/approve", struct{}{}, nil)
	for len(k.board.steps) > 0 {
		<-k.board.steps
	}
	k.do(http.StatusCreated, "POST", "/api/publications", map[string]any{"asset": a.ID, "channel": k.channel,
		"presets": []string{"thumb"}}, nil)
	state := func() (p dam.Publication) {
		var list struct{ Items []dam.Publication }
		k.do(http.StatusOK, "GET", "/api/assets/"+a.ID+"/publications", nil, &list)
		if len(list.Items) != 1 {
			k.Fatalf("%d publications", len(list.Items))
		}
		return list.Items[0]
	}
	want := dam.PubDelivered
	switch point {
	case "preparing":
		k.board.await(k.t, "prepare")
	case "committing":
		k.board.await(k.t, "commit")
	case "committed":
		k.until("it was sent", func() bool {
			k.board.mu.Lock()
			defer k.board.mu.Unlock()
			return k.board.commits[state().ID] > 0
		})
	case "recalling":
		k.until("delivered", func() bool { return state().State == dam.PubDelivered })
		k.do(http.StatusOK, "POST", "/api/publications/"+state().ID+"/recall", map[string]string{"reason": "a test"},
			nil)
		k.board.await(k.t, "recall")
		want = dam.PubRecalled
	}
	k.again()
	ctx, cancel := context.WithTimeout(k.t.Context(), 60*time.Second)
	defer cancel()
	asked := 0
	for state().State != want {
		// The kill came after the intention to send was written down and before the board had read the call: nothing
		// proves either, so a person is asked, who looks at the board.
		if p := state(); p.State == dam.PubUnconfirmed && asked == 0 {
			asked++
			k.board.mu.Lock()
			outcome := "resend"
			if k.board.there[p.ID] {
				outcome = "delivered"
			}
			k.board.mu.Unlock()
			k.do(http.StatusOK, "POST", "/api/publications/"+p.ID+"/confirm", map[string]string{"outcome": outcome},
				nil)
		}
		if ctx.Err() != nil {
			return shards.Result{Wrong: fmt.Sprintf("the publication is %s, want %s", state().State, want)}
		}
		time.Sleep(50 * time.Millisecond) // between polls
	}
	k.board.mu.Lock()
	defer k.board.mu.Unlock()
	id := state().ID
	r := shards.Result{Twice: k.board.commits[id] - 1, Asked: asked}
	if k.board.there[id] != (want == dam.PubDelivered) {
		r.Lost++
	}
	return r
}
