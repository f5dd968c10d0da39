package mastodon

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rivo/uniseg"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of a Mastodon server, as it is since version 4.3: a picture is processed for a while,
// belongs to one post, and is forgotten when no post takes it. The Idempotency-Key is ignored, as on some servers.
//
// Rules and their sources, in github.com/mastodon/mastodon, read on 2026-11-30:
//   - one 422 for a picture that is unknown or attached, another for one that is not ready:
//     app/services/post_status_service.rb
//   - GET /api/v1/media answers 404 for attached ones: app/controllers/api/v1/media_controller.rb
//   - what a text counts: app/validators/status_length_validator.rb, with count below
//   - replies outlive what they reply to, which they then no longer name: app/models/status.rb
//   - unattached pictures go after a day: app/lib/vacuum/media_attachments_vacuum.rb
type simulator struct {
	URL string

	mu    sync.Mutex
	seq   int
	media map[string]*toot // by media id; the post is nil until attached
	bytes map[string]string
	reads map[string]int
	posts []*toot
	fault publishertest.Fault
	asked int // requests
	// perLink is what a link counts; 23 when it is 0, as with Mastodon.
	perLink int
}

type toot struct {
	ID, Text, Media, replyTo, language string
	at                                 time.Time
	deleted                            bool
}

// Trouble of a server with its pictures: they are being read, or forgotten at once.
const (
	reading publishertest.Fault = "still reading"
	amnesia publishertest.Fault = "uploads are forgotten"
)

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
		if p.Media != "" && strings.Contains(p.Text+m.bytes[p.Media], text) {
			ever++
			if !p.deleted {
				live++
			}
		}
	}
	return ever, live
}

// Comments counts the posts without a picture that are there and have a text.
func (m *simulator) Comments(text string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.posts {
		if p.Media == "" && !p.deleted && strings.Contains(p.Text, text) {
			n++
		}
	}
	return n
}

// Forget drops the pictures that no post has.
func (m *simulator) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.media, func(_ string, p *toot) bool { return p == nil })
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
	media := []any{}
	if p.Media != "" {
		media = append(media, map[string]string{"id": p.Media})
	}
	out := map[string]any{"id": p.ID, "url": m.URL + "/@brand/" + p.ID, "content": "<p>" + p.Text + "</p>",
		"created_at": p.at.UTC().Format(time.RFC3339Nano), "media_attachments": media, "in_reply_to_id": nil}
	if p.replyTo != "" {
		out["in_reply_to_id"] = p.replyTo
	}
	return out
}

// ServeHTTP answers as Mastodon does.
func (m *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	m.asked++
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
			`{"configuration":{"statuses":{"max_characters":%d,"characters_reserved_per_url":%d},"media_attachments":{"supported_mime_types":["image/jpeg","image/webp"],"image_size_limit":1000000,"description_limit":200}}}`,
			MastodonMax, cmp.Or(m.perLink, 23))
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
		if !known || p != nil || m.fault == amnesia {
			toldOff(w, 404, "Record not found")
			return
		}
		if m.reads[id]++; m.fault == reading {
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = io.WriteString(w, `{}`)
	case r.URL.Path == "/api/v1/statuses" && r.Method == http.MethodPost:
		m.post(w, r)
	case r.URL.Path == "/api/v1/accounts/7/statuses":
		m.list(w, r)
	case strings.HasSuffix(r.URL.Path, "/source"):
		id = strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/api/v1/statuses/"), "/source")
		if p := m.find(id); p != nil {
			_ = json.NewEncoder(w).Encode(map[string]string{"id": id, "text": p.Text, "spoiler_text": ""})
			return
		}
		toldOff(w, 404, "Record not found")
	case strings.HasPrefix(r.URL.Path, "/api/v1/statuses/"):
		if p := m.find(id); p != nil {
			if p.deleted = r.Method == http.MethodDelete; p.deleted {
				for _, x := range m.posts {
					if x.replyTo == id {
						x.replyTo = ""
					}
				}
			}
			_ = json.NewEncoder(w).Encode(m.shown(p))
			return
		}
		toldOff(w, 404, "Record not found")
	default:
		toldOff(w, 404, "Not found")
	}
}

func (m *simulator) find(id string) *toot {
	for _, p := range m.posts {
		if p.ID == id && !p.deleted {
			return p
		}
	}
	return nil
}

// list answers with the account's posts, newest first, or with those right after min_id.
func (m *simulator) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	number := func(name string, missing int) int {
		if n, err := strconv.Atoi(q.Get(name)); err == nil {
			return n
		}
		return missing
	}
	least, most, limit := number("min_id", 0), number("max_id", math.MaxInt), min(number("limit", 20), 40)
	list := []any{}
	for _, p := range slices.Backward(m.posts) {
		if id, err := strconv.Atoi(p.ID); err == nil && !p.deleted && id > least && id < most &&
			(p.Media != "" || q.Get("only_media") != "true") {
			list = append(list, m.shown(p))
		}
	}
	if n := len(list); n > limit && q.Has("min_id") {
		list = list[n-limit:]
	} else if n > limit {
		list = list[:limit]
	}
	_ = json.NewEncoder(w).Encode(list)
}

func (m *simulator) post(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Status   string
		Media    []string `json:"media_ids"`
		Reply    string   `json:"in_reply_to_id"`
		Language string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Media) != 1 && in.Reply == "" ||
		m.fault == publishertest.Refused {
		toldOff(w, 422, "Validation failed: Text can't be blank")
		return
	}
	// The same 422 for both, and its own for what is being read.
	for _, id := range in.Media {
		if attached, known := m.media[id]; !known || attached != nil || m.fault == amnesia {
			toldOff(w, 422, "Media "+id+" not found or already attached to another post")
			return
		}
		if m.fault == reading {
			toldOff(w, 422, "Cannot attach files that have not finished processing. Try again in a moment!")
			return
		}
	}
	if count(in.Status, cmp.Or(m.perLink, 23)) > MastodonMax {
		toldOff(w, 422, "Validation failed: Text character limit of 120 exceeded")
		return
	}
	if in.Reply != "" && m.find(in.Reply) == nil {
		toldOff(w, 404, "The post you are trying to reply to does not appear to exist.")
		return
	}
	m.seq++
	p := &toot{ID: fmt.Sprint(100 + m.seq), Text: in.Status, replyTo: in.Reply, at: time.Now(), language: in.Language}
	if len(in.Media) > 0 {
		p.Media = in.Media[0]
		m.media[p.Media] = p
	}
	m.posts = append(m.posts, p)
	_ = json.NewEncoder(w).Encode(m.shown(p))
}

// count is what the server counts, written apart from the channel's: tokens between spaces, of which links count the
// same and mentions without their servers.
func count(text string, perLink int) (n int) {
	for i, token := range strings.Split(text, " ") {
		if i > 0 {
			n++
		}
		switch name, server, ok := strings.Cut(strings.TrimPrefix(token, "@"), "@"); {
		case strings.HasPrefix(token, "https://"):
			n += perLink
		case strings.HasPrefix(token, "@") && ok && strings.Contains(server, "."):
			n += 1 + len(name)
		default:
			n += uniseg.GraphemeClusterCount(token)
		}
	}
	return n
}
