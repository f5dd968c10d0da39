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
	r := c.Request
	if r.Method == post {
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/") + "/"
		r.URL.RawPath = ""
	}
	// What may be done is decided by the method that was sent, not by one that a header names.
	r.Header.Del("X-HTTP-Method-Override")
	if l := requestOf(r.Context()).library; l != "" {
		r.Header.Set(libraryHeader, l)
	}
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
	"ERR_UNSUPPORTED_VERSION":         {Code: dam.Unsupported, Reason: reasons.TusVersion()},
	"ERR_MAX_SIZE_EXCEEDED":           {Code: dam.TooLarge, Reason: reasons.TusFileTooLarge()},
	"ERR_INVALID_CONTENT_TYPE":        {Code: dam.Invalid, Reason: reasons.TusContentType()},
	"ERR_INVALID_UPLOAD_LENGTH":       {Code: dam.Invalid, Reason: reasons.TusLength()},
	"ERR_INVALID_OFFSET":              {Code: dam.Invalid, Reason: reasons.TusOffset()},
	"ERR_UPLOAD_NOT_FOUND":            {Code: dam.NotFound, Reason: reasons.TusNoUpload()},
	"ERR_UPLOAD_LOCKED":               {Code: dam.Conflict, Reason: reasons.TusLocked()},
	"ERR_LOCK_TIMEOUT":                {Code: dam.Unavailable, Reason: reasons.TusLockTimeout()},
	"ERR_MISMATCHED_OFFSET":           {Code: dam.Conflict, Reason: reasons.TusOffsetDiffers()},
	"ERR_UPLOAD_SIZE_EXCEEDED":        {Code: dam.TooLarge, Reason: reasons.TusMoreThanAnnounced()},
	"ERR_AMBIGUOUS_UPLOAD_LENGTH":     {Code: dam.Invalid, Reason: reasons.TusTwoLengths()},
	"ERR_INVALID_UPLOAD_LENGTH_DEFER": {Code: dam.Invalid, Reason: reasons.UploadLengthNeeded()},
	"ERR_UPLOAD_INTERRUPTED":          {Code: dam.Conflict, Reason: reasons.TusTakenOver()},
	"ERR_SERVER_SHUTDOWN":             {Code: dam.Unavailable, Reason: reasons.TusServerStopping()},
	"ERR_UNEXPECTED_EOF":              {Code: dam.Invalid, Reason: reasons.TusBrokeOff()},
	"ERR_READ_TIMEOUT":                {Code: dam.Unavailable, Reason: reasons.TusReadTimeout()},
	"ERR_CONNECTION_RESET":            {Code: dam.Unavailable, Reason: reasons.TusConnectionReset()},
}
