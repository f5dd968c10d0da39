package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/dam/tracing"
)

// request is what the middleware learns about a request.
type request struct {
	id        string
	route     route
	library   string
	principal dam.Principal
	user      *dam.User // nil for a token
	session   string    // the cookie's secret, "" without one
	// authorization is the header's value, "" without one: a session counts then.
	authorization string
	recorder      *catalog.Recorder
	header        http.Header // of the answer
}

type requestKey struct{}

// requestOf returns what identify has put into the context.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{header: http.Header{}}
}

// stamp tells the client the seq of its change.
func (r *request) stamp() {
	if r.recorder != nil {
		if seq := r.recorder.Seq(); seq > 0 {
			r.header.Set(seqHeader, fmt.Sprint(seq))
		}
	}
}

const (
	requestHeader = "X-Request-Id"
	libraryHeader = "Vitrine-Library"
	libraryQuery  = "library" // of what a browser reads by itself, without headers: pictures, downloads, event streams
	seqHeader     = "X-Vitrine-Seq"
	cursorHeader  = "X-Vitrine-Cursor"
)

// identify gives the request its id: the client's when it is sane.
func (s *API) identify(c *gin.Context) {
	id := c.GetHeader(requestHeader)
	if len(id) > 64 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" ||
		id == "" {
		id = strings.ToLower(rand.Text())
	}
	c.Header(requestHeader, id)
	req := &request{id: id, header: c.Writer.Header()}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), requestKey{}, req))
}

// observe logs and counts the request.
func (s *API) observe(c *gin.Context) {
	start := time.Now()
	c.Next()
	took := time.Since(start)
	req := requestOf(c.Request.Context())
	path := c.FullPath()
	if path == "" {
		path = "other"
	}
	s.metrics.observe(c.Request.Method, path, c.Writer.Status(), took, req.route.endpoint.stream)
	level := slog.LevelInfo
	if req.route.may == public && c.Writer.Status() < 400 {
		level = slog.LevelDebug // probes would drown the rest
	}
	s.Log.LogAttrs(c.Request.Context(), level, "request", slog.String("request", req.id),
		slog.String("method", c.Request.Method), slog.String("path", c.Request.URL.Path),
		slog.Int("status", c.Writer.Status()), slog.Int("bytes", max(c.Writer.Size(), 0)), slog.Duration("took", took),
		slog.String("from", c.ClientIP()), slog.String("by", req.principal.ID))
}

// trace records the request, after authorise: the trace of a client that is signed in is continued. Who is refused
// there makes no span, and probes are asked for all the time.
func (s *API) trace(c *gin.Context) {
	route := requestOf(c.Request.Context()).route
	if !strings.HasPrefix(route.path, "/api/") {
		return
	}
	var span tracing.Span
	c.Request, span = tracing.Serve(c.Request, c.FullPath(), route.may != public)
	status := http.StatusInternalServerError // in case of a panic
	defer func() { tracing.Answered(span, status) }()
	c.Next()
	status = c.Writer.Status()
}

// recover turns a panic into a problem.
func (s *API) recover(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v) // the way to cut an answer off
		}
		dam.CountPanic(dam.PanicHTTP)
		s.Log.ErrorContext(c.Request.Context(), "panic", "request", requestOf(c.Request.Context()).id, "panic",
			fmt.Sprint(v), "stack", string(debug.Stack()))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) // half an answer must not look like a whole one
		}
		s.fail(c, &dam.Error{Code: dam.Internal, Reason: reasons.ServerError()})
	}()
	c.Next()
}

// guard sets the headers that keep browsers from doing more than show an answer.
func (s *API) guard(c *gin.Context) {
	if c.FullPath() == "" && s.Fallback != nil && !strings.HasPrefix(c.Request.URL.Path, "/api") {
		return // the portal brings its own
	}
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
