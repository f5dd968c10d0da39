package x

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of X's API v2, after its documentation: OAuth 1.0a signatures are verified, media is
// uploaded in segments and kept for one post, texts are limited and can't be repeated, and every accepted post is
// counted.
type simulator struct {
	URL    string
	server *httptest.Server

	mu     sync.Mutex
	seq    int64
	media  map[string]*xMedia
	tweets []*XPost
	fault  publishertest.Fault
	seen   map[string]bool // nonces
	// NoReading refuses to return posts, as the smallest plan does.
	NoReading bool
}

// XPost is a post on the simulated X.
type XPost struct {
	ID, Text, Alt string
	ReplyTo       string
	Media         []byte
	At            time.Time
	Deleted       bool
}

type xMedia struct {
	total int
	bytes []byte
	next  int
	done  bool
	alt   string
}

// The account of the simulated X.
const (
	XConsumerKey, XConsumerSecret = "consumer", "consumer secret"
	XAccessToken, XAccessSecret   = "12-token", "access & secret"
)

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	x := &simulator{seq: 1880028106020515840, media: map[string]*xMedia{}, seen: map[string]bool{}}
	x.server = httptest.NewServer(x)
	x.URL = x.server.URL
	t.Cleanup(x.server.Close)
	return x
}

// Posts returns every accepted post, oldest first.
func (x *simulator) Posts() []XPost {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]XPost, len(x.tweets))
	for i, p := range x.tweets {
		out[i] = *p
	}
	return out
}

// Fail sets the fault that X has from now on; "" is none.
func (x *simulator) Fail(f publishertest.Fault) { x.mu.Lock(); x.fault = f; x.mu.Unlock() }

func (x *simulator) refuse(w http.ResponseWriter, status int, kind, title, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": title, "detail": detail, "type": kind, "status": status})
}

// ServeHTTP answers as X does.
func (x *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.authentic(r); err != nil {
		x.refuse(w, 401, "about:blank", "Unauthorized", "Unauthorized: "+err.Error())
		return
	}
	switch x.fault {
	case publishertest.ThrottledDated:
		w.Header().Set("x-rate-limit-reset", strconv.FormatInt(time.Now().Add(10*time.Minute).Unix(), 10))
		x.refuse(w, 429, "about:blank", "Too Many Requests", "Too Many Requests")
		return
	case publishertest.ThrottledPlain:
		x.refuse(w, 429, "about:blank", "Too Many Requests", "Too Many Requests")
		return
	case publishertest.Expired:
		x.refuse(w, 401, "about:blank", "Unauthorized", "Unauthorized")
		return
	case publishertest.Revoked:
		x.refuse(w, 403, "about:blank", "Forbidden",
			"Your account is suspended and is not permitted to access this feature.")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/2/"), "/")
	switch {
	case r.Method == "GET" && r.URL.Path == "/2/users/me":
		_, _ = io.WriteString(w, `{"data":{"id":"12","name":"Brand","username":"brand"}}`)
	case r.Method == "POST" && r.URL.Path == "/2/tweets":
		x.post(w, r)
	case len(path) == 2 && path[0] == "tweets":
		x.tweet(w, r.Method, path[1])
	case r.Method == "GET" && r.URL.Path == "/2/users/12/tweets":
		x.list(w, r)
	case r.Method == "POST" && r.URL.Path == "/2/media/metadata":
		var in struct {
			ID       string
			Metadata struct {
				Alt struct{ Text string } `json:"alt_text"`
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || x.media[in.ID] == nil ||
			len([]rune(in.Metadata.Alt.Text)) > 1000 {
			x.refuse(w, 400, "https://api.twitter.com/2/problems/invalid-request", "Invalid Request",
				"One or more parameters to your request was invalid.")
			return
		}
		x.media[in.ID].alt = in.Metadata.Alt.Text
		_, _ = io.WriteString(w, `{"data":{}}`)
	case r.Method == "POST" && len(path) >= 3 && path[0] == "media" && path[1] == "upload":
		x.upload(w, r, path[2:])
	default:
		x.refuse(w, 404, "about:blank", "Not Found", "Not Found")
	}
}

func (x *simulator) post(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Text  string
		Media *struct {
			IDs []string `json:"media_ids"`
		}
		Reply struct {
			To string `json:"in_reply_to_tweet_id"`
		}
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	switch {
	case err != nil || in.Text == "" && in.Media == nil || len([]rune(in.Text)) > 280:
		x.refuse(w, 400, "https://api.twitter.com/2/problems/invalid-request", "Invalid Request",
			"One or more parameters to your request was invalid.")
		return
	case x.fault == publishertest.Refused:
		x.refuse(w, 403, "about:blank", "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
		return
	}
	for _, p := range x.tweets {
		if !p.Deleted && in.Text != "" && p.Text == in.Text {
			x.refuse(w, 403, "about:blank", "Forbidden",
				"You are not allowed to create a Tweet with duplicate content.")
			return
		}
	}
	p := &XPost{Text: in.Text, ReplyTo: in.Reply.To, At: time.Now()}
	if in.Media != nil {
		for _, id := range in.Media.IDs {
			m := x.media[id]
			if m == nil || !m.done || len(in.Media.IDs) > 4 {
				x.refuse(w, 400, "https://api.twitter.com/2/problems/invalid-request", "Invalid Request",
					"Your media IDs are invalid.")
				return
			}
			p.Media, p.Alt = m.bytes, m.alt
			delete(x.media, id)
		}
	}
	x.seq++
	p.ID = strconv.FormatInt(x.seq, 10)
	x.tweets = append(x.tweets, p)
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]string{"id": p.ID, "text": p.Text}})
}

func (x *simulator) tweet(w http.ResponseWriter, method, id string) {
	for _, p := range x.tweets {
		if p.ID != id || p.Deleted {
			continue
		}
		if method == "DELETE" {
			p.Deleted = true
			_, _ = io.WriteString(w, `{"data":{"deleted":true}}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]string{"id": p.ID,
			"text": p.Text + " https://t.co/abc"}})
		return
	}
	if method == "DELETE" {
		x.refuse(w, 404, "https://api.twitter.com/2/problems/resource-not-found", "Not Found Error",
			"Could not find tweet")
		return
	}
	_, _ = io.WriteString(w,
		`{"errors":[{"title":"Not Found Error","type":"https://api.twitter.com/2/problems/resource-not-found"}]}`)
}

func (x *simulator) list(w http.ResponseWriter, r *http.Request) {
	since, err := time.Parse(time.RFC3339, r.URL.Query().Get("start_time"))
	if x.NoReading || err != nil {
		x.refuse(w, 403, "https://api.twitter.com/2/problems/client-forbidden", "Client Forbidden",
			"This plan does not include this endpoint.")
		return
	}
	data := []map[string]any{}
	for _, p := range x.tweets {
		if !p.Deleted && !p.At.Before(since) {
			one := map[string]any{"id": p.ID, "text": p.Text + " https://t.co/abc"}
			if p.ReplyTo != "" && r.URL.Query().Get("tweet.fields") == "referenced_tweets" {
				one["referenced_tweets"] = []map[string]string{{"type": "replied_to", "id": p.ReplyTo}}
			}
			data = append(data, one)
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

func (x *simulator) upload(w http.ResponseWriter, r *http.Request, path []string) {
	bad := func(detail string) {
		x.refuse(w, 400, "https://api.twitter.com/2/problems/invalid-request", "Invalid Request", detail)
	}
	if path[0] == "initialize" {
		var in struct {
			Type     string `json:"media_type"`
			Total    int    `json:"total_bytes"`
			Category string `json:"media_category"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Total <= 0 || in.Total > 5<<20 ||
			in.Category != "tweet_image" || !slices.Contains([]string{"image/jpeg", "image/png", "image/webp"},
			in.Type) {
			bad("media_type or total_bytes is invalid")
			return
		}
		x.seq++
		id := strconv.FormatInt(x.seq, 10)
		x.media[id] = &xMedia{total: in.Total}
		_, _ = fmt.Fprintf(w, `{"data":{"id":%q,"expires_after_secs":86400}}`, id)
		return
	}
	m := x.media[path[0]]
	switch {
	case m == nil || len(path) != 2:
		bad("media id is invalid")
	case path[1] == "append":
		f, _, err := r.FormFile("media")
		if err != nil || r.FormValue("segment_index") != strconv.Itoa(m.next) {
			bad("segment_index is invalid")
			return
		}
		b, err := io.ReadAll(f)
		if err != nil {
			bad(err.Error())
			return
		}
		m.bytes, m.next = append(m.bytes, b...), m.next+1
		_, _ = io.WriteString(w, `{"data":{}}`)
	case path[1] == "finalize" && len(m.bytes) == m.total:
		m.done = true
		_, _ = fmt.Fprintf(w, `{"data":{"id":%q,"size":%d}}`, path[0], m.total)
	default:
		bad("the upload is not complete")
	}
}

// authentic verifies the OAuth 1.0a signature of a request, RFC 5849 section 3.4.
func (x *simulator) authentic(r *http.Request) error {
	header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth ")
	if !ok {
		return fmt.Errorf("no OAuth header")
	}
	given := map[string]string{}
	var params []string
	for part := range strings.SplitSeq(header, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		v, err := url.PathUnescape(strings.Trim(v, `"`))
		if err != nil {
			return err
		}
		given[k] = v
		if k != "oauth_signature" && k != "realm" {
			params = append(params, escape(k)+"="+escape(v))
		}
	}
	for k, list := range r.URL.Query() {
		for _, v := range list {
			params = append(params, escape(k)+"="+escape(v))
		}
	}
	if given["oauth_consumer_key"] != XConsumerKey || given["oauth_token"] != XAccessToken ||
		x.seen[given["oauth_nonce"]] {
		return fmt.Errorf("wrong key, token or nonce")
	}
	x.seen[given["oauth_nonce"]] = true
	slices.Sort(params)
	base := r.Method + "&" + escape("http://"+r.Host+r.URL.Path) + "&" + escape(strings.Join(params, "&"))
	mac := hmac.New(sha1.New, []byte(escape(XConsumerSecret)+"&"+escape(XAccessSecret)))
	_, _ = io.WriteString(mac, base) // writing to a hash never fails
	if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); want != given["oauth_signature"] {
		return fmt.Errorf("wrong signature")
	}
	return nil
}

// escape is the percent-encoding of RFC 5849 section 3.6.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
