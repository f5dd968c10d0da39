package linkedin

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of LinkedIn's versioned API, after its documentation: the headers are required,
// pictures are uploaded to a URL of their own, texts are in the little format, and the post's URN is in a header.
type simulator struct {
	URL string
	// NoReading refuses to return posts and pictures, as for members' apps.
	NoReading bool

	mu       sync.Mutex
	seq      int
	fault    publishertest.Fault
	images   map[string]string // bytes by URN, "" until uploaded
	posts    []*linkedInPost
	comments map[string][]string
}

type linkedInPost struct {
	id, author, text, image string
	deleted                 bool
}

// The app and its accounts: a member, and an organization it may post for.
const (
	LinkedInApp, LinkedInSecret = "77abc", "linkedin secret"
	LinkedInToken               = "linkedin-token"
	LinkedInOrganization        = "5515715"
	linkedInMember              = "urn:li:person:8675309"
)

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	l := &simulator{images: map[string]string{}, comments: map[string][]string{}}
	s := httptest.NewServer(l)
	l.URL = s.URL
	t.Cleanup(s.Close)
	return l
}

// Fail sets the fault that LinkedIn has from now on; "" is none.
func (l *simulator) Fail(f publishertest.Fault) { l.mu.Lock(); l.fault = f; l.mu.Unlock() }

// Count returns how many posts with a text, in the post or in the picture, were ever made, and how many are there.
func (l *simulator) Count(text string) (ever, live int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.posts {
		if strings.Contains(p.text+l.images[p.image], text) {
			ever++
			if !p.deleted {
				live++
			}
		}
	}
	return ever, live
}

// Texts returns the texts of all posts, as people read them.
func (l *simulator) Texts() (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.posts {
		out = append(out, p.text)
	}
	return out
}

// CommentsWith counts the comments that have a word, under posts that are there: they belong to the post's social
// actions. That they go with the post is not said in LinkedIn's reference, as far as could be found on 2026-11-30.
func (l *simulator) CommentsWith(word string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.posts {
		for _, text := range l.comments[p.id] {
			if !p.deleted && strings.Contains(text, word) {
				n++
			}
		}
	}
	return n
}

// Comments returns the comments under a post.
func (l *simulator) Comments(post string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.comments[post])
}

func linkedInRefuse(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "code": code, "message": message})
}

var (
	linkedInVersion = regexp.MustCompile(`^20\d\d(0[1-9]|1[0-2])$`)
	// reserved matches characters that have to be escaped in the little format.
	reserved = regexp.MustCompile(`(^|[^\\])[|{}@\[\]()<>*_~]`)
	escaped  = regexp.MustCompile(`\\(.)`)
)

// ServeHTTP answers as LinkedIn does.
func (l *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	path, rest := strings.CutPrefix(r.URL.Path, "/rest/")
	switch {
	case r.URL.Path == "/oauth/v2/accessToken":
		if r.FormValue("client_id") != LinkedInApp || r.FormValue("client_secret") != LinkedInSecret ||
			r.FormValue("code") != "good" || r.FormValue("code_verifier") != "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w,
				`{"error":"invalid_request","error_description":"Unable to retrieve access token"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_in":5184000,"token_type":"Bearer"}`, LinkedInToken)
		return
	case l.fault == publishertest.ThrottledDated:
		w.Header().Set("Retry-After", "600")
		linkedInRefuse(w, 429, "TOO_MANY_REQUESTS",
			"Resource level throttle MEMBER limit for calls to this resource is reached.")
		return
	case l.fault == publishertest.ThrottledPlain:
		linkedInRefuse(w, 429, "TOO_MANY_REQUESTS",
			"Resource level throttle APPLICATION DAY limit for calls to this resource is reached.")
		return
	case l.fault == publishertest.Revoked:
		linkedInRefuse(w, 401, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user")
		return
	case l.fault == publishertest.Expired:
		linkedInRefuse(w, 401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
		return
	case r.Header.Get("Authorization") != "Bearer "+LinkedInToken:
		linkedInRefuse(w, 401, "INVALID_ACCESS_TOKEN", "Invalid access token")
		return
	case strings.HasPrefix(r.URL.Path, "/upload/") && r.Method == http.MethodPut:
		l.upload(w, r, strings.TrimPrefix(r.URL.Path, "/upload/"))
		return
	case rest && (!linkedInVersion.MatchString(r.Header.Get("LinkedIn-Version")) ||
		r.Header.Get("LinkedIn-Version") < "202512"):
		linkedInRefuse(w, 426, "NONEXISTENT_VERSION", "Requested version is not active")
		return
	case rest && (r.Header.Get("X-Restli-Protocol-Version") != "2.0.0" || strings.Contains(r.URL.EscapedPath(), ":")):
		linkedInRefuse(w, 400, "ILLEGAL_ARGUMENT", "Syntax exception in path variables")
		return
	}
	reads := r.Method == http.MethodGet
	switch kind, id, _ := strings.Cut(path, "/"); {
	case r.URL.Path == "/v2/userinfo":
		_, _ = io.WriteString(w, `{"sub":"8675309","name":"Ada Brand","locale":{"country":"US","language":"en"}}`)
	case reads && l.NoReading:
		linkedInRefuse(w, 403, "ACCESS_DENIED",
			"Not enough permissions to access: partnerApiPostsExternal.FINDER-author")
	case kind == "images" && r.URL.Query().Get("action") == "initializeUpload" && r.Method == http.MethodPost:
		l.initialize(w, r)
	case kind == "images" && reads:
		b, known := l.images[id]
		switch {
		case !known:
			linkedInRefuse(w, 404, "NOT_FOUND", "Could not find entity")
		case b == "":
			_, _ = io.WriteString(w, `{"status":"WAITING_UPLOAD"}`)
		default:
			_, _ = io.WriteString(w, `{"status":"AVAILABLE"}`)
		}
	case path == "posts" && r.Method == http.MethodPost:
		l.post(w, r)
	case path == "posts" && reads && r.URL.Query().Get("q") == "author" && r.Header.Get("X-RestLi-Method") == "FINDER":
		l.list(w, r.URL.Query().Get("author"))
	case kind == "posts" && id != "" && r.Method == http.MethodDelete && r.Header.Get("X-RestLi-Method") == "DELETE":
		for _, p := range l.posts {
			p.deleted = p.deleted || p.id == id
		}
		w.WriteHeader(http.StatusNoContent)
	case kind == "posts" && id != "" && reads:
		if p := l.find(id); p != nil {
			_ = json.NewEncoder(w).Encode(p.shown())
			return
		}
		linkedInRefuse(w, 404, "NOT_FOUND", "Post not found")
	case kind == "socialActions" && strings.HasSuffix(id, "/comments") && r.Method == http.MethodPost:
		l.comment(w, r, strings.TrimSuffix(id, "/comments"))
	default:
		linkedInRefuse(w, 404, "RESOURCE_NOT_FOUND", "No virtual resource found")
	}
}

func mayPost(urn string) bool {
	return urn == linkedInMember || urn == "urn:li:organization:"+LinkedInOrganization
}

func (l *simulator) initialize(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Request struct{ Owner string } `json:"initializeUploadRequest"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !mayPost(in.Request.Owner) {
		linkedInRefuse(w, 403, "ACCESS_DENIED",
			"Organization permissions must be used when using organization as author")
		return
	}
	l.seq++
	urn := fmt.Sprint("urn:li:image:C4E", l.seq)
	l.images[urn] = ""
	_ = json.NewEncoder(w).Encode(map[string]any{"value": map[string]string{"image": urn,
		"uploadUrl": "http://" + r.Host + "/upload/" + url.PathEscape(urn)}})
}

func (l *simulator) upload(w http.ResponseWriter, r *http.Request, urn string) {
	b, err := io.ReadAll(r.Body)
	kind := http.DetectContentType(b)
	if _, known := l.images[urn]; err != nil || !known || len(b) > 8<<20 || kind != "image/jpeg" &&
		kind != "image/png" {
		linkedInRefuse(w, 400, "MEDIA_ASSET_PROCESSING_FAILED", "The image can't be processed")
		return
	}
	l.images[urn] = string(b)
	w.WriteHeader(http.StatusCreated)
}

func (l *simulator) post(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Author, Commentary, Visibility, LifecycleState string
		Distribution                                   struct{ FeedDistribution string }
		Content                                        struct{ Media struct{ ID, AltText string } }
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	text := escaped.ReplaceAllString(in.Commentary, "$1")
	switch {
	case err != nil || in.Visibility != "PUBLIC" || in.LifecycleState != "PUBLISHED" ||
		in.Distribution.FeedDistribution != "MAIN_FEED":
		linkedInRefuse(w, 400, "MISSING_FIELD", "A required field is missing")
	case !mayPost(in.Author):
		linkedInRefuse(w, 403, "ACCESS_DENIED", "Unpermitted fields present in REQUEST_BODY: Data Processing "+
			"Exception while processing fields [/author]")
	case reserved.MatchString(in.Commentary):
		linkedInRefuse(w, 422, "UNPROCESSABLE_ENTITY", "commentary is not in the little format")
	case utf8.RuneCountInString(text) > 3000 || utf8.RuneCountInString(in.Content.Media.AltText) > 4086:
		linkedInRefuse(w, 422, "FIELD_LENGTH_TOO_LONG",
			"ShareCommentary text length exceeds the maximum allowed (3000 characters)")
	case l.images[in.Content.Media.ID] == "":
		linkedInRefuse(w, 400, "INVALID_CONTENT", "media is not ready")
	case l.fault == publishertest.Refused:
		linkedInRefuse(w, 422, "DUPLICATE_POST", "Content is a duplicate of urn:li:share:1")
	default:
		l.seq++
		p := &linkedInPost{id: fmt.Sprint("urn:li:share:68", l.seq), author: in.Author, text: text,
			image: in.Content.Media.ID}
		l.posts = append(l.posts, p)
		w.Header().Set("X-Restli-Id", p.id)
		w.WriteHeader(http.StatusCreated)
	}
}

func (p *linkedInPost) shown() any {
	return map[string]any{"id": p.id, "author": p.author, "commentary": p.text,
		"content": map[string]any{"media": map[string]string{"id": p.image}}}
}

func (l *simulator) find(id string) *linkedInPost {
	for _, p := range l.posts {
		if p.id == id && !p.deleted {
			return p
		}
	}
	return nil
}

func (l *simulator) list(w http.ResponseWriter, author string) {
	if !mayPost(author) {
		linkedInRefuse(w, 403, "ACCESS_DENIED", "Viewer is not authorized to find the posts of this author")
		return
	}
	elements := []any{}
	for _, p := range slices.Backward(l.posts) {
		if p.author == author && !p.deleted {
			elements = append(elements, p.shown())
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"elements": elements})
}

func (l *simulator) comment(w http.ResponseWriter, r *http.Request, post string) {
	var in struct {
		Actor, Object string
		Message       struct{ Text string }
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || l.find(post) == nil || in.Object != post ||
		!mayPost(in.Actor) || in.Message.Text == "" {
		linkedInRefuse(w, 400, "INVALID_URN_ID", "comment can't be made")
		return
	}
	l.comments[post] = append(l.comments[post], in.Message.Text)
	w.Header().Set("X-Restli-Id", fmt.Sprint(len(l.comments[post])))
	w.WriteHeader(http.StatusCreated)
}
