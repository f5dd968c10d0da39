package publishertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"
)

// TikTok is a strict simulator of TikTok's content posting API for photos, after its
// documentation: the picture is fetched from a domain that the app owns, after the
// post was made.
type TikTok struct {
	URL string

	mu              sync.Mutex
	seq             int
	fault           Fault
	access, refresh string
	posts           []string // description and picture's URL
	asked           map[string]int
}

// The app and its account.
const (
	TikTokApp, TikTokSecret = "aw4711", "tiktok secret"
	TikTokToken, TikTokMore = "act.0", "rft.0"
)

// TikTokUnfetched is trouble of TikTok's own.
const TikTokUnfetched Fault = "the picture can't be fetched"

// NewTikTok starts the simulator and stops it when the test ends.
func NewTikTok(t testing.TB) *TikTok {
	k := &TikTok{access: TikTokToken, refresh: TikTokMore, asked: map[string]int{}}
	s := httptest.NewServer(k)
	k.URL = s.URL
	t.Cleanup(s.Close)
	return k
}

// Fail makes TikTok misbehave until it is told ""; an expired token is expired for good.
func (k *TikTok) Fail(f Fault) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fault = f; f == Expired {
		k.fault, k.access = "", "expired"
	}
}

// Count returns how many posts that mention something, in text or picture, were ever made.
func (k *TikTok) Count(text string) (n int) {
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
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data, "error": map[string]string{"code": code, "message": code, "log_id": "1"}})
}

var tiktokPicture = regexp.MustCompile(`^https://media\.example\.com/r/[^/]+/[0-9a-f]{16}/[a-z]+\.(jpg|webp)$`)

// ServeHTTP answers as TikTok does.
func (k *TikTok) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case r.URL.Path == "/v2/oauth/token/":
		k.token(w, r)
		return
	case k.fault == ThrottledDated:
		w.Header().Set("Retry-After", "600")
		tiktokAnswer(w, 429, "rate_limit_exceeded", nil)
		return
	case k.fault == ThrottledPlain:
		tiktokAnswer(w, 429, "rate_limit_exceeded", nil)
		return
	case k.fault == Revoked:
		tiktokAnswer(w, 401, "scope_not_authorized", nil)
		return
	case r.Header.Get("Authorization") != "Bearer "+k.access:
		tiktokAnswer(w, 401, "access_token_invalid", nil)
		return
	case r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		tiktokAnswer(w, 400, "invalid_params", nil)
		return
	}
	var in struct {
		MediaType string `json:"media_type"`
		PostMode  string `json:"post_mode"`
		PublishID string `json:"publish_id"`
		Post      struct {
			Title, Description string
			Privacy            string `json:"privacy_level"`
		} `json:"post_info"`
		Source struct {
			Source string
			Images []string `json:"photo_images"`
		} `json:"source_info"`
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		tiktokAnswer(w, 400, "invalid_params", nil)
		return
	}
	units := func(s string) int { return len(utf16.Encode([]rune(s))) }
	switch r.URL.Path {
	case "/v2/post/publish/creator_info/query/":
		tiktokAnswer(w, 200, "ok", map[string]any{"creator_username": "brand", "privacy_level_options": []string{"PUBLIC_TO_EVERYONE", "SELF_ONLY"}})
	case "/v2/post/publish/content/init/":
		switch {
		case in.MediaType != "PHOTO" || in.PostMode != "DIRECT_POST" || in.Source.Source != "PULL_FROM_URL" || len(in.Source.Images) != 1 || units(in.Post.Title) > 90 || units(in.Post.Description) > 4000:
			tiktokAnswer(w, 400, "invalid_params", nil)
		case in.Post.Privacy != "PUBLIC_TO_EVERYONE" && in.Post.Privacy != "SELF_ONLY":
			tiktokAnswer(w, 403, "privacy_level_option_mismatch", nil)
		case !tiktokPicture.MatchString(in.Source.Images[0]):
			tiktokAnswer(w, 403, "url_ownership_unverified", nil)
		case k.fault == Refused:
			tiktokAnswer(w, 403, "unaudited_client_can_only_post_to_private_accounts", nil)
		default:
			k.seq++
			id := fmt.Sprint("p_pub_url~v2.", k.seq)
			if k.asked[id] = 1; k.fault == TikTokUnfetched {
				k.asked[id] = -1
			} else {
				k.posts = append(k.posts, in.Post.Description+" "+in.Source.Images[0])
			}
			tiktokAnswer(w, 200, "ok", map[string]string{"publish_id": id})
		}
	case "/v2/post/publish/status/fetch/":
		switch n := k.asked[in.PublishID]; {
		case n == 0:
			tiktokAnswer(w, 400, "invalid_publish_id", nil)
		case n < 0:
			tiktokAnswer(w, 200, "ok", map[string]string{"status": "FAILED", "fail_reason": "photo_pull_failed"})
		case n == 1:
			k.asked[in.PublishID]++
			tiktokAnswer(w, 200, "ok", map[string]string{"status": "PROCESSING_DOWNLOAD"})
		default:
			tiktokAnswer(w, 200, "ok", map[string]string{"status": "PUBLISH_COMPLETE"})
		}
	default:
		tiktokAnswer(w, 404, "not_found", nil)
	}
}

// token wants TikTok's own name for the client id, and ends a refresh token by its use.
func (k *TikTok) token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	good := r.FormValue("grant_type") == "authorization_code" && r.FormValue("code") == "good" && r.FormValue("code_verifier") != "" ||
		r.FormValue("grant_type") == "refresh_token" && r.FormValue("refresh_token") == k.refresh
	if r.FormValue("client_key") != TikTokApp || r.FormValue("client_secret") != TikTokSecret || !good {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_grant","error_description":"refused","log_id":"1"}`)
		return
	}
	k.seq++
	k.access, k.refresh = fmt.Sprint("act.", k.seq), fmt.Sprint("rft.", k.seq)
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"refresh_token":%q,"expires_in":3600,"open_id":"1","token_type":"Bearer"}`, k.access, k.refresh)
}
