package x

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func account(t *testing.T, secret string) json.RawMessage {
	b, err := json.Marshal(map[string]string{"consumer_key": XConsumerKey, "consumer_secret": XConsumerSecret,
		"access_token": XAccessToken, "access_secret": secret})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// harness counts an asset's posts by its id, which the suite writes into captions, or, for posts of rules, which have
// no caption, by the alternative text of their picture.
func harness(t *testing.T, x *simulator) publishertest.Harness {
	count := func(live bool) func(string) int {
		return func(asset string) (n int) {
			for _, p := range x.Posts() {
				if p.ReplyTo == "" && strings.Contains(p.Text+string(p.Media), asset) && (!p.Deleted || !live) {
					n++
				}
			}
			return n
		}
	}
	return publishertest.Harness{Kind: Kind(x.URL, x.URL, http.DefaultTransport), Config: account(t, XAccessSecret),
		Posts: count(false), Live: count(true), BlindToComments: x.NoReading,
		// Replies outlive what they reply to.
		Comments: func(word string) (n int) {
			for _, p := range x.Posts() {
				if p.ReplyTo != "" && !p.Deleted && strings.Contains(p.Text, word) {
					n++
				}
			}
			return n
		}, Fault: func(f publishertest.Fault) (func(), bool) {
			x.Fail(f)
			return func() { x.Fail("") }, true
		}}
}

func TestConformance(t *testing.T) {
	for name, reading := range map[string]bool{"with reading": true, "without reading": false} {
		t.Run(name, func(t *testing.T) {
			publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
				x := newSimulator(t)
				x.NoReading = !reading
				return harness(t, x)
			})
		})
	}
}

func TestFirstComment(t *testing.T) {
	x := newSimulator(t)
	publishertest.FirstComment(t, harness(t, x), func(r dam.Receipt) (under []string) {
		for _, p := range x.Posts() {
			if p.ReplyTo == r.Remote {
				under = append(under, p.Text)
			}
		}
		return under
	})
}

// People who compose a post see the count that X makes.
func TestCount(t *testing.T) {
	c, ok := Kind(Host, Login, nil).Publisher.(publishers.Counter)
	if !ok || c.Count("日本 https://example.com/a/long/one", publishers.Capabilities{}) != 4+1+linkWeight {
		t.Error("the count is not X's")
	}
}

func TestCredentials(t *testing.T) {
	x := newSimulator(t)
	p := Kind(x.URL, x.URL, nil).Publisher
	a := publishers.Account{Config: account(t, ""), Secrets: map[string]string{"consumer_secret": XConsumerSecret,
		"access_secret": XAccessSecret}}
	id, err := p.Verify(t.Context(), a)
	if err != nil || id.Name != "@brand" || id.ID != "12" {
		t.Fatalf("%+v %v", id, err)
	}
	a.Secrets["access_secret"] = "wrong"
	if _, err := p.Verify(t.Context(), a); publishers.ClassOf(err,
		publishers.ClassRetry) != publishers.ClassDisconnected {
		t.Errorf("wrong secret: %v", err)
	}
}

func TestOtherCallsAreRefused(t *testing.T) {
	c, tr, err := (&publisher{host: "http://127.0.0.1:1"}).client(t.Context(),
		publishers.Account{Config: json.RawMessage(`{}`)}, false)
	if err != nil {
		t.Fatal(err)
	}
	_, res, err := c.Statuses.Retweet(1, nil)
	if res != nil {
		_ = res.Body.Close()
	}
	if err == nil || tr.failure == nil ||
		publishers.ClassOf(tr.failure, publishers.ClassRetry) != publishers.ClassPermanent {
		t.Errorf("a call that is not translated: %v, %v", err, tr.failure)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   publishers.Class // in a commit
	}{
		{403, `{"title":"Forbidden","detail":"You are not allowed to create a Tweet with duplicate content."}`,
			publishers.ClassPermanent},
		{429, `{"title":"UsageCapExceeded","type":"https://api.twitter.com/2/problems/usage-capped"}`,
			publishers.ClassPermanent},
		{429, `{"title":"Too Many Requests"}`, publishers.ClassThrottled},
		{403, `{"detail":"Your account is suspended"}`, publishers.ClassDisconnected},
		{403, `{"type":"https://api.twitter.com/2/problems/oauth1-permissions"}`, publishers.ClassDisconnected},
		{401, `{"title":"Unauthorized"}`, publishers.ClassDisconnected},
		{400, `{"title":"Invalid Request"}`, publishers.ClassPermanent},
		{500, `{}`, publishers.ClassUnknown},
		{503, `<html>`, publishers.ClassUnknown},
	} {
		req, err := http.NewRequest(http.MethodPost, "https://api.x.com/2/tweets", nil)
		if err != nil {
			t.Fatal(err)
		}
		res := &http.Response{StatusCode: c.status, Status: http.StatusText(c.status), Header: http.Header{},
			Request: req}
		if got := publishers.ClassOf(refused(res, []byte(c.body), true), publishers.ClassRetry); got != c.want {
			t.Errorf("%d %s is %s, want %s", c.status, c.body, got, c.want)
		}
	}
}

func TestWeight(t *testing.T) {
	for text, want := range map[string]int{
		"":                                   0,
		"hello":                              5,
		"été":                                3,
		"e\u0301":                            1,
		"日本":                                 4,
		"see https://example.com/a/long/one": 4 + 23,
		"👍":                                  2,
		"👍🏽":                                 2,
		"👨‍👩‍👧":                              2,
		"🇫🇷🇨🇦":                               4,
		"❤️":                                 2,
		strings.Repeat("a", 280):             280,
	} {
		if got := weight(text); got != want {
			t.Errorf("%q weighs %d, want %d", text, got, want)
		}
	}
}
