package upgrade

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// Remote is where the installation's channels and webhooks point to: a JSON service at
// /json, plug-ins at /board and /stone (which can't take anything back), a receiver of
// webhooks at /hook. A caption says what a plug-in does with a publication.
type Remote struct {
	*httptest.Server
	mu sync.Mutex
	// posts are what was made or changed here, as METHOD path of the call; hooks the ids of events received.
	posts []string
	hooks map[string]int
	deaf  bool // webhooks are refused
	hangs bool // calls that a caption asks not to answer are not answered

	hanging chan struct{} // gets one for each call that is never answered
	ended   chan struct{}
}

// Sesame is the secret of the JSON service.
const Sesame = "Bearer sesame"

// The first word of a caption.
const (
	Refused       = "refused"      // commit says no
	Lost          = "lost"         // commit gives no answer, and the remote can't say whether it arrived
	Wondering     = "wondering"    // the same, and the question fails, too
	HangPreparing = "hang-prepare" // no answer to prepare
	HangCommit    = "hang-commit"
	HangRecall    = "hang-recall"
)

// NewRemote starts one. Without hangs, what would not be answered is refused (commit, prepare) or done (recall).
func NewRemote(hangs bool) *Remote {
	r := &Remote{hangs: hangs, hooks: map[string]int{}, hanging: make(chan struct{}, 100), ended: make(chan struct{})}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	return r
}

// Close ends the calls that hang, and the server.
func (r *Remote) Close() {
	close(r.ended)
	r.Server.Close()
}

// Deaf sets whether webhooks are refused.
func (r *Remote) Deaf(on bool) { r.mu.Lock(); r.deaf = on; r.mu.Unlock() }

// Hanging waits for n calls that get no answer.
func (r *Remote) Hanging(n int) {
	for range n {
		<-r.hanging
	}
}

// Posts are the calls so far that made or changed something.
func (r *Remote) Posts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.posts...)
}

// Hooks are the events received by id, with how often.
func (r *Remote) Hooks() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]int{}
	for id, n := range r.hooks {
		out[id] = n
	}
	return out
}

func (r *Remote) serve(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	part, step, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/"), "/")
	switch part {
	case "hook":
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.deaf {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		r.hooks[q.Header.Get("webhook-id")]++
	case "json":
		if q.Header.Get("Authorization") != Sesame {
			w.WriteHeader(http.StatusUnauthorized)
		} else if q.Method == http.MethodPut {
			r.note(q)
		}
	case "board", "stone":
		r.plugin(w, q, part == "board", step, body)
	default:
		http.NotFound(w, q)
	}
}

func (r *Remote) note(q *http.Request) {
	r.mu.Lock()
	r.posts = append(r.posts, q.Method+" "+q.URL.Path)
	r.mu.Unlock()
}

// hang gives no answer.
func (r *Remote) hang(q *http.Request) {
	r.hanging <- struct{}{}
	select {
	case <-q.Context().Done():
	case <-r.ended:
	}
}

func (r *Remote) plugin(w http.ResponseWriter, q *http.Request, recall bool, step string, body []byte) {
	var in struct {
		Intent struct {
			ID      string
			Content struct{ Text string }
		}
	}
	_ = json.Unmarshal(body, &in) // describe and verify have none
	word, _, _ := strings.Cut(in.Intent.Content.Text, " ")
	status, out := http.StatusOK, map[string]any{}
	switch step {
	case "describe":
		out = map[string]any{"idempotency": "none", "update": recall, "recall": recall, "parallel": 4,
			"caption_unit": "runes", "caption_max": 500}
	case "verify":
		out = map[string]any{"id": q.URL.Path, "name": "The board"}
	case "prepare":
		if word == HangPreparing && r.hangs {
			r.hang(q)
			return
		}
	case "commit":
		r.note(q)
		if word == HangCommit && r.hangs {
			r.hang(q)
			return
		}
		switch word {
		case Refused:
			status, out = http.StatusUnprocessableEntity, map[string]any{"error": "permanent", "message": "not here"}
		case Lost, Wondering:
			status, out = http.StatusInternalServerError, map[string]any{"error": "unknown", "message": "no idea"}
		default:
			out = map[string]any{"remote": in.Intent.ID}
		}
	case "lookup", "status":
		switch word {
		case Wondering, HangCommit:
			status, out = http.StatusServiceUnavailable, map[string]any{"error": "retry", "message": "not now",
				"retry_after": 3600}
		case Lost:
			out = map[string]any{"verdict": "undecided"}
		default:
			out = map[string]any{"verdict": "delivered", "remote": in.Intent.ID}
			if r.Recalled(in.Intent.ID) {
				out = map[string]any{"verdict": "absent"}
			}
		}
	case "recall":
		if word == HangRecall && r.hangs {
			r.hang(q)
			return
		}
		r.mu.Lock()
		r.hooks["recalled "+in.Intent.ID]++
		r.mu.Unlock()
		out = map[string]any{"answer": "taken off the board"}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // a client that has gone is the test's concern
}

// Recalled reports whether a publication was taken back here.
func (r *Remote) Recalled(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hooks["recalled "+id] > 0
}
