package pinterest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of Pinterest's API v5, after its documentation and its OpenAPI description
// (developers.pinterest.com/docs/api/v5, github.com/pinterest/api-description 5.23.0, read in November 2026): one
// board, pins with their picture in the call, client credentials in a header.
type simulator struct {
	URL string
	// Trial means that the app has trial access; Sandbox that this is the sandbox, which has tokens of its own.
	Trial, Sandbox bool

	mu      sync.Mutex
	seq     int
	fault   publishertest.Fault
	pins    []*Pin
	access  string
	refresh string
}

// Pin is a pin on the simulated board.
type Pin struct {
	ID          string `json:"id"`
	CreatedAt   string `json:"created_at"`
	Board       string `json:"board_id"`
	Section     string `json:"board_section_id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Link        string `json:"link"`
	Alt         string `json:"alt_text"`
	bytes       string
	deleted     bool
}

// The app, its account and the board.
const (
	PinterestApp, PinterestSecret = "1480", "pinterest secret"
	PinterestToken, PinterestMore = "pina_0", "pinr_0"
	PinterestBoard                = "549755885175"
	PinterestSection              = "5078731"
)

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	p := &simulator{access: PinterestToken, refresh: PinterestMore}
	s := httptest.NewServer(p)
	p.URL = s.URL
	t.Cleanup(s.Close)
	return p
}

// Fail sets the fault that Pinterest has from now on; "" is none. An expired token stays expired.
func (p *simulator) Fail(f publishertest.Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault = f; f == publishertest.Expired {
		p.fault, p.access = "", "expired"
	}
}

// Pins returns the pins with a text, in the pin or in the picture: those there now if live, otherwise all ever made.
func (p *simulator) Pins(text string, live bool) (out []Pin) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.pins {
		if strings.Contains(x.Description+x.bytes, text) && (!live || !x.deleted) {
			out = append(out, *x)
		}
	}
	return out
}

func pinterestRefuse(w http.ResponseWriter, status, code int, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "message": message})
}

// ServeHTTP answers as Pinterest does.
func (p *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	path, _ := strings.CutPrefix(r.URL.Path, "/v5/")
	switch {
	case path == "oauth/token":
		p.token(w, r)
		return
	case p.fault == publishertest.ThrottledDated:
		w.Header().Set("X-RateLimit-Reset", "600")
		pinterestRefuse(w, 429, 8, "You have exceeded your rate limit. Try again later.")
		return
	case p.fault == publishertest.ThrottledPlain:
		pinterestRefuse(w, 429, 8, "You have exceeded your rate limit. Try again later.")
		return
	case p.fault == publishertest.Revoked:
		pinterestRefuse(w, 403, 7, "Your account is suspended.")
		return
	case r.Header.Get("Authorization") != "Bearer "+p.access:
		pinterestRefuse(w, 401, 2, "Authentication failed.")
		return
	}
	id, isPin := strings.CutPrefix(path, "pins/")
	switch {
	case path == "user_account":
		_, _ = fmt.Fprint(w, `{"id":"1","username":"brand","account_type":"BUSINESS"}`)
	case path == "boards":
		// Lists have pages, and a bookmark leads to the next one.
		if r.URL.Query().Get("bookmark") == "" {
			_, _ = fmt.Fprint(w,
				`{"items":[{"id":"549755885175","name":"Shoes","privacy":"PUBLIC"}],"bookmark":"more"}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"items":[{"id":"549755885176","name":"Drafts","privacy":"SECRET"}],"bookmark":null}`)
	case path == "boards/"+PinterestBoard+"/sections":
		_, _ = fmt.Fprint(w, `{"items":[{"id":"5078731","name":"Spring"}],"bookmark":null}`)
	case path == "boards/"+PinterestBoard:
		_, _ = fmt.Fprint(w, `{"id":"549755885175","name":"Shoes"}`)
	case path == "boards/"+PinterestBoard+"/pins" || path == "boards/"+PinterestBoard+"/sections/"+PinterestSection+
		"/pins":
		items := []*Pin{}
		for _, x := range slices.Backward(p.pins) {
			if !x.deleted && (x.Section != "" || !strings.Contains(path, "sections")) {
				items = append(items, x)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": items, "bookmark": nil})
	case path == "pins" && r.Method == http.MethodPost:
		p.pin(w, r)
	case isPin:
		for _, x := range p.pins {
			if x.ID != id || x.deleted {
				continue
			}
			if r.Method == http.MethodDelete {
				x.deleted = true
				w.WriteHeader(http.StatusNoContent)
				return
			}
			_ = json.NewEncoder(w).Encode(x)
			return
		}
		pinterestRefuse(w, 404, 50, "Pin not found.")
	case strings.HasPrefix(path, "boards/"):
		pinterestRefuse(w, 404, 40, "Board not found.")
	default:
		pinterestRefuse(w, 404, 0, "Not found.")
	}
}

// token requires the app's credentials in a header, and a refresh token ends when it is used.
func (p *simulator) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	good := r.FormValue("grant_type") == "authorization_code" && r.FormValue("code") == "good" ||
		r.FormValue("grant_type") == "refresh_token" && r.FormValue("refresh_token") == p.refresh
	// “Pinterest no longer supports the legacy refresh token”, API reference of POST /oauth/token.
	good = good && (r.FormValue("grant_type") == "refresh_token" || r.FormValue("continuous_refresh") == "true")
	if id != PinterestApp || secret != PinterestSecret || r.FormValue("client_secret") != "" || !good {
		pinterestRefuse(w, 401, 2, "Authentication failed.")
		return
	}
	p.seq++
	p.access, p.refresh = fmt.Sprint("pina_", p.seq), fmt.Sprint("pinr_", p.seq)
	_, _ = fmt.Fprintf(w,
		`{"access_token":%q,"refresh_token":%q,"token_type":"bearer","expires_in":3600,"scope":"pins:write"}`, p.access,
		p.refresh)
}

func (p *simulator) pin(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Pin
		Source struct {
			Type      string `json:"source_type"`
			MediaType string `json:"content_type"`
			Data      string `json:"data"`
		} `json:"media_source"`
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	b, base64Err := base64.StdEncoding.DecodeString(in.Source.Data)
	long := utf8.RuneCountInString(in.Description) > 500 || utf8.RuneCountInString(in.Title) > 100 ||
		utf8.RuneCountInString(in.Link) > 2048 || utf8.RuneCountInString(in.Alt) > 500
	kind := http.DetectContentType(b)
	switch {
	case p.Trial && !p.Sandbox: // quoted in https://github.com/gitroomhq/postiz-app/issues/1084 (read in November 2026)
		pinterestRefuse(w, 403, 29,
			"Apps with Trial access may not create Pins in production https://api.pinterest.com "+
				"- use API Sandbox https://api-sandbox.pinterest.com instead.")
	case err != nil || long:
		pinterestRefuse(w, 400, 1, "Invalid request: a field is too long")
	case in.Section != "" && in.Section != PinterestSection:
		pinterestRefuse(w, 404, 2031, "Board section not found.")
	case in.Board != PinterestBoard:
		pinterestRefuse(w, 404, 40, "Board not found.")
	case base64Err != nil || in.Source.Type != "image_base64" || len(b) > 10<<20 || kind != in.Source.MediaType ||
		kind != "image/jpeg" && kind != "image/png":
		pinterestRefuse(w, 400, 1, "Invalid request: the image can't be read")
	case p.fault == publishertest.Refused:
		pinterestRefuse(w, 400, 1, "Sorry! We blocked this link because it may lead to spam.")
	default:
		p.seq++
		x := in.Pin
		x.ID, x.CreatedAt, x.bytes = fmt.Sprint("8137442264", p.seq), time.Now().UTC().Format("2006-01-02T15:04:05"),
			string(b)
		p.pins = append(p.pins, &x)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(x)
	}
}
