package wordpress

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// call is one request to the REST API. It uses ?rest_route=, which works whatever the site's permalinks are.
type call struct {
	method, path string
	space        string // REST namespace; wp/v2 if empty
	query        url.Values
	body         io.Reader
	size         int64
	mediaType    string
	fileName     string
	commit       bool
}

func (p *publisher) get(ctx context.Context, a publishers.Account, path string, query url.Values, out any) error {
	return p.do(ctx, a, call{method: http.MethodGet, path: path, query: query}, out)
}

func (p *publisher) send(ctx context.Context, a publishers.Account, path string, body, out any) error {
	return p.json(ctx, a, path, body, false, out)
}

func (p *publisher) commit(ctx context.Context, a publishers.Account, path string, body, out any) error {
	return p.json(ctx, a, path, body, true, out)
}

func (p *publisher) json(ctx context.Context, a publishers.Account, path string, body any, commit bool, out any) error {
	return p.write(ctx, a, call{method: http.MethodPost, path: path, query: url.Values{"context": {"edit"}},
		commit: commit}, body, out)
}

// write sends body as JSON.
func (p *publisher) write(ctx context.Context, a publishers.Account, x call, body, out any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return publishers.Permanent("", reasons.PostNotWritable())
	}
	x.body, x.size, x.mediaType = bytes.NewReader(raw), int64(len(raw)), "application/json"
	return p.do(ctx, a, x, out)
}

// upload uploads a picture as a file. about says under which slug and with which description it can be looked up, and
// to which post it belongs.
func (p *publisher) upload(ctx context.Context, in publishers.Intent, m publishers.Media, file string, about url.Values,
	out *attachment) error {
	err := p.uploadOnce(ctx, in, m, file, about, out)
	// When the first two uploads of a month create its folder at the same time, WordPress refuses one of them with the
	// error name for forbidden file types.
	if e := (*apiError)(nil); errors.As(err, &e) && e.Code == "rest_upload_sideload_error" {
		err = p.uploadOnce(ctx, in, m, file, about, out)
	}
	return err
}

func (p *publisher) uploadOnce(ctx context.Context, in publishers.Intent, m publishers.Media, file string,
	about url.Values, out *attachment) error {
	r, err := in.Open(ctx, m)
	if err != nil {
		return err
	}
	err = p.do(ctx, in.Account, call{method: http.MethodPost, path: "media", query: about, body: io.NopCloser(r),
		size: m.Size, mediaType: m.MediaType, fileName: file}, out)
	return errors.Join(err, r.Close())
}

// remove deletes permanently; a missing object is not an error. It returns the site's answer.
func (p *publisher) remove(ctx context.Context, a publishers.Account, kind string, id int) (reasons.Reason, error) {
	err := p.do(ctx, a, call{method: http.MethodDelete, path: kind + "/" + strconv.Itoa(id),
		query: url.Values{"force": {"true"}}}, nil)
	var e *apiError
	if errors.As(err, &e) && (e.status == http.StatusNotFound || e.status == http.StatusGone) {
		return reasons.Said(fmt.Sprintf("DELETE %s/%d: %s", kind, id, e.Code), ""), nil
	}
	if err != nil {
		return reasons.Reason{}, err
	}
	return reasons.Said(fmt.Sprintf("DELETE %s/%d: 200 OK", kind, id), ""), nil
}

func (p *publisher) do(ctx context.Context, a publishers.Account, x call, out any) error {
	c, err := settings(a)
	if err != nil {
		return err
	}
	query := url.Values{"rest_route": {"/" + cmp.Or(x.space, "wp/v2") + "/" + x.path}}
	for k, v := range x.query {
		query[k] = v
	}
	header := http.Header{"Accept": {"application/json"}}
	if x.body != nil {
		header.Set("Content-Type", x.mediaType)
	}
	if x.fileName != "" {
		header.Set("Content-Disposition", `attachment; filename="`+x.fileName+`"`)
	}
	rest := publishers.Call{Method: x.method, URL: strings.TrimRight(c.URL, "/") + "/?" + query.Encode(),
		Header: header, Body: x.body, Size: x.size, Out: out, Commit: x.commit, Refused: refused}
	_, err = rest.Through(ctx, func(req *http.Request) (*http.Response, error) {
		req.SetBasicAuth(c.User, a.Secrets["password"])
		return p.client.Do(req)
	})
	syntax, other := (*json.SyntaxError)(nil), (*json.UnmarshalTypeError)(nil)
	if errors.As(err, &syntax) || errors.As(err, &other) {
		return fmt.Errorf("the site's answer is not JSON (a plug-in may print into it): %w", err)
	}
	return err
}

// apiError is an error that WordPress named.
type apiError struct {
	Code   string          `json:"code"`
	Data   json.RawMessage `json:"data"`
	status int
}

func (e *apiError) Error() string { return e.Unwrap().Error() }

// Unwrap returns the error as it is shown to people, without the site's texts.
func (e *apiError) Unwrap() error { return &publishers.Answer{Status: e.status, Name: e.Code} }

// refused classifies first by the error's name: WordPress answers 500 for a forbidden file type.
func refused(res *http.Response, raw []byte, commit bool) error {
	e := &apiError{status: res.StatusCode}
	if json.Unmarshal(raw, e) != nil || e.Code == "" {
		return publishers.Answered(res, commit)
	}
	permanent := func(field string, next reasons.Remedy) error {
		out := publishers.Permanent(field, reasons.WordpressRefuses(e).With(next))
		out.Err = e
		return out
	}
	switch code := e.Code; {
	case strings.HasPrefix(code, "rest_upload_") || code == "db_insert_error" &&
		res.StatusCode == http.StatusBadRequest:
		return permanent("media", reasons.RemedyChooseSitePreset())
	case code == "rest_not_logged_in" || code == "incorrect_password" || code == "invalid_username" ||
		code == "invalid_email" || code == "invalid_application_credentials":
		return publishers.AuthExpired(e)
	case strings.HasPrefix(code, "application_passwords_disabled"):
		return publishers.Disconnected(reasons.WordpressAppPasswordsOff(), e)
	case code == "rest_no_route":
		return publishers.Disconnected(reasons.NoWordpressApi(), e)
	case strings.HasPrefix(code, "rest_cannot_") || strings.HasPrefix(code, "woocommerce_rest_cannot_") ||
		strings.HasPrefix(code, "rest_forbidden"):
		return publishers.Disconnected(reasons.WordpressUserMayNot(e.Error()), e)
	case (code == "rest_post_invalid_id" || code == "woocommerce_product_invalid_image_id") && commit:
		return publishers.Retry(0, e) // the draft or picture was deleted at the site; it is made again
	case code == "term_exists":
		return e
	case strings.HasPrefix(code, "rest_invalid_param") || strings.HasPrefix(code, "rest_missing"):
		return permanent("caption", reasons.RemedyChangeTheTextThenRetry())
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return e
	}
	return publishers.Answered(res, commit)
}
