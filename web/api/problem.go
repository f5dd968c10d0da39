package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"vitrine/dam"
	"vitrine/dam/ingest"
	"vitrine/dam/reasons"
	"vitrine/search"
	"vitrine/web/problem"
)

// Problem is the one shape of an error answer: application/problem+json (RFC 9457).
type Problem struct {
	Type     string   `json:"type" doc:"urn:vitrine:problem: and the code"`
	Title    string   `json:"title" doc:"The status in words"`
	Status   int      `json:"status"`
	Detail   string   `json:"detail" doc:"What is wrong, in a sentence"`
	Instance string   `json:"instance,omitempty" doc:"The request's id, as in X-Request-Id and the server's log"`
	Code     dam.Code `json:"code" doc:"What the caller can do about it; stable"`
	Remedy   string   `json:"remedy,omitempty" doc:"What to do next"`
	reasons.Reason
	Errors []FieldError `json:"errors,omitempty"`
	// Duplicate is set with code duplicate, Quarantine when a rejected file was kept.
	Duplicate  *DuplicateInfo `json:"duplicate,omitempty"`
	Quarantine string         `json:"quarantine,omitempty" doc:"Id of the rejected file"`

	retryAfter time.Duration
}

// FieldError names one wrong input.
type FieldError struct {
	Location string `json:"location" doc:"Field path, query parameter or header"`
	Message  string `json:"message"`
	Value    any    `json:"value,omitempty"`
	reasons.Reason
	// Offset and Length mark the mistake inside a query, in characters.
	Offset int `json:"offset,omitempty"`
	Length int `json:"length,omitempty"`
}

// DuplicateInfo says which asset has the same bytes, and what can be done.
type DuplicateInfo struct {
	Asset   string   `json:"asset"`
	Choices []string `json:"choices"`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus and ContentType let huma answer with a Problem.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problem details.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders lets huma say when to come back.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	return h
}

const problemType = problem.MediaType

var statusOf = map[dam.Code]int{
	dam.Invalid:      http.StatusUnprocessableEntity,
	dam.Unauthorized: http.StatusUnauthorized,
	dam.Forbidden:    http.StatusForbidden,
	dam.NotFound:     http.StatusNotFound,
	dam.Conflict:     http.StatusConflict,
	dam.Duplicate:    http.StatusConflict,
	dam.Stale:        http.StatusPreconditionFailed,
	dam.Gone:         http.StatusGone,
	dam.TooLarge:     http.StatusRequestEntityTooLarge,
	dam.Unsupported:  http.StatusUnsupportedMediaType,
	dam.Limited:      http.StatusTooManyRequests,
	dam.NoSpace:      http.StatusInsufficientStorage,
	dam.Unavailable:  http.StatusServiceUnavailable,
	dam.Damaged:      http.StatusInternalServerError,
	dam.Internal:     http.StatusInternalServerError,
}

// problemOf turns any error into what is sent. The causes of internal errors stay here.
func problemOf(err error) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	var e *dam.Error
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &e):
	case errors.As(err, &tooLong):
		e = &dam.Error{Code: dam.TooLarge, Field: "body", Reason: reasons.BodyTooLarge()}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e = &dam.Error{Code: dam.Unavailable, Reason: reasons.RequestTimeout()}
	default:
		if e = dam.SystemError(err); e != nil {
			break
		}
		e = &dam.Error{Code: dam.Internal, Reason: reasons.ServerError()}
	}
	p := newProblem(statusOf[e.Code], e.Code, e.Why())
	if e.Code == dam.Internal {
		p.Detail, p.Reason = "something went wrong on the server", reasons.ServerError() // its own is not for strangers
	}
	if e.Field != "" {
		f := FieldError{Location: e.Field, Message: e.Text(), Reason: e.Why()}
		var q *search.SyntaxError
		if errors.As(err, &q) {
			f.Offset, f.Length = q.Pos, q.Len
		}
		p.Errors = []FieldError{f}
	}
	var dup *ingest.DuplicateError
	if errors.As(err, &dup) {
		p.Duplicate = &DuplicateInfo{Asset: dup.Asset, Choices: ingest.Choices[:]}
	}
	var rejected *ingest.RejectedError
	if errors.As(err, &rejected) {
		p.Quarantine = rejected.Quarantine
	}
	var later interface{ RetryAfter() time.Duration }
	if errors.As(err, &later) {
		p.retryAfter = later.RetryAfter()
	} else if e.Code == dam.Unavailable {
		p.retryAfter = time.Second
	}
	return p
}

func newProblem(status int, code dam.Code, why reasons.Reason) *Problem {
	return &Problem{Type: problem.Type(code), Title: http.StatusText(status), Status: status, Code: code, Reason: why,
		Detail: problem.Sentence(why.Text()), Remedy: problem.Sentence(why.Advice())}
}

// RenderProblem is problemOf for handlers that write their own answers.
func RenderProblem(err error) (status int, contentType, body string) {
	p := problemOf(err)
	b, jsonErr := json.Marshal(p)
	if jsonErr != nil {
		b = []byte(`{"status":500,"code":"internal"}`) // a Problem always marshals
	}
	return p.Status, problemType, string(b)
}

// logged notes the causes that are not sent.
func logged(ctx context.Context, log *slog.Logger, id string, err error) {
	var e *dam.Error
	known := errors.As(err, &e)
	switch {
	case errors.Is(err, context.Canceled):
	case !known && !errors.As(err, new(*Problem)) && !errors.As(err, new(*http.MaxBytesError)),
		known && e.Code == dam.Internal:
		log.ErrorContext(ctx, "request failed", "request", id, "err", err)
	case known && e.Err != nil:
		log.WarnContext(ctx, "request refused", "request", id, "err", err)
	}
}

// delayed makes an error say when to come back.
type delayed struct {
	error
	after time.Duration
}

func (d delayed) Unwrap() error             { return d.error }
func (d delayed) RetryAfter() time.Duration { return d.after }
