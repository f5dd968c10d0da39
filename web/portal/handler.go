package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Policy is the Content-Security-Policy of every page of the portal. Styles may be inline because
// the virtual grid places its cells by style attributes; scripts may not.
const Policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' " +
	"blob:; " +
	"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// file is one answer, ready to write: the bytes, the gzipped bytes when they are smaller, and the headers.
type file struct {
	body, gzipped []byte
	mediaType     string
	cache         string
	etag          string
}

// Handler serves the embedded portal: hashed files as immutable, everything else to be revalidated,
// and index.html for every address that is a screen.
func Handler() http.Handler { return embedded() }

// embedded is the same for every server of a process: compressing it takes a tenth of a second.
var embedded = sync.OnceValue(func() http.Handler { return handler(Dist()) })

func handler(root fs.FS) http.Handler {
	files := map[string]*file{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		body, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		files[name] = prepare(name, body)
		return nil
	})
	if err != nil {
		panic(err) // an embedded tree is always readable
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, files)
	})
}

func prepare(name string, body []byte) *file {
	sum := sha256.Sum256(body)
	f := &file{body: body, mediaType: mime.TypeByExtension(path.Ext(name)), cache: "no-cache",
		etag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	if strings.HasPrefix(name, "static/") {
		f.cache = "public, max-age=31536000, immutable"
	}
	if f.mediaType == "" {
		f.mediaType = "application/octet-stream"
	}
	var buf bytes.Buffer
	z, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression) // the level is valid
	_, _ = z.Write(body)                                    // a bytes.Buffer takes every write
	_ = z.Close()
	if buf.Len() < len(body)*9/10 {
		f.gzipped = buf.Bytes()
	}
	return f
}

func serve(w http.ResponseWriter, r *http.Request, files map[string]*file) {
	h := w.Header()
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "the portal is read with GET", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	f, ok := files[name]
	if !ok {
		// A missing file is a 404, never the page: a stale tab must not get HTML for its script.
		if strings.HasPrefix(name, "static/") || name != "" && strings.Contains(path.Base(name), ".") {
			http.NotFound(w, r)
			return
		}
		if f, ok = files["index.html"]; !ok {
			http.Error(w, "The portal has not been built into this server. Run: make build",
				http.StatusServiceUnavailable)
			return
		}
	}
	h.Set("Content-Type", f.mediaType)
	h.Set("Cache-Control", f.cache)
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.body
	if f.gzipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the client went away: nothing to do
	}
}
