package server

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/publishers"
	"vitrine/test/golden"
)

// plainRemote answers as a remote that says no more than it has to: kinds that read limits from their remote have the
// usual ones.
type plainRemote struct{}

func (plainRemote) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"id":"1","version":"0.5.29","instagram_business_account":{"id":"1","username":"brand"},` +
		`"data":[{"quota_usage":0,"config":{"quota_total":100,"quota_duration":86400}}]}`
	if strings.HasSuffix(r.URL.Host, "tiktokapis.com") {
		body =
			`{"data":{"privacy_level_options":["SELF_ONLY"],"max_video_post_duration_sec":600},"error":{"code":"ok"}}`
	}
	return &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
		Request: r}, nil
}

// plainKinds are all kinds, with a plain remote.
func plainKinds() []publishers.Kind {
	return channelKinds(nil, &http.Client{Transport: plainRemote{}}, plainRemote{},
		func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }, nil)
}

func plainAccount() publishers.Account {
	return publishers.Account{Config: []byte(`{"server":"https://remote.invalid","url":"https://remote.invalid",` +
		`"service":"https://remote.invalid","privacy":"SELF_ONLY","page":"1"}`), Secrets: map[string]string{}}
}

// The documentation's table of kinds is generated from them.
func TestKindDocumentation(t *testing.T) {
	var b strings.Builder
	b.WriteString("| Kind | Tried on | Interface, its end | Files | Text | The same call twice | Recall | " +
		"Source, read on |\n|---|---|---|---|---|---|---|---|\n")
	for _, k := range plainKinds() {
		c, err := k.Publisher.Describe(t.Context(), plainAccount())
		declared := err != nil || c.Idempotency == "" || k.Name == "plugin" // only a real remote can tell
		say := func(s string) string {
			if declared {
				return "as it declares"
			}
			return cmp.Or(s, "–")
		}
		api := cmp.Or(k.API.Version, "–")
		if !k.API.Ends.IsZero() {
			api += ", until " + k.API.Ends.Format(time.DateOnly)
		}
		source := "–"
		if k.API.Source != "" {
			source = fmt.Sprintf("[%s](%s), %s", host(k.API.Source), k.API.Source, k.API.Checked.Format(time.DateOnly))
		}
		recall := "by hand"
		if c.Recall {
			recall = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n", k.Name,
			cmp.Or(k.Tested, "a simulator only"), api, say(c.LimitReasons["media"].Text()), say(text(k, c)),
			say(string(c.Idempotency)), say(recall), source)
	}
	golden.Document(t, "../../../docs/publishing.md", "kinds", b.String())
}

func host(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// text says what a post's texts may be.
func text(k publishers.Kind, c publishers.Capabilities) string {
	var out []string
	add := func(name, said string) {
		if said != "" {
			out = append(out, name+said)
		}
	}
	limit := func(name string) string { return c.LimitReasons[name].Text() }
	add("", limit("caption"))
	if limit("caption") == "" && c.CaptionMax > 0 {
		add("", fmt.Sprintf("%d %s", c.CaptionMax, c.CaptionUnit))
	}
	add("title: ", limit("title"))
	add("alt: ", cmp.Or(limit("alt"), map[bool]string{true: fmt.Sprintf("%d characters", c.AltMax)}[c.AltMax > 0]))
	add("link: ", limit("link"))
	if c.Link && limit("link") == "" {
		add("", "a link of its own")
	}
	if _, ok := k.Publisher.(publishers.Commenter); ok {
		add("", "first comment")
	}
	return strings.Join(out, "; ")
}
