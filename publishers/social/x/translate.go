package x

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
	"vitrine/publishers"
)

const answerLimit = 1 << 20

// translator lets go-twitter, which speaks API v1.1, work with API v2: it rewrites the three requests that the channel
// makes, and their answers, and refuses any other. It wraps the transport that signs, so that the rewritten request is
// signed. It serves one call. It keeps the error in failure, because go-twitter takes an unknown error body for a
// success.
type translator struct {
	ctx     context.Context
	base    http.RoundTripper
	host    string
	commit  bool
	failure error
}

// RoundTrip implements http.RoundTripper.
func (t *translator) RoundTrip(r *http.Request) (*http.Response, error) {
	method, path, body, err := rewrite(r)
	if err != nil {
		t.failure = err
		return nil, err
	}
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.ctx, method, t.host+path, reader)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := t.base.RoundTrip(req)
	if err != nil {
		t.failure = err
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, answerLimit))
	if err = errors.Join(err, res.Body.Close()); err != nil {
		t.failure = err
		return nil, err
	}
	out, err := t.answer(res, raw)
	if err != nil {
		t.failure = err
		// marshalling plain data never fails
		out, _ = json.Marshal(map[string]any{"errors": []any{map[string]any{"code": res.StatusCode,
			"message": err.Error()}}})
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(out)), int64(len(out))
	res.Header.Set("Content-Type", "application/json")
	return res, nil
}

// rewrite converts a v1.1 request into a v2 request.
func rewrite(r *http.Request) (method, path string, body []byte, err error) {
	const destroy = "/1.1/statuses/destroy/"
	switch p := r.URL.Path; {
	case p == "/1.1/account/verify_credentials.json":
		return http.MethodGet, "/2/users/me", nil, nil
	case strings.HasPrefix(p, destroy):
		id := strings.TrimSuffix(strings.TrimPrefix(p, destroy), ".json")
		return http.MethodDelete, "/2/tweets/" + url.PathEscape(id), nil, nil
	case p == "/1.1/statuses/update.json":
		raw, err := io.ReadAll(io.LimitReader(r.Body, answerLimit))
		if err != nil {
			return "", "", nil, err
		}
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return "", "", nil, err
		}
		post := map[string]any{"text": form.Get("status")}
		if ids := form.Get("media_ids"); ids != "" {
			post["media"] = map[string]any{"media_ids": strings.Split(ids, ",")}
		}
		body, err := json.Marshal(post)
		return http.MethodPost, "/2/tweets", body, err
	}
	return "", "", nil, &publishers.Error{Class: publishers.ClassPermanent, Reason: reasons.XCallGone(r.URL.Path)}
}

// answer converts a v2 answer into a v1.1 answer, or into a classified error.
func (t *translator) answer(res *http.Response, raw []byte) ([]byte, error) {
	if err := refused(res, raw, t.commit); err != nil {
		return nil, err
	}
	var v2 struct {
		Data struct {
			ID       string `json:"id"`
			Text     string `json:"text"`
			Name     string `json:"name"`
			Username string `json:"username"`
			Deleted  bool   `json:"deleted"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &v2); err != nil || v2.Data.ID == "" && !v2.Data.Deleted {
		return nil, unnamed(res, t.commit)
	}
	out := map[string]any{"text": v2.Data.Text, "name": v2.Data.Name, "screen_name": v2.Data.Username}
	if v2.Data.ID != "" {
		out["id"], out["id_str"] = json.Number(v2.Data.ID), v2.Data.ID
	}
	return json.Marshal(out)
}

func unnamed(res *http.Response, commit bool) error {
	err := fmt.Errorf("answer %s with something else in it", res.Status)
	if commit {
		return publishers.Unknown(err)
	}
	return publishers.Retry(0, err)
}

// problem is an error document of X.
type problem struct {
	Title, Detail, Type, Reason string
	Errors                      []struct{ Message, Title, Detail, Type string }
}

// refused classifies an answer that is not a success, first by X's error name. Only what X documents about the account
// or the app disconnects the channel (https://docs.x.com/x-api/fundamentals/response-codes-and-errors, 2026-08-22); any
// other 403 is about this one request.
func refused(res *http.Response, raw []byte, commit bool) error {
	if res.StatusCode < 300 {
		return nil
	}
	var p problem
	_ = json.Unmarshal(raw, &p) // an answer that is not JSON is classified by its status
	for _, e := range p.Errors {
		p.Detail += " " + e.Message + e.Detail
		p.Type += " " + e.Type
	}
	said := strings.ToLower(p.Title + " " + p.Detail + " " + p.Reason)
	cause := fmt.Errorf("%s: %s: %s", res.Status, p.Title, p.Detail)
	has := func(s ...string) bool {
		return slices.ContainsFunc(s, func(x string) bool {
			return strings.Contains(said, x) || strings.Contains(p.Type, "/problems/"+x)
		})
	}
	permanent := func(field string, why reasons.Reason) error {
		e := publishers.Permanent(field, why)
		e.Err = cause
		return e
	}
	switch s := res.StatusCode; {
	case has("duplicate content"):
		return permanent("caption", reasons.XRefusesRepeat())
	case s == http.StatusPaymentRequired:
		return publishers.Unpaid(reasons.XCreditsDepleted(), cause)
	case has("usage-capped", "usagecapexceeded", "monthly usage cap"):
		return publishers.Unpaid(reasons.XMonthlyPostsUsed(), cause)
	case has("account is suspended", "account is locked", "temporarily locked", "user-suspended", "client-forbidden",
		"oauth1-permissions", "unsupported-authentication"):
		return publishers.Disconnected(reasons.XRefusesAccount(strings.TrimSpace(p.Detail)), cause)
	case s == http.StatusTooManyRequests:
		return publishers.Throttled(publishers.RetryAfter(res.Header, time.Now()), cause)
	case s == http.StatusUnauthorized: // OAuth 1.0a tokens don't expire: they are revoked
		return publishers.Disconnected(reasons.XRefusesCredentials(), cause)
	case s == http.StatusForbidden && has("invalid url"):
		return permanent("caption", reasons.XRefusesLink())
	case s == http.StatusForbidden && has("cashtag"):
		return permanent("caption", reasons.XRefusesCashtags())
	case s >= 400 && s < 500 && s != http.StatusRequestTimeout:
		return permanent("", reasons.XRefuses(strings.TrimSpace(p.Title+" "+p.Detail)))
	}
	e := publishers.Answered(res, commit)
	e.Err = cause
	return e
}
