package tiktok

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// mib is used for lengths: 12 MiB are two parts, 17 MiB three.
const mib = 1 << 20

// set is a channel in a world with videos; before is called before each part is sent.
type set struct {
	*publishertest.World
	k      *simulator
	h      publishertest.Harness
	s      *publishertest.Service
	ch     dam.Channel
	before func(n int)
	parts  int
}

// RoundTrip implements http.RoundTripper.
func (x *set) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPut {
		if x.parts++; x.before != nil {
			x.before(x.parts)
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

func videoSet(t *testing.T, seconds float64, size int) *set {
	x := &set{World: publishertest.NewWorld(t, catalogtest.SQLite(t))}
	x.k, x.h = harness(t)
	x.Videos(seconds, size)
	x.s = x.Service("a", Kind(Hosts{API: x.k.URL, Login: x.k.URL}, &http.Client{Transport: x}))
	x.ch = x.Channel(x.s, Name, x.h.Config)
	return x
}

// ended fails unless the asset was posted once, after uploads of the given numbers of bytes.
func (x *set) ended(t *testing.T, asset string, uploads ...int) {
	t.Helper()
	if n, got := x.k.Count(asset), x.k.Uploads(); n != 1 || !slices.Equal(got, uploads) {
		t.Errorf("%d posts after uploads of %v, want one after %v", n, got, uploads)
	}
}

// A video is sent in parts, with its text and settings, and its receipt leads to the post.
func TestVideo(t *testing.T) {
	t.Parallel()
	x := videoSet(t, 5, 12*mib)
	a := x.Asset("shoe").ID
	p, err := x.s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
		planning.PublishInput{Asset: a, Channel: x.ch.ID, Caption: "the shoe",
			Post: dam.Post{Options: json.RawMessage(
				`{"no_comments": true, "no_duets": true, "no_stitches": true, "ai_generated": true, "promotes": "own_business"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	p = x.Until(x.s, p.ID, dam.PubDelivered)
	x.ended(t, a, 12*mib)
	if !strings.HasPrefix(p.Receipt.URL, "https://www.tiktok.com/@brand/video/73000000000000000") || x.parts != 2 {
		t.Errorf("%+v in %d parts", p.Receipt, x.parts)
	}
	if x.k.Count("the shoe  [no comments] [no duets] [no stitches] [AI-generated] [promotional content]") != 1 {
		t.Error("it does not say what it was to say")
	}
}

// If a node dies during an upload, another node continues it. If the first one revives, its part is refused.
func TestVideoGoesOn(t *testing.T) {
	t.Parallel()
	x := videoSet(t, 5, 17*mib)
	reached, dead, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	x.before = func(n int) {
		if n == 2 {
			close(reached)
			<-dead
		}
	}
	a := x.Asset("shoe").ID
	p := x.Publish(x.s, a, x.ch.ID)
	// it dies: nothing gets its result
	go func() { defer close(done); _, _ = x.s.Ledger.Turn(context.WithoutCancel(catalogtest.Context(t))) }()
	<-reached
	x.Clock.Advance(5 * time.Second)
	y := &set{World: x.World}
	p = x.Until(x.Service("b", Kind(Hosts{API: x.k.URL, Login: x.k.URL}, &http.Client{Transport: y})), p.ID,
		dam.PubDelivered)
	close(dead)
	<-done
	x.ended(t, a, 17*mib)
	if y.parts != 2 || p.Attempts != 0 {
		t.Errorf("the other node sent %d parts\n%s", y.parts, publishertest.Ledger(p))
	}
}

// A fault of any part, even the last, causes neither a second upload nor a second post.
func TestVideoTrouble(t *testing.T) {
	t.Parallel()
	for _, f := range []publishertest.Fault{TikTokBusy, TikTokCut, TikTokLost} {
		for name, size := range map[string]int{"of several": 12 * mib, "the only one": 4 * mib} {
			t.Run(string(f)+", "+name, func(t *testing.T) {
				t.Parallel()
				x := videoSet(t, 5, size)
				a := x.Asset("shoe").ID
				x.k.Fail(f)
				p := x.Publish(x.s, a, x.ch.ID)
				x.Until(x.s, p.ID, dam.PubDelivered)
				x.ended(t, a, size)
			})
		}
	}
}

// An upload that TikTok closes before its last part was sent is started again.
func TestVideoClosed(t *testing.T) {
	t.Parallel()
	x := videoSet(t, 5, 17*mib)
	x.before = func(n int) {
		if n == 2 {
			x.k.Close()
		}
	}
	a := x.Asset("shoe").ID
	p := x.Publish(x.s, a, x.ch.ID)
	x.Until(x.s, p.ID, dam.PubDelivered)
	x.ended(t, a, 5*mib, 17*mib)
}

// While TikTok is making the post, it is not reported as delivered. If that takes too long, a person is asked, and a
// retry makes no second post.
func TestVideoUnderWay(t *testing.T) {
	t.Parallel()
	x := videoSet(t, 5, 0)
	x.k.Fail(TikTokSlow)
	a := x.Asset("shoe").ID
	p := x.Publish(x.s, a, x.ch.ID)
	x.Turn(x.s)
	if p = x.Read(p.ID); p.State != dam.PubUnknown {
		t.Fatal(publishertest.Ledger(p))
	}
	p = x.Until(x.s, p.ID, dam.PubUnconfirmed)
	x.k.Fail("")
	if _, err := x.s.Planning.Confirm(catalogtest.Context(t), dam.DefaultLibrary, p.ID,
		planning.Confirmation{Outcome: "resend"}); err != nil {
		t.Fatal(err)
	}
	x.Until(x.s, p.ID, dam.PubDelivered)
	if len(x.k.Uploads()) != 1 || x.k.Count(a) != 1 {
		t.Errorf("%d posts after uploads of %v", x.k.Count(a), x.k.Uploads())
	}
}

// A video that TikTok refuses later fails with the reason too.
func TestVideoRefusedLate(t *testing.T) {
	t.Parallel()
	x := videoSet(t, 5, 0)
	x.k.Fail(TikTokSlow)
	x.before = func(int) { x.k.Longest(4) }
	a := x.Asset("shoe").ID
	p := x.Publish(x.s, a, x.ch.ID)
	x.Turn(x.s)
	x.k.Fail("")
	if p = x.Until(x.s, p.ID, dam.PubFailed); !strings.Contains(p.Problem.Message, "duration_check_failed") ||
		x.k.Count(a) != 0 || x.parts != 1 {
		t.Errorf("%+v after %d parts", p.Problem, x.parts)
	}
}

// A video that TikTok refuses fails with the reason and what to do; TikTok's own errors are temporary.
func TestVideoRefused(t *testing.T) {
	t.Parallel()
	x := videoSet(t, 5, 0)
	x.before = func(n int) {
		if n == 1 {
			x.k.Longest(4)
		}
	}
	a := x.Asset("shoe").ID
	p := x.Publish(x.s, a, x.ch.ID)
	p = x.Until(x.s, p.ID, dam.PubFailed)
	if p.Problem.Field != "media" || !strings.Contains(p.Problem.Message, "duration_check_failed") ||
		!strings.Contains(p.Problem.Remedy, "max_seconds") || x.k.Count(a) != 0 {
		t.Errorf("%+v", p.Problem)
	}
	// The account's limit is checked before anything is uploaded.
	retry := func(want dam.PublicationState) {
		t.Helper()
		if _, err := x.s.Planning.Retry(catalogtest.Context(t), dam.DefaultLibrary, p.ID); err != nil {
			t.Fatal(err)
		}
		p = x.Until(x.s, p.ID, want)
	}
	if retry(dam.PubFailed); p.Problem.Field != "presets" ||
		p.Problem.Message != "web lasts 5.0 s, and the account may post 4" || x.parts != 1 {
		t.Errorf("%+v after %d parts", p.Problem, x.parts)
	}
	x.k.Longest(600)
	x.k.Fail(TikTokInternal)
	x.before = func(n int) {
		if n == 3 {
			x.k.Fail("")
		}
	}
	retry(dam.PubDelivered)
	if n := len(x.k.Uploads()); n != 3 || x.k.Count(a) != 1 {
		t.Errorf("%d uploads, %d posts", n, x.k.Count(a))
	}
}

// What the account does not accept is refused at planning.
func TestVideoPlanned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		seconds float64
		in      planning.PublishInput
		privacy string
		field   string
	}{
		"too long":  {seconds: 601, field: "presets"},
		"too short": {seconds: 2, field: "presets"},
		"caption": {seconds: 5, in: planning.PublishInput{Caption: strings.Repeat("é", 2199) + "👟"},
			field: "caption"},
		"private ad": {seconds: 5,
			in: planning.PublishInput{Post: dam.Post{Options: json.RawMessage(
				`{"promotes": "paid_partnership"}`)}},
			privacy: "SELF_ONLY", field: "options.promotes"},
		"other options": {seconds: 5,
			in:    planning.PublishInput{Post: dam.Post{Options: json.RawMessage(`{"no_fun": true}`)}},
			field: "options.no_fun"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := videoSet(t, c.seconds, 0)
			if c.privacy != "" {
				config := json.RawMessage(strings.Replace(string(x.h.Config), "PUBLIC_TO_EVERYONE", c.privacy, 1))
				x.ch = x.Channel(x.s, Name, config)
			}
			c.in.Asset, c.in.Channel = x.Asset("shoe").ID, x.ch.ID
			_, err := x.s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, c.in)
			var e *dam.Error
			if !errors.As(err, &e) || e.Field != c.field || e.Reason.Advice() == "" {
				t.Errorf("%v, want a refusal of %s", err, c.field)
			}
		})
	}
}

// Commits with the same state make no second post, whatever the outcome of the first call. Once a last part may have
// been sent, no other upload is opened.
func TestVideoHandle(t *testing.T) {
	t.Parallel()
	k, h := harness(t)
	p := Kind(Hosts{API: k.URL, Login: k.URL}, outbound.Operator(10*time.Second)).Publisher
	in := publishertest.VideoIntent(h.Config, map[string]string{publishers.AccessToken: TikTokToken}, 5, 12*mib)
	state, err := p.Prepare(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	look := func(want publishers.Verdict) {
		t.Helper()
		if out, err := p.Lookup(t.Context(), in, state); err != nil || out.Verdict != want {
			t.Errorf("%+v %v, want %s", out, err, want)
		}
	}
	look(publishers.Absent)
	old := func() publishers.State {
		var u upload
		if err := json.Unmarshal(state, &u); err != nil {
			t.Fatal(err)
		}
		u.Made = u.Made.Add(-2 * openFor)
		raw, err := json.Marshal(u)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	in.CommittedAt = time.Now()
	if _, err := p.Prepare(t.Context(), in, old()); publishers.ClassOf(err,
		publishers.ClassRetry) != publishers.ClassPermanent {
		t.Errorf("an upload that ran out with its last part in doubt: %v", err)
	}
	other := in
	other.Content.Text = "another text"
	if _, err := p.Prepare(t.Context(), other, state); publishers.ClassOf(err,
		publishers.ClassRetry) != publishers.ClassPermanent {
		t.Errorf("another text with the last part in doubt: %v", err)
	}
	if n := len(k.Uploads()); n != 1 {
		t.Fatalf("%d uploads", n)
	}
	first, err := p.Commit(t.Context(), in, state)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Prepare(t.Context(), in, old())
	if err != nil {
		t.Fatal(err)
	}
	if second, err := p.Commit(t.Context(), in, again); err != nil || second.Remote != first.Remote ||
		k.Count("a film") != 1 || len(k.Uploads()) != 1 {
		t.Errorf("%+v %v after %+v, %d posts", second, err, first, k.Count("a film"))
	}
	look(publishers.Delivered)
	// Nothing of this one was sent: it may be started again.
	in.CommittedAt, in.Content.Text = time.Time{}, "another text"
	if state, err = p.Prepare(t.Context(), in, state); err != nil || len(k.Uploads()) != 2 {
		t.Fatal(err)
	}
	if _, err = p.Prepare(t.Context(), in, old()); err != nil || len(k.Uploads()) != 3 {
		t.Fatal(err)
	}
}
