// Package client calls the API for the commands. It retries while the server is unavailable, and continues an upload
// where the server has it.
package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/reasons"
)

const (
	chunkSize   = 64 << 20 // bytes of one PATCH: what a proxy in between may have to buffer
	firstDelay  = 200 * time.Millisecond
	longestWait = 10 * time.Second
)

// Client calls a server's API: the resumable uploads (tus 1.0) and the few calls that an import also needs.
type Client struct {
	Base     *url.URL
	token    string
	http     *http.Client
	Patience time.Duration // how long to retry without any progress
}

// Problem is the server's error answer.
type Problem struct {
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Title     string `json:"title"`
	Detail    string `json:"detail"`
	Remedy    string `json:"remedy"`
	Duplicate struct {
		Asset string `json:"asset"`
	} `json:"duplicate"`
}

func (p *Problem) Error() string {
	s := p.Detail
	if s == "" {
		s = p.Title
	}
	if s == "" {
		s = fmt.Sprintf("the server answered %d %s", p.Status, http.StatusText(p.Status))
	}
	if p.Remedy != "" {
		s += " (" + p.Remedy + ")"
	}
	return s
}

// Again is an error after which a retry may succeed.
type Again struct {
	error
	after time.Duration // at least
}

func (a Again) Unwrap() error { return a.error }

// TryAgain marks err as an error after which a retry may succeed.
func TryAgain(err error) error { return Again{error: err} }

// Uploaded is the result of an upload.
type Uploaded struct {
	Status  string `json:"status"` // created or duplicate
	Asset   string `json:"asset"`
	Version string `json:"version"`
	// Metadata is the code of why the file's own metadata could not be read whole, "" if it was.
	Metadata string `json:"-"`
}

// New returns a client of the server at an address with a scheme. patience is how long it retries without any progress.
func New(server, token string, patience time.Duration) (*Client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, dam.InvalidInput("--server", reasons.NotAServerAddress())
	}
	return &Client{Base: &url.URL{Scheme: u.Scheme, Host: u.Host}, token: token, Patience: patience, http: &http.Client{
		// A redirect would turn an upload into a GET, and send the token to another server.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Call sends one request. The caller must close the answer's body. Statuses of 300 and above are errors: *Problem,
// wrapped in Again if a retry makes sense.
func (c *Client) Call(ctx context.Context, method, path string, header http.Header, body io.Reader,
	size int64) (*http.Response, error) {
	u, err := c.Base.Parse(path)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if header != nil {
		r.Header = header
	}
	if body != nil {
		r.ContentLength = size
	}
	r.Header.Set("User-Agent", "vitrine-import/"+cli.BuildVersion())
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, Again{error: fmt.Errorf("%s doesn't answer: %w", c.Base.Host, err)}
	}
	if answer.StatusCode < 300 {
		return answer, nil
	}
	defer func() { _ = answer.Body.Close() }()
	p := &Problem{}
	b, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err == nil && strings.HasPrefix(answer.Header.Get("Content-Type"), "application/problem+json") {
		err = json.Unmarshal(b, p)
	}
	if err != nil {
		p = &Problem{Detail: fmt.Sprintf("the server's answer %d can't be read: %v", answer.StatusCode, err)}
	}
	p.Status = answer.StatusCode
	if dam.Code(p.Code) == dam.Damaged { // stays damaged until a person repairs it
		return nil, p
	}
	switch p.Status {
	case http.StatusLocked, http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After")) // absent or a date: the client's own delay
		return nil, Again{p, time.Duration(seconds) * time.Second}
	}
	return nil, p
}

// Object decodes a JSON answer.
func (c *Client) Object(ctx context.Context, method, path string, in, out any) error {
	h := http.Header{}
	var body io.Reader
	var size int64
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		h.Set("Content-Type", "application/json")
		body, size = bytes.NewReader(b), int64(len(b))
	}
	answer, err := c.Call(ctx, method, path, h, body, size)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return Again{error: fmt.Errorf("the answer to %s %s can't be read: %w", method, path, err)}
	}
	return nil
}

// Persist calls try until it succeeds, its error is not an Again, or there was no progress for the client's patience.
// try reports whether it made progress.
func (c *Client) Persist(ctx context.Context, try func() (progress bool, err error)) error {
	delay, last := firstDelay, time.Now()
	for {
		progress, err := try()
		var retry Again
		if !errors.As(err, &retry) {
			return err
		}
		if progress {
			delay, last = firstDelay, time.Now()
		}
		if time.Since(last) > c.Patience {
			return fmt.Errorf("gave up after %s without progress: %w", c.Patience, retry.error)
		}
		// A random delay, so that parallel uploads don't all retry at once.
		wait := max(delay/2+rand.N(delay), retry.after)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		delay = min(2*delay, longestWait)
	}
}

// upload is one file being uploaded.
type upload struct {
	*Client
	file   *os.File
	size   int64
	meta   string
	sent   func(offset int64) // called with the offset that the server has, or that was sent
	path   string             // of the upload at the server; "" before it exists
	offset int64
	sure   bool // offset was confirmed by the server
}

// Send uploads a file and waits until the server has made an asset of it. After any interruption it continues at the
// server's offset. A refusal is a *Problem.
func (c *Client) Send(ctx context.Context, f *os.File, size int64, name string, sent func(int64)) (Uploaded, error) {
	u := &upload{Client: c, file: f, size: size, sent: sent,
		meta: "filename " + base64.StdEncoding.EncodeToString([]byte(name)) + ",on_duplicate " +
			base64.StdEncoding.EncodeToString([]byte("ask"))}
	var out Uploaded
	err := c.Persist(ctx, func() (bool, error) {
		before := u.offset
		var err error
		out, err = u.advance(ctx)
		return u.offset > before, err
	})
	return out, err
}

// advance does as much as it can without an interruption.
func (u *upload) advance(ctx context.Context) (Uploaded, error) {
	for {
		switch {
		case u.path == "":
			if err := u.create(ctx); err != nil {
				return Uploaded{}, err
			}
		case !u.sure:
			if err := u.ask(ctx); err != nil {
				return Uploaded{}, err
			}
		case u.offset == u.size:
			return u.result(ctx)
		default:
			out, err := u.patch(ctx)
			if err != nil || out.Asset != "" {
				return out, err
			}
		}
	}
}

func tusHeader() http.Header { return http.Header{"Tus-Resumable": {"1.0.0"}} }

func (u *upload) create(ctx context.Context) error {
	h := tusHeader()
	h.Set("Upload-Length", strconv.FormatInt(u.size, 10))
	h.Set("Upload-Metadata", u.meta)
	answer, err := u.Call(ctx, http.MethodPost, "/api/uploads", h, nil, 0)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	at, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || at.Path == "" {
		return errors.New("the server didn't say where to upload to")
	}
	// Only the path is used: the host stays the configured one, whatever a proxy calls it.
	u.path, u.offset, u.sure = at.EscapedPath(), 0, true
	u.sent(0)
	return nil
}

// ask gets the server's offset. An upload that no longer exists is either finished or starts again.
func (u *upload) ask(ctx context.Context) error {
	answer, err := u.Call(ctx, http.MethodHead, u.path, tusHeader(), nil, 0)
	var p *Problem
	if errors.As(err, &p) && (p.Status == http.StatusNotFound || p.Status == http.StatusGone) {
		u.offset, u.sure = u.size, true // result finds out
		return nil
	}
	if err != nil {
		return err
	}
	_ = answer.Body.Close()
	return u.at(answer)
}

func (u *upload) at(answer *http.Response) error {
	offset, err := strconv.ParseInt(answer.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 || offset > u.size {
		return fmt.Errorf("the server's upload offset is %q", answer.Header.Get("Upload-Offset"))
	}
	u.offset, u.sure = offset, true
	u.sent(offset)
	return nil
}

func (u *upload) patch(ctx context.Context) (Uploaded, error) {
	h := tusHeader()
	h.Set("Content-Type", "application/offset+octet-stream")
	h.Set("Upload-Offset", strconv.FormatInt(u.offset, 10))
	n := min(chunkSize, u.size-u.offset)
	body := &counted{Reader: io.NewSectionReader(u.file, u.offset, n), at: u.offset, report: u.sent}
	u.sure = false // until an answer confirms it
	answer, err := u.Call(ctx, http.MethodPatch, u.path, h, body, n)
	if err != nil {
		var p *Problem
		lost := errors.As(err, &p) && (p.Status == http.StatusNotFound || p.Status == http.StatusGone)
		if lost || p != nil && p.Status == http.StatusConflict && p.Code != string(dam.Duplicate) {
			return Uploaded{}, Again{error: err} // the offset is wrong, or the upload is gone: ask
		}
		return Uploaded{}, err
	}
	_ = answer.Body.Close()
	if err := u.at(answer); err != nil {
		return Uploaded{}, err
	}
	return Uploaded{answer.Header.Get("Vitrine-Status"), answer.Header.Get("Vitrine-Asset"),
		answer.Header.Get("Vitrine-Version"), answer.Header.Get("Vitrine-Metadata")}, nil
}

// result asks for the outcome of an upload whose last answer was lost.
func (u *upload) result(ctx context.Context) (Uploaded, error) {
	var out struct {
		Uploaded
		Code   string `json:"code"`
		Reason string `json:"reason"`
		Remedy string `json:"remedy"`
	}
	err := u.Object(ctx, http.MethodGet, u.path+"/result", nil, &out)
	var p *Problem
	if errors.As(err, &p) && (p.Status == http.StatusNotFound || p.Status == http.StatusGone) {
		// Its node is gone, or no server knows it: start again. If the file did arrive, it is a duplicate then.
		u.path, u.offset, u.sure = "", 0, false
		return Uploaded{}, Again{error: errors.New("the upload is lost at the server")}
	}
	switch {
	case err != nil:
		return Uploaded{}, err
	case out.Status == StatusRejected:
		return Uploaded{}, &Problem{Status: http.StatusUnprocessableEntity, Code: out.Code, Detail: out.Reason,
			Remedy: out.Remedy}
	case out.Asset == "":
		u.sure = false
		return Uploaded{}, Again{error: errors.New("the server is still busy with the file")}
	}
	return out.Uploaded, nil
}

// counted reports how much has been read.
type counted struct {
	io.Reader
	at     int64
	report func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.at += int64(n)
	c.report(c.at)
	return n, err
}

const (
	StatusCreated   = "created"
	StatusDuplicate = "duplicate"
	StatusRejected  = "rejected"
)
