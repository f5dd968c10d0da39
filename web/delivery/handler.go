// Package delivery answers the public URLs that shops, apps and mails embed; it is the hot path. vitrine/dam/delivery
// decides what may be seen. This package handles HTTP: content negotiation, validators, caching, ranges and rate
// limits. A body in memory is written in one call.
package delivery

import (
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"vitrine/dam"
	"vitrine/dam/delivery"
	"vitrine/dam/reasons"
	"vitrine/storage"
	"vitrine/web/content"
	"vitrine/web/problem"
)

// Options of a Handler. The zero value is usable.
type Options struct {
	// URLs builds this site's URLs for oEmbed.
	URLs delivery.URLs
	// MissRate is how many requests per second that memory can't answer one client may make, and MissBurst how many at
	// once. 500 and 5000 when zero; a negative rate means no limit. This machine's own addresses are not limited.
	MissRate  float64
	MissBurst int
	// TrustedProxies are trusted to name their client in X-Forwarded-For, as this machine's own addresses always are.
	// Everything behind another proxy or CDN counts as one client.
	TrustedProxies []netip.Prefix
	// TagHeader names the header that tells a CDN which assets an answer shows, so that it can be purged by asset:
	// Surrogate-Key (Fastly), Cache-Tag (Cloudflare), xkey (Varnish). If "", none is sent.
	TagHeader string
	// Referers are the hosts whose pages may embed pictures; "*.example.com" matches every host below it. None allows
	// all. Requests without a Referer, as from apps and mails, are allowed.
	Referers []string
	// Hosts maps the hosts under which products are requested, in the form of dam.Host, to libraries. Hosts that are
	// not listed mean the library that has them, or else the default library.
	Hosts map[string]string
	// Now is the clock; time.Now when nil. It must be the service's clock.
	Now func() time.Time
	Log *slog.Logger
}

// Handler answers the public paths of the whole site. It has no state except counters and rate limits.
type Handler struct {
	service *delivery.Service
	opt     Options
	limit   *limiter

	// Header values shared by all answers, to avoid allocations per request. An answer from memory has eight headers: a
	// ninth would cost the server's map a second table.
	vary, ranges, live, immutable, brief, noStore, nosniff, anyOrigin, crossOrigin []string

	answers [6]atomic.Int64 // by hundreds of the status
	limited atomic.Int64
	bytes   atomic.Int64
}

const (
	liveAge  = 30 * time.Second
	revive   = 60 * time.Second // stale-while-revalidate
	year     = 365 * 24 * time.Hour
	adHocAge = 24 * time.Hour
	// joinFrom is the size in bytes above which a body does not fit into net/http's buffer.
	joinFrom = 4 << 10
	// retry is the Retry-After value while something is being made or is unreachable.
	retry = "2"
)

// New returns the handler of a service.
func New(service *delivery.Service, opt Options) (*Handler, error) {
	if opt.MissRate == 0 {
		opt.MissRate = 500
	}
	if opt.MissBurst <= 0 {
		opt.MissBurst = 5000
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	limit, err := newLimiter(opt.MissRate, opt.MissBurst, opt.TrustedProxies, opt.Now)
	if err != nil {
		return nil, err
	}
	return &Handler{
		service: service, opt: opt, limit: limit,
		vary:        []string{"Accept"},
		ranges:      []string{"bytes"},
		live:        []string{"public, max-age=30, stale-while-revalidate=60"},
		immutable:   []string{"public, max-age=31536000, immutable"},
		brief:       []string{"public, max-age=5"},
		noStore:     []string{"no-store"},
		nosniff:     []string{"nosniff"},
		anyOrigin:   []string{"*"},
		crossOrigin: []string{"cross-origin"},
	}, nil
}

// request is the state of one request.
type request struct {
	h       *Handler
	r       *http.Request
	charged bool
}

// checkRate charges the client, once per request, for a request that memory can't answer.
func (q *request) checkRate() error {
	if q.charged {
		return nil
	}
	q.charged = true
	if q.h.limit.allow(q.r) {
		return nil
	}
	return &dam.Error{Code: dam.Limited, Reason: reasons.TooManyDemands()}
}

// ServeHTTP implements http.Handler. It ignores the query, which therefore creates no cache entries.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hd := w.Header()
	hd["X-Content-Type-Options"] = h.nosniff
	hd["Access-Control-Allow-Origin"] = h.anyOrigin
	hd["Cross-Origin-Resource-Policy"] = h.crossOrigin
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		hd.Set("Allow", "GET, HEAD, OPTIONS")
		hd.Set("Access-Control-Allow-Methods", "GET, HEAD")
		hd.Set("Access-Control-Allow-Headers", "If-None-Match, If-Range, Range")
		hd.Set("Access-Control-Max-Age", "86400")
		h.status(w, http.StatusNoContent)
		return
	default:
		hd.Set("Allow", "GET, HEAD, OPTIONS")
		h.problem(w, r, http.StatusMethodNotAllowed, problem.NotPossible(r.Method, hd.Get("Allow")))
		return
	}
	if len(h.opt.Referers) > 0 && !h.welcome(r.Header.Get("Referer")) {
		hd.Set("Vary", "Referer")
		h.fail(w, r, &dam.Error{Code: dam.Forbidden, Reason: reasons.PageNotAllowed()})
		return
	}
	q := &request{h: h, r: r}
	ref, err := delivery.Parse(r.URL.Path)
	if err == nil {
		switch ref.Kind {
		case delivery.Live:
			err = h.serveLive(w, q, ref)
		case delivery.Exact:
			err = h.serveExact(w, q, ref)
		case delivery.Slot:
			err = h.serveSlot(w, q, ref)
		case delivery.Product:
			err = h.serveProduct(w, q, ref)
		default:
			err = h.serveAdHoc(w, q, ref)
		}
	}
	if err != nil {
		h.fail(w, r, err)
	}
}

func (h *Handler) serveLive(w http.ResponseWriter, q *request, ref delivery.Ref) error {
	a, err := h.service.Live(q.r.Context(), ref.Asset, ref.Preset, q.checkRate)
	if err != nil {
		return err
	}
	h.tag(w.Header(), ref.Asset, a.Asset)
	if a.Asset != ref.Asset {
		w.Header().Set("Content-Location", "../"+a.Asset+"/"+ref.Preset)
	}
	return h.sendLive(w, q, a)
}

// sendLive writes the live answer in the format that the client prefers.
func (h *Handler) sendLive(w http.ResponseWriter, q *request, a delivery.Answer) error {
	v := a.Variants[0]
	if len(a.Variants) > 1 {
		v = content.Negotiate(a.Variants, formatOf, strings.Join(q.r.Header["Accept"], ","))
	}
	w.Header()["Vary"] = h.vary
	return h.send(w, q, v, nil, h.untilEnd(a.Until))
}

func formatOf(v *delivery.Variant) dam.Format { return v.Format }

// untilEnd returns the Cache-Control of a live answer, which never extends past the end of the rights.
func (h *Handler) untilEnd(until time.Time) []string {
	if left := until.Sub(h.opt.Now()); !until.IsZero() && left < liveAge+revive {
		return []string{"public, max-age=" + seconds(min(left, liveAge))}
	}
	return h.live
}

func (h *Handler) serveExact(w http.ResponseWriter, q *request, ref delivery.Ref) error {
	v, instead, until, err := h.service.Exact(q.r.Context(), ref, q.checkRate)
	if err != nil {
		return err
	}
	h.tag(w.Header(), ref.Asset, ref.Asset)
	if instead != nil {
		hd := w.Header()
		hd["Cache-Control"] = h.live
		// Relative, so that it is correct behind any host name and path prefix.
		hd.Set("Location", "../"+instead.Hash+"/"+instead.Preset+"."+instead.Format.Ext())
		h.status(w, http.StatusFound)
		return nil
	}
	return h.send(w, q, v, nil, h.forever(until))
}

func (h *Handler) serveAdHoc(w http.ResponseWriter, q *request, ref delivery.Ref) error {
	v, picture, until, err := h.service.AdHoc(q.r.Context(), ref, q.checkRate)
	if err != nil {
		return err
	}
	h.tag(w.Header(), ref.Asset, ref.Asset)
	return h.send(w, q, v, picture, h.forADay(until))
}

// tag sets the tags of what an answer depends on: the requested asset, the successor if that is shown, a product.
func (h *Handler) tag(hd http.Header, on ...string) {
	if h.opt.TagHeader == "" {
		return
	}
	separator := " "
	if h.opt.TagHeader == "Cache-Tag" {
		separator = ","
	}
	var tags []string
	for _, t := range on {
		if !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	hd.Set(h.opt.TagHeader, strings.Join(tags, separator))
}

// welcome reports whether a page may embed pictures.
func (h *Handler) welcome(referer string) bool {
	if referer == "" {
		return true
	}
	page, err := url.Parse(referer)
	if err != nil {
		return false
	}
	host := strings.ToLower(page.Hostname())
	return slices.ContainsFunc(h.opt.Referers, func(allowed string) bool {
		allowed = strings.ToLower(allowed)
		below, wild := strings.CutPrefix(allowed, "*.")
		return host == allowed || wild && strings.HasSuffix(host, "."+below)
	})
}

// forever returns the Cache-Control of bytes that never change, limited by the end of the rights.
func (h *Handler) forever(until time.Time) []string {
	if left := until.Sub(h.opt.Now()); !until.IsZero() && left < year {
		return []string{"public, max-age=" + seconds(left) + ", immutable"}
	}
	return h.immutable
}

// forADay returns the Cache-Control of what a signed URL shows, limited by the end of the rights or of the URL: the URL
// doesn't name the pipeline's revision, so a reprocessing may change its bytes.
func (h *Handler) forADay(until time.Time) []string {
	left := adHocAge
	if !until.IsZero() {
		left = min(left, until.Sub(h.opt.Now()))
	}
	return []string{"public, max-age=" + seconds(left)}
}

// seconds rounds down, so that it never exceeds d.
func seconds(d time.Duration) string { return strconv.FormatInt(max(int64(d/time.Second), 0), 10) }

// send writes a variant: nothing for a client that has it, only headers for HEAD, a part for Range, and otherwise the
// whole body. body is the body if the caller has it already.
func (h *Handler) send(w http.ResponseWriter, q *request, v *delivery.Variant, body []byte, cache []string) error {
	hd, r := w.Header(), q.r
	if fresh(r.Header["If-None-Match"], v.ETag) {
		hd["Etag"] = []string{v.ETag}
		hd["Cache-Control"] = cache
		h.status(w, http.StatusNotModified)
		return nil
	}
	ranged := len(r.Header["Range"]) > 0
	if ranged && !strings.HasPrefix(r.Header["Range"][0], "bytes=") {
		r.Header.Del("Range") // an unknown unit must be ignored
		ranged = false
	}
	var object storage.Object
	switch {
	case body != nil:
	case r.Method == http.MethodHead && !ranged:
	case h.service.Whole(v):
		var err error
		if body, err = h.service.Body(r.Context(), v, q.checkRate); err != nil {
			return err
		}
	default:
		var err error
		if object, err = h.service.Open(r.Context(), v, q.checkRate); err != nil {
			return err
		}
		defer func() { _ = object.Close() }()
	}
	line := [...]string{v.ETag, v.MediaType, strconv.FormatInt(v.Size, 10)} // one allocation for three values
	hd["Etag"] = line[0:1:1]
	hd["Content-Type"] = line[1:2:2]
	hd["Cache-Control"] = cache
	if object != nil {
		err := content.Serve(&counting{ResponseWriter: w, h: h}, r, time.Time{}, object)
		if err != nil && r.Context().Err() == nil {
			return delivery.Unreadable(err)
		}
		return nil
	}
	if ranged && body != nil {
		content.Bytes(&counting{ResponseWriter: w, h: h}, r, time.Time{}, body) // handles If-Range and several ranges
		return nil
	}
	hd["Content-Length"] = line[2:3:3]
	if v.Format.IsVideo() {
		hd["Accept-Ranges"] = h.ranges // players ask before they seek
	}
	h.status(w, http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	// A client that has disconnected is not an error of the server.
	var n int
	if c, ok := r.Context().Value(connKey{}).(*conn); ok && len(body) > joinFrom {
		n, _ = c.writeJoined(w.Write, body)
	} else {
		n, _ = w.Write(body)
	}
	h.bytes.Add(int64(n))
	return nil
}

// fresh reports whether If-None-Match contains the entity tag.
func fresh(header []string, etag string) bool {
	for _, line := range header {
		if line == etag {
			return true
		}
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
				return true
			}
		}
	}
	return false
}

func (h *Handler) status(w http.ResponseWriter, code int) {
	h.answers[code/100].Add(1)
	w.WriteHeader(code)
}

// counting counts what ServeContent writes.
type counting struct {
	http.ResponseWriter
	h *Handler
}

func (c *counting) WriteHeader(code int) {
	c.h.answers[code/100].Add(1)
	c.ResponseWriter.WriteHeader(code)
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.h.bytes.Add(int64(n))
	return n, err
}

// ReadFrom lets the system send a file directly.
func (c *counting) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(c.ResponseWriter, r)
	c.h.bytes.Add(n)
	return n, err
}

func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	hd := w.Header()
	hd["Cache-Control"] = h.noStore
	switch dam.CodeOf(err) {
	case dam.NotFound:
		status, hd["Cache-Control"] = http.StatusNotFound, h.brief
	case dam.Gone:
		status, hd["Cache-Control"] = http.StatusGone, h.brief
	case dam.Forbidden:
		status = http.StatusForbidden
	case dam.Invalid:
		status = http.StatusBadRequest
	case dam.Unsupported, dam.TooLarge: // about the original, not the request
		status = http.StatusUnprocessableEntity
	case dam.Limited:
		h.limited.Add(1)
		status = http.StatusTooManyRequests
		hd.Set("Retry-After", "1")
	case dam.Unavailable:
		status = http.StatusServiceUnavailable
		hd.Set("Retry-After", retry)
	default:
		h.opt.Log.Error("delivery: a request failed", "path", r.URL.Path, "error", err)
	}
	h.problem(w, r, status, err)
}

func (h *Handler) problem(w http.ResponseWriter, r *http.Request, status int, err error) {
	hd := w.Header()
	for _, name := range []string{"Etag", "Accept-Ranges", "Content-Location"} {
		delete(hd, name)
	}
	b := problem.Body(hd, status, err)
	h.status(w, status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b)
	}
}
