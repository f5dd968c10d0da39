package tiktok

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of TikTok's login and content posting API, after its documentation
// (developers.tiktok.com/doc: login-kit-web, login-kit-desktop, content-posting-api-reference-direct-post and
// content-posting-api-reference-query-creator-info, read in November 2026): it fetches a picture from a domain that the
// app owns, after the post was made; a video is uploaded in parts, and the last one makes the post.
type simulator struct {
	URL string
	// Desktop means that the app is one for desktops and not one for the web.
	Desktop bool
	// Privacy is what the account offers.
	Privacy []string
	// NoComments means that the account has switched comments off.
	NoComments bool

	mu              sync.Mutex
	seq             int
	fault           publishertest.Fault
	access, refresh string
	seconds         float64                // the longest video the account may post
	posts           []string               // the text of each, and the picture's URL or the video's first bytes
	made            map[string]*tiktok     // by publish_id
	calls           map[string][]time.Time // by path
	codes           map[string]string      // code challenges by code
}

// tiktok is a post that is being made, or is made.
type tiktok struct {
	failed string // why it can't be made
	asked  int    // how often the state was requested since all bytes are there
	video  *tiktokVideo
}

// units counts a text as TikTok does.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// The app and its account.
const (
	TikTokApp, TikTokSecret = "aw4711", "tiktok secret"
	TikTokToken, TikTokMore = "act.0", "rft.0"
)

// Faults of TikTok's own. Those that affect a part affect one part.
const (
	TikTokUnfetched publishertest.Fault = "the picture can't be fetched"
	TikTokSlow      publishertest.Fault = "posts stay under way"
	TikTokInternal  publishertest.Fault = "a post fails for reasons of TikTok's own"
	TikTokBusy      publishertest.Fault = "a part is answered with 503"
	TikTokCut       publishertest.Fault = "a part is cut off"
	TikTokLost      publishertest.Fault = "the answer to a part is lost"
)

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	k := &simulator{access: TikTokToken, refresh: TikTokMore, seconds: 600, made: map[string]*tiktok{},
		calls: map[string][]time.Time{}, codes: map[string]string{"good": ""},
		Privacy: []string{"PUBLIC_TO_EVERYONE", "SELF_ONLY"}}
	s := httptest.NewServer(k)
	k.URL = s.URL
	t.Cleanup(s.Close)
	return k
}

// Fail sets the fault that TikTok has from now on; "" is none. An expired token stays expired.
func (k *simulator) Fail(f publishertest.Fault) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fault = f; f == publishertest.Expired {
		k.fault, k.access = "", "expired"
	}
}

// Count returns how many posts with a text, in the post or in the picture, were ever made.
func (k *simulator) Count(text string) (n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.posts {
		if strings.Contains(p, text) {
			n++
		}
	}
	return n
}

func tiktokAnswer(w http.ResponseWriter, status int, code string, data any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data, "error": map[string]string{"code": code, "message": code,
		"log_id": "1"}})
}

var tiktokPicture = regexp.MustCompile(`^https://media\.example\.com/r/[^/]+/[0-9a-f]{16}/[a-z]+\.(jpg|webp)$`)

// ServeHTTP answers as TikTok does.
func (k *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case r.URL.Path == "/v2/auth/authorize/":
		k.authorize(w, r)
		return
	case r.URL.Path == "/v2/oauth/token/":
		k.token(w, r)
		return
	case r.URL.Path == "/video/":
		k.part(w, r)
		return
	case k.fault == publishertest.ThrottledDated:
		w.Header().Set("Retry-After", "600")
		tiktokAnswer(w, 429, "rate_limit_exceeded", nil)
		return
	case k.fault == publishertest.ThrottledPlain:
		tiktokAnswer(w, 429, "rate_limit_exceeded", nil)
		return
	case k.fault == publishertest.Revoked:
		tiktokAnswer(w, 401, "scope_not_authorized", nil)
		return
	case r.Header.Get("Authorization") != "Bearer "+k.access:
		tiktokAnswer(w, 401, "access_token_invalid", nil)
		return
	case r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		tiktokAnswer(w, 400, "invalid_params", nil)
		return
	case k.tooMany(r.URL.Path):
		tiktokAnswer(w, 429, "rate_limit_exceeded", nil)
		return
	}
	var in tiktokCall
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		tiktokAnswer(w, 400, "invalid_params", nil)
		return
	}
	switch r.URL.Path {
	case "/v2/post/publish/creator_info/query/":
		tiktokAnswer(w, 200, "ok", map[string]any{"creator_username": "brand",
			"privacy_level_options":       k.Privacy,
			"max_video_post_duration_sec": k.seconds,
			"comment_disabled":            k.NoComments, "duet_disabled": false, "stitch_disabled": false})
	case "/v2/post/publish/video/init/":
		k.open(w, &in)
	case "/v2/post/publish/content/init/":
		switch {
		case in.MediaType != "PHOTO" || in.PostMode != "DIRECT_POST" || in.Source.Source != "PULL_FROM_URL" ||
			len(in.Source.Images) != 1 || units(in.Post.Title) > 90 || units(in.Post.Description) > 4000:
			tiktokAnswer(w, 400, "invalid_params", nil)
		case !slices.Contains(k.Privacy, in.Post.Privacy): // nor is it optional
			tiktokAnswer(w, 403, "privacy_level_option_mismatch", nil)
		case !tiktokPicture.MatchString(in.Source.Images[0]):
			tiktokAnswer(w, 403, "url_ownership_unverified", nil)
		case k.fault == publishertest.Refused:
			tiktokAnswer(w, 403, "unaudited_client_can_only_post_to_private_accounts", nil)
		default:
			k.seq++
			id, post := fmt.Sprint("p_pub_url~v2.", k.seq), &tiktok{}
			if k.made[id] = post; k.fault == TikTokUnfetched {
				post.failed = "photo_pull_failed"
			} else {
				k.posts = append(k.posts, in.Post.says()+" "+in.Source.Images[0])
			}
			tiktokAnswer(w, 200, "ok", map[string]string{"publish_id": id})
		}
	case "/v2/post/publish/status/fetch/":
		k.status(w, in.PublishID)
	default:
		tiktokAnswer(w, 404, "not_found", nil)
	}
}

// tiktokCall is the body of the calls.
type tiktokCall struct {
	MediaType string     `json:"media_type"`
	PostMode  string     `json:"post_mode"`
	PublishID string     `json:"publish_id"`
	Post      tiktokInfo `json:"post_info"`
	Source    struct {
		Source string
		Images []string `json:"photo_images"`
		Size   int64    `json:"video_size"`
		Chunk  int64    `json:"chunk_size"`
		Count  int64    `json:"total_chunk_count"`
	} `json:"source_info"`
}

// tiktokInfo is the text and the settings of a post.
type tiktokInfo struct {
	Title, Description string
	Privacy            string `json:"privacy_level"`
	NoComments         bool   `json:"disable_comment"`
	NoDuets            bool   `json:"disable_duet"`
	NoStitches         bool   `json:"disable_stitch"`
	AI                 bool   `json:"is_aigc"`
	Paid               bool   `json:"brand_content_toggle"`
	Own                bool   `json:"brand_organic_toggle"`
}

// says returns all of it in one line, settings as TikTok's labels in brackets.
func (i tiktokInfo) says() string {
	s := i.Title + " " + i.Description
	for _, x := range []struct {
		label string
		on    bool
	}{{"no comments", i.NoComments}, {"no duets", i.NoDuets}, {"no stitches", i.NoStitches}, {"AI-generated", i.AI},
		{"paid partnership", i.Paid}, {"promotional content", i.Own}} {
		if x.on {
			s += " [" + x.label + "]"
		}
	}
	return s
}

// tiktokRates are the calls that an account may make in a minute.
var tiktokRates = map[string]int{"/v2/post/publish/creator_info/query/": 20, "/v2/post/publish/video/init/": 6,
	"/v2/post/publish/content/init/": 6, "/v2/post/publish/status/fetch/": 30}

func (k *simulator) tooMany(path string) bool {
	now := time.Now()
	k.calls[path] = slices.DeleteFunc(k.calls[path], func(at time.Time) bool { return now.Sub(at) > time.Minute })
	if most := tiktokRates[path]; most > 0 && len(k.calls[path]) >= most {
		return true
	}
	k.calls[path] = append(k.calls[path], now)
	return false
}

func (k *simulator) status(w http.ResponseWriter, id string) {
	post := k.made[id]
	if post == nil {
		tiktokAnswer(w, 400, "invalid_publish_id", nil)
		return
	}
	v, data := post.video, map[string]any{"status": "PROCESSING_DOWNLOAD"}
	if v != nil {
		data["status"], data["uploaded_bytes"] = "PROCESSING_UPLOAD", len(v.got)
	}
	switch {
	case v != nil && int64(len(v.got)) < v.size:
	case post.asked == 0 || k.fault == TikTokSlow:
		post.asked++
	case post.failed != "":
		data["status"], data["fail_reason"] = "FAILED", post.failed
	default:
		data["status"] = "PUBLISH_COMPLETE"
		if v != nil && v.public {
			data["publicaly_available_post_id"] = []int64{tiktokFirst + v.n} //nolint:misspell // TikTok's own
		}
	}
	tiktokAnswer(w, 200, "ok", data)
}

// hexadecimal matches the code challenge of desktop apps: “You must use hex encoding of SHA256”, login-kit-desktop.
var hexadecimal = regexp.MustCompile(`^[0-9a-f]{64}$`)

// authorize answers the browser. Desktop apps need a code challenge in hexadecimal digits. Web apps need none; with
// one, developers report that their token request is refused: https://github.com/gitroomhq/postiz-app/issues/1362 and
// https://stackoverflow.com/questions/78856419 (read in November 2026).
func (k *simulator) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_key") != TikTokApp || q.Get("response_type") != "code" || q.Get("state") == "" ||
		!strings.Contains(q.Get("scope"), "video.publish") {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if k.Desktop && (!hexadecimal.MatchString(q.Get("code_challenge")) || q.Get("code_challenge_method") != "S256") {
		answer.Set("error", "code_challenge")
	} else {
		k.seq++
		code := fmt.Sprint("code.", k.seq)
		k.codes[code] = q.Get("code_challenge")
		answer.Set("code", code)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// proven reports whether a token request has the code and, of a desktop app, the verifier of its challenge.
func (k *simulator) proven(r *http.Request) bool {
	challenge, known := k.codes[r.FormValue("code")]
	if !k.Desktop {
		return known && challenge == "" && !r.Form.Has("code_verifier")
	}
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	return known && hex.EncodeToString(sum[:]) == challenge
}

// token requires TikTok's own name for the client id, and a refresh token ends when it is used.
func (k *simulator) token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	refuse := func(code, why string) {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": why, "log_id": "1"})
	}
	switch app := r.FormValue("client_key") == TikTokApp && r.FormValue("client_secret") == TikTokSecret; {
	case !app:
		refuse("invalid_client", "Client key or secret is incorrect.")
		return
	case r.FormValue("grant_type") == "refresh_token" && r.FormValue("refresh_token") == k.refresh:
	case r.FormValue("grant_type") != "authorization_code":
		refuse("invalid_grant", "Refresh token is invalid or expired.")
		return
	case !k.proven(r):
		refuse("invalid_request", "Code verifier or code challenge is invalid.")
		return
	}
	k.seq++
	k.access, k.refresh = fmt.Sprint("act.", k.seq), fmt.Sprint("rft.", k.seq)
	_, _ = fmt.Fprintf(w,
		`{"access_token":%q,"refresh_token":%q,"expires_in":3600,"open_id":"1","token_type":"Bearer"}`, k.access,
		k.refresh)
}
