package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/webhooks"
	"vitrine/publishers"
)

// answering is a service that says the same to every step.
type answering struct {
	status int
	body   []byte
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{Request: r, StatusCode: a.status, Status: "200 fine", Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(a.body))}, nil
}

// Whatever a plug-in answers, a step ends with what can be stored, or with a classified error.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{`{"idempotency":"durable","update":true,"recall":true,"caption_max":500}`,
		`{"remote":"r","url":"https://x"}`, `{"verdict":"delivered","remote":"r"}`,
		`{"error":"permanent","message":"no","field":"caption"}`, `{"error":"throttled","retry_after":1e18}`,
		`{"state":{"a":1},"need":["x"]}`,
		`{"settle_seconds":-1,"idempotency":"window"}`, `null`, `[]`, `"x"`, "", "{\"remote\":\"\\u0000\"}",
		`{"retry_after":-5,"error":"retry"}`, `{"need":[null]}`, strings.Repeat("[", 9000)} {
		for _, status := range []int{200, 204, 302, 400, 409, 429, 500, 999} {
			f.Add(uint16(status), s)
		}
	}
	f.Fuzz(func(t *testing.T, status uint16, body string) {
		p := &publisher{Options: Options{Client: &http.Client{Transport: answering{int(status), []byte(body)}},
			Sign: webhooks.Sign}}
		a := publishers.Account{Config: json.RawMessage(`{"url":"https://plugin.example.com"}`),
			Secrets: map[string]string{"secret": secret}}
		in := publishers.Intent{ID: "p_1", Account: a}
		told := func(what string, err error) {
			var e *publishers.Error
			if errors.As(err, &e) && (e.Class == "" || !utf8.ValidString(e.Text())) {
				t.Errorf("%s: %+v", what, e)
			}
		}
		_, err := p.Describe(t.Context(), a)
		told("describe", err)
		_, err = p.Verify(t.Context(), a)
		told("verify", err)
		state, err := p.Prepare(t.Context(), in, nil)
		if told("prepare", err); err == nil && state != nil && !json.Valid(state) {
			t.Errorf("the state %q is no JSON", state)
		}
		r, err := p.Commit(t.Context(), in, nil)
		if told("commit", err); err == nil && r.Remote == "" {
			t.Error("a commit without a remote id is a success")
		}
		out, err := p.Lookup(t.Context(), in, nil)
		if told("lookup", err); err == nil && out.Verdict != publishers.Delivered && out.Verdict != publishers.Absent &&
			out.Verdict != publishers.Undecided {
			t.Errorf("the verdict %q", out.Verdict)
		}
		remote, err := p.Comment(t.Context(), in, dam.Receipt{Remote: "r"})
		if told("comment", err); err == nil && remote == "" {
			t.Error("a comment without a remote id is a success")
		}
		_, err = p.Refresh(t.Context(), a)
		told("refresh", err)
		_, err = p.Recall(t.Context(), in, &dam.Receipt{Remote: "r"})
		told("recall", err)
	})
}
