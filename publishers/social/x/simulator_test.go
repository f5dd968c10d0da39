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
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of X's API v2: OAuth 1.0a signatures are verified, media is uploaded in segments and
// kept for one post, texts are limited and can't be repeated, and every accepted post is counted. Where its rules come
// from, as of 2026-11-30:
//   - weighted length: docs.x.com/fundamentals/counting-characters; TestTwitterText holds our counting, which it uses,
//     against X's own
//   - 403 for a text that is too long, a link that X refuses, two cashtags, a repeated text: the error texts that
//     github.com/gitroomhq/postiz-app handles (libraries/…/social/x.provider.ts)
//   - 402 CreditsDepleted: seen by users of pay-per-use projects, github.com/tryethernal/ethernal#1324
//   - account and app errors by their type: docs.x.com/x-api/fundamentals/response-codes-and-errors
//   - returned texts with &, < and > escaped, every link a t.co link that entities.urls explains, the picture's link
//     last: docs.x.com/x-api/fundamentals/data-dictionary
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
	// Broke means that the project has no credits left.
	Broke bool
	calls int
}

// Spend sets whether the project's credits are used up, and returns the number of calls until now.
func (x *simulator) Spend(all bool) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.Broke = all
	return x.calls
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
	x.calls++
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
	if x.Broke {
		x.refuse(w, 402, "https://api.twitter.com/2/problems/credits", "CreditsDepleted",
			"Your enrolled account [12] does not have any credits to fulfill this request.")
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

// refusedHost is a host that X lets nobody link to.
const refusedHost = "refused.example.com"

var cashtag = regexp.MustCompile(`\$[A-Za-z]{1,6}\b`)

// returned is a post as X returns it.
func (x *simulator) returned(p *XPost, entities bool) map[string]any {
	units := utf16.Encode([]rune(norm.NFC.String(p.Text)))
	var text []uint16
	urls, from := []map[string]any{}, 0
	short := func(full string) []uint16 {
		sum := sha1.Sum([]byte(p.ID + full))
		tco := "https://t.co/" + base64.RawStdEncoding.EncodeToString(sum[:])[:10]
		tco = strings.NewReplacer("+", "a", "/", "b").Replace(tco[len("https://t.co/"):])
		urls = append(urls, map[string]any{"url": "https://t.co/" + tco, "expanded_url": full})
		return utf16.Encode([]rune("https://t.co/" + tco))
	}
	for _, l := range links(units, false) {
		full := l.text
		if !strings.Contains(full, "://") {
			full = "http://" + full
		}
		text = append(append(text, units[from:l.at]...), short(full)...)
		from = l.at + l.size
	}
	text = append(text, units[from:]...)
	if p.Media != nil {
		text = append(append(text, ' '), short("https://x.com/brand/status/"+p.ID+"/photo/1")...)
	}
	out := map[string]any{"id": p.ID, "text": strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").
		Replace(strings.TrimSpace(string(utf16.Decode(text))))}
	if entities && len(urls) > 0 {
		out["entities"] = map[string]any{"urls": urls}
	}
	return out
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
	case err != nil || in.Text == "" && in.Media == nil:
		x.refuse(w, 400, "https://api.twitter.com/2/problems/invalid-request", "Invalid Request",
			"One or more parameters to your request was invalid.")
		return
	case weight(in.Text) > 280:
		x.refuse(w, 403, "about:blank", "Forbidden", "You are not permitted to perform this action.")
		return
	case strings.Contains(in.Text, refusedHost):
		x.refuse(w, 403, "about:blank", "Forbidden", "The Tweet contains an invalid URL.")
		return
	case len(cashtag.FindAllString(in.Text, -1)) > 1:
		x.refuse(w, 403, "about:blank", "Forbidden", "A Tweet can have a maximum of one cashtag.")
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
		_ = json.NewEncoder(w).Encode(map[string]any{"data": x.returned(p, false)})
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
			fields := strings.Split(r.URL.Query().Get("tweet.fields"), ",")
			one := x.returned(p, slices.Contains(fields, "entities"))
			if p.ReplyTo != "" && slices.Contains(fields, "referenced_tweets") {
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
