package publishers

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// Answer is a remote's error answer in the server's own words. The address may be one that the person who entered it
// must not read, so at most one word of the body is shown: the name of the error.
type Answer struct {
	Method, Path string // of the request; may be empty
	Status       int
	Name         string // the remote's name for the error; letters, digits, dots, dashes and underscores only
}

func (a *Answer) Error() string {
	s := Status(a.Status)
	if a.Method != "" {
		s = a.Method + " " + a.Path + " answered " + s
	}
	if name := Named(a.Name); name != "" {
		s += " (" + name + ")"
	}
	return s
}

// Status returns a status code with its standard text, never the remote's.
func Status(code int) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + http.StatusText(code))
}

// Named returns a remote's error name if it has the form of a name, otherwise "".
func Named(name string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	if len(name) > 64 || strings.Trim(name, letters) != "" {
		return ""
	}
	return name
}

// Answered classifies an HTTP answer that is not a success by its status, for remotes that don't name the error. In
// Commit a 5xx is Unknown, because it may have been accepted. Answered doesn't close the body.
func Answered(res *http.Response, commit bool) *Error {
	err := &Answer{Method: res.Request.Method, Path: res.Request.URL.Path, Status: res.StatusCode}
	switch s := res.StatusCode; {
	case s == http.StatusTooManyRequests:
		return Throttled(RetryAfter(res.Header, time.Now()), err)
	case s == http.StatusUnauthorized:
		return AuthExpired(err)
	case s == http.StatusForbidden:
		return Disconnected(reasons.ChannelRefusesAccount(), err)
	case s == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != "":
		return Retry(max(time.Until(RetryAfter(res.Header, time.Now())), 0), err) // the status says it did nothing
	case s >= 500 || s == http.StatusRequestTimeout || s < 300:
		if commit {
			return Unknown(err)
		}
		return Retry(0, err)
	case s < 400:
		return &Error{Class: ClassPermanent, Field: "url", Reason: reasons.ChannelRedirects(), Err: err}
	}
	return &Error{Class: ClassPermanent, Reason: reasons.ChannelRefusesStatus(Status(res.StatusCode)), Err: err}
}

// RetryAfter parses Retry-After, in seconds or as a date, or the reset headers that networks send instead, in Unix
// seconds or as a date; it returns the zero time if there is none.
func RetryAfter(h http.Header, now time.Time) time.Time {
	v := h.Get("Retry-After")
	if n, err := strconv.Atoi(v); err == nil && n >= 0 {
		return now.Add(time.Duration(n) * time.Second)
	}
	if t, err := http.ParseTime(v); err == nil {
		return t
	}
	for _, name := range []string{"X-Rate-Limit-Reset", "Ratelimit-Reset", "X-Ratelimit-Reset"} {
		v := h.Get(name)
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && n > 1e9 {
			return time.Unix(n, 0)
		} else if err == nil && n > 0 {
			return now.Add(time.Duration(n) * time.Second)
		}
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t
		}
	}
	return time.Time{}
}
