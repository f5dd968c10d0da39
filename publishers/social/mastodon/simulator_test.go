package mastodon

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rivo/uniseg"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of a Mastodon server: a picture is processed for a while and belongs to one post, and
// the Idempotency-Key is ignored, as on some servers.
type simulator struct {
	URL string

	mu    sync.Mutex
	seq   int
	media map[string]*toot // by media id; the post is nil until attached
	bytes map[string]string
	reads map[string]int
	posts []*toot
	fault publishertest.Fault
}

type toot struct {
	ID, Text, Media, replyTo string
	deleted                  bool
}

// The account and the limit of the simulated Mastodon.
const (
	MastodonToken = "let-me-in"
	MastodonMax   = 120
)

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	m := &simulator{media: map[string]*toot{}, bytes: map[string]string{}, reads: map[string]int{}}
	s := httptest.NewServer(m)
	m.URL = s.URL
	t.Cleanup(s.Close)
	return m
}

// Fail sets the fault that the server has from now on; "" is none.
func (m *simulator) Fail(f publishertest.Fault) { m.mu.Lock(); m.fault = f; m.mu.Unlock() }

// Count returns how many posts with a text, in the post or in the picture, were ever made, and how many are there.
func (m *simulator) Count(text string) (ever, live int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.posts {
		if strings.Contains(p.Text+m.bytes[p.Media], text) {
			ever++
			if !p.deleted {
				live++
			}
		}
	}
	return ever, live
}

// Replies returns the texts of the replies to a post.
func (m *simulator) Replies(to string) (out []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.posts {
		if p.replyTo == to {
			out = append(out, p.Text)
		}
	}
	return out
}

func toldOff(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": message})
}

func (m *simulator) shown(p *toot) map[string]any {
	return map[string]any{"id": p.ID, "url": m.URL + "/@brand/" + p.ID, "content": "<p>" + p.Text + "</p>",
		"media_attachments": []any{map[string]string{"id": p.Media}}}
}

// ServeHTTP answers as Mastodon does.
func (m *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case m.fault == publishertest.ThrottledDated:
		w.Header().Set("X-RateLimit-Reset", time.Now().Add(10*time.Minute).UTC().Format(time.RFC3339Nano))
		toldOff(w, 429, "Too many requests")
		return
	case m.fault == publishertest.ThrottledPlain:
		toldOff(w, 429, "Too many requests")
		return
	case m.fault == publishertest.Expired || r.Header.Get("Authorization") != "Bearer "+MastodonToken:
		toldOff(w, 401, "The access token is invalid")
		return
	case m.fault == publishertest.Revoked:
		toldOff(w, 403, "Your login is currently disabled")
		return
	}
	id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	switch {
	case r.URL.Path == "/api/v1/instance":
		_, _ = fmt.Fprintf(w,
			`{"configuration":{"statuses":{"max_characters":%d},"media_attachments":{"supported_mime_types":["image/jpeg","image/webp"],"image_size_limit":1000000,"description_limit":200}}}`, MastodonMax)
	case r.URL.Path == "/api/v1/accounts/verify_credentials":
		_, _ = fmt.Fprintf(w, `{"id":"7","acct":"brand","url":"%s/@brand"}`, m.URL)
	case r.URL.Path == "/api/v2/media" && r.Method == http.MethodPost:
		f, h, err := r.FormFile("file")
		if err != nil || h.Size > 1000000 || len([]rune(r.FormValue("description"))) > 200 {
			toldOff(w, 422, "Validation failed: File is invalid")
			return
		}
		b, err := io.ReadAll(f)
		if err != nil {
			toldOff(w, 422, err.Error())
			return
		}
		m.seq++
		id := fmt.Sprint("m", m.seq)
		m.media[id], m.bytes[id] = nil, string(b)
		w.WriteHeader(http.StatusAccepted)
		_, _ = fmt.Fprintf(w, `{"id":%q,"url":null}`, id)
	case strings.HasPrefix(r.URL.Path, "/api/v1/media/"):
		p, known := m.media[id]
		if !known || p != nil {
			toldOff(w, 404, "Record not found")
			return
		}
		if m.reads[id]++; m.fault == "still reading" {
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = io.WriteString(w, `{}`)
	case r.URL.Path == "/api/v1/statuses" && r.Method == http.MethodPost:
		m.post(w, r)
	case r.URL.Path == "/api/v1/accounts/7/statuses":
		list := []any{}
		for i := len(m.posts) - 1; i >= 0; i-- {
			if !m.posts[i].deleted {
				list = append(list, m.shown(m.posts[i]))
			}
		}
		_ = json.NewEncoder(w).Encode(list)
	case strings.HasPrefix(r.URL.Path, "/api/v1/statuses/"):
		for _, p := range m.posts {
			if p.ID == id && !p.deleted {
				p.deleted = r.Method == http.MethodDelete
				_ = json.NewEncoder(w).Encode(m.shown(p))
				return
			}
		}
		toldOff(w, 404, "Record not found")
	default:
		toldOff(w, 404, "Not found")
	}
}

func (m *simulator) post(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Status string
		Media  []string `json:"media_ids"`
		Reply  string   `json:"in_reply_to_id"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Media) != 1 && in.Reply == "" ||
		uniseg.GraphemeClusterCount(in.Status) > MastodonMax || m.fault == publishertest.Refused {
		toldOff(w, 422, "Validation failed: Text character limit exceeded")
		return
	}
	if len(in.Media) == 0 {
		m.seq++
		p := &toot{ID: fmt.Sprint(100 + m.seq), Text: in.Status, replyTo: in.Reply}
		m.posts = append(m.posts, p)
		_ = json.NewEncoder(w).Encode(m.shown(p))
		return
	}
	attached, known := m.media[in.Media[0]]
	if !known {
		toldOff(w, 422, "Media not found")
		return
	}
	if attached != nil {
		toldOff(w, 400, "Media is already attached to a post")
		return
	}
	m.seq++
	p := &toot{ID: fmt.Sprint(100 + m.seq), Text: in.Status, Media: in.Media[0]}
	m.media[in.Media[0]] = p
	m.posts = append(m.posts, p)
	_ = json.NewEncoder(w).Encode(m.shown(p))
}
