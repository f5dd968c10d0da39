package mastodon

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
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
		Live:  func(asset string) int { _, live := m.Count(asset); return live },
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
		strings.Repeat("é", MastodonMax):                                     true,
		strings.Repeat("é", MastodonMax+1):                                   false,
		strings.Repeat("é", 97) + "https://e.com/" + strings.Repeat("x", 90): true, // 97 and a link
	} {
		_, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
			planning.PublishInput{Asset: a.ID, Channel: ch.ID, Caption: text, At: "2099-01-01T00:00"})
		if (err == nil) != ok {
			t.Errorf("%d bytes of caption: %v", len(text), err)
		}
	}
	m.Fail("still reading")
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
