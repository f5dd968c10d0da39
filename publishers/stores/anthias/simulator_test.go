package anthias

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of version 2 of a device's API, after its source (github.com/Screenly/Anthias,
// src/anthias_server/api and lib/auth.py, of 20 August 2026, read in November 2026): required members, uploads that an
// asset can use once, 404 for what does not exist, and its login page for those that it does not know.
type simulator struct {
	URL string
	// Tokens means that it knows access tokens, as https://github.com/Screenly/Anthias/issues/2830 announces them, and
	// no passwords any more.
	Tokens bool

	mu      sync.Mutex
	seq     int
	fault   publishertest.Fault
	uploads map[string]string // path → bytes
	assets  []*AnthiasAsset
}

// AnthiasAsset is an asset that was ever on the device.
type AnthiasAsset struct {
	ID        string `json:"asset_id"`
	Name      string `json:"name"`
	URI       string `json:"uri"`
	Start     string `json:"start_date"`
	End       string `json:"end_date"`
	Duration  int    `json:"duration"`
	MediaType string `json:"mimetype"`
	Enabled   bool   `json:"is_enabled"`
	NoCache   bool   `json:"nocache"`
	Order     int    `json:"play_order"`
	Active    bool   `json:"is_active"`
	Bytes     string `json:"-"`
	Shown     bool   `json:"-"` // was ever enabled
	deleted   bool
}

// The device's account, and an access token.
const AnthiasUser, AnthiasPassword, AnthiasToken = "pi", "screen secret", "ant_7f3a"

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	a := &simulator{uploads: map[string]string{}}
	s := httptest.NewServer(a)
	a.URL = s.URL
	t.Cleanup(s.Close)
	return a
}

// Fail sets the fault that the device has from now on; "" is none.
func (a *simulator) Fail(f publishertest.Fault) { a.mu.Lock(); a.fault = f; a.mu.Unlock() }

// Assets returns the assets whose bytes or name contain a text: those there now, or all that ever were.
func (a *simulator) Assets(text string, there bool) (out []AnthiasAsset) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, x := range a.assets {
		if strings.Contains(x.Bytes+x.Name, text) && (!there || !x.deleted) {
			out = append(out, *x)
		}
	}
	return out
}

// ServeHTTP answers as Anthias does.
func (a *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	say := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if v != nil {
			_ = json.NewEncoder(w).Encode(v)
		}
	}
	user, password, basic := r.BasicAuth()
	switch {
	case a.Tokens && r.Header.Get("Authorization") == "Bearer "+AnthiasToken && a.fault != publishertest.Revoked:
	case a.Tokens || !basic: // lib/auth.py, authorized: nobody is signed in
		http.Redirect(w, r, "/login/?next="+url.QueryEscape(r.URL.Path), http.StatusFound)
		return
	case user != AnthiasUser || password != AnthiasPassword || a.fault == publishertest.Revoked:
		w.Header().Set("WWW-Authenticate", `Basic realm="api"`)
		say(http.StatusUnauthorized, map[string]string{"detail": "Invalid username/password."})
		return
	}
	route, known := strings.CutPrefix(r.URL.Path, "/api/v2/")
	id, one := strings.CutPrefix(route, "assets/")
	switch {
	case !known:
		w.WriteHeader(http.StatusNotFound)
	case route == "info" && r.Method == http.MethodGet:
		say(200, map[string]any{"anthias_version": "master@0a1b2c3", "device_model": "Raspberry Pi 4 Model B Rev 1.4",
			"display_power": nil})
	case route == "file_asset" && r.Method == http.MethodPost:
		a.upload(r, say)
	case route == "assets" && r.Method == http.MethodGet:
		list := []*AnthiasAsset{}
		for _, x := range a.assets {
			if !x.deleted {
				list = append(list, x)
			}
		}
		say(200, list)
	case route == "assets" && r.Method == http.MethodPost:
		a.create(r, say)
	case one:
		for _, x := range a.assets {
			if x.ID != id || x.deleted {
				continue
			}
			switch r.Method {
			case http.MethodGet:
				say(200, x)
			case http.MethodDelete:
				x.deleted = true
				w.WriteHeader(http.StatusNoContent)
			case http.MethodPatch:
				var in map[string]json.RawMessage
				if json.NewDecoder(r.Body).Decode(&in) != nil {
					say(400, map[string]any{"detail": "JSON parse error"})
					return
				}
				if raw, ok := in["is_enabled"]; ok && json.Unmarshal(raw, &x.Enabled) != nil {
					say(400, map[string]any{"is_enabled": []string{"Must be a valid boolean."}})
					return
				}
				x.Shown = x.Shown || x.Enabled
				say(200, x)
			default:
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
			return
		}
		say(http.StatusNotFound, map[string]string{"detail": "No Asset matches the given query."})
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (a *simulator) upload(r *http.Request, say func(int, any)) {
	f, h, err := r.FormFile("file_upload")
	if err != nil {
		say(http.StatusBadRequest, map[string]any{"file_upload": "No file uploaded."})
		return
	}
	b, err := io.ReadAll(f)
	kind := mime.TypeByExtension(path.Ext(h.Filename))
	if err != nil || !strings.HasPrefix(kind, "image/") && !strings.HasPrefix(kind, "video/") ||
		http.DetectContentType(b) != kind {
		say(http.StatusBadRequest, map[string]any{"file_upload": "Invalid file type. Expected image or video."})
		return
	}
	at := "/data/anthias_assets/" + h.Filename + ".tmp"
	a.uploads[at] = string(b)
	say(200, map[string]any{"uri": at, "ext": path.Ext(h.Filename)})
}

func (a *simulator) create(r *http.Request, say func(int, any)) {
	var in map[string]any
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		say(400, map[string]any{"detail": "JSON parse error"})
		return
	}
	wrong := map[string][]string{}
	for _, name := range []string{"name", "uri", "start_date", "end_date", "duration", "mimetype", "is_enabled"} {
		if _, ok := in[name]; !ok {
			wrong[name] = []string{"This field is required."}
		}
	}
	for _, name := range []string{"start_date", "end_date"} {
		if s, _ := in[name].(string); s != "" {
			if _, err := time.Parse(time.RFC3339, s); err != nil {
				wrong[name] = []string{"Datetime has wrong format."}
			}
		}
	}
	kind, _ := in["mimetype"].(string)
	if n, ok := in["duration"].(float64); !ok || n != float64(int(n)) || n < 0 || n == 0 && kind != "video" {
		wrong["duration"] = []string{"A valid integer is required."}
	}
	uri, _ := in["uri"].(string)
	content, uploaded := a.uploads[uri]
	_, checks := in["skip_asset_check"]
	switch {
	case a.fault == publishertest.Refused:
		say(400, map[string]any{"name": []string{"Ensure this field has no more than 0 characters."}})
		return
	case len(wrong) > 0:
		say(400, wrong)
		return
	case !uploaded || !checks || kind != "image" && kind != "video":
		say(500, nil) // it renames a file that doesn't exist, or parses an empty number
		return
	}
	delete(a.uploads, uri) // the asset uses it up
	a.seq++
	x := &AnthiasAsset{ID: fmt.Sprintf("%032x", a.seq), MediaType: kind, Bytes: content,
		Duration: int(in["duration"].(float64))}
	x.Name, _ = in["name"].(string)
	x.Start, _ = in["start_date"].(string)
	x.End, _ = in["end_date"].(string)
	x.Enabled, _ = in["is_enabled"].(bool)
	ext, _ := in["ext"].(string)
	x.URI = "/data/anthias_assets/" + x.ID + ext
	if n, ok := in["play_order"].(float64); ok {
		x.Order = int(n)
	}
	for _, other := range a.assets {
		if !other.deleted && other.Name == x.Name {
			x.Name += "-2" // names are made unique
		}
	}
	x.Shown = x.Enabled
	a.assets = append(a.assets, x)
	say(201, x)
}
