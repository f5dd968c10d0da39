package publishers

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Answered classifies an HTTP answer that is not a success by its status, for
// channels whose remote gave no name to the error. In Commit a 5xx may have been
// accepted, and is Unknown. It does not close the body.
func Answered(res *http.Response, commit bool) *Error {
	err := fmt.Errorf("%s %s answered %s", res.Request.Method, res.Request.URL.Path, res.Status)
	switch s := res.StatusCode; {
	case s == http.StatusTooManyRequests:
		return Throttled(RetryAfter(res.Header, time.Now()), err)
	case s == http.StatusUnauthorized:
		return AuthExpired(err)
	case s == http.StatusForbidden:
		return Disconnected("the channel refuses this account", err)
	case s == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != "":
		return Retry(max(time.Until(RetryAfter(res.Header, time.Now())), 0), err) // it says itself that it did nothing
	case s >= 500 || s == http.StatusRequestTimeout || s < 300:
		if commit {
			return Unknown(err)
		}
		return Retry(0, err)
	case s < 400:
		return &Error{Class: ClassPermanent, Field: "url", Message: "the channel redirects to another address", Remedy: "enter that address itself", Err: err}
	}
	return &Error{Class: ClassPermanent, Message: "the channel refuses this: " + res.Status, Remedy: "see the channel's own limits", Err: err}
}

// RetryAfter reads Retry-After, in seconds or as a date, or the reset headers that
// networks send instead, in Unix seconds or as a date; the zero time when there is none.
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
