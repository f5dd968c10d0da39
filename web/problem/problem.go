// Package problem is the one form of an error answer, application/problem+json (RFC 9457), wherever it is written.
package problem

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// MediaType is the Content-Type of a problem.
const MediaType = "application/problem+json"

// Type is what a code is called in the member "type".
func Type(code dam.Code) string { return "urn:vitrine:problem:" + string(code) }

// Sentence begins with a capital and ends with a stop.
func Sentence(s string) string { return reasons.Sentence(s) }

// Body is the problem of an error for handlers beside the API, which answer strangers: it sets the headers of its type
// and length, and says nothing of an error without a dam.Error, or of an internal one, but its status.
func Body(h http.Header, status int, err error) []byte {
	p := struct {
		Type     string   `json:"type"`
		Title    string   `json:"title"`
		Status   int      `json:"status"`
		Detail   string   `json:"detail,omitempty"`
		Instance string   `json:"instance,omitempty"`
		Code     dam.Code `json:"code"`
		Remedy   string   `json:"remedy,omitempty"`
		reasons.Reason
	}{Type: Type(dam.CodeOf(err)), Title: http.StatusText(status), Status: status, Instance: h.Get("X-Request-Id"),
		Code: dam.CodeOf(err)}
	var e *dam.Error
	if errors.As(err, &e) && e.Code != dam.Internal {
		p.Detail, p.Remedy, p.Reason = Sentence(e.Text()), Sentence(e.Advice()), e.Why()
	}
	b, _ := json.Marshal(p) // strings and a number always marshal
	h.Set("Content-Type", MediaType)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	return b
}

// NotPossible is the error of a method that an address doesn't have; the header Allow names those that it has.
func NotPossible(method, allow string) error {
	return &dam.Error{Code: dam.Unsupported, Reason: reasons.MethodNotPossible(method, allow)}
}
