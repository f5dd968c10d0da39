package mastodon

import (
	"encoding/json"
	"errors"
	"net/http"
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

func harness(t *testing.T) (*simulator, publishertest.Harness) {
	m := newSimulator(t)
	config, err := json.Marshal(map[string]string{"server": m.URL, "token": MastodonToken, "visibility": "unlisted"})
	if err != nil {
		t.Fatal(err)
	}
	return m, publishertest.Harness{Kind: Kind(outbound.Operator(10 * time.Second)), Config: config,
		Posts: func(asset string) int { ever, _ := m.Count(asset); return ever },
		Live:  func(asset string) int { _, live := m.Count(asset); return live }, Comments: m.Comments,
		Fault: func(f publishertest.Fault) (func(), bool) { m.Fail(f); return func() { m.Fail("") }, true }}
}

func TestConformance(t *testing.T) {
	publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness { _, h := harness(t); return h })
}

func TestFirstComment(t *testing.T) {
	m, h := harness(t)
	publishertest.FirstComment(t, h, func(r dam.Receipt) []string { return m.Replies(r.Remote) })
}

// The server's own limits apply, and Prepare waits for a picture that is still being processed.
func TestServerSays(t *testing.T) {
	m, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, Name, h.Config)
	if ch.Limits["caption"] == "" || ch.Identity.Name != "@brand" {
		t.Fatalf("%+v", ch)
	}
	a := w.Asset("shoe")
	for text, ok := range map[string]bool{
		strings.Repeat("é", MastodonMax):                                             true,
		strings.Repeat("é", MastodonMax+1):                                           false,
		strings.Repeat("é", 97) + "https://e.com/" + strings.Repeat("x", 90):         true, // 97 and a link
		strings.Repeat("é", 113) + " @brand@" + strings.Repeat("x", 90) + ".example": true,
		strings.Repeat("é", 114) + " @brand@example.com":                             false,
	} {
		_, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
			planning.PublishInput{Asset: a.ID, Channel: ch.ID, Caption: text, At: "2099-01-01T00:00"})
		if (err == nil) != ok {
			t.Errorf("%d bytes of caption: %v", len(text), err)
		}
	}
	m.Fail(reading)
	p := w.Publish(s, a.ID, ch.ID)
	w.Turn(s)
	if p = w.Read(p.ID); p.State != dam.PubPlanned {
		t.Fatal(publishertest.Ledger(p))
	}
	m.Fail("")
	w.Until(s, p.ID, dam.PubDelivered)
	if ever, live := m.Count(a.ID); ever != 1 || live != 1 {
		t.Errorf("%d posts, %d live", ever, live)
	}
}

func TestCount(t *testing.T) {
	c, ok := Kind(nil).Publisher.(publishers.Counter)
	if !ok {
		t.Fatal("it does not count")
	}
	for text, want := range map[string]int{
		"":                                     0,
		"e\u0301 👨\u200d👩\u200d👧":              3,
		"see https://example.com/a/long/one.":  4 + 23 + 1,
		"https://example.com/x, and":           23 + 5,
		"(https://example.com/a_(b))":          1 + 23 + 1,
		"HTTPS://EXAMPLE.COM/?a=b&c=":          23,
		"日本https://example.jp/日本":              2 + 23,
		"xhttps://example.com":                 20,
		"example.com":                          11,
		"@brand@example.com and @other":        6 + 5 + 6,
		"me@example.com":                       14,
		"/@brand@example.com":                  19,
		"https://example.com/@brand@other.org": 23,
		"@brand@example.com@more":              23,
	} {
		if got := c.Count(text, publishers.Capabilities{}); got != want {
			t.Errorf("%q counts %d, want %d", text, got, want)
		}
	}
	if got := c.Count("https://example.com", publishers.Capabilities{LinkLength: 30}); got != 30 {
		t.Errorf("where a link counts 30 it counts %d", got)
	}
}

// One refusal stands for a picture that is forgotten and for one that is attached: the server is asked which.
func TestForgottenPictures(t *testing.T) {
	m, h := harness(t)
	p := h.Kind.Publisher
	in := publishertest.Intent(t, h.Config, map[string]string{"token": MastodonToken})
	in.Content.Text = "hello " + in.Content.Asset
	prepare := func(state publishers.State) publishers.State {
		t.Helper()
		state, err := p.Prepare(t.Context(), in, state)
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	first := prepare(nil)
	if again := prepare(first); string(again) != string(first) {
		t.Errorf("uploaded twice: %s, %s", first, again)
	}
	m.Fail(reading)
	if _, err := p.Commit(t.Context(), in, first); publishers.ClassOf(err, "") != publishers.ClassRetry {
		t.Errorf("while it is being read: %v", err)
	}
	m.Fail("")
	m.Forget()
	in.CommittedAt = time.Now()
	if _, err := p.Commit(t.Context(), in, first); publishers.ClassOf(err, "") != publishers.ClassUnknown {
		t.Errorf("forgotten between the steps: %v", err)
	}
	if out, err := p.Lookup(t.Context(), in, first); err != nil || out.Verdict != publishers.Absent {
		t.Errorf("looked up: %+v %v", out, err)
	}
	second := prepare(first)
	made, err := p.Commit(t.Context(), in, second)
	if err != nil || string(second) == string(first) {
		t.Fatalf("after another upload: %v, state %s", err, second)
	}
	// Now it is attached: it is not uploaded again, and what became of it is found out.
	if again := prepare(second); string(again) != string(second) {
		t.Errorf("an attached picture is uploaded again: %s", again)
	}
	if _, err := p.Commit(t.Context(), in, second); publishers.ClassOf(err, "") != publishers.ClassUnknown {
		t.Errorf("attached: %v", err)
	}
	if out, err := p.Lookup(t.Context(), in, second); err != nil || out.Receipt.Remote != made.Remote {
		t.Errorf("looked up: %+v %v", out, err)
	}
}

// A server that forgets every upload at once is not asked for ever.
func TestAmnesia(t *testing.T) {
	m, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, Name, h.Config)
	m.Fail(amnesia)
	p := w.Publish(s, w.Asset("shoe").ID, ch.ID)
	m.asked = 0
	for hour := w.Clock.Now().Add(time.Hour); w.Clock.Now().Before(hour); p = w.Read(p.ID) {
		w.Turn(s)
		w.Clock.Advance(max(w.Read(p.ID).NextAt.Sub(w.Clock.Now()), time.Second))
	}
	if m.asked > publishertest.RequestsInHour {
		t.Errorf("%d requests in the first hour\n%s", m.asked, publishertest.Ledger(p))
	}
	w.Until(s, p.ID, dam.PubFailed)
}

// The language is the post's, or else the library's.
func TestLanguage(t *testing.T) {
	m, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, Name, h.Config)
	for said, want := range map[string]string{"": "en", "FR-ca": "fr-CA"} {
		a := w.Asset("shoe")
		p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{Asset: a.ID,
			Channel: ch.ID, Caption: "hello " + a.ID, Post: dam.Post{Language: said, FirstComment: "more of " + a.ID}})
		if err != nil {
			t.Fatal(err)
		}
		w.Until(s, p.ID, dam.PubDelivered)
		n := 0
		for _, x := range m.posts {
			if strings.Contains(x.Text, a.ID) {
				if n++; x.language != want {
					t.Errorf("%q: %q is in %q", said, x.Text, x.language)
				}
			}
		}
		if n != 2 {
			t.Errorf("%d posts", n)
		}
	}
	_, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{
		Asset: w.Asset("shoe").ID, Channel: ch.ID, Post: dam.Post{Language: "not a language"}})
	publishertest.Invalid(t, err, "language")
}

// A comment whose answer was lost is looked for by its text: what the account's people say in the same words is not it.
func TestLostCommentIsNotAnyPost(t *testing.T) {
	m, h := harness(t)
	m.posts = []*toot{{ID: "1", Text: "our post", Media: "m1"}, {ID: "2", Text: "sizes", replyTo: "1"},
		{ID: "3", Text: "sizes"}}
	p, ok := h.Kind.Publisher.(publishers.CommentRecaller)
	if !ok {
		t.Fatal("comments stay")
	}
	in := publishers.Intent{Account: publishers.Account{Config: h.Config, Secrets: map[string]string{
		token: MastodonToken}}}
	if err := p.RecallComment(t.Context(), in, dam.Receipt{Remote: "1", Comment: &dam.SentComment{
		Text: "sizes"}}); err != nil {
		t.Fatal(err)
	}
	if m.find("2") != nil || m.find("3") == nil {
		t.Error("what is left of the comment, and of what a person said in the same words, is wrong")
	}
	// Once the post is gone, nothing tells that the comment was a reply; what ends in its words is not it.
	m.posts = []*toot{{ID: "2", Text: "sizes"}, {ID: "3", Text: "new boots\nsizes"}}
	if err := p.RecallComment(t.Context(), in, dam.Receipt{Remote: "1", Comment: &dam.SentComment{
		Text: "sizes"}}); err != nil {
		t.Fatal(err)
	}
	if m.find("2") != nil || m.find("3") == nil {
		t.Error("after its post, the comment is left, or a post that ends in its words is gone")
	}
}

// deaf is a server that takes posts and answers nothing else.
type deaf struct{}

func (deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		return http.DefaultTransport.RoundTrip(r)
	}
	return nil, errors.New("no answer")
}

// A refusal whose reason can't be found out doesn't prove that an earlier call was refused, too.
func TestUnexplainedRefusal(t *testing.T) {
	_, h := harness(t)
	in := publishertest.Intent(t, h.Config, map[string]string{"token": MastodonToken})
	state, err := h.Kind.Publisher.Prepare(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Kind.Publisher.Commit(t.Context(), in, state); err != nil {
		t.Fatal(err)
	}
	in.CommittedAt = time.Now()
	_, err = Kind(&http.Client{Transport: deaf{}}).Publisher.Commit(t.Context(), in, state)
	if publishers.ClassOf(err, "") != publishers.ClassUnknown {
		t.Error(err)
	}
}

// Counting takes no longer than reading: a text of this size never came to an end.
func TestCountOfLongTexts(t *testing.T) {
	var p publisher
	for text, want := range map[string]int{strings.Repeat("@a@b.c ", 100_000): 300_000,
		strings.Repeat("https://e.com ", 100_000): 2_400_000} {
		if got := p.Count(text, publishers.Capabilities{}); got != want {
			t.Errorf("%.20s…: %d", text, got)
		}
	}
}
