package x

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/planning"
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
			publishers.ClassUnpaid},
		{402, `{"title":"CreditsDepleted","type":"https://api.twitter.com/2/problems/credits"}`,
			publishers.ClassUnpaid},
		{402, `{"title":"Payment Required","type":"https://api.x.com/2/problems/credits-depleted"}`,
			publishers.ClassUnpaid},
		{402, `<html>`, publishers.ClassUnpaid},
		{403, `{"title":"Forbidden","detail":"You are not permitted to perform this action."}`,
			publishers.ClassPermanent},
		{403, `{"title":"Forbidden","detail":"The Tweet contains an invalid URL."}`, publishers.ClassPermanent},
		{403, `{"title":"Forbidden"}`, publishers.ClassPermanent},
		{403, `{"type":"https://api.twitter.com/2/problems/client-forbidden"}`, publishers.ClassDisconnected},
		{403, `{"title":"Unsupported Authentication",
			"type":"https://api.twitter.com/2/problems/unsupported-authentication"}`, publishers.ClassDisconnected},
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
		"see example.com":                    4 + 23,
		"https://example.com日本":              23 + 4,
		"HTTPS://EXAMPLE.COM/A":              23,
		// a top-level domain that is newer than X's published list: the higher of both counts
		"a.kids":                            23,
		"a.kids/" + strings.Repeat("x", 43): 50,
	} {
		if got := weight(text); got != want {
			t.Errorf("%q weighs %d, want %d", text, got, want)
		}
	}
}

// A 403 about the text fails that post and no other.
func TestForbiddenText(t *testing.T) {
	x := newSimulator(t)
	h := harness(t, x)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, h.Kind.Name, h.Config)
	for text, reason := range map[string]string{"look https://" + refusedHost: reasons.CodeXRefusesLink,
		"buy $AAA and $BBB": reasons.CodeXRefusesCashtags} {
		p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
			planning.PublishInput{Asset: w.Asset("shoe").ID, Channel: ch.ID, Caption: text})
		if err != nil {
			t.Fatal(err)
		}
		p = w.Until(s, p.ID, dam.PubFailed)
		if p.Problem == nil || p.Problem.ReasonCode != reason || p.Problem.Field != "caption" {
			t.Errorf("%q: %s", text, publishertest.Ledger(p))
		}
	}
	ch, err := s.Accounts.Channel(catalogtest.Context(t), dam.DefaultLibrary, ch.ID)
	if err != nil || ch.Health != dam.Healthy {
		t.Errorf("the channel is %s %v", ch.Health, err)
	}
	a := w.Asset("boot")
	w.Until(s, w.Publish(s, a.ID, ch.ID).ID, dam.PubDelivered)
}

// Without credits the channel waits with growing pauses and says so once; nothing fails, and all of it goes out when
// there are credits again.
func TestCredits(t *testing.T) {
	for _, byHand := range []bool{false, true} {
		x := newSimulator(t)
		h := harness(t, x)
		w := publishertest.NewWorld(t, catalogtest.SQLite(t))
		s := w.Service("a", h.Kind)
		ch := w.Channel(s, h.Kind.Name, h.Config)
		head, err := w.Catalog.Log().Head(catalogtest.Context(t))
		if err != nil {
			t.Fatal(err)
		}
		var due []string
		for _, name := range []string{"shoe", "boot"} {
			due = append(due, w.Publish(s, w.Asset(name).ID, ch.ID).ID)
		}
		before := x.Spend(true)
		for range 60 {
			w.Turn(s)
			w.Clock.Advance(time.Minute)
		}
		hour := x.Spend(true) - before
		for range 4 * 24 {
			w.Turn(s)
			w.Clock.Advance(15 * time.Minute)
		}
		day := x.Spend(true) - before
		if hour == 0 || hour > 12 || day > 35 {
			t.Errorf("%d calls in the first hour, %d in a day", hour, day)
		}
		for _, id := range due {
			if p := w.Read(id); p.State != dam.PubPlanned {
				t.Errorf("without credits\n%s", publishertest.Ledger(p))
			}
		}
		list, err := w.Catalog.Log().Events(catalogtest.Context(t), "", head, 1000)
		if err != nil {
			t.Fatal(err)
		}
		notices := 0
		for _, e := range list {
			if e.Type == dam.ChannelUpdated {
				notices++
			}
		}
		ch, err = s.Accounts.Channel(catalogtest.Context(t), dam.DefaultLibrary, ch.ID)
		if err != nil || notices != 1 || ch.Health != dam.Degraded || len(ch.HealthReasons) != 1 ||
			ch.HealthReasons[0].ReasonCode != reasons.CodeXCreditsDepleted || ch.HeldUntil == nil {
			t.Errorf("%d notices of %+v %v", notices, ch, err)
		}
		_, err = s.Accounts.TestChannel(catalogtest.Context(t), dam.DefaultLibrary, ch.ID)
		if code := dam.CodeOf(err); code != dam.Unavailable {
			t.Errorf("tested without credits: %v", err)
		}
		x.Spend(false)
		if byHand {
			if _, err := s.Accounts.TestChannel(catalogtest.Context(t), dam.DefaultLibrary, ch.ID); err != nil {
				t.Fatal(err)
			}
			w.Turn(s)
			w.Turn(s)
		} else {
			w.Clock.Advance(time.Hour)
		}
		for _, id := range due {
			if byHand {
				if p := w.Read(id); p.State != dam.PubDelivered {
					t.Errorf("tested with credits\n%s", publishertest.Ledger(p))
				}
			}
			w.Until(s, id, dam.PubDelivered)
		}
		if ch, err = s.Accounts.Channel(catalogtest.Context(t), dam.DefaultLibrary, ch.ID); err != nil ||
			ch.Health != dam.Healthy {
			t.Errorf("the channel is %s %v", ch.Health, err)
		}
	}
}

// What a post with a link costs is said before it is planned.
func TestCost(t *testing.T) {
	x := newSimulator(t)
	h := harness(t, x)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, h.Kind.Name, h.Config)
	for text, said := range map[string]bool{"no link": false, "see example.com": true} {
		list, err := s.Planning.CheckPublish(catalogtest.Context(t), dam.DefaultLibrary,
			planning.PublishInput{Asset: w.Asset("shoe").ID, Channel: ch.ID, Caption: text})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		got := slices.ContainsFunc(list[0].Warnings, func(p dam.Problem) bool {
			return p.ReasonCode == reasons.CodeXLinkCosts && p.Params["link"] == linkPrice
		})
		if got != said || ch.Limits["cost"] == "" {
			t.Errorf("%q: %+v", text, list[0].Warnings)
		}
	}
}

// A lost answer is looked up by the text, which X changes: entities, t.co links, the picture's link.
func TestLookup(t *testing.T) {
	body := []byte("picture")
	media := []publishers.Media{{MediaType: "image/jpeg", SHA256: "ab", Size: int64(len(body))}}
	for _, text := range []string{"Socks & shoes <3 https://example.com/a?b=1&c=2 now", "see Example.com.", "Été 日本 👍",
		"two https://example.com/a HTTP://example.com/b", "cafe\u0301 &amp;"} {
		for _, files := range [][]publishers.Media{nil, media} {
			x := newSimulator(t)
			p := Kind(x.URL, x.URL, http.DefaultTransport).Publisher
			in := publishers.Intent{CommittedAt: time.Now(), Content: publishers.Content{Text: text, Media: files},
				Account: publishers.Account{Config: account(t, ""), Secrets: map[string]string{
					"consumer_secret": XConsumerSecret, "access_secret": XAccessSecret}},
				Open: func(context.Context, publishers.Media) (io.ReadCloser, error) {
					return io.NopCloser(bytes.NewReader(body)), nil
				}}
			state, err := p.Prepare(t.Context(), in, nil)
			if err != nil {
				t.Fatal(err)
			}
			sent, err := p.Commit(t.Context(), in, state)
			if err != nil {
				t.Fatal(err)
			}
			out, err := p.Lookup(t.Context(), in, state)
			if err != nil || out.Verdict != publishers.Delivered || out.Receipt.Remote != sent.Remote {
				t.Errorf("%q: %+v %v", text, out, err)
			}
			in.Content.Text = text + "!"
			if out, err = p.Lookup(t.Context(), in, state); err != nil || out.Verdict != publishers.Absent {
				t.Errorf("another text than %q: %+v %v", text, out, err)
			}
		}
	}
	post := shown{Text: "a https://t.co/1 https://t.co/2"}
	post.Entities.URLs = append(post.Entities.URLs, struct {
		URL      string `json:"url"`
		Expanded string `json:"expanded_url"`
	}{"https://t.co/1", "https://example.com/other"})
	if post.same("a https://example.com/this") || !post.same("a https://example.com/other") || post.same("a") {
		t.Error("a post with another link is taken for ours")
	}
}

// Counting takes no longer than reading: texts of this size never came to an end.
func TestWeightOfLongTexts(t *testing.T) {
	labels, letters, signs := strings.Repeat("a.", 30_000), strings.Repeat("a", 30_000), make([]rune, 20_000)
	for i := range signs {
		signs[i] = rune(0x4E00 + i)
	}
	for text, want := range map[string]int{"xn--" + labels + "一.com": 60_010, labels + "一.com": 60_006,
		letters + "." + letters + ".xn--" + letters: 90_006, string(signs) + ".com": 40_004} {
		if got := weight(text); got != want {
			t.Errorf("%.10s… of %d characters weighs %d", text, len([]rune(text)), got)
		}
	}
}
