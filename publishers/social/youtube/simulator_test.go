package youtube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of the YouTube Data API v3 and of Google's token endpoint, after their references
// (developers.google.com/youtube/v3: docs/videos/insert, docs/errors, guides/using_resumable_upload_protocol and
// determine_quota_cost, read in November 2026): resumable uploads in parts of 256 KiB, one video per session, errors by
// reason, and for a project 100 new uploads a day besides 10,000 units of the other calls.
type simulator struct {
	URL string

	mu       sync.Mutex
	seq      int
	fault    publishertest.Fault
	reason   string
	access   string
	refresh  string
	sessions map[string]*tube
	videos   []*Video
	late     bool
	hold     func(from int64)
	uploads  int // that were opened today
	units    int // of the other calls today
}

// The project's quota for a day, and what the other calls cost: listing one unit, deleting fifty.
const insertsADay, unitsADay, listUnits, deleteUnits = 100, 10_000, 1, 50

// Spend uses up so many uploads and units of the day.
func (y *simulator) Spend(uploads, units int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.uploads, y.units = y.uploads+uploads, y.units+units
}

// charge takes the cost of a call from the day's quota. Invalid calls cost, too.
func (y *simulator) charge(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case r.URL.Path == "/upload/youtube/v3/videos":
		y.uploads++
	case r.Method == http.MethodDelete:
		y.units += deleteUnits
	case strings.HasPrefix(r.URL.Path, "/youtube/v3/"):
		y.units += listUnits
	}
	if r.URL.Path == "/upload/youtube/v3/videos" && y.uploads > insertsADay || y.units > unitsADay {
		googleRefuses(w, 403, "quotaExceeded",
			`The request cannot be completed because you have exceeded your quota.`)
		return false
	}
	return true
}

type tube struct {
	video Video
	size  int64
	bytes []byte
	made  *Video
}

// Video is a video that was made, perhaps deleted since.
type Video struct {
	ID, Title, Description, Privacy, Category, Language string
	Tags                                                []string
	MadeForKids                                         bool
	bytes                                               string
	deleted                                             bool
}

// The OAuth client and its tokens.
const (
	YouTubeClient, YouTubeSecret = "1480.apps.googleusercontent.com", "GOCSPX secret"
	YouTubeToken, YouTubeMore    = "ya29.0", "1//0"
)

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	y := &simulator{access: YouTubeToken, refresh: YouTubeMore, sessions: map[string]*tube{}}
	s := httptest.NewServer(y)
	y.URL = s.URL
	t.Cleanup(s.Close)
	return y
}

// Fail sets the fault that YouTube has from now on; "" is none. An expired token stays expired.
func (y *simulator) Fail(f publishertest.Fault) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.fault = f; f == publishertest.Expired {
		y.fault, y.access = "", "expired"
	}
}

// Refuse makes YouTube refuse new uploads with a reason; "" accepts them again.
func (y *simulator) Refuse(reason string) { y.mu.Lock(); defer y.mu.Unlock(); y.reason = reason }

// Forget ends all upload sessions.
func (y *simulator) Forget() { y.mu.Lock(); defer y.mu.Unlock(); clear(y.sessions) }

// Late delays making a video of a complete file, until it is switched off and the session is queried again.
func (y *simulator) Late(on bool) { y.mu.Lock(); defer y.mu.Unlock(); y.late = on }

// OnPart sets a function that is called with the start of each part before it is accepted.
func (y *simulator) OnPart(f func(from int64)) { y.mu.Lock(); defer y.mu.Unlock(); y.hold = f }

// Videos returns the videos with a text in their bytes or description: those there now if live, otherwise all ever
// made.
func (y *simulator) Videos(text string, live bool) (out []Video) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, v := range y.videos {
		if strings.Contains(v.Description+v.bytes, text) && (!live || !v.deleted) {
			out = append(out, *v)
		}
	}
	return out
}

func googleRefuses(w http.ResponseWriter, status int, reason, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": status, "message": message,
		"errors": []any{map[string]string{"domain": "youtube", "reason": reason, "message": message}}}})
}

// ServeHTTP answers as Google does.
func (y *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the connection was cut during the request
	}
	if from, _, ok := contentRange(r.Header.Get("Content-Range")); ok && from >= 0 {
		y.mu.Lock()
		hold := y.hold
		y.mu.Unlock()
		if hold != nil {
			hold(from)
		}
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	q := r.URL.Query()
	switch {
	case r.URL.Path == "/token":
		r.Body = io.NopCloser(bytes.NewReader(body))
		y.token(w, r)
	case y.fault == publishertest.ThrottledDated:
		w.Header().Set("Retry-After", "600")
		googleRefuses(w, 403, "rateLimitExceeded", "Rate Limit Exceeded")
	case y.fault == publishertest.ThrottledPlain:
		googleRefuses(w, 403, "userRateLimitExceeded", "User Rate Limit Exceeded")
	case y.fault == publishertest.Revoked:
		googleRefuses(w, 403, "authenticatedUserAccountSuspended", "The authenticated user's account is suspended.")
	case r.Header.Get("Authorization") != "Bearer "+y.access:
		googleRefuses(w, 401, "authError", "Invalid Credentials")
	case !y.charge(w, r):
	case r.URL.Path == "/youtube/v3/channels" && q.Get("mine") == "true" && q.Get("part") != "":
		_, _ = fmt.Fprint(w, `{"items":[{"id":"UC1","snippet":{"title":"Shoes"}}]}`)
	case r.URL.Path == "/upload/youtube/v3/videos" && r.Method == http.MethodPost:
		y.open(w, r, body)
	case strings.HasPrefix(r.URL.Path, "/session/") && r.Method == http.MethodPut:
		y.put(w, r, body)
	case r.URL.Path == "/youtube/v3/videos":
		y.item(w, r)
	default:
		googleRefuses(w, 404, "notFound", "Not Found")
	}
}

// token returns a new refresh token for a code only, as Google does.
func (y *simulator) token(w http.ResponseWriter, r *http.Request) {
	no := func(code string) {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": code})
	}
	if r.FormValue("client_id") != YouTubeClient || r.FormValue("client_secret") != YouTubeSecret {
		no("invalid_client")
		return
	}
	more := ""
	switch r.FormValue("grant_type") {
	case "authorization_code":
		if r.FormValue("code") != "good" || len(r.FormValue("code_verifier")) < 43 {
			no("invalid_grant")
			return
		}
		more = fmt.Sprintf(`"refresh_token":%q,`, y.refresh)
	case "refresh_token":
		if r.FormValue("refresh_token") != y.refresh {
			no("invalid_grant")
			return
		}
	default:
		no("unsupported_grant_type")
		return
	}
	y.seq++
	y.access = fmt.Sprint("ya29.", y.seq)
	_, _ = fmt.Fprintf(w, `{"access_token":%q,%s"token_type":"Bearer","expires_in":3599}`, y.access, more)
}

// tagLength is the length of a list of tags: each comma counts, and the quotation marks around a tag with a space:
// docs/videos, snippet.tags[].
func tagLength(tags []string) int {
	n := max(len(tags)-1, 0)
	for _, t := range tags {
		if n += utf8.RuneCountInString(t); strings.Contains(t, " ") {
			n += 2
		}
	}
	return n
}

func (y *simulator) open(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		Snippet struct {
			Title, Description, CategoryID, DefaultLanguage string
			Tags                                            []string
		}
		Status struct {
			PrivacyStatus           string
			SelfDeclaredMadeForKids *bool
		}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(&in)
	size, sizeErr := strconv.ParseInt(r.Header.Get("X-Upload-Content-Length"), 10, 64)
	bad := func(s string) bool { return strings.ContainsAny(s, "<>") }
	switch q := r.URL.Query(); {
	case err != nil || q.Get("uploadType") != "resumable" || q.Get("part") != "snippet,status":
		googleRefuses(w, 400, "badRequest", "Invalid JSON payload")
	case y.reason != "":
		googleRefuses(w, 400, y.reason, "refused: "+y.reason)
	case y.fault == publishertest.Refused:
		googleRefuses(w, 400, "invalidVideoMetadata", "The request metadata is invalid.")
	case sizeErr != nil || size <= 0 || r.Header.Get("X-Upload-Content-Type") != "video/mp4":
		googleRefuses(w, 400, "mediaBodyRequired", "The request does not include the video content.")
	case in.Snippet.Title == "" || utf8.RuneCountInString(in.Snippet.Title) > 100 || bad(in.Snippet.Title):
		googleRefuses(w, 400, "invalidTitle", "The request metadata specifies an invalid or empty video title.")
	case len(in.Snippet.Description) > 5000 || bad(in.Snippet.Description):
		googleRefuses(w, 400, "invalidDescription", "The request metadata specifies an invalid video description.")
	case tagLength(in.Snippet.Tags) > 500:
		googleRefuses(w, 400, "invalidTags", "The request metadata specifies invalid video keywords.")
	case !slices.Contains([]string{"1", "22", "26"}, in.Snippet.CategoryID):
		googleRefuses(w, 400, "invalidCategoryId", "The snippet.categoryId property specifies an invalid category ID.")
	// Norwegian is "no" only, Hebrew "iw" only: gist.github.com/alexdean/70af1b9e8687c7435ea7ee8a2cfa7b03 and
	// docs/i18nLanguages/list.
	case in.Snippet.DefaultLanguage != "" &&
		!slices.Contains([]string{"en", "en-GB", "fr", "fr-CA", "iw", "no", "zh-TW"}, in.Snippet.DefaultLanguage):
		googleRefuses(w, 400, "invalidVideoMetadata", "The request metadata is invalid.")
	case !slices.Contains([]string{"public", "unlisted", "private"}, in.Status.PrivacyStatus) ||
		in.Status.SelfDeclaredMadeForKids == nil:
		googleRefuses(w, 400, "invalidVideoMetadata", "The request metadata is invalid.")
	default:
		y.seq++
		path := fmt.Sprint("/session/", y.seq)
		y.sessions[path] = &tube{size: size, video: Video{Title: in.Snippet.Title, Description: in.Snippet.Description,
			Category: in.Snippet.CategoryID, Tags: in.Snippet.Tags, Language: in.Snippet.DefaultLanguage,
			Privacy: in.Status.PrivacyStatus, MadeForKids: *in.Status.SelfDeclaredMadeForKids}}
		w.Header().Set("Location", y.URL+path)
	}
}

// contentRange parses bytes FROM-TO/SIZE, or bytes */SIZE with a from of -1.
func contentRange(s string) (from, to int64, ok bool) {
	if strings.HasPrefix(s, "bytes */") {
		return -1, -1, true
	}
	var size int64
	n, err := fmt.Sscanf(s, "bytes %d-%d/%d", &from, &to, &size)
	return from, to, err == nil && n == 3 && from <= to && to < size
}

func (y *simulator) put(w http.ResponseWriter, r *http.Request, body []byte) {
	s := y.sessions[r.URL.Path]
	if s == nil {
		googleRefuses(w, 404, "notFound", "Not Found")
		return
	}
	from, to, ok := contentRange(r.Header.Get("Content-Range"))
	_, size, _ := strings.Cut(r.Header.Get("Content-Range"), "/")
	switch {
	case !ok || size != fmt.Sprint(s.size) || from >= 0 && to-from+1 != int64(len(body)) || from < 0 && len(body) > 0:
		googleRefuses(w, 400, "badContentRange", "Invalid Content-Range")
		return
	case s.made != nil:
	case from < 0:
	case from != int64(len(s.bytes)) || to+1 < s.size && len(body)%(256<<10) != 0:
		googleRefuses(w, 400, "badContentRange", "The part does not follow, or is no multiple of 256 KiB")
		return
	default:
		s.bytes = append(s.bytes, body...)
	}
	if int64(len(s.bytes)) == s.size && s.made == nil && !y.late {
		y.seq++
		v := s.video
		v.ID, v.bytes = fmt.Sprint("dQw4w9WgX", y.seq), string(s.bytes)
		s.made, y.videos = &v, append(y.videos, &v)
	}
	if s.made != nil {
		_ = json.NewEncoder(w).Encode(map[string]any{"kind": "youtube#video", "id": s.made.ID,
			"status": map[string]string{"uploadStatus": "uploaded"}})
		return
	}
	if n := len(s.bytes); n > 0 {
		w.Header().Set("Range", fmt.Sprintf("bytes=0-%d", n-1))
	}
	w.WriteHeader(http.StatusPermanentRedirect)
}

func (y *simulator) item(w http.ResponseWriter, r *http.Request) {
	i := slices.IndexFunc(y.videos, func(v *Video) bool { return v.ID == r.URL.Query().Get("id") && !v.deleted })
	switch {
	case r.Method == http.MethodDelete && i < 0:
		googleRefuses(w, 404, "videoNotFound", "The video that you are trying to delete cannot be found.")
	case r.Method == http.MethodDelete:
		y.videos[i].deleted = true
		w.WriteHeader(http.StatusNoContent)
	case i < 0:
		_, _ = fmt.Fprint(w, `{"items":[]}`)
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"items": []any{map[string]any{"id": y.videos[i].ID,
			"status": map[string]string{"uploadStatus": "processed"}}}})
	}
}
