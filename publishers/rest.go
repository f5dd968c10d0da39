package publishers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"vitrine/dam/reasons"
)

// AnswerLimit is the maximum number of bytes read of a remote's answer.
const AnswerLimit = 8 << 20

// Call is one request of a kind of channel to its remote.
type Call struct {
	Method, URL string
	Header      http.Header
	Token       string // an access token, sent as a bearer token; "" sends none
	// Body is sent with the media type in Header. If JSON is not nil, it is marshalled and sent instead.
	Body io.Reader
	Size int64 // of a Body whose length can't be determined; 0 is unknown
	JSON any
	// Out is where the answer's JSON is decoded into; a *[]byte gets the answer as it is; nil ignores the answer.
	Out any
	// Commit means that the call may publish something: a failure that doesn't prove otherwise is Unknown.
	Commit bool
	// Refused classifies an answer outside 2xx by its content; if it is nil, the status decides, see Answered.
	Refused func(res *http.Response, body []byte, commit bool) error
}

// Reply is an answer whose body has been read and closed. Its Response is nil if there was no answer.
type Reply struct{ *http.Response }

// Do makes a call and reads its answer, up to AnswerLimit. It returns network errors unchanged: the ledger knows what
// they mean in each step.
func (c Call) Do(ctx context.Context, client *http.Client) (Reply, error) {
	return c.Through(ctx, client.Do)
}

// Through is Do with a function in place of the client, such as one that signs requests.
func (c Call) Through(ctx context.Context, do func(*http.Request) (*http.Response, error)) (Reply, error) {
	body := c.Body
	if c.JSON != nil {
		raw, err := json.Marshal(c.JSON)
		if err != nil {
			return Reply{}, Permanent("", reasons.CallNotWritable())
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, c.Method, c.URL, body)
	if err != nil {
		return Reply{}, withoutQuery(err)
	}
	for name, values := range c.Header {
		req.Header[name] = values
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if c.JSON != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Size > 0 {
		req.ContentLength = c.Size
	}
	res, err := do(req)
	if err != nil {
		return Reply{}, withoutQuery(err)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, AnswerLimit))
	err = errors.Join(err, res.Body.Close())
	if res.StatusCode/100 != 2 { // the status decides, even if the rest of the answer is cut off
		if c.Refused == nil {
			return Reply{res}, Answered(res, c.Commit)
		}
		if refusal := c.Refused(res, raw, c.Commit); refusal != nil {
			return Reply{res}, refusal
		}
		return Reply{res}, err
	}
	if err != nil {
		return Reply{res}, err
	}
	switch out := c.Out.(type) {
	case nil:
		return Reply{res}, nil
	case *[]byte:
		*out = raw
		return Reply{res}, nil
	}
	if err := json.Unmarshal(raw, c.Out); err != nil {
		return Reply{res}, fmt.Errorf("the answer to %s %s is not what it should be: %w", c.Method, req.URL.Path, err)
	}
	return Reply{res}, nil
}

// withoutQuery takes the query out of the URL in an error: that of an upload is a credential.
func withoutQuery(err error) error {
	var named *url.Error
	if errors.As(err, &named) {
		named.URL, _, _ = strings.Cut(named.URL, "?")
	}
	return err
}
