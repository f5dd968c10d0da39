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

// simulator is a strict simulator of LinkedIn's versioned API, after its documentation (learn.microsoft.com/linkedin,
// read in August and November 2026): the headers are required, pictures are uploaded to a URL of their own and
// processed before a post may show them, texts are in the little format, and the post's URN is in a header.
type simulator struct {
	URL string
	// Scopes are what the access may do. Without r_organization_social it reads no posts, and no pictures.
	Scopes []string
	// Slow is how often a picture is asked for, or posted, before it is processed.
	Slow int

	mu       sync.Mutex
	seq      int
	fault    publishertest.Fault
	images   map[string]string // bytes by URN, "" until uploaded
	asked    map[string]int    // how often each was asked for, or posted
	posts    []*linkedInPost
	comments map[string][]string
}

type linkedInPost struct {
	id, author, text, image string
	deleted                 bool
}

// What the products of an app allow. LinkedIn approves each product by itself.
var (
	shareScopes     = []string{"openid", "profile", "w_member_social"}
	communityScopes = []string{"r_basicprofile", "w_member_social", "w_member_social_feed", "rw_organization_admin",
		"w_organization_social", "r_organization_social", "w_organization_social_feed"}
)

// The app and its accounts: a member, and an organization it may post for.
const (
	LinkedInApp, LinkedInSecret = "77abc", "linkedin secret"
	LinkedInToken               = "linkedin-token"
	LinkedInOrganization        = "5515715"
	linkedInMember              = "urn:li:person:8675309"
)

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	l := &simulator{images: map[string]string{}, asked: map[string]int{}, comments: map[string][]string{},
		Scopes: communityScopes}
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

// Uploads returns how many pictures were uploaded.
func (l *simulator) Uploads() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.images) }

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
	// The elements of the little format at the start of a text: an escaped character, a mention, a hashtag and the
	// template of one.
	littleText    = regexp.MustCompile(`^(?:\\([|{}@\[\]()<>#*_~\\])|([^|{}@\[\]()<>#*_~\\]))`)
	littleMention = regexp.MustCompile(`^@\[((?:\\.|[^\]\\])*)\]\(urn:li:(?:person|organization):[A-Za-z0-9_-]+\)`)
	littleTag     = regexp.MustCompile(`^\{hashtag\|\\?([#＃])\|((?:\\.|[^|{}\\])+)\}`)
	littleEscape  = regexp.MustCompile(`\\(.)`)
)

// littleRead returns a text as people read it. What follows a reserved character that is neither escaped nor part of an
// element is lost, without an error. LinkedIn does not document that; writers of several public clients report it (read
// in November 2026).
func littleRead(s string) string {
	var out strings.Builder
	for s != "" {
		if m := littleText.FindStringSubmatch(s); m != nil {
			out.WriteString(m[1] + m[2])
			s = s[len(m[0]):]
		} else if m := littleMention.FindStringSubmatch(s); m != nil {
			out.WriteString(littleEscape.ReplaceAllString(m[1], "$1"))
			s = s[len(m[0]):]
		} else if m := littleTag.FindStringSubmatch(s); m != nil {
			out.WriteString(m[1] + littleEscape.ReplaceAllString(m[2], "$1"))
			s = s[len(m[0]):]
		} else {
			break
		}
	}
	return out.String()
}

// may reports whether the access has one of the scopes.
func (l *simulator) may(scopes ...string) bool {
	return slices.ContainsFunc(scopes, func(x string) bool { return slices.Contains(l.Scopes, x) })
}

// authorize answers a browser that asks for access with an app that has one product: a request that names a scope of
// another is refused as a whole, with unauthorized_scope_error:
// https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow (read in November 2026).
func authorize(scopes string, product []string) string {
	for s := range strings.FieldsSeq(scopes) {
		if !slices.Contains(product, s) {
			return "unauthorized_scope_error"
		}
	}
	return ""
}

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
	case r.URL.Path == "/oauth/v2/introspectToken":
		// https://learn.microsoft.com/linkedin/shared/authentication/token-introspection (read in November 2026)
		if r.FormValue("client_id") != LinkedInApp || r.FormValue("client_secret") != LinkedInSecret {
			linkedInRefuse(w, 401, "invalid_client", "Client authentication failed")
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"active": r.FormValue("token") == LinkedInToken, "auth_type": "3L",
			"status": "active", "scope": strings.Join(l.Scopes, ",")})
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
	// A version lives for a year; 202511 ended on 16 November 2026:
	// https://learn.microsoft.com/linkedin/marketing/integrations/migrations (read in August 2026).
	case rest && (!linkedInVersion.MatchString(r.Header.Get("LinkedIn-Version")) ||
		r.Header.Get("LinkedIn-Version") < "202601"):
		linkedInRefuse(w, 426, "NONEXISTENT_VERSION", "Requested version is not active")
		return
	case rest && (r.Header.Get("X-Restli-Protocol-Version") != "2.0.0" || strings.Contains(r.URL.EscapedPath(), ":")):
		linkedInRefuse(w, 400, "ILLEGAL_ARGUMENT", "Syntax exception in path variables")
		return
	}
	reads := r.Method == http.MethodGet
	switch kind, id, _ := strings.Cut(path, "/"); {
	case r.URL.Path == "/v2/userinfo" && l.may("openid"):
		_, _ = io.WriteString(w, `{"sub":"8675309","name":"Ada Brand","locale":{"country":"US","language":"en"}}`)
	case r.URL.Path == "/v2/me" && l.may("r_basicprofile"):
		_, _ = io.WriteString(w, `{"id":"8675309","localizedFirstName":"Ada","localizedLastName":"Brand"}`)
	case strings.HasPrefix(r.URL.Path, "/v2/"):
		linkedInRefuse(w, 403, "ACCESS_DENIED", "Not enough permissions to access: me.GET.NO_VERSION")
	case (path == "organizationAcls" || path == "organizations") && reads && l.may("rw_organization_admin"):
		l.organizations(w, r, path)
	case reads && !l.may("r_organization_social"):
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
		case !l.processed(id):
			_, _ = io.WriteString(w, `{"status":"PROCESSING"}`)
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

// processed reports whether a picture may be shown; each question brings that nearer.
func (l *simulator) processed(urn string) bool {
	l.asked[urn]++
	return l.asked[urn] > l.Slow
}

// organizations answers which organizations the member has a role in, and how they are called:
// https://learn.microsoft.com/linkedin/marketing/community-management/organizations/organization-access-control-by-role
// and …/organization-lookup-api (read in November 2026).
func (l *simulator) organizations(w http.ResponseWriter, r *http.Request, path string) {
	method := r.Header.Get("X-RestLi-Method")
	switch {
	case path == "organizationAcls" && method == "FINDER" && r.URL.Query().Get("q") == "roleAssignee":
		_, _ = io.WriteString(w, `{"elements":[
			{"role":"ADMINISTRATOR","organization":"urn:li:organization:5515715","state":"APPROVED"},
			{"role":"CONTENT_ADMINISTRATOR","organization":"urn:li:organization:5515715","state":"APPROVED"},
			{"role":"ANALYST","organization":"urn:li:organization:7","state":"APPROVED"}]}`)
	case path == "organizations" && method == "BATCH_GET" && strings.Contains(r.URL.RawQuery, "ids=List("):
		_, _ = io.WriteString(w, `{"results":{"5515715":{"localizedName":"Brand","vanityName":"brand"}}}`)
	default:
		linkedInRefuse(w, 400, "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")
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
	text := littleRead(in.Commentary)
	switch {
	case err != nil || in.Visibility != "PUBLIC" || in.LifecycleState != "PUBLISHED" ||
		in.Distribution.FeedDistribution != "MAIN_FEED":
		linkedInRefuse(w, 400, "MISSING_FIELD", "A required field is missing")
	case !mayPost(in.Author):
		linkedInRefuse(w, 403, "ACCESS_DENIED", "Unpermitted fields present in REQUEST_BODY: Data Processing "+
			"Exception while processing fields [/author]")
	case utf8.RuneCountInString(text) > 3000 || utf8.RuneCountInString(in.Content.Media.AltText) > 4086:
		linkedInRefuse(w, 422, "FIELD_LENGTH_TOO_LONG",
			"ShareCommentary text length exceeds the maximum allowed (3000 characters)")
	// The code is documented for the Videos API, and seen for pictures: …/community-management/shares/videos-api
	// (read in November 2026).
	case l.images[in.Content.Media.ID] == "" || !l.processed(in.Content.Media.ID):
		linkedInRefuse(w, 400, "MEDIA_ASSET_WAITING_UPLOAD", "Media asset is waiting upload")
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
	err := json.NewDecoder(r.Body).Decode(&in)
	// https://learn.microsoft.com/linkedin/marketing/community-management/shares/comments-api (read in August 2026)
	if feed := map[bool]string{true: "w_member_social_feed", false: "w_organization_social_feed"}[in.Actor ==
		linkedInMember]; !l.may(feed) {
		linkedInRefuse(w, 403, "ACCESS_DENIED", "Not enough permissions to access: socialActions.CREATE")
		return
	}
	if err != nil || l.find(post) == nil || in.Object != post || !mayPost(in.Actor) || in.Message.Text == "" {
		linkedInRefuse(w, 400, "INVALID_URN_ID", "comment can't be made")
		return
	}
	l.comments[post] = append(l.comments[post], in.Message.Text)
	w.Header().Set("X-Restli-Id", fmt.Sprint(len(l.comments[post])))
	w.WriteHeader(http.StatusCreated)
}
