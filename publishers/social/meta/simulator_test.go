package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of the Graph API, after its documentation: a page with an Instagram account. Photos
// are uploaded unpublished and shown by a post; an Instagram picture is fetched into a container, processed for a
// while, and published once. Errors have Meta's codes and status 400. Where its rules come from, as of 2026-11-30:
//   - error codes: developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
//   - /me/permissions: developers.facebook.com/docs/graph-api/reference/user/permissions
//   - /me/accounts leaves out pages that a business portfolio holds, /me/businesses needs business_management, and a
//     portfolio's list may leave out the token of a page: github.com/trypostit/trypost#301,
//     github.com/ChatbotXIO/ChatbotX#711
//   - five hashtags, three mentions: www.ayrshare.com/docs/apis/post/social-networks/instagram; which error Instagram
//     answers with is not documented, 36004/2207010 is that of a caption that is too long
type simulator struct {
	URL string

	mu         sync.Mutex
	seq        int
	fault      publishertest.Fault
	photos     map[string]string // bytes by id
	containers map[string]*metaContainer
	posts      []*metaPost
	comments   map[string][]string
	quota      int
	declined   []string // scopes
	portfolio  bool     // the pages are held by a business portfolio
}

// Decline makes the person who connects decline scopes.
func (m *simulator) Decline(scopes ...string) { m.mu.Lock(); m.declined = scopes; m.mu.Unlock() }

// Hold puts the pages into a business portfolio.
func (m *simulator) Hold() { m.mu.Lock(); m.portfolio = true; m.mu.Unlock() }

type metaContainer struct {
	url, caption, code, status string
	reads                      int
}

type metaPost struct {
	ID, Text, Of string // Of is the photo, or the picture's URL
	instagram    bool
	at           time.Time
	deleted      bool
}

// The app, the page and its accounts.
const (
	MetaApp, MetaSecret           = "4711", "app secret"
	MetaPage, MetaOther           = "1001", "1002"
	MetaInstagram                 = "17841400000000001"
	MetaToken, metaShort, metaLng = "page-token", "short-token", "long-token"
)

// Faults of Meta's own.
const (
	MetaReading   publishertest.Fault = "the container stays in progress"
	MetaUnfetched publishertest.Fault = "the picture can't be fetched"
	MetaForgotten publishertest.Fault = "the container has expired"
	MetaHiccup    publishertest.Fault = "an error after the post was accepted"
)

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	m := &simulator{photos: map[string]string{}, containers: map[string]*metaContainer{},
		comments: map[string][]string{}, quota: 50}
	s := httptest.NewServer(m)
	m.URL = s.URL
	t.Cleanup(s.Close)
	return m
}

// Fail sets the fault that Meta has from now on; "" is none.
func (m *simulator) Fail(f publishertest.Fault) { m.mu.Lock(); m.fault = f; m.mu.Unlock() }

// Allow sets how much the Instagram account may post in a day.
func (m *simulator) Allow(n int) { m.mu.Lock(); m.quota = n; m.mu.Unlock() }

// Count returns how many posts with a text, in the post or in the picture, were ever made on the page or on Instagram,
// and how many are there.
func (m *simulator) Count(instagram bool, text string) (ever, live int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.posts {
		if p.instagram == instagram && strings.Contains(p.Text+p.Of+m.photos[p.Of], text) {
			ever++
			if !p.deleted {
				live++
			}
		}
	}
	return ever, live
}

// Comments returns the comments under a post.
func (m *simulator) Comments(post string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.comments[post])
}

// CommentsWith counts the comments that have a word, under posts that are there: a comment is an edge of its post. That
// it goes with the post is not said in the Graph API's reference, as far as could be found on 2026-11-30.
func (m *simulator) CommentsWith(word string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.posts {
		for _, text := range m.comments[p.ID] {
			if !p.deleted && strings.Contains(text, word) {
				n++
			}
		}
	}
	return n
}

func metaRefuse(w http.ResponseWriter, code, subcode int, message string) {
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": message, "type": "OAuthException",
		"code": code, "error_subcode": subcode, "fbtrace_id": "A"}})
}

func metaMissing(w http.ResponseWriter, id string) {
	metaRefuse(w, 100, 33, "Unsupported request. Object with ID '"+id+
		"' does not exist, cannot be loaded due to missing permissions, or does not support this operation")
}

var metaPicture = regexp.MustCompile(`^https://media\.example\.com/r/[^/]+/[0-9a-f]{16}/[a-z]+\.jpg$`)

// ServeHTTP answers as Meta does.
func (m *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	path, ok := strings.CutPrefix(r.URL.Path, "/v24.0/")
	if !ok {
		metaRefuse(w, 2635, 0, "You are calling a deprecated version of the API")
		return
	}
	if path == "oauth/access_token" {
		m.token(w, r)
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	mac := hmac.New(sha256.New, []byte(MetaSecret))
	_, _ = io.WriteString(mac, token) // writing to a hash never fails
	switch {
	case m.fault == publishertest.ThrottledDated:
		w.Header().Set("X-Business-Use-Case-Usage",
			`{"1001":[{"type":"pages","call_count":101,"estimated_time_to_regain_access":10}]}`)
		metaRefuse(w, 80001, 2446079, "There have been too many calls to this Page account.")
		return
	case m.fault == publishertest.ThrottledPlain:
		metaRefuse(w, 32, 0, "Page request limit reached")
		return
	case m.fault == publishertest.Expired:
		metaRefuse(w, 190, 463, "Error validating access token: Session has expired")
		return
	case m.fault == publishertest.Revoked:
		metaRefuse(w, 190, 458, "Error validating access token: The user has not authorized application 4711.")
		return
	case token != MetaToken && token != metaLng:
		metaRefuse(w, 190, 0, "Invalid OAuth access token - Cannot parse access token")
		return
	case r.FormValue("appsecret_proof") != hex.EncodeToString(mac.Sum(nil)):
		metaRefuse(w, 100, 0, "Invalid appsecret_proof provided in the API argument")
		return
	}
	if token == metaLng {
		m.person(w, r, path)
		return
	}
	switch parts := strings.Split(path, "/"); {
	case path == "me" && r.Method == http.MethodGet:
		_, _ = fmt.Fprintf(w,
			`{"id":%q,"name":"Brand","link":"https://www.facebook.com/brand","category":"Shopping","instagram_business_account":{"id":%q,"username":"brand"}}`, MetaPage, MetaInstagram)
	case path == "me/photos" && r.Method == http.MethodPost:
		m.photo(w, r)
	case path == "me/feed" && r.Method == http.MethodPost:
		m.feed(w, r)
	case path == "me/published_posts":
		m.list(w, r, false)
	case path == MetaInstagram+"/content_publishing_limit":
		_, _ = fmt.Fprintf(w, `{"data":[{"quota_usage":%d,"config":{"quota_total":%d,"quota_duration":86400}}]}`,
			m.used(), m.quota)
	case path == MetaInstagram+"/media" && r.Method == http.MethodPost:
		m.contain(w, r)
	case path == MetaInstagram+"/media":
		m.list(w, r, true)
	case path == MetaInstagram+"/media_publish" && r.Method == http.MethodPost:
		m.publish(w, r)
	case len(parts) == 2 && parts[1] == "comments" && r.Method == http.MethodPost:
		m.node(w, parts[0], func(*metaPost) {
			m.comments[parts[0]] = append(m.comments[parts[0]], r.FormValue("message"))
			_, _ = fmt.Fprintf(w, `{"id":"%s_%d"}`, parts[0], len(m.comments[parts[0]]))
		})
	case len(parts) == 1 && m.containers[path] != nil:
		m.read(w, m.containers[path])
	case len(parts) == 1:
		m.node(w, path, func(p *metaPost) { m.answer(w, r, p) })
	default:
		metaRefuse(w, 2500, 0, "Unknown path components: /"+path)
	}
}

// metaScopes are what an app may ask for.
var metaScopes = []string{"business_management", "pages_show_list", "pages_read_engagement", "pages_manage_posts",
	"pages_manage_engagement", "instagram_basic", "instagram_content_publish", "instagram_manage_comments"}

// person answers requests with a person's token: lists of one entry each, with the next one behind a cursor.
func (m *simulator) person(w http.ResponseWriter, r *http.Request, path string) {
	allowed := func(scope string) bool { return !slices.Contains(m.declined, scope) }
	page := func(id, name, token string) map[string]any {
		p := map[string]any{"id": id, "name": name}
		if token != "" {
			p["access_token"] = token
		}
		if id == MetaPage && allowed("instagram_basic") {
			p["instagram_business_account"] = map[string]string{"id": MetaInstagram, "username": "brand"}
		}
		return p
	}
	var all []map[string]any
	switch {
	case path == "me/permissions":
		for _, s := range metaScopes {
			status := "granted"
			if !allowed(s) {
				status = "declined"
			}
			all = append(all, map[string]any{"permission": s, "status": status})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": all})
		return
	case path == "me/accounts" && !m.portfolio:
		all = []map[string]any{page(MetaPage, "Brand", MetaToken), page(MetaOther, "Other", "another")}
	case path == "me/accounts":
	case (path == "me/businesses" || strings.HasPrefix(path, "70")) && !allowed("business_management"):
		metaRefuse(w, 200, 0, "(#200) Requires business_management permission to manage the object")
		return
	case path == "me/businesses" && m.portfolio:
		all = []map[string]any{{"id": "700", "name": "Holding"}, {"id": "701", "name": "Agency"}}
	case path == "me/businesses":
	case path == "700/owned_pages":
		all = []map[string]any{page(MetaOther, "Other", "another")}
	case path == "701/client_pages":
		all = []map[string]any{page("1003", "Third", "third"), page(MetaPage, "Brand", "")}
	case path == "700/client_pages":
		metaRefuse(w, 10, 0, "(#10) Application does not have permission for this action")
		return
	case path == "701/owned_pages":
	case path == MetaPage:
		_ = json.NewEncoder(w).Encode(page(MetaPage, "Brand", MetaToken))
		return
	default:
		metaRefuse(w, 100, 0, "(#100) Tried accessing nonexisting field (category) on node type (User)")
		return
	}
	at, _ := strconv.Atoi(r.FormValue("after")) // "" is the start
	out := map[string]any{"data": all[min(at, len(all)):min(at+1, len(all))]}
	if at+1 < len(all) {
		out["paging"] = map[string]any{"cursors": map[string]string{"after": strconv.Itoa(at + 1)},
			"next": "https://graph.facebook.com/next"}
	}
	_ = json.NewEncoder(w).Encode(out)
}

// token is the token endpoint: it exchanges a code for a short-lived token, and that for a long-lived one.
func (m *simulator) token(w http.ResponseWriter, r *http.Request) {
	token := metaShort
	switch {
	case r.FormValue("client_id") != MetaApp || r.FormValue("client_secret") != MetaSecret:
		metaRefuse(w, 101, 0, "Error validating client secret.")
		return
	case r.FormValue("grant_type") == "fb_exchange_token" && r.FormValue("fb_exchange_token") == metaShort:
		token = metaLng
	case r.FormValue("grant_type") != "authorization_code" || r.FormValue("code") != "good" ||
		r.FormValue("redirect_uri") == "":
		metaRefuse(w, 100, 36007, "This authorization code has been used.")
		return
	}
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":3600}`, token)
}

func (m *simulator) photo(w http.ResponseWriter, r *http.Request) {
	f, h, err := r.FormFile("source")
	if err != nil {
		metaRefuse(w, 324, 2069019, "Missing or invalid image file")
		return
	}
	b, err := io.ReadAll(f)
	if kind := http.DetectContentType(b); err != nil || h.Size > 4<<20 || kind != "image/jpeg" && kind != "image/png" ||
		r.FormValue("published") != "false" {
		metaRefuse(w, 324, 2069019, "Missing or invalid image file")
		return
	}
	m.seq++
	id := fmt.Sprint("photo", m.seq)
	m.photos[id] = string(b)
	_, _ = fmt.Fprintf(w, `{"id":%q}`, id)
}

func (m *simulator) feed(w http.ResponseWriter, r *http.Request) {
	var media struct {
		ID string `json:"media_fbid"`
	}
	err := json.Unmarshal([]byte(r.FormValue("attached_media[0]")), &media)
	text := r.FormValue("message")
	switch {
	case err != nil || m.photos[media.ID] == "" || len([]rune(text)) > 63206:
		metaRefuse(w, 100, 0, "(#100) Invalid parameter")
	case m.fault == publishertest.Refused:
		metaRefuse(w, 506, 0, "Duplicate status message")
	default:
		m.add(w, &metaPost{Text: text, Of: media.ID})
	}
}

// add accepts a post; with a fault, the answer is lost.
func (m *simulator) add(w http.ResponseWriter, p *metaPost) {
	m.seq++
	p.ID, p.at = fmt.Sprint(18000+m.seq), time.Now()
	if !p.instagram {
		p.ID = MetaPage + "_" + p.ID
	}
	m.posts = append(m.posts, p)
	if m.fault == MetaHiccup {
		metaRefuse(w, 2, 0, "An unexpected error has occurred. Please retry your request later.")
		return
	}
	_, _ = fmt.Fprintf(w, `{"id":%q}`, p.ID)
}

func (m *simulator) used() (n int) {
	for _, p := range m.posts {
		if p.instagram {
			n++
		}
	}
	return n
}

func (m *simulator) list(w http.ResponseWriter, r *http.Request, instagram bool) {
	since, err := strconv.ParseInt(r.FormValue("since"), 10, 64)
	if err != nil {
		metaRefuse(w, 100, 0, "(#100) since must be a timestamp")
		return
	}
	data := []any{}
	for _, p := range slices.Backward(m.posts) {
		if p.instagram == instagram && !p.deleted && p.at.Unix() >= since {
			data = append(data, m.shown(p))
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

func (m *simulator) shown(p *metaPost) any {
	if p.instagram {
		return map[string]string{"id": p.ID, "caption": p.Text, "permalink": "https://www.instagram.com/p/" + p.ID}
	}
	return map[string]any{"id": p.ID, "permalink_url": "https://www.facebook.com/brand/posts/" + p.ID,
		"attachments": map[string]any{"data": []any{map[string]any{"target": map[string]string{"id": p.Of}}}}}
}

// node calls do with the post of an id.
func (m *simulator) node(w http.ResponseWriter, id string, do func(*metaPost)) {
	for _, p := range m.posts {
		if p.ID == id && !p.deleted {
			do(p)
			return
		}
	}
	metaMissing(w, id)
}

func (m *simulator) answer(w http.ResponseWriter, r *http.Request, p *metaPost) {
	switch {
	case r.Method == http.MethodGet:
		_ = json.NewEncoder(w).Encode(m.shown(p))
	case r.Method == http.MethodDelete && !p.instagram:
		p.deleted = true
		_, _ = io.WriteString(w, `{"success":true}`)
	default:
		metaMissing(w, p.ID)
	}
}

func (m *simulator) contain(w http.ResponseWriter, r *http.Request) {
	caption := r.FormValue("caption")
	switch {
	case m.fault == publishertest.Refused:
		metaRefuse(w, 36003, 2207009, "The submitted image with aspect ratio ('0.5',) cannot be published.")
		return
	case len([]rune(caption)) > 2200 || strings.Count(caption, "#") > 5 || strings.Count(caption, "@") > 3:
		metaRefuse(w, 36004, 2207010, "The caption is too long.")
		return
	case len([]rune(r.FormValue("alt_text"))) > 1000:
		metaRefuse(w, 100, 0, "(#100) alt_text is too long")
		return
	}
	m.seq++
	id := fmt.Sprint("container", m.seq)
	m.containers[id] = &metaContainer{url: r.FormValue("image_url"), caption: caption, code: "IN_PROGRESS"}
	_, _ = fmt.Fprintf(w, `{"id":%q}`, id)
}

// read returns a container's state: it is fetched by the second request.
func (m *simulator) read(w http.ResponseWriter, c *metaContainer) {
	c.reads++
	switch {
	case c.code == "PUBLISHED":
	case m.fault == MetaForgotten:
		c.code = "EXPIRED"
	case m.fault == MetaUnfetched || !metaPicture.MatchString(c.url):
		c.code, c.status = "ERROR", "Error: Media upload has failed with error code 2207052"
	case c.code == "IN_PROGRESS" && c.reads > 1 && m.fault != MetaReading:
		c.code = "FINISHED"
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"status_code": c.code, "status": c.status})
}

func (m *simulator) publish(w http.ResponseWriter, r *http.Request) {
	c := m.containers[r.FormValue("creation_id")]
	switch {
	case c == nil || c.code == "EXPIRED":
		metaRefuse(w, 24, 2207006, "The media with the given creation id cannot be found.")
	case c.code != "FINISHED":
		metaRefuse(w, 9007, 2207027, "The media is not ready for publishing, please wait for a moment")
	case m.used() >= m.quota:
		metaRefuse(w, 9, 2207042,
			"You reached maximum number of posts that is allowed to be published by Content Publishing API.")
	default:
		c.code = "PUBLISHED"
		m.add(w, &metaPost{Text: c.caption, Of: c.url, instagram: true})
	}
}
