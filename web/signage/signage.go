// Package signage serves the screens: their player, the feed and the files of a group, and the endpoint for their
// reports. Everything of a group is below /signage/{channel}/.
package signage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/signage"
	"vitrine/web/content"
	"vitrine/web/problem"
)

//go:embed player
var player embed.FS

// policy allows the player's page to load its own files, the feed and what it has stored, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; " +
	"connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

const (
	// longestWait is how long a screen may wait for a newer feed.
	longestWait = 30 * time.Second
	reportLimit = 16 << 10
)

// Handler serves /signage/.
type Handler struct {
	groups *signage.Service
	log    *slog.Logger
	mux    *http.ServeMux
}

type page struct {
	body      []byte
	mediaType string
	etag      string
}

// New returns the handler.
func New(groups *signage.Service, log *slog.Logger) (*Handler, error) {
	h := &Handler{groups: groups, log: log, mux: http.NewServeMux()}
	whole := sha256.New()
	pages := map[string]page{}
	for name, mediaType := range map[string]string{"index.html": "text/html; charset=utf-8",
		"player.css": "text/css; charset=utf-8", "player.js": "text/javascript; charset=utf-8",
		"sw.js": "text/javascript; charset=utf-8"} {
		b, err := player.ReadFile("player/" + name)
		if err != nil {
			return nil, err
		}
		pages[name] = page{body: b, mediaType: mediaType}
	}
	for _, name := range []string{"index.html", "player.css", "player.js", "sw.js"} {
		whole.Write(pages[name].body)
	}
	version := hex.EncodeToString(whole.Sum(nil))[:16]
	for name, p := range pages {
		p.body = bytes.ReplaceAll(p.body, []byte("{{version}}"), []byte(version))
		p.etag = `"` + version + `"`
		at := name
		if name == "index.html" {
			at = "{$}"
		}
		h.mux.HandleFunc("GET /signage/{group}/"+at, p.serve)
	}
	h.mux.HandleFunc("GET /signage/{group}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"/", http.StatusMovedPermanently)
	})
	h.mux.HandleFunc("GET /signage/{group}/feed.json", h.authenticated(h.feed))
	h.mux.HandleFunc("GET /signage/{group}/files/{sha256}", h.authenticated(h.file))
	h.mux.HandleFunc("POST /signage/{group}/report", h.authenticated(h.report))
	return h, nil
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	h.mux.ServeHTTP(w, r)
}

func (p page) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", p.mediaType)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", p.etag)
	content.Bytes(w, r, time.Time{}, p.body)
}

// authenticated calls next for requests with a screen's token (Authorization: Bearer).
func (h *Handler) authenticated(next func(http.ResponseWriter, *http.Request, string,
	signage.Viewer) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(dam.AsSystem(r.Context(), "a screen has no account; its token lets it read one group"))
		group := r.PathValue("group")
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		who, err := h.groups.Authenticate(r.Context(), group, token)
		if err == nil {
			err = next(w, r, group, who)
		}
		if err != nil {
			h.fail(w, r, err)
		}
	}
}

// feed answers with the group's feed, at once or, with ?wait=seconds and If-None-Match, once it has changed.
func (h *Handler) feed(w http.ResponseWriter, r *http.Request, group string, who signage.Viewer) error {
	seen := r.Header.Get("If-None-Match")
	var a *signage.Answer
	var err error
	if seconds, _ := strconv.Atoi(r.URL.Query().Get("wait")); seconds > 0 && seen != "" {
		ctx, cancel := context.WithTimeout(r.Context(), min(time.Duration(seconds)*time.Second, longestWait))
		defer cancel()
		a, err = h.groups.Await(ctx, group, seen, who)
	} else {
		a, err = h.groups.Feed(r.Context(), group)
	}
	if err != nil {
		return err
	}
	w.Header().Set("ETag", a.ETag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if seen == a.ETag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	sig, err := h.groups.Sign(who, a.Body)
	if err != nil {
		return err
	}
	w.Header().Set("Vitrine-Signature", sig)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	_, _ = w.Write(a.Body) // a screen that has disconnected asks again
	return nil
}

func (h *Handler) file(w http.ResponseWriter, r *http.Request, group string, _ signage.Viewer) error {
	m, body, err := h.groups.File(r.Context(), group, r.PathValue("sha256"))
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // read only
	w.Header().Set("Content-Type", m.MediaType)
	w.Header().Set("Content-Length", strconv.FormatInt(m.Size, 10))
	w.Header().Set("ETag", `"`+m.SHA256+`"`)
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	src := &failing{Reader: body}
	if n, _ := io.Copy(w, src); src.err != nil {
		if n > 0 {
			panic(http.ErrAbortHandler) // the client must not take what was sent for the whole file
		}
		w.Header().Del("Content-Length")
		w.Header().Del("ETag")
		return src.err
	}
	return nil
}

// failing records errors of reading, which are not those of a screen that disconnected.
type failing struct {
	io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

func (h *Handler) report(w http.ResponseWriter, r *http.Request, group string, who signage.Viewer) error {
	var said dam.ScreenReport
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, reportLimit)).Decode(&said); err != nil {
		return &dam.Error{Code: dam.Invalid, Reason: reasons.ReportUnreadable()}
	}
	if err := h.groups.Report(r.Context(), group, who, said); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// fail answers with a problem. Screens act on the status only.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusServiceUnavailable
	switch dam.CodeOf(err) {
	case dam.Unauthorized:
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", "Bearer")
	case dam.NotFound:
		status = http.StatusNotFound
	case dam.Invalid:
		status = http.StatusBadRequest
	default:
		if r.Context().Err() == nil {
			h.log.Error("signage", "path", r.URL.Path, "err", err)
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	b := problem.Body(w.Header(), status, err)
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
