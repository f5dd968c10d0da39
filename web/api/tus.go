package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// tus hands over to the tus server, which checks whose an upload is.
func (s *API) tus(c *gin.Context) error {
	if s.Uploads == nil {
		return missing("resumable upload")
	}
	r := c.Request
	if r.Method == post {
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/") + "/"
		r.URL.RawPath = ""
	}
	// What may be done is decided by the method that was sent, not by one that a header names.
	r.Header.Del("X-HTTP-Method-Override")
	s.Uploads.ServeHTTP(&tusWriter{ResponseWriter: c.Writer, req: requestOf(r.Context()), head: r.Method == head}, r)
	return nil
}

// tusWriter makes Location relative, so that it is right behind any proxy, stamps the
// seq, and puts the tus server's own refusals, which are plain text, into problems.
type tusWriter struct {
	gin.ResponseWriter
	req     *request
	head    bool
	refused int // status of a refusal whose text is still to come
}

func (w *tusWriter) WriteHeader(code int) {
	h := w.Header()
	if u, err := url.Parse(h.Get("Location")); err == nil && u.Path != "" {
		h.Set("Location", u.Path)
	}
	w.req.stamp()
	switch {
	case code < 400:
	case h.Get("Content-Type") == problemType: // one of ours, which knows no request
		h.Del("Content-Length")
	default:
		h.Del("Content-Length")
		h.Set("Content-Type", problemType)
		if !w.head {
			w.refused = code
			return
		}
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *tusWriter) Write(b []byte) (int, error) {
	var p Problem
	switch {
	case w.refused != 0:
		name, _, _ := bytes.Cut(b, []byte(":"))
		said := tusRefusal(w.refused, string(name))
		p = *newProblem(w.refused, said.Code, said.Why())
		w.ResponseWriter.WriteHeader(w.refused)
		w.refused = 0
	case w.Status() >= 400 && json.Unmarshal(b, &p) == nil:
	default:
		return w.ResponseWriter.Write(b)
	}
	p.Instance = w.req.id
	raw, err := json.Marshal(p)
	if err == nil {
		_, err = w.ResponseWriter.Write(raw)
	}
	return len(b), err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *tusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// tusRefusal words what the tus server refuses by itself: by its own code, else by the status.
func tusRefusal(status int, code string) *dam.Error {
	if e, ok := tusRefusals[code]; ok {
		return e
	}
	switch {
	case status >= 500:
		return &dam.Error{Code: dam.Internal, Reason: reasons.UploadServerError()}
	case status == http.StatusMethodNotAllowed:
		return &dam.Error{Code: dam.Unsupported, Reason: reasons.TusNotPossible()}
	}
	return &dam.Error{Code: dam.Invalid, Reason: reasons.NotTus()}
}

var tusRefusals = map[string]*dam.Error{
	"ERR_UNSUPPORTED_VERSION":         {Code: dam.Unsupported, Message: "the header Tus-Resumable is missing, or names another version", Remedy: "send Tus-Resumable: 1.0.0"},
	"ERR_MAX_SIZE_EXCEEDED":           {Code: dam.TooLarge, Message: "the file is larger than this server takes", Remedy: "send a smaller file, or ask an administrator to raise the limit"},
	"ERR_INVALID_CONTENT_TYPE":        {Code: dam.Invalid, Message: "the part has another Content-Type", Remedy: "send Content-Type: application/offset+octet-stream"},
	"ERR_INVALID_UPLOAD_LENGTH":       {Code: dam.Invalid, Message: "Upload-Length is missing, or is not a number of bytes", Remedy: "send the file's size as Upload-Length"},
	"ERR_INVALID_OFFSET":              {Code: dam.Invalid, Message: "Upload-Offset is missing, or is not a number of bytes", Remedy: "ask with HEAD how far the upload is, and send that"},
	"ERR_UPLOAD_NOT_FOUND":            {Code: dam.NotFound, Message: "there is no such upload here", Remedy: "start the upload again"},
	"ERR_UPLOAD_LOCKED":               {Code: dam.Conflict, Message: "another request sends a part of this upload", Remedy: "wait a moment and try again"},
	"ERR_LOCK_TIMEOUT":                {Code: dam.Unavailable, Message: "another request holds this upload", Remedy: "wait a moment and try again"},
	"ERR_MISMATCHED_OFFSET":           {Code: dam.Conflict, Message: "the upload is not at this offset", Remedy: "ask with HEAD how far the upload is, and go on from there"},
	"ERR_UPLOAD_SIZE_EXCEEDED":        {Code: dam.TooLarge, Message: "this is more than Upload-Length announced", Remedy: "start the upload again with the right length"},
	"ERR_AMBIGUOUS_UPLOAD_LENGTH":     {Code: dam.Invalid, Message: "Upload-Length and Upload-Defer-Length exclude each other", Remedy: "send Upload-Length alone"},
	"ERR_INVALID_UPLOAD_LENGTH_DEFER": {Code: dam.Invalid, Message: "the length must be known at the start", Remedy: "send Upload-Length"},
	"ERR_UPLOAD_INTERRUPTED":          {Code: dam.Conflict, Message: "a newer request has taken this upload over", Remedy: "leave it to that one"},
	"ERR_SERVER_SHUTDOWN":             {Code: dam.Unavailable, Message: "the server is stopping", Remedy: "go on in a moment; what was received is kept"},
	"ERR_UNEXPECTED_EOF":              {Code: dam.Invalid, Message: "the part broke off", Remedy: "ask with HEAD how far the upload is, and go on from there"},
	"ERR_READ_TIMEOUT":                {Code: dam.Unavailable, Message: "nothing came for too long", Remedy: "ask with HEAD how far the upload is, and go on from there"},
	"ERR_CONNECTION_RESET":            {Code: dam.Unavailable, Message: "the connection broke off", Remedy: "ask with HEAD how far the upload is, and go on from there"},
}
