package xibo

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of a Xibo CMS's API, after its documentation and its source
// (github.com/xibosignage/xibo-cms, lib/Controller, lib/Entity and lib/Helper, of 20 August 2026, read in November
// 2026): client credentials, unique names in the library, upload errors with status 200, media in use that can be
// deleted only with force, a second widget for a second assignment.
type simulator struct {
	URL string

	mu     sync.Mutex
	seq    int64
	fault  publishertest.Fault
	access string
	media  []*XiboMedium
}

// XiboMedium is a file that was ever in the library, with its widgets on the playlist.
type XiboMedium struct {
	ID       int64
	Name     string
	Bytes    string
	Assigned int // how often it was put on the playlist
	Widgets  []int64
	Duration string
	deleted  bool
}

// The application and its playlists; XiboDynamic is a dynamic playlist.
const (
	XiboClient, XiboSecret    = "app", "app secret"
	XiboPlaylist, XiboDynamic = 12, 13
)

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	x := &simulator{}
	s := httptest.NewServer(x)
	x.URL = s.URL
	t.Cleanup(s.Close)
	return x
}

// Fail sets the fault that the CMS has from now on; "" is none. Expired ends the current token.
func (x *simulator) Fail(f publishertest.Fault) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.fault = f; f == publishertest.Expired {
		x.fault, x.access = "", ""
	}
}

// Media returns the files whose bytes or name contain a text: those there now, or all that ever were.
func (x *simulator) Media(text string, there bool) (out []XiboMedium) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, m := range x.media {
		if strings.Contains(m.Bytes+m.Name, text) && (!there || !m.deleted) {
			c := *m
			c.Widgets = slices.Clone(m.Widgets)
			out = append(out, c)
		}
	}
	return out
}

// ServeHTTP answers as a CMS does.
func (x *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	say := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	refuse := func(status int, message string) {
		say(status, map[string]any{"error": map[string]any{"code": status, "message": message, "data": []string{}}})
	}
	route, known := strings.CutPrefix(r.URL.Path, "/api/")
	if known && route == "authorize/access_token" {
		if r.Method != http.MethodPost || r.FormValue("grant_type") != "client_credentials" ||
			r.FormValue("client_id") != XiboClient || r.FormValue("client_secret") != XiboSecret ||
			x.fault == publishertest.Revoked {
			say(401, map[string]any{"error": "invalid_client", "message": "Client authentication failed"})
			return
		}
		x.seq++
		x.access = fmt.Sprint("token ", x.seq)
		say(200, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": x.access})
		return
	}
	if !known || x.access == "" || r.Header.Get("Authorization") != "Bearer "+x.access ||
		x.fault == publishertest.Revoked {
		refuse(401, "The resource owner or authorization server denied the request.")
		return
	}
	switch x.fault {
	case publishertest.ThrottledDated:
		w.Header().Set("Retry-After", time.Now().Add(10*time.Minute).UTC().Format(http.TimeFormat))
		refuse(429, "Too Many Requests")
		return
	case publishertest.ThrottledPlain:
		refuse(429, "Too Many Requests")
		return
	}
	last, _ := strconv.ParseInt(path.Base(route), 10, 64)
	switch method, at := r.Method, path.Dir(route); {
	case method == http.MethodGet && route == "library":
		limit, err := strconv.Atoi(r.URL.Query().Get("length"))
		if err != nil {
			limit = 10
		}
		list := []map[string]any{}
		for _, m := range x.media {
			if !m.deleted && strings.Contains(m.Name, r.URL.Query().Get("media")) && len(list) < limit {
				list = append(list, map[string]any{"mediaId": m.ID, "name": m.Name, "mediaType": "image"})
			}
		}
		say(200, list)
	case method == http.MethodPost && route == "library":
		x.upload(r, say)
	case method == http.MethodDelete && at == "library":
		for _, m := range x.media {
			if m.ID != last || m.deleted {
				continue
			}
			if len(m.Widgets) > 0 && r.URL.Query().Get("forceDelete") != "1" {
				refuse(422, "This library item is in use.")
				return
			}
			m.deleted, m.Widgets = true, nil
			w.WriteHeader(http.StatusNoContent)
			return
		}
		refuse(404, "Cannot find media")
	case method == http.MethodGet && route == "playlist":
		x.playlist(r, say)
	case method == http.MethodDelete && at == "playlist/widget":
		for _, m := range x.media {
			if i := slices.Index(m.Widgets, last); i >= 0 {
				m.Widgets = slices.Delete(m.Widgets, i, i+1)
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		refuse(404, "Widget not found")
	case method == http.MethodPost && at == "playlist/library/assign":
		x.assign(r, last, say, refuse)
	default:
		refuse(404, "Not found")
	}
}

// escaped is what PHP's htmlspecialchars does.
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#039;")

func (x *simulator) playlist(r *http.Request, say func(int, any)) {
	list := []map[string]any{}
	if !r.URL.Query().Has("playlistId") { // all, in pages of 10 unless more are asked for
		all := []map[string]any{{"playlistId": XiboPlaylist, "name": "Windows", "isDynamic": 0, "regionId": nil},
			{"playlistId": XiboDynamic, "name": "All boots", "isDynamic": 1, "regionId": nil},
			{"playlistId": 14, "name": "Of a layout", "isDynamic": 0, "regionId": 5}}
		for i := range 100 {
			all = append(all, map[string]any{"playlistId": 100 + i, "name": fmt.Sprint("Station ", i), "isDynamic": 0,
				"regionId": nil})
		}
		start, _ := strconv.Atoi(r.URL.Query().Get("start"))
		length, err := strconv.Atoi(r.URL.Query().Get("length"))
		if err != nil {
			length = 10
		}
		say(200, all[min(start, len(all)):min(start+length, len(all))])
		return
	}
	id, _ := strconv.Atoi(r.URL.Query().Get("playlistId"))
	if id == XiboDynamic {
		list = append(list, map[string]any{"playlistId": id, "name": "All boots", "isDynamic": 1, "regionId": nil,
			"widgets": []any{}})
	}
	if id == XiboPlaylist {
		p := map[string]any{"playlistId": id, "name": "Windows", "isDynamic": 0, "regionId": nil}
		if strings.Contains(r.URL.Query().Get("embed"), "widgets") {
			p["widgets"] = x.widgets()
		}
		list = append(list, p)
	}
	say(200, list)
}

func (x *simulator) widgets() []map[string]any {
	list := []map[string]any{}
	for _, m := range x.media {
		for _, id := range m.Widgets {
			list = append(list, map[string]any{"widgetId": id, "type": "image", "mediaIds": []int64{m.ID}})
		}
	}
	return list
}

func (x *simulator) upload(r *http.Request, say func(int, any)) {
	wrong := func(message string) {
		// as the answer to an upload
		say(200, map[string]any{"files": []any{map[string]any{"name": r.FormValue("name"), "error": message}}})
	}
	f, h, err := r.FormFile("files")
	if err != nil {
		wrong("No file")
		return
	}
	b, err := io.ReadAll(f)
	name := escaped.Replace(r.FormValue("name")) // lib/Helper/XiboUploadHandler.php
	ext := strings.ToLower(path.Ext(h.Filename))
	switch {
	case err != nil || !slices.Contains([]string{".jpg", ".jpeg", ".png", ".mp4"}, ext) || len(b) == 0:
		wrong("This file type is not supported")
	case name == "" || len([]rune(name)) > 100: // lib/Entity/Media.php, validate
		wrong("The name must be between 1 and 100 characters")
	case x.fault == publishertest.Refused:
		wrong("Your library is full. Library Limit: 1 KiB")
	case slices.ContainsFunc(x.media, func(m *XiboMedium) bool { return !m.deleted && m.Name == name }):
		wrong("Media you own already has this name. Please choose another.")
	default:
		x.seq++
		x.media = append(x.media, &XiboMedium{ID: x.seq, Name: name, Bytes: string(b)})
		say(200,
			map[string]any{"files": []any{map[string]any{"name": name, "size": len(b), "type": "image",
				"mediaId": x.seq, "storedas": fmt.Sprint(x.seq, ext)}}})
	}
}

func (x *simulator) assign(r *http.Request, playlist int64, say func(int, any), refuse func(int, string)) {
	if err := r.ParseForm(); err != nil || len(r.PostForm["media[]"]) == 0 {
		refuse(422, "Please provide Media to Assign")
		return
	}
	switch playlist {
	case XiboPlaylist:
	case XiboDynamic:
		refuse(422, "This Playlist is dynamically managed so cannot accept manual assignments.")
		return
	default:
		refuse(404, "Cannot find playlist")
		return
	}
	for _, raw := range r.PostForm["media[]"] {
		i := slices.IndexFunc(x.media, func(m *XiboMedium) bool {
			return !m.deleted && strconv.FormatInt(m.ID, 10) == raw
		})
		if i < 0 {
			refuse(404, "Cannot find media")
			return
		}
		x.seq++
		m := x.media[i]
		m.Assigned++
		m.Widgets = append(m.Widgets, x.seq)
		m.Duration = r.PostForm.Get("duration")
	}
	say(200, map[string]any{"playlistId": playlist, "name": "Windows", "isDynamic": 0, "widgets": x.widgets()})
}
